import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.storage.strict_json import VALUES_MAX, strict_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_within_bounds_is_read_as_json_is(value: object) -> None:
    data = json.dumps(value).encode()
    assert strict_json(data) == json.loads(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1e999", "1e999 is out of range"),
        ("-1e999", "out of range"),
        (str(2**63), "out of range"),
        ("1" * 400, "out of range"),
        ("NaN", "NaN is not a number"),
        ("-Infinity", "not a number"),
        ("[" * VALUES_MAX, "too deeply"),
        ("[" + "{}," * VALUES_MAX + "{}]", f"more than {VALUES_MAX} values"),
        ('{"a"', "Expecting"),
    ],
)
def test_what_is_not_is_a_value_error(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        strict_json(text.encode())


def test_bytes_that_are_not_utf_8_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="decode"):
        strict_json(b'"\xff"')

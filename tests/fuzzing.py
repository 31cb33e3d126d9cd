"""Documents and bytes that somebody changed, for tests of all that reads them."""

import json
from typing import Any

from hypothesis import strategies as st

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 300),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from([1e308, -1e308, 2**63, -(2**70), "", "../x", "\x1b[2J", "nan", 0.5]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Return where values are in a document of JSON: containers and keys."""
    keys: Any = ()
    if isinstance(document, dict):
        keys = list(document)
    elif isinstance(document, list):
        keys = range(len(document))
    found = [(document, key) for key in keys]
    for key in keys:
        found += places(document[key])
    return found


@st.composite
def changed_documents(draw: st.DrawFn, document: bytes) -> bytes:
    """A document with some of its values replaced, removed or nested."""
    changed = {"whole": json.loads(document)}
    for _ in range(draw(st.integers(1, 3))):
        where, key = draw(st.sampled_from(places(changed)))
        if draw(st.booleans()) or where is changed:
            where[key] = draw(VALUES)
        else:
            del where[key]
    return json.dumps(changed.get("whole")).encode()


@st.composite
def changed_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes of which some are replaced, removed, repeated or followed by others."""
    at = draw(st.integers(0, len(data)))
    cut = draw(st.integers(0, 8))
    repeat = draw(st.sampled_from([1, 1, 1, 3000]))
    return data[:at] + draw(st.binary(max_size=8)) * repeat + data[at + cut :]

"""KiCad's files are read and written without a change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.pcb.export import NAMES, board_path
from hardware.pcb.sexpr import Quoted, child, parse, write


@pytest.mark.parametrize("name", NAMES)
def test_a_board_is_written_as_it_was_read(name):
    text = board_path(name).read_text()
    assert write(parse(text)) == text


def test_quotes_are_kept():
    node = parse('(net 1 "1" "" "a \\" (b")')
    assert node == ["net", "1", "1", "", 'a \\" (b']
    assert [isinstance(word, Quoted) for word in node] == [False, False, True, True, True]
    assert write(node) == '(net 1 "1" "" "a \\" (b")\n'


def test_many_points_take_several_lines():
    points = [["xy", "123.456789", "123.456789"]] * 40
    text = write(["polygon", ["pts", *points]])
    assert max(map(len, text.splitlines())) < 130
    assert child(parse(text), "pts")[1:] == points


_WORDS = st.text("abc019.-_", min_size=1, max_size=6)
_QUOTED = st.text("ab ()+.", max_size=6).map(Quoted)
_NODES = st.recursive(
    st.lists(st.one_of(_WORDS, _QUOTED), max_size=3),
    lambda inner: st.tuples(_WORDS, st.lists(inner, max_size=3)).map(lambda t: [t[0], *t[1]]),
    max_leaves=12,
)


@given(st.tuples(_WORDS, _NODES).map(lambda t: [t[0], *t[1]]))
def test_what_is_written_is_read_again(node):
    assert write(parse(write(node))) == write(node)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.provision.edits import BEGIN, public_keys, with_block, with_words

TEXTS = st.text(st.characters(codec="ascii", exclude_characters="\r\x1c\x1d\x1e"), max_size=80)


@given(TEXTS.filter(lambda text: BEGIN not in text))
def test_a_block_is_written_once_and_keeps_the_rest(text: str) -> None:
    once = with_block(text, ("dtparam=spi=on",))
    assert with_block(once, ("dtparam=spi=on",)) == once
    assert text.rstrip("\n") in once
    assert once.count(BEGIN) == 1


def test_a_block_takes_the_place_of_an_older_one_wherever_that_is() -> None:
    old = with_block("a=1\n", ("b=2",)) + "c=3\n"
    assert with_block(old, ("b=4",)) == (
        "a=1\n\nc=3\n\n# BEGIN exnihilo\nb=4\n# END exnihilo\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("console=serial0,115200 console=tty1 root=X", "console=tty1 root=X\n"),
        ("root=X quiet\n", "root=X quiet\n"),
    ],
)
def test_words_go_by_their_beginning(before: str, after: str) -> None:
    assert with_words(before, ("console=serial0",)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("root=X quiet", "root=X quiet a=3 b\n"),
        ("a=3 root=X", "a=3 root=X b\n"),
        ("root=X a=2 b a=3", "root=X b a=3\n"),
        ("", "a=3 b\n"),
    ],
)
def test_words_are_added_once_and_take_the_place_of_others(before: str, after: str) -> None:
    assert with_words(before, ("a=",), ("a=3", "b")) == after
    assert with_words(after, ("a=",), ("a=3", "b")) == after


def test_keys_lose_their_options_and_come_once() -> None:
    text = (
        "# mine\n"
        "ssh-ed25519 AAAAone me@laptop\n"
        'command="rm -rf /",no-pty ssh-ed25519 AAAAone\n'
        "ssh-rsa AAAAtwo\n"
        "ssh-rsa nonsense\n"
    )
    assert public_keys(text) == ("ssh-ed25519 AAAAone", "ssh-rsa AAAAtwo")

"""The pages are easy to read, and use the words of the field."""

import re
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, PAGES, name_of, prose, without_code
from tests.docs.readability import grade, syllables

GRADE_MAX = 10.0

PRIVATE = (
    *("foresee", "foretell", "foretold", "heard", "hearsay", "told", "unheard"),
    *("deed", "deeds", "keeper", "shelf", "shelves", "wish", "wishes", "wished", "news"),
    *("bury", "buried", "mend", "mended", "mends", "tend", "tended", "tends"),
    *("atlas", "ensemble of decoders", "checkup", "parcel", "inlet", "silencer", "vitals"),
    *("blind hand", "by whatever hand", "which dice", "hard to come by", "of its own accord"),
    *("swept", "sweeps", "trouble", "tremble", "tidy", "truth"),
)
"""Words that the project once used in a sense of its own, or that stop a reader."""

INSTEAD = {
    r"\blegacy\b": "say what is old about it",
    r"\butili[sz]e": "use",
    r"\bin order to\b": "to",
    r"\bplease\b": "leave it out",
    r"\bsimply\b": "leave it out",
    r"\bcolor\b": "colour",
    r"\bquantiz": "quantise",
    r"\bmaster clock\b": "clock",
    r"\bslave": "follow",
    r"\bmicrotiming\b": "micro-timing",
    r"\be-mail\b": "email",
}
"""Spellings and phrases, and what to write instead."""


OF_THE_CODE = ("CHANGELOG", "CONTRIBUTING", "api", "glossary", "json", "kit-format", "osc")
"""Pages that name what the code, or OSC, calls a bundle."""


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_people_read_of_kits(page: Path) -> None:
    text = "" if page.stem in OF_THE_CODE else without_code(page)
    assert re.findall(r".*\bbundles?\b.*", text, re.IGNORECASE) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_is_easy_to_read(page: Path) -> None:
    assert grade(prose(page)) <= GRADE_MAX


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_page_uses_the_words_of_the_field(page: Path) -> None:
    text = " ".join(without_code(page).split()).lower()
    assert [word for word in PRIVATE if re.search(rf"\b{word}\b", text)] == []
    assert [better for bad, better in INSTEAD.items() if re.search(bad, text)] == []


def test_the_grade_is_the_published_one() -> None:
    # The example of the formula's own literature: 11.3.
    text = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert grade(text) == pytest.approx(11.3, abs=0.1)
    assert grade("The cat sat on the mat.") < 1


@pytest.mark.parametrize(
    ("word", "count"),
    [("the", 1), ("modules", 2), ("rate", 1), ("little", 2), ("voices", 2), ("passed", 1)],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count


def test_every_argument_of_every_command_is_explained() -> None:
    page = (DOCS / "reference" / "commands.md").read_text("utf-8")
    assert re.findall(r"^\| .+ \|  \|$", page, re.MULTILINE) == []

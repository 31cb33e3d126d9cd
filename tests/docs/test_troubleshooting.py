"""A symptom in quotation marks is what a program says."""

import ast
import re
from functools import cache

import pytest

from tests.docs.markdown import DOCS
from tests.test_boundaries import ROOT

SYMPTOMS = re.findall(
    r'^### "(.+)"$', (DOCS / "troubleshooting.md").read_text("utf-8"), re.MULTILINE
)


@cache
def texts() -> tuple[str, ...]:
    """Every text in the three packages, without what is filled in."""
    return tuple(
        node.value
        for package in ("firmware", "trainer", "deploy")
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_a_quoted_symptom_is_what_a_program_says(symptom: str) -> None:
    said = re.sub(r" ?\d+", "", symptom)
    assert any(said in text for text in texts())


def test_there_are_symptoms_in_quotation_marks() -> None:
    assert len(SYMPTOMS) >= 6

"""The figures on a bundle's page."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_manifest
from firmware.bundle.manifest import TrainingSet
from tests.trainer.rhythms import rhythms
from trainer.model.baselines import baselines, euclidean_patterns
from trainer.model.checkpoint import read_checkpoint
from trainer.model.layout import lay_out
from trainer.model.map_training import map_loops
from trainer.report.report import training_text
from trainer.report.verdict import MEANINGS, figure, verdict

GENERATORS = ("blend", "nearest loop", "random", "euclidean", "markov")


class Tables(HTMLParser):
    """Collects the tables of a page: rows of cells of text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_cell = tag in {"td", "th"}
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif self.in_cell:
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = False

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.tables[-1][-1][-1] += data


@pytest.fixture(scope="module")
def columns(kit: Path) -> dict[str, dict[str, str]]:
    """Give the first table of the page: per column, the figures by their meaning."""
    (_, *titles), *rows = Tables((kit / "report.html").read_text("utf-8")).tables[0]
    return {
        title: {row[0]: row[column] for row in rows} for column, title in enumerate(titles, 1)
    }


def test_each_kind_of_network_is_named_once(kit: Path) -> None:
    layers = re.search(r"Layers: (.+)\.", (kit / "report.html").read_text("utf-8"))
    assert layers
    named = layers[1].split("), ")
    assert len(named) == len(set(named)) < len(read_manifest(kit).voices)


def shown(metrics: dict[str, float], rows: dict[str, str]) -> dict[str, str]:
    """Give what the page should show of figures, in the rows that it has."""
    written = {meaning: figure(metrics.get(name)) for name, meaning in MEANINGS.items()}
    return {meaning: cell for meaning, cell in written.items() if meaning in rows}


@pytest.mark.parametrize("name", GENERATORS)
def test_the_page_has_the_figures_of_the_generators_without_a_model(
    kit: Path, columns: dict[str, dict[str, str]], name: str
) -> None:
    rng = np.random.default_rng(read_manifest(kit).seed)
    loops = map_loops(read_checkpoint(kit).dataset).onset
    assert columns[name] == shown(baselines(loops, lay_out(loops), rng)[name], columns[name])


def test_the_page_has_the_figures_of_the_manifest(
    kit: Path, columns: dict[str, dict[str, str]]
) -> None:
    for number, voice in enumerate(read_manifest(kit).voices, 1):
        rows = columns[f"voice {number}: {voice.name}"]
        assert rows == shown(dict(voice.metrics), rows)


def test_generators_are_measured_by_what_they_draw() -> None:
    onset = np.unique(rhythms(80), axis=0)
    measured = baselines(onset, lay_out(onset), np.random.default_rng(4))
    assert measured["euclidean"]["distinct"] == len(np.unique(euclidean_patterns(), axis=0))
    for name in GENERATORS:
        assert 1 < measured[name]["effective"] <= measured[name]["distinct"] <= 64 * 64
        assert 0 < measured[name]["density_overlap"] <= 1
        assert measured[name]["neighbour_distance"] > 0
    assert measured["markov"]["plausible"] > measured["random"]["plausible"]


def test_a_voice_is_described_in_words_first(kit: Path) -> None:
    page = (kit / "report.html").read_text("utf-8")
    words = dict(verdict(read_manifest(kit).voices[0].metrics))
    assert list(words) == ["rich", "faithful", "smooth", "in order"]
    for sentence in words.values():
        assert page.index(sentence) < page.index("<details>")


def test_axes_that_mean_nothing_are_not_praised() -> None:
    known = {"r2_density": 0.9, "x_density": -0.9, "r2_syncopation": 0.9}
    assert "in order" not in dict(verdict(known))
    assert "in order" in dict(verdict({**known, "x_density": 0.9}))


def test_a_training_set_is_named_with_the_revisions_of_its_projects() -> None:
    found = TrainingSet(("mine", "hats"), 12, 14, {"mine": 3})
    assert training_text(found) == "mine (revision 3), hats: 12 loops, 14 patterns"
    assert training_text(None) == ""

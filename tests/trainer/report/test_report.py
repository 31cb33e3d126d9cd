"""The figures on a bundle's page."""

from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_manifest
from tests.trainer.rhythms import rhythms
from trainer.model.baselines import baselines, euclidean_patterns
from trainer.model.checkpoint import read_kept
from trainer.report.report import MEANINGS, figure

GENERATORS = ("random", "euclidean", "markov")


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


def shown(metrics: dict[str, float]) -> dict[str, str]:
    return {meaning: figure(metrics.get(name)) for name, meaning in MEANINGS.items()}


@pytest.mark.parametrize("name", GENERATORS)
def test_the_page_has_the_figures_of_the_generators_without_a_model(
    kit: Path, columns: dict[str, dict[str, str]], name: str
) -> None:
    rng = np.random.default_rng(read_manifest(kit).seed)
    assert columns[name] == shown(baselines(read_kept(kit).dataset.onset, rng)[name])


def test_the_page_has_the_figures_of_the_manifest(
    kit: Path, columns: dict[str, dict[str, str]]
) -> None:
    for number, voice in enumerate(read_manifest(kit).voices, 1):
        assert columns[f"voice {number}: {voice.name}"] == shown(dict(voice.metrics))


def test_generators_are_measured_by_what_they_draw() -> None:
    onset = rhythms(80)
    measured = baselines(onset, np.random.default_rng(4))
    assert measured["euclidean"]["distinct"] == len(np.unique(euclidean_patterns(), axis=0))
    for name in GENERATORS:
        assert 1 < measured[name]["effective"] <= measured[name]["distinct"] <= 64 * 64
        assert 0 < measured[name]["density_overlap"] <= 1
        assert measured[name]["neighbour_distance"] > 0
    assert measured["markov"]["plausible"] > measured["random"]["plausible"]

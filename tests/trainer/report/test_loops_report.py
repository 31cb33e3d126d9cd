import base64
import html
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from trainer.audio.grid import Grid
from trainer.audio.tempo import Tempo
from trainer.audio.transcribe import OUTLINE, Transcription
from trainer.data.encode import Encoded, Encoding
from trainer.report.loops_report import report, syncopation


def loop(name: str, steps: int = 32, *warnings: str, seed: int = 0) -> Encoded:
    rng = np.random.default_rng(seed)
    onset = rng.random(steps) < 0.4
    grid = Grid(
        onset,
        np.where(onset, rng.uniform(0.2, 1, steps), 0),
        np.where(onset, rng.uniform(-0.3, 0.3, steps), 0),
    )
    outline = rng.integers(0, 255, OUTLINE).astype(np.uint8)
    tempo = Tempo(120, steps / 16, "onsets", 0.4)
    return Encoded(name, Transcription(tempo, grid, 0.1, outline, warnings, tempo.duration_s))


class _Reader(HTMLParser):
    """Collects ids, links and what lies unclosed at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.outside: list[str] = []
        self.drawings: list[dict[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        self.ids |= {facts["id"]} if "id" in facts else set()
        self.links |= {facts["href"]} if "href" in facts else set()
        self.outside += [facts[name] for name in ("src", "srcset") if name in facts]
        if "data-onsets" in facts:
            self.drawings.append(facts)


def read(encoding: Encoding) -> _Reader:
    reader = _Reader()
    reader.feed(report(encoding))
    return reader


def test_the_page_needs_no_network() -> None:
    page = report(Encoding((loop("a.wav"),)))
    assert "http" not in page
    assert "url(" not in page
    assert not read(Encoding((loop("a.wav"),))).outside


def test_every_warning_links_to_its_loop() -> None:
    encoding = Encoding(
        (loop("a.wav"), loop("b.wav", 32, "look here")),
        (("c.wav", "silent"),),
        (("d", "a.wav"),),
    )
    reader = read(encoding)
    assert reader.links == {"#l1"}
    assert {"l0", "l1"} <= reader.ids
    page = report(encoding)
    assert "c.wav: skipped, silent" in page
    assert "d: a copy of a.wav" in page


def test_names_cannot_break_the_page() -> None:
    name = "<script>\"&'.wav"
    page = report(Encoding((loop(name, 16, "<b>"),)))
    assert page.count("<script>") == 1
    assert "<b>" not in page
    assert name not in page
    assert html.unescape(page).count(name) == 4  # list, search, heading, its title


def test_each_onset_is_on_the_page_with_velocity_and_offset() -> None:
    grid = Grid(
        np.array([1, 0, 1, 0], bool), np.array([1, 0, 0.25, 0]), np.array([0, 0, -0.1, 0])
    )
    one = loop("a.wav", 4)
    one = replace(one, transcription=replace(one.transcription, grid=grid))
    (drawn,) = read(Encoding((one,))).drawings
    assert drawn["data-onsets"] == "0:1.00:0.00 2:0.25:-0.10"
    assert drawn["data-steps"] == "4"
    outline = base64.b64decode(drawn["data-outline"])
    assert outline == one.transcription.outline.tobytes()


def test_five_hundred_loops_stay_light() -> None:
    page = report(Encoding(tuple(loop(f"{n}.wav", seed=n) for n in range(500))))
    assert page.count("<article") == 500
    assert len(page) < 600_000


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([0, 4, 8, 12], 0),  # on the beats
        (range(16), 0),  # nothing is held over
        ([], 0),
        ([15], 4),  # held over the bar line
        ([2, 6, 10, 14], 1 + 2 + 1 + 3),  # between the beats
    ],
)
def test_syncopation(places: list[int], expected: int) -> None:
    onset = np.zeros(16, bool)
    onset[list(places)] = True
    assert syncopation(onset) == expected

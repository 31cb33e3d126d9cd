"""`trainer inspect` and `trainer compare`, the pictures and the page."""

import json
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from firmware.engine.pattern import STEPS
from trainer.__main__ import main
from trainer.model.checkpoint import FILE, read_checkpoint
from trainer.model.network import encode
from trainer.report.pictures import latent_picture, map_picture, patterns_picture
from trainer.report.report import table
from trainer.report.terminal import (
    HEIGHT,
    LOOP,
    WIDTH,
    side_by_side,
    text_latents,
    text_map,
    text_patterns,
    text_table,
)
from trainer.report.verdict import MEANINGS, figure
from trainer.report.views import View, views_of_bundle


@pytest.fixture(scope="module")
def views(kit: Path) -> list[View]:
    return views_of_bundle(kit)[1]


def test_pictures_are_the_same_to_the_byte_and_hold_no_date(views: list[View]) -> None:
    for draw in (map_picture, latent_picture, lambda shown: patterns_picture(shown[0])):
        first = draw(views)
        assert first == draw(views)
        picture = Image.open(BytesIO(first))
        assert set(picture.info) <= {"dpi"}
        assert picture.width > picture.height > 200
        assert len(picture.getcolors(1 << 24) or []) > 10


def test_the_terminal_map_has_its_loops_and_its_shades(views: list[View]) -> None:
    title, top, *rows, bottom = text_map(views[0]).splitlines()
    assert (title, top, bottom) == ("voice 1: map", f"+{'-' * WIDTH}+", top)
    assert len(rows) == HEIGHT
    x, y = views[0].voice.training_points[0]
    row = rows[HEIGHT - 1 - round(y * (HEIGHT - 1))]
    assert row[1 + round(x * (WIDTH - 1))] == LOOP
    assert len(set("".join(rows))) > 4


def test_the_terminal_shows_patterns_where_they_are_on_the_map(views: list[View]) -> None:
    onset = np.zeros((64, 64, STEPS), np.uint8)
    onset[40:, :, 0] = 255  # high Y begins on the beat
    onset[:, 40:, STEPS - 1] = 255  # high X ends late
    atlas = replace(views[0].atlas, onset=onset)
    lines = text_patterns(replace(views[0], atlas=atlas)).splitlines()
    rest, first, last = "-" * 16, "x" + "-" * 15, "-" * 15 + "x"
    assert lines[:2] == [f"{first}  " * 3 + first, f"{rest}  {rest}  {last}  {last}"]
    assert lines[-2:] == [f"{rest}  " * 3 + rest, f"{rest}  {rest}  {last}  {last}"]


def test_the_terminal_shows_the_latents_themselves(views: list[View]) -> None:
    latents = np.array([[-60.6, 1], [20, 3], [-60.6, 3]], np.float32)
    title, _, top, *rows, bottom, _ = text_latents(replace(views[0], latents=latents)).split(
        "\n"
    )
    assert title.endswith("X -60.6 to 20, Y 1 to 3")
    assert top == f"|{LOOP}{' ' * (WIDTH - 2)}{LOOP}|"
    assert bottom == f"|{LOOP}{' ' * (WIDTH - 1)}|"
    assert {row.strip("| ") for row in rows} == {""}


def test_latents_beyond_the_knobs_are_shown_where_they_are(kit: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kit"
    shutil.copytree(kit, folder)
    kept = read_checkpoint(kit)
    models = [voice.candidate.model for voice in kept.voices]
    for view, model in zip(views_of_bundle(folder)[1], models, strict=True):
        assert np.array_equal(view.latents, encode(model, kept.dataset.onset)[:, :2])
    (folder / FILE).unlink()
    for view, model in zip(views_of_bundle(folder)[1], models, strict=True):
        wanted = encode(model, kept.dataset.onset)[:, :2]
        assert np.allclose(view.latents, np.clip(wanted, -2, 2), atol=0.01)


def test_tables_have_a_row_for_every_figure_that_any_column_has() -> None:
    text = text_table({"a": {"f1": 0.81234}, "b": {"distinct": 1234.0}})
    assert text.splitlines()[1].split()[-1] == "0.812"
    assert text.splitlines()[2].endswith("1234")
    assert len(text.splitlines()) == 3
    listed = table({"a": {"f1": 1.0}, "b": {"jump": 0.5}})
    assert listed.titles == ("a", "b")
    assert [row[1:] for row in listed.rows] == [("1", ""), ("", "0.5")]


def test_a_table_that_is_too_wide_goes_on_below() -> None:
    columns = {f"bundle {number}": {"f1": number / 10} for number in range(5)}
    for width, count in ((1, 5), (60, 5), (75, 2), (1000, 1)):
        parts = text_table(columns, width).split("\n\n")
        assert len(parts) == count
        lines = [line for part in parts for line in part.split("\n")]
        assert width == 1 or max(map(len, lines)) <= width
        titles = " ".join(part.split("\n")[0] for part in parts)
        assert titles.split() == " ".join(columns).split()


@pytest.mark.parametrize(("width", "across"), [(1, 1), (101, 1), (102, 2), (1000, 4)])
def test_maps_stand_side_by_side_where_there_is_room(
    views: list[View], width: int, across: int
) -> None:
    maps = [text_map(replace(views[0], title=str(number))) for number in range(4)]
    parts = side_by_side(maps, width).split("\n\n")
    assert [part.split("\n")[0].split() for part in parts] == [
        list("0123")[first : first + across] for first in range(0, 4, across)
    ]
    frame = maps[0].splitlines()[1]
    assert parts[0].split("\n")[1] == "  ".join([frame] * across)


@pytest.mark.parametrize(
    ("value", "text"), [(None, ""), (3.0, "3"), (0.12345, "0.123"), (1234.6, "1235")]
)
def test_figures_are_written_as_a_person_would(value: float | None, text: str) -> None:
    assert figure(value) == text


class Page(HTMLParser):
    """Collects what a page links to and says."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_the_page_needs_nothing_beside_it_and_has_all_that_is_promised(kit: Path) -> None:
    page = Page()
    page.feed((kit / "report.html").read_text("utf-8"))
    assert page.sources == []
    said = " ".join(page.said)
    for words in (
        "voice 2: map",
        "markov",
        "euclidean",
        "random",
        "--pick 1, chosen",
        "--pick 2",
        "60 patterns",
    ):
        assert words in said
    assert MEANINGS["plausible"] in said


def test_inspect_tells_figures_and_leaves_pictures(
    kit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(kit), "--png", str(tmp_path)]) == 0
    assert MEANINGS["f1"] in capsys.readouterr().out
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"map.png", "latents.png", "patterns1.png", "patterns2.png"}
    assert main(["inspect", str(kit), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["voice 1: map"]["f1"] > 0


def test_a_loop_is_found_where_its_encoder_puts_it_or_nearer(
    kit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    onset = read_checkpoint(kit).dataset.onset[0]
    steps = "".join("x" if on else "-" for on in onset)
    assert main(["inspect", str(kit), "--steps", steps, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found) == 2
    for place, view in zip(found, views_of_bundle(kit)[1], strict=True):
        on_map = (view.atlas.sounding(0.5) != onset).sum(-1).min()
        assert place["distance"] <= on_map <= STEPS / 4
        assert np.all((np.array(place["position"]) >= 0) & (np.array(place["position"]) <= 1))


@pytest.mark.parametrize("text", ["x--", "", "hello", "x" * 64])
def test_what_is_no_pattern_is_told(
    kit: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["inspect", str(kit), "--steps", text]) == 2
    assert "is not a pattern" in capsys.readouterr().err


def test_compare_lays_bundles_side_by_side(
    kit: Path, bundle_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "maps.png"
    assert main(["compare", str(kit), str(bundle_folder), "--png", str(picture)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("kit 2 map") == 2  # over a map and over a column
    width, height = Image.open(picture).size
    assert height > 1600  # two rows of maps, two of latents
    assert width < 1500


def test_bundles_of_the_same_name_are_all_compared(
    kit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / kit.name
    shutil.copytree(kit, other)
    assert main(["compare", str(kit), str(other), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["bundles"]) == 2


@pytest.mark.parametrize("command", [["inspect"], ["compare"]])
def test_a_missing_bundle_is_told_in_one_line(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, str(tmp_path / "none")]) == 1
    assert len(capsys.readouterr().err.strip().splitlines()) == 1

"""The manual holds every jack and every table, and is the same every time."""

import re

import pytest

from firmware.board.constants import ADC_INPUTS
from firmware.osc.addresses import COMMANDS
from firmware.storage.settings import MidiSettings
from firmware.ui.pages import PAGES
from hardware.manual.pdf import html, manual
from hardware.manual.text import calibration, callouts, jacks, midi
from hardware.panel.callouts import svg_with_callouts
from hardware.panel.geometry import panel


@pytest.mark.parametrize("word", [legend.text for legend in panel(1).legends])
def test_every_word_of_the_panel_is_explained(word):
    if word != "EX NIHILO":
        assert word in jacks()


def test_every_part_of_the_panel_has_a_number():
    numbered = [name for group in callouts() for name in group]
    parts = {hole.name for hole in panel().holes if hole.kind != "mounting"}
    assert set(numbered) == {name for name in parts if not name.startswith("gate_led")}
    assert len(set(numbered)) == len(numbered)


def test_the_numbers_of_the_picture_are_those_of_the_table():
    picture = svg_with_callouts(panel(), callouts())
    drawn = [int(n) for n in re.findall(r'"bold" text-anchor[^>]+>(\d+)</text>', picture)]
    assert drawn == [n for n, group in enumerate(callouts(), 1) for _ in group]
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", jacks(), re.MULTILINE)] == sorted(
        set(drawn)
    )


def test_chapters_come_from_the_code_s_tables():
    text = html()
    assert all(f">{page.name}</h2>" in text for page in PAGES)
    assert all(entry.address in text for _, entry in COMMANDS.values())


def test_every_heading_is_in_the_contents():
    text = html()
    named = re.findall(r'<a href="#(h\d+)">', text)
    assert named == re.findall(r'<h[12] id="(h\d+)">', text)


def test_midi_quotes_the_settings():
    settings = MidiSettings()
    for number in (settings.x, settings.y, settings.threshold):
        assert f"control change {number} " in midi()


def test_calibration_names_a_real_input():
    assert "input cv_x" in calibration()
    assert "cv_x" in ADC_INPUTS


def test_pdf_is_the_same_every_time_and_has_every_picture(caplog):
    one, two = manual(), manual()
    assert one == two
    assert one.startswith(b"%PDF")
    # A picture that is missing is an error in the log, not an exception.
    assert not [record for record in caplog.records if "image" in record.message.lower()]

"""The manual holds every jack and every table, and is the same every time."""

import pytest

from firmware.board.constants import ADC_INPUTS
from firmware.osc.addresses import COMMANDS
from firmware.storage.settings import MidiSettings
from firmware.ui.pages import PAGES
from hardware.manual.pdf import manual
from hardware.manual.text import calibration, chapters, jacks, midi
from hardware.panel.geometry import panel


@pytest.mark.parametrize("word", [legend.text for legend in panel(1).legends])
def test_every_word_of_the_panel_is_explained(word):
    if word != "EX NIHILO":
        assert word in jacks()


def test_chapters_come_from_the_code_s_tables():
    text = "\n".join(chapters())
    assert all(f"## {page.name}" in text for page in PAGES)
    assert all(entry.address in text for _, entry in COMMANDS.values())


def test_midi_quotes_the_settings():
    settings = MidiSettings()
    for number in (settings.x, settings.y, settings.threshold):
        assert f"control change {number} " in midi()


def test_calibration_names_a_real_input():
    assert "input cv_x" in calibration()
    assert "cv_x" in ADC_INPUTS


def test_pdf_is_the_same_every_time():
    one, two = manual(), manual()
    assert one == two
    assert one.startswith(b"%PDF")

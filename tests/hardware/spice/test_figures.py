"""Every stage keeps its limits, and a broken one is caught."""

from dataclasses import replace

import numpy as np
import pytest

from hardware.board import Board
from hardware.module import boards
from hardware.spice import tolerance
from hardware.spice.deck import Figure
from hardware.spice.inputs import clock_input_figures, cv_input_figures
from hardware.spice.lights import light_figures
from hardware.spice.ngspice import SpiceError, simulate
from hardware.spice.outputs import output_figures
from hardware.spice.power import midi_figures, power_figures
from hardware.spice.run import table
from hardware.spice.supply import bus_figures, supply_figures


@pytest.mark.parametrize(
    ("measure", "board"),
    [
        (cv_input_figures, 0),
        (clock_input_figures, 0),
        (midi_figures, 0),
        (power_figures, 0),
        (supply_figures, 0),
        (bus_figures, 0),
        (output_figures, 1),
    ],
)
def test_stage_keeps_its_limits(measure, board):
    figures = measure(boards()[board])
    assert [figure for figure in figures if not figure.holds] == []
    assert any(figure.low is not None or figure.high is not None for figure in figures)


def test_lights_keep_their_limits():
    figures = light_figures(*boards())
    assert [figure for figure in figures if not figure.holds] == []
    assert len(figures) == 5


def test_a_brighter_light_breaks_a_limit():
    main, voice = boards()
    bright = light_figures(main, _changed(voice, "gate_led", 2.2e3, 470.0))
    assert any("gate LED" in figure.name for figure in bright if not figure.holds)


def _changed(board, block, old, new):
    """A board in which a value of a block is another."""
    parts = tuple(
        replace(part, item=replace(part.item, magnitude=new))
        if part.block == block and part.item.magnitude == old
        else part
        for part in board.parts
    )
    assert parts != board.parts
    return Board(board.name, parts)


@pytest.mark.parametrize(
    ("measure", "where", "old", "new", "broken"),
    [
        (cv_input_figures, (0, "cv_x"), 15e3, 33e3, "residual"),
        (clock_input_figures, (0, "clock_in"), 470e3, 100e3, "rising"),
        (output_figures, (1, "output_pitch"), 13e3, 15e3, "lowest"),
        (output_figures, (1, "output_pitch"), 470e-12, 4.7e-9, "to 1 cent"),
        (midi_figures, (0, "midi_out"), 220.0, 2200.0, "current"),
        (bus_figures, (0, "bus"), 1.8e3, 3.3e3, "rise"),
        (supply_figures, (0, "pi_supply"), 47e3, 1e6, "drop"),
    ],
)
def test_a_wrong_value_breaks_a_limit(measure, where, old, new, broken):
    board, block = where
    figures = measure(_changed(boards()[board], block, old, new))
    assert any(broken in figure.name for figure in figures if not figure.holds)


def test_per_octave_calibration_is_worth_its_while():
    figures = tolerance.tolerance_figures(boards()[1], count=40)
    assert all(figure.holds for figure in figures)
    by_name = {figure.name: figure.value for figure in figures}
    shape = tolerance.SHAPES[0].name
    runs = ("uncalibrated", "two points", "per octave", "per half octave")
    values = [by_name[f"{shape}: {run}"] for run in runs]
    assert values == sorted(values, reverse=True)


def test_a_perfect_voice_is_out_by_half_a_code_at_most():
    ideal = tolerance.CV_OUTPUT.volts(0) + np.arange(4096) * (
        tolerance.CV_OUTPUT.volts(1) - tolerance.CV_OUTPUT.volts(0)
    )
    rng = np.random.default_rng(0)
    (cents,) = tolerance.worst_cents(ideal[None], ideal[None], None, rng)
    assert cents <= 0.5 * 1200 * (ideal[1] - ideal[0])


def test_a_deck_that_cannot_run_says_which():
    with pytest.raises(SpiceError, match="nonsense deck"):
        simulate("nonsense deck\nX1 a b nothing\n.op\n.end\n")


def test_table_names_what_fails():
    text = table([Figure("stage", "figure", 3.0, "V", high=2.0)])
    assert "| stage | figure | 3 V | <= 2 | FAILS |" in text

"""The player and the front panel in one process: who is stepped when, over which socket."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.board import constants
from firmware.desk import virtual_module
from firmware.desk.virtual_module import VirtualModule
from firmware.drivers.realtime import RealTimeClaim
from firmware.engine.state import ClockSource
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.panel.controller import FrontPanel
from firmware.player.player import Player
from firmware.simulator.trace import cv_notes
from firmware.storage.paths import Home

MS_NS = 1_000_000
S_NS = 1_000_000_000
PULSE_NS = 125 * MS_NS
BUS_NS = 205_000
"""How long the write of a DAC takes at 400 kHz."""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[VirtualModule]:
    home = Home(tmp_path)
    home.prepare()
    with VirtualModule(home, {}, S_NS) as one:
        one.panel.instrument.set_value(Key("threshold"), 0.0, Source.OSC)
        yield one


def test_a_pulse_at_the_jack_steps_the_player_when_it_comes(module: VirtualModule) -> None:
    module.panel.instrument.set_value(Key("clock"), ClockSource.JACK, Source.OSC)
    module.run_until(2 * S_NS)
    steps = []
    for number in range(4):
        module.run_until(2 * S_NS + number * PULSE_NS)
        module.rack.clock_jacks.edge(constants.PINS.clock_in, rising=True)
        module.step()
        module.run_until(2 * S_NS + number * PULSE_NS + 10 * MS_NS)
        steps.append(module.panel.instrument.transport.report.steps[0])
    assert steps == [0, 1, 2, 3]


def test_the_panel_learns_of_a_step_before_its_next_scan(module: VirtualModule) -> None:
    module.run_until(S_NS + 50 * MS_NS)
    assert module.panel.instrument.transport.report.running
    # A report leaves with the step; the panel is stepped for it, not at its own deadline.
    module.run_until(S_NS + 125 * MS_NS + 1)
    assert module.panel.instrument.transport.report.steps[0] == 1


@pytest.mark.parametrize(
    ("kind", "deadline"), [(Player, "next_deadline_ns"), (FrontPanel, "next_deadline_ns")]
)
def test_neither_half_is_stepped_before_something_is_due(
    module: VirtualModule, kind: type, deadline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[int] = []
    step: Callable[..., None] = kind.step  # type: ignore[attr-defined]

    def counted(half: object, *arguments: object) -> None:
        times.append(module.time.now_ns)
        step(half, *arguments)

    monkeypatch.setattr(kind, "step", counted)
    module.run_until(2 * S_NS)
    assert times == sorted(times)
    assert 90 < len(times) < 700


def test_midi_leaves_at_the_time_of_its_event(module: VirtualModule) -> None:
    module.panel.instrument.set_value(Key("clock_out"), 0, Source.OSC)
    module.run_until(2 * S_NS)
    clock = [message.time_ns for message in module.midi if message.data == b"\xf8"]
    assert clock[:3] == [S_NS, S_NS + 20_833_333, S_NS + 41_666_666]


def test_it_is_silent_once_it_is_switched_off(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with VirtualModule(home, {}) as module:
        module.run_until(S_NS)
    for trace in module.rack.traces:
        assert trace[-1].volts == pytest.approx((0, 0, 0, 0), abs=0.002)
        assert cv_notes(trace, S_NS) == []
    assert home.state.joinpath("state.json").is_file()


def test_refused_real_time_is_a_fault_within_a_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = RealTimeClaim(lambda: False)
    monkeypatch.setattr(virtual_module, "RealTimeClaim", lambda: refused)
    home = Home(tmp_path)
    home.prepare()
    with VirtualModule(home, {}) as module:
        module.run_until(S_NS)
        assert any(fault.startswith("realtime: ") for fault in module.panel.faults.active)
        refused._ask = lambda: True
        module.run_until(8 * S_NS)
        assert not any(fault.startswith("realtime: ") for fault in module.panel.faults.active)

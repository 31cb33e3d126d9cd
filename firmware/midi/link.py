"""Ableton Link as MIDI clock for the player: a process of its own, of the extra `link`.

The library is under the GPL, so nothing else loads it. The player receives what a MIDI master
would send: a clock 24 times a beat, a start at the bar of a session that starts, a stop.
"""

import importlib
import os
import select
from collections.abc import Callable
from contextlib import suppress
from math import ceil
from typing import Any, Protocol

from firmware.engine.clock import MIDI_PPQN
from firmware.engine.clock_output import MIDI_CLOCK, MIDI_START, MIDI_STOP
from firmware.midi.bridge import BridgeConfig

QUANTUM = 4.0
"""Beats of a bar, whose phase the peers share."""

LOOK_US = 5_000
"""The longest sleep: a tempo that a peer changes is followed from then on."""

_PULSES_PER_BAR = round(QUANTUM * MIDI_PPQN)


class Timeline(Protocol):
    """A session at one moment, as the library gives it."""

    def beatAtTime(self, time_us: int, quantum: float) -> float:  # noqa: N802
        """Return the beat at a time."""

    def timeAtBeat(self, beat: float, quantum: float) -> int:  # noqa: N802
        """Return the time of a beat."""

    def isPlaying(self) -> bool:  # noqa: N802
        """Return whether the session plays."""


class LinkClock:
    """Pulses of a session over time: from timelines to MIDI messages."""

    def __init__(self) -> None:
        """Begin before the first pulse, stopped."""
        self._last: int | None = None
        self._started = False

    def take(self, timeline: Timeline, now_us: int) -> tuple[bytes, int]:
        """Return what is due by now, and when the next pulse is."""
        pulse = ceil(timeline.beatAtTime(now_us, QUANTUM) * MIDI_PPQN)
        due = self._pulses_before(pulse)
        messages = self._transport(timeline)
        for number in due:
            if timeline.isPlaying() and not self._started and number % _PULSES_PER_BAR == 0:
                self._started = True
                messages += bytes((MIDI_START,))
            messages += bytes((MIDI_CLOCK,))
        return messages, timeline.timeAtBeat(pulse / MIDI_PPQN, QUANTUM)

    def _pulses_before(self, pulse: int) -> range:
        """Return the pulses since the last look; none after a jump of the session."""
        last, self._last = self._last, pulse - 1
        if last is None or not 0 <= pulse - 1 - last <= MIDI_PPQN:
            return range(0)
        return range(last + 1, pulse)

    def _transport(self, timeline: Timeline) -> bytes:
        if self._started and not timeline.isPlaying():
            self._started = False
            return bytes((MIDI_STOP,))
        return b""


def open_session(tempo_bpm: float = 120.0) -> Any:
    """Join the session on the network, with start and stop."""
    session = importlib.import_module("link").Link(tempo_bpm)
    session.startStopSyncEnabled = True
    session.enabled = True
    return session


def run(session: Any, launch: BridgeConfig, clock: Callable[[], int]) -> None:
    """Send the session's pulses until the lifeline ends; what the player sends is dropped."""
    pulses = LinkClock()
    # A player that hangs must not keep this process from seeing its lifeline end.
    os.set_blocking(launch.socket, False)
    while True:
        messages, next_us = pulses.take(session.captureAppSessionState(), clock())
        if messages:
            # It is lost if the player has not read for long.
            with suppress(OSError):
                os.write(launch.socket, messages)
        wait_s = min(max(next_us - clock(), 0), LOOK_US) / 1e6
        ready, _, _ = select.select((launch.socket, launch.lifeline), (), (), wait_s)
        if launch.lifeline in ready:
            return
        if launch.socket in ready:
            os.read(launch.socket, 4096)


def main(launch: BridgeConfig) -> None:
    """Follow a session until the supervisor is gone."""
    session = open_session()
    run(session, launch, session.clock().micros)

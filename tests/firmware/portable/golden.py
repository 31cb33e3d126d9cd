"""Performances of the firmware's engine, kept for every copy of it: `python -m
tests.firmware.portable.golden` writes them anew.

The file is JSON, compressed: a list of performances. Each is a list of [command, time in
nanoseconds, state in hexadecimal or "", outputs], an output being [time, voice, content]: four
voltages, a MIDI message in hexadecimal, or the level of the clock output.
"""

import gzip
import json
from pathlib import Path
from random import Random
from typing import Any

from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.state import ClockSource, EngineState
from tests.firmware.portable.core import Written, state_bytes, written
from tests.firmware.portable.test_engine import BEAT_NS, random_state

GOLDEN = Path(__file__).parents[2] / "data" / "portable" / "performances.json.gz"
SOURCES = (ClockSource.INTERNAL, ClockSource.JACK, ClockSource.AUTO, ClockSource.AUTO)
STATES = 12

Row = list[Any]


def performances() -> list[list[Row]]:
    """Play one for each source of the clock, as JSON has them."""
    made = [performance(Random(seed), source) for seed, source in enumerate(SOURCES)]
    played: list[list[Row]] = json.loads(json.dumps(made))
    return played


def performance(random: Random, source: ClockSource) -> list[Row]:
    """Play random states with pulses and resets."""
    engine, rows = Engine(clock_maker()), [["begin", 0, "", []]]
    state, now_ns = EngineState(), 0
    period_ns = random.randrange(BEAT_NS // 8, BEAT_NS // 2)
    for _ in range(STATES):
        state = random_state(random, state, source)
        engine.set_state(state, now_ns)
        rows.append(["state", now_ns, state_bytes(state).hex(), []])
        for _ in range(random.randrange(2, 9)):
            now_ns = _play(engine, now_ns, now_ns + period_ns, rows)
            if source is not ClockSource.INTERNAL and random.random() < 0.9:
                engine.pulse(now_ns)
                rows.append(["pulse", now_ns, "", []])
        if random.random() < 0.3:
            engine.reset(now_ns)
            rows.append(["reset", now_ns, "", []])
    return rows


def _play(engine: Engine, now_ns: int, until_ns: int, rows: list[Row]) -> int:
    while (deadline_ns := engine.next_deadline_ns) is not None and deadline_ns < until_ns:
        now_ns = max(now_ns, deadline_ns)
        outputs = [row_of(written(event)) for event in engine.advance(now_ns)]
        rows.append(["advance", now_ns, "", outputs])
    return until_ns


def row_of(output: Written) -> Row:
    """Return an output as JSON has it."""
    content: Any = output.content
    if isinstance(content, bytes):
        content = content.hex()
    elif not isinstance(content, bool):
        content = list(content)
    return [output.time_ns, output.voice, content]


def read() -> list[list[Row]]:
    """Read the file."""
    kept: list[list[Row]] = json.loads(gzip.decompress(GOLDEN.read_bytes()))
    return kept


if __name__ == "__main__":
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(performances(), separators=(",", ":"))
    GOLDEN.write_bytes(gzip.compress(text.encode(), 9, mtime=0))

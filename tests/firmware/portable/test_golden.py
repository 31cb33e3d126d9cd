"""The golden performances: what the firmware plays, and the portable core."""

import ctypes
from collections.abc import Iterator
from typing import Any

from tests.firmware.portable import golden
from tests.firmware.portable.core import PortableEngine


def test_they_are_what_the_firmware_plays() -> None:
    assert golden.read() == golden.performances()


def test_they_are_worth_keeping() -> None:
    outputs = [output for rows in golden.read() for row in rows for output in row[3]]
    kinds = {type(content) for _, _, content in outputs}
    assert len(outputs) > 1000
    assert kinds == {list, str, bool}


def test_the_core_plays_them(core: ctypes.CDLL) -> None:
    for rows in golden.read():
        for row, outputs in replayed(core, rows):
            assert outputs == row[3], row[:2]


def replayed(core: ctypes.CDLL, rows: list[golden.Row]) -> Iterator[tuple[golden.Row, Any]]:
    engine = PortableEngine(core)
    for row in rows:
        name, now_ns, state, _ = row
        outputs: Any = []
        if name == "state":
            engine.set_bytes(bytes.fromhex(state), now_ns)
        elif name == "advance":
            outputs = [*map(golden.row_of, engine.advance(now_ns))]
        elif name != "begin":
            getattr(engine, name)(now_ns)
        yield row, outputs

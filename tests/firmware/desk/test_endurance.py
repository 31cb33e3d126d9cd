"""A module that plays for a simulated week: memory, descriptors, writes to the card.

A minute of it in `make test`, a week in `make soak`, which takes about eight hours.
"""

import gc
import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.store import set_current
from firmware.desk.virtual_module import VirtualModule
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.storage.files import SystemDisk
from firmware.storage.paths import Home, InstalledBundle
from tests.firmware.panels import install

S_NS = 1_000_000_000
HOUR_S = 3600
SCAN_S = 0.25
"""How often the voltage at the jacks changes."""

TOUCH_S = 60
"""How often a hand or a patcher changes a value."""

HISTORY = 256
"""What the simulated rack keeps of what its chips received: full before memory is measured."""

MEMORY_MB_MAX = 4.0

BYTES_PER_HOUR_MAX = 1_000_000


def resident_mb() -> float:
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def counted_writes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Note the size of every file that is written, in whole blocks of a card's file system."""
    sizes: list[int] = []
    write = SystemDisk.write

    def counted(disk: SystemDisk, path: Path, data: bytes) -> None:
        sizes.append(-(-len(data) // 4096) * 4096)
        write(disk, path, data)

    with monkeypatch.context() as patched:
        patched.setattr(SystemDisk, "write", counted)
        yield sizes


def play(module: VirtualModule, begin_s: float, end_s: float) -> None:
    """Play under moving CVs; each minute a value is set."""
    moments = round((end_s - begin_s) / SCAN_S)
    for moment in range(moments):
        at_s = begin_s + moment * SCAN_S
        module.rack.adc.volts["cv_x"] = 2.4 * math.sin(at_s / 7)
        module.rack.adc.volts["cv_y"] = 2.4 * math.sin(at_s / 11)
        if at_s % TOUCH_S == 0:
            value = 0.2 + 0.5 * (at_s / TOUCH_S % 7) / 7
            module.panel.instrument.set_value(Key("threshold"), value, Source.OSC)
        module.run_until(round((at_s + SCAN_S) * S_NS))
        module.midi.clear()


@pytest.mark.soak
def test_a_week_of_playing_takes_no_more_memory_and_writes_little(
    bundle_folder: Path,
    tmp_path: Path,
    soak: Callable[[int, int], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = Home(tmp_path)
    home.prepare()
    seconds, warm_s = soak(60, 7 * 24 * HOUR_S), soak(30, HOUR_S)
    install(home, bundle_folder, 1)
    playing = InstalledBundle(1, bundle_folder.name)
    set_current(home, playing)
    decoders = {playing: load_decoders(read_bundle(bundle_folder))}
    with (
        VirtualModule(home, decoders, history=HISTORY) as module,
        counted_writes(monkeypatch) as written,
    ):
        play(module, 0, warm_s)
        before_mb, opened, warm_writes = resident_mb(), descriptors(), len(written)
        play(module, warm_s, warm_s + seconds)
        grown_mb = resident_mb() - before_mb
        per_hour = sum(written[warm_writes:]) * HOUR_S / seconds
        assert descriptors() == opened
        assert module.panel.status(module.time.now_ns).bundle == playing.reference
    with capsys.disabled():
        sys.stdout.write(
            f"\n{seconds / HOUR_S:.2f} h: "
            f"{grown_mb:.2f} MB more, {per_hour:.0f} B written an hour\n"
        )
    assert grown_mb <= MEMORY_MB_MAX
    assert per_hour <= BYTES_PER_HOUR_MAX

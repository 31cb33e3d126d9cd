"""Every fault of the module, with panel and player at work over simulated buses.

Whatever breaks, the music goes on with the last good values; it is counted, shown on the
screen, reported over OSC and by the doctor, and forgotten when the cause goes.
"""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from firmware.board import constants
from firmware.cli.checks import check_running
from firmware.engine.state import VOICES
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.storage.paths import Home
from firmware.ui.screen import draw_page
from firmware.ui.snapshot import SystemView
from tests.firmware.osc.test_server import Desk
from tests.firmware.panels import PanelRig
from tests.firmware.player.test_player import Bench
from tests.firmware.waiting import wait_until

SETTINGS = {"threshold": 0.02, "division": -4}


class Module:
    """Panel and player, joined by their socket, and who listens to them over OSC."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home = home
        self.patch = monkeypatch
        self.rig = PanelRig(home)
        self.panel = self.rig.panel
        self.desk = Desk(self.rig)
        self.listener = self.desk.client(subscribed=True)
        self.player = Bench(self.rig.player)
        for voice in range(VOICES):
            for name, value in SETTINGS.items():
                self.set(name, value, voice)
        self.reported: list[str] = []
        self.trembling = False
        self.began_ns = time.monotonic_ns() - self.rig.time.now_ns

    def set(self, name: str, value: float, voice: int = 0) -> None:
        self.panel.instrument.set_value(Key(name, voice), value, Source.OSC)

    def until(self, condition: Callable[[], object]) -> None:
        """Step both in step with real time, over jacks that tremble as real ones do."""

        def so() -> object:
            self.tremble(1)
            wait_until(lambda: time.monotonic_ns() - self.began_ns >= self.rig.time.now_ns)
            received = self.listener.received()
            self.reported += [str(m.arguments[0]) for m in received if m.address == "/fault"]
            return condition()

        self.rig.until(so)

    def gates(self) -> int:
        return self.player.gates(1)

    def notes(self) -> int:
        return self.player.midi_bytes().count(0x91)

    def tremble(self, scans: int) -> None:
        for _ in range(scans):
            self.trembling = not self.trembling
            self.rig.volts(cv_assign_1=0.02 * self.trembling)
            self.rig.run(2)

    def refuse_to_write(self, number: int) -> None:
        def refuse(path: Path, data: bytes) -> None:
            raise OSError(number, os.strerror(number), str(path))

        self.patch.setattr("firmware.panel.autosave.save", refuse)
        self.set("glide", 5)

    def heat_to(self, celsius: float) -> None:
        self.rig.system = SystemView(celsius=celsius)

    def close(self) -> None:
        self.player.stop()
        self.desk.close()
        self.rig.close()


@dataclass(frozen=True)
class Fault:
    """What breaks, how it is mended, and where the music is checked meanwhile."""

    kind: str
    harm: Callable[[Module], object]
    mend: Callable[[Module], object]
    count: Callable[[Module], int] = Module.gates


def _set(
    part: Callable[[Module], object], name: str, value: object
) -> Callable[[Module], None]:
    return lambda module: setattr(part(module), name, value)


def _adc(module: Module) -> object:
    return module.rig.rack.adc


def _oled(module: Module) -> object:
    return module.rig.rack.oled


def _i2c(module: Module) -> object:
    return module.player.rack.i2c


def _freeze(module: Module) -> None:
    module.tremble(500)
    module.rig.rack.adc.frozen = True


def _delete_bundle(module: Module) -> None:
    bundles = module.home.bundles
    shutil.move(bundles / "drums", bundles.parent / "moved away")


def _bring_bundle_back(module: Module) -> None:
    bundles = module.home.bundles
    shutil.move(bundles.parent / "moved away", bundles / "drums")


FAULTS = {
    "NACK": Fault(
        "dac", _set(_i2c, "absent", {constants.DAC_ADDRESSES[0]}), _set(_i2c, "absent", set())
    ),
    "bus stuck": Fault(
        "dac", _set(_i2c, "stuck", True), _set(_i2c, "stuck", False), Module.notes
    ),
    "ADC absent": Fault("adc", _set(_adc, "floating", 0), _set(_adc, "floating", None)),
    "ADC frozen": Fault("adc", _freeze, _set(_adc, "frozen", False)),
    "OLED absent": Fault("oled", _set(_oled, "broken", True), _set(_oled, "broken", False)),
    "MIDI unplugged": Fault(
        "midi", lambda m: m.player.midi.unplug(), lambda m: m.player.midi.plug()
    ),
    "disk full": Fault(
        "storage", lambda m: m.refuse_to_write(errno.ENOSPC), lambda m: m.patch.undo()
    ),
    "disk read-only": Fault(
        "storage", lambda m: m.refuse_to_write(errno.EROFS), lambda m: m.patch.undo()
    ),
    "bundle deleted": Fault("bundle", _delete_bundle, _bring_bundle_back),
    "overheated": Fault("heat", lambda m: m.heat_to(90), lambda m: m.heat_to(50)),
}


@pytest.fixture
def module(verified_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Module]:
    with pytest.MonkeyPatch.context() as patched:
        # Panel and player share one Python here, so the player does come late.
        patched.setattr("firmware.player.output_queue.LATE_NS", 10**12)
        one = Module(verified_home, monkeypatch)
        one.until(lambda: one.gates() > 4)
        yield one
        one.close()


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_the_music_goes_on_and_the_fault_is_reported_and_heals(
    module: Module, fault: Fault
) -> None:
    panel, rig = module.panel, module.rig
    patterns = list(panel.bundle_manager.voice_decoders.patterns)
    fault.harm(module)
    module.until(lambda: panel.faults[fault.kind].active)
    assert panel.faults[fault.kind].count == 1

    before = fault.count(module)
    module.until(lambda: fault.count(module) > before + 8)
    assert panel.bundle_manager.voice_decoders.patterns == patterns

    module.until(lambda: any(text.startswith(f"{fault.kind}: ") for text in module.reported))
    named = [check.name for check in check_running(panel.status(rig.time.now_ns))]
    assert f"fault {fault.kind}" in named
    if fault.kind != "oled":
        module.until(lambda: shows(module, fault.kind))

    fault.mend(module)
    module.until(lambda: not panel.faults[fault.kind].active)
    assert panel.status(rig.time.now_ns).faults == ()
    before = module.gates()
    module.until(lambda: module.gates() > before + 8)
    module.until(lambda: shows(module))


def shows(module: Module, kind: str = "") -> bool:
    """Return whether the screen shows what it should, and on it a mark for what is wrong."""
    snapshot = module.panel.display_and_encoder._shown
    if snapshot is None or not snapshot.faults:
        return False
    wrong = [name for name, state in snapshot.faults.items() if state.active]
    picture = module.rig.rack.oled.image().tobytes()
    healthy = draw_page(replace(snapshot, faults=None)).tobytes()
    drawn = draw_page(snapshot).tobytes() == picture
    return drawn and wrong == [kind] * bool(kind) and (picture == healthy) is not bool(kind)

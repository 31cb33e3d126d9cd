"""The patch in real Pd, beside a module that plays on a simulated rack."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.osc.packet import Argument
from tests.firmware.waiting import wait_until
from tests.pd.live import Module, Window, wait_for_value
from tests.pd.patches import free_port, running_patch

BACK_S = 2.0
"""A module that is there again is found again within this."""


@pytest.fixture
def window(tmp_path: Path, module: Module) -> Iterator[Window]:
    with running_patch(tmp_path, module.port) as tap:
        one = Window(tap)
        one.wait_until_there(there=True)
        yield one


def test_controls_move_the_module_and_the_steps_shown_are_its_own(
    module: Module, window: Window, bundle_folder: Path, soak: Callable[[int, int], int]
) -> None:
    decoders = load_decoders(read_bundle(bundle_folder))
    rng = random.Random(3)
    module.say("/run", 0)
    for _ in range(soak(200, 1000)):
        voice = rng.randrange(3)
        place = (round(rng.random(), 3), round(rng.random(), 3))
        threshold, length = round(rng.random(), 3), rng.randint(1, 32)
        window.move("voice", voice)
        for control, value in zip("xy", place, strict=True):
            window.move(control, value)
        window.move("threshold", threshold)
        window.move("length", length)
        head = f"/voice/{voice + 1}"
        for name, value in (("x", place[0]), ("y", place[1]), ("threshold", threshold)):
            wait_for_value(module, f"{head}/{name}", value)
        wait_for_value(module, f"{head}/length", length)
        pattern = decoders[voice].decode(place)
        sounding = pattern.sounding(threshold)
        velocities = (max(1, round(127 * v)) for v in pattern.velocity)
        window.wait_for([v * on for v, on in zip(velocities, sounding, strict=True)])
        assert window.shown[0] == voice + 1


def test_what_others_change_is_shown(module: Module, window: Window) -> None:
    module.say("/threshold", 0)
    wait_for_value(module, "/voice/1/threshold", 0)
    wait_until(lambda: window.look() or all(window.shown[1:]))
    module.say("/threshold", 1.0)
    window.wait_for([0] * 32)


def test_a_module_that_was_killed_is_found_again(module: Module, window: Window) -> None:
    module.stop()
    window.wait_until_there(there=False)
    module.start()
    began_s = time.monotonic()
    window.wait_until_there(there=True)
    assert time.monotonic() - began_s < BACK_S
    module.say("/threshold", 1.0)
    window.wait_for([0] * 32)
    window.move("threshold", 0.25)
    wait_for_value(module, "/voice/1/threshold", 0.25)


def test_notes_follow_the_module_as_it_plays(module: Module, window: Window) -> None:
    module.say("/run", 1)
    module.say("/tempo", 240.0)
    module.say("/threshold", 0)
    wait_until(lambda: window.look() or all(window.shown[1:]))
    window.notes.clear()
    wait_until(lambda: window.look() or len(window.notes) > 100)
    notes = {note[1] for note in window.notes if note[0] == 1 and note[2]}
    assert notes == set(module.listen()["/voice/1/notes"])


def test_no_note_hangs_beside_busy_processes(
    module: Module, window: Window, soak: Callable[[int, int], int]
) -> None:
    rng, busy = random.Random(8), (sys.executable, "-c", "while True: pass")
    others = [subprocess.Popen(busy) for _ in range(2)]
    try:
        module.say("/tempo", 300.0)
        module.say("/run", 1)
        for _ in range(soak(12, 200)):
            for voice in (1, 2, 3):
                module.say(f"/voice/{voice}/x", rng.random())
                module.say(f"/voice/{voice}/threshold", rng.uniform(0.1, 0.6))
                module.say(f"/voice/{voice}/division", rng.choice((-2, 1, 2)))
                module.say(f"/voice/{voice}/gate", rng.uniform(0.05, 1.0))
            began = len(window.notes)
            wait_until(lambda began=began: window.look() or len(window.notes) > began + 10)
        module.say("/run", 0)
        wait_until(lambda: window.look() or held(window.notes) == set())
    finally:
        for other in others:
            other.kill()
            other.wait()


def held(notes: Iterable[tuple[Argument, ...]]) -> set[tuple[Argument, ...]]:
    """Return the notes, by voice and number, that began and did not end."""
    sounding = set()
    for voice, note, velocity in notes:
        (sounding.add if velocity else sounding.discard)((voice, note))
    return sounding


def test_feel_scale_and_places_are_moved_and_shown(module: Module, window: Window) -> None:
    for control, address, value in (
        ("groove", "/voice/1/groove", 0.25),
        ("dice", "/voice/1/dice", 0.75),
        ("ratchet", "/voice/1/ratchet", 5),
        ("ratchet_chance", "/voice/1/ratchet_chance", 0.5),
        ("transpose", "/voice/1/transpose", -7),
        ("scale", "/scale", 10),
        ("root", "/root", 3),
    ):
        window.move(control, value)
        wait_for_value(module, address, value)
    wait_until(lambda: window.look() or window.texts.get("scale-name") == "minor_pentatonic")
    module.say("/voice/1/groove", 0.875)
    window.wait_for_control("groove", 0.875)


def test_places_are_kept_and_returned_to(module: Module, window: Window) -> None:
    module.say("/run", 1)
    module.say("/tempo", 300.0)
    window.move("place", 3)
    window.move("x", 0.125)
    wait_for_value(module, "/voice/1/x", 0.125)
    window.move("keep", 1)
    window.move("x", 0.75)
    wait_for_value(module, "/voice/1/x", 0.75)
    window.move("go", 1)
    wait_for_value(module, "/voice/1/x", 0.125)


def test_a_second_pd_at_the_same_port_is_reported(module: Module, tmp_path: Path) -> None:
    port = free_port()
    folders = [tmp_path / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
    with (
        running_patch(folders[0], module.port, listening=port) as one,
        running_patch(folders[1], module.port, listening=port) as other,
    ):
        windows = [Window(one), Window(other)]

        def reported() -> bool:
            for window in windows:
                window.look()
            texts = [str(window.texts.get("fault", "")) for window in windows]
            return any(f"port {port}: two programs listen" in text for text in texts)

        wait_until(reported)

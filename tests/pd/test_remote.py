"""The patch in real Pd, beside a module that plays on a simulated rack."""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from tests.firmware.waiting import wait_until
from tests.pd.live import Module, Window, wait_for_value
from tests.pd.patches import running_patch

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

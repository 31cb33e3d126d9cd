"""The Rack module without Rack: beside the firmware, frame by frame, and with its kits."""

import ctypes
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.bundle.store import install_copy, set_current
from firmware.engine.state import VOICES
from firmware.instrument.parameters import CV_TARGETS, PARAMETERS, Key
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.instrument.preset import map_position
from firmware.storage.paths import Home
from pd.vcv.make_plugin import FILES
from pd.vcv.make_plugin import PLUGIN as FOLDER
from pd.vcv.plugin_parameters import PARAMETERS as NAMES
from tests.firmware.waiting import wait_until
from tests.pd.plugin.host import (
    AUDIO_THREAD,
    INCLUDES,
    KEYS,
    MAP_SIZE,
    OPTIMISED,
    PLUGIN,
    RUN,
    Frames,
    Host,
    build,
    load,
)
from tests.pd.plugin.reference import Reference, random_inputs, random_patch, silence, values_of

RATES_HZ = (44_100, 48_000, 96_000)
UNLIKE = {"link", "glide", "program"}
"""What Rack has no use for: it cables voices, glides by slew, and has no programs."""


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    folder = tmp_path_factory.mktemp("plugin")
    return load(build("host.cpp", folder / "host.so", *OPTIMISED, "-shared", "-fPIC"))


@pytest.fixture
def host(plugin: ctypes.CDLL) -> Iterator[Host]:
    one = Host(plugin)
    yield one
    one.close()


def defaults(**changes: float) -> list[float]:
    """Return the parameters with some of the first voice or of all changed."""
    return values_of(DEFAULT_PATCH.with_values({Key(n): v for n, v in changes.items()}))


@pytest.mark.parametrize("name", FILES)
def test_what_is_made_is_what_is_committed(name: str) -> None:
    assert (FOLDER / name).read_text("utf-8") == FILES[name]()


def test_every_parameter_has_one_place() -> None:
    assert {*NAMES} == {parameter.name for parameter in PARAMETERS} - UNLIKE
    assert len(NAMES) == len({*NAMES})


@pytest.mark.soak
def test_it_plays_what_the_module_plays(
    plugin: ctypes.CDLL, bundle_folder: Path, soak: Callable[[int, int], int]
) -> None:
    random, gates = Random(4), 0
    for turn in range(soak(8, 200)):
        rate_hz = RATES_HZ[turn % len(RATES_HZ)]
        patch, inputs = random_patch(random), random_inputs(random, rate_hz, 1.0)
        host = Host(plugin, rate_hz)
        assert host.load(bundle_folder) == ""
        played = host.process(values_of(patch), inputs)
        expected = Reference(bundle_folder, patch, inputs, rate_hz).play()
        different = np.flatnonzero((played != expected).any(1))
        assert different.size == 0, (turn, different[:3], patch, inputs[0])
        assert host.allocations == 0
        gates += int((np.diff(played[:, 3:12:4], axis=0) > 0).sum())
        host.close()
    assert gates > 20


def test_the_audio_thread_calls_nothing_that_waits(tmp_path: Path) -> None:
    sources = [str(PLUGIN / name) for name in AUDIO_THREAD]
    subprocess.run(["g++", *OPTIMISED, *INCLUDES, "-c", *sources], cwd=tmp_path, check=True)
    objects = sorted(map(str, tmp_path.glob("*.o")))
    listed = subprocess.run(["nm", "-uC", *objects], capture_output=True, text=True, check=True)
    called = {line.split("U ", 1)[1] for line in listed.stdout.splitlines() if " U " in line}
    outside = {name for name in called if not name.startswith(("exnihilo::", "plugin::"))}
    assert outside <= {
        *("memcpy", "memset", "memcmp", "memmove", "exp", "floor", "rint", "fmin", "fmax"),
        *("__stack_chk_fail", "_GLOBAL_OFFSET_TABLE_"),
    }


def test_nothing_sounds_without_a_kit(host: Host) -> None:
    assert not host.process(defaults(threshold=0.0), silence(0.5))[:, :12].any()


def test_a_kit_lands_on_the_bar_while_it_plays(host: Host, bundle_folder: Path) -> None:
    parameters = defaults(threshold=0.01, tempo=240.0)
    host.process(parameters, silence(0.3))
    host.load(bundle_folder)
    played = host.process(parameters, silence(1.1))
    first = int(np.flatnonzero(played[:, 3] > 0)[0])
    assert first / host.rate_hz == pytest.approx(0.7, abs=0.002)
    assert host.allocations == 0


def test_a_refused_kit_leaves_the_last_one(
    host: Host, bundle_folder: Path, tmp_path: Path
) -> None:
    assert host.load(bundle_folder) == ""
    name = host.kit
    assert "manifest.json" in host.load(tmp_path)
    assert host.kit == name
    assert host.save(tmp_path)
    damaged = tmp_path / "voice2.tflite"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\1")
    assert host.load(tmp_path) == "voice2.tflite: does not match its hash in the manifest"
    damaged.unlink()
    assert host.load(tmp_path) == "voice2.tflite: cannot be read"


def test_a_saved_kit_is_the_same_kit(host: Host, bundle_folder: Path, tmp_path: Path) -> None:
    assert not host.save(tmp_path)
    host.load(bundle_folder)
    assert host.save(tmp_path)
    assert host.load(tmp_path) == ""
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (bundle_folder / path.name).read_bytes()
    assert not host.save(tmp_path / "missing")


def test_the_display_shows_the_map_and_the_loops(host: Host, bundle_folder: Path) -> None:
    host.load(bundle_folder)
    bundle = read_bundle(bundle_folder)
    for number, voice in enumerate(bundle.manifest.voices):
        assert host.loops(number) == len(voice.training_points)
        row, column = 7, 30
        place = (column / (MAP_SIZE - 1), row / (MAP_SIZE - 1))
        onset = np.array(ExactDecoder(voice, bundle.models[number]).decode(place).onset)
        assert (host.map(number)[row, column] == (onset * 255 + 0.5).astype(int)).all()


def test_a_home_is_followed(host: Host, bundle_folder: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    host.follow(home.root)
    set_current(home, install_copy(home, bundle_folder))
    wait_until(lambda: host.kit != "")
    assert host.process(defaults(threshold=0.01), silence(0.2))[:, 3].any()


def test_moved_controls_are_decoded_soon(host: Host, bundle_folder: Path) -> None:
    host.load(bundle_folder)
    bundle = read_bundle(bundle_folder)
    host.process(defaults(), silence(0.01))
    moved = DEFAULT_PATCH.with_values(
        {Key(axis, voice): 0.125 + voice / 4 for axis in "xy" for voice in range(VOICES)}
    )
    host.process(values_of(moved), silence(0.004))
    for number, voice in enumerate(bundle.manifest.voices):
        place = map_position(moved, number)[: voice.latents]
        decoded = ExactDecoder(voice, bundle.models[number]).decode(place).onset
        assert host.onset(number) == pytest.approx(decoded, abs=1e-6)


def run_inputs(levels: Sequence[float]) -> Frames:
    inputs = silence(0.5 * len(levels))
    for number, level in enumerate(levels):
        inputs[number * 24_000 :][:24_000, RUN] = level
    return inputs


def test_a_run_gate_starts_and_stops(host: Host, bundle_folder: Path) -> None:
    host.load(bundle_folder)
    inputs = run_inputs((0.0, 5.0, 0.0))
    gates = host.process(defaults(threshold=0.01), inputs, run_is_patched=True)[:, 3]
    assert not gates[:24_000].any()
    assert gates[24_000:48_000].any()
    assert not gates[48_100:].any()


def test_a_cv_chooses_the_voice_and_the_panel_still_may(host: Host) -> None:
    parameters = defaults()
    parameters[KEYS.index(Key("cv_assign", 0, 0))] = CV_TARGETS.index("voice")
    inputs = silence(0.01)
    inputs[:, 3] = 4.0
    host.process(parameters, inputs)
    assert host.selected == 2
    host.select(0)
    host.process(parameters, inputs)
    assert host.selected == 0


def test_density_turns_the_threshold_round(host: Host, bundle_folder: Path) -> None:
    host.load(bundle_folder)
    sparse, dense = (
        host.process(defaults(threshold=level, density=1.0), silence(1.0))
        for level in (0.0, 1.0)
    )
    assert not sparse[:, 3].any()
    assert dense[:, 3].any()


def test_the_playhead_is_the_step_that_plays(host: Host, bundle_folder: Path) -> None:
    host.load(bundle_folder)
    host.process(defaults(tempo=120.0), silence(0.125 * 5 + 0.01))
    assert host.step(0) == 5


def test_kits_change_hands_without_a_race(bundle_folder: Path, tmp_path: Path) -> None:
    flags = ("-std=c++17", "-O1", "-g", "-fsanitize=thread", "-fno-sanitize-recover")
    swap = build("swap.cpp", tmp_path / "swap", *flags)
    folders = [str(bundle_folder), str(bundle_folder), str(tmp_path)]
    done = subprocess.run([swap, *folders], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(", 1\n")

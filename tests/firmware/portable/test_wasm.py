"""The portable core as WebAssembly: the committed file, and that it plays as the native one."""

import ctypes
import json
import subprocess
from pathlib import Path
from random import Random
from struct import pack

from firmware.bundle.bundle import read_bundle
from firmware.engine.state import ClockSource, EngineState
from tests.firmware.bundle.test_exact_decoder import SQUARE
from tests.firmware.portable.core import PortableEngine, state_bytes
from tests.firmware.portable.kit import PortableKit
from tests.firmware.portable.test_engine import BEAT_NS, random_state
from tools.build_wasm import WASM, build

PLAY = Path(__file__).with_name("play.js")
BYTES_MAX = 60 * 1000
SOURCES = (ClockSource.INTERNAL, ClockSource.JACK, ClockSource.AUTO)


def test_the_committed_file_is_what_the_source_gives(tmp_path: Path) -> None:
    build(tmp_path / "again.wasm")
    assert (tmp_path / "again.wasm").read_bytes() == WASM.read_bytes()
    assert WASM.stat().st_size <= BYTES_MAX


def test_it_plays_as_the_native_core_does(core: ctypes.CDLL, bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    manifest = (bundle_folder / "manifest.json").read_bytes()
    native = PortableKit(core, manifest)
    for voice, model in enumerate(bundle.models):
        native.load(voice, model)
    places = [(voice, *place) for voice in range(3) for place in SQUARE[::97]]
    commands, outputs = performance(PortableEngine(core), Random(9))
    request = {
        "wasm": str(WASM),
        "manifest": manifest.hex(),
        "models": [model.hex() for model in bundle.models],
        "places": places,
        "commands": commands,
    }
    answer = subprocess.run(
        ["node", str(PLAY)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    played = json.loads(answer.stdout)
    assert played["reasons"] == [None] * 4
    for (voice, *place), pattern in zip(places, played["patterns"], strict=True):
        expected = native.decode(voice, place)
        assert pattern == pack("<96d", *(value for head in expected for value in head)).hex()
    assert sum(map(bool, outputs)) > 300
    assert played["outputs"] == outputs


def performance(
    engine: PortableEngine, random: Random
) -> tuple[list[tuple[str, str, str]], list[str]]:
    """Play random states by the internal clock and by pulses; return it and its outputs."""
    commands: list[tuple[str, str, str]] = []
    outputs: list[str] = []

    def run(name: str, now_ns: int, data: str = "") -> None:
        commands.append((name, str(now_ns), data))
        outputs.append(engine.advance_raw(now_ns).hex() if name == "advance" else "")

    state, now_ns = EngineState(), 0
    for turn in range(40):
        source = SOURCES[turn // 4 % 3]
        state = random_state(random, state, source)
        engine.set_state(state, now_ns)
        run("state", now_ns, state_bytes(state).hex())
        until_ns = now_ns + random.randrange(BEAT_NS)
        while (deadline_ns := engine.next_deadline_ns) is not None and deadline_ns < until_ns:
            now_ns = max(now_ns, deadline_ns)
            run("advance", now_ns)
        now_ns = until_ns
        for name in ("pulse", "reset")[: random.randrange(3)]:
            getattr(engine, name)(now_ns)
            run(name, now_ns)
    return commands, outputs

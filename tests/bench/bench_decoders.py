"""Decoders side by side: the exact one, the portable core's and the installed runtimes'.

    python tests/bench/bench_decoders.py

Random weights in each form and two sizes. Each call is taken at its quickest of many, in turns,
as other processes only ever make one slower. The portable core also plays three voices in
blocks of 512 frames beside the firmware's engine. Decoding a map's file may take three times
as long as a runtime's own `invoke`, without getting values in and out; more ends in an error.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from firmware.bundle.decoder import TfliteDecoder, installed_runtimes, load_runtime
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.bundle.tflite_reader import read_network
from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.state import VOICES, EngineState
from tests.firmware.bundle.test_exact_decoder import voice_for
from tests.firmware.bundle.tflite_files import FORMS, file_of
from tests.firmware.portable.core import build_program, state_bytes
from tests.firmware.portable.test_engine import random_voice

SIZES = ((2, 8, 20, 96), (2, 64, 72, 96))
TURNS, CALLS = 300, 10
RATE, FRAMES, SECONDS = 48_000, 512, 60
PLACE = (0.3, 0.7)
INVOKES_MAX = 3.0
BENCH = Path(__file__).with_name("bench_portable.cpp")


def quickest_us(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    quickest = dict.fromkeys(calls, float("inf"))
    for _ in range(TURNS):
        for name, call in calls.items():
            start_ns = time.perf_counter_ns()
            for _ in range(CALLS):
                call()
            taken_us = (time.perf_counter_ns() - start_ns) / CALLS / 1000
            quickest[name] = min(quickest[name], taken_us)
    return quickest


def bench_form(form: str, sizes: tuple[int, ...], portable: Path, folder: Path) -> None:
    voice, model = voice_for(form, sizes), file_of(form, sizes)
    exact = ExactDecoder(voice, model)
    calls: dict[str, Callable[[], object]] = {
        "exact": lambda: exact.decode(PLACE),
    }
    # Apart, as it would empty the caches between the others' turns.
    reading = quickest_us({"read the file": lambda: read_network(model, voice.file)})
    for name in installed_runtimes():
        decoder = TfliteDecoder(voice, model, load_runtime(name))
        calls[name] = lambda decoder=decoder: decoder.decode(PLACE)  # type: ignore[misc]
        calls[f"{name} invoke"] = decoder._interpreter.invoke
    path = folder / "model.tflite"
    path.write_bytes(model)
    own = subprocess.run([portable, "model", path], capture_output=True, text=True, check=True)
    read_us, run_us = map(float, own.stdout.split())
    figures = quickest_us(calls) | reading | {"portable": run_us, "portable read": read_us}
    line = ", ".join(f"{name} {us:.1f}" for name, us in figures.items())
    invokes = figures["exact"] / min(us for name, us in figures.items() if "invoke" in name)
    sys.stdout.write(
        f"{form} {'-'.join(map(str, sizes))}, us: {line}; exact: {invokes:.2f} invokes\n"
    )
    if (form, sizes) == ("int16x8", SIZES[1]) and invokes > INVOKES_MAX:
        raise SystemExit(f"decoding takes {invokes:.2f} invokes, {INVOKES_MAX} are allowed")


def bench_engine(portable: Path, folder: Path) -> None:
    random = Random(1)
    state = EngineState(voices=tuple(random_voice(random) for _ in range(VOICES)))
    path = folder / "state"
    path.write_bytes(state_bytes(state))
    own = subprocess.run([portable, "engine", path], capture_output=True, text=True, check=True)
    engine = Engine(clock_maker())
    engine.set_state(state, 0)
    start_ns = time.perf_counter_ns()
    for block in range(1, SECONDS * RATE // FRAMES):
        engine.advance(block * FRAMES * 1_000_000_000 // RATE)
    share = (time.perf_counter_ns() - start_ns) / 1e9 / SECONDS
    sys.stdout.write(
        f"three voices in blocks of {FRAMES}, share of real time: "
        f"portable {float(own.stdout):.4%}, firmware {share:.2%}\n"
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        program = build_program(BENCH, Path(name), ("-std=c++17", "-O3"))
        for form in FORMS:
            for sizes in SIZES:
                bench_form(form, sizes, program, Path(name))
        bench_engine(program, Path(name))

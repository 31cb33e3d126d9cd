"""The panel: a CV's way to the pattern, the decoder beside bare runtimes, start and memory.

    python tests/bench/bench_panel.py [BUNDLE]

Without a bundle one with random weights of the default's size is made. Everything runs over
simulated chips with the real drivers.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from firmware.bundle.bundle import Bundle, read_bundle
from firmware.bundle.decoder import Decoder, load_decoders, load_runtime
from firmware.bundle.store import set_current
from firmware.bundle.verify import VerifiedMarks
from firmware.instrument.parameters import Key
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.instrument.preset import State, state_bytes
from firmware.simulator.remote import RemoteRack
from firmware.simulator.serving import served_rack
from firmware.simulator.trace import GATE_HIGH_VOLTS
from firmware.storage.paths import Home, InstalledBundle
from tests.firmware.panels import PanelRig, install

ROOT = Path(__file__).parents[2]
ROUNDS, CALLS = 60, 200
MOVES = 1000
STARTS = 3


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def mean_us(call: Callable[[int], object]) -> float:
    start_ns = time.perf_counter_ns()
    for n in range(CALLS):
        call(n)
    return (time.perf_counter_ns() - start_ns) / CALLS / 1000


def bench_decoder(bundle: Bundle) -> None:
    """Decode and threshold beside the bare runtime, in turns, medians; then Keras."""
    decoder, runtime = load_decoders(bundle)[0], load_runtime()
    plain = runtime.Interpreter(model_content=bundle.models[0], num_threads=1)
    plain.allocate_tensors()
    set_up = load_decoders(bundle, runtime)[0]._interpreter
    calls: dict[str, Callable[[int], object]] = {
        "invoke, as the runtime comes": lambda _: plain.invoke(),
        "invoke, as it is set up here": lambda _: set_up.invoke(),
        "decode": lambda n: decoder.decode((n / CALLS, 0.4)),
        "decode and threshold": lambda n: decoder.decode((n / CALLS, 0.4)).sounding(0.5),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            taken[name].append(mean_us(call))
    bare_us, set_up_us, _, ours_us = medians = [statistics.median(us) for us in taken.values()]
    for name, us in zip(calls, medians, strict=True):
        tell(f"{name:30} {us:8.1f} us")
    tell(f"   {ours_us / bare_us:.2f} and {ours_us / set_up_us:.2f} times invoke (goal: 60 us)")
    keras_us = keras_predict_us(decoder)
    tell(f"Keras predict {keras_us:25.0f} us")
    tell(f"   {keras_us / ours_us:.0f} times slower than decode and threshold (goal 5000)")


KERAS = """
import statistics, sys, time
import keras, numpy
sizes = list(map(int, sys.argv[1:]))
model = keras.Sequential(
    [keras.Input((sizes[0],))]
    + [keras.layers.Dense(size, "relu") for size in sizes[1:-1]]
    + [keras.layers.Dense(sizes[-1], "sigmoid")]
)
place = numpy.array([[0.3, 0.4]], numpy.float32)
model.predict(place, verbose=0)
taken = []
for _ in range(15):
    start_ns = time.perf_counter_ns()
    model.predict(place, verbose=0)
    taken.append((time.perf_counter_ns() - start_ns) / 1000)
sys.stdout.write(str(statistics.median(taken)))
"""


def keras_predict_us(decoder: Decoder) -> float:
    """Time Keras on a decoder of the same layers, in a process of its own."""
    layers = decoder.voice.layers
    sizes = [*layers[len(layers) // 2 : -1], 32 * len(decoder.voice.outputs)]
    done = subprocess.run(
        [sys.executable, "-c", KERAS, *map(str, sizes)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
        text=True,
    )
    return float(done.stdout.split()[-1])


class Stages:
    """Times the stages of a step by standing in for the methods that do them."""

    def __init__(self, rig: PanelRig) -> None:
        self.spent_ns: dict[str, int] = {}
        panel = rig.panel
        self._wrap(panel.scanner, "scan", "read the ADC (simulated bit by bit)")
        self._wrap(panel.instrument, "take_cvs", "CVs to controls")
        self._wrap(panel.bundle_manager.voice_decoders, "decode", "decode")
        self._wrap(panel.instrument, "engine_state", "patterns to the engine's state")
        self._wrap(panel.player, "send", "pack and send")
        self._wrap(panel.display_and_encoder, "show", "display")

    def _wrap(self, owner: object, name: str, label: str) -> None:
        inner = getattr(owner, name)

        def timed(*arguments: object, **more: object) -> object:
            start_ns = time.perf_counter_ns()
            try:
                return inner(*arguments, **more)
            finally:
                spent_ns = time.perf_counter_ns() - start_ns
                self.spent_ns[label] = self.spent_ns.get(label, 0) + spent_ns

        setattr(owner, name, timed)


def bench_latency(home: Home) -> None:
    """Move a CV at random times and wait for the pattern in the player's socket."""
    rig = PanelRig(home)
    panel = rig.panel
    random = np.random.default_rng(1)
    start_ns = time.monotonic_ns()
    while not panel.maps.done:
        panel.step(time.monotonic_ns() - start_ns)
    stages = Stages(rig)
    rig.received()
    waits_ns: list[int] = []
    moved_ns, due_ns = 0, time.monotonic_ns()
    while len(waits_ns) < MOVES:
        now_ns = time.monotonic_ns()
        if not moved_ns and now_ns >= due_ns:
            # The knobs stand in the middle, so 2.5 V lead to the edge of the map.
            x, y = random.uniform(0.1, 2.4, 2).tolist()
            rig.volts(cv_x=x, cv_y=y)
            moved_ns = now_ns
        if now_ns - start_ns >= panel.next_deadline_ns:
            panel.step(now_ns - start_ns)
        else:
            time.sleep(min(panel.next_deadline_ns / 1e9 - (now_ns - start_ns) / 1e9, 0.0005))
        if moved_ns and rig.engine_states():
            waits_ns.append(time.monotonic_ns() - moved_ns)
            moved_ns, due_ns = 0, time.monotonic_ns() + int(random.integers(1, 8_000_000))
    ms = np.percentile(np.array(waits_ns) / 1e6, [50, 99, 99.9, 100])
    tell(f"CV to pattern ready, {MOVES} moves at 500 scans a second (goal: p99 5 ms):")
    tell("   p50 {:.2f}  p99 {:.2f}  p99.9 {:.2f}  max {:.2f} ms".format(*ms))
    total = sum(stages.spent_ns.values())
    for label, spent_ns in sorted(stages.spent_ns.items(), key=lambda item: -item[1]):
        tell(f"   {spent_ns / total:6.1%} of the work: {label}")
    rig.close()


def bench_start(home: Home) -> None:
    """Time `firmware run --simulated` from its start to the first gate; then its memory."""
    taken, sizes = [], {}
    for _ in range(STARTS):
        with tempfile.TemporaryDirectory() as folder, served_rack(Path(folder)) as rack:
            start_ns = time.monotonic_ns()
            command = [sys.executable, "-m", "firmware", "run", "--rack", folder]
            process = subprocess.Popen(
                [*command, "--home", str(home.root)], cwd=ROOT, stderr=subprocess.DEVNULL
            )
            try:
                first_ns = first_gate_ns(rack, start_ns)
                taken.append((first_ns - start_ns) / 1e9)
                time.sleep(1.5)
                sizes = resident_mb(process.pid)
            finally:
                process.terminate()
                process.wait()
    each = ", ".join(f"{seconds:.2f}" for seconds in sorted(taken))
    tell(f"start to first gate: median {np.median(taken):.2f} s (goal 1.5): {each}")
    both = sizes["player"] + sizes["panel"]
    tell(f"memory, player and panel together: {both:.0f} MB (goal 120)")
    for name, size in sizes.items():
        tell(f"   {size:6.1f} MB {name}")


def first_gate_ns(rack: RemoteRack, start_ns: int) -> int:
    while time.monotonic_ns() < start_ns + 20_000_000_000:
        for trace in rack.traces:
            for sample in trace:
                if sample.time_ns > start_ns and sample.volts[3] > GATE_HIGH_VOLTS:
                    return int(sample.time_ns)
        time.sleep(0.02)
    raise TimeoutError("no gate in 20 s")


def resident_mb(parent: int) -> dict[str, float]:
    """Give the resident memory of a process and its children, by name."""
    sizes = {}
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for pid in (str(parent), *children):
        name = Path(f"/proc/{pid}/comm").read_text().strip()
        status = Path(f"/proc/{pid}/status").read_text()
        kilobytes = next(x.split()[1] for x in status.splitlines() if x.startswith("VmRSS"))
        sizes[name] = int(kilobytes) / 1024
    return sizes


def bench_imports() -> None:
    """Say which imports the panel's memory and start go to."""
    script = """
import sys, time
def resident_mb():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith("VmRSS")) / 1024
for name in sys.argv[1:]:
    before, start = resident_mb(), time.process_time()
    __import__(name)
    ms = 1000 * (time.process_time() - start)
    sys.stdout.write(f"   {resident_mb() - before:6.1f} MB {ms:6.0f} ms {name}\\n")
"""
    names = ["numpy", "PIL.ImageFont", "firmware.panel.controller"]
    tell("what the panel's memory and start go to:")
    subprocess.run([sys.executable, "-c", script, *names], cwd=ROOT, check=True)


def made_bundle(folder: Path) -> Path:
    maker = ROOT / "tests" / "deploy" / "make_bundles.py"
    subprocess.run([sys.executable, maker, folder], check=True, capture_output=True)
    return folder / "drums"


def home_with(bundle: Path, folder: Path) -> Home:
    """Install a bundle as if it had played before, at a place where most steps sound."""
    home = Home(folder)
    install(home, bundle, 1)
    set_current(home, InstalledBundle(1, bundle.name))
    VerifiedMarks(home).add(home.current)
    home.state.mkdir()
    low = {Key("threshold", voice): 0.2 for voice in range(3)}
    (home.state / "state.json").write_bytes(state_bytes(State(DEFAULT_PATCH.with_values(low))))
    return home


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle = Path(sys.argv[1]) if sys.argv[1:] else made_bundle(folder / "made")
        home = home_with(bundle, folder / "home")
        bench_latency(home)
        bench_start(home_with(bundle, folder / "other"))
        bench_imports()
        bench_decoder(read_bundle(bundle))


if __name__ == "__main__":
    main()

"""Training as its user waits for it: the first draft, three voices, and the same bytes again.

    python tests/bench/bench_training.py

The first draft is the blend of the loops, in wall time from the start of a process, beside a
process that only imports the trainer. Processor time is that of `trainer train` with three
voices, which are trained, rounded, exported, checked and reported. What takes longer than is
allowed, or flips more steps, or differs the second time, ends in an error.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from firmware.bundle.bundle import read_manifest
from tests.bench.experiments import WHOLE, demo_dataset
from trainer.data.dataset import write_dataset

DRAFT_S_MAX, PROCESSOR_S_MAX, FLIPS_MAX, FILE_BYTES_MAX = 1.5, 20.0, 0.3, 25_000
TURNS = 5
IMPORTS = "import trainer.pipeline.training, trainer.data.dataset"
FIRST_DRAFT = """
import sys
from pathlib import Path
from trainer.data.dataset import read_dataset
from trainer.pipeline.plan import TrainOptions, plan
from trainer.pipeline.training import train_voices

def stop(event):
    raise SystemExit if event.map is not None else RuntimeError

train_voices(plan(TrainOptions(), read_dataset(Path(sys.argv[1]))), 0, stop)
"""


def quickest_s(script: str, *arguments: str) -> float:
    """Run a script in processes of its own; give the least wall time."""
    times = []
    for _ in range(TURNS):
        start_s = time.perf_counter()
        subprocess.run([sys.executable, "-c", script, *arguments], check=True)
        times.append(time.perf_counter() - start_s)
    return min(times)


def train(dataset: Path, kit: Path) -> float:
    """Train three voices; give the processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "trainer", "train", str(dataset), "-o", str(kit)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "OPENBLAS_NUM_THREADS": "1"}
    subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, print, and end with an error if something is not as it should be."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "demo.npz"
        write_dataset(dataset, demo_dataset(WHOLE))
        imports_s = quickest_s(IMPORTS)
        draft_s = quickest_s(FIRST_DRAFT, str(dataset))
        kits = [Path(folder) / name / "kit" for name in ("one", "two")]
        processor_s = min(train(dataset, kit) for kit in kits)
        files = [{path.name: path.read_bytes() for path in kit.iterdir()} for kit in kits]
        voices = read_manifest(kits[0]).voices
    flips = max(
        value
        for voice in voices
        for name, value in voice.metrics.items()
        if name.startswith("flips")
    )
    size = max(voice.size_bytes for voice in voices)
    checks = {
        f"first draft after {draft_s:.2f} s, imports {imports_s:.2f} s": draft_s <= DRAFT_S_MAX,
        f"three voices: {processor_s:.1f} s of processor": processor_s <= PROCESSOR_S_MAX,
        f"flips at most {flips:.3f} %": flips <= FLIPS_MAX,
        f"files of {size} bytes": size <= FILE_BYTES_MAX,
        "the same bytes again": files[0] == files[1],
    }
    for text, holds in checks.items():
        sys.stdout.write(f"{text}{'' if holds else '   TOO MUCH'}\n")
    if not all(checks.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()

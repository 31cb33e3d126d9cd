"""Measure maps beside what needs no network, on loops they have not seen: docs/training.md.

python tests/bench/experiments.py [DATASET.npz ...] [--out DIR] [--seeds N] [--no-paper]

A fifth of the loops of every set is held back; everything else is trained or drawn from the
rest, and all figures are those of trainer/model/measures.py. The sets are the patterns of the
demo loops and any datasets named. The row of trained maps is the mean over seeds. The paper's
rows are trained once, and need the extra `paper`.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from firmware.engine.pattern import STEPS
from firmware.storage.files import write_whole
from trainer.data.dataset import Dataset, read_dataset
from trainer.data.demo_loops import BPM, STEP_S, make_loop
from trainer.export.voices import knots_of
from trainer.model.baselines import drawn, flipped_loop, self_organised, square
from trainer.model.latent import to_latents
from trainer.model.layout import Layout, lay_out
from trainer.model.map_training import map_loops
from trainer.model.measures import GRID, THRESHOLD, f1_score, held_out_figures, map_figures
from trainer.model.network import decode, encode
from trainer.model.rhythm import Onsets
from trainer.model.sampling import square_grid
from trainer.model.structures import PAPER
from trainer.model.teacher import kernel_blend
from trainer.pipeline.held_back import split
from trainer.pipeline.plan import TrainOptions, plan
from trainer.pipeline.training import train_voices
from trainer.report.verdict import figure

HELD_BACK = 0.2
WHOLE = 168
FIGURES = (
    *("f1", "held_coverage", "c2st", "style", "r2_density", "r2_syncopation"),
    *("jump", "still", "dense_share", "plausible"),
)

Figures = Mapping[str, float]


def demo_dataset(count: int) -> Dataset:
    """Give the truth of the demo loops as a dataset."""
    loops = [make_loop(index, seed=0) for index in range(count)]
    offset = np.array([loop.offset_ms for loop in loops]) / 1000 / STEP_S
    return Dataset(
        onset=np.array([loop.onset for loop in loops]),
        velocity=np.array([loop.velocity for loop in loops], np.float32),
        offset=np.clip(offset, -0.49, 0.5).astype(np.float32),
        names=tuple(loop.name for loop in loops),
        bpm=np.full(count, BPM, np.float32),
        loops=count,
    )


def measured(patterns: Onsets, known: Dataset, unseen: Dataset) -> dict[str, float]:
    """Give all figures of a map's patterns (places, 32)."""
    rng = np.random.default_rng(0)
    loops = np.unique(known.onset, axis=0)
    return {
        **map_figures(square(patterns), loops, rng),
        **held_out_figures(square(patterns), loops, unseen.onset, rng),
    }


def trained(options: TrainOptions, known: Dataset, unseen: Dataset, seeds: int) -> Figures:
    """Train one voice as `trainer train` does; give the means of its map's figures."""
    rows = []
    for seed in range(seeds):
        made = plan(options, known)
        (voice,) = train_voices(made, seed, lambda _event: None)
        model = voice.candidate.model
        knots = knots_of(made.configs[0], encode(model, known.onset))
        places = to_latents(square_grid(GRID, model.latents), knots)
        sounding = decode(model, places)[:, :STEPS] > THRESHOLD
        f1 = voice.candidate.figures["f1"]
        rows.append({**measured(sounding, known, unseen), "f1": f1})
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def rows_of(dataset: Dataset, seeds: int, *, paper: bool) -> Iterator[tuple[str, Figures]]:
    """Give every row of a set, as it is done."""
    known, unseen = split(dataset, HELD_BACK, np.random.default_rng(0))
    yield "map", trained(TrainOptions(voices=("map",)), known, unseen, seeds)
    loops = map_loops(known).onset
    layout = lay_out(loops)
    rng = np.random.default_rng(0)
    for name, patterns in drawn(loops, layout, rng).items():
        own = _f1(name, loops, layout)
        yield name, {**measured(patterns, known, unseen), **own}
    yield "SOM 12 x 12", measured(self_organised(loops, rng), known, unseen)
    yield "one loop with flips", measured(flipped_loop(loops, rng), known, unseen)
    for name in PAPER if paper else ():
        options = replace(TrainOptions(paper=True), voices=(name,))
        yield f"{name} as the paper", trained(options, known, unseen, 1)


def _f1(name: str, loops: Onsets, layout: Layout) -> Figures:
    """Give how the loops come back from their places, of what has such places."""
    if name == "nearest loop":
        return {"f1": 1.0}
    if name != "blend":
        return {}
    return {"f1": f1_score(kernel_blend(layout.places, loops, layout) > THRESHOLD, loops)}


def table_of(name: str, rows: Sequence[tuple[str, Figures]]) -> str:
    """Give a Markdown table; the bare loops' coverage and floor are in its title."""
    first = rows[0][1]
    beside = f"nearest loop {figure(first['held_coverage_loops'])}"
    title = f"{name}: coverage beside {beside}, C2ST floor {figure(first['c2st_floor'])}"
    lines = [title, "", f"| | {' | '.join(FIGURES)} |", "|---" * (len(FIGURES) + 1) + "|"]
    for row, figures in rows:
        lines.append(f"| {row} | {' | '.join(figure(figures.get(n)) for n in FIGURES)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run everything, print each table when it is done, and leave them in a file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/experiments"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--no-paper", dest="paper", action="store_false")
    options = parser.parse_args()
    sets = {"demo": demo_dataset(WHOLE)}
    sets |= {path.stem: read_dataset(path) for path in options.datasets}
    tables = []
    for name, dataset in sets.items():
        rows = list(rows_of(dataset, options.seeds, paper=options.paper))
        tables.append(table_of(name, rows))
        sys.stdout.write(f"{tables[-1]}\n")
        sys.stdout.flush()
    write_whole(options.out / "experiments.md", "\n".join(tables).encode())


if __name__ == "__main__":
    main()

"""Measure maps against structure, latent kind, dimensions and dataset size: docs/training.md.

python tests/bench/experiments.py [DATASET.npz ...] [--out DIR] [--seeds N]

The patterns are those of the demo loops, as they were written, and of any datasets named. Every
row trains as `trainer train` does with the same seed, but for what it varies, and tells the
median over the seeds of the chosen voice's figures, those of its exported file; of the steps
that quantisation flips, the worst. The paper's rows are medians of single runs, one candidate
each and nothing chosen, over the paper's fixed ranges; the last are generators without a model.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware.storage.files import write_whole
from trainer.data.dataset import Dataset, read_dataset
from trainer.data.demo_loops import BPM, STEP_S, make_loop
from trainer.export.voices import float_metrics, train_voice
from trainer.model.baselines import baselines
from trainer.model.fit import fit
from trainer.model.models import ENSEMBLE, STRUCTURES, initial
from trainer.model.targets import targets_of
from trainer.model.train_step import tensorflow
from trainer.pipeline.plan import Wishes, plan
from trainer.report.report import figure

SIZES = (21, 42, 84, 168, 336)
WHOLE = 168
PAPER_RUNS = 32
FIGURES = ("f1", "dead_latents", "distinct", "effective", "plausible", "plausible_area")
FLIPS = ("flips_0.3", "flips_0.5", "flips_0.7")

Figures = Mapping[str, float]
Row = tuple[str, str, Figures]


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


def chosen(dataset: Dataset, wishes: Wishes, seeds: int) -> Figures:
    """Train as `trainer train` does; give the figures of the chosen voice."""
    measured = []
    made = plan(wishes, dataset)
    (name,) = wishes.voices
    place = ENSEMBLE.index(name) if name in ENSEMBLE else 0
    for seed in range(seeds):
        voice = train_voice(
            made.recipes[0],
            made.dataset,
            "voice1.tflite",
            rng=np.random.default_rng([seed, place]),
            progress=lambda _: None,
        ).finalists[0]
        measured.append(voice.description.metrics)
    worst = {name: max(one[name] for one in measured) for name in FLIPS}
    return _median(measured) | worst


def paper_runs(dataset: Dataset, structure: str) -> Figures:
    """Train single runs as the paper did, many at once; give their median figures."""
    (recipe,) = plan(Wishes(voices=(structure,), paper=True), dataset).recipes
    training = replace(recipe.training, candidates=PAPER_RUNS)
    rng = np.random.default_rng(0)
    stack = initial(recipe.layers, "relu", PAPER_RUNS, rng)
    stack, _ = fit(stack, targets_of(dataset, recipe.heads), training, rng)
    models = [stack.candidate(index) for index in range(PAPER_RUNS)]
    return _median([float_metrics(recipe, model, dataset) for model in models])


def _median(measured: Sequence[Figures]) -> dict[str, float]:
    return {name: float(np.median([one[name] for one in measured])) for name in measured[0]}


def demo_rows(seeds: int) -> Iterator[Row]:
    """Give every row that the demo loops make, as it is done."""
    whole = demo_dataset(WHOLE)
    for structure in STRUCTURES:
        for kind in ("vae", "linear", "relu"):
            wishes = Wishes(voices=(structure,), latent=kind)
            yield "structure", f"{structure} {kind}", chosen(whole, wishes, seeds)
    for structure in STRUCTURES:
        yield "paper", f"{structure} as the paper", paper_runs(whole, structure)
    model1 = Wishes(voices=("model1",))
    for latents in (3, 4):
        figures = chosen(whole, replace(model1, latents=latents), seeds)
        yield "dimensions", f"{latents} latents", figures
    held = chosen(whole, replace(model1, hold_back=0.1), seeds)
    yield "stopping", "a tenth held back", held
    for name, figures in baselines(whole.onset, np.random.default_rng(0)).items():
        yield "generators", name, figures
    for size in SIZES:
        yield "size", f"{size} loops", chosen(demo_dataset(size), model1, seeds)


def named_rows(path: Path, seeds: int) -> Iterator[Row]:
    """Give the default voices on a person's dataset, and the paper's model1 on it."""
    dataset = read_dataset(path)
    for structure in ("model1", "model2", "model3"):
        figures = chosen(dataset, Wishes(voices=(structure,)), seeds)
        yield path.stem, f"{path.stem}: {structure}", figures
    yield path.stem, f"{path.stem}: model1 as the paper", paper_runs(dataset, "model1")


def table_row(row: Row) -> str:
    """Give a row of the Markdown table."""
    _, name, figures = row
    cells = [figure(figures.get(key)) for key in FIGURES]
    flips = " / ".join(f"{figures[key]:.2f}" for key in FLIPS) if FLIPS[0] in figures else ""
    return f"| {name} | {' | '.join(cells)} | {flips} |"


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw plausible patterns and reconstruction per row, a panel per experiment."""
    from matplotlib.figure import Figure

    groups = list(dict.fromkeys(group for group, _, _ in rows))
    figure = Figure(figsize=(9, 0.28 * len(rows) + 0.7 * len(groups)), layout="constrained")
    heights = [sum(group == row[0] for row in rows) + 0.5 for group in groups]
    panels: Any = figure.subplots(len(groups), 1, height_ratios=heights, squeeze=False)
    for axes, group in zip(panels[:, 0], groups, strict=True):
        own = [row for row in rows if row[0] == group][::-1]
        bars = axes.barh([row[1] for row in own], [row[2]["plausible"] for row in own])
        labels = [f"F1 {row[2]['f1']:.2f}" if "f1" in row[2] else "" for row in own]
        axes.bar_label(bars, labels, padding=3, fontsize=8)
        axes.set_xlim(0, 1.15 * max(row[2]["plausible"] for row in rows))
    panels[-1, 0].set_xlabel("new patterns within 4 steps of a loop, of 4096 places")
    figure.savefig(path, dpi=90, metadata={"Software": None})


def main() -> None:
    """Run everything, print the table as it grows, and leave table and plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/experiments"))
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    tensorflow()
    lines = [f"| | {' | '.join(FIGURES)} | {' / '.join(FLIPS)} |", "|---" * 8 + "|"]
    rows: list[Row] = []
    for source in (
        demo_rows(options.seeds),
        *(named_rows(p, options.seeds) for p in options.datasets),
    ):
        for row in source:
            rows.append(row)
            lines.append(table_row(row))
            sys.stdout.write(lines[-1] + "\n")
            sys.stdout.flush()
    write_whole(options.out / "experiments.md", ("\n".join(lines) + "\n").encode())
    plot(rows, options.out / "experiments.png")


if __name__ == "__main__":
    main()

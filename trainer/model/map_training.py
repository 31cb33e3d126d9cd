"""From loops to a trained map: choose, lay out, teach."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.data.dataset import Dataset
from trainer.model.feel_heads import Feel, learned_feel, with_feel
from trainer.model.layout import Layout, lay_out
from trainer.model.network import Autoencoder, encode, forward, latents_at, positions_of
from trainer.model.prototypes import nearest_of, prototypes
from trainer.model.rhythm import Matrix, Onsets
from trainer.model.student import Lesson, Stage, StudentConfig, learned_places, train
from trainer.model.teacher import blend

LAST_PLACES = 4000
"""Places all over the map that correct a trained decoder."""

DENSITY_KEPT = 0.5
"""The share of the onsets that a map lacks beside its loops, and is given back.

It lacks those that no similar loop has; all of them would bring these back too."""

SHIFT_MAX = 0.5
"""How far logits are moved for that at most."""

FEEL_LOOPS_MAX = 1000
"""Loops beyond which feel is learned from an even selection."""

OFFSET_ZERO = 0.5
"""Where a head has micro-timing 0: half-way, since heads are 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class MapLoops:
    """The loops that a map holds, distinct (n, 32), and which one each row stands at (rows)."""

    onset: Onsets
    at: NDArray[np.intp]


def map_loops(dataset: Dataset) -> MapLoops:
    """Choose the loops that a map holds: all distinct ones, or prototypes of too many."""
    distinct, row = np.unique(dataset.onset, axis=0, return_inverse=True)
    chosen = distinct[prototypes(distinct)]
    return MapLoops(chosen, nearest_of(distinct, chosen)[row.ravel()])


def lay_out_voices(loops: MapLoops, earlier: Sequence[Matrix | None]) -> tuple[Layout, ...]:
    """Lay loops out for each voice, each beside those before; `earlier` as `lay_out` has it."""
    layouts: list[Layout] = []
    for places in earlier:
        layouts.append(lay_out(loops.onset, others=layouts, earlier=places))
    return tuple(layouts)


def feels_of(dataset: Dataset, heads: Sequence[str]) -> tuple[Feel, ...]:
    """Learn what carries over of the velocity and timing of a dataset, as far as heads ask."""
    rows = np.unique(np.linspace(0, len(dataset) - 1, FEEL_LOOPS_MAX).astype(np.intp))
    onset = dataset.onset[rows]
    values = {
        "velocity": dataset.velocity[rows].astype(float),
        "offset": (dataset.offset[rows] + OFFSET_ZERO) * onset.astype(float),
    }
    return tuple(learned_feel(onset, values[head]) for head in heads[1:])


def train_map(
    loops: MapLoops,
    layout: Layout,
    feels: tuple[Feel, ...],
    config: StudentConfig,
    rng: np.random.Generator,
) -> Iterator[Stage]:
    """Train one map. Every stage is usable; the last one, share 1, is the result."""
    places = learned_places()
    targets = blend(places, loops.onset, layout)
    lesson = Lesson(loops.onset.astype(np.float32), layout, places, targets)
    for stage in train(lesson, config, rng):
        if stage.share < 1:
            yield stage
        else:
            model = with_density(stage.model, loops.onset, places[:LAST_PLACES])
            yield replace(stage, model=with_feel(model, feels, places[:LAST_PLACES]))


def with_density(model: Autoencoder, onset: Onsets, places: Matrix) -> Autoencoder:
    """Move all of a decoder's logits alike so that its map has nearly the loops' onsets.

    `onset` (n, 32) are the loops, `places` (m, 2) lie all over the map.
    """
    logits = forward(model.decoder, latents_at(places))
    share = DENSITY_KEPT * onset.mean() + (1 - DENSITY_KEPT) * (logits > 0).mean()
    missing = np.float32(np.clip(-np.quantile(logits, 1 - share), 0, SHIFT_MAX))
    kernel, bias = model.decoder[-1]
    return replace(model, decoder=(*model.decoder[:-1], (kernel, bias + missing)))


def points_of(model: Autoencoder, loops: MapLoops) -> Matrix:
    """Give where each row lies on a map, in knob positions (rows, 2), 0..1."""
    return np.clip(positions_of(encode(model, loops.onset)), 0, 1)[loops.at]

"""Train the voices of a plan, with drafts on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from firmware.bundle.latent_map import LatentMap
from firmware.engine.pattern import STEPS
from trainer.data.progress import OnProgress, Progress
from trainer.export.voices import float_figures, knots_of
from trainer.model.checkpoint import Candidate, KeptVoice
from trainer.model.latent import to_latents, to_positions
from trainer.model.layout import Layout
from trainer.model.map_training import (
    MapLoops,
    feels_of,
    lay_out_voices,
    map_loops,
    points_of,
    train_map,
)
from trainer.model.measures import GRID, ranking
from trainer.model.network import Array, Autoencoder, decode, encode
from trainer.model.paper import train_paper
from trainer.model.rhythm import Matrix, Onsets
from trainer.model.sampling import square_grid
from trainer.model.teacher import blend
from trainer.model.voice_config import VoiceConfig
from trainer.pipeline.plan import Plan


@dataclass(frozen=True, slots=True, eq=False)
class Draft(Progress):
    """An event with the map of a voice so far, which can be played; `voice` counts from 0."""

    voice: int = 0
    map: LatentMap | None = None


def draft(phase: str, share: float, voice: int, drawn: LatentMap) -> Draft:
    """Make the event of a voice's map."""
    return Draft(phase, share, f"voice {voice + 1}", voice, drawn)


def train_voices(plan: Plan, seed: int, on_progress: OnProgress) -> tuple[KeptVoice, ...]:
    """Train all candidates of all voices; give each voice's, the best first.

    Phases are "layout" and "training"; their events are drafts. A candidate's random stream
    depends on the seed, its voice and its number alone.
    """
    lessons = _lessons(plan)
    for number, (loops, layout) in enumerate(lessons):
        if layout is not None:
            share = (number + 1) / len(lessons)
            on_progress(draft("layout", share, number, blended_map(loops, layout)))
    total = sum(config.candidates for config in plan.configs)
    done, voices = 0, []
    for number, config in enumerate(plan.configs):
        candidates = []
        for candidate in range(config.candidates):
            stream = seed, number, candidate
            course = _Course(plan, number, *lessons[number], stream)
            for share, drawn in course.stages():
                on_progress(draft("training", (done + share) / total, number, drawn))
            candidates.append(course.candidate())
            done += 1
        order = ranking([candidate.figures for candidate in candidates])
        ranked = tuple(candidates[index] for index in order)
        voices.append(KeptVoice(config.structure, 0, ranked))
    return tuple(voices)


def _lessons(plan: Plan) -> list[tuple[MapLoops, Layout | None]]:
    """Give each voice its loops, and a map its layout beside those of the same loops."""
    loops: dict[int, MapLoops] = {}
    layouts: dict[int, Layout] = {}
    for voices in plan.sets.groups():
        chosen = map_loops(plan.sets.of(voices[0]))
        loops |= dict.fromkeys(voices, chosen)
        maps = [number for number in voices if plan.configs[number].is_map]
        places = [plan.earlier_places(number, chosen.onset) for number in maps]
        layouts |= zip(maps, lay_out_voices(chosen, places), strict=True)
    return [(loops[number], layouts.get(number)) for number in range(len(plan.configs))]


def blended_map(loops: MapLoops, layout: Layout) -> LatentMap:
    """Give the map that a voice is about to learn: the blend of the loops."""
    return _drawn(blend(square_grid(GRID), loops.onset, layout))


class _Course:
    """The training of one candidate."""

    def __init__(
        self,
        plan: Plan,
        voice: int,
        loops: MapLoops,
        layout: Layout | None,
        seed: tuple[int, int, int],
    ) -> None:
        self._config, self._dataset = plan.configs[voice], plan.sets.of(voice)
        self._loops, self._layout, self._seed = loops, layout, seed
        self._start = _start(plan, voice, self._config)
        self._model: Autoencoder | None = None
        self._errors: list[float] = []

    def stages(self) -> Iterator[tuple[float, LatentMap]]:
        """Train; give the share that is done and the map so far."""
        for share, error, model in self._steps():
            self._model = model
            self._errors.append(error)
            yield share, model_map(self._config, model, self._dataset.onset)

    def candidate(self) -> Candidate:
        """Give the trained model, measured."""
        if self._model is None:
            raise RuntimeError("a training without stages")
        figures = float_figures(self._config, self._model, self._dataset)
        errors = np.array(self._errors, np.float32)
        return Candidate(self._model, errors, figures, self._points(self._model))

    def _steps(self) -> Iterator[tuple[float, float, Autoencoder]]:
        if self._config.paper is not None:
            seed = int(np.random.SeedSequence(self._seed).generate_state(1)[0])
            onset = self._dataset.onset
            for epoch in train_paper(self._config.paper, onset, seed, self._start):
                yield epoch.share, epoch.loss, epoch.model
        elif self._layout is not None:
            feels = feels_of(self._dataset, self._config.heads)
            rng = np.random.default_rng(self._seed)
            student = self._config.student
            if self._seed[-1]:
                # A further candidate is there to be another map.
                student = replace(student, shared=0.0)
            for stage in train_map(self._loops, self._layout, feels, student, rng):
                yield stage.share, stage.error, stage.model

    def _points(self, model: Autoencoder) -> Matrix:
        if self._layout is not None:
            return points_of(model, self._loops)
        latents = encode(model, self._dataset.onset)
        return to_positions(latents, knots_of(self._config, latents))[:, :2]


def _start(plan: Plan, voice: int, config: VoiceConfig) -> Autoencoder | None:
    """Give the weights that a structure of the paper is trained on from."""
    if plan.earlier is None or config.is_map or voice >= len(plan.earlier.voices):
        return None
    kept = plan.earlier.voices[voice]
    return kept.candidate.model if kept.structure == config.structure else None


def model_map(config: VoiceConfig, model: Autoencoder, onset: Onsets) -> LatentMap:
    """Draw the map of a model's float weights."""
    knots = knots_of(config, encode(model, onset))
    positions = square_grid(GRID, model.latents)
    return _drawn(decode(model, to_latents(positions, knots))[:, :STEPS])


def _drawn(probability: Array) -> LatentMap:
    square = np.round(probability * 255).astype(np.uint8)
    return LatentMap(square.reshape(GRID, GRID, STEPS))

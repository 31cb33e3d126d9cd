"""Where in its file a loop lies, and its tempo: silence around it, and tempi that are near.

A file may begin and end with silence, and a tempo that a person, a name or a tag states may
be a few percent off. The alternatives are compared by how well the onsets agree with the
sixteenths; a file that needs no correction is preferred.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from trainer.audio.audio_file import SAMPLE_RATE, Samples
from trainer.audio.onsets import Onsets
from trainer.audio.tempo import LATEST_S, Tempo, alignment, bar_s, candidates
from trainer.audio.tempo_inference import Reading, likeliest, readings

FURTHEST = 0.06
"""How far a stated tempo may be off, as a share."""

_SILENCE = 10 ** (-55 / 20)
_LEAST_SILENCE_S = 0.008
_EXACT_S = 0.004
_FILLS = 0.003  # how much longer than bars of a metre a file of that metre may be, as a share
_LONGEST_SILENCE_S = 0.6
_ALIGNED = 4.0  # log-likelihood of onsets on the sixteenths beside onsets anywhere
_TRIMMED, _PER_SHARE = 0.7, 6.0  # what departures from file and tempo cost
_PADDED = 3.0  # what a loop costs that starts within the silence
_UNEXPLAINED = 1.0  # what a file costs that is cut off or rings on
_WHOLE, _WHOLE_BPM = 3.0, 0.02  # what a fitted tempo is worth that is a whole number


@dataclass(frozen=True, slots=True)
class Placement:
    """A loop's tempo and the second of the file at which it starts."""

    tempo: Tempo
    start_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Silence:
    """Seconds of silence before and after the sound of a file; 0 where too short to count."""

    lead_s: float
    tail_s: float


def surrounding_silence(samples: Samples) -> Silence:
    """Return the silence around a file's sound (peak 1), below -55 dB."""
    sounding = np.flatnonzero(np.abs(samples) > _SILENCE)
    if not sounding.size:
        return Silence(0.0, 0.0)
    around = np.array([sounding[0], samples.size - 1 - sounding[-1]]) / SAMPLE_RATE
    lead_s, tail_s = np.where(around < _LEAST_SILENCE_S, 0.0, around)
    return Silence(float(lead_s), float(tail_s))


def place_stated(
    stated: Tempo, onsets: Onsets, duration_s: float, silence: Silence, *, bars_given: bool
) -> Placement:
    """Return how a stated tempo fits a file best: as it is, near it, or without silence."""
    options = list(_readings(stated, duration_s, silence, bars_given=bars_given))
    scores = [cost + _ALIGNED * _aligned(onsets, one) for one, cost in options]
    return options[int(np.argmax(scores))][0]


def _aligned(onsets: Onsets, place: Placement) -> float:
    times_s = onsets.times_s - place.start_s
    return alignment(place.tempo, times_s, onsets.strength, LATEST_S)


def _readings(
    stated: Tempo, duration_s: float, silence: Silence, *, bars_given: bool
) -> Iterator[tuple[Placement, float]]:
    """Yield placements with the log of how plausible each is without its onsets."""
    excess_s = duration_s - stated.duration_s
    yield Placement(stated), _plausible_end(excess_s, silence.tail_s)
    if _LEAST_SILENCE_S <= excess_s <= silence.lead_s + _EXACT_S:
        yield Placement(stated, excess_s), 0.0
    elif silence.lead_s and excess_s <= silence.lead_s + silence.tail_s + _EXACT_S:
        yield Placement(stated, silence.lead_s), 0.0
    for start_s, end_s in _spans(duration_s, silence):
        length_s = end_s - start_s
        trimmed = _TRIMMED * (length_s < duration_s)
        if start_s:
            yield Placement(stated, start_s), -trimmed
        for bars in _bars_near(stated, length_s, bars_given=bars_given):
            bpm = bars * bar_s(1, stated.meter) / length_s
            away = abs(bpm / stated.bpm - 1)
            if _EXACT_S / length_s < away <= FURTHEST:
                # A sound that dies away may end anywhere, by chance at a whole tempo.
                whole = end_s == duration_s and abs(bpm - round(bpm)) < _WHOLE_BPM
                cost = trimmed + _PER_SHARE * away - _WHOLE * whole
                yield Placement(replace(stated, bpm=bpm, bars=bars), start_s), -cost


def _plausible_end(excess_s: float, tail_s: float) -> float:
    """Return the log of how plausible it is that a file ends so much after its loop."""
    return 0.0 if _LEAST_SILENCE_S <= excess_s <= tail_s + _EXACT_S else -_UNEXPLAINED


def _spans(duration_s: float, silence: Silence) -> list[tuple[float, float]]:
    """Return the (start, end) that the loop may have in its file."""
    starts = {0.0, silence.lead_s}
    ends = {duration_s, duration_s - silence.tail_s}
    return [
        (start, end) for start in sorted(starts) for end in sorted(ends) if end - start > 0.25
    ]


def _bars_near(stated: Tempo, length_s: float, *, bars_given: bool) -> list[float]:
    if bars_given or stated.bars < 1:
        return [stated.bars]
    bars = length_s / bar_s(stated.bpm, stated.meter)
    near = {np.floor(bars), np.ceil(bars), round(bars)}
    return [float(count) for count in sorted(near) if count >= 1]


def place_inferred(
    onsets: Onsets, duration_s: float, slack_s: float, silence: Silence, meter: str
) -> Placement:
    """Return the likeliest tempo of a file, or of what lies between silence around it."""
    tail_s = slack_s or min(silence.tail_s, _LONGEST_SILENCE_S)
    found = []
    for start_s, end_s in _spans(duration_s, silence):
        slack = tail_s if end_s == duration_s else slack_s
        trimmed = _TRIMMED * ((start_s > 0) + 2 * (end_s < duration_s))
        within = readings(end_s - start_s, slack, lossy=bool(slack_s), meter=meter)
        found += [replace(one, start_s=start_s, prior=one.prior - trimmed) for one in within]
    found += _after_silence(duration_s, silence.lead_s, meter)
    best = likeliest(found, onsets.times_s, onsets.strength, onsets.low)
    return Placement(best.tempo, best.start_s)


def _after_silence(duration_s: float, lead_s: float, meter: str) -> list[Reading]:
    """Return whole-numbered tempi of loops that start within the silence before the sound."""
    shorter = candidates(duration_s, min(lead_s, _LONGEST_SILENCE_S), meter)
    starts = [(tempo, duration_s - tempo.duration_s) for tempo in shorter]
    return [
        Reading(tempo, start_s, -_PADDED)
        for tempo, start_s in starts
        if start_s > _LEAST_SILENCE_S
    ]

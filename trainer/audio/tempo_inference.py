"""The tempo of a loop from its onsets: candidates ranked by a small network.

Each candidate is described by how its grid, its beats and its bars agree with the onsets, and
the network's output is its log-likelihood up to a constant (a conditional logit).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from trainer.audio.grid import Values
from trainer.audio.tempo import BARS, COMMON, LATEST_S, Tempo, alignment, candidates

WEIGHTS = "tempo.npz"
_FEW = 3  # fewer onsets than this give no confidence
_UNSURE = 0.4
_NEAR = 1e-3  # tempi that differ by less are one
_TINY = 1e-9
_PERIODS = np.array([2, 4, 8, 16, 32])
"""Sixteenths after which accents may return: from half a beat to two bars of 4/4."""
_LOSSY_LEAD_S = 0.02  # the least that an mp3 file without a header is longer than its loop
_EXACT_S, _TRIMMED = 0.004, 0.7  # what silence after the loop costs in log-likelihood
_USUAL_BARS, _USUAL = 2, float(np.log(2))  # what the map holds is the likeliest, by two to one
_IMPLAUSIBLE = 2.0  # log-likelihood by which an mp3 file without that excess is less likely


@dataclass(frozen=True, slots=True, eq=False)
class TempoNetwork:
    """One hidden layer (tanh) beside a linear path, from tempo_features() to a score.

    mean, spread, linear: float (features,); hidden: (features, units); bias, output:
    (units,).
    """

    mean: Values
    spread: Values
    hidden: Values
    bias: Values
    output: Values
    linear: Values

    def scores(self, features: Values) -> Values:
        """Return a score for each row of features."""
        inputs = (features - self.mean) / self.spread
        hidden = np.tanh(inputs @ self.hidden + self.bias)
        return np.asarray(hidden @ self.output + inputs @ self.linear)


@cache
def shipped_network() -> TempoNetwork:
    """Return the weights in the package, fitted by tests/bench/fit_tempo.py."""
    with (
        files(__package__).joinpath(WEIGHTS).open("rb") as file,
        np.load(file, allow_pickle=False) as stored,
    ):
        return TempoNetwork(**{name: stored[name].astype(float) for name in stored.files})


@dataclass(frozen=True, slots=True)
class Reading:
    """A tempo that a file may have, and the second at which its loop starts.

    prior: how plausible both are without the onsets, a log-likelihood.
    """

    tempo: Tempo
    start_s: float = 0.0
    prior: float = 0.0


def readings(
    duration_s: float, slack_s: float = 0.0, *, lossy: bool = True, meter: str = COMMON
) -> list[Reading]:
    """Return the tempi of loops that fill a file.

    With slack, whole-numbered tempi of up to that much shorter loops are among them; lossy:
    because a codec makes files longer, or else because they end in silence.
    """
    found = []
    for tempo in candidates(duration_s, slack_s, meter):
        excess_s = duration_s - tempo.duration_s
        prior = _USUAL if tempo.bars == _USUAL_BARS else 0.0
        if slack_s and lossy and excess_s < _LOSSY_LEAD_S:
            prior -= _IMPLAUSIBLE
        if slack_s and not lossy and excess_s > _EXACT_S:
            prior -= _TRIMMED
        found.append(Reading(tempo, 0.0, prior))
    return found


def likeliest(found: list[Reading], times_s: Values, weight: Values, low: Values) -> Reading:
    """Return the likeliest of readings (at least one), its tempo with its confidence.

    weight: strength of each onset; low: its strength in the bass.
    """
    rows = []
    for one in found:
        inside = times_s >= one.start_s - LATEST_S
        shifted_s = times_s[inside] - one.start_s
        rows.append(tempo_features(one.tempo, shifted_s, weight[inside], low[inside]))
    scores = shipped_network().scores(np.array(rows)) + [one.prior for one in found]
    share = np.exp(scores - scores.max())
    best = found[int(np.argmax(scores))]
    alike = [_same(one.tempo, best.tempo) for one in found]
    confidence = float(share[alike].sum() / share.sum())
    confidence = min(confidence, _UNSURE) if times_s.size < _FEW else confidence
    return replace(best, tempo=replace(best.tempo, confidence=confidence))


def _same(one: Tempo, other: Tempo) -> bool:
    """Return whether two readings are one tempo, placed a little differently."""
    near = abs(one.bpm / other.bpm - 1) < _NEAR
    return near and (one.bars, one.meter) == (other.bars, other.meter)


def infer(
    times_s: Values,
    weight: Values,
    duration_s: float,
    slack_s: float = 0.0,
    low: Values | None = None,
) -> Tempo:
    """Return the likeliest tempo of a loop in 4/4 that fills its file."""
    found = readings(duration_s, slack_s)
    return likeliest(
        found, times_s, weight, np.zeros_like(weight) if low is None else low
    ).tempo


def tempo_features(
    tempo: Tempo, times_s: Values, weight: Values, low: Values
) -> NDArray[np.float64]:
    """Return the features of one candidate, float64 (features,)."""
    late_s = np.clip(_lateness_s(tempo, times_s, weight), 0, LATEST_S)
    position = (times_s - late_s) / tempo.step_s
    count = times_s.size
    aligned = alignment(tempo, times_s, weight, LATEST_S)
    nearest = np.round(position).astype(int) % tempo.steps
    hits = np.bincount(nearest, minlength=tempo.steps)
    occupied = np.count_nonzero(hits) / tempo.steps
    odd = float(hits[1::2].sum() / max(1, count))
    octaves = float(np.log2(tempo.bpm / 120))
    turns = np.cos(2 * np.pi * position / _PERIODS[:, None])
    agreement, in_bass = (turns @ part / (part.sum() + _TINY) for part in (weight, low))
    return np.array(
        [
            aligned,
            aligned * np.sqrt(min(count, 64)) / 8,
            *agreement[:4],
            *in_bass[1:],
            occupied,
            occupied**2,
            odd,
            odd * octaves,
            occupied * octaves,
            octaves,
            octaves**2,
            octaves**3,
            octaves**4,
            max(0.0, octaves - 0.5),
            max(0.0, -octaves - 0.5),
            float(tempo.bpm == round(tempo.bpm)),
            np.log(max(1, count) / (tempo.steps * tempo.step_s)),
            *(float(tempo.bars == bars) for bars in BARS),
        ]
    )


def _lateness_s(tempo: Tempo, times_s: Values, weight: Values) -> float:
    turn = 2 * np.pi / tempo.step_s
    return float(np.angle(np.sum(weight * np.exp(1j * turn * times_s))) / turn)

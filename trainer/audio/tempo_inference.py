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
_TINY = 1e-9
_LOSSY_LEAD_S = 0.02  # the least that an mp3 file without a header is longer than its loop
_EXACT_S, _TRIMMED = 0.004, 0.7  # what silence after the loop costs in log-likelihood
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


def infer(
    times_s: Values,
    weight: Values,
    duration_s: float,
    slack_s: float = 0.0,
    low: Values | None = None,
) -> Tempo:
    """Return the likeliest tempo of a loop that fills its file; see below."""
    return infer_with_likelihood(times_s, weight, duration_s, slack_s, low)[0]


def infer_with_likelihood(
    times_s: Values,
    weight: Values,
    duration_s: float,
    slack_s: float = 0.0,
    low: Values | None = None,
    *,
    lossy: bool = True,
    meter: str = COMMON,
) -> tuple[Tempo, float]:
    """Return the likeliest tempo and its log-likelihood, up to a constant.

    weight: strength of each onset; low: its strength in the bass. Of a file with slack,
    whole-numbered tempi of up to that much shorter loops are tried too; lossy: because a
    codec makes files longer, or else because they end in silence.
    """
    found = candidates(duration_s, slack_s, meter)
    scores = score(found, times_s, weight, np.zeros_like(weight) if low is None else low)
    if slack_s:
        excess_s = duration_s - np.array([tempo.duration_s for tempo in found])
        unlikely = excess_s < _LOSSY_LEAD_S if lossy else excess_s > _EXACT_S
        scores -= (_IMPLAUSIBLE if lossy else _TRIMMED) * unlikely
    share = np.exp(scores - scores.max())
    best = int(np.argmax(scores))
    confidence = float(share[best] / share.sum())
    few = times_s.size < _FEW
    tempo = replace(found[best], confidence=min(confidence, _UNSURE) if few else confidence)
    return tempo, float(scores[best])


def score(tempi: list[Tempo], times_s: Values, weight: Values, low: Values) -> Values:
    """Return the log-likelihood of each tempo, up to a constant."""
    rows = [tempo_features(tempo, times_s, weight, low) for tempo in tempi]
    return shipped_network().scores(np.array(rows))


def tempo_features(
    tempo: Tempo, times_s: Values, weight: Values, low: Values
) -> NDArray[np.float64]:
    """Return the features of one candidate, float64 (features,)."""
    late_s = np.clip(_lateness_s(tempo, times_s, weight), 0, LATEST_S)
    position = (times_s - late_s) / tempo.step_s
    count = times_s.size
    aligned = alignment(tempo, times_s, weight, LATEST_S)
    nearest = np.round(position).astype(int) % tempo.steps
    occupied = np.unique(nearest).size / tempo.steps
    odd = float(np.mean(nearest % 2 == 1)) if count else 0.0
    octaves = float(np.log2(tempo.bpm / 120))
    return np.array(
        [
            aligned,
            aligned * np.sqrt(min(count, 64)) / 8,
            *(_agreement(position, weight, period) for period in (2, 4, 8, 16)),
            *(_agreement(position, low, period) for period in (4, 8, 16, 32)),
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


def _agreement(position: Values, weight: Values, period: float) -> float:
    """Return how much of the weight lies on multiples of a period (in steps), -1..1."""
    turns = np.cos(2 * np.pi * position / period)
    return float(np.sum(weight * turns) / (weight.sum() + _TINY))

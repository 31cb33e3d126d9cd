"""What the figures of a voice mean, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

MEANINGS = {
    "f1": "how well the loops come back (F1 of onsets)",
    "held_coverage": "loops held back that the map comes within 4 steps of",
    "held_coverage_loops": "- the other loops alone",
    "held_steps_off": "mean steps from a loop held back to the map",
    "c2st": "telling map from loops held back (area under ROC)",
    "c2st_floor": "- telling the other loops from them",
    "style": "distance of rhythmic features from the loops'",
    "r2_density": "density explained by the position (R2)",
    "r2_syncopation": "syncopation explained by the position (R2)",
    "x_density": "correlation of X and density",
    "y_syncopation": "correlation of Y and syncopation",
    "jump": "share of 1/64 moves that change more than 4 steps",
    "still": "share of 1/64 moves that change nothing",
    "neighbour_distance": "steps that change from cell to cell",
    "distinct": "distinct patterns on the map",
    "effective": "effective number of patterns (exp of entropy)",
    "plausible": "new patterns within 4 steps of a loop",
    "plausible_area": "share of the map within 4 steps of a loop",
    "density_overlap": "how alike the numbers of onsets are to the loops'",
    "dense_share": "share of the map with more than 24 onsets",
    "dense_share_loops": "- of the loops",
    "parents": "share of onsets from the two nearest loops",
    "overlap": "overlap with the other voices (Jaccard)",
    "prototypes": "loops that the map holds",
    "dead_latents": "dead latents: knobs that change nothing",
    "velocity_rmse": "error of the velocity, of 1",
    "velocity_rmse_mean": "- of the step's mean",
    "offset_rmse": "error of the micro-timing, of a step",
    "offset_rmse_mean": "- of the step's mean",
    "held_velocity_rmse": "error of the velocity on loops held back",
    "held_velocity_rmse_mean": "- of the step's mean",
    "held_offset_rmse": "error of the micro-timing on loops held back",
    "held_offset_rmse_mean": "- of the step's mean",
    "flips_0.3": "% of steps changed by quantisation, threshold 0.3",
    "flips_0.5": "% of steps changed by quantisation, threshold 0.5",
    "flips_0.7": "% of steps changed by quantisation, threshold 0.7",
}
"""All figures, in the order in which they are listed."""


def figure(value: float | None) -> str:
    """Write a figure as a person would: whole when it counts something."""
    if value is None:
        return ""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def verdict(figures: Mapping[str, float]) -> Iterator[tuple[str, str]]:
    """Give, for rich, faithful, smooth and the axes, a word and a sentence.

    What was not measured is left out.
    """
    if "effective" in figures:
        count = round(figures["effective"])
        yield "rich", f"about {count} different rhythms share the map evenly"
    if "f1" in figures:
        yield "faithful", _faithful(figures)
    if "jump" in figures:
        moves, still = _percent(1 - figures["jump"]), _percent(figures["still"])
        sentence = f"{moves} of the small moves change at most 4 of 32 steps, {still} none"
        yield "smooth", sentence
    if figures.get("r2_density", 0) >= CLEAR and figures.get("x_density", 0) > 0:
        shares = " and ".join(_percent(figures[f"r2_{name}"]) for name in AXES)
        sentence = "to the right it gets denser, upwards more syncopated"
        yield "in order", f"{sentence} (the position explains {shares} of it)"


AXES = ("density", "syncopation")
CLEAR = 0.5
"""Share of explained variance from which an axis means something."""


def _faithful(figures: Mapping[str, float]) -> str:
    sentence = f"your loops come back (F1 {figures['f1']:.2f}; 1 is exact)"
    if "held_coverage" not in figures:
        return sentence
    return (
        f"{sentence}; of loops held back, {_percent(figures['held_coverage'])} lie within "
        f"4 steps of the map ({_percent(figures['held_coverage_loops'])} of them within "
        "4 steps of another loop)"
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"

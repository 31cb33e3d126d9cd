"""What a detent of the encoder, or a step of a relative MIDI controller, does to a value."""

from collections.abc import Mapping
from types import MappingProxyType

from firmware.instrument.parameters import BY_NAME, Key

STEPS_OF: Mapping[str, float] = MappingProxyType(
    {"tempo": 1, "cv_slew": 10, "cv_play": 5, "glide": 0.1, "trigger": 0.1, "swing": 0.005}
)
"""The step of a detent, where it is not 1 for whole numbers or 0.01."""

FAST = 5
"""Quick detents count so many times, on long travels."""
LONG_TRAVEL = 24


def turned(key: Key, value: float, detents: int, *, fast: bool = False) -> float:
    """Return the value after a turn, on the grid of the detents, within its range."""
    parameter = BY_NAME[key.name]
    step = 1.0 if parameter.whole else STEPS_OF.get(key.name, 0.01)
    if fast and (parameter.high - parameter.low) / step > LONG_TRAVEL:
        detents *= FAST
    moved = round(round(value / step) * step + detents * step, 6)
    if key.name == "division" and -2 < moved < 1:
        moved = 1.0 if detents > 0 else -2.0
    return min(max(moved, parameter.low), parameter.high)

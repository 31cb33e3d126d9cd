"""What of the front panel is shown in a terminal of a size, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PANELS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"patterns": (52, 8), "controls": (42, 10), "screen": (68, 18), "meters": (42, 6)}
)
"""Characters that each takes with its border, the most wanted first."""

_LEFT = ("controls", "meters")
_BARS = 2
"""Lines that the status and the keys take."""


@dataclass(frozen=True, slots=True)
class PanelLayout:
    """The panels that are shown, beside each other or in one column."""

    shown: frozenset[str]
    beside: bool


def panel_layout(width: int, height: int) -> PanelLayout:
    """Choose the layout: all panels where they fit, else the most wanted that do."""
    left, right = (
        max(wide for name, (wide, _) in PANELS.items() if (name in _LEFT) is side)
        for side in (True, False)
    )
    beside = width >= left + right
    free = [height - _BARS] * 2
    shown = set()
    for name, (wide, high) in PANELS.items():
        column = int(beside and name in _LEFT)
        if (beside or wide <= width) and high <= free[column]:
            free[column] -= high
            shown.add(name)
    return PanelLayout(frozenset(shown), beside)

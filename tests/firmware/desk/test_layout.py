"""What of the front panel a terminal shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.desk.app import HELP, FrontPanelApp
from firmware.desk.layout import PANELS, panel_layout

ALL = set(PANELS)


@pytest.mark.parametrize(
    ("width", "height", "shown", "beside"),
    [
        (120, 40, ALL, True),
        (110, 28, ALL, True),
        (110, 27, ALL - {"screen"}, True),
        (109, 44, ALL, False),
        (80, 24, {"patterns", "controls"}, False),
        (80, 26, {"patterns", "controls", "meters"}, False),
        (50, 60, {"controls", "meters"}, False),
        (20, 5, set(), False),
    ],
)
def test_the_most_wanted_panels_are_shown(
    width: int, height: int, shown: set[str], beside: bool
) -> None:
    layout = panel_layout(width, height)
    assert (layout.shown, layout.beside) == (shown, beside)


@given(st.integers(1, 300), st.integers(1, 100))
def test_what_is_shown_fits(width: int, height: int) -> None:
    layout = panel_layout(width, height)
    stacked = sum(PANELS[name][1] for name in layout.shown)
    if not layout.beside:
        assert stacked <= max(height - 2, 0)
        assert all(PANELS[name][0] <= width for name in layout.shown)


def test_every_key_is_in_the_help() -> None:
    shown = {key for keys, action in HELP for key in (*keys.split(), *action.split())}
    names = {
        "up": "↑",
        "down": "↓",
        "left": "←",
        "right": "→",
        "comma": ",",
        "full_stop": ".",
        "left_square_bracket": "[",
        "right_square_bracket": "]",
        "question_mark": "?",
        "left_curly_bracket": "{",
        "right_curly_bracket": "}",
    }
    keys = {getattr(binding, "key", "") for binding in FrontPanelApp.BINDINGS}
    assert {names.get(key, key) for key in keys} - {"escape", "ctrl+c"} <= shown

"""The conditions that the status LED shows."""

import pytest

from firmware.supervisor.status_light import Condition, StatusLight

MS_NS = 1_000_000


class Lamp:
    def __init__(self) -> None:
        self.calls: list[bool] = []

    def set(self, *, lit: bool) -> None:
        self.calls.append(lit)


@pytest.mark.parametrize(
    ("condition", "changes"),
    [
        (Condition.STARTING, 8),
        (Condition.READY, 1),
        (Condition.FAULT, 2),
        (Condition.STOPPING, 1),
    ],
)
def test_each_condition_looks_unlike_the_others(condition: Condition, changes: int) -> None:
    lamp = Lamp()
    light = StatusLight(lamp)
    for now_ms in range(0, 1000, 10):
        light.show(condition, now_ms * MS_NS)
    # The kernel's own blinking is ended first.
    ended, *shown = lamp.calls
    assert ended is False
    assert len(shown) == changes
    assert shown[0] is True


def test_it_stays_lit_when_the_module_stops() -> None:
    lamp = Lamp()
    light = StatusLight(lamp)
    light.show(Condition.FAULT, 700 * MS_NS)
    light.show(Condition.STOPPING, 710 * MS_NS)
    assert lamp.calls == [False, False, True]

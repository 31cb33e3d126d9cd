"""How many modules a value passes, and what the trace takes for its way."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from firmware.engine import clock, state
from firmware.instrument import controls, patch
from tools.trace_paths import ROUTES, modules_of
from tools.tracing import Trace, counted, digest, of_values, path


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_value_passes_no_more_modules_than_this(name: str, bundle_folder: Path) -> None:
    route = ROUTES[name]
    modules = modules_of(route, bundle_folder)
    assert len(counted(modules)) <= route.budget
    assert route.end in modules
    assert set(route.passes) <= set(modules)


def traced(bpm: float) -> Trace:
    with Trace() as trace:
        clock.tempo_of(96, clock.ticks_ns(96, round(1000 * bpm)))
        clock.starts_pulse(4, 24)
    return trace


def test_a_call_is_on_the_way_if_what_it_returns_depends_on_the_value() -> None:
    one, other = traced(120), traced(90)
    assert path(one, other, "firmware.engine.clock") == {"firmware.engine.clock": 2}
    assert sys.getprofile() is None


@pytest.mark.parametrize(
    ("module", "values"), [(state, True), (patch, True), (controls, False)]
)
def test_modules_of_values(module: object, values: bool) -> None:
    assert of_values(module.__name__) is values  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (state.EngineState(), state.EngineState(swing=0.6)),
        ({"a": [1, (2.0, b"x")]}, {"a": [1, (2.0, b"y")]}),
        (bytearray(b"1"), bytearray(b"2")),
    ],
)
def test_values_that_differ_have_digests_that_differ(one: object, other: object) -> None:
    assert digest(one) == digest(one)
    assert digest(one) != digest(other)


def test_what_is_no_value_is_known_by_its_kind_alone() -> None:
    pair: Sequence[object] = (controls.Slew(), controls.Slew())
    assert digest(pair[0]) == digest(pair[1]) == "Slew"

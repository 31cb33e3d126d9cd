from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.home import Home
from firmware.keeper import LATEST_NS, QUIET_NS, RETRY_NS, Keeper
from firmware.parameters import DEFAULT_PATCH, Key
from firmware.state import State


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    one = Keeper(Home(tmp_path))
    yield one
    one.flush()


def state(tempo: float) -> State:
    return State(DEFAULT_PATCH.with_values({Key("tempo"): tempo}))


def work(keeper: Keeper, now_ns: int) -> None:
    """Let the thread do what it was given, and hear of it."""
    keeper.step(now_ns)
    if keeper._given:
        keeper._results.put(keeper._results.get(timeout=30))
    keeper.step(now_ns)


def kept(keeper: Keeper) -> float | None:
    loaded = keeper.load_state().value
    return loaded.patch[Key("tempo")] if loaded else None


def test_a_change_is_written_when_it_has_come_to_rest(keeper: Keeper) -> None:
    keeper.keep(state(100), 0)
    work(keeper, QUIET_NS - 1)
    assert kept(keeper) is None
    work(keeper, QUIET_NS)
    assert kept(keeper) == 100


def test_of_many_changes_the_last_is_written_in_time(keeper: Keeper) -> None:
    for n in range(30):
        keeper.keep(state(100 + n), n * LATEST_NS // 20)
        work(keeper, n * LATEST_NS // 20)
    tempo = kept(keeper)
    assert tempo is not None
    assert 120 <= tempo < 130


def test_nothing_new_is_nothing_written(keeper: Keeper) -> None:
    keeper.keep(state(100), 0)
    work(keeper, QUIET_NS)
    before = keeper.state_path.stat().st_mtime_ns
    keeper.keep(state(100), QUIET_NS)
    work(keeper, 10 * QUIET_NS)
    assert keeper.state_path.stat().st_mtime_ns == before


def test_presets_are_kept_apart(keeper: Keeper, tmp_path: Path) -> None:
    keeper.save_preset(0, state(90))
    keeper.save_preset(63, state(95))
    assert keeper.presets[63]
    keeper.flush()
    assert keeper.preset(63).value == state(95)
    assert keeper.preset(5).value is None
    assert [n for n, there in enumerate(Keeper(Home(tmp_path)).presets) if there] == [0, 63]


def test_what_cannot_be_written_is_told_waits_and_keeps_nothing_else_waiting(
    keeper: Keeper, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.state.mkdir()
    blocked = keeper.preset_path(0).parent
    blocked.write_text("a file where the folder belongs")
    keeper.save_preset(0, state(90))
    keeper.keep(state(100), 0)
    work(keeper, LATEST_NS)
    work(keeper, LATEST_NS + RETRY_NS)
    assert keeper.trouble
    work(keeper, LATEST_NS + 2 * RETRY_NS)
    assert kept(keeper) == 100
    blocked.unlink()
    for retry in range(3, 6):
        work(keeper, LATEST_NS + retry * RETRY_NS)
    assert not keeper.trouble
    assert keeper.preset(0).value == state(90)

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.home import Home
from firmware.keeper import APART_NS, LATEST_NS, QUIET_NS, RETRY_NS, Keeper
from firmware.parameters import BY_NAME, Key
from firmware.patch import DEFAULT_PATCH
from firmware.state import State, state_bytes


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
    keeper.wait_idle()
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


NAMES = ("tempo", "swing", "chaos")
TICK_NS = 50_000_000
"""How often the front panel tells the keeper."""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(NAMES)), min_size=1, max_size=30))
def test_a_power_cut_loses_no_more_than_the_last_of_what_was_moved(
    moves: list[tuple[int, str]],
) -> None:
    """At every tick the file holds all moves but some, lately, of one thing."""
    with TemporaryDirectory() as folder:
        keeper = Keeper(Home(Path(folder)))
        patch, past, now_ns = DEFAULT_PATCH, [(0, "", state_bytes(State()))], 0
        for ticks, name in moves:
            low = BY_NAME[name].low
            patch = patch.with_values({Key(name): low + len(past) / 1000})
            past.append((now_ns, name, state_bytes(State(patch))))
            for _ in range(ticks):
                keeper.keep(State(patch), now_ns)
                work(keeper, now_ns)
                path = keeper.state_path
                data = path.read_bytes() if path.exists() else past[0][2]
                held = [bytes_ for _, _, bytes_ in past].index(data)
                lost = [move for move in past[held + 1 :] if move[0] <= now_ns - APART_NS]
                assert len({name for _, name, _ in lost}) <= 1
                assert all(now_ns - since_ns <= LATEST_NS for since_ns, _, _ in lost)
                now_ns += TICK_NS
        keeper.flush()
        assert keeper.state_path.read_bytes() == past[-1][2]


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

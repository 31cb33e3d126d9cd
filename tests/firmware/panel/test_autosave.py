import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.instrument.parameters import BY_NAME, Key
from firmware.instrument.patch import DEFAULT_PATCH
from firmware.instrument.preset import PRESETS, State, state_bytes
from firmware.panel.autosave import APART_NS, LATEST_NS, QUIET_NS, RETRY_NS, StateWriter
from firmware.storage.paths import Home, InstalledBundle


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[StateWriter]:
    one = StateWriter(Home(tmp_path))
    yield one
    one.flush()


def state(tempo: float) -> State:
    return State(DEFAULT_PATCH.with_values({Key("tempo"): tempo}))


def work(keeper: StateWriter, now_ns: int) -> None:
    """Let the thread do what it was given, and hear of it."""
    keeper.step(now_ns)
    keeper.wait_idle()
    keeper.step(now_ns)


def kept(keeper: StateWriter) -> float | None:
    loaded = keeper.load_state().value
    return loaded.patch[Key("tempo")] if loaded else None


def test_a_change_is_written_when_it_has_come_to_rest(keeper: StateWriter) -> None:
    keeper.schedule_save(state(100), 0)
    work(keeper, QUIET_NS - 1)
    assert kept(keeper) is None
    work(keeper, QUIET_NS)
    assert kept(keeper) == 100


def test_of_many_changes_the_last_is_written_in_time(keeper: StateWriter) -> None:
    for n in range(30):
        keeper.schedule_save(state(100 + n), n * LATEST_NS // 20)
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
        keeper = StateWriter(Home(Path(folder)))
        patch, past, now_ns = DEFAULT_PATCH, [(0, "", state_bytes(State()))], 0
        for ticks, name in moves:
            low = BY_NAME[name].low
            patch = patch.with_values({Key(name): low + len(past) / 1000})
            past.append((now_ns, name, state_bytes(State(patch))))
            for _ in range(ticks):
                keeper.schedule_save(State(patch), now_ns)
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


def test_nothing_new_is_nothing_written(keeper: StateWriter) -> None:
    keeper.schedule_save(state(100), 0)
    work(keeper, QUIET_NS)
    before = keeper.state_path.stat().st_mtime_ns
    keeper.schedule_save(state(100), QUIET_NS)
    work(keeper, 10 * QUIET_NS)
    assert keeper.state_path.stat().st_mtime_ns == before


def test_presets_are_kept_apart(keeper: StateWriter, tmp_path: Path) -> None:
    keeper.save_preset(0, state(90))
    keeper.save_preset(63, state(95))
    assert keeper.presets[63]
    keeper.flush()
    assert keeper.preset(63).value == state(95)
    assert keeper.preset(5).value is None
    assert [n for n, there in enumerate(StateWriter(Home(tmp_path)).presets) if there] == [
        0,
        63,
    ]


def test_what_cannot_be_written_is_told_waits_and_keeps_nothing_else_waiting(
    keeper: StateWriter, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.state.mkdir()
    blocked = keeper.preset_path(0).parent
    blocked.write_text("a file where the folder belongs")
    keeper.save_preset(0, state(90))
    keeper.schedule_save(state(100), 0)
    work(keeper, LATEST_NS)
    work(keeper, LATEST_NS + RETRY_NS)
    assert keeper.last_error
    work(keeper, LATEST_NS + 2 * RETRY_NS)
    assert kept(keeper) == 100
    blocked.unlink()
    for retry in range(3, 6):
        work(keeper, LATEST_NS + retry * RETRY_NS)
    assert not keeper.last_error
    assert keeper.preset(0).value == state(90)


def other(swing: float) -> State:
    return State(DEFAULT_PATCH.with_values({Key("tempo"): 100, Key("swing"): swing}))


def test_while_one_thing_is_moved_on_its_way_is_written_at_the_latest_time(
    keeper: StateWriter,
) -> None:
    for now_ns in range(0, LATEST_NS, QUIET_NS // 3):
        keeper.schedule_save(state(100 + now_ns / 1e9), now_ns)
        work(keeper, now_ns)
    assert kept(keeper) is None
    work(keeper, LATEST_NS)
    assert kept(keeper) is not None


def test_as_soon_as_another_thing_is_moved_what_waits_is_written(keeper: StateWriter) -> None:
    keeper.schedule_save(state(100), 0)
    keeper.schedule_save(state(101), 1)
    work(keeper, 2)
    assert kept(keeper) is None
    keeper.schedule_save(other(0.6), 3)
    work(keeper, 4)
    assert keeper.load_state().value == other(0.6)


@pytest.mark.parametrize(
    "changed",
    [
        State(memories=(((0.5,) * 4,) * 3, *(None,) * 7)),
        State(bundle="drums"),
        State(voice=1),
        State(page=1),
    ],
)
def test_every_part_of_a_state_is_a_thing_of_its_own(
    keeper: StateWriter, changed: State
) -> None:
    keeper.schedule_save(state(120.5), 0)
    keeper.schedule_save(replace(changed, patch=state(120.5).patch), 1)
    work(keeper, 2)
    assert keeper.load_state().value == replace(changed, patch=state(120.5).patch)


def test_two_writes_are_never_closer_than_the_card_likes(keeper: StateWriter) -> None:
    keeper.schedule_save(state(100), 0)
    keeper.schedule_save(other(0.6), 0)
    work(keeper, 0)
    keeper.schedule_save(other(0.65), 1)
    keeper.schedule_save(state(90), 1)
    work(keeper, APART_NS - 1)
    assert keeper.load_state().value == other(0.6)
    work(keeper, APART_NS)
    assert kept(keeper) == 90


def test_after_a_write_things_are_moved_anew(keeper: StateWriter) -> None:
    """What was moved before the last write does not hasten the next."""
    keeper.schedule_save(state(100), 0)
    keeper.schedule_save(other(0.6), 1)
    work(keeper, 2)
    keeper.schedule_save(state(100), LATEST_NS)
    work(keeper, LATEST_NS + APART_NS)
    assert keeper.load_state().value == other(0.6)
    work(keeper, LATEST_NS + QUIET_NS)
    assert keeper.load_state().value == state(100)


def test_the_state_that_was_loaded_is_not_written_again(
    keeper: StateWriter, tmp_path: Path
) -> None:
    keeper.schedule_save(state(100), 0)
    keeper.flush()
    again = StateWriter(Home(tmp_path))
    before_ns = again.state_path.stat().st_mtime_ns
    assert again.load_state().value == state(100)
    again.schedule_save(state(100), 0)
    again.flush()
    assert again.state_path.stat().st_mtime_ns == before_ns


def test_a_first_state_is_written_even_if_nothing_in_it_was_changed(
    keeper: StateWriter,
) -> None:
    keeper.schedule_save(State(), 0)
    work(keeper, QUIET_NS)
    assert keeper.load_state().value == State()


def test_a_file_waits_until_it_is_written(keeper: StateWriter, tmp_path: Path) -> None:
    path = Home(tmp_path).state / "some" / "file"
    keeper.save(path, b"data")
    assert keeper.is_pending(path)
    assert not keeper.is_pending(path.with_name("other"))
    work(keeper, 0)
    assert not keeper.is_pending(path)
    assert path.read_bytes() == b"data"


def test_a_file_saved_again_while_it_is_written_is_written_again(
    keeper: StateWriter, tmp_path: Path
) -> None:
    path = Home(tmp_path).state / "file"
    keeper.save(path, b"first")
    keeper.step(0)
    keeper.save(path, b"second")
    keeper.wait_idle()
    keeper.step(1)
    keeper.wait_idle()
    keeper.step(2)
    assert path.read_bytes() == b"second"
    assert not keeper.is_pending(path)


def test_a_note_and_the_chosen_bundle_are_written(keeper: StateWriter, tmp_path: Path) -> None:
    home = Home(tmp_path)
    version = InstalledBundle(3, "drums")
    home.folder(version).mkdir(parents=True)
    keeper.write_unsynced(home.state / "deep" / "note", "löss")
    keeper.set_current(version)
    keeper.flush()
    assert (home.state / "deep" / "note").read_text("utf-8") == "löss"
    assert home.chosen() == version


@pytest.mark.parametrize("number", [0, 41, 63])
def test_presets_are_numbered_from_one_on_the_card(keeper: StateWriter, number: int) -> None:
    path = keeper.preset_path(number)
    assert path.name == f"{number + 1:02d}.json"
    keeper.save_preset(number, state(90))
    assert [n for n, there in enumerate(keeper.presets) if there] == [number]
    assert len(keeper.presets) == PRESETS


def blocked(keeper: StateWriter, tmp_path: Path) -> Path:
    """Save a preset where none can be: a file stands in the place of its folder."""
    folder = keeper.preset_path(0).parent
    Home(tmp_path).state.mkdir(exist_ok=True)
    folder.write_text("a file where the folder belongs")
    keeper.save_preset(0, state(90))
    return folder


def test_a_failed_write_is_tried_again_after_a_second_and_no_sooner(
    keeper: StateWriter, tmp_path: Path
) -> None:
    folder = blocked(keeper, tmp_path)
    work(keeper, 5)
    assert str(folder) in keeper.last_error
    folder.unlink()
    work(keeper, RETRY_NS + 4)
    assert keeper.last_error
    work(keeper, RETRY_NS + 5)
    assert not keeper.last_error
    assert keeper.preset(0).value == state(90)


def test_flush_raises_what_keeps_a_file_from_being_written(
    keeper: StateWriter, tmp_path: Path
) -> None:
    folder = blocked(keeper, tmp_path)
    with pytest.raises(OSError, match="presets"):
        keeper.flush()
    folder.unlink()
    keeper.flush()
    assert keeper.preset(0).value == state(90)


def test_a_corrupt_state_is_set_aside_and_the_one_before_it_loaded(keeper: StateWriter) -> None:
    for tempo in (100, 110):
        keeper.save(keeper.state_path, state_bytes(state(tempo)))
        keeper.flush()
    keeper.state_path.write_bytes(b"{")
    loaded = keeper.load_state()
    assert loaded.value == state(100)
    assert "set aside" in loaded.notes[0]


def test_waiting_for_a_thread_that_does_nothing_is_over_at_once(keeper: StateWriter) -> None:
    keeper.wait_idle(0.0)


def test_waiting_for_a_write_that_takes_too_long_fails(
    keeper: StateWriter, tmp_path: Path
) -> None:
    fifo = Home(tmp_path).state / "fifo"
    fifo.parent.mkdir()
    os.mkfifo(fifo)
    keeper.write_unsynced(fifo, "nobody reads yet")
    keeper.step(0)
    with pytest.raises(TimeoutError, match="still writing"):
        keeper.wait_idle(0.01)
    assert fifo.open().read() == "nobody reads yet"
    keeper.wait_idle()
    keeper.step(1)
    assert not keeper.is_pending(fifo)

import threading
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
from firmware.panel import autosave
from firmware.panel.autosave import APART_NS, LATEST_NS, QUIET_NS, RETRY_NS, StateWriter
from firmware.storage.files import replace_file
from firmware.storage.paths import Home, InstalledBundle


@pytest.fixture
def state_writer(tmp_path: Path) -> Iterator[StateWriter]:
    one = StateWriter(Home(tmp_path))
    yield one
    one.flush()


def state(tempo: float) -> State:
    return State(DEFAULT_PATCH.with_values({Key("tempo"): tempo}))


def work(state_writer: StateWriter, now_ns: int) -> None:
    """Let the thread do its work and take the result."""
    state_writer.step(now_ns)
    state_writer.wait_idle()
    state_writer.step(now_ns)


def kept(state_writer: StateWriter) -> float | None:
    loaded = state_writer.load_state().value
    return loaded.patch[Key("tempo")] if loaded else None


def test_a_change_is_written_when_it_has_come_to_rest(state_writer: StateWriter) -> None:
    state_writer.schedule_save(state(100), 0)
    work(state_writer, QUIET_NS - 1)
    assert kept(state_writer) is None
    work(state_writer, QUIET_NS)
    assert kept(state_writer) == 100


def test_of_many_changes_the_last_is_written_in_time(state_writer: StateWriter) -> None:
    for n in range(30):
        state_writer.schedule_save(state(100 + n), n * LATEST_NS // 20)
        work(state_writer, n * LATEST_NS // 20)
    tempo = kept(state_writer)
    assert tempo is not None
    assert 120 <= tempo < 130


NAMES = ("tempo", "swing", "chaos")
TICK_NS = 50_000_000
"""How often the front panel tells the state_writer."""


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.sampled_from(NAMES)), min_size=1, max_size=30))
def test_a_power_cut_loses_no_more_than_the_last_of_what_was_moved(
    moves: list[tuple[int, str]],
) -> None:
    """At every tick the file holds all moves but some, lately, of one thing."""
    with TemporaryDirectory() as folder:
        state_writer = StateWriter(Home(Path(folder)))
        patch, past, now_ns = DEFAULT_PATCH, [(0, "", state_bytes(State()))], 0
        for ticks, name in moves:
            low = BY_NAME[name].low
            patch = patch.with_values({Key(name): low + len(past) / 1000})
            past.append((now_ns, name, state_bytes(State(patch))))
            for _ in range(ticks):
                state_writer.schedule_save(State(patch), now_ns)
                work(state_writer, now_ns)
                path = state_writer.state_path
                data = path.read_bytes() if path.exists() else past[0][2]
                held = [bytes_ for _, _, bytes_ in past].index(data)
                lost = [move for move in past[held + 1 :] if move[0] <= now_ns - APART_NS]
                assert len({name for _, name, _ in lost}) <= 1
                assert all(now_ns - since_ns <= LATEST_NS for since_ns, _, _ in lost)
                now_ns += TICK_NS
        state_writer.flush()
        assert state_writer.state_path.read_bytes() == past[-1][2]


def test_nothing_new_is_nothing_written(state_writer: StateWriter) -> None:
    state_writer.schedule_save(state(100), 0)
    work(state_writer, QUIET_NS)
    before = state_writer.state_path.stat().st_mtime_ns
    state_writer.schedule_save(state(100), QUIET_NS)
    work(state_writer, 10 * QUIET_NS)
    assert state_writer.state_path.stat().st_mtime_ns == before


def test_presets_are_kept_apart(state_writer: StateWriter, tmp_path: Path) -> None:
    state_writer.save_preset(0, state(90))
    state_writer.save_preset(63, state(95))
    assert state_writer.presets[63]
    state_writer.flush()
    assert state_writer.preset(63).value == state(95)
    assert state_writer.preset(5).value is None
    assert [n for n, there in enumerate(StateWriter(Home(tmp_path)).presets) if there] == [
        0,
        63,
    ]


def test_what_cannot_be_written_is_reported_waits_and_keeps_nothing_else_waiting(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    home.state.mkdir()
    blocked = state_writer.preset_path(0).parent
    blocked.write_text("a file where the folder belongs")
    state_writer.save_preset(0, state(90))
    state_writer.schedule_save(state(100), 0)
    work(state_writer, LATEST_NS)
    work(state_writer, LATEST_NS + RETRY_NS)
    assert state_writer.last_error
    work(state_writer, LATEST_NS + 2 * RETRY_NS)
    assert kept(state_writer) == 100
    blocked.unlink()
    for retry in range(3, 6):
        work(state_writer, LATEST_NS + retry * RETRY_NS)
    assert not state_writer.last_error
    assert state_writer.preset(0).value == state(90)


def other(swing: float) -> State:
    return State(DEFAULT_PATCH.with_values({Key("tempo"): 100, Key("swing"): swing}))


def test_while_one_thing_is_moved_on_its_way_is_written_at_the_latest_time(
    state_writer: StateWriter,
) -> None:
    for now_ns in range(0, LATEST_NS, QUIET_NS // 3):
        state_writer.schedule_save(state(100 + now_ns / 1e9), now_ns)
        work(state_writer, now_ns)
    assert kept(state_writer) is None
    work(state_writer, LATEST_NS)
    assert kept(state_writer) is not None


def test_as_soon_as_another_thing_is_moved_what_waits_is_written(
    state_writer: StateWriter,
) -> None:
    state_writer.schedule_save(state(100), 0)
    state_writer.schedule_save(state(101), 1)
    work(state_writer, 2)
    assert kept(state_writer) is None
    state_writer.schedule_save(other(0.6), 3)
    work(state_writer, 4)
    assert state_writer.load_state().value == other(0.6)


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
    state_writer: StateWriter, changed: State
) -> None:
    state_writer.schedule_save(state(120.5), 0)
    state_writer.schedule_save(replace(changed, patch=state(120.5).patch), 1)
    work(state_writer, 2)
    assert state_writer.load_state().value == replace(changed, patch=state(120.5).patch)


def test_two_writes_are_never_closer_than_the_card_likes(state_writer: StateWriter) -> None:
    state_writer.schedule_save(state(100), 0)
    state_writer.schedule_save(other(0.6), 0)
    work(state_writer, 0)
    state_writer.schedule_save(other(0.65), 1)
    state_writer.schedule_save(state(90), 1)
    work(state_writer, APART_NS - 1)
    assert state_writer.load_state().value == other(0.6)
    work(state_writer, APART_NS)
    assert kept(state_writer) == 90


def test_after_a_write_things_are_moved_anew(state_writer: StateWriter) -> None:
    """What was moved before the last write does not hasten the next."""
    state_writer.schedule_save(state(100), 0)
    state_writer.schedule_save(other(0.6), 1)
    work(state_writer, 2)
    state_writer.schedule_save(state(100), LATEST_NS)
    work(state_writer, LATEST_NS + APART_NS)
    assert state_writer.load_state().value == other(0.6)
    work(state_writer, LATEST_NS + QUIET_NS)
    assert state_writer.load_state().value == state(100)


def test_the_state_that_was_loaded_is_not_written_again(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    state_writer.schedule_save(state(100), 0)
    state_writer.flush()
    again = StateWriter(Home(tmp_path))
    before_ns = again.state_path.stat().st_mtime_ns
    assert again.load_state().value == state(100)
    again.schedule_save(state(100), 0)
    again.flush()
    assert again.state_path.stat().st_mtime_ns == before_ns


def test_a_first_state_is_written_even_if_nothing_in_it_was_changed(
    state_writer: StateWriter,
) -> None:
    state_writer.schedule_save(State(), 0)
    work(state_writer, QUIET_NS)
    assert state_writer.load_state().value == State()


def test_a_file_waits_until_it_is_written(state_writer: StateWriter, tmp_path: Path) -> None:
    path = Home(tmp_path).state / "some" / "file"
    state_writer.save(path, b"data")
    assert state_writer.is_pending(path)
    assert not state_writer.is_pending(path.with_name("other"))
    work(state_writer, 0)
    assert not state_writer.is_pending(path)
    assert path.read_bytes() == b"data"


def test_a_file_saved_again_while_it_is_written_is_written_again(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    path = Home(tmp_path).state / "file"
    state_writer.save(path, b"first")
    state_writer.step(0)
    state_writer.save(path, b"second")
    state_writer.wait_idle()
    state_writer.step(1)
    state_writer.wait_idle()
    state_writer.step(2)
    assert path.read_bytes() == b"second"
    assert not state_writer.is_pending(path)


def test_a_note_and_the_chosen_bundle_are_written(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    version = InstalledBundle(3, "drums")
    home.folder(version).mkdir(parents=True)
    state_writer.write_unsynced(home.state / "deep" / "note", "löss")
    state_writer.set_current(version)
    state_writer.flush()
    assert (home.state / "deep" / "note").read_text("utf-8") == "löss"
    assert home.current_bundle() == version


@pytest.mark.parametrize("number", [0, 41, 63])
def test_presets_are_numbered_from_one_on_the_card(
    state_writer: StateWriter, number: int
) -> None:
    path = state_writer.preset_path(number)
    assert path.name == f"{number + 1:02d}.json"
    state_writer.save_preset(number, state(90))
    assert [n for n, there in enumerate(state_writer.presets) if there] == [number]
    assert len(state_writer.presets) == PRESETS


def blocked(state_writer: StateWriter, tmp_path: Path) -> Path:
    """Save a preset where none can be: a file stands in the place of its folder."""
    folder = state_writer.preset_path(0).parent
    Home(tmp_path).state.mkdir(exist_ok=True)
    folder.write_text("a file where the folder belongs")
    state_writer.save_preset(0, state(90))
    return folder


def test_a_failed_write_is_tried_again_after_a_second_and_no_sooner(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    folder = blocked(state_writer, tmp_path)
    work(state_writer, 5)
    assert str(folder) in state_writer.last_error
    folder.unlink()
    work(state_writer, RETRY_NS + 4)
    assert state_writer.last_error
    work(state_writer, RETRY_NS + 5)
    assert not state_writer.last_error
    assert state_writer.preset(0).value == state(90)


def test_a_write_that_failed_is_given_up(state_writer: StateWriter, tmp_path: Path) -> None:
    blocked(state_writer, tmp_path)
    path = state_writer.preset_path(0)
    work(state_writer, 0)
    assert state_writer.is_pending(path)
    assert state_writer.error_of(path)
    state_writer.cancel(path)
    assert not state_writer.is_pending(path)
    assert not state_writer.last_error


def test_a_write_that_is_given_up_while_it_runs_is_not_tried_again(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    blocked(state_writer, tmp_path)
    state_writer.step(0)
    state_writer.cancel(state_writer.preset_path(0))
    work(state_writer, RETRY_NS)
    assert not state_writer.last_error
    assert not state_writer.is_pending(state_writer.preset_path(0))


def test_flush_raises_what_keeps_a_file_from_being_written(
    state_writer: StateWriter, tmp_path: Path
) -> None:
    folder = blocked(state_writer, tmp_path)
    with pytest.raises(OSError, match="presets"):
        state_writer.flush()
    folder.unlink()
    state_writer.flush()
    assert state_writer.preset(0).value == state(90)


def test_a_corrupt_state_is_set_aside_and_the_one_before_it_loaded(
    state_writer: StateWriter,
) -> None:
    for tempo in (100, 110):
        state_writer.save(state_writer.state_path, state_bytes(state(tempo)))
        state_writer.flush()
    state_writer.state_path.write_bytes(b"{")
    loaded = state_writer.load_state()
    assert loaded.value == state(100)
    assert "set aside" in loaded.notes[0]


def test_waiting_for_a_thread_that_does_nothing_is_over_at_once(
    state_writer: StateWriter,
) -> None:
    state_writer.wait_idle(0.0)


def test_waiting_for_a_write_that_takes_too_long_fails(
    state_writer: StateWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, disk_is_ready = tmp_path / "note", threading.Event()

    def slow_replace_file(path: Path, content: bytes, *, synced: bool) -> None:
        disk_is_ready.wait()
        replace_file(path, content, synced=synced)

    monkeypatch.setattr(autosave, "replace_file", slow_replace_file)
    state_writer.write_unsynced(path, "a note")
    state_writer.step(0)
    with pytest.raises(TimeoutError, match="still writing"):
        state_writer.wait_idle(0.01)
    disk_is_ready.set()
    state_writer.wait_idle()
    state_writer.step(1)
    assert not state_writer.is_pending(path)
    assert path.read_text("utf-8") == "a note"


def test_a_preset_can_be_recalled_before_it_is_written(state_writer: StateWriter) -> None:
    state_writer.save_preset(3, state(100))
    assert state_writer.preset(3).value == state(100)
    work(state_writer, 0)
    state_writer.save_preset(3, state(110))
    assert state_writer.preset(3).value == state(110)


def test_flush_waits_for_the_write_that_has_begun(
    state_writer: StateWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, writing, overtaken = tmp_path / "note", threading.Event(), threading.Event()
    writers = []

    def slow_replace_file(path: Path, content: bytes, *, synced: bool) -> None:
        writers.append(threading.current_thread())
        if threading.current_thread() is threading.main_thread():
            overtaken.set()
        else:
            writing.set()
            assert not overtaken.wait(0.1)
        replace_file(path, content, synced=synced)
        writers.append(threading.current_thread())

    monkeypatch.setattr(autosave, "replace_file", slow_replace_file)
    state_writer.write_unsynced(path, "a note")
    state_writer.step(0)
    writing.wait()
    state_writer.flush()
    assert writers[0] is writers[1] is not threading.main_thread()
    assert writers[2:] == [threading.main_thread()] * 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [(OSError(28, "full", "a/file"), "a/file: full"), (OSError(28, "full"), "state: full")],
)
def test_an_error_names_its_file_if_it_has_one(
    state_writer: StateWriter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: OSError,
    expected: str,
) -> None:
    def failing_replace_file(_path: Path, _content: bytes, *, synced: bool) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(autosave, "replace_file", failing_replace_file)
        state_writer.write_unsynced(tmp_path / "note", "a note")
        work(state_writer, 0)
        assert state_writer.last_error == expected

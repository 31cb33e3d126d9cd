from pathlib import Path

import mido
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.audio_file import LoopError
from trainer.audio.midi_file import transcribe_midi
from trainer.audio.tempo import NO_HINT, Hint


def written(
    path: Path,
    notes: list[tuple[int, int, int]],
    end: int,
    *,
    ticks_per_beat: int = 480,
    bpm: float | None = 100,
    metre: tuple[int, int] | None = None,
) -> Path:
    """Write (tick, velocity, channel) notes; channels go to tracks of their own."""
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    head = mido.MidiTrack()
    if bpm:
        head.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm)))
    if metre:
        head.append(
            mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1])
        )
    file.tracks.append(head)
    for channel in sorted({channel for _, _, channel in notes} | {0}):
        track, now = mido.MidiTrack(), 0
        for tick, velocity, _ in sorted(note for note in notes if note[2] == channel):
            track.append(
                mido.Message(
                    "note_on", channel=channel, note=40, velocity=velocity, time=tick - now
                )
            )
            now = tick
        track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
        file.tracks.append(track)
    file.save(path)
    return path


@given(
    steps=st.dictionaries(st.integers(0, 31), st.integers(1, 127), min_size=1),
    ticks_per_beat=st.sampled_from([24, 96, 480, 960]),
    bpm=st.integers(40, 240),
)
def test_notes_on_the_grid_are_found_again(
    steps: dict[int, int],
    ticks_per_beat: int,
    bpm: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    sixteenth = ticks_per_beat // 4
    notes = [(step * sixteenth, velocity, step % 3) for step, velocity in steps.items()]
    path = tmp_path_factory.mktemp("midi") / "a.mid"
    written(path, notes, 32 * sixteenth, ticks_per_beat=ticks_per_beat, bpm=bpm)
    found = transcribe_midi(path, NO_HINT, "given")
    assert (found.tempo.bars, found.tempo.source) == (2, "midi")
    assert found.tempo.bpm == pytest.approx(bpm, rel=1e-4)
    assert set(np.flatnonzero(found.grid.onset)) == set(steps)
    for step, velocity in steps.items():
        assert found.grid.velocity[step] == pytest.approx(velocity / 127)
    assert not found.grid.offset.any()
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("tick", "step", "offset"),
    [(3830, 0, -10 / 120), (3840, 0, 0), (130, 1, 10 / 120), (110, 1, -10 / 120)],
)
def test_early_notes_and_step_32_wrap(
    tick: int, step: int, offset: float, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.mid", [(960, 64, 0), (tick, 100, 9)], 3840)
    grid = transcribe_midi(path, NO_HINT, "given").grid
    assert set(np.flatnonzero(grid.onset)) == {8, step}
    assert grid.offset[step] == pytest.approx(offset)


@pytest.mark.parametrize(
    ("end", "last", "bars"), [(1920, 0, 1), (3840, 0, 2), (0, 1800, 1), (2500, 2400, 2)]
)
def test_bars_come_from_the_end_or_the_last_note(
    end: int, last: int, bars: int, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.mid", [(0, 64, 0), (last, 64, 0)], end)
    assert transcribe_midi(path, NO_HINT, "given").tempo.bars == bars


def test_a_person_is_believed_more_than_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.mid", [(0, 64, 0)], 3840)
    tempo = transcribe_midi(path, Hint(140, 1), "table").tempo
    assert (tempo.bpm, tempo.bars, tempo.source) == (140, 1, "table")


def test_triplets_and_other_metres_are_reported(tmp_path: Path) -> None:
    notes = [(step * 160, 64, 0) for step in range(24)]
    threes = transcribe_midi(written(tmp_path / "a.mid", notes, 3840), NO_HINT, "given")
    assert "off the grid" in threes.warnings[0]
    assert threes.off_grid > 0.5
    waltz = written(tmp_path / "b.mid", [(0, 64, 0)], 1440, metre=(3, 4))
    assert "3 beats a bar" in transcribe_midi(waltz, NO_HINT, "given").warnings[0]


def test_files_without_notes_or_beats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoopError, match="silent"):
        transcribe_midi(written(tmp_path / "a.mid", [], 960), NO_HINT, "given")
    content = bytearray((tmp_path / "a.mid").read_bytes())
    content[12:14] = b"\xe7\x28"
    (tmp_path / "a.mid").write_bytes(content)
    with pytest.raises(LoopError, match="frames"):
        transcribe_midi(tmp_path / "a.mid", NO_HINT, "given")


@given(data=st.data())
def test_damaged_files_are_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("midi") / "a.mid"
    written(path, [(0, 64, 0), (480, 90, 9), (1900, 30, 1)], 3840, metre=(4, 4))
    content = bytearray(path.read_bytes())
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[at] ^= data.draw(st.integers(1, 255))
    del content[data.draw(st.integers(0, len(content))) :]
    path.write_bytes(content)
    try:
        found = transcribe_midi(path, NO_HINT, "given")
    except LoopError:
        return
    assert found.grid.onset.any()

"""What Pd plays is what the module plays: as fast as it can, in its own logical time."""

import random
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from scipy.io import wavfile

from firmware.engine.pattern import STEPS, Pattern, checked_pattern
from firmware.engine.sequencer import sounding_note
from firmware.engine.state import VOICES
from firmware.engine.step_decision import StepMemory, StepRandom, decide
from firmware.instrument.parameters import Key
from firmware.instrument.patch import DEFAULT_PATCH, Patch, engine_state_of, voice_state
from firmware.osc.feedback import control_values, note_values, voice_values
from firmware.osc.packet import Argument
from tests.firmware.playing import perform
from tests.pd.patches import PD, play_script, said

PlayedNote = tuple[float, int, int, int]

STEP_MS = 50.0
TEMPO = 300.0
STEPS_PLAYED = 40
BLOCK_FRAMES = 64
BLOCK_MS = BLOCK_FRAMES / 44.1


def random_state(rng: random.Random) -> tuple[Patch, list[Pattern]]:
    values = {Key("tempo"): TEMPO, Key("swing"): rng.choice([0.5, rng.uniform(0.5, 0.75)])}
    for voice in range(VOICES):
        values |= {
            Key("threshold", voice): rng.random(),
            Key("length", voice): rng.randint(1, STEPS),
            Key("rotate", voice): rng.randint(0, STEPS - 1),
            Key("division", voice): rng.choice((1, 2, 3, -2, -3)),
            Key("gate", voice): rng.choice([0.01, 1.0, rng.uniform(0.01, 1.0)]),
            Key("mute", voice): float(rng.random() < 0.1),
            Key("transpose", voice): rng.randint(-12, 12),
        }
        values |= {Key("pitch", voice, k): rng.randint(24, 100) for k in range(8)}
    values[Key("scale")] = rng.randint(0, 5)
    patterns = [checked_pattern([rng.random() for _ in range(STEPS)]) for _ in range(VOICES)]
    return DEFAULT_PATCH.with_values(values), patterns


def messages_of(
    patch: Patch, patterns: list[Pattern]
) -> Iterator[tuple[str, tuple[Argument, ...]]]:
    """Return all that the module would tell of it."""
    yield from control_values(patch).items()
    yield from note_values(patch).items()
    for voice, pattern in enumerate(patterns):
        threshold = patch[Key("threshold", voice)]
        yield from voice_values(voice, pattern, threshold, (0.5,) * 4).items()


def script(state: tuple[Patch, list[Pattern]], actions: list[str]) -> Iterator[str]:
    yield "exnihilo-received run 0"
    for address, arguments in messages_of(*state):
        if address != "/run":
            yield f"exnihilo-received {said(address, arguments)}"
    yield "1000"
    yield "restart-timer bang"
    yield "take bang"
    yield from actions
    yield "1000"


class Note(NamedTuple):
    """A note that began and ended."""

    voice: int
    note: int
    velocity: int
    start_ms: float
    length_ms: float


def whole(played: Iterable[PlayedNote]) -> list[Note]:
    """Return the notes by voice; each ends before the voice's next begins."""
    notes: list[Note] = []
    begun: dict[int, PlayedNote] = {}
    for one in played:
        time_ms, voice, note, velocity = one
        if velocity:
            assert voice not in begun
            begun[voice] = one
        else:
            start_ms, _, sounding, loud = begun.pop(voice)
            assert note == sounding
            notes.append(Note(voice, note, loud, start_ms, time_ms - start_ms))
    return sorted(notes, key=lambda note: (note.voice, note.start_ms))


def expected(patch: Patch, patterns: list[Pattern]) -> list[Note]:
    """Return the notes of the module itself that begin while Pd plays."""
    voices = tuple(voice_state(patch, v)._replace(pattern=patterns[v]) for v in range(VOICES))
    engine_state = engine_state_of(patch, voices, 0)
    actions = perform(engine_state, round(2 * STEPS_PLAYED * STEP_MS * 1e6))
    played = (
        (action.time_ns / 1e6, action.voice + 1, *action.content[1:])
        for action in actions
        if action.voice >= 0
        and isinstance(action.content, bytes)
        and action.content[0] & 0xF0 in {0x80, 0x90}
    )
    return [note for note in whole(played) if note.start_ms < STEPS_PLAYED * STEP_MS - 1]


def test_the_own_clock_plays_what_the_module_plays(
    tmp_path: Path, soak: Callable[[int, int], int]
) -> None:
    rng = random.Random(1)
    states = [random_state(rng) for _ in range(soak(200, 2000))]
    play = [
        "exnihilo-received run 1",
        f"{STEPS_PLAYED * STEP_MS - 0.5}",
        "exnihilo-received run 0",
    ]
    lines = ["exnihilo-follow 2", *(line for state in states for line in script(state, play))]
    takes = play_script(tmp_path, lines)
    assert len(takes) == len(states)
    for state, take in zip(states, takes, strict=True):
        played, wanted = whole(take), expected(*state)
        assert [note[:3] for note in played] == [note[:3] for note in wanted]
        for column in (3, 4):
            assert [n[column] for n in played] == pytest.approx(
                [n[column] for n in wanted], abs=BLOCK_MS
            )
    assert sum(map(len, takes)) > 10 * len(states)


SLOW = 20.0
SLOW_STEP_MS = 15000 / SLOW
STOPPED_MS = 2 * SLOW_STEP_MS + 10


@pytest.mark.parametrize("action", ["received run 0", "follow 0", "follow 1"])
def test_no_hit_begins_after_the_end(action: str, tmp_path: Path) -> None:
    starts = fast_starts(tmp_path, f"exnihilo-{action}")
    assert len(starts) == 2 * 16 + 1
    assert max(starts) < STOPPED_MS


def test_after_a_restart_the_hits_of_before_are_not_played(tmp_path: Path) -> None:
    starts = fast_starts(tmp_path, "exnihilo-restart bang", f"{SLOW_STEP_MS - 1}")
    again = [STOPPED_MS + k * SLOW_STEP_MS / 16 for k in range(16)]
    assert starts[2 * 16 + 1 :] == pytest.approx(again, abs=BLOCK_MS)


def fast_starts(folder: Path, *actions: str) -> list[float]:
    """Return when hits of a sixteenth of a sixteenth begin; at STOPPED_MS actions are done."""
    patch = DEFAULT_PATCH.with_values(
        {Key("tempo"): SLOW, Key("mute", 1): 1.0, Key("mute", 2): 1.0, Key("division", 0): -16}
    )
    all_actions = [
        "exnihilo-received run 1",
        f"{STOPPED_MS}",
        *actions,
        "exnihilo-received run 0",
    ]
    lines = script((patch, [checked_pattern([0.9] * STEPS)] * VOICES), all_actions)
    (take,) = play_script(folder, ["exnihilo-follow 2", *lines])
    return [time_ms for time_ms, _, _, velocity in take if velocity]


def test_the_module_s_steps_play_what_the_module_plays(
    tmp_path: Path, soak: Callable[[int, int], int]
) -> None:
    rng = random.Random(2)
    states = [random_state(rng) for _ in range(soak(200, 2000))]
    lines = ["exnihilo-follow 1"]
    wanted: list[list[tuple[int, int, int]]] = []
    for patch, patterns in states:
        steps = [(rng.randrange(VOICES), rng.randrange(STEPS)) for _ in range(40)]
        actions = [f"exnihilo-received voice {v + 1} step {step + 1}" for v, step in steps]
        lines += script(
            (patch, patterns), [word for action in actions for word in (action, "100")]
        )
        wanted.append([note for v, k in steps for note in sounding(patch, patterns[v], v, k)])
    takes = play_script(tmp_path, lines)
    assert [[note[1:] for note in take if note[3]] for take in takes] == wanted
    assert sum(map(len, wanted)) > 10 * len(states)


@pytest.mark.parametrize(
    ("division", "gate", "steps"),
    [(1, 0.5, 0.5), (3, 0.5, 1.5), (2, 1.0, 2 - 1 / STEP_MS), (-2, 0.5, 0.25)],
)
def test_a_note_lasts_its_share_of_the_voice_s_own_steps(
    division: int, gate: float, steps: float, tmp_path: Path
) -> None:
    take = play_steps(tmp_path, division, gate, apart_ms=1000)
    assert [note.length_ms for note in whole(take)] == [pytest.approx(steps * STEP_MS)] * 2


def test_a_step_that_comes_early_ends_the_note_before(tmp_path: Path) -> None:
    first, second = whole(play_steps(tmp_path, 4, 0.5, apart_ms=30))
    assert first.length_ms == pytest.approx(30)
    assert second.length_ms == pytest.approx(2 * STEP_MS)


def play_steps(folder: Path, division: int, gate: float, apart_ms: int) -> list[PlayedNote]:
    """Let Pd play two of the module's steps that sound."""
    values = {Key("tempo"): TEMPO, Key("division", 0): division, Key("gate", 0): gate}
    state = DEFAULT_PATCH.with_values(values), [checked_pattern([0.9] * STEPS)] * VOICES
    step = "exnihilo-received voice 1 step 1"
    (take,) = play_script(
        folder, ["exnihilo-follow 1", *script(state, [step, str(apart_ms), step])]
    )
    return take


def sounding(
    patch: Patch, pattern: Pattern, voice: int, step: int
) -> list[tuple[int, int, int]]:
    """Return the note of a step, if it sounds: voice, note, velocity."""
    wanted = voice_state(patch, voice)._replace(pattern=pattern)
    state = engine_state_of(patch, (wanted,) * VOICES, 0)
    if not decide(state, StepRandom(0, voice, 0, step), StepMemory())[0].sounds:
        return []
    note = sounding_note(wanted, step % 8, state)
    return [(voice + 1, note, max(1, round(127 * pattern.velocity[step])))]


def test_the_rendered_sound_begins_on_the_right_steps(tmp_path: Path) -> None:
    hits = [0, 3, 4, 10, 17, 31]
    pattern = checked_pattern([0.9 if step in hits else 0.1 for step in range(STEPS)])
    patch = DEFAULT_PATCH.with_values({Key("mute", 1): 1.0, Key("mute", 2): 1.0})
    render(
        tmp_path,
        [f"exnihilo-received {said(*one)}" for one in messages_of(patch, [pattern] * VOICES)],
    )
    rate, samples = wavfile.read(tmp_path / "sound.wav")
    loud = np.abs(samples.astype(float)) > 10
    quiet_before = round(0.02 * rate)
    starts = [n for n in np.flatnonzero(loud) if not loud[max(n - quiet_before, 0) : n].any()]
    wanted = [round((STARTED_MS + 125 * hit) / 1000 * rate) for hit in hits]
    assert len(starts) == len(wanted)
    late = [start - due for start, due in zip(starts, wanted, strict=True)]
    assert all(0 <= frames <= BLOCK_FRAMES for frames in late)


STARTED_MS = 100


def render(folder: Path, lines: list[str]) -> None:
    """Let Pd play two bars of voice 1 through its synth into `sound.wav`.

    By way of an array, as `writesf~` writes in a thread that Pd's end does not wait for.
    """
    actions = ["exnihilo-follow 2", *lines, "exnihilo-received run 0", "pd dsp 1"]
    actions += ["record bang", f"{STARTED_MS}", "exnihilo-received run 1"]
    actions += ["4000", "save write sound.wav rendered", "pd quit"]
    (folder / "script.txt").write_text("".join(f"{action};\n" for action in actions), "utf-8")
    (folder / "render.pd").write_text(RENDER, "utf-8")
    command = (*PD, "-batch", "-noaudio", "-r", "44100", "-open", str(folder / "render.pd"))
    subprocess.run(command, check=True, capture_output=True, timeout=60)


RENDER = """#N canvas 0 0 400 400 12;
#X obj 10 10 exnihilo-clock;
#X obj 10 40 exnihilo-voice 1;
#X obj 10 70 exnihilo-synth 1;
#X obj 200 10 loadbang;
#X obj 200 40 t b b;
#X msg 250 70 read script.txt;
#X obj 200 100 qlist;
#X msg 200 70 bang;
#X obj 10 130 catch~ exnihilo-sound;
#X obj 10 160 tabwrite~ rendered;
#X obj 100 130 r record;
#X obj 10 190 array define rendered 180810;
#X obj 200 190 r save;
#X obj 200 220 soundfiler;
#X connect 1 0 2 0;
#X connect 3 0 4 0;
#X connect 4 1 5 0;
#X connect 5 0 6 0;
#X connect 4 0 7 0;
#X connect 7 0 6 0;
#X connect 8 0 9 0;
#X connect 10 0 9 0;
#X connect 12 0 13 0;
"""

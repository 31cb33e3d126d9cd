import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.audio.tempo import (
    Tempo,
    alignment,
    bars_at,
    consensus,
    fits,
    from_name,
    from_tags,
    named_tempo,
)
from trainer.audio.tempo import given as said
from trainer.audio.tempo_inference import infer, readings


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("loop_120bpm.wav", (120, True)),
        ("Loop 92.5 BPM.wav", (92.5, True)),
        ("amen-174-bpm.flac", (174, True)),
        ("DRM_128_Am.wav", (128, False)),
        ("128 groove.wav", (128, False)),
        ("kit_04_140_stab.wav", (140, False)),
        ("60 loop.wav", (60, False)),
        ("59 loop.wav", None),
        ("200 loop.wav", (200, False)),
        ("201 loop.wav", None),
        ("40bpm.wav", (40, True)),
        ("39bpm.wav", None),
        ("300bpm.wav", (300, True)),
        ("301bpm.wav", None),
        ("loop 120 140.wav", None),
        ("pad_017.wav", None),
        ("track 44100.wav", None),
        ("909 kick.wav", None),
        ("TR-808.wav", None),
        ("900bpm.wav", None),
        ("", None),
    ],
)
def test_tempo_in_a_name(name: str, found: tuple[float, bool] | None) -> None:
    assert named_tempo(name) == found


@pytest.mark.parametrize(
    ("name", "duration_s", "bpm", "bars", "sure"),
    [
        ("a_120bpm.wav", 4.0, 120, 2, True),
        ("a_120bpm.wav", 8.0, 120, 4, True),
        ("a_120bpm.wav", 1.0, 120, 0.5, True),
        ("a_120bpm.wav", 4.6, 120, 2, False),
        ("a_100.wav", 4.8, 100, 2, True),
    ],
)
def test_bars_come_from_the_duration(
    name: str, duration_s: float, bpm: float, bars: float, sure: bool
) -> None:
    tempo = from_name(name, duration_s, 0)
    assert tempo is not None
    assert (tempo.bpm, tempo.bars, tempo.source) == (bpm, bars, "name")
    assert (tempo.confidence > 0.5) == sure


def test_a_bare_number_that_does_not_fit_the_length_is_no_tempo() -> None:
    assert from_name("a_100.wav", 4.0, 0) is None


@given(bpm=st.floats(40, 300), bars=st.sampled_from([0.25, 0.5, 1, 2, 3, 4, 8, 16]))
def test_tempo_and_bars_and_duration_agree(bpm: float, bars: float) -> None:
    duration_s = bars * 240 / bpm
    assert bars_at(bpm, duration_s) == bars
    for tempo in (said(bpm, None, duration_s, "given"), said(None, bars, duration_s, "given")):
        assert tempo.bpm == pytest.approx(bpm)
        assert tempo.bars == bars
        assert tempo.steps == bars * 16
        assert fits(tempo, duration_s)
        assert tempo.duration_s == pytest.approx(duration_s)


@pytest.mark.parametrize(
    ("excess", "slack_s", "fitting"),
    [(0, 0, True), (0.04, 0, True), (-0.04, 0, True), (0.07, 0, False), (0.07, 0.09, True)],
)
def test_a_codecs_tail_may_make_a_file_longer(
    excess: float, slack_s: float, fitting: bool
) -> None:
    assert fits(Tempo(120, 2, "name", 1), 4 + excess, slack_s) == fitting


@pytest.mark.parametrize(
    ("claims", "bpm"),
    [([120.0], 120), ([190.0], None), ([190.0, 120.3], 120.3), ([60.0], 60), ([], None)],
)
def test_a_tag_counts_only_if_the_duration_agrees(
    claims: list[float], bpm: float | None
) -> None:
    tempo = from_tags(claims, 4.0, 0)
    assert (tempo.bpm if tempo else None) == bpm


@pytest.mark.parametrize(("bars", "duration_s"), [(1, 60), (8, 2)])
def test_bars_that_cannot_fill_the_file_are_refused(bars: float, duration_s: float) -> None:
    with pytest.raises(ValueError, match="would be"):
        said(None, bars, duration_s, "given")


@pytest.mark.parametrize(("bpm", "minutes"), [(97, 1), (124, 3), (140, 10)])
def test_the_tempo_of_a_long_file_is_found(bpm: int, minutes: int) -> None:
    times_s = np.arange(0, minutes * 60, 30 / bpm)
    tempo = infer(times_s, np.ones(times_s.size), minutes * 60.0)
    assert tempo.bpm == bpm
    assert tempo.bars == bars_at(bpm, minutes * 60)


@given(
    bpm=st.integers(80, 165),
    bars=st.sampled_from([1, 2, 4]),
    seed=st.integers(0, 99),
)
def test_inference_finds_the_tempo_or_one_an_octave_away(
    bpm: int, bars: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    steps = np.flatnonzero(rng.random(bars * 16) < 0.6)
    steps = np.union1d(steps, [0, 3, 6, 9, 15])
    times_s = (steps + rng.normal(0, 0.04, steps.size)) * 15 / bpm % (bars * 240 / bpm)
    tempo = infer(np.sort(times_s), np.ones(steps.size), bars * 240 / bpm)
    assert tempo.source == "onsets"
    octave = np.log2(tempo.bpm / bpm)
    assert octave == pytest.approx(round(octave), abs=0.005)
    assert 0 < tempo.confidence <= 1


@pytest.mark.parametrize("bpm", [90, 100, 110, 120, 128, 140])
def test_two_bars_at_a_usual_tempo_are_found(bpm: int) -> None:
    steps = np.array([0, 3, 4, 6, 10, 12, 16, 19, 20, 22, 26, 28, 31])
    tempo = infer(steps * 15 / bpm, np.ones(steps.size), 480 / bpm)
    assert (tempo.bpm, tempo.bars) == (bpm, 2)


def test_a_padded_mp3_is_given_its_whole_numbered_tempo() -> None:
    steps = np.arange(0, 64, 2)
    tempo = infer(steps * 0.125 + 0.02, np.ones(32), 8.07, slack_s=0.09)
    assert (tempo.bpm, tempo.bars) == (120, 4)


def test_a_whole_number_is_preferred_where_the_onsets_leave_it_open() -> None:
    """A codec's tail makes 4 bars at 130 bpm last as long as 4 bars at 129.2 bpm."""
    times_s = np.array([0, 4, 6, 8, 12]) * 15 / 130
    tempo = infer(times_s, np.ones(5), 4 * 240 / 130 + 0.045, slack_s=0.09)
    assert tempo.bpm in {65, 130}


@pytest.mark.parametrize("bars", [2, 3, 4, 6, 8, 12, 16])
def test_the_number_of_bars_is_found(bars: int) -> None:
    """On the sixteenths of every bar, so that no other length has all of them on its own."""
    steps = np.union1d(np.arange(0, bars * 16, 4), np.arange(3, bars * 16, 8))
    tempo = infer(steps * 0.125, np.ones(steps.size), bars * 2.0)
    assert (tempo.bpm, tempo.bars) == (120, bars)


@pytest.mark.parametrize(("count", "sure"), [(2, False), (3, True)])
def test_few_onsets_make_no_sure_tempo(count: int, sure: bool) -> None:
    tempo = infer(np.arange(count) * 0.5, np.ones(count), 4.0)
    assert (tempo.confidence > 0.4) == sure
    assert tempo.confidence > 0.3


def test_no_onsets_still_give_a_tempo_but_not_a_sure_one() -> None:
    tempo = infer(np.zeros(0), np.zeros(0), 4.0)
    assert 40 <= tempo.bpm <= 300
    assert tempo.confidence < 1


@pytest.mark.parametrize(("late_steps", "expected"), [(0, 1), (0.5, -1), (0.25, 0)])
def test_alignment(late_steps: float, expected: float) -> None:
    times_s = (np.arange(8) * 2 + late_steps) * 0.125
    tempo = Tempo(120, 2, "given", 1)
    assert alignment(tempo, times_s, np.ones(8)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("late_ms", "expected"), [(0, 1), (20, 1), (30, 1), (61.25, 0)])
def test_all_may_be_late_together(late_ms: float, expected: float) -> None:
    times_s = np.arange(8) * 0.25 + late_ms / 1000
    tempo = Tempo(120, 2, "given", 1)
    assert alignment(tempo, times_s, np.ones(8), 0.03) == pytest.approx(expected, abs=1e-9)


def test_a_slow_sound_at_a_quick_tempo_is_no_slow_tempo() -> None:
    """Four notes that are detected 27 ms late, nearly half a sixteenth."""
    times_s = np.array([0, 4, 12, 20]) * 15 / 174 + 0.027
    tempo = infer(times_s, np.ones(4), 480 / 174)
    assert (round(tempo.bpm), tempo.bars) == (174, 2)


@pytest.mark.parametrize(
    ("bpms", "sure", "expected"),
    [
        ([120, 120, 120, 90], 1.0, 120),
        ([120, 120, 90, 100], 1.0, None),
        ([120, 120], 1.0, None),
        ([120, 120, 120], 0.4, None),
    ],
)
def test_consensus_of_a_folder(bpms: list[float], sure: float, expected: float | None) -> None:
    assert consensus([Tempo(bpm, 2, "name", sure) for bpm in bpms]) == expected


@pytest.mark.parametrize(("slack_s", "lossy"), [(0.0, True), (0.09, False)])
def test_two_bars_are_twice_as_likely_as_any_other_length(slack_s: float, lossy: bool) -> None:
    priors: dict[float, list[float]] = {}
    for one in readings(8.0, slack_s, lossy=lossy):
        priors.setdefault(one.tempo.bars, []).append(one.prior)
    likeliest = {bars: max(values) for bars, values in priors.items()}
    other = likeliest.pop(4)
    assert likeliest.pop(2) == pytest.approx(other + np.log(2))
    assert set(likeliest.values()) == {other}

import numpy as np
import pytest

from trainer.audio.audio_file import SAMPLE_RATE
from trainer.audio.loop_check import KINDS, LoopNetwork, not_a_loop, shipped_network
from trainer.audio.loop_features import LONGEST_S, loop_features
from trainer.audio.synth import Note, Sound, normalised, render
from trainer.data.demo_loops import make_loop

KICK = Sound("sine", 0.001, 0.2, 0, 0.05, 16, 6, drop=2.2)


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(round(seconds * SAMPLE_RATE))


def one_shot() -> np.ndarray:
    return render(KICK, [Note(0, 31, 0.3, 1)], 0.6, wrap=False)


def drone() -> np.ndarray:
    t = np.arange(8 * SAMPLE_RATE) / SAMPLE_RATE
    swell = 1 + np.sin(2 * np.pi * 0.17 * t)
    return swell * sum(np.sin(2 * np.pi * hz * t) for hz in (70, 140.7, 211, 350.2))


def crackle() -> np.ndarray:
    sparks = noise(6) * (np.random.default_rng(1).random(6 * SAMPLE_RATE) < 0.002)
    return np.convolve(sparks, np.exp(-np.arange(300) / 40))[: sparks.size]


@pytest.mark.parametrize(
    ("sound", "kind"),
    [
        (noise(3), "noise"),
        (one_shot(), "one-shot"),
        (drone(), "noise or no steady pulse"),
        (crackle(), "noise"),
    ],
    ids=["white noise", "kick", "drone", "crackle"],
)
def test_what_is_no_loop_is_named(sound: np.ndarray, kind: str) -> None:
    assert not_a_loop(normalised(np.asarray(sound, np.float32), 1.0)) in kind.split(" or ")


def test_demo_loops_are_loops() -> None:
    verdicts = [not_a_loop(normalised(make_loop(index, 7).samples, 1.0)) for index in range(28)]
    assert verdicts.count("") >= 27


@pytest.mark.parametrize("steps", [(0, 8, 16, 24), (4, 12, 20, 28), (0, 10, 16, 26)])
def test_a_sparse_loop_of_two_hits_a_bar_is_a_loop(steps: tuple[int, ...]) -> None:
    notes = [Note(step * 0.125, 31, 0.1, 0.9) for step in steps]
    assert not_a_loop(normalised(render(KICK, notes, 4.0, wrap=True), 1.0)) == ""


@pytest.mark.parametrize("size", [round(0.3 * SAMPLE_RATE), SAMPLE_RATE, 40 * SAMPLE_RATE])
def test_every_file_has_finite_features(size: int) -> None:
    shapes = set()
    for sound in (np.zeros(size), noise(size / SAMPLE_RATE)[:size], np.ones(size)):
        found = loop_features(sound.astype(np.float32))
        assert np.isfinite(found).all()
        shapes.add(found.shape)
    assert shapes == {shipped_network().mean.shape}


def test_only_the_middle_of_a_long_file_counts() -> None:
    part = noise(LONGEST_S)
    padded = np.pad(part, 5 * SAMPLE_RATE, constant_values=1.0).astype(np.float32)
    one, other = loop_features(part.astype(np.float32)), loop_features(padded)
    # The length beside whole bars is that of the whole file.
    assert (one == pytest.approx(other, abs=1e-4)) or (np.abs(one - other) > 1e-4).sum() == 1


def test_the_network_is_a_softmax_over_clipped_features() -> None:
    rng = np.random.default_rng(0)
    net = LoopNetwork(
        np.full(3, 0.5),
        np.full(3, 2.0),
        (rng.normal(size=(3, 4)), rng.normal(size=(4, 5))),
        (rng.normal(size=4), rng.normal(size=5)),
    )
    features = np.array([[1.0, -2.0, 0.3], [1e9, 0, 0]])
    inputs = np.clip((features - 0.5) / 2, -4, 4)
    logits = np.tanh(inputs @ net.weights[0] + net.biases[0]) @ net.weights[1] + net.biases[1]
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert net.probabilities(features) == pytest.approx(expected)
    assert len(KINDS) == 5

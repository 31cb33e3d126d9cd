"""Training many at once is training each alone, and Keras would have done the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer import reference
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.model.fit import (
    CHUNK_STEPS,
    TEAM,
    Targets,
    cross_entropy,
    fit,
    flat,
    held_back,
    minibatches,
    train,
)
from trainer.model.models import STRUCTURES, Autoencoder, initial, latents_of
from trainer.model.targets import targets_of
from trainer.model.train_step import LOG_VARIANCE, Training

SHORT = Training(latent_kind="linear", candidates=3, steps=2 * CHUNK_STEPS)


def start_of(training: Training, heads: int = 1) -> Autoencoder:
    layers = STRUCTURES["prototype"].layers(2, heads)
    rng = np.random.default_rng(0)
    return initial(layers, training.latent_kind, training.candidates, rng)


def targets(patterns: int = 40, heads: tuple[str, ...] = ("onset",)) -> Targets:
    return targets_of(dataset_of(rhythms(patterns)), heads)


@given(
    patterns=st.integers(1, 90),
    batch=st.integers(1, 40),
    steps=st.integers(1, 20),
    chunks=st.integers(1, 4),
)
def test_every_pattern_is_seen_equally_often(
    patterns: int, batch: int, steps: int, chunks: int
) -> None:
    drawn = minibatches(patterns, batch, steps, np.random.default_rng(0))
    rows = np.array([next(drawn) for _ in range(chunks)])
    assert rows.shape == (chunks, steps, batch)
    seen = np.bincount(rows.ravel(), minlength=patterns)
    assert len(seen) == patterns
    assert seen.max() - seen.min() <= 1


@pytest.mark.parametrize(
    ("patterns", "share", "count"),
    [(51, 0.0, 0), (51, 0.001, 1), (5, 0.1, 1), (100, 0.29, 29), (1, 0.5, 0), (2, 0.99, 1)],
)
def test_one_pattern_at_least_is_held_back_and_one_is_kept(
    patterns: int, share: float, count: int
) -> None:
    assert held_back(patterns, share) == count


def keras_fit(model: Autoencoder, data: Targets, training: Training) -> float:
    """Train the same structure with Keras on the same minibatches; give its loss."""
    import keras

    relu = training.latent_kind == "relu"
    layers = [*model.encoder, *model.decoder]
    ends = {len(model.encoder) - 1: "relu" if relu else None, len(layers) - 1: "sigmoid"}
    decay = keras.regularizers.L2(training.l2) if training.l2 else None
    dense = [
        keras.layers.Dense(kernel.shape[-1], ends.get(index, "relu"), kernel_regularizer=decay)
        for index, (kernel, _) in enumerate(layers)
    ]
    network = keras.Sequential([keras.Input((32,)), *dense])
    network.set_weights(
        [array.squeeze(0) if array.shape[0] == 1 else array for array in flat(model)]
    )
    network.compile(keras.optimizers.Adam(training.learning_rate), "binary_crossentropy")
    rng = np.random.default_rng(9)
    order = rng.permutation(len(data.onset))
    rows = next(minibatches(len(data.onset), training.batch, training.steps, rng))
    inputs = data.onset[order[rows.ravel()]]
    network.fit(inputs, inputs, training.batch, epochs=1, shuffle=False, verbose=0)
    reconstructed = np.clip(network.predict(data.onset, verbose=0), 1e-7, 1 - 1e-7)
    error = data.onset * np.log(reconstructed) + (1 - data.onset) * np.log(1 - reconstructed)
    return float(-error.mean())


@pytest.mark.parametrize(("kind", "l2"), [("relu", 0.0), ("linear", 1e-3)])
def test_the_loss_is_what_keras_reaches(kind: str, l2: float) -> None:
    training = replace(
        SHORT, latent_kind=kind, l2=l2, decay=False, learning_rate=1e-3, steps=CHUNK_STEPS
    )
    start, data = start_of(training), targets()
    trained, _ = fit(start, data, training, np.random.default_rng(9))
    ours = cross_entropy(trained, data)
    assert ours[1] == pytest.approx(keras_fit(start.candidate(1), data, training), abs=2e-4)
    assert ours[0] < cross_entropy(start, data)[0] - 0.05


@pytest.mark.parametrize(("candidates", "one"), [(3, 1), (TEAM + 3, TEAM + 1)])
def test_a_candidate_does_not_notice_the_others(candidates: int, one: int) -> None:
    start, data = start_of(replace(SHORT, candidates=candidates)), targets()
    together, _ = fit(start, data, SHORT, np.random.default_rng(1))
    encoder, decoder = (
        tuple((kernel[one, None], bias[one, None]) for kernel, bias in layers)
        for layers in (start.encoder, start.decoder)
    )
    alone, _ = fit(
        Autoencoder("linear", encoder, decoder), data, SHORT, np.random.default_rng(1)
    )
    for lonely, array in zip(flat(alone), flat(together), strict=True):
        assert len(array) == candidates
        assert lonely[0].tobytes() == array[one].tobytes()


@pytest.mark.parametrize(
    ("training", "latents", "heads", "bias"),
    [
        (Training("vae", 2, steps=12, dropout=0.3, l2=1e-2, beta=0.3), 2, 3, 0),
        (Training("vae", 9, steps=8, beta=0.3), 3, 1, LOG_VARIANCE[0]),
        (Training("vae", 1, steps=8, beta=0.3), 3, 1, LOG_VARIANCE[1]),
        (Training("relu", 1, steps=12, dropout=0.3, decay=False), 3, 2, 0),
        (Training("linear", 2, steps=9, dropout=0.3), 4, 1, 0),
    ],
    ids=["vae", "too sure", "too unsure", "relu", "linear, with steps left over"],
)
def test_the_weights_are_those_of_training_as_the_books_have_it(
    training: Training,
    latents: int,
    heads: int,
    bias: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    training = replace(training, batch=7, learning_rate=1e-3)
    monkeypatch.setattr("trainer.model.fit.CHUNK_STEPS", 6)
    layers = STRUCTURES["prototype"].layers(latents, heads)
    rng = np.random.default_rng(3)
    start = initial(layers, training.latent_kind, training.candidates, rng)
    # Log variances that begin at a limit are clipped for some patterns and not for others.
    start.encoder[-1][1][..., latents:] = bias
    data = targets(5, ("onset", "velocity", "offset")[:heads])
    *_, (model, _) = train(start, data, training, np.random.default_rng(7))
    expected = reference.trained(start, data, training, np.random.default_rng(7), 6)
    for one in range(training.candidates):
        for array, wanted in zip(flat(model), expected[one], strict=True):
            assert array[one] == pytest.approx(wanted, abs=1e-5)


def test_the_same_seed_gives_the_same_weights() -> None:
    training = replace(SHORT, latent_kind="vae", dropout=0.1, steps=CHUNK_STEPS)
    heads = ("onset", "velocity", "offset")
    runs = [
        fit(start_of(training, 3), targets(heads=heads), training, np.random.default_rng(5))[0]
        for _ in range(2)
    ]
    for first, second in zip(flat(runs[0]), flat(runs[1]), strict=True):
        assert first.tobytes() == second.tobytes()


def test_held_back_patterns_end_a_run_that_gets_no_better() -> None:
    training = replace(
        SHORT,
        steps=40 * CHUNK_STEPS,
        learning_rate=0.03,
        decay=False,
        hold_back=0.3,
        patience=2,
    )
    shares: list[float] = []
    model, history = fit(
        start_of(training), targets(30), training, np.random.default_rng(2), shares.append
    )
    chunks = len(history.held_back_loss)
    assert chunks == len(history.loss) == len(shares) < 40
    order = np.random.default_rng(2).permutation(30)
    held = targets(30).rows(order[:9])
    assert cross_entropy(model, held) == pytest.approx(history.held_back_loss.min(0))


def test_a_run_goes_on_while_any_candidate_betters_itself() -> None:
    training = replace(
        SHORT,
        candidates=2,
        steps=5 * CHUNK_STEPS,
        learning_rate=1e-4,
        decay=False,
        hold_back=0.3,
        patience=2,
    )
    start = start_of(training)
    for array in flat(start):
        array[1] = np.nan
    _, history = fit(start, targets(30), training, np.random.default_rng(2))
    assert len(history.held_back_loss) == 5
    assert (np.diff(history.held_back_loss[:, 0]) < 0).all()


def edge(name: str) -> np.ndarray:
    patterns = np.zeros((12, 32), bool)
    if name == "full":
        patterns[:] = True
    if name in {"identical", "one"}:
        patterns[:, ::3] = True
    return patterns[:1] if name == "one" else patterns


@pytest.mark.parametrize(
    ("name", "kind"),
    [("silent", "vae"), ("full", "relu"), ("identical", "linear"), ("one", "vae")],
)
def test_patterns_without_variety_leave_finite_weights(name: str, kind: str) -> None:
    training = replace(SHORT, latent_kind=kind, candidates=2, steps=CHUNK_STEPS)
    data = targets_of(dataset_of(edge(name)), ("onset", "velocity"))
    (model, share) = next(
        train(start_of(training, 2), data, training, np.random.default_rng(0))
    )
    assert share == 1
    assert all(np.isfinite(array).all() for array in flat(model))
    assert np.isfinite(latents_of(model, edge(name))).all()
    assert cross_entropy(model, data).max() < 0.7

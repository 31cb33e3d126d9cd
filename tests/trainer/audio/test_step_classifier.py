import numpy as np
import pytest

from trainer.audio.features import StepFeatures
from trainer.audio.step_classifier import Network, classify_steps, shipped_network


def network(weights: np.ndarray, bias: tuple[float, float, float]) -> Network:
    """Return a network without hidden layers."""
    inputs = len(weights)
    return Network(
        np.zeros(inputs, np.float32),
        np.ones(inputs, np.float32),
        (weights.astype(np.float32),),
        (np.array(bias, np.float32),),
    )


def described(table: np.ndarray, offset_s: float = 0.0) -> StepFeatures:
    steps = len(table)
    level = np.linspace(0.1, 1, steps)
    return StepFeatures(table.astype(np.float32), np.full(steps, offset_s), level)


def test_layers_are_rectified_between_and_standardised_before() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(4, 6)), rng.normal(size=(6, 3))
    mean, spread = np.full(4, 0.5), np.full(4, 2.0)
    net = Network(mean, spread, (one, two), (np.ones(6), np.zeros(3)))
    table = rng.normal(size=(10, 4))
    expected = np.maximum((table - 0.5) / 2 @ one + 1, 0) @ two
    assert net.outputs(table) == pytest.approx(expected)


@pytest.mark.parametrize("value", [1e9, -1e9])
def test_what_was_never_seen_is_taken_for_the_furthest_that_was(value: float) -> None:
    net = network(np.ones((1, 3)), (0, 0, 0))
    assert net.outputs(np.full((1, 1), value)) == pytest.approx(
        np.full((1, 3), np.sign(value) * 5)
    )


def test_onsets_are_where_the_first_output_is_sure() -> None:
    weights = np.array([[1.0, 0, 0]])
    grid = classify_steps(
        described(np.array([[4.0], [-4.0], [0.0]])), 0.125, network(weights, (0, 0, 0.5))
    )
    assert grid.onset.tolist() == [True, False, True]
    assert (grid.velocity > 0).tolist() == grid.onset.tolist()


def test_time_is_corrected_in_tens_of_milliseconds_and_kept_within_the_step() -> None:
    table = np.zeros((2, 1))
    late = classify_steps(described(table, 0.01), 0.1, network(np.zeros((1, 3)), (5, 1.0, 1)))
    assert late.offset == pytest.approx([0.2, 0.2])
    far = classify_steps(described(table, -0.049), 0.1, network(np.zeros((1, 3)), (5, -4.0, 1)))
    assert (far.offset > -0.5).all()


@pytest.mark.parametrize(("logit", "onset"), [(-0.31, True), (-0.34, False)])
def test_a_step_has_an_onset_from_a_probability_of_42_percent(
    logit: float, onset: bool
) -> None:
    net = network(np.zeros((1, 3)), (logit, 0, 1))
    assert classify_steps(described(np.zeros((1, 1))), 0.1, net).onset[0] == onset


def test_velocity_is_six_tenths_the_networks_and_four_tenths_the_level() -> None:
    """Levels count beside the loop's highest, by their square root; silence is no error."""
    net = network(np.zeros((1, 3)), (5, 0, 0.3))
    features = StepFeatures(np.zeros((2, 1)), np.zeros(2), np.array([0.04, 0.16]))
    grid = classify_steps(features, 0.1, net)
    assert grid.velocity == pytest.approx([0.6 * 0.3 + 0.4 * 0.5, 0.6 * 0.3 + 0.4])
    silent = StepFeatures(np.zeros((2, 1)), np.zeros(2), np.zeros(2))
    assert classify_steps(silent, 0.1, net).velocity == pytest.approx([0.18, 0.18])


@pytest.mark.parametrize(("output", "velocity"), [(-9, 0.02), (9, 1.0)])
def test_velocity_stays_within_its_range(output: float, velocity: float) -> None:
    net = network(np.zeros((1, 3)), (5, 0, output))
    assert classify_steps(described(np.zeros((2, 1))), 0.1, net).velocity == pytest.approx(
        velocity
    )


@pytest.mark.parametrize(
    ("logit", "correction", "offset"), [(5, -9, -0.499), (5, 9, 0.5), (-5, 4, 0)]
)
def test_micro_timing_stays_within_its_step(
    logit: float, correction: float, offset: float
) -> None:
    net = network(np.zeros((1, 3)), (logit, correction, 1))
    grid = classify_steps(described(np.zeros((2, 1))), 0.1, net)
    assert grid.offset == pytest.approx(offset)
    assert (grid.velocity > 0).tolist() == grid.onset.tolist()


def test_the_shipped_network_fits_the_features_and_is_finite() -> None:
    net = shipped_network()
    sizes = [part.shape for part in net.weights]
    assert sizes[0][0] == net.mean.size == net.spread.size
    assert [outputs for _, outputs in sizes[:-1]] == [inputs for inputs, _ in sizes[1:]]
    assert sizes[-1][1] == 3
    assert (net.spread > 0).all()
    assert all(np.isfinite(part).all() for part in (*net.weights, *net.biases, net.mean))

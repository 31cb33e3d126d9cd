"""A decoder's file computes what its weights say, in the types that it claims."""

from itertools import pairwise

import numpy as np
import pytest

from firmware.bundle.decoder import installed_runtimes, load_runtime
from firmware.bundle.tflite_reader import read_network
from tests.trainer.export.converter import FILES, converted, levelled
from trainer.export.decoder_file import decoder_file
from trainer.export.quantise import rounded
from trainer.model.network import Array, Layer, forward, latents_at, sigmoid
from trainer.model.sampling import with_corners
from trainer.model.structures import QUANTISATIONS

SIZES = {"map": (2, 64, 72, 96), "small": (2, 16, 32), "deep": (4, 5, 10, 20, 32)}


def decoder_of(sizes: tuple[int, ...]) -> tuple[Layer, ...]:
    rng = np.random.default_rng(3)
    return tuple(
        (
            rng.normal(0, 1.2 / np.sqrt(a), (a, b)).astype(np.float32),
            rng.normal(0, 0.3, (1, b)).astype(np.float32),
        )
        for a, b in pairwise(sizes)
    )


def samples(inputs: int, count: int = 256, seed: int = 0) -> Array:
    """Give latents all over the range, its corners among them."""
    corners = with_corners(1 << inputs, inputs)
    inside = np.random.default_rng(seed).random((count - len(corners), inputs))
    return latents_at(np.concatenate([corners, inside]))


def interpreter(data: bytes, runtime: str, *, reference: bool) -> object:
    module = load_runtime(runtime)
    kinds = module.OpResolverType
    kernels = kinds.BUILTIN_REF if reference else kinds.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    made = module.Interpreter(
        model_content=data, num_threads=1, experimental_op_resolver_type=kernels
    )
    made.allocate_tensors()
    return made


def run(data: bytes, latents: Array, runtime: str, quantisation: str) -> Array:
    made = interpreter(data, runtime, reference=quantisation == "int16x8")
    given, out = made.get_input_details()[0]["index"], made.get_output_details()[0]["index"]
    rows = []
    for row in latents:
        made.set_tensor(given, row[None])
        made.invoke()
        rows.append(made.get_tensor(out)[0].copy())
    return np.array(rows)


@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("quantisation", QUANTISATIONS)
@pytest.mark.parametrize("name", sorted(SIZES))
def test_files_compute_what_the_weights_say(name: str, quantisation: str, runtime: str) -> None:
    sizes = SIZES[name]
    layers = decoder_of(sizes)
    if quantisation != "float32":
        layers = rounded(layers, samples(sizes[0], 800))
    data = decoder_file(layers, quantisation, samples(sizes[0]))
    elsewhere = samples(sizes[0], 300, 7)
    expected = sigmoid(forward(layers, elsewhere))
    played = run(data, elsewhere, runtime, quantisation)
    assert played.shape == (300, sizes[-1])
    assert read_network(data, "voice1.tflite").quantisation == quantisation
    assert np.abs(played - expected).max() < (1e-5 if quantisation != "int16x8" else 2e-3)
    assert len(data) <= 25_000 or quantisation == "float32"


@pytest.mark.parametrize(
    ("quantisation", "stored", "passed"),
    [
        ("int16x8", np.int8, np.int16),
        ("weight-only", np.int8, np.float32),
        ("float32", np.float32, np.float32),
    ],
)
def test_tensors_have_the_types_of_the_quantisation(
    quantisation: str, stored: type, passed: type
) -> None:
    data = decoder_file(decoder_of(SIZES["map"]), quantisation, samples(2))
    made = interpreter(data, installed_runtimes()[0], reference=quantisation == "int16x8")
    details = {detail["name"]: detail["dtype"] for detail in made.get_tensor_details()}
    suffix = "_int8" * (quantisation == "weight-only")
    assert {details[f"kernel_{layer}{suffix}"] for layer in (1, 2, 3)} == {stored}
    assert {details[f"layer_{layer}"] for layer in (1, 2, 3)} == {passed}
    assert details["latents"] is details["outputs"] is np.float32


def test_the_same_decoder_gives_the_same_bytes() -> None:
    files = [decoder_file(decoder_of((2, 8, 32)), "int16x8", samples(2)) for _ in range(2)]
    assert files[0] == files[1]


def test_silent_units_have_a_scale() -> None:
    layers = tuple((kernel * 0, bias * 0) for kernel, bias in decoder_of((2, 8, 32)))
    data = decoder_file(layers, "int16x8", samples(2))
    assert np.allclose(run(data, samples(2, 5), installed_runtimes()[0], "int16x8"), 0.5)


@pytest.mark.paper
@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("quantisation", ["int16x8", "float32"])
@pytest.mark.parametrize("name", sorted(SIZES))
def test_files_equal_the_converters(name: str, quantisation: str, runtime: str) -> None:
    sizes = SIZES[name]
    layers = rounded(decoder_of(sizes), samples(sizes[0], 800))
    scaled_by, elsewhere = samples(sizes[0]), samples(sizes[0], 500, 7)
    ours = decoder_file(layers, quantisation, scaled_by)
    theirs = converted(layers, quantisation, scaled_by)
    played, expected = (run(data, elsewhere, runtime, quantisation) for data in (ours, theirs))
    # Our scales are moved to 15 bits, so that the runtimes agree; that is a few levels.
    assert np.abs(played - expected).max() <= (1e-6 if quantisation == "float32" else 5e-4)
    assert ((played > 0.5) != (expected > 0.5)).mean() < 1e-3
    assert len(ours) < len(theirs)


@pytest.mark.parametrize("runtime", installed_runtimes())
@pytest.mark.parametrize("quantisation", sorted(FILES))
def test_files_equal_what_the_converter_wrote_once(quantisation: str, runtime: str) -> None:
    layers, elsewhere = levelled(decoder_of(SIZES["map"])), samples(2, 500, 7)
    ours, theirs = (
        decoder_file(layers, quantisation, samples(2)),
        FILES[quantisation].read_bytes(),
    )
    played, expected = (run(data, elsewhere, runtime, quantisation) for data in (ours, theirs))
    assert np.abs(played - expected).max() <= (1e-6 if quantisation == "float32" else 5e-4)
    assert ((played > 0.5) != (expected > 0.5)).mean() < 1e-3
    assert len(ours) < len(theirs)


@pytest.mark.paper
@pytest.mark.parametrize("quantisation", sorted(FILES))
def test_the_converter_still_writes_the_same(quantisation: str) -> None:
    layers, elsewhere = levelled(decoder_of(SIZES["map"])), samples(2, 500, 7)
    now, then = converted(layers, quantisation, samples(2)), FILES[quantisation].read_bytes()
    runtime = installed_runtimes()[0]
    assert (
        run(now, elsewhere, runtime, quantisation)
        == run(then, elsewhere, runtime, quantisation)
    ).all()

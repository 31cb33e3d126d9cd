"""A decoder's file computes what its weights say, in the types that it claims."""

import numpy as np
import pytest

from firmware.bundle.decoder import load_runtime
from firmware.bundle.tflite_reader import read_network
from trainer.export.export import ExportError, check_types, export_decoder
from trainer.export.quantise import rounded
from trainer.model.latent import cloud, to_latents
from trainer.model.models import QUANTISATIONS, STRUCTURES, Array, Layer, initial, outputs_of

KNOTS = ((-4.0, 4.0), (-3.0, 5.0))
SAMPLES = to_latents(cloud(200, 2), KNOTS)
MODEL = initial(
    STRUCTURES["model3"].layers(2, 3), "vae", 1, np.random.default_rng(4)
).candidate(0)
LAYERS = len(MODEL.decoder)


def run(data: bytes, latents: Array) -> Array:
    interpreter = load_runtime().Interpreter(model_content=data, num_threads=1)
    interpreter.allocate_tensors()
    given = interpreter.get_input_details()[0]["index"]
    made = interpreter.get_output_details()[0]["index"]
    rows = []
    for row in latents:
        interpreter.set_tensor(given, row[None])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(made)[0])
    return np.array(rows)


def keras_outputs(decoder: tuple[Layer, ...], latents: Array) -> Array:
    import keras

    dense = [keras.layers.Dense(kernel.shape[1], "relu") for kernel, _ in decoder]
    dense[-1].activation = keras.activations.sigmoid
    network = keras.Sequential([keras.Input((2,)), *dense])
    network.set_weights([a for kernel, bias in decoder for a in (kernel, bias.ravel())])
    outputs: Array = network.predict(latents, verbose=0)
    return outputs


@pytest.mark.parametrize("quantisation", QUANTISATIONS)
def test_every_file_draws_what_keras_does(quantisation: str) -> None:
    layers = MODEL.decoder
    if quantisation != "float32":
        layers = rounded(layers, SAMPLES)
    data = export_decoder(layers, quantisation, SAMPLES)
    assert read_network(data, "voice1.tflite").quantisation == quantisation
    elsewhere = to_latents(np.random.default_rng(1).random((500, 2)), KNOTS)
    expected = keras_outputs(MODEL.decoder, elsewhere)
    played = run(data, elsewhere)
    assert played.shape == (500, 96)
    assert ((played > 0.5) != (expected > 0.5)).mean() < 0.01
    assert np.abs(played - expected).max() < (1e-5 if quantisation == "float32" else 0.1)


def test_our_own_forward_pass_is_that_of_keras() -> None:
    assert np.allclose(
        outputs_of(MODEL, SAMPLES), keras_outputs(MODEL.decoder, SAMPLES), atol=1e-5
    )


@pytest.mark.parametrize("claimed", ["int16x8", "weight-only"])
def test_a_float_file_is_no_quantised_one(claimed: str) -> None:
    data = export_decoder(MODEL.decoder, "float32", SAMPLES)
    with pytest.raises(ExportError, match="weights int8"):
        check_types(data, claimed, LAYERS)


def test_weights_alone_in_int8_are_no_int16_activations() -> None:
    data = export_decoder(MODEL.decoder, "weight-only", SAMPLES)
    with pytest.raises(ExportError, match="weights int8"):
        check_types(data, "int16x8", LAYERS)


def test_an_int16_file_is_no_float_one() -> None:
    data = export_decoder(MODEL.decoder, "int16x8", SAMPLES)
    with pytest.raises(ExportError, match="float32"):
        check_types(data, "float32", LAYERS)


def test_every_layer_must_be_quantised() -> None:
    data = export_decoder(MODEL.decoder, "int16x8", SAMPLES)
    with pytest.raises(ExportError, match="weights int8"):
        check_types(data, "int16x8", LAYERS + 1)

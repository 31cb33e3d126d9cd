"""One decoder to one TFLite file, and proof that the file is what it is called."""

from __future__ import annotations

from typing import Any

import numpy as np

from firmware.bundle.decoder import load_runtime
from firmware.errors import UserError
from trainer.export.requantisation import shared_multipliers
from trainer.export.weight_only import quantise_weights
from trainer.model.models import Array, Layer
from trainer.model.train_step import tensorflow


class ExportError(UserError, RuntimeError):
    """A decoder that could not be exported as asked."""


def export_decoder(decoder: tuple[Layer, ...], quantisation: str, samples: Array) -> bytes:
    """Convert a decoder's layers to TFLite bytes: latents (1, k) in, heads (1, 32 * m) out.

    `samples` are latents (n, k) that span what the knobs reach, corners included; activations
    are scaled to what they cause. Raises `ExportError` if the weights did not become int8
    where they should: the converter leaves small tensors in float without a word.
    """
    tf = tensorflow()
    converter = _converter(tf, decoder)
    if quantisation == "int16x8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([row[None]] for row in samples)
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    data: bytes = converter.convert()
    if quantisation == "int16x8":
        data = shared_multipliers(data)
    if quantisation == "weight-only":
        data = quantise_weights(data)
    check_types(data, quantisation, len(decoder))
    return data


def _converter(tf: Any, decoder: tuple[Layer, ...]) -> Any:
    layers = [(tf.constant(kernel), tf.constant(bias.ravel())) for kernel, bias in decoder]
    latents = tf.TensorSpec((1, decoder[0][0].shape[0]), tf.float32, "latents")

    def decode(values: Any) -> Any:
        for kernel, bias in layers[:-1]:
            values = tf.nn.relu(values @ kernel + bias)
        kernel, bias = layers[-1]
        return tf.nn.sigmoid(values @ kernel + bias)

    concrete = tf.function(decode, autograph=False).get_concrete_function(latents)
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())


def check_types(data: bytes, quantisation: str, layers: int) -> None:
    """Refuse a file whose weights, activations or ends are not of the types it claims.

    `layers` is how many dense layers it has. Raises `ExportError`.
    """
    interpreter = load_runtime().Interpreter(model_content=data, num_threads=1)
    tensors = interpreter.get_tensor_details()
    ends = (*interpreter.get_input_details(), *interpreter.get_output_details())
    if any(end["dtype"] is not np.float32 for end in ends):
        raise ExportError("the converter did not leave the file's ends in float32")
    # An activation is (1, units); what DEQUANTIZE restores is no stored weight.
    stored = [d for d in tensors if len(d["shape"]) == 2 and d["shape"][0] > 1]
    if quantisation == "weight-only":
        stored = [d for d in stored if d["name"].endswith("_int8")]
    wanted = np.float32 if quantisation == "float32" else np.int8
    if len(stored) != layers or any(matrix["dtype"] is not wanted for matrix in stored):
        raise ExportError(f"the converter did not make the weights {np.dtype(wanted).name}")
    inner = [d["dtype"] for d in tensors if len(d["shape"]) == 2 and d["shape"][0] == 1]
    if quantisation == "int16x8" and inner.count(np.int16) < layers:
        raise ExportError("the converter did not make the activations int16")

"""TensorFlow's converter, and two files that it wrote.

The files hold the decoder of a map with the weights of `test_decoder_file.decoder_of`, on int8
levels, as TensorFlow 2.21.0 wrote it. `python -m tests.trainer.export.converter` writes them
anew; it needs the extra `paper`.
"""

from pathlib import Path

import numpy as np

from firmware.bundle.decoder import load_runtime
from trainer.export.decoder_file import quantised
from trainer.model.network import Array, Layer

FILES = {
    quantisation: Path(__file__).with_name(f"converted_{quantisation}.tflite")
    for quantisation in ("int16x8", "float32")
}


def levelled(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Round kernels to the levels of their units, each weight alone."""
    rounded = []
    for kernel, bias in layers:
        levels, scales = quantised(kernel)
        rounded.append(((levels * scales[:, None]).T.astype(np.float32), bias))
    return tuple(rounded)


def converted(layers: tuple[Layer, ...], quantisation: str, scaled_by: Array) -> bytes:
    """Give what TensorFlow's converter makes of the same decoder."""
    load_runtime()
    import tensorflow as tf

    def decode(values: object) -> object:
        for kernel, bias in layers[:-1]:
            values = tf.nn.relu(values @ kernel + bias.ravel())
        return tf.nn.sigmoid(values @ layers[-1][0] + layers[-1][1].ravel())

    spec = tf.TensorSpec((1, len(layers[0][0])), tf.float32)
    concrete = tf.function(decode, autograph=False).get_concrete_function(spec)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], tf.Module())
    if quantisation == "int16x8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([row[None]] for row in scaled_by)
        converter.target_spec.supported_ops = [
            tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
        ]
    return bytes(converter.convert())


def main() -> None:
    """Write the files."""
    from tests.trainer.export.test_decoder_file import SIZES, decoder_of, samples

    layers = levelled(decoder_of(SIZES["map"]))
    for quantisation, path in FILES.items():
        path.write_bytes(converted(layers, quantisation, samples(2)))


if __name__ == "__main__":
    main()

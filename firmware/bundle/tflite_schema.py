"""The part of the TFLite schema that decoders use (version 3, schema.fbs of TensorFlow Lite).

A field that is missing here is refused by the reader, whatever it holds.
"""

from typing import Final

from firmware.bundle.flatbuffer import Scalar, Table, Text, Union, Vector

IDENTIFIER: Final = b"TFL3"
NAME_BYTES_MAX = 512

FLOAT32, INT64, INT16, INT8 = 0, 4, 7, 9
"""Tensor types."""

DEQUANTIZE, FULLY_CONNECTED, LOGISTIC, QUANTIZE = 6, 9, 14, 114
"""Operators."""

OPTIONS_OF: Final = {FULLY_CONNECTED: 8, DEQUANTIZE: 38, QUANTIZE: 89}
"""The kind of options that an operator may have."""

_NAME = Text(NAME_BYTES_MAX)
_ZERO = Scalar("b", only=0)
_ZERO_64 = Scalar("Q", only=0)

_OPTIONS = Union(
    {
        OPTIONS_OF[FULLY_CONNECTED]: Table(
            {
                0: ("fused_activation", Scalar("b")),
                1: ("weights_format", _ZERO),
                2: ("keep_num_dims", _ZERO),
                3: ("asymmetric_quantize_inputs", _ZERO),
                4: ("bias_type", Scalar("b")),
            }
        ),
        OPTIONS_OF[DEQUANTIZE]: Table({}),
        OPTIONS_OF[QUANTIZE]: Table({}),
    }
)

_OPERATOR_CODE = Table(
    {
        0: ("deprecated_code", Scalar("b")),
        2: ("version", Scalar("i", 1)),
        3: ("code", Scalar("i")),
    }
)

_QUANTIZATION = Table(
    {
        0: ("min", Vector("<f4")),
        1: ("max", Vector("<f4")),
        2: ("scale", Vector("<f4")),
        3: ("zero_point", Vector("<i8")),
        4: ("details_type", _ZERO),
        6: ("dimension", Scalar("i", only=0)),
    }
)

_TENSOR = Table(
    {
        0: ("shape", Vector("<i4")),
        1: ("type", Scalar("b")),
        2: ("buffer", Scalar("I")),
        3: ("name", _NAME),
        4: ("quantization", _QUANTIZATION),
        5: ("is_variable", _ZERO),
        8: ("has_rank", Scalar("b")),
        10: ("external_buffer", Scalar("I", only=0)),
    }
)

_OPERATOR = Table(
    {
        0: ("code", Scalar("I")),
        1: ("inputs", Vector("<i4")),
        2: ("outputs", Vector("<i4")),
        3: ("options_type", Scalar("B")),
        4: ("options", _OPTIONS),
        6: ("custom_options_format", _ZERO),
        9: ("custom_options_offset", _ZERO_64),
        10: ("custom_options_size", _ZERO_64),
        11: ("options_2_type", _ZERO),
        13: ("debug_metadata", Scalar("i", only=-1)),
    }
)

_GRAPH = Table(
    {
        0: ("tensors", Vector(_TENSOR)),
        1: ("inputs", Vector("<i4")),
        2: ("outputs", Vector("<i4")),
        3: ("operators", Vector(_OPERATOR)),
        4: ("name", _NAME),
        5: ("debug_metadata", Scalar("i", only=-1)),
    }
)

_BUFFER = Table({0: ("data", Vector("u1")), 1: ("offset", _ZERO_64), 2: ("size", _ZERO_64)})
_METADATA = Table({0: ("name", _NAME), 1: ("buffer", Scalar("I"))})
_NAMED_TENSOR = Table({0: ("name", _NAME), 1: ("tensor", Scalar("I"))})
_SIGNATURE = Table(
    {
        0: ("inputs", Vector(_NAMED_TENSOR)),
        1: ("outputs", Vector(_NAMED_TENSOR)),
        2: ("key", _NAME),
        4: ("graph", Scalar("I", only=0)),
    }
)

MODEL = Table(
    {
        0: ("version", Scalar("I")),
        1: ("operator_codes", Vector(_OPERATOR_CODE)),
        2: ("graphs", Vector(_GRAPH)),
        3: ("description", _NAME),
        4: ("buffers", Vector(_BUFFER)),
        6: ("metadata", Vector(_METADATA)),
        7: ("signatures", Vector(_SIGNATURE)),
    }
)

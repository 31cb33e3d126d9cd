"""A strict reader of decoder files, so that no runtime parses what was not understood.

A decoder is dense layers with ReLU between them and a logistic function behind the last, in
one of three forms: int16x8 (a QUANTIZE before and a DEQUANTIZE behind), weight-only (a
DEQUANTIZE restores each kernel) and float32. All that a file holds must be part of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from firmware.bundle.flatbuffer import FlatbufferError, Values, read_flatbuffer
from firmware.bundle.manifest import BundleError
from firmware.bundle.network import LAYERS_MAX, Dense, Network, NetworkError, check_network
from firmware.bundle.tflite_schema import (
    DEQUANTIZE,
    FLOAT32,
    FULLY_CONNECTED,
    IDENTIFIER,
    INT8,
    INT16,
    INT64,
    LOGISTIC,
    MODEL,
    OPTIONS_OF,
    QUANTIZE,
)
from firmware.bundle.tflite_tensors import METADATA, Tensors, refuse

FILE_BYTES_MAX = 512 << 10
VERSION = 3
"""Of the schema."""

VERSIONS = {
    "int16x8": {QUANTIZE: 1, FULLY_CONNECTED: 4, LOGISTIC: 2, DEQUANTIZE: 2},
    "weight-only": {DEQUANTIZE: 5, FULLY_CONNECTED: 1, LOGISTIC: 1},
    "float32": {FULLY_CONNECTED: 1, LOGISTIC: 1},
}
"""The operators of each form and their versions."""

OUTPUT_STEP = 2.0**-15
"""What one level of an int16 logistic function is worth."""

LOGIT_STEP_MAX = 1.0
"""Beyond it the logistic function of the runtimes overflows."""

Step = tuple[int, Values]
"""An operator's code and its table."""


def read_network(data: bytes, where: str) -> Network:
    """Read the bytes of a decoder file.

    Raises `BundleError`, beginning with `where`, for whatever the trainer does not write.
    """
    try:
        if len(data) > FILE_BYTES_MAX:
            refuse(f"larger than {FILE_BYTES_MAX >> 10} KiB")
        network = _network(read_flatbuffer(data, IDENTIFIER, MODEL))
        check_network(network)
    except (FlatbufferError, NetworkError) as error:
        raise BundleError(f"{where}: not a decoder ({error}); train it again") from None
    return network


def _network(model: Values) -> Network:
    if model["version"] != VERSION:
        refuse(f"version {model['version']} of the schema, not {VERSION}")
    if len(model["graphs"]) != 1:
        refuse(f"{len(model['graphs'])} graphs, not 1")
    graph = model["graphs"][0]
    form, codes = _form(model["operator_codes"])
    steps = _steps(graph["operators"], codes, form)
    start, end = (_only(graph[name], name) for name in ("inputs", "outputs"))
    tensors = Tensors(model, graph)
    network = _chain(tensors, form, steps, start, end)
    _check_signature(model["signatures"], start, end)
    if len(model["metadata"]) > len(METADATA):
        refuse(f"{len(model['metadata'])} notes beside the network")
    for metadata in model["metadata"]:
        tensors.note(metadata)
    tensors.check_empty()
    return network


def _form(table: Sequence[Values]) -> tuple[str, list[int]]:
    """Return by the operators which form a file has; return their codes by index."""
    for entry in table:
        if entry["deprecated_code"] != min(entry["code"], 127):
            refuse("an operator has two codes")
    versions = {entry["code"]: entry["version"] for entry in table}
    known = {code for form in VERSIONS.values() for code in form}
    if unknown := versions.keys() - known:
        refuse(f"operator {min(unknown)} of TFLite, which no decoder has")
    forms = [form for form, expected in VERSIONS.items() if versions == expected]
    if not forms or len(table) != len(versions):
        refuse(f"operators in the versions {sorted(versions.items())}")
    return forms[0], [entry["code"] for entry in table]


def _steps(operators: Sequence[Values], codes: list[int], form: str) -> list[Step]:
    """Return each operator with its code, in the one order that a form allows."""
    if any(operator["code"] >= len(codes) for operator in operators):
        refuse("an operator without a code")
    found = [codes[operator["code"]] for operator in operators]
    count = found.count(FULLY_CONNECTED)
    if not 1 <= count <= LAYERS_MAX:
        refuse(f"{count} dense layers, not 1 to {LAYERS_MAX}")
    expected = {
        "int16x8": [QUANTIZE, *[FULLY_CONNECTED] * count, LOGISTIC, DEQUANTIZE],
        "weight-only": [*[DEQUANTIZE, FULLY_CONNECTED] * count, LOGISTIC],
        "float32": [*[FULLY_CONNECTED] * count, LOGISTIC],
    }
    if found != expected[form]:
        refuse("operators in an unexpected order")
    return list(zip(found, operators, strict=True))


def _chain(tensors: Tensors, form: str, steps: list[Step], start: int, end: int) -> Network:
    """Follow the values from the file's input to its output."""
    quantised = form == "int16x8"
    inner = INT16 if quantised else FLOAT32
    *body, logistic = steps[1:-1] if quantised else steps
    source = _through(steps[0], start) if quantised else start
    layers, logits = _layers(tensors, body, source, inner, 2 if form == "weight-only" else 1)
    probabilities = _through(logistic, logits)
    if end != (_through(steps[-1], probabilities) if quantised else probabilities):
        refuse("the output is not what is computed last")
    network = Network(form, layers, 0.0)
    step = tensors.activation(source, inner, network.latents)
    output_step = tensors.activation(probabilities, inner, network.width)
    if quantised:
        tensors.activation(start, FLOAT32, network.latents)
        tensors.activation(end, FLOAT32, network.width)
        if output_step != OUTPUT_STEP or layers[-1].step > LOGIT_STEP_MAX:
            refuse("a logistic function with the wrong scale")
    return replace(network, step=step)


def _layers(
    tensors: Tensors, body: list[Step], source: int, inner: int, stride: int
) -> tuple[tuple[Dense, ...], int]:
    """Read the dense layers, `stride` operators each; return them and the last one's result."""
    layers: list[Dense] = []
    current = source
    for at in range(0, len(body), stride):
        *restoring, dense = body[at : at + stride]
        last = at + stride == len(body)
        layer, current = _layer(tensors, restoring, dense[1], current, inner, relu=not last)
        if layers and layer.kernel.shape[1] != len(layers[-1].bias):
            refuse("a layer does not fit the one before it")
        layers.append(layer)
    return tuple(layers), current


def _layer(
    tensors: Tensors,
    restoring: list[Step],
    dense: Values,
    source: int,
    inner: int,
    *,
    relu: bool,
) -> tuple[Dense, int]:
    inputs, result = dense["inputs"].tolist(), _only(dense["outputs"], "results of a layer")
    if len(inputs) != 3 or inputs[0] != source:
        refuse("a layer does not take what the one before it gives")
    _, kernel_index, bias_index = inputs
    _check_options(dense, relu=relu, inner=inner)
    if restoring:
        stored = _only(restoring[0][1]["inputs"], "inputs of an operator")
        if _through(restoring[0], stored) != kernel_index:
            refuse("a kernel is restored that is not used next")
    integers = bool(restoring) or inner == INT16
    kernel, scales = tensors.kernel(
        stored if restoring else kernel_index, INT8 if integers else FLOAT32
    )
    if restoring:
        tensors.restored(kernel_index, kernel.shape)
    bias = tensors.bias(bias_index, INT64 if inner == INT16 else FLOAT32, len(kernel))
    return Dense(kernel, bias, scales, tensors.activation(result, inner, len(kernel))), result


def _through(step: Step, tensor: int) -> int:
    """Follow an operator that turns `tensor` into another; return that one."""
    code, operator = step
    if operator["inputs"].tolist() != [tensor]:
        refuse("an operator does not take what the one before it gives")
    if operator["options_type"] not in (0, OPTIONS_OF.get(code)):
        refuse("an operator has the options of another")
    return _only(operator["outputs"], "results of an operator")


def _check_options(dense: Values, *, relu: bool, inner: int) -> None:
    if dense["options_type"] != OPTIONS_OF[FULLY_CONNECTED]:
        refuse("a layer without its options")
    options = dense["options"]
    if options["fused_activation"] != int(relu):
        refuse("a layer with an unexpected activation")
    if options["bias_type"] not in (0, INT64 if inner == INT16 else 0):
        refuse("a layer with an unexpected type of bias")


def _only(indices: Sequence[int], name: str) -> int:
    if len(indices) != 1:
        refuse(f"{len(indices)} {name}, not 1")
    return int(indices[0])


def _check_signature(signatures: Sequence[Values], start: int, end: int) -> None:
    """Check the names of input and output, which the converter adds and nothing needs."""
    if len(signatures) > 1:
        refuse("more than one signature")
    for signature in signatures:
        ends = [
            [entry["tensor"] for entry in signature[name]] for name in ("inputs", "outputs")
        ]
        if ends != [[start], [end]]:
            refuse("a signature that names other tensors")

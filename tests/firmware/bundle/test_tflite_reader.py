"""What the reader of decoder files accepts, and that it refuses the rest with a reason."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.manifest import BundleError
from firmware.bundle.tflite_reader import FILE_BYTES_MAX, read_network
from tests.firmware.bundle.tflite_files import (
    FORMS,
    SIZES,
    TYPES,
    add_tile,
    file_of,
    model_bytes,
    model_of,
    schema,
)

Change = Callable[[Any, Any], None]


def refused(data: bytes, reason: str) -> None:
    with pytest.raises(BundleError, match=reason) as caught:
        read_network(data, "voice1.tflite")
    assert str(caught.value).startswith("voice1.tflite: not a decoder (")


@pytest.mark.parametrize("sizes", [SIZES, (4, 16, 96), (3, 200, 64), (2, 8, 8, 8, 8, 8, 8, 32)])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read(form: str, sizes: tuple[int, ...]) -> None:
    network = read_network(file_of(form, sizes), "voice1.tflite")
    assert network.quantisation == form
    assert (network.latents, network.width) == (sizes[0], sizes[-1])
    assert [layer.kernel.shape[::-1] for layer in network.layers] == [*pairwise(sizes)]


def test_what_the_trainer_wrote_is_read(bundle_folder: Path, real_bundles: Path) -> None:
    folders = [bundle_folder, *(real_bundles / name for name in ("drums", "bass", "steady"))]
    for bundle in map(read_bundle, folders):
        for voice, model in zip(bundle.manifest.voices, bundle.models, strict=True):
            network = read_network(model, voice.file)
            assert network.quantisation == voice.quantisation


def last_dense(model: Any, graph: Any) -> Any:
    return [operator for operator in graph.operators if operator.builtinOptions][-1]


def change_codes(field: str, value: int) -> Change:
    return lambda model, graph: setattr(model.operatorCodes[0], field, value)


def change_tensor(index: int, field: str, value: Any) -> Change:
    return lambda model, graph: setattr(graph.tensors[index], field, value)


def change_shape(index: int, *shape: int) -> Change:
    return change_tensor(index, "shape", np.array(shape, np.int32))


def change_scales(index: int, field: str, value: Any) -> Change:
    def change(model: Any, graph: Any) -> None:
        kind = np.int64 if field == "zeroPoint" else np.float32
        setattr(graph.tensors[index].quantization, field, np.asarray(value, kind))

    return change


def fill_result(model: Any, graph: Any) -> None:
    buffer = schema.BufferT()
    buffer.data = np.zeros(16, np.uint8)
    graph.tensors[4].buffer = len(model.buffers)
    model.buffers.append(buffer)


def change_options(field: str, value: Any) -> Change:
    return lambda model, graph: setattr(last_dense(model, graph).builtinOptions, field, value)


def change_ends(field: str, value: list[int]) -> Change:
    return lambda model, graph: setattr(graph, field, np.array(value, np.int32))


def change_inputs(value: list[int]) -> Change:
    return lambda model, graph: setattr(
        last_dense(model, graph), "inputs", np.array(value, np.int32)
    )


def add_metadata(name: bytes, size: int) -> Change:
    def change(model: Any, graph: Any) -> None:
        note, buffer = schema.MetadataT(), schema.BufferT()
        buffer.data = np.zeros(size, np.uint8)
        note.name, note.buffer = name, len(model.buffers)
        model.buffers.append(buffer)
        model.metadata = [note]

    return change


def repeat_metadata(model: Any, graph: Any) -> None:
    add_metadata(b"CONVERSION_METADATA", 96)(model, graph)
    model.metadata *= 3


def add_signature(start: int, end: int) -> Change:
    def change(model: Any, graph: Any) -> None:
        maps = [schema.TensorMapT(), schema.TensorMapT()]
        maps[0].tensorIndex, maps[1].tensorIndex = start, end
        signature = schema.SignatureDefT()
        signature.inputs, signature.outputs = [maps[0]], [maps[1]]
        model.signatureDefs = [signature]

    return change


# Tensors of a file of this form: 0 latents, 1 quantised, 2 kernel, 3 bias, 4 first result, ...
REFUSED: list[tuple[str, Change, str]] = [
    ("a memory bomb", add_tile, "operator 69 of TFLite"),
    ("another version", change_codes("version", 9), "operators in the versions"),
    ("two codes", change_codes("deprecatedBuiltinCode", 3), "two codes"),
    ("its own code", change_codes("customCode", b"evil"), "unexpected field"),
    ("schema version", lambda m, g: setattr(m, "version", 4), "version 4 of the schema"),
    ("no graph", lambda m, g: setattr(m, "subgraphs", []), "0 graphs"),
    ("two graphs", lambda m, g: m.subgraphs.append(g), "2 graphs"),
    ("order", lambda m, g: g.operators.reverse(), "unexpected order"),
    ("no layers", lambda m, g: g.operators.__delitem__(slice(1, 4)), "0 dense layers"),
    ("code range", lambda m, g: setattr(g.operators[0], "opcodeIndex", 9), "without a code"),
    ("more layers", lambda m, g: g.operators.extend(g.operators[1:2] * 9), "12 dense layers"),
    ("external", change_tensor(2, "externalBuffer", 1), "is 1 and should be 0"),
    ("variable", change_tensor(2, "isVariable", True), "is 1 and should be 0"),
    ("sparse", change_tensor(2, "sparsity", schema.SparsityParametersT()), "unexpected field"),
    ("signature", change_tensor(0, "shapeSignature", np.array([-1, 2])), "unexpected field"),
    ("shape", change_shape(0, 1, 3), r"shape \(1, 3\), not \(1, 2\)"),
    ("no shape", change_shape(2, 8), r"layer of shape \(8,\)"),
    ("too wide", change_shape(2, 257, 2), "layer of shape"),
    ("negative", change_shape(2, -8, 2), "layer of shape"),
    ("kernel size", change_shape(2, 8, 3), "holds 16 bytes"),
    ("kind", change_tensor(2, "type", TYPES.UINT8), "type 3, not 9"),
    ("bias kind", change_tensor(3, "type", TYPES.INT32), "type 2, not 4"),
    ("no buffer", change_tensor(2, "buffer", 99), "buffer 99 is missing"),
    ("same buffer", change_tensor(3, "buffer", 1), "buffer 1 is missing or used twice"),
    ("data", fill_result, "that is computed holds data"),
    ("zero scale", change_scales(2, "scale", [0.0] * 8), "scale is out of range"),
    ("no number", change_scales(2, "scale", [np.nan] * 8), "scale is out of range"),
    ("few scales", change_scales(2, "scale", [1.0]), "not have 8 scales"),
    ("zero point", change_scales(4, "zeroPoint", [1]), "zero point is not 0"),
    (
        "dimension",
        lambda m, g: setattr(g.tensors[2].quantization, "quantizedDimension", 1),
        "is 1",
    ),
    ("range", change_scales(4, "min", [0.0, 1.0]), "range has the wrong length"),
    (
        "float scale",
        lambda m, g: setattr(g.tensors[0], "quantization", g.tensors[1].quantization),
        "float tensor",
    ),
    ("overflow", change_scales(3, "scale", [1e30] * 8), "scale is out of range"),
    ("large steps", change_scales(2, "scale", [1e6] * 8), "sums of a layer overflow"),
    ("logistic", change_scales(11, "scale", [2.0**-14]), "logistic function with the wrong"),
    ("relu", change_options("fusedActivationFunction", 1), "unexpected activation"),
    ("tanh", change_options("fusedActivationFunction", 4), "unexpected activation"),
    ("shuffled", change_options("weightsFormat", 1), "is 1 and should be 0"),
    ("bias type", change_options("quantizedBiasType", TYPES.INT32), "type of bias"),
    ("two inputs", change_ends("inputs", [0, 1]), "2 inputs, not 1"),
    ("other input", change_ends("inputs", [1]), "does not take what"),
    ("other output", change_ends("outputs", [11]), "not what is computed last"),
    ("wild", change_inputs([7, 99, 9]), "tensor 99 is missing"),
    ("skips", change_inputs([4, 8, 9]), "does not take what"),
    ("twice", change_inputs([7, 2, 9]), "missing or used twice"),
    ("unused", lambda m, g: g.tensors.append(schema.TensorT()), "tensor 13 is not part"),
    ("spare", lambda m, g: m.buffers.append(schema.BufferT()), "buffer 7 is not part"),
    ("first", lambda m, g: setattr(m.buffers[0], "data", np.ones(4, np.uint8)), "for nothing"),
    ("outside", lambda m, g: setattr(m.buffers[1], "offset", 8), "is 8 and should be 0"),
    ("note", add_metadata(b"TFLITE_METADATA", 4), "unexpected metadata 'TFLITE_METADATA'"),
    ("long note", add_metadata(b"CONVERSION_METADATA", 5000), "unexpected metadata"),
    ("many notes", repeat_metadata, "3 notes"),
    ("names", add_signature(1, 12), "names other tensors"),
    ("long name", change_tensor(2, "name", b"x" * 513), "longer than 512"),
]


@pytest.mark.parametrize(
    ("change", "reason"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_the_trainer_does_not_write_is_refused(change: Change, reason: str) -> None:
    model = model_of("int16x8")
    change(model, model.subgraphs[0])
    refused(model_bytes(model), reason)


@pytest.mark.parametrize(
    "change", [add_metadata(b"CONVERSION_METADATA", 96), add_signature(0, 12)]
)
def test_what_the_converter_adds_is_accepted(change: Change) -> None:
    model = model_of("int16x8")
    change(model, model.subgraphs[0])
    read_network(model_bytes(model), "voice1.tflite")


@pytest.mark.parametrize(
    ("form", "sizes", "reason"),
    [
        ("int16x8", (1, 8, 32), "1 latents, not 2 to 4"),
        ("float32", (5, 8, 32), "5 latents, not 2 to 4"),
        ("weight-only", (2, 8, 33), "33 outputs"),
        ("int16x8", (2, 8, 128), "128 outputs"),
        ("int16x8", (2, 256, 256, 96), "more than 65536 weights"),
        ("float32", (2, 8, 8, 8, 8, 8, 8, 8, 32), "8 dense layers"),
    ],
)
def test_a_slow_or_odd_decoder_is_refused(
    form: str, sizes: tuple[int, ...], reason: str
) -> None:
    refused(file_of(form, sizes), reason)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e25])
def test_weights_are_bounded(value: float) -> None:
    model = model_of("float32")
    buffer = model.buffers[model.subgraphs[0].tensors[1].buffer]
    buffer.data = np.full(16, value, np.float32).view(np.uint8)
    refused(model_bytes(model), "not a finite|without bound")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda data: b"", "not a file of kind TFL3"),
        (lambda data: data[:8], "an offset leaves the file"),
        (lambda data: data[:-1], "leaves the file"),
        (lambda data: data + b"\0" * 64, "a gap between objects"),
        (lambda data: data + b"spare", "belong to no object"),
        (lambda data: data[:4] + b"TFL2" + data[8:], "not a file of kind TFL3"),
        (lambda data: b"\0" * FILE_BYTES_MAX + data, "larger than 512 KiB"),
        (lambda data: b"\0\0\0\x80" + data[4:], "leaves the file"),
        (lambda data: b"\0\0\0\0" + data[4:], "leaves|overlap|aligned"),
    ],
)
@pytest.mark.parametrize("form", FORMS)
def test_damage_is_refused(form: str, damage: Callable[[bytes], bytes], reason: str) -> None:
    refused(damage(file_of(form)), reason)

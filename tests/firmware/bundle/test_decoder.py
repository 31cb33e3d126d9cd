from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import (
    Decoder,
    TfliteDecoder,
    installed_runtimes,
    load_decoders,
    load_runtime,
)
from firmware.bundle.manifest import BundleError
from firmware.engine.pattern import ON_GRID, STEPS
from tests.firmware.bundles import voice_of

HEADS = ("onset", "velocity", "offset")


class Interpreter:
    """Stands for a runtime's own: each step of head n gives x + y / 10 + n / 100."""

    width = STEPS

    def __init__(self, **_: object) -> None:
        self._tensors = (np.zeros((1, 2), np.float32), np.zeros((1, self.width), np.float32))

    def allocate_tensors(self) -> None:
        pass

    def get_input_details(self) -> list[dict[str, Any]]:
        return [self._details(0)]

    def get_output_details(self) -> list[dict[str, Any]]:
        return [self._details(1)]

    def _details(self, index: int) -> dict[str, Any]:
        tensor = self._tensors[index]
        return {
            "index": index,
            "shape_signature": np.array(tensor.shape),
            "dtype": tensor.dtype.type,
        }

    def tensor(self, index: int) -> Any:
        return lambda: self._tensors[index]

    def invoke(self) -> None:
        (x, y), out = self._tensors[0][0], self._tensors[1][0]
        heads = np.arange(self.width) // STEPS
        out[:] = x + y / 10 + heads / 100


class Kernels(Enum):
    BUILTIN_REF = 0
    BUILTIN_WITHOUT_DEFAULT_DELEGATES = 1


def decoder_of(heads: int, width: int | None = None) -> Decoder:
    voice = voice_of(outputs=HEADS[:heads], warp=((0.0, 1.0), (0.0, 1.0)))
    kind = type("Kind", (Interpreter,), {"width": width or heads * STEPS})
    runtime: Any = SimpleNamespace(Interpreter=kind, OpResolverType=Kernels)
    return TfliteDecoder(voice, b"", runtime)


@pytest.mark.parametrize(
    ("heads", "velocity", "offset"), [(1, 0.32, 0.0), (2, 0.33, 0.0), (3, 0.33, -0.16)]
)
def test_each_head_becomes_its_part_of_the_pattern(
    heads: int, velocity: float, offset: float
) -> None:
    pattern = decoder_of(heads).decode((0.3, 0.2))
    for steps, value in zip(pattern, (0.32, velocity, offset), strict=True):
        assert steps == pytest.approx((value,) * STEPS)


@pytest.mark.parametrize(("x", "offset"), [(0.0, -0.4999), (1.0, 0.5)])
def test_micro_timing_stays_within_half_a_step(x: float, offset: float) -> None:
    decoder = decoder_of(3)
    late = decoder.decode((x, 0.0)).offset
    assert min(late) > -0.5
    assert late == pytest.approx((offset,) * STEPS, abs=0.021)


def test_a_pattern_stays_as_it_was_when_the_next_is_decoded() -> None:
    decoder = decoder_of(1)
    first, outputs = decoder.decode((0.3, 0.2)), decoder.outputs((0.3, 0.2))
    decoder.decode((0.9, 0.9))
    assert first.onset == tuple(outputs.tolist())
    assert first.offset == ON_GRID


def test_many_positions_give_what_each_gives() -> None:
    decoder = decoder_of(2)
    places = [(0.3, 0.2), (0.9, 0.9), (0.0, 1.0)]
    rows = [decoder.outputs(place).tolist() for place in places]
    assert decoder.outputs_at(places).tolist() == rows


def test_tensors_of_another_shape_are_refused() -> None:
    with pytest.raises(BundleError, match=r"float32 \(1, 33\), not float32 \(1, 32\)"):
        decoder_of(1, width=33)


@pytest.mark.parametrize("runtime", installed_runtimes())
def test_a_model_gives_what_its_check_points_say(bundle_folder: Path, runtime: str) -> None:
    for decoder in load_decoders(read_bundle(bundle_folder), load_runtime(runtime)):
        for point in decoder.voice.check_points:
            outputs = tuple(decoder.outputs(point.position).tolist())
            assert outputs == pytest.approx(point.expected, abs=decoder.voice.tolerance)
            assert decoder.decode(point.position).onset == outputs[:STEPS]


def test_a_model_that_computes_wrong_values_is_refused(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    first, *others = bundle.models
    swapped = type(bundle)(bundle.manifest, (others[0], first, *others[1:]))
    with pytest.raises(BundleError, match="computes wrong values"):
        load_decoders(swapped)

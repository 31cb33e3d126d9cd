"""Mutated decoder files: the reader refuses them, or they play within their bounds."""

import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from firmware.bundle.exact_decoder import ExactDecoder
from firmware.bundle.manifest import BundleError
from firmware.bundle.tflite_reader import read_network
from tests.firmware.bundle.tflite_files import FORMS, file_of, model_bytes, model_of
from tests.firmware.bundles import voice_of


def mutated_model(form: str, random: np.random.Generator) -> bytes:
    """Change one field of one table: a number, an entry of a vector, a length, a reference."""
    while True:
        try:
            return model_bytes(_mutated(form, random))
        except (TypeError, ValueError, OverflowError, AttributeError, AssertionError):
            pass  # tables that cannot even be written


def _mutated(form: str, random: np.random.Generator) -> Any:
    model = model_of(
        form, [(2, 8, 32), (3, 8, 8, 96)][random.integers(2)], int(random.integers(9))
    )
    for _ in range(random.integers(1, 3)):
        places = list(_fields(model))
        owner, name = places[random.integers(len(places))]
        setattr(owner, name, _other(getattr(owner, name), random))
    return model


def _fields(table: Any) -> Iterator[tuple[Any, str]]:
    for name, value in vars(table).items():
        if isinstance(value, list):
            for entry in value:
                yield from _fields(entry)
        elif hasattr(value, "__dict__"):
            yield from _fields(value)
        if value is not None:
            yield table, name


def _other(value: Any, random: np.random.Generator) -> Any:
    number = int(random.choice([0, 1, 2, 3, 4, 7, 9, 69, 114, 127, int(random.integers(256))]))
    if isinstance(value, list) and value:
        where = int(random.integers(len(value)))
        return [value[:where], value + value[where : where + 1], value[::-1]][number % 3]
    if isinstance(value, np.ndarray) and len(value):
        changed = value.copy()
        if number % 3 == 0:
            return changed[: random.integers(len(value))]
        with np.errstate(all="ignore"):
            noise = np.array([number, -number, 2.0 ** random.integers(-40, 40), np.nan])
            changed[random.integers(len(value))] = noise[
                random.integers(4 if value.dtype.kind == "f" else 2)
            ].astype(value.dtype)
        return changed
    return value if isinstance(value, bytes) or hasattr(value, "__dict__") else number


def mutated_bytes(form: str, random: np.random.Generator) -> bytes:
    """Change some bytes, or a word that may be an offset or a length."""
    data = bytearray(file_of(form, (2, 8, 32), int(random.integers(9))))
    for _ in range(random.integers(1, 4)):
        at = int(random.integers(len(data)))
        if random.random() < 0.5:
            data[at] = random.integers(256)
        else:
            at &= ~3
            word = int(
                random.choice([0, 1, 4, 0x7FFFFFFF, 0xFFFFFFFF, random.integers(len(data))])
            )
            data[at : at + 4] = word.to_bytes(4, "little")
    if random.random() < 0.1:
        data = data[: random.integers(len(data))]
    return bytes(data)


@pytest.mark.soak
@pytest.mark.parametrize("mutate", [mutated_model, mutated_bytes])
def test_mutants_are_refused_or_play(
    mutate: Callable[[str, np.random.Generator], bytes],
    soak: Callable[[int, int], int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    random, accepted, files = np.random.default_rng(11), 0, soak(300, 10_000)
    for turn in range(files):
        form = FORMS[turn % len(FORMS)]
        data = mutate(form, random)
        try:
            network = read_network(data, "voice1.tflite")
        except BundleError:
            continue
        accepted += 1
        heads = ("onset", "velocity", "offset")[: network.width // 32]
        warp = ((-1e6, 1e6),) * network.latents
        voice = voice_of(quantisation=network.quantisation, outputs=heads, warp=warp)
        places = np.random.default_rng(1).random((16, network.latents))
        outputs = ExactDecoder(voice, data).outputs_at(places.tolist())
        assert outputs.shape == (16, network.width)
        assert ((outputs >= 0) & (outputs <= 1)).all()
    with capsys.disabled():
        sys.stdout.write(f"\n{mutate.__name__}: {accepted} of {files} accepted\n")
    assert 0 < accepted < files / 2

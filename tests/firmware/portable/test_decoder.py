"""The portable reader and decoder beside the firmware's."""

import ctypes
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder, logistic_knots
from firmware.bundle.manifest import BundleError
from firmware.bundle.tflite_reader import read_network
from firmware.engine.knob_curve import latent_at
from tests.firmware.bundle.test_exact_decoder import LSB, SHAPES, SQUARE, places_for, voice_for
from tests.firmware.bundle.test_tflite_mutants import mutated_bytes, mutated_model
from tests.firmware.bundle.test_tflite_reader import REFUSED, Change
from tests.firmware.bundle.tflite_files import FORMS, file_of, model_bytes, model_of
from tests.firmware.portable.core import (
    FLAGS,
    SANITIZERS,
    SOURCES,
    PortableDecoder,
    RefusedError,
    build_program,
)


@pytest.mark.parametrize("sizes", SHAPES, ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_every_place_decodes_alike(
    core: ctypes.CDLL, form: str, sizes: tuple[int, ...]
) -> None:
    voice, data = voice_for(form, sizes), file_of(form, sizes)
    portable, places = PortableDecoder(core, data), places_for(sizes)
    assert (portable.latents, portable.width) == (sizes[0], sizes[-1])
    assert portable.quantisation == form
    exact = ExactDecoder(voice, data).outputs_at(places)
    played = np.array([portable.run(map(latent_at, place, voice.warp)) for place in places])
    if form == "int16x8":
        assert (played == exact).all()
    assert np.abs(played - exact).max() < LSB
    for threshold in (0.3, 0.5, 0.7):
        assert ((played > threshold) == (exact > threshold)).all()


def test_trained_voices_decode_alike(core: ctypes.CDLL, bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    for voice, data in zip(bundle.manifest.voices, bundle.models, strict=True):
        portable, exact = PortableDecoder(core, data), ExactDecoder(voice, data)
        for place in SQUARE[::5]:
            played = portable.run(map(latent_at, place, voice.warp))
            assert played == exact.outputs(place).tolist()


def test_the_tables_are_the_same() -> None:
    text = (SOURCES / "logistic_knots.h").read_text()
    numbers = text[text.index("= {") + 3 : text.index("};")].split(",")
    assert [int(number) for number in numbers if number.strip()] == logistic_knots().tolist()


@pytest.mark.parametrize("case", REFUSED, ids=[case[0] for case in REFUSED])
def test_what_the_firmware_refuses_is_refused(
    core: ctypes.CDLL, case: tuple[str, Change, str]
) -> None:
    model = model_of("int16x8")
    case[1](model, model.subgraphs[0])
    with pytest.raises(RefusedError):
        PortableDecoder(core, model_bytes(model))


@pytest.mark.soak
def test_mutants_meet_the_same_verdict(tmp_path: Path, soak: Callable[[int, int], int]) -> None:
    checker = build_program(Path(__file__).with_name("check_models.cpp"), tmp_path, SANITIZERS)
    random = np.random.default_rng(12)
    mutants = [
        mutate(FORMS[turn % len(FORMS)], random)
        for turn in range(soak(300, 10_000))
        for mutate in (mutated_model, mutated_bytes)
    ]
    sent = b"".join(len(data).to_bytes(4, "little") + data for data in mutants)
    answer = subprocess.run([checker], input=sent, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr.decode()
    verdicts = "".join("1" if is_decoder(data) else "0" for data in mutants)
    assert answer.stdout.decode() == verdicts
    assert 0 < verdicts.count("1") < len(mutants) / 2


def is_decoder(data: bytes) -> bool:
    try:
        read_network(data, "")
    except BundleError:
        return False
    return True


def test_the_core_allocates_nothing(core: ctypes.CDLL, tmp_path: Path) -> None:
    """Its objects call nothing but what copies memory and rounds numbers."""
    command = ["g++", *FLAGS, "-c", *map(str, sorted(SOURCES.glob("*.cpp")))]
    subprocess.run(command, cwd=tmp_path, check=True)
    objects = sorted(map(str, tmp_path.glob("*.o")))
    listed = subprocess.run(["nm", "-u", *objects], capture_output=True, text=True, check=True)
    called = {line.split()[1] for line in listed.stdout.splitlines() if " U " in line}
    outside = {name for name in called if "exnihilo" not in name}
    assert outside <= {"memcpy", "memset", "memmove", "floor", "rint", "__stack_chk_fail",
                       "_GLOBAL_OFFSET_TABLE_"}  # fmt: skip

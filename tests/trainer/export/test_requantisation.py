"""A file that every runtime computes alike."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle.decoder import installed_runtimes
from tests.trainer.export.test_export import MODEL, SAMPLES
from trainer.export.export import export_decoder
from trainer.export.quantise import rounded
from trainer.export.requantisation import BITS, short

RUN = """
import sys
import numpy as np
from firmware.bundle.decoder import load_runtime
from tests.trainer.export.test_export import run
import tests.trainer.export.test_export as files
files.load_runtime = lambda: load_runtime(sys.argv[1])
np.save(sys.argv[4], run(open(sys.argv[2], "rb").read(), np.load(sys.argv[3])))
"""


@given(st.lists(st.floats(1e-9, 1e9), min_size=1))
def test_fifteen_bits_say_a_short_number(numbers: list[float]) -> None:
    shortened = short(np.array(numbers))
    mantissas = np.frexp(shortened)[0] * 2**BITS
    assert (mantissas == np.round(mantissas)).all()
    assert (np.abs(shortened / numbers - 1) <= 2.0**-BITS).all()


@pytest.mark.parametrize("biased", [True, False])
def test_all_runtimes_compute_the_same(tmp_path: Path, biased: bool) -> None:
    layers = rounded(MODEL.decoder, SAMPLES)
    if not biased:
        layers = tuple((kernel, np.zeros_like(bias)) for kernel, bias in layers)
    data = export_decoder(layers, "int16x8", SAMPLES)
    (tmp_path / "voice.tflite").write_bytes(data)
    low, high = SAMPLES.min(0), SAMPLES.max(0)
    along = np.linspace(0, 1, 64, dtype=np.float32)
    places = np.stack(np.meshgrid(along, along), -1).reshape(-1, 2)
    np.save(tmp_path / "latents.npy", low + places * (high - low))
    played = []
    for name in installed_runtimes():
        out = tmp_path / f"{name}.npy"
        files = (tmp_path / "voice.tflite", tmp_path / "latents.npy", out)
        subprocess.run((sys.executable, "-c", RUN, name, *files), check=True)
        played.append(np.load(out))
    assert len(played) >= 2
    for other in played[1:]:
        assert (played[0] == other).all()

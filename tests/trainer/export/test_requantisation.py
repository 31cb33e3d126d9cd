"""A file that every runtime computes alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle.decoder import installed_runtimes
from tests.trainer.export.test_decoder_file import SIZES, decoder_of, run, samples
from trainer.export.decoder_file import decoder_file
from trainer.export.quantise import rounded
from trainer.export.requantisation import BITS, shared_scales, short


@given(st.lists(st.floats(1e-9, 1e9), min_size=1))
def test_fifteen_bits_say_a_short_number(numbers: list[float]) -> None:
    shortened = short(np.array(numbers))
    mantissas = np.frexp(shortened)[0] * 2**BITS
    assert (mantissas == np.round(mantissas)).all()
    assert (np.abs(shortened / numbers - 1) <= 2.0**-BITS).all()


@given(
    st.lists(st.floats(1e-6, 1), min_size=1, max_size=9), st.floats(1e-6, 1), st.floats(1e-6, 1)
)
def test_scales_hardly_move(scales: list[float], step: float, result: float) -> None:
    given_scales = np.array(scales, np.float32)
    moved = shared_scales(given_scales, np.float32(step), np.float32(result))
    assert np.abs(moved / given_scales - 1).max() <= 2.0**-14


@pytest.mark.parametrize("biased", [True, False])
def test_all_runtimes_compute_the_same(*, biased: bool) -> None:
    layers = rounded(decoder_of(SIZES["map"]), samples(2, 800))
    if not biased:
        layers = tuple((kernel, np.zeros_like(bias)) for kernel, bias in layers)
    data, places = decoder_file(layers, "int16x8", samples(2)), samples(2, 2000, 5)
    played = [run(data, places, name, "int16x8") for name in installed_runtimes()]
    assert len(played) >= 2
    for other in played[1:]:
        assert (played[0] == other).all()

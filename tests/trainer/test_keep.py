"""What stays on the laptop can be read back, or is refused in one line."""

from pathlib import Path

import numpy as np
import pytest

from firmware.errors import UserError
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.keep import FILE, pack, read_kept
from trainer.models import STRUCTURES, initial, latents_of, outputs_of
from trainer.population import History

HISTORY = History(np.zeros((3, 2), np.float32), np.zeros((0,), np.float32))


def test_models_and_patterns_come_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    dataset = dataset_of(rhythms(9))
    models = [
        initial(STRUCTURES[name].layers(2, 3), kind, 1, rng).candidate(0)
        for name, kind in (("model3", "vae"), ("prototype", "relu"))
    ]
    packed = pack(models, [HISTORY] * 2, dataset)
    assert packed == pack(models, [HISTORY] * 2, dataset)
    (tmp_path / FILE).write_bytes(packed)
    kept = read_kept(tmp_path)
    assert kept.dataset.names == dataset.names
    assert np.array_equal(kept.dataset.offset, dataset.offset)
    for model, back in zip(models, kept.models, strict=True):
        latents = latents_of(model, dataset.onset)
        assert back.latent_kind == model.latent_kind
        assert np.array_equal(latents_of(back, dataset.onset), latents)
        assert np.array_equal(outputs_of(back, latents), outputs_of(model, latents))


@pytest.mark.parametrize("content", [None, b"", b"not a zip", b"PK\x03\x04 cut"])
def test_what_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UserError, match=FILE):
        read_kept(tmp_path)

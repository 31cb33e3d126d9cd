"""What stays on the laptop can be read back, or is refused in one line."""

from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle.bundle import read_manifest
from firmware.errors import UserError
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.model.checkpoint import FILE, kept_of, pack, read_kept
from trainer.model.fit import History
from trainer.model.models import STRUCTURES, Autoencoder, initial, latents_of, outputs_of
from trainer.model.train_step import Training

HISTORY = History(np.zeros((3, 2), np.float32), np.zeros((0,), np.float32))
TRAININGS = (Training(beta=0.01, l2=1e-4), Training("relu", dropout=0.1))


def packed(trainings: Sequence[Training] = TRAININGS) -> bytes:
    return pack(models(), trainings, [HISTORY] * 2, dataset_of(rhythms(9)))


def models() -> list[Autoencoder]:
    rng = np.random.default_rng(0)
    return [
        initial(STRUCTURES[name].layers(2, 3), training.latent_kind, 1, rng).candidate(0)
        for name, training in zip(("model3", "prototype"), TRAININGS, strict=True)
    ]


def test_models_and_patterns_come_back(tmp_path: Path) -> None:
    assert packed() == packed()
    (tmp_path / FILE).write_bytes(packed())
    kept, dataset = read_kept(tmp_path), dataset_of(rhythms(9))
    assert kept.trainings == TRAININGS
    assert kept.dataset.names == dataset.names
    assert np.array_equal(kept.dataset.offset, dataset.offset)
    for model, back in zip(models(), kept.models, strict=True):
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


@pytest.mark.parametrize(
    "changed",
    [
        {"version": np.zeros((2, 2))},
        {"training_0": np.array("{}garbage")},
        {"training_0": np.array('{"nonsense": 1}')},
        {"training_1": np.array('{"latent_kind": "zzz"}')},
        {"training_1": np.array('{"l2": "much"}')},
        {"training_1": np.array('{"beta": NaN}')},
        {"depth_0": np.array(99)},
        {"voices": np.array(3)},
        {"weights_0_0": np.zeros((5, 5), np.float32)},
        {"weights_0_1": np.full((1, 20), np.nan, np.float32)},
        {"weights_1_0": np.zeros((32, 16))},
        {"onset": np.ones((9, 32), np.float32)},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_does_not_hold_together_is_refused(
    tmp_path: Path, changed: dict[str, np.ndarray]
) -> None:
    arrays = dict(np.load(BytesIO(packed()))) | changed
    np.savez_compressed(tmp_path / FILE, **arrays)
    with pytest.raises(UserError, match=f"{FILE}: cannot be read"):
        read_kept(tmp_path)


@given(place=st.integers(0, len(packed()) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_or_makes_no_odds(place: int, bit: int) -> None:
    content = bytearray(packed())
    content[place] ^= 1 << bit
    with TemporaryDirectory() as folder:
        (Path(folder) / FILE).write_bytes(content)
        with suppress(UserError):
            assert len(read_kept(Path(folder)).models) == 2


def test_what_lies_beside_another_bundle_is_refused(kit: Path, tmp_path: Path) -> None:
    manifest = read_manifest(kit)
    assert kept_of(tmp_path, manifest) is None
    (tmp_path / FILE).write_bytes(packed())
    with pytest.raises(UserError, match="of another bundle"):
        kept_of(tmp_path, manifest)
    kept = kept_of(kit, manifest)
    assert kept is not None
    assert len(kept.models) == len(manifest.voices)

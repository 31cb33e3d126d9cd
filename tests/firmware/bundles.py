"""Manifests and bundles for tests, small and whole but for what the decoders compute."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from firmware.bundle.bundle import write_bundle
from firmware.bundle.manifest import CheckPoint, Manifest, VoiceModel, stored_file
from firmware.engine.pattern import STEPS

MODEL = b"not a model, but the hash does not mind"


def voice_of(name: str = "model1", model: bytes = MODEL, **changes: Any) -> VoiceModel:
    """Describe a voice whose file holds `model`."""
    stored = stored_file(f"{name}.tflite", model)
    points = tuple(CheckPoint((n / 15, 0.5), (0.5,) * STEPS) for n in range(16))
    voice = VoiceModel(
        name=name,
        layers=(32, 20, 8, 2, 8, 20, 32),
        latent_kind="vae",
        file=stored.file,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        quantisation="int16x8",
        outputs=("onset",),
        latent_range=((-2.0, 2.0), (-1.0, 3.0)),
        mapping="warped",
        warp=((-2.0, 0.0, 2.0), (-1.0, 3.0)),
        training_points=((0.25, 0.75), (0.5, 0.5)),
        metrics={"f1": 0.9},
        tolerance=0.02,
        check_points=points,
    )
    return replace(voice, **changes)


def manifest_of(*voices: VoiceModel, **changes: Any) -> Manifest:
    """Describe a bundle of these voices, or of one."""
    manifest = Manifest(
        name="test",
        created="2026-01-01T00:00:00Z",
        trainer_version="0.1.0",
        seed=1,
        loops=2,
        patterns=2,
        voices=voices or (voice_of(),),
    )
    return replace(manifest, **changes)


def bundle_at(folder: Path, **changes: Any) -> Path:
    """Write a bundle with a map and give its folder."""
    picture = b"a map"
    manifest = manifest_of(extras=(stored_file("map.png", picture),), **changes)
    contents = {voice.file: MODEL for voice in manifest.voices} | {"map.png": picture}
    write_bundle(folder, manifest, contents)
    return folder

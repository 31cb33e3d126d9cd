"""Write bundles with real decoders of random weights: `python make_bundles.py DIR`.

A process of its own: only the first test run needs it.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

from firmware.bundle.bundle import write_bundle
from firmware.bundle.decoder import TfliteDecoder, load_runtime
from firmware.bundle.manifest import CheckPoint, Manifest, VoiceModel, stored_file
from trainer.export.decoder_file import decoder_file

RUNTIME = load_runtime()

SIZES = (2, 8, 16, 32)
FULL_SIZES = (2, 64, 72, 96)
"""What the trainer makes of a map with velocity and micro-timing."""
KNOTS = (-2.0, 0.0, 2.0)


def make_voice(
    name: str,
    quantisation: str,
    seed: int,
    *,
    steady: bool = False,
    sizes: tuple[int, ...] = SIZES,
) -> tuple[VoiceModel, bytes]:
    """Make a voice; all steps of a `steady` one are probable wherever on its map."""
    random = np.random.default_rng(seed)
    layers = tuple(
        (
            random.normal(0, 0.1 if steady else 1, (a, b)).astype(np.float32),
            np.full((1, b), float(steady), np.float32),
        )
        for a, b in pairwise(sizes)
    )
    samples = random.uniform(-2, 2, (200, 2)).astype(np.float32)
    model = decoder_file(layers, quantisation, samples)
    stored = stored_file(f"{name}.tflite", model)
    voice = VoiceModel(
        name=name,
        layers=(32, *sizes[-2:0:-1], *sizes[:-1], 32),
        latent_kind="linear",
        file=stored.file,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        quantisation=quantisation,
        outputs=("onset", "velocity", "offset")[: sizes[-1] // 32],
        latent_range=((-2.0, 2.0), (-2.0, 2.0)),
        mapping="classic",
        warp=(KNOTS, KNOTS),
        training_points=((0.5, 0.5),),
        metrics={},
        tolerance=0.02,
        check_points=(),
    )
    decoder = TfliteDecoder(voice, model, RUNTIME)
    grid = [(x / 3, y / 3) for x in range(4) for y in range(4)]
    points = tuple(CheckPoint(at, tuple(decoder.outputs(at).tolist())) for at in grid)
    fields = {field: getattr(voice, field) for field in VoiceModel.__slots__}
    return VoiceModel(**{**fields, "check_points": points}), model


def make_bundle(
    folder: Path,
    quantisations: tuple[str, ...],
    *,
    steady: bool = False,
    sizes: tuple[int, ...] = SIZES,
) -> None:
    voices = [
        make_voice(f"model{n}", kind, n, steady=steady, sizes=sizes)
        for n, kind in enumerate(quantisations, 1)
    ]
    manifest = Manifest(
        name=folder.name,
        created="2026-01-01T00:00:00Z",
        trainer_version="0.1.0",
        seed=1,
        loops=0,
        patterns=0,
        voices=tuple(voice for voice, _ in voices),
    )
    write_bundle(folder, manifest, {voice.file: model for voice, model in voices})


if __name__ == "__main__":
    target = Path(sys.argv[1])
    make_bundle(target / "drums", ("int16x8",) * 3)
    make_bundle(target / "bass", ("float32",))
    make_bundle(target / "steady", ("int16x8",) * 3, steady=True)
    make_bundle(target / "full", ("int16x8",) * 3, sizes=FULL_SIZES)

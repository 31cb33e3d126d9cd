"""The kit format's published vectors hold for the reader of this project."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.manifest import MANIFEST, BundleError
from firmware.engine.knob_curve import latent_at
from tests.docs.markdown import DOCS
from tools.kit_vectors import FOLDER, changed

KIT = DOCS / FOLDER
VECTORS = json.loads((KIT / "vectors.json").read_text("utf-8"))


def test_knobs_become_these_latents() -> None:
    warp = read_bundle(KIT).manifest.voices[0].warp
    for one in VECTORS["knobs"]:
        assert [*map(latent_at, one["position"], warp)] == one["latents"]


def test_positions_decode_to_these_patterns() -> None:
    decoder = load_decoders(read_bundle(KIT))[0]
    for one in VECTORS["patterns"]:
        assert np.abs(decoder.outputs(one["position"]) - one["outputs"]).max() < 1e-6
        pattern = decoder.decode(one["position"])
        for threshold, steps in one["sounding"].items():
            assert "".join("-x"[on] for on in pattern.sounding(float(threshold))) == steps


@pytest.mark.parametrize("one", VECTORS["refused"], ids=lambda one: one["reason"])
def test_changed_manifests_are_refused(one: dict[str, object], tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    shutil.copytree(KIT, kit)
    document = json.loads((kit / MANIFEST).read_text("utf-8"))
    path = one["path"]
    assert isinstance(path, list)
    (kit / MANIFEST).write_text(json.dumps(changed(document, tuple(path), one["value"])))
    with pytest.raises(BundleError):
        load_decoders(read_bundle(kit))

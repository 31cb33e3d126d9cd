"""The maps that the panel renders."""

from pathlib import Path

import numpy as np

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.panel.decoders import VoiceDecoders
from firmware.panel.map_renderer import OVERVIEW, MapRenderer


def test_an_overview_says_where_many_steps_are_to_be_expected(bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    pairs = zip(bundle.manifest.voices, bundle.models, strict=True)
    decoders = VoiceDecoders([ExactDecoder(*pair) for pair in pairs])
    renderer = MapRenderer()
    renderer.step(decoders)
    assert renderer.overview(0) == ()
    while not renderer.done:
        renderer.step(decoders)
    for voice, decoder in enumerate(decoders.decoders):
        cells = np.reshape(renderer.overview(voice), (OVERVIEW, OVERVIEW))
        assert cells.max() == 9
        # The middle of a cell stands for it.
        places = [
            ((column + 0.5) / OVERVIEW, (row + 0.5) / OVERVIEW)
            for row in range(OVERVIEW)
            for column in range(OVERVIEW)
        ]
        expected = decoder.outputs_at(places)[:, :32].mean(1).reshape(OVERVIEW, OVERVIEW)
        assert np.corrcoef(cells.ravel(), expected.ravel())[0, 1] > 0.95
    assert renderer.overview(len(decoders.decoders)) == ()

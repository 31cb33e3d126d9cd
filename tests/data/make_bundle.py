"""Make `tests/data/bundle`: three trained voices without pictures, small enough to keep.

trainer demo-loops loops
trainer train loops -o whole
python tests/data/make_bundle.py whole
"""

import sys
from dataclasses import replace
from pathlib import Path

from firmware.bundle.bundle import read_bundle, write_bundle
from firmware.bundle.manifest import VoiceModel

POINTS = 24


def slim(voice: VoiceModel) -> VoiceModel:
    """Keep what the firmware's tests need of a voice."""
    points = tuple((round(x, 4), round(y, 4)) for x, y in voice.training_points[:POINTS])
    return replace(voice, training_points=points, check_points=voice.check_points[:16])


def main(source: Path) -> None:
    """Write the slim copy of a whole bundle."""
    bundle = read_bundle(source)
    voices = tuple(map(slim, bundle.manifest.voices))
    manifest = replace(bundle.manifest, name="demo", voices=voices, extras=())
    contents = {v.file: data for v, data in zip(voices, bundle.models, strict=True)}
    write_bundle(Path(__file__).with_name("bundle"), manifest, contents)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

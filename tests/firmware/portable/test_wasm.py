"""The portable core as WebAssembly: the committed file, and that it plays as the native one."""

import ctypes
import json
import subprocess
from pathlib import Path
from struct import pack

from firmware.bundle.bundle import read_bundle
from tests.firmware.bundle.test_exact_decoder import SQUARE
from tests.firmware.portable import golden
from tests.firmware.portable.core import read_outputs
from tests.firmware.portable.kit import PortableKit
from tools.build_wasm import WASM, build

PLAY = Path(__file__).with_name("play.js")
BYTES_MAX = 60 * 1000


def test_the_committed_file_is_what_the_source_gives(tmp_path: Path) -> None:
    build(tmp_path / "again.wasm")
    assert (tmp_path / "again.wasm").read_bytes() == WASM.read_bytes()
    assert WASM.stat().st_size <= BYTES_MAX


def test_it_plays_the_golden_performances_and_decodes_as_the_native_core_does(
    core: ctypes.CDLL, bundle_folder: Path
) -> None:
    bundle = read_bundle(bundle_folder)
    manifest = (bundle_folder / "manifest.json").read_bytes()
    native = PortableKit(core, manifest)
    for voice, model in enumerate(bundle.models):
        native.load(voice, model)
    places = [(voice, *place) for voice in range(3) for place in SQUARE[::97]]
    rows = [row for played in golden.read() for row in played]
    request = {
        "wasm": str(WASM),
        "manifest": manifest.hex(),
        "models": [model.hex() for model in bundle.models],
        "places": places,
        "commands": [(name, str(now_ns), data) for name, now_ns, data, _ in rows],
    }
    answer = subprocess.run(
        ["node", str(PLAY)],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
    )
    played = json.loads(answer.stdout)
    assert played["reasons"] == [None] * 4
    for (voice, *place), pattern in zip(places, played["patterns"], strict=True):
        expected = native.decode(voice, place)
        assert pattern == pack("<96d", *(value for head in expected for value in head)).hex()
    for (name, now_ns, _, outputs), data in zip(rows, played["outputs"], strict=True):
        found = [*map(golden.row_of, read_outputs(bytes.fromhex(data)))]
        assert found == outputs, (name, now_ns)

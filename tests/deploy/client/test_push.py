import shutil
from pathlib import Path

import pytest

from deploy.client.push import pack
from firmware.bundle.manifest import BundleError


def test_a_bundle_damaged_here_is_not_sent(bundle_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(bundle_folder, folder)
    path = next(folder.glob("*.tflite"))
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(BundleError, match="does not match its hash"):
        pack([folder])


def test_a_bundle_may_be_renamed_on_its_way(bundle_folder: Path) -> None:
    (bundle,) = pack([bundle_folder], "drums")
    assert bundle.manifest.name == "drums"

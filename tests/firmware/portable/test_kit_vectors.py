"""The kit format's published vectors hold for the portable reader."""

import ctypes
import json

import pytest

from firmware.bundle.bundle import read_bundle
from tests.docs.test_kit_vectors import KIT, VECTORS
from tests.firmware.portable.core import RefusedError
from tests.firmware.portable.kit import PortableKit
from tests.firmware.portable.test_kit import loaded, manifest_of
from tools.kit_vectors import changed

UNKNOWN_KEY = "the schema has no such key"


def read(core: ctypes.CDLL, one: dict[str, object]) -> None:
    path = one["path"]
    assert isinstance(path, list)
    document = changed(json.loads(manifest_of(KIT)), tuple(path), one["value"])
    kit = PortableKit(core, json.dumps(document).encode())
    for voice, model in enumerate(read_bundle(KIT).models):
        kit.load(voice, model)


def test_positions_decode_to_these_patterns(core: ctypes.CDLL) -> None:
    kit = loaded(core, KIT)
    for one in VECTORS["patterns"]:
        pattern = kit.decode(0, one["position"])
        assert pattern.onset == pytest.approx(one["outputs"][: len(pattern.onset)], abs=1e-6)
        for threshold, steps in one["sounding"].items():
            assert "".join("-x"[on] for on in pattern.sounding(float(threshold))) == steps


@pytest.mark.parametrize("one", VECTORS["refused"], ids=lambda one: one["reason"])
def test_changed_manifests_are_refused_but_for_unknown_keys(
    core: ctypes.CDLL, one: dict[str, object]
) -> None:
    if one["reason"] == UNKNOWN_KEY:
        read(core, one)
    else:
        with pytest.raises(RefusedError):
            read(core, one)

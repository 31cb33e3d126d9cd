"""The patches for VCV Rack: Rack's format, modules that ship with it, ports that exist."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pd.vcv import rack_modules
from pd.vcv.make_patches import PATCHES
from pd.vcv.rack_modules import RackModule

FOLDER = Path(__file__).parents[2] / "pd" / "vcv"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

# Of Rack 2's Core.json and Fundamental 2's plugin.json.
SHIPPED = {
    "Core": {"AudioInterface2", "AudioInterface16", "MIDIToCVInterface", "Notes"},
    "Fundamental": {"VCO", "ADSR", "VCA-1", "VCMixer", "Scope", "SEQ3"},
}

# How many each has, counted in the sources' enumerations: parameters, inputs, outputs.
COUNTS: Mapping[str, tuple[int, int, int]] = {
    "AudioInterface2": (1, 2, 2),
    "AudioInterface16": (0, 16, 16),
    "MIDIToCVInterface": (0, 0, 12),
    "Notes": (0, 0, 0),
    "VCO": (8, 4, 4),
    "ADSR": (9, 6, 1),
    "VCA-1": (2, 2, 1),
    "VCMixer": (5, 9, 5),
    "Scope": (8, 3, 0),
    "SEQ3": (38, 5, 16),
}
KINDS = [kind for kind in vars(rack_modules).values() if isinstance(kind, RackModule)]


@pytest.fixture(params=PATCHES)
def patch(request: pytest.FixtureRequest) -> dict[str, Any]:
    data = (FOLDER / request.param).read_bytes()
    assert not data.startswith(ZSTD_MAGIC)
    document: dict[str, Any] = json.loads(data)
    assert document == PATCHES[request.param]()
    return document


def test_every_module_ships_with_rack(patch: dict[str, Any]) -> None:
    assert patch["version"].startswith("2.")
    for module in patch["modules"]:
        assert module["model"] in SHIPPED[module["plugin"]]
        assert all(param["id"] < COUNTS[module["model"]][0] for param in module["params"])


def test_every_cable_ends_in_ports_that_exist_and_no_input_has_two(
    patch: dict[str, Any],
) -> None:
    models = {module["id"]: module["model"] for module in patch["modules"]}
    assert len(models) == len(patch["modules"])
    taken = set()
    for cable in patch["cables"]:
        assert cable["outputId"] < COUNTS[models[cable["outputModuleId"]]][2]
        assert cable["inputId"] < COUNTS[models[cable["inputModuleId"]]][1]
        taken.add((cable["inputModuleId"], cable["inputId"]))
    assert len(taken) == len(patch["cables"]) == len({cable["id"] for cable in patch["cables"]})


def test_modules_do_not_overlap(patch: dict[str, Any]) -> None:
    widths = {kind.model: kind.width_hp for kind in KINDS}
    places = [
        (row, place + slot)
        for module in patch["modules"]
        for place, row in [module["pos"]]
        for slot in range(widths[module["model"]])
    ]
    assert len(places) == len(set(places))


def test_each_voice_listens_on_its_own_channel() -> None:
    modules = PATCHES["exnihilo-midi.vcv"]()["modules"]
    channels = [m["data"]["midi"]["channel"] for m in modules if "midi" in m.get("data", {})]
    assert channels == [0, 1, 2]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.model)
def test_the_numbers_fit_the_sources(kind: RackModule) -> None:
    params, inputs, outputs = COUNTS[kind.model]
    assert len(kind.params) <= params
    assert len(kind.inputs) == inputs
    assert len(kind.outputs) <= outputs

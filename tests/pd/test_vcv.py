"""The patches for VCV Rack: Rack's format, modules that are there, levels and room."""

import json
from pathlib import Path
from typing import Any

import pytest

from pd.vcv import rack_modules
from pd.vcv.make_patches import PATCHES
from pd.vcv.plugin_parameters import PARAMETERS
from pd.vcv.rack_modules import EX_NIHILO, RackModule

FOLDER = Path(__file__).parents[2] / "pd" / "vcv"
PLUGIN = FOLDER / "plugin"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
HP_PIXELS, ROW_PIXELS, MENU_PIXELS = 15, 380, 30
"""Of Rack at its usual zoom."""
FULL_VOLTS = 10.0
"""Opens a VCA or a mixer channel whole, and is full scale of an audio interface."""
OSCILLATOR_VOLTS = 5.0
VELOCITY_VOLTS = {"MIDIToCVInterface": 10.0, "AudioInterface16": 5.0, "ExNihilo": 5.0}

Patch = dict[str, Any]
KINDS = {
    kind.model: kind for kind in vars(rack_modules).values() if isinstance(kind, RackModule)
}


@pytest.fixture(params=PATCHES)
def patch(request: pytest.FixtureRequest) -> Patch:
    data = (FOLDER / request.param).read_bytes()
    assert not data.startswith(ZSTD_MAGIC)
    document: Patch = json.loads(data)
    assert document == PATCHES[request.param]()
    return document


def models(patch: Patch) -> dict[int, str]:
    return {module["id"]: module["model"] for module in patch["modules"]}


def params(module: Patch) -> dict[str, float]:
    names = KINDS[module["model"]].params
    return {names[param["id"]]: param["value"] for param in module["params"]}


def test_modules_and_values_are_those_of_their_version(patch: Patch) -> None:
    assert patch["version"] == rack_modules.CORE
    for module in patch["modules"]:
        kind = KINDS[module["model"]]
        assert (module["plugin"], module["version"]) == (kind.plugin, kind.version)
        for name, value in params(module).items():
            low, high = kind.ranges[kind.params.index(name)]
            assert low <= value <= high, (kind.model, name)


def test_every_cable_ends_in_ports_that_exist_and_no_input_has_two(patch: Patch) -> None:
    found = models(patch)
    assert len(found) == len(patch["modules"])
    taken = set()
    for cable in patch["cables"]:
        assert cable["outputId"] < len(KINDS[found[cable["outputModuleId"]]].outputs)
        assert cable["inputId"] < len(KINDS[found[cable["inputModuleId"]]].inputs)
        taken.add((cable["inputModuleId"], cable["inputId"]))
    assert len(taken) == len(patch["cables"]) == len({cable["id"] for cable in patch["cables"]})


def test_modules_stand_side_by_side_in_a_window_of_1024_by_800_pixels(patch: Patch) -> None:
    places = [
        (row, place + slot)
        for module in patch["modules"]
        for place, row in [module["pos"]]
        for slot in range(KINDS[module["model"]].width_hp)
    ]
    assert len(places) == len(set(places))
    assert (max(slot for _, slot in places) + 1) * HP_PIXELS <= 1024
    assert (max(row for row, _ in places) + 1) * ROW_PIXELS + MENU_PIXELS <= 800
    assert (min(places), patch["gridOffset"], patch["zoom"]) == ((0, 0), [0, 0], 1)


def test_one_audio_module_uses_each_channel_once(patch: Patch) -> None:
    audio = [module for module in patch["modules"] if module["model"].startswith("Audio")]
    assert len(audio) == 1
    played = [c["inputId"] for c in patch["cables"] if c["inputModuleId"] == audio[0]["id"]]
    assert sorted(played) == [0, 1]


def test_all_voices_at_once_stay_within_full_scale(patch: Patch) -> None:
    """An oscillator, opened whole, by velocity and the mixer's channel and mix levels."""
    found = models(patch)
    (mixer,) = (module for module in patch["modules"] if module["model"] == "VCMixer")
    levels, names = params(mixer), KINDS["VCMixer"].inputs
    voices = []
    for cable in patch["cables"]:
        name = names[cable["inputId"]]
        if cable["inputModuleId"] == mixer["id"] and name.startswith("cv_"):
            velocity = VELOCITY_VOLTS[found[cable["outputModuleId"]]] / FULL_VOLTS
            gain = levels.get(name.removeprefix("cv_"), 1.0) ** 2
            voices.append(OSCILLATOR_VOLTS * velocity * gain)
    assert voices == pytest.approx([OSCILLATOR_VOLTS] * 3, rel=1e-4)
    assert 0.8 * FULL_VOLTS < sum(voices) * levels["mix"] <= FULL_VOLTS


def test_each_voice_listens_on_its_own_channel_and_bends_by_two() -> None:
    modules = PATCHES["exnihilo-midi.vcv"]()["modules"]
    midi = [m["data"] for m in modules if m["model"] == "MIDIToCVInterface"]
    assert [data["midi"]["channel"] for data in midi] == [0, 1, 2]
    assert {data["pwRange"] for data in midi} == {2}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_parameter_has_a_range(kind: RackModule) -> None:
    assert len(kind.params) == len(kind.ranges)
    for names in (kind.params, kind.inputs, kind.outputs):
        assert len(names) == len(set(names))


def test_the_patch_and_the_plugin_mean_the_same_module() -> None:
    plugin = json.loads((PLUGIN / "plugin.json").read_text("utf-8"))
    assert plugin["slug"] == EX_NIHILO.plugin
    assert [module["slug"] for module in plugin["modules"]] == [EX_NIHILO.model]
    assert plugin["license"] == "MIT"
    source = (PLUGIN / "src" / "module.h").read_text("utf-8")
    assert "VOICE_OUTPUT, CLOCK_OUTPUT = VOICE_OUTPUT + 4 * VOICES" in source
    assert "CV_INPUT, CLOCK_INPUT = CV_INPUT + CV_INPUTS, RESET_INPUT, RUN_INPUT" in source
    assert PARAMETERS[:3] == ("x", "y", "threshold")

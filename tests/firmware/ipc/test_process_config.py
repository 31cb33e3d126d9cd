from pathlib import Path

from firmware.ipc.process_config import NO_DESCRIPTOR, PlayerConfig, player_config
from firmware.storage.paths import Home
from firmware.storage.settings import parse_settings


def test_a_person_s_settings_reach_the_player() -> None:
    settings, _ = parse_settings(
        "[outputs]\ncv_ms = 1.5\nmidi_ms = 2.0\n[clock]\nsilence_ms = 900\n"
        '[midi]\ninput = "Keys"\noutput = "Synth"'
    )
    home = Home(Path("/home"))
    assert player_config(home, settings, messages=5, heartbeat=7, rack=Path("/rack")) == (
        PlayerConfig(
            messages=5,
            lifeline=NO_DESCRIPTOR,
            heartbeat=7,
            rack="/rack",
            midi_input="Keys",
            midi_output="Synth",
            calibration="/home/state/calibration.json",
            cv_trim_ns=1_500_000,
            midi_trim_ns=2_000_000,
            silence_ns=900_000_000,
        )
    )

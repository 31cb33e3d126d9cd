import pytest

from firmware.ipc.process_config import (
    PanelConfig,
    PlayerConfig,
    config_argument,
    pack_numbered,
    read_config,
    unpack_numbered,
)


def test_what_a_process_is_given_comes_back() -> None:
    player = PlayerConfig(messages=5, lifeline=6, heartbeat=7, midi_input="Keys", cv_trim_ns=12)
    assert read_config(PlayerConfig, [config_argument(player)]) == player
    panel = PanelConfig(messages=5, requests=6, home="/home with space", settings="s.toml")
    assert read_config(PanelConfig, [config_argument(panel)]) == panel


@pytest.mark.parametrize("line", [b"", b"{}", b'{"op": "load x"}\n'])
def test_a_numbered_line_comes_back(line: bytes) -> None:
    assert unpack_numbered(pack_numbered(42, line)) == (42, line)


def test_a_packet_without_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        unpack_numbered(b"hello")

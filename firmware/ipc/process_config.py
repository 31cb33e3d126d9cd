"""The configuration of the child processes: what their `main` takes, and inherited descriptors.

`messages` is a SOCK_SEQPACKET socket between player and panel, one packet per message of
`codec.py`. It outlives both: a restarted process finds what the other sent meanwhile. Report
numbers start at 0 in a new player, so a number that is not above the last tells the panel to
send its state again.

`control` is the listening socket of `control_protocol.py`, which the panel serves. It outlives
the panel too: a client that connects while the panel is restarted waits for the new one.

Both exit when the `lifeline` closes, the player after it has muted its outputs.
"""

from dataclasses import dataclass
from pathlib import Path

from firmware.storage.paths import Home
from firmware.storage.settings import Settings

NO_DESCRIPTOR = -1


@dataclass(frozen=True, slots=True)
class PlayerConfig:
    """The player's configuration; `rack` is a simulated rack's folder, empty for the board.

    `heartbeat` is shared memory (`heartbeat.py`), `midi` a bridge's socket (`midi/bridge.py`).
    """

    messages: int
    lifeline: int
    heartbeat: int
    midi_bridge: int = NO_DESCRIPTOR
    rack: str = ""
    midi_input: str = ""
    midi_output: str = ""
    calibration: str = ""
    cv_trim_ns: int = 0
    midi_trim_ns: int = 0
    silence_ns: int = 500_000_000


@dataclass(frozen=True, slots=True)
class PanelConfig:
    """The panel's configuration; `home` and `settings` are paths, `rack` as in the player's.

    `started_ns` is when the supervisor started, in monotonic time.
    """

    messages: int
    home: str
    settings: str
    control: int = NO_DESCRIPTOR
    lifeline: int = NO_DESCRIPTOR
    heartbeat: int = NO_DESCRIPTOR
    rack: str = ""
    started_ns: int = 0


def player_config(
    home: Home,
    settings: Settings,
    *,
    messages: int,
    lifeline: int = NO_DESCRIPTOR,
    heartbeat: int,
    midi_bridge: int = NO_DESCRIPTOR,
    rack: Path | None = None,
) -> PlayerConfig:
    """Return the configuration of a player with a person's settings."""
    return PlayerConfig(
        messages=messages,
        lifeline=lifeline,
        heartbeat=heartbeat,
        midi_bridge=midi_bridge,
        rack=str(rack or ""),
        midi_input=settings.midi.input,
        midi_output=settings.midi.output,
        calibration=str(home.calibration),
        cv_trim_ns=round(settings.outputs.cv_ms * 1e6),
        midi_trim_ns=round(settings.outputs.midi_ms * 1e6),
        silence_ns=settings.clock.silence_ms * 1_000_000,
    )

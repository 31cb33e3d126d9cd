"""`firmware sim BUNDLE --live`: the whole module in real time, its front panel in the terminal.

The module's own processes run on a simulated rack; MIDI goes to virtual ports where the system
supports them. At the end the outputs are muted and the terminal is restored.
"""

import importlib.util
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from firmware.bundle.bundle import read_bundle
from firmware.bundle.store import install_copy, set_current
from firmware.desk.client import OscClient
from firmware.desk.sound import NO_SOUND, Output, cv_render, open_stream, synth_render
from firmware.engine.state import VOICES
from firmware.errors import UserError
from firmware.simulator.serving import served_rack
from firmware.storage.paths import Home
from firmware.storage.settings import OscSettings, Settings, read_settings

STOP_S = 10.0
PORT_NAME = "Ex Nihilo"
LOG = "live.log"
CHANNELS = 4
"""Of a voice: pitch, velocity, accent, gate."""


def run_live(bundle: Path, home_path: Path, *, sound: str = "", cv: str = "") -> int:
    """Play a bundle until the user quits; return the exit code.

    `sound` and `cv` name audio devices: for the synth (empty for the default, `none` for
    silence), and for the twelve CVs (empty for none).

    Raises `UserError` for a bad bundle, an OSC port in use, no terminal, or a missing library.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UserError("--live needs a terminal; omit it to record in virtual time")
    # Loaded here: the terminal's library comes with the extra `desk`.
    from firmware.desk.app import FrontPanelApp  # noqa: PLC0415

    read_bundle(bundle)
    home = Home(home_path)
    home.prepare()
    settings = read_settings(home.settings).settings
    check_port(settings.osc)
    set_current(home, install_copy(home, bundle))
    text = _text(home.settings)
    places, ports = midi_ports(settings, text)
    with tempfile.TemporaryDirectory(prefix="exnihilo-") as folder:
        settings_path = Path(folder) / "settings.toml"
        settings_path.write_text(text + ports, "utf-8")
        with (
            served_rack(Path(folder)) as rack,
            running_module(Path(folder), home, settings_path),
            closing(OscClient(settings.osc.host, settings.osc.port)) as client,
            audio(Path(folder), sound, cv) as sound_status,
        ):
            osc = f"OSC {settings.osc.host}:{settings.osc.port}"
            places = f"{osc}   {places}   {sound_status}"
            FrontPanelApp(rack, client, time.monotonic_ns, places).run()
    return 0


def check_port(osc: OscSettings) -> None:
    """Check whether the OSC port is free. Raises `UserError`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((osc.host, osc.port))
        except OSError as error:
            raise UserError(
                f"OSC port {osc.port}: {error.strerror}; stop the program that uses it, or set "
                "another in settings.toml below [osc]"
            ) from None


def midi_ports(settings: Settings, text: str) -> tuple[str, str]:
    """Return a description of the MIDI ports and the text to append to the settings.

    A `[midi]` table of the user's stays as it is.
    """
    if "[midi]" in text:
        return f"MIDI {settings.midi.output or 'of the simulated board'}", ""
    if not has_midi():
        return "no MIDI ports here", ""
    ports = "".join(f'{way} = "virtual:{PORT_NAME}"\n' for way in ("input", "output"))
    return f"MIDI {PORT_NAME}", f"\n[midi]\n{ports}"


def has_midi() -> bool:
    """Return whether virtual MIDI ports can be made: with ALSA, JACK or Core MIDI.

    Asked in a process of its own, whose libraries write to its standard error.
    """
    if sys.platform == "win32" or importlib.util.find_spec("rtmidi") is None:
        return False
    command = (sys.executable, "-m", "firmware.midi.bridge")
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


@contextmanager
def audio(rack: Path, sound: str, cv: str) -> Iterator[str]:
    """Play the jacks on audio devices while the context lasts; return a status text."""
    outputs = []
    if cv:
        stream = open_stream(cv, CHANNELS * VOICES)
        outputs.append(Output(rack, stream, cv_render(VOICES)))
    stream = None if sound == NO_SOUND else open_stream(sound, 2)
    if stream is not None:
        outputs.append(Output(rack, stream, synth_render()))
    for output in outputs:
        output.start()
    try:
        yield "sound" if stream is not None else "no sound"
    finally:
        for output in outputs:
            output.close()


@contextmanager
def running_module(rack: Path, home: Home, settings: Path) -> Iterator[None]:
    """Run the module's processes on a served rack while the context lasts."""
    command = (sys.executable, "-m", "firmware.cli.run_with_parent", "--rack", str(rack))
    with (home.root / LOG).open("wb") as log:
        process = subprocess.Popen(
            (*command, "--home", str(home.root), "--settings", str(settings)),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    with process:
        try:
            yield
        finally:
            if process.stdin:
                process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""

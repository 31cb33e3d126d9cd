"""The jacks on an audio device: as the synth sounds, or as CVs where an interface passes DC."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from firmware.desk.stream import LATENCY_NS, Cvs, Synth, notes_between
from firmware.errors import UserError
from firmware.simulator.remote import RemoteRack
from firmware.simulator.synth import Samples
from firmware.simulator.wav import SAMPLE_RATE

NO_SOUND = "none"
FRAMES = 1024
BLOCK_NS = FRAMES * 1_000_000_000 // SAMPLE_RATE
_CONTEXT_NS = 2_000_000_000
"""How far back to search for the gate of a note."""

Render = Callable[[list[Any], int, int], Samples]
"""From traces, the time at which a block begins, and the time now, to a block."""


def synth_render() -> Render:
    """Return the function that renders traces to sound."""
    synth = Synth()

    def render(traces: list[Any], start_ns: int, now_ns: int) -> Samples:
        notes = notes_between(traces, start_ns, start_ns + BLOCK_NS, now_ns)
        return synth.block(notes, start_ns, FRAMES)

    return render


def cv_render(voices: int) -> Render:
    """Return the function that renders traces to CV channels."""
    cvs = Cvs(voices)

    def render(traces: list[Any], start_ns: int, _: int) -> Samples:
        end_ns = start_ns + BLOCK_NS
        new = [[s for s in trace if start_ns <= s.time_ns < end_ns] for trace in traces]
        return cvs.block(new, start_ns, FRAMES)

    return render


class Output(threading.Thread):
    """A thread that keeps a device filled from the jacks of a served rack."""

    def __init__(self, rack: Path, stream: Any, render: Render) -> None:
        """Take an open stream of `sounddevice`."""
        super().__init__(daemon=True, name="sound")
        self._rack = RemoteRack(rack, ("player",))
        self._stream = stream
        self._render = render
        self._ended = threading.Event()

    def run(self) -> None:
        """Write block after block; the device's own clock decides when."""
        start_ns = time.monotonic_ns() - LATENCY_NS
        with suppress(OSError), self._stream:
            while not self._ended.is_set():
                now_ns = time.monotonic_ns()
                if abs(now_ns - LATENCY_NS - start_ns) > LATENCY_NS // 2:
                    start_ns = now_ns - LATENCY_NS
                traces = self._rack.ask("player", "traces.since", start_ns - _CONTEXT_NS)
                self._stream.write(self._render(traces, start_ns, now_ns))
                start_ns += BLOCK_NS

    def close(self) -> None:
        """End after the block that is being played."""
        self._ended.set()
        self.join()


def open_stream(device: str, channels: int) -> Any:
    """Open a device by a part of its name, or the default one.

    Raises `UserError` if a named one does not exist; returns None if there is none at all.
    """
    try:
        # Loaded here: comes with the extra `desk`, and may lack the system's library.
        import sounddevice  # noqa: PLC0415

        if not device and not sounddevice.query_devices():
            return None
        return sounddevice.OutputStream(
            samplerate=SAMPLE_RATE, channels=channels, device=device or None, dtype="float32"
        )
    except (ImportError, OSError) as error:
        if device:
            raise UserError(f"{device}: no audio here ({error})") from None
        return None
    except (ValueError, sounddevice.PortAudioError) as error:
        if device:
            raise UserError(
                f"{device}: no such audio device with {channels} outputs"
            ) from error
        return None

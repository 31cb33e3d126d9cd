"""The player's outputs: events wait for their time, then go to the jacks and MIDI."""

from collections import deque
from collections.abc import Iterable

from firmware.board import constants
from firmware.drivers.bus import BusError
from firmware.drivers.cv_outputs import CvOutputs
from firmware.drivers.gpio import Outputs as Lines
from firmware.drivers.gpio import ReconnectingLines
from firmware.engine.output_event import OutputEvent
from firmware.engine.voice import NOTE_OFF, NOTE_ON
from firmware.ipc.heartbeat import SharedHeartbeat
from firmware.midi.ports import MidiOutput

LATE_NS = 2_000_000
"""An event later than this counts as a fault."""


class OutputQueue:
    """A queue in order of time, and the outputs to which it is written.

    `late` counts the times that something was written more than `LATE_NS` after its time;
    `lateness_ns` is the worst since it was set to 0.
    """

    def __init__(
        self,
        outputs: CvOutputs,
        midi: MidiOutput,
        lines: ReconnectingLines[Lines],
        heartbeat: SharedHeartbeat,
    ) -> None:
        self.outputs = outputs
        self.midi = midi
        self.late = 0
        self.lateness_ns = 0
        self.lines = lines
        self._heartbeat = heartbeat
        self._due: deque[OutputEvent] = deque()

    @property
    def next_ns(self) -> int | None:
        """When the next event is due; None if the queue is empty."""
        return self._due[0].time_ns if self._due else None

    def queue(self, events: Iterable[OutputEvent]) -> None:
        """Queue events; if one is earlier than those queued before, these are written now."""
        for event in events:
            if self._due and event.time_ns < self._due[-1].time_ns:
                self.write_all()
            self._due.append(event)

    def write_due(self, now_ns: int) -> None:
        """Write what is due; the lateness of the first event is recorded."""
        if not self._due or self._due[0].time_ns > now_ns:
            return
        lateness_ns = now_ns - self._due[0].time_ns
        self.lateness_ns = max(self.lateness_ns, lateness_ns)
        if lateness_ns > LATE_NS:
            self.late += 1
        while self._due and self._due[0].time_ns <= now_ns:
            self.write(self._due.popleft())

    def write_all(self) -> None:
        """Write the whole queue, before its time."""
        while self._due:
            self.write(self._due.popleft())

    def write(self, event: OutputEvent) -> None:
        """Write one event."""
        content = event.content
        if isinstance(content, bytes):
            self._send_midi(content)
        elif isinstance(content, bool):
            self.set_clock_out(high=content)
        else:
            self.outputs.write(event.voice, content)

    def set_clock_out(self, *, high: bool) -> None:
        """Drive the clock output, if it is there."""
        if self.lines.lines is None:
            return
        try:
            self.lines.lines.set(constants.PINS.clock_out, high=high)
        except BusError:
            self.lines.lose()

    def retry_failed(self, now_ns: int) -> None:
        """Retry what failed, reconnect MIDI and send what is buffered."""
        self.outputs.retry_failed(now_ns)
        self.lines.reconnect(now_ns)
        if self.midi.full:
            self.midi.flush()
        if self.midi.missing:
            self.midi.reconnect(now_ns)

    def _send_midi(self, message: bytes) -> None:
        kind, channel = message[0] & 0xF0, message[0] & 0x0F
        if kind == NOTE_ON:
            self._heartbeat.begin(channel, message[1])
        self.midi.send(message)
        if kind == NOTE_OFF:
            self._heartbeat.end(channel)

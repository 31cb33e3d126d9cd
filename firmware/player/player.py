"""The real-time process: one thread that waits for a deadline, an edge, MIDI or a message.

It uses the clock, the sequencer, the DACs, the clock lines and MIDI, and nothing else: nothing
in it grows, it logs nothing and never blocks. Errors are counted.
"""

import os
import socket
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from functools import partial
from pathlib import Path

from firmware.board import constants
from firmware.drivers.backend import Backend, open_backend
from firmware.drivers.bus import BusError
from firmware.drivers.cv_outputs import CvOutputs, ToCodes, cached_codes
from firmware.drivers.gpio import Inputs, ReconnectingLines
from firmware.drivers.realtime import RealTimeClaim, claim_player, quiet_collector
from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.output_event import OutputEvent, Trims
from firmware.engine.state import Command, CommandKind, EngineState, Fault, Report
from firmware.ipc.codec import MESSAGE_BYTES_MAX, MessageError, is_engine_state, pack, unpack
from firmware.ipc.heartbeat import SharedHeartbeat
from firmware.ipc.process_config import PlayerConfig
from firmware.midi.ports import MidiInput, MidiOutput, opener
from firmware.player.event_wait import HEARTBEAT_NS, next_deadline_ns, next_wake_ns, wait
from firmware.player.midi_input import MidiHandler
from firmware.player.output_queue import OutputQueue
from firmware.storage.settings import read_calibration

REPORT_NS = 4_000_000
"""The shortest time between two reports."""

LISTEN_NS = 20_000_000
"""The longest time without a look for messages, if there is no time to sleep."""

_MESSAGES_AT_ONCE = 8


class Player:
    """The loop. `messages` (its descriptor) and `lifeline` are as in `process_config.py`."""

    def __init__(
        self,
        *,
        engine: Engine,
        output_queue: OutputQueue,
        edges: ReconnectingLines[Inputs],
        midi: MidiInput,
        messages: socket.socket,
        lifeline: int,
        heartbeat: SharedHeartbeat,
        real_time: RealTimeClaim,
        now: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """Take the devices; the outputs are at 0 V. `now` returns the time in ns."""
        self._now = now
        self._engine = engine
        self._output_queue = output_queue
        self._edges = edges
        self._real_time = real_time
        self._midi_in = midi
        self._midi_handler = MidiHandler(engine)
        self._messages = messages
        self._messages.settimeout(0)
        self._lifeline = lifeline
        self._heartbeat = heartbeat
        self.messages = messages.fileno()
        self._listen_ns = 0
        self._refused_messages = 0
        self._reported_ns = 0
        self._reported_steps: list[int] = []
        self._reports = 0

    def run(self) -> None:
        """Play until the lifeline closes, then mute all outputs."""
        self.start()
        try:
            while self._lifeline not in (ready := self._wait()):
                self.step(ready)
        finally:
            self.stop()

    def start(self) -> None:
        """Set the clock output low, and open devices that are missing."""
        self._output_queue.set_clock_out(high=False)
        self._retry_failed(self._now())

    def step(self, ready: Collection[int]) -> None:
        """Handle edges and MIDI, play what is due, then do everything else.

        `ready` are the readable descriptors.
        """
        now_ns = self._now()
        if ready and self._engine.clock.lead_ns:
            self._prepare(now_ns)
        if self._edges.lines and self._edges.lines.fileno() in ready:
            self._handle_edges(self._edges.lines)
        if self._midi_in.descriptor in ready:
            for message in self._midi_in.read():
                self._midi_handler.handle(message, now_ns)
        self._play()
        now_ns = self._now()
        self._heartbeat.heartbeat_ns = now_ns
        self._prepare(now_ns)
        if self.messages in ready or now_ns >= self._listen_ns:
            self._listen_ns = now_ns + LISTEN_NS
            self._handle_messages(now_ns)
            self._prepare(now_ns)
        self._retry_failed(now_ns)
        self._send_report(now_ns)

    def stop(self) -> None:
        """Mute all outputs."""
        self._handle_command(Command(CommandKind.PANIC, self._now()))
        self._output_queue.write_all()
        self._output_queue.set_clock_out(high=False)
        self._output_queue.midi.flush()

    @property
    def next_deadline_ns(self) -> int | None:
        """When `step` is next due if nothing comes in; None if nothing is due."""
        return next_deadline_ns(self._engine, self._output_queue)

    @property
    def inputs(self) -> list[int]:
        """Descriptors of the edges and of MIDI; when one is readable, `step` is due."""
        inputs = [self._edges.lines.fileno()] if self._edges.lines else []
        if self._midi_in.descriptor is not None:
            inputs.append(self._midi_in.descriptor)
        return inputs

    def _wait(self) -> list[int]:
        urgent = [self._lifeline, *self.inputs]
        wake_ns = next_wake_ns(self._engine, self._output_queue, self._now())
        return wait(urgent, [self.messages], wake_ns, self._now)

    def _prepare(self, now_ns: int) -> None:
        self._output_queue.queue(self._engine.prepare_tick(now_ns))

    def _play(self) -> None:
        """Write what is due; of a clock that cannot be run ahead, the prepared gates first."""
        now_ns = self._now()
        if not self._engine.clock.lead_ns:
            self._write_now(self._engine.prepared_gates(now_ns))
            self._output_queue.queue(self._engine.advance(now_ns))
            now_ns = self._now()
        self._output_queue.write_due(now_ns)

    def _write_now(self, events: list[OutputEvent]) -> None:
        """Write ahead of `advance`, unless an earlier event is queued."""
        if self._output_queue.next_ns is None:
            for event in events:
                self._output_queue.write(event)

    def _handle_edges(self, lines: Inputs) -> None:
        try:
            edges = lines.read_edges()
        except BusError:
            self._edges.lose()
            return
        edges = [edge for edge in edges if edge.rising]
        # With a reset among the edges, the pulse may be another step.
        if len(edges) == 1 and edges[0].line == constants.PINS.clock_in:
            pulse_ns, now_ns = edges[0].time_ns, self._now()
            self._write_now(self._engine.prepared_gates_for_pulse(pulse_ns, now_ns))
        for edge in edges:
            if edge.line == constants.PINS.clock_in:
                self._engine.pulse(edge.time_ns)
                self._midi_handler.on_clock_pulse()
            elif edge.line == constants.PINS.reset_in:
                self._engine.reset(edge.time_ns)

    def _handle_messages(self, now_ns: int) -> None:
        """Handle the panel's messages; of several engine states only the last one counts."""
        state = b""
        for _ in range(_MESSAGES_AT_ONCE):
            try:
                packet = self._messages.recv(MESSAGE_BYTES_MAX)
            except OSError:
                break
            if is_engine_state(packet):
                state = packet
            else:
                self._handle_message(packet, now_ns)
        if state:
            self._handle_message(state, now_ns)

    def _handle_message(self, packet: bytes, now_ns: int) -> None:
        try:
            _, message = unpack(packet)
        except MessageError:
            self._refused_messages += 1
            return
        if isinstance(message, EngineState):
            self._output_queue.outputs.hold_pitch(message.pitch_hold)
            self._engine.set_state(message, now_ns)
        elif isinstance(message, Command):
            self._handle_command(message)

    def _handle_command(self, command: Command) -> None:
        if command.kind is CommandKind.CALIBRATE:
            self._output_queue.outputs.recalibrate()
        self._output_queue.queue(self._engine.command(command, self._now()))

    def _retry_failed(self, now_ns: int) -> None:
        """Retry what failed, reconnect lines and MIDI, and ask for real time again."""
        self._output_queue.retry_failed(now_ns)
        self._edges.reconnect(now_ns)
        self._real_time.retry(now_ns)
        if self._midi_in.missing:
            self._midi_in.reconnect(now_ns)

    def _send_report(self, now_ns: int) -> None:
        """Send a report if something changed or the last one is old; never block."""
        age_ns = now_ns - self._reported_ns
        is_new = self._midi_handler.has_pending or self._engine.steps != self._reported_steps
        if age_ns < (REPORT_NS if is_new else HEARTBEAT_NS):
            return
        self._reported_ns = now_ns
        self._reported_steps = list(self._engine.steps)
        with suppress(OSError):
            self._messages.send(pack(self._report(), self._reports))
            self._output_queue.lateness_ns = 0
            self._midi_handler.clear()
        self._reports += 1

    def _report(self) -> Report:
        return self._engine.report()._replace(
            lateness_ns=self._output_queue.lateness_ns,
            faults=self._faults(),
            controls=tuple(self._midi_handler.controls),
            notes=tuple(self._midi_handler.notes),
        )

    def _faults(self) -> tuple[int, ...]:
        """Return the faults' counts, in the order of `Fault`."""
        output_queue, pulses = self._output_queue, self._engine.clock.faults
        counts = {
            Fault.DAC: output_queue.outputs.faults,
            Fault.MIDI: output_queue.midi.faults + self._midi_in.faults,
            Fault.MESSAGE: self._refused_messages,
            Fault.CLOCK: pulses.missed + pulses.doubled + pulses.outliers,
            Fault.LATE: output_queue.late,
            Fault.LINE: output_queue.lines.faults + self._edges.faults,
            Fault.REALTIME: self._real_time.refusals,
        }
        return tuple(counts[fault] for fault in Fault)


def make_player(
    launch: PlayerConfig,
    devices: Backend,
    now: Callable[[], int],
    real_time: RealTimeClaim,
) -> Player:
    """Make a player over these devices and under a time."""
    hardware = devices.player()
    port = partial(opener, board=devices.midi, bridge=launch.midi_bridge)
    heartbeat = SharedHeartbeat(launch.heartbeat)
    trims = Trims(launch.cv_trim_ns, launch.midi_trim_ns)
    return Player(
        engine=Engine(clock_maker(launch.silence_ns), trims),
        output_queue=OutputQueue(
            CvOutputs(hardware.dacs, partial(_calibrated, Path(launch.calibration))),
            MidiOutput(port(launch.midi_output, os.O_WRONLY)),
            hardware.outputs,
            heartbeat,
        ),
        edges=hardware.clock_inputs,
        midi=MidiInput(port(launch.midi_input, os.O_RDONLY)),
        messages=socket.socket(fileno=launch.messages),
        lifeline=launch.lifeline,
        heartbeat=heartbeat,
        now=now,
        real_time=real_time,
    )


def _calibrated(path: Path) -> list[ToCodes]:
    return [cached_codes(curves) for curves in read_calibration(path).outputs]


def main(launch: PlayerConfig) -> None:
    """Play until the supervisor is gone."""
    devices = open_backend(launch.rack, ("player",))
    real_time = RealTimeClaim(partial(claim_player, simulated=bool(launch.rack)))
    player = make_player(launch, devices, time.monotonic_ns, real_time)
    quiet_collector()
    player.run()

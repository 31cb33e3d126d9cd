"""OSC over UDP: messages take effect at once, changes are sent to subscribers.

A service of the front panel (`panel_update.PanelService`). Nothing here waits or grows: packets
per call, subscribers and what is sent to them are bounded.
"""

import os
import socket
from collections.abc import Callable

from firmware import __version__
from firmware.engine.state import VOICES
from firmware.engine.tap_tempo import TapTempo
from firmware.instrument.faults import Faults
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.instrument.preset import map_position
from firmware.osc.address_proof import AddressProof
from firmware.osc.addresses import (
    LEASE_S,
    SUBSCRIBERS_MAX,
    Panic,
    RecallPosition,
    Request,
    Reset,
    StorePosition,
    Subscribe,
    Tap,
    Unsubscribe,
    Values,
    request_of,
)
from firmware.osc.feedback import (
    AddressValues,
    axis_values,
    control_values,
    map_values,
    note_values,
    voice_values,
)
from firmware.osc.packet import PACKET_BYTES_MAX, OscError, decode, encode
from firmware.osc.port_claims import PortClaims
from firmware.storage.settings import OscSettings
from firmware.ui.panel_update import PanelCommands, PanelSnapshot, PanelUpdate

MESSAGES_AT_ONCE = 64
"""How many messages are handled before the panel does its other work again."""

BUNDLES_SENT_MAX = 64
LEASE_NS = LEASE_S * 1_000_000_000
QUIET_NS = 5_000_000_000
"""Without a bad message for this long, the fault ends; until then the first one is reported and
the others are counted."""

Address = tuple[str, int]


class OscService:
    """A socket, its subscribers, and the values sent to them. `refused` counts bad messages."""

    def __init__(self, connection: socket.socket, faults: Faults, proof: AddressProof) -> None:
        """Take a bound UDP socket, and the faults in which bad messages are reported."""
        self._proof = proof
        self._faults = faults
        self.refused = 0
        self._socket = connection
        self._socket.settimeout(0)
        self._subscribers: dict[Address, int] = {}
        self._new_subscribers: set[Address] = set()
        self._claims = PortClaims()
        self._sent: AddressValues = {}
        self._well_ns = 0
        self._tempo = TapTempo()

    @property
    def subscribers(self) -> tuple[Address, ...]:
        """The subscribers in the order of subscription."""
        return tuple(self._subscribers)

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def serve_ready(self, commands: PanelCommands, now_ns: int) -> None:
        """Handle what was received, up to a limit per call."""
        taken = 0
        while taken < MESSAGES_AT_ONCE:
            try:
                packet, sender = self._socket.recvfrom(PACKET_BYTES_MAX + 1)
            except OSError:  # nothing more, or a message that was sent was refused
                return
            taken += self._take(packet, sender, commands, now_ns)

    def publish(
        self, snapshot: Callable[[], PanelSnapshot], update: PanelUpdate, now_ns: int
    ) -> None:
        """Send the subscribers what has changed, and new ones everything."""
        if now_ns >= self._well_ns:
            self._faults.heal("osc")
        self._expire(now_ns)
        if not self._subscribers:
            return
        values = _values(snapshot())
        changes = {at: value for at, value in values.items() if self._sent.get(at) != value}
        self._sent = values
        packets = [encode(at, *value) for at, value in changes.items()]
        packets += (
            encode(f"/voice/{v + 1}/step", step + 1) for v, step in update.steps.items()
        )
        packets += (encode("/fault", fault) for fault in update.faults)
        if update.nearest:
            packets.append(encode("/preset/nearest", *update.nearest))
        for subscriber in self._subscribers:
            if subscriber not in self._new_subscribers:
                self._send(packets, subscriber)
        if self._new_subscribers:
            everything = [encode(at, *value) for at, value in values.items()]
            for subscriber in self._new_subscribers:
                self._send(everything, subscriber)
            self._new_subscribers.clear()

    def _take(
        self, packet: bytes, sender: Address, commands: PanelCommands, now_ns: int
    ) -> int:
        """Run the messages of a packet; return their number."""
        try:
            messages = decode(packet)
        except OscError as error:
            self._refuse(error, now_ns)
            return 1
        for message in messages:
            try:
                self._run(request_of(message), sender, commands, now_ns)
            except OscError as error:
                self._refuse(error, now_ns)
        return max(len(messages), 1)

    def _run(
        self, request: Request, sender: Address, commands: PanelCommands, now_ns: int
    ) -> None:
        match request:
            case Values(values):
                for key, value in values.items():
                    commands.instrument.set_value(key, value, Source.OSC)
            case Subscribe(port, token):
                self._prove((sender[0], port), sender, token, now_ns)
            case Unsubscribe(port):
                self._forget((sender[0], port))
            case Reset():
                commands.reset(now_ns)
            case Panic():
                commands.panic(now_ns)
            case Tap():
                self._tap(commands, now_ns)
            case StorePosition(number):
                commands.instrument.store(number)
            case RecallPosition(number):
                commands.instrument.recall_memory(number, now_ns)
            case other:
                commands.instrument.pending_requests.append(other)

    def _tap(self, commands: PanelCommands, now_ns: int) -> None:
        milli_bpm = self._tempo.tap(now_ns)
        if milli_bpm is not None:
            commands.instrument.set_value(Key("tempo"), milli_bpm / 1000, Source.OSC)

    def _refuse(self, error: OscError, now_ns: int) -> None:
        self.refused += 1
        self._report(str(error), now_ns)

    def _report(self, text: str, now_ns: int) -> None:
        self._well_ns = now_ns + QUIET_NS
        if not self._faults["osc"].active:
            self._faults.raise_("osc", text)

    def _prove(
        self, subscriber: Address, sender: Address, token: int | None, now_ns: int
    ) -> None:
        """Subscribe an address that is proved; send any other its token, and nothing else."""
        is_local = self._proof.holds(subscriber, None)
        if not is_local and not self._proof.admits(now_ns):
            return
        if self._proof.holds(subscriber, token):
            self._subscribe(subscriber, sender, now_ns)
        elif token is None:
            self._send([encode("/token", self._proof.token(subscriber))], subscriber)

    def _subscribe(self, subscriber: Address, sender: Address, now_ns: int) -> None:
        if subscriber == self._socket.getsockname():
            raise OscError("/subscribe: that port is the module's; choose another")
        if subscriber not in self._subscribers:
            if len(self._subscribers) >= SUBSCRIBERS_MAX:
                raise OscError(f"/subscribe: there are {SUBSCRIBERS_MAX} subscribers already")
            self._new_subscribers.add(subscriber)
        self._subscribers[subscriber] = now_ns + LEASE_NS
        self._send([encode("/hello", __version__, VOICES)], subscriber)
        if self._claims.disputed(subscriber, sender, now_ns):
            port = subscriber[1]
            self._report(f"port {port}: two programs listen; give one another port", now_ns)

    def _expire(self, now_ns: int) -> None:
        for subscriber, end_ns in tuple(self._subscribers.items()):
            if now_ns >= end_ns:
                self._forget(subscriber)

    def _forget(self, subscriber: Address) -> None:
        self._subscribers.pop(subscriber, None)
        self._new_subscribers.discard(subscriber)
        self._claims.forget(subscriber)

    def _send(self, packets: list[bytes], subscriber: Address) -> None:
        try:
            for packet in packets:
                self._socket.sendto(packet, subscriber)
        except OSError:  # the network is busy or gone; the lease will end
            return


def open_osc(settings: OscSettings, faults: Faults) -> OscService:
    """Listen at the configured address. Raises `OSError` if the port is in use."""
    connection = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        connection.bind((settings.host, settings.port))
    except OSError:
        connection.close()
        raise
    return OscService(connection, faults, AddressProof(os.urandom(16)))


def _values(snapshot: PanelSnapshot) -> AddressValues:
    """Return every outgoing value of a snapshot."""
    playing, report = snapshot.playing, snapshot.report
    values = {
        **control_values(snapshot.patch),
        **note_values(playing),
        **axis_values(snapshot.axes),
        **map_values(snapshot.maps, snapshot.loops),
    }
    values["/bundle"] = (snapshot.bundle,)
    values["/bundles"] = tuple(snapshot.bundles[:BUNDLES_SENT_MAX])
    tempo_bpm = round(report.milli_bpm / 1000, 1)
    values["/state"] = (int(report.running), int(report.locked), tempo_bpm)
    for voice, pattern in enumerate(snapshot.patterns):
        threshold = playing[Key("threshold", voice)]
        values |= voice_values(voice, pattern, threshold, map_position(playing, voice))
    return values

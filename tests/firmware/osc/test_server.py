"""OSC over real sockets, into a real panel over the simulated rack, under virtual time."""

import random
import socket
import tracemalloc
from collections.abc import Callable, Iterator

import pytest

from firmware import __version__
from firmware.engine.pattern import STEPS
from firmware.engine.state import VOICES, Command, CommandKind, Report
from firmware.instrument.faults import Faults
from firmware.instrument.instrument import Source
from firmware.instrument.parameters import Key
from firmware.instrument.preset import State
from firmware.osc.address_proof import AddressProof
from firmware.osc.addresses import LEASE_S, PARAMETER_ADDRESSES, SUBSCRIBERS_MAX
from firmware.osc.feedback import LOOPS_SENT_MAX, MAP_CELLS, OUTGOING
from firmware.osc.packet import Argument, Message, decode, encode
from firmware.osc.server import MESSAGES_AT_ONCE, OscService, open_osc
from firmware.storage.paths import Home
from firmware.storage.settings import OscSettings
from tests.firmware.osc_packets import random_packet
from tests.firmware.panels import PanelRig

HOST = "127.0.0.1"
EVENTS = {"/hello", "/token", "/fault", "/preset/nearest"}
PUBLISH_MS = 60


class Client:
    """A patcher: a socket that sends and hears."""

    def __init__(self, module: tuple[str, int]) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(0)
        self.port = self.socket.getsockname()[1]
        self._module = module

    def send(self, address: str, *arguments: Argument) -> None:
        self.socket.sendto(encode(address, *arguments), self._module)

    def send_bytes(self, packet: bytes) -> None:
        self.socket.sendto(packet, self._module)

    def received(self) -> list[Message]:
        messages = []
        while True:
            try:
                messages += decode(self.socket.recv(65536))
            except BlockingIOError:
                return messages

    def values(self) -> dict[str, tuple[Argument, ...]]:
        return dict(self.received())


class Desk:
    """A panel that speaks OSC, and its clients."""

    def __init__(self, rig: PanelRig) -> None:
        self.rig = rig
        self.panel = rig.panel
        listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        listening.bind((HOST, 0))
        self.address: tuple[str, int] = listening.getsockname()
        self.service = OscService(listening, self.panel.faults, AddressProof(b"secret"))
        self.panel.services.append(self.service)
        self._clients: list[Client] = []

    def client(self, *, subscribed: bool = False) -> Client:
        client = Client(self.address)
        self._clients.append(client)
        if subscribed:
            client.send("/subscribe", client.port)
            self.pass_time()
        return client

    def pass_time(self, ms: int = PUBLISH_MS) -> None:
        self.service.serve_ready(self.panel, self.rig.time.now_ns)
        self.rig.run(ms)

    def close(self) -> None:
        self.service.close()
        for client in self._clients:
            client.socket.close()


@pytest.fixture
def desk(verified_home: Home, rig: Callable[..., PanelRig]) -> Iterator[Desk]:
    chosen = verified_home.current_bundle()
    assert chosen
    one = Desk(rig(verified_home))
    one.rig.run(PUBLISH_MS)
    assert one.panel.bundle_manager.version == chosen
    yield one
    one.close()


def test_a_subscriber_is_sent_everything_once(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    received = client.received()
    addresses = [message.address for message in received]
    once = {entry.address for entry in OUTGOING} - EVENTS
    voices = {a.replace("N", str(v)) for a in once for v in (1, 2, 3) if not a.endswith("step")}
    assert set(addresses) == {*PARAMETER_ADDRESSES, *voices, "/hello"}
    assert len(addresses) == len(set(addresses))
    assert received[0] == Message("/hello", (__version__, 3))
    desk.pass_time()
    assert client.received() == []


def test_maps_and_loops_are_sent_once_they_are_rendered(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    desk.rig.run(20_000)
    values = client.values()
    (cells,) = values["/voice/1/map"]
    assert isinstance(cells, str)
    assert len(cells) == MAP_CELLS
    assert "9" in cells
    loops = desk.panel.bundle_manager.voice_decoders.decoders[0].voice.training_points
    sent = values["/voice/1/loops"]
    assert sent == pytest.approx([n for point in loops[:LOOPS_SENT_MAX] for n in point])


def test_two_programs_at_one_port_are_reported(desk: Desk) -> None:
    first, second = desk.client(subscribed=True), desk.client()
    for client in (second, first):
        client.send("/subscribe", first.port)
        desk.pass_time()
    (fault,) = first.values()["/fault"]
    assert str(fault).startswith(f"osc: port {first.port}: two programs listen")


@pytest.mark.parametrize("source", [Source.KNOB, Source.ENCODER, Source.MIDI, Source.RECALL])
def test_a_change_from_any_source_is_sent(desk: Desk, source: Source) -> None:
    client = desk.client(subscribed=True)
    client.received()
    desk.panel.instrument.set_value(Key("chaos"), 0.25, source)
    desk.pass_time()
    assert client.values() == {"/chaos": (0.25,)}


def test_what_one_client_sets_is_sent_to_all(desk: Desk) -> None:
    clients = [desk.client(subscribed=True) for _ in range(2)]
    for client in clients:
        client.received()
    clients[0].send("/voice/2/pitch/3", 72.0)
    desk.pass_time()
    row = desk.panel.instrument.patch
    wanted = tuple(row.whole("pitch", 1, place) for place in range(8))
    assert wanted[2] == 72
    values = {"/voice/2/pitch": wanted, "/voice/2/notes": wanted}
    assert [client.values() for client in clients] == [values] * 2


def test_the_pattern_follows_place_and_threshold_as_played(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    client.send("/x", 0.9)
    client.send("/y", 0.1)
    client.send("/threshold", 0.4)
    desk.pass_time()
    values = client.values()
    pattern = desk.panel.bundle_manager.voice_decoders.patterns[0]
    threshold = desk.panel.instrument.playing[Key("threshold")]
    assert values["/voice/1/pattern"] == tuple(map(int, pattern.sounding(threshold)))
    assert values["/voice/1/velocity"] == tuple(round(127 * v) for v in pattern.velocity)
    assert values["/voice/1/xy"] == pytest.approx((0.9, 0.1), abs=1e-6)


def test_a_step_is_sent_when_the_player_reports_it(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    client.received()
    desk.rig.report(Report(running=True, milli_bpm=120_000, steps=(4, -1, 31)))
    desk.pass_time(2)
    assert client.received() == [
        Message("/state", (1, 1, 120.0)),
        Message("/voice/1/step", (5,)),
        Message("/voice/3/step", (32,)),
    ]


def test_actions_reach_the_player_the_instrument_and_the_library(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    client.send("/reset")
    client.send("/panic", 1)
    client.send("/preset/save", 3)
    client.send("/place/keep", 2)
    desk.rig.received()
    desk.pass_time()
    commands = [m.kind for m in desk.rig.received() if isinstance(m, Command)]
    assert commands == [CommandKind.RESET, CommandKind.PANIC]
    assert desk.panel.bundle_manager.notice == "preset 3 saved"
    assert desk.panel.instrument.memories[1] is not None


def test_a_recall_by_rhythm_is_sent_once(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    full = State(desk.panel.instrument.patch, rhythms=((True,) * STEPS,) * VOICES)
    desk.panel.bundle_manager.recalled = full
    desk.rig.until(lambda: desk.panel.maps.done)
    desk.pass_time()
    played = desk.panel.bundle_manager.voice_decoders.rhythms(desk.panel.instrument.patch)
    sent = [message for message in client.received() if message.address == "/preset/nearest"]
    assert sent == [Message("/preset/nearest", tuple(STEPS - sum(one) for one in played))]


def test_taps_set_the_tempo(desk: Desk) -> None:
    client = desk.client()
    for _ in range(3):
        client.send("/tap", 1)
        desk.pass_time(400)
    assert desk.panel.instrument.patch[Key("tempo")] == pytest.approx(150)


def test_another_bundle_is_loaded_by_its_name(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    assert client.values()["/bundles"] == ("bass", "drums")
    client.send("/bundle", "none")
    desk.pass_time()
    assert client.received() == [Message("/fault", ("bundle: none: no such kit here",))]


def test_bundles_that_are_not_there_leave_nothing_behind(desk: Desk) -> None:
    client = desk.client()
    for number in range(20):
        client.send("/bundle", f"none {number}")
    desk.pass_time()
    assert desk.panel.bundle_manager.refused == {}


def test_a_bad_message_changes_nothing_and_is_sent_once(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    client.received()
    before = desk.panel.instrument.patch
    for _ in range(5):
        client.send("/voice/1/x", 7.0)
        client.send_bytes(b"#bundle")
    desk.pass_time()
    received = client.received()
    assert [message.address for message in received] == ["/fault"]
    assert "/voice/1/x" in str(received[0].arguments)
    assert desk.service.refused == 10
    assert desk.panel.instrument.patch is before
    desk.pass_time(6000)
    assert not desk.panel.faults["osc"].active
    client.received()
    client.send("/nowhere")
    desk.pass_time()
    assert [message.address for message in client.received()] == ["/fault"]


def test_a_row_with_one_bad_value_is_left_whole(desk: Desk) -> None:
    before = desk.panel.instrument.patch
    desk.client().send("/voice/1/pitch", *range(60, 67), 200)
    desk.pass_time()
    assert desk.panel.instrument.patch is before


def test_nobody_is_sent_who_did_not_subscribe(desk: Desk) -> None:
    client = desk.client()
    client.send("/x", 0.2)
    client.send("/nowhere")
    desk.pass_time()
    assert client.received() == []


def test_a_lease_ends_unless_it_is_renewed(desk: Desk) -> None:
    renewing, silent = (desk.client(subscribed=True) for _ in range(2))
    for _ in range(LEASE_S + 1):
        renewing.send("/subscribe", renewing.port)
        desk.pass_time(1000)
    assert desk.service.subscribers == ((HOST, renewing.port),)
    silent.received()
    desk.panel.instrument.set_value(Key("x"), 0.1, Source.OSC)
    desk.pass_time()
    assert silent.received() == []
    assert "/voice/1/x" in renewing.values()


def test_unsubscribing_ends_it_and_subscribing_anew_tells_everything(desk: Desk) -> None:
    client = desk.client(subscribed=True)
    client.send("/unsubscribe", client.port)
    client.send("/subscribe", client.port)
    client.received()
    desk.pass_time()
    assert len(client.values()) > len(PARAMETER_ADDRESSES)
    client.send("/unsubscribe", client.port)
    desk.pass_time()
    assert desk.service.subscribers == ()


def test_the_number_of_subscribers_is_bounded(desk: Desk) -> None:
    first = desk.client(subscribed=True)
    for port in range(20_000, 20_000 + 3 * SUBSCRIBERS_MAX):
        first.send("/subscribe", port)
    desk.pass_time()
    assert len(desk.service.subscribers) == SUBSCRIBERS_MAX
    assert any("subscribers already" in str(message) for message in first.received())


def test_it_does_not_talk_to_itself(desk: Desk) -> None:
    desk.client().send("/subscribe", desk.address[1])
    desk.pass_time()
    assert desk.service.subscribers == ()
    assert desk.service.refused == 1


def test_a_flood_is_taken_in_portions(desk: Desk) -> None:
    client = desk.client()
    for _ in range(2 * MESSAGES_AT_ONCE):
        client.send("/nowhere")
    desk.service.serve_ready(desk.panel, desk.rig.time.now_ns)
    assert desk.service.refused == MESSAGES_AT_ONCE


def test_a_taken_port_is_refused() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HOST, 0))
        with pytest.raises(OSError, match="in use"):
            open_osc(OscSettings(HOST, taken.getsockname()[1]), Faults())


@pytest.mark.soak
def test_random_packets_neither_crash_nor_grow_nor_stop_the_playing(
    desk: Desk, soak: Callable[[int, int], int]
) -> None:
    rng = random.Random(7)
    client = desk.client(subscribed=True)
    engine_states = 0

    def flood(packets: int) -> None:
        nonlocal engine_states
        for _ in range(packets // MESSAGES_AT_ONCE):
            for _ in range(MESSAGES_AT_ONCE):
                client.send_bytes(random_packet(rng))
            client.send("/x", rng.random())
            desk.pass_time(2)
            engine_states += len(desk.rig.engine_states())
            client.received()

    tracemalloc.start()
    flood(soak(2000, 50_000))
    before = tracemalloc.get_traced_memory()[0]
    flood(soak(4000, 1_000_000))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 1_000_000
    assert engine_states > 0
    assert desk.service.refused > 1000
    assert len(desk.service.subscribers) <= SUBSCRIBERS_MAX

"""The lines' driver at the kernel's own bytes."""

import select
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.board import constants
from firmware.drivers import gpio
from firmware.drivers.bus import BusError
from firmware.drivers.gpio import EVENT, RECONNECT_NS, Edge, Inputs, ReconnectingLines
from firmware.simulator.clock import VirtualTime
from firmware.simulator.gpio import SimulatedInputs

CLOCK = constants.PINS.clock_in


def jacks():
    kernel = SimulatedInputs(VirtualTime(5))
    return kernel, Inputs(kernel.descriptor, kernel)


def is_readable(inputs):
    poll = select.poll()
    poll.register(inputs, select.POLLIN)
    return bool(poll.poll(0))


def test_an_event_is_the_kernel_s_48_bytes():
    assert EVENT.size == 48


def test_without_an_edge_there_is_nothing_to_poll_or_read():
    _, inputs = jacks()
    assert not is_readable(inputs)
    assert inputs.read_edges() == []


def test_an_edge_wakes_the_poll_and_is_read_once():
    kernel, inputs = jacks()
    kernel.edge(CLOCK, rising=True)
    assert is_readable(inputs)
    assert inputs.read_edges() == [Edge(CLOCK, rising=True, time_ns=5)]
    assert not is_readable(inputs)


def test_a_rising_jack_is_a_falling_pin():
    kernel, inputs = jacks()
    kernel.edge(CLOCK, rising=True, time_ns=7)
    falling_edge = 2
    data = EVENT.pack(7, falling_edge, CLOCK, 2, 2)
    kernel.raw(data)
    assert inputs.read_edges() == [Edge(CLOCK, rising=True, time_ns=7)] * 2


@given(st.lists(st.tuples(st.integers(0, 2**63), st.integers(0, 27), st.booleans())))
def test_edges_come_in_order_and_whole(edges):
    kernel, inputs = jacks()
    for time_ns, line, rising in edges:
        kernel.edge(line, rising=rising, time_ns=time_ns)
    seen = []
    while is_readable(inputs):
        seen += inputs.read_edges()
    assert seen == [Edge(line, rising, time_ns) for time_ns, line, rising in edges]


def test_a_dead_request_is_reported():
    kernel, inputs = jacks()
    kernel.close()
    with pytest.raises(BusError, match="ended"):
        inputs.read_edges()


class GpiodDouble:
    """libgpiod's module as far as requests go; the header's chip is the second of two."""

    def __init__(self, requested):
        self.line = SimpleNamespace(
            Direction=SimpleNamespace(INPUT="input", OUTPUT="output"),
            Edge=SimpleNamespace(BOTH="both"),
            Value=SimpleNamespace(INACTIVE=0, ACTIVE=1),
        )
        self.LineSettings = dict
        self.requested = requested
        self.values = []
        self.kernel = SimulatedInputs(VirtualTime())

    def is_gpiochip_device(self, path):
        return path.endswith(("0", "1"))

    def Chip(self, path):  # noqa: N802 - the library's name
        label = "pinctrl-rp1" if path.endswith("1") else "gpio-brcmstb"
        info = SimpleNamespace(label=label)
        return nullcontext(SimpleNamespace(get_info=lambda: info))

    def request_lines(self, path, *, config, consumer):
        if self.requested is None:
            raise OSError(16, "Device or resource busy")
        self.requested.append((path, config))
        return SimpleNamespace(
            fd=self.kernel.descriptor, set_value=lambda *pair: self.values.append(pair)
        )


@pytest.fixture
def header(monkeypatch):
    def fit(requested, chips=("gpiochip0", "gpiochip1")):
        double = GpiodDouble(requested)
        monkeypatch.setattr(gpio, "load", lambda name: double)
        paths = [Path("/dev") / name for name in chips]
        monkeypatch.setattr(gpio.Path, "glob", lambda self, pattern: iter(paths))
        return double

    return fit


def test_inputs_are_requested_from_the_header_s_chip_with_both_edges(header):
    requested = []
    header(requested)
    gpio.open_inputs(gpio.CLOCK_LINES)
    settings = {"direction": "input", "edge_detection": "both"}
    assert requested == [("/dev/gpiochip1", {gpio.CLOCK_LINES: settings})]


def test_outputs_are_low_at_first_and_driven_one_by_one(header):
    requested = []
    double = header(requested)
    lines = gpio.open_outputs([16, 25])
    lines.set(25, high=True)
    lines.set(16, high=False)
    assert requested[0][1] == {(16, 25): {"direction": "output", "output_value": 0}}
    assert double.values == [(25, 1), (16, 0)]


def test_lines_in_use_are_reported(header):
    header(None)
    with pytest.raises(BusError, match=r"GPIO 17, 27: .*busy.*another program"):
        gpio.open_inputs(gpio.CLOCK_LINES)


def test_a_machine_without_a_header_is_reported(header):
    header([], chips=("gpiochip0",))
    with pytest.raises(BusError, match="no header"):
        gpio.open_inputs(gpio.CLOCK_LINES)


def test_absent_lines_are_requested_again_once_a_second() -> None:
    answers: list[object] = [BusError("no"), BusError("no"), "lines", "lines again"]
    asked = []

    def request() -> object:
        asked.append(1)
        answer = answers.pop(0)
        if isinstance(answer, BusError):
            raise answer
        return answer

    lines = ReconnectingLines(request)
    assert (lines.lines, lines.faults) == (None, 1)
    for now_ns in (1, 2, RECONNECT_NS):
        lines.reconnect(now_ns)
    assert (lines.lines, lines.faults, len(asked)) == (None, 2, 2)
    lines.reconnect(1 + RECONNECT_NS)
    assert (lines.lines, lines.faults) == ("lines", 2)
    lines.lose()
    assert (lines.lines, lines.faults) == (None, 3)
    lines.reconnect(1 + 2 * RECONNECT_NS)
    lines.reconnect(1 + 9 * RECONNECT_NS)
    assert (lines.lines, lines.faults, len(asked)) == ("lines again", 3, 4)

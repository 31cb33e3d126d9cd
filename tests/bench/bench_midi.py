"""MIDI through the bridge, beside python-rtmidi called directly, over a JACK server.

Prints, for each, how many notes of how many arrived in order, and the latency there and back
to the other end in milliseconds; then what MIDI's reading costs beside mido's parser.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence

import mido

from firmware.midi.parser import MidiReader
from tests.firmware.jack import jack_server, port_named
from tests.firmware.midi.test_bridge import Desk, notes
from tests.firmware.waiting import wait_until

GAP_S = 0.001


def timed(
    sent: Sequence[mido.Message],
    send: Callable[[mido.Message], None],
    receive: Callable[[], list[mido.Message]],
) -> dict[str, float]:
    """Send notes one by one; give how they arrived."""
    times, received = [], []
    for message in sent:
        start_s = time.monotonic()
        send(message)
        received += wait_until(receive)
        times.append(time.monotonic() - start_s)
        time.sleep(GAP_S)
    times.sort()
    return {
        "sent": len(sent),
        "in order": sum(a == b for a, b in zip(sent, received, strict=True)),
        "p50_ms": 1e3 * times[len(times) // 2],
        "p99_ms": 1e3 * times[len(times) * 99 // 100],
    }


def through_bridge(jack: mido.Backend, sent: Sequence[mido.Message]) -> dict[str, float]:
    """From the player's socket to another JACK client."""
    desk = Desk("", "virtual:from-module")
    wait_until(lambda: port_named(jack.get_input_names(), "from-module"))
    received = jack.open_input(port_named(jack.get_input_names(), "from-module"))
    figures = timed(
        sent,
        lambda message: desk.socket.sendall(bytes(message.bytes())),
        lambda: list(received.iter_pending()),
    )
    received.close()
    desk.close()
    return figures


def directly(jack: mido.Backend, sent: Sequence[mido.Message]) -> dict[str, float]:
    """From one client to another, as mido does it."""
    output = jack.open_output("direct", virtual=True)
    received = jack.open_input(wait_until(lambda: port_named(jack.get_input_names(), "direct")))
    figures = timed(sent, output.send, lambda: list(received.iter_pending()))
    received.close()
    output.close()
    return figures


def reading(sent: Sequence[mido.Message]) -> dict[str, float]:
    """Microseconds per message that our reader and mido's parser take."""
    stream = b"".join(bytes(message.bytes()) for message in sent)
    costs = {}
    for name, feed in (("ours", MidiReader().feed), ("mido", mido.Parser().feed)):
        start_s = time.perf_counter()
        feed(stream)
        costs[name] = 1e6 * (time.perf_counter() - start_s) / len(sent)
    return costs


def lines(measured: dict[str, dict[str, float]]) -> Iterator[str]:
    """Make the tables."""
    for name in ("bridge", "direct"):
        row = measured[name]
        yield (
            f"{name:8} {row['in order']:.0f} of {row['sent']:.0f} in order, "
            f"p50 {row['p50_ms']:.2f} ms, p99 {row['p99_ms']:.2f} ms"
        )
    ratio = measured["bridge"]["p50_ms"] / measured["direct"]["p50_ms"]
    yield f"the bridge takes {ratio:.2f} times as long as a direct client"
    cost = measured["reading"]
    yield (
        f"reading a message: ours {cost['ours']:.1f} us, mido {cost['mido']:.1f} us, "
        f"{cost['mido'] / cost['ours']:.1f} times as long"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    sent = notes(options.notes)
    with jack_server() as jack:
        measured = {"direct": directly(jack, sent), "bridge": through_bridge(jack, sent)}
    measured["reading"] = reading(sent)
    text = json.dumps(measured) if options.json else "\n".join(lines(measured))
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()

"""How the player waits: it sleeps, and polls shortly before a write or a pulse."""

import select
from collections.abc import Callable, Sequence

from firmware.engine.engine import Engine
from firmware.player.output_queue import OutputQueue

SPIN_NS = 200_000
"""How long before a deadline sleep ends; the rest is polled."""

WATCH_NS = 500_000
"""How long before and after its expected time a pulse is polled for, without sleep."""

HEARTBEAT_NS = 50_000_000
"""The longest sleep, and the longest time without a report."""


def next_wake_ns(engine: Engine, output_queue: OutputQueue, now_ns: int) -> tuple[int, int]:
    """Return until when to sleep, and until when to poll after that."""
    deadline_ns = next_deadline_ns(engine, output_queue) or now_ns + HEARTBEAT_NS
    only_prepares = engine.clock.lead_ns and output_queue.next_ns is None
    spin_ns = 0 if only_prepares else SPIN_NS
    sleep_until_ns = min(deadline_ns - spin_ns, now_ns + HEARTBEAT_NS)
    pulse_ns = engine.clock.next_pulse_ns
    if pulse_ns is None or now_ns >= pulse_ns + WATCH_NS:
        return sleep_until_ns, deadline_ns
    return min(sleep_until_ns, pulse_ns - WATCH_NS), min(deadline_ns, pulse_ns + WATCH_NS)


def next_deadline_ns(engine: Engine, output_queue: OutputQueue) -> int | None:
    """Return when something is next to be prepared or written; None if nothing is."""
    prepare_ns, write_ns = engine.next_prepare_ns, output_queue.next_ns
    if prepare_ns is None or write_ns is None:
        return write_ns if prepare_ns is None else prepare_ns
    return min(prepare_ns, write_ns)


def wait(
    urgent: Sequence[int],
    others: Sequence[int],
    wake_ns: tuple[int, int],
    now: Callable[[], int],
) -> list[int]:
    """Sleep and poll until `wake_ns`; return the descriptors that are ready before that.

    While polling, only the `urgent` descriptors are checked.
    """
    sleep_until_ns, until_ns = wake_ns
    now_ns = now()
    if sleep_until_ns > now_ns:
        timeout_s = (sleep_until_ns - now_ns) * 1e-9
        ready = select.select([*urgent, *others], (), (), timeout_s)[0]
        if ready or until_ns > sleep_until_ns + SPIN_NS or now() >= until_ns:
            return ready
    while True:
        ready = select.select(urgent, (), (), 0)[0]
        if ready or now() >= until_ns:
            return ready

import os
import select
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from firmware.supervisor.child_process import MODEST_NS, PAUSE_NS, PAUSE_NS_MAX, ChildProcess

NOW_NS = 7_000_000_000


def child(work: Callable[[], object], *inherited: int) -> ChildProcess:
    return ChildProcess("test", work, inherited)


def fail() -> None:
    raise SystemExit("a child that fails")


def dead(child: ChildProcess) -> None:
    assert select.select([child.pidfd], [], [], 20)[0]


def test_it_is_due_at_first_and_alive_once_started() -> None:
    sleeper = child(signal.pause)
    assert sleeper.due_ns == 0
    sleeper.start(NOW_NS)
    assert sleeper.alive
    assert sleeper.due_ns is None
    sleeper.kill()
    dead(sleeper)
    assert sleeper.reap(sleeper.started_ns) == -signal.SIGKILL
    assert not sleeper.alive
    assert sleeper.deaths == 1


def test_one_that_dies_old_is_due_at_once() -> None:
    short = child(int)
    short.start(NOW_NS)
    dead(short)
    now_ns = short.started_ns + MODEST_NS
    assert short.reap(now_ns) == 0
    assert short.due_ns == now_ns


def test_one_that_dies_young_again_and_again_waits_ever_longer() -> None:
    short = child(fail)
    pauses = []
    for _ in range(7):
        short.start(NOW_NS)
        dead(short)
        assert short.reap(short.started_ns) == 1
        assert short.due_ns is not None
        pauses.append(short.due_ns - short.started_ns)
    assert pauses[0] == PAUSE_NS
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSE_NS_MAX


@pytest.mark.parametrize("work", [int, signal.pause])
def test_stopping_ends_it_whether_it_listens_or_not(work: Callable[[], object]) -> None:
    process = child(work)
    process.start(NOW_NS)
    process.stop(0.01)
    assert not process.alive


def test_it_has_its_name_the_inherited_descriptors_and_no_others() -> None:
    (result, kept), (_, other) = os.pipe(), os.pipe()

    def work() -> None:
        name = Path("/proc/self/comm").read_text("ascii").strip()
        with os.scandir("/proc/self/fd") as found:
            descriptors = {int(entry.name) for entry in found}
        os.write(kept, f"{name} {kept in descriptors} {other in descriptors}".encode())

    process = child(work, kept)
    process.start(NOW_NS)
    dead(process)
    assert process.reap(NOW_NS) == 0
    assert os.read(result, 100) == b"test True False"


def test_it_outlives_what_stops_its_parent() -> None:
    result, ready = os.pipe()

    def work() -> None:
        os.write(ready, b".")
        signal.pause()

    process = child(work, ready)
    process.start(NOW_NS)
    os.read(result, 1)
    assert process.pid is not None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        os.kill(process.pid, number)
    dead(process)
    assert process.reap(NOW_NS) == -signal.SIGKILL

import select
import signal
import sys

import pytest

from firmware.supervisor.child_process import MODEST_NS, PAUSE_NS, PAUSE_NS_MAX, ChildProcess

NOW_NS = 7_000_000_000


def child(script: str) -> ChildProcess:
    return ChildProcess("test", (sys.executable, "-c", script), ())


def dead(child: ChildProcess) -> None:
    assert select.select([child.pidfd], [], [], 20)[0]


def test_it_is_due_at_first_and_alive_once_started() -> None:
    sleeper = child("import signal; signal.pause()")
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
    short = child("")
    short.start(NOW_NS)
    dead(short)
    now_ns = short.started_ns + MODEST_NS
    assert short.reap(now_ns) == 0
    assert short.due_ns == now_ns


def test_one_that_dies_young_again_and_again_waits_ever_longer() -> None:
    short = child("raise SystemExit(3)")
    pauses = []
    for _ in range(7):
        short.start(NOW_NS)
        dead(short)
        assert short.reap(short.started_ns) == 3
        assert short.due_ns is not None
        pauses.append(short.due_ns - short.started_ns)
    assert pauses[0] == PAUSE_NS
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSE_NS_MAX


@pytest.mark.parametrize("script", ["", "import signal; signal.pause()"])
def test_stopping_ends_it_whether_it_listens_or_not(script: str) -> None:
    process = child(script)
    process.start(NOW_NS)
    process.stop(0.01)
    assert not process.alive

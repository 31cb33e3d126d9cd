"""Waiting for what another process does, for tests: a condition, never a fixed sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.005


def wait_until(condition: Callable[[], T], timeout_s: float = 20.0) -> T:
    """Return the first true answer of a condition; fail if there is none in time."""
    deadline_s = time.monotonic() + timeout_s
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline_s, "nothing came of it in time"
        time.sleep(POLL_S)

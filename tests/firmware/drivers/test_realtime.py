"""Asked in a process of its own: the test's own must stay ordinary."""

import json
import subprocess
import sys

import pytest

from firmware.drivers.realtime import (
    CLAIM_NS,
    PLAYER_PRIORITY,
    SUPERVISOR_PRIORITY,
    RealTimeClaim,
)

CLAIM = """
import gc, json, os, resource, sys
from firmware.drivers.realtime import claim
if sys.argv[1] == "refused":
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
    os.setuid(65534)
grants = [grant._asdict() for grant in claim(int(sys.argv[2]))]
child = os.fork()
if child == 0:
    os._exit(os.sched_getscheduler(0))
_, status = os.waitpid(child, 0)
policy = os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK
print(json.dumps({"grants": grants, "fifo": policy == os.SCHED_FIFO, "gc": gc.isenabled(),
                  "child": os.waitstatus_to_exitcode(status)}))
"""


def claimed(permission: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", CLAIM, permission, str(PLAYER_PRIORITY)],
        check=True,
        capture_output=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("permission", ["as it is", "refused"])
def test_each_claim_tells_whether_it_was_granted(permission: str) -> None:
    answer = claimed(permission)
    priority, memory, collector = answer["grants"]
    assert priority["granted"] is answer["fifo"]
    assert collector["granted"] is not answer["gc"]
    for grant in (priority, memory):
        assert grant["granted"] or "Limit" in grant["hint"]


def test_children_begin_as_ordinary_processes() -> None:
    assert claimed("as it is")["child"] == 0


def test_the_supervisor_never_delays_the_player() -> None:
    assert SUPERVISOR_PRIORITY < PLAYER_PRIORITY


def test_real_time_is_asked_for_once_a_second_until_it_is_granted() -> None:
    answers = [False, False, True]
    claim = RealTimeClaim(lambda: answers.pop(0))
    for now_ns in (1, 2, CLAIM_NS, CLAIM_NS + 1, 2 * CLAIM_NS + 1, 9 * CLAIM_NS):
        claim.retry(now_ns)
    assert (answers, claim.refusals) == ([], 2)

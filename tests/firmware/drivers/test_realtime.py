"""Asked in a process of its own: the test's own must stay ordinary."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.drivers.realtime import (
    CLAIM_NS,
    PLAYER_PRIORITY,
    SUPERVISOR_PRIORITY,
    RealTimeClaim,
    parse_cores,
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


@pytest.mark.parametrize(
    ("text", "cores"),
    [("\n", set()), ("3\n", {3}), ("0,2-3\n", {0, 2, 3}), ("1-3", {1, 2, 3})],
)
def test_the_kernels_list_of_cores_is_read(text: str, cores: set[int]) -> None:
    assert parse_cores(text) == cores


ISOLATED = """
import json, os, sys
from pathlib import Path
from firmware.drivers import realtime
realtime._ISOLATED = Path(sys.argv[1])
realtime.claim_player(simulated=True)
print(json.dumps(sorted(os.sched_getaffinity(0))))
"""


def test_the_player_moves_to_an_isolated_core_where_there_is_one(tmp_path: Path) -> None:
    last = max(os.sched_getaffinity(0))
    (tmp_path / "isolated").write_text(f"{last}\n")
    command = [sys.executable, "-c", ISOLATED, tmp_path / "isolated"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == [last]


@pytest.mark.parametrize("text", ["\n", "9999\n", "all\n", None])
def test_the_player_stays_where_no_core_is_isolated(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "isolated").write_text(text)
    command = [sys.executable, "-c", ISOLATED, tmp_path / "isolated"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert json.loads(done.stdout) == sorted(os.sched_getaffinity(0))


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

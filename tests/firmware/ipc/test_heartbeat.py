import subprocess
import sys

from firmware.ipc.heartbeat import HANGING_NS, SharedHeartbeat, create_heartbeat

WRITES = 1_000_000
WRITER = f"""
import sys
from firmware.ipc.heartbeat import SharedHeartbeat
heartbeat = SharedHeartbeat(int(sys.argv[1]))
for number in range({WRITES}):
    heartbeat.heartbeat_ns = (1 << 40) + number
"""


def test_what_one_side_writes_the_other_reads() -> None:
    descriptor = create_heartbeat()
    player, supervisor = SharedHeartbeat(descriptor), SharedHeartbeat(descriptor)
    assert supervisor.heartbeat_ns == 0
    assert supervisor.sounding == []
    player.heartbeat_ns = 123_456_789_012
    player.begin(0, 60)
    player.begin(2, 0)
    assert supervisor.heartbeat_ns == 123_456_789_012
    assert supervisor.sounding == [(0, 60), (2, 0)]
    player.end(0)
    assert supervisor.sounding == [(2, 0)]
    supervisor.clear()
    assert player.heartbeat_ns == 0
    assert player.sounding == []


def test_heartbeats_are_recent_until_player_or_supervisor_hangs() -> None:
    now_ns = 5 * HANGING_NS
    heartbeat = SharedHeartbeat(create_heartbeat())
    assert not heartbeat.is_recent(now_ns)
    heartbeat.heartbeat_ns = now_ns
    assert not heartbeat.is_recent(now_ns)
    heartbeat.beat_supervisor(now_ns)
    assert heartbeat.is_recent(now_ns + HANGING_NS - 1)
    assert not heartbeat.is_recent(now_ns + HANGING_NS)
    heartbeat.clear()
    assert not heartbeat.is_recent(now_ns)
    heartbeat.heartbeat_ns = now_ns + HANGING_NS
    assert not heartbeat.is_recent(now_ns + HANGING_NS)


def test_a_heartbeat_read_while_it_is_written_is_the_old_or_the_new_one() -> None:
    descriptor = create_heartbeat()
    heartbeat = SharedHeartbeat(descriptor)
    heartbeat.heartbeat_ns = 1 << 40
    command = [sys.executable, "-c", WRITER, str(descriptor)]
    with subprocess.Popen(command, pass_fds=[descriptor]) as writer:
        lowest = highest = heartbeat.heartbeat_ns
        while writer.poll() is None:
            read = [heartbeat.heartbeat_ns for _ in range(1000)]
            lowest, highest = min(lowest, *read), max(highest, *read)
    assert writer.returncode == 0
    assert lowest == 1 << 40
    assert highest < (1 << 40) + WRITES

from firmware.ipc.heartbeat import SharedHeartbeat, create_heartbeat


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

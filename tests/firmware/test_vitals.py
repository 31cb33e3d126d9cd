from firmware.vitals import Vitals, create_vitals


def test_what_one_side_writes_the_other_reads() -> None:
    descriptor = create_vitals()
    player, supervisor = Vitals(descriptor), Vitals(descriptor)
    assert supervisor.beat_ns == 0
    assert supervisor.sounding == []
    player.beat_ns = 123_456_789_012
    player.begin(0, 60)
    player.begin(2, 0)
    assert supervisor.beat_ns == 123_456_789_012
    assert supervisor.sounding == [(0, 60), (2, 0)]
    player.end(0)
    assert supervisor.sounding == [(2, 0)]
    supervisor.clear()
    assert player.beat_ns == 0
    assert player.sounding == []

from firmware.engine.state import Fault
from firmware.instrument.faults import HEAL_NS, KINDS, PLAYER_KINDS, Faults


def test_the_players_kinds_are_the_reports() -> None:
    assert [kind.upper() for kind in PLAYER_KINDS] == [fault.name for fault in Fault]


def test_a_fault_counts_once_while_it_lasts_and_heals() -> None:
    faults = Faults()
    for _ in range(3):
        faults.raise_("adc", "gone")
    assert faults["adc"].count == 1
    assert faults.active == ("adc: gone",)
    assert faults.take_new() == ["adc: gone"]
    assert faults.take_new() == []
    faults.heal("adc")
    assert faults.active == ()
    faults.raise_("adc", "gone again")
    assert faults["adc"].count == 2


def test_what_is_over_at_once_is_counted_and_reported_but_not_current() -> None:
    faults = Faults()
    faults.note("state", "a file was set aside")
    assert (faults["state"].count, faults.active) == (1, ())
    assert faults.take_new() == ["state: a file was set aside"]


def test_the_players_counters_raise_and_heal_after_a_rest() -> None:
    faults = Faults()
    counts = [0] * len(Fault)
    faults.take_player_counts(counts, 0)
    assert faults.active == ()
    counts[Fault.DAC] = 3
    faults.take_player_counts(counts, 10)
    assert faults["dac"].active
    faults.take_player_counts(counts, 9 + HEAL_NS)
    assert faults["dac"].active
    faults.take_player_counts(counts, 10 + HEAL_NS)
    assert not faults["dac"].active


def test_a_new_players_counters_begin_again() -> None:
    faults = Faults()
    faults.take_player_counts([5] * len(Fault), 0)
    faults.take_player_counts([0] * len(Fault), 2 * HEAL_NS)
    assert faults.active == ()
    faults.take_player_counts([1] * len(Fault), 3 * HEAL_NS)
    assert len(faults.active) == len(Fault)


def test_every_kind_says_what_it_means() -> None:
    assert all(KINDS.values())
    assert set(PLAYER_KINDS) < set(KINDS)

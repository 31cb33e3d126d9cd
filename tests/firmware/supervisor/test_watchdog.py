"""A player is killed when it hangs, and at no other time."""

import pytest

from firmware.ipc.heartbeat import HANGING_NS
from firmware.supervisor.watchdog import CHECK_NS, STARTING_NS, Watchdog

START_NS = 5_000_000_000


def checks(
    watchdog: Watchdog, since_ns: int, until_ns: int, heartbeat_ns: int, started_ns: int = 0
) -> tuple[int, str]:
    """Check regularly; return when the player was found to hang, and what was said."""
    for now_ns in range(since_ns, until_ns, CHECK_NS):
        ages = watchdog.check(now_ns, heartbeat_ns, started_ns)
        if ages:
            return now_ns, ages
    return 0, ""


@pytest.mark.parametrize(
    ("heartbeat_ns", "limit_ns"), [(START_NS, HANGING_NS), (0, STARTING_NS)]
)
def test_a_player_hangs_at_the_second_check_after_its_limit(
    heartbeat_ns: int, limit_ns: int
) -> None:
    found_ns, ages = checks(
        Watchdog(START_NS), START_NS, 3 * STARTING_NS, heartbeat_ns, started_ns=START_NS
    )
    assert found_ns == START_NS + limit_ns + 2 * CHECK_NS
    assert f"started {(limit_ns + 2 * CHECK_NS) / 1e9:.3f} s ago" in ages
    assert ("heartbeat none" in ages) == (heartbeat_ns == 0)


def test_a_heartbeat_between_two_checks_saves_the_player() -> None:
    watchdog = Watchdog(START_NS)
    late_ns = START_NS + HANGING_NS + CHECK_NS
    assert checks(watchdog, START_NS, late_ns + CHECK_NS, START_NS) == (0, "")
    assert checks(watchdog, late_ns + CHECK_NS, late_ns + HANGING_NS, late_ns + 1) == (0, "")


@pytest.mark.parametrize("heartbeat_ns", [START_NS, 0])
def test_a_machine_that_stood_still_says_nothing_of_the_player(heartbeat_ns: int) -> None:
    watchdog = Watchdog(START_NS)
    again_ns = START_NS + 2 * STARTING_NS
    assert checks(watchdog, again_ns, again_ns + HANGING_NS, heartbeat_ns, START_NS) == (0, "")


def test_checks_in_quick_succession_are_one() -> None:
    watchdog = Watchdog(START_NS)
    late_ns = START_NS + HANGING_NS + CHECK_NS
    assert checks(watchdog, START_NS, late_ns + 1, START_NS) == (0, "")
    assert watchdog.check(late_ns + CHECK_NS // 2, START_NS, 0) == ""
    assert watchdog.check(late_ns + CHECK_NS, START_NS, 0)


def test_a_player_found_to_hang_is_judged_anew_after_it() -> None:
    watchdog = Watchdog(START_NS)
    found_ns, _ = checks(watchdog, START_NS, 3 * STARTING_NS, START_NS)
    assert watchdog.check(found_ns + CHECK_NS, 0, found_ns) == ""

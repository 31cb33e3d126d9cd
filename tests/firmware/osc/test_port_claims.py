"""Two programs that listen at one port."""

import pytest

from firmware.osc.port_claims import PortClaims

AT = ("127.0.0.1", 9001)
SECOND_NS = 1_000_000_000


@pytest.mark.parametrize(
    ("senders", "disputed"),
    [
        ([1, 1, 1], [False] * 3),
        ([1, 1, 2, 2], [False] * 4),
        ([1, 2, 1, 2], [False, False, True, True]),
        ([1, 2, 2, 2, 1], [False] * 5),
    ],
)
def test_a_sender_that_comes_back_disputes_the_port(
    senders: list[int], disputed: list[bool]
) -> None:
    claims = PortClaims()
    found = [
        claims.disputed(AT, ("127.0.0.1", sender), SECOND_NS * turn)
        for turn, sender in enumerate(senders)
    ]
    assert found == disputed


def test_a_subscription_that_ended_claims_nothing() -> None:
    claims = PortClaims()
    for sender in (1, 2):
        claims.disputed(AT, ("127.0.0.1", sender), 0)
    claims.forget(AT)
    assert not claims.disputed(AT, ("127.0.0.1", 1), 0)


def test_other_ports_are_others() -> None:
    claims = PortClaims()
    for turn in range(4):
        at = ("127.0.0.1", 9001 + turn % 2)
        assert not claims.disputed(at, ("127.0.0.1", turn % 2), turn)

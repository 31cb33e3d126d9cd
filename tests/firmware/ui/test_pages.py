from collections.abc import Callable

import pytest

from firmware.instrument.detents import STEPS_OF
from firmware.instrument.parameters import BY_NAME
from firmware.storage.paths import Home
from firmware.ui.menu import COUNTS, TAPS, Action
from firmware.ui.pages import PAGES, Item, Kind, Page
from tests.firmware.panels import PanelRig

ACTIONS = sorted({i.name for page in PAGES for i in page.items if i.kind is Kind.ACTION})
DIALS = sorted({i.name for page in PAGES for i in page.items if i.kind is Kind.DIAL})


def items(*kinds: Kind) -> list[Item]:
    return [item for page in PAGES for item in page.items if item.kind in kinds]


def test_pages_have_names_of_their_own() -> None:
    assert len({page.name for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_lines_of_a_page_have_labels_of_their_own(page: Page) -> None:
    labels = [item.label for item in page.items]
    assert len(set(labels)) == len(labels)
    assert page.shows.endswith(".")


def test_rows_count_from_one_on_the_screen_and_from_zero_within() -> None:
    pitches = [item for item in items(Kind.VALUE) if item.name == "pitch"]
    assert [item.label for item in pitches] == [f"Pitch {n}" for n in range(1, 9)]
    assert [item.place for item in pitches] == list(range(8))


def test_whatever_is_chosen_has_a_count() -> None:
    assert {item.name for item in items(Kind.CHOICE)} == {*COUNTS, "voice"}


def test_steps_and_taps_are_of_things_on_the_pages() -> None:
    assert set(STEPS_OF) <= set(BY_NAME)
    assert set(ACTIONS) >= TAPS


def test_every_action_and_dial_can_be_done(
    rig: Callable[..., PanelRig], verified_home: Home
) -> None:
    one = rig(verified_home)
    one.run(60)
    for name in (*ACTIONS, *DIALS):
        one.panel.actions.run(Action(name, 1), one.time.now_ns)
        one.run(60)
    assert one.panel.faults.active == ()

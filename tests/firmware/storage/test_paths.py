from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.bundle.store import set_current
from firmware.errors import UserError
from firmware.storage.paths import Home, InstalledBundle, parse_reference


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def arrive(home: Home, *references: str) -> None:
    for reference in references:
        (home.bundles / reference).mkdir(parents=True)


@given(
    st.integers(0, 10**12 - 1),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}", fullmatch=True),
)
def test_a_reference_survives(sequence: int, name: str) -> None:
    version = InstalledBundle(sequence, name)
    assert parse_reference(version.reference) == version


@pytest.mark.parametrize(
    "text", ["", "drums", "drums/7", "../x/000001", "/000001", "a/b/000001"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_reference(text)


def test_versions_come_in_the_order_of_arrival_whatever_their_names(home: Home) -> None:
    arrive(home, "b/000001", "a/000002", "b/1000000", "a/draft", ".hidden/000009")
    assert [version.sequence for version in home.installed()] == [1, 2, 1_000_000]


def test_an_empty_home_has_nothing(home: Home) -> None:
    assert home.installed() == ()
    assert home.current_bundle() is None


def test_choosing_points_current_and_chosen_reads_it(home: Home) -> None:
    arrive(home, "a/000001", "b/000002")
    for version in home.installed():
        set_current(home, version)
        assert home.current_bundle() == version
        assert home.current.resolve() == home.folder(version).resolve()
    assert sorted(path.name for path in home.root.iterdir()) == [
        *(".store.lock", "bundles", "current")
    ]


@pytest.mark.parametrize("target", ["bundles/gone/000001", "/etc", "."])
def test_a_link_to_elsewhere_chooses_nothing(home: Home, target: str) -> None:
    home.current.symlink_to(target)
    assert home.current_bundle() is None

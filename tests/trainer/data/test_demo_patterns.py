import numpy as np
import pytest

from firmware.engine.pattern import STEPS
from trainer.data.demo_loops import COUNT
from trainer.data.demo_patterns import ROLES, make_part, theme, varied

DRUMS_AND_BASS = {"kick", "snare", "hat", "percussion", "bass"}


def collection(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the patterns (n, 32) and roles (n,) of a collection."""
    names = [list(ROLES)[index % len(ROLES)] for index in range(COUNT)]
    parts = [make_part(name, index // len(ROLES), seed) for index, name in enumerate(names)]
    return np.array([part.onset for part in parts]), np.array(names)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_collection_has_metre(seed: int) -> None:
    onset, roles = collection(seed)
    beat, e, _, a = onset.mean(axis=0).reshape(-1, 4).mean(axis=0)
    assert beat >= 1.6 * (e + a) / 2
    rhythm_section = np.isin(roles, list(DRUMS_AND_BASS))
    assert onset[rhythm_section, 0].mean() >= 0.7


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_collection_is_varied(seed: int) -> None:
    """The entropy of each step's onsets; 0.974 bits for steps that know no metre."""
    onset, _ = collection(seed)
    rate = onset.mean(axis=0)
    entropy = -(rate * np.log2(rate) + (1 - rate) * np.log2(1 - rate))
    assert entropy.mean() >= 0.9 * 0.974
    assert len({row.tobytes() for row in onset}) >= 150


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_part_is_known_by_its_rhythm(seed: int) -> None:
    """The nearest pattern of another theme plays the same role, in 4 of 5 cases."""
    onset, roles = collection(seed)
    distance = (onset[:, None] != onset[None]).sum(axis=2)
    number = np.arange(COUNT)
    themes = number // (2 * len(ROLES)) * len(ROLES) + number % len(ROLES)
    distance[themes[:, None] == themes[None]] = STEPS
    assert (roles[distance.argmin(axis=1)] == roles).mean() >= 0.8


@pytest.mark.parametrize("name", list(ROLES))
def test_a_part_is_playable(name: str) -> None:
    for number in range(24):
        part = make_part(name, number, 3)
        assert 3 <= part.onset.sum() <= 18
        assert ((part.velocity > 0) == part.onset).all()
        assert part.velocity.max() <= 1
        assert not part.offset_ms[~part.onset].any()
        assert np.abs(part.offset_ms).max() <= 35


def test_a_backbeat_is_louder_than_its_ghost_notes() -> None:
    parts = [make_part("snare", number, 0) for number in range(24)]
    onset, velocity = (
        np.array([getattr(part, name)[:16] for part in parts]) for name in ("onset", "velocity")
    )
    beats = np.isin(np.arange(16), [4, 8, 12])
    loud, soft = (velocity[:, at][onset[:, at]].mean() for at in (beats, ~beats))
    assert loud > 2 * soft


def test_two_parts_share_a_theme_and_differ_in_two_steps() -> None:
    role = ROLES["bass"]
    pattern, likely = theme(role, np.random.default_rng(1))
    changed = varied(pattern, likely, np.random.default_rng(2))
    assert 1 <= (changed != pattern).sum() <= 3
    assert (changed[::4] >= pattern[::4])[likely[::4] == 1].all()


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(KeyError):
        make_part("theremin", 0, 0)

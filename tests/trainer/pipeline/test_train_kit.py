"""Every front end gets a kit from the same sequence, follows it, and can end it."""

from pathlib import Path

import pytest

from firmware.bundle.bundle import read_bundle
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.progress import Cancelled, Progress, cancellable
from trainer.pipeline.plan import TrainOptions, plan
from trainer.pipeline.train_bundle import Label
from trainer.pipeline.train_kit import train_kit

PLAN = plan(TrainOptions(voices=("map",), steps=300, hold_back=0.4), dataset_of(rhythms(40)))
LABEL = Label("kit", "2026-01-01T00:00:00Z", 3, (None,))
PHASES = ["layout", "training", "measuring", "writing"]


def test_a_kit_is_trained_with_events_of_every_phase(tmp_path: Path) -> None:
    events: list[Progress] = []
    manifest, runtimes = train_kit(tmp_path / "kit", LABEL, PLAN, [0], events.append)
    assert list(dict.fromkeys(event.phase for event in events)) == PHASES
    assert events[-1] == Progress("writing", 1, "kit")
    assert read_bundle(tmp_path / "kit").manifest == manifest
    assert runtimes


@pytest.mark.parametrize("phase", PHASES)
def test_a_cancelled_training_leaves_nothing(phase: str, tmp_path: Path) -> None:
    seen: list[str] = []
    on_progress = cancellable(lambda event: seen.append(event.phase), lambda: phase in seen)
    with pytest.raises(Cancelled):
        train_kit(tmp_path / "kit", LABEL, PLAN, [0], on_progress)
    assert not list(tmp_path.iterdir())

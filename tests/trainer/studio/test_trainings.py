"""The list of a project's trainings."""

from pathlib import Path

from trainer.studio.trainings import Trainings


def test_no_folder_is_given_to_two_trainings(tmp_path: Path) -> None:
    (tmp_path / "trainings" / "4").mkdir(parents=True)
    trainings = Trainings(tmp_path)
    assert [trainings.next_folder().name for _ in range(3)] == ["5", "6", "7"]
    (tmp_path / "trainings" / "9").mkdir()
    assert trainings.next_folder().name == "10"

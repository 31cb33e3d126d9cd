"""Loops held back are measured beside the training: the same figures, and an end to it."""

import io
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from firmware.errors import UserError
from tests.trainer.rhythms import dataset_of, rhythms
from trainer.data.progress import Cancelled, Progress, ignore_progress
from trainer.pipeline import side_process
from trainer.pipeline.held_back import held_back_figures
from trainer.pipeline.plan import Plan, TrainOptions, plan
from trainer.pipeline.side_process import measuring, serve

CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children")


def planned(*, steps: int = 20, hold_back: float = 0.4) -> Plan:
    options = TrainOptions(voices=("map",), steps=steps, hold_back=hold_back)
    return plan(options, dataset_of(rhythms(40)))


def children() -> set[int]:
    return {int(number) for number in CHILDREN.read_text().split()}


def test_the_figures_and_events_are_those_of_this_process() -> None:
    direct: list[Progress] = []
    expected = held_back_figures(planned(), 3, direct.append)
    received: list[Progress] = []
    with measuring(planned(), 3) as wait:
        assert wait(received.append) == expected
    assert received == direct


def test_a_task_is_served_from_one_stream_to_another() -> None:
    sink = io.BytesIO()
    serve(io.BytesIO(pickle.dumps((planned(), 3))), sink)
    sink.seek(0)
    contents = []
    while sink.tell() < len(sink.getvalue()):
        contents.append(pickle.load(sink))
    assert contents[:-1]
    assert all(isinstance(event, Progress) for event in contents[:-1])
    assert contents[-1] == held_back_figures(planned(), 3, ignore_progress)


def test_nothing_to_measure_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_process.sys, "executable", "/nowhere")
    with measuring(planned(hold_back=0), 3) as wait:
        assert wait(ignore_progress) == ({},)


def test_the_process_ends_with_the_block() -> None:
    before = children()

    def cancel(_event: Progress) -> None:
        raise Cancelled

    with pytest.raises(Cancelled), measuring(planned(steps=10**6), 3) as wait:
        wait(cancel)
    assert children() == before


def test_a_process_that_ended_early_is_reported() -> None:
    before = children()
    with measuring(planned(steps=10**6), 3) as wait:
        (process,) = children() - before
        os.kill(process, signal.SIGKILL)
        with pytest.raises(UserError, match=r"code -9.*--hold-back 0"):
            wait(ignore_progress)


def test_the_process_ends_quietly_when_nobody_reads(tmp_path: Path) -> None:
    task = tmp_path / "task"
    task.write_bytes(pickle.dumps((planned(steps=10**6), 3)))
    command = [sys.executable, "-P", "-m", side_process.__name__]
    pipe = subprocess.PIPE
    with (
        task.open("rb") as source,
        subprocess.Popen(command, stdin=source, stdout=pipe, stderr=pipe) as process,
    ):
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1

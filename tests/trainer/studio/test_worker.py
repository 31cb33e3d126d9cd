"""Tasks and the process that runs them."""

from multiprocessing.connection import Connection
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from trainer.studio import worker
from trainer.studio.tasks import Analysis
from trainer.studio.worker import Worker

WAIT_S = 120


def end_at_once(_pipe: Connection) -> None:
    """Stand for a process that cannot even import what it needs."""


def test_every_task_of_a_process_that_cannot_start_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(worker, "serve_tasks", end_at_once)
    events: Queue[dict[str, Any]] = Queue()
    one = Worker(lambda event, _data: events.put(event))
    try:
        submitted = {one.submit("analysis", Analysis(tmp_path, ())) for _ in range(3)}
        failed: set[int] = set()
        while failed != submitted:
            event = events.get(timeout=WAIT_S)
            failed |= {event["job"]} if event["state"] == "failed" else set()
        assert one.jobs == []
    finally:
        one.close()

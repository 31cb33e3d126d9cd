"""The studio's state: a project's folder, a worker, and the pages that listen."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.errors import UserError
from firmware.storage.files import write_whole
from trainer.data.project import Loop, Project
from trainer.data.project_file import NAME, load, update
from trainer.studio import intake
from trainer.studio.documents import training_document
from trainer.studio.edits import Change, at_revision
from trainer.studio.following import Follower
from trainer.studio.hub import Hub
from trainer.studio.pushing import Pusher
from trainer.studio.tasks import CANDIDATES_MAX, Analysis, Choice
from trainer.studio.tasks import Training as TrainingTask
from trainer.studio.trainings import Training, Trainings
from trainer.studio.worker import Worker

VIEW = "studio.json"
VIEW_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class Places:
    """What the command line named: the project, the loops' folders, a module's home here."""

    project: Path
    roots: tuple[Path, ...] = ()
    local: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A project after a change, and the digests of the loops that it changed."""

    project: Project
    loops: list[str]


def changed_loops(before: Project, after: Project) -> list[str]:
    """Return the digests of the loops that are no longer the same objects."""
    return [
        digest for digest, loop in after.loops.items() if before.loops.get(digest) is not loop
    ]


class Studio:
    """Everything that the routes ask for. All methods may be called from any thread."""

    def __init__(self, places: Places) -> None:
        """Open a project, which is made where there is none."""
        self.places = places
        self.hub = Hub()
        self.trainings = Trainings(places.project)
        self.worker = Worker(self._on_job)
        self.pusher = Pusher(self.hub.publish)
        self.follower = Follower(self.hub.publish)
        self._lock = threading.Lock()
        self._known: tuple[tuple[int, int, int], Project] | None = None
        if places.roots:
            self.analyse(places.roots)
        # A large project takes longer to read than the browser to open.
        threading.Thread(target=self._prepare, daemon=True, name="reading").start()

    def _prepare(self) -> None:
        with suppress(UserError):
            self.project()

    def close(self) -> None:
        """End what runs."""
        self.worker.close()
        self.pusher.close()
        self.follower.leave()

    def project(self) -> Project:
        """Return the project as it is on disk."""
        with self._lock:
            stamp = self.stamp()
            if self._known is None or self._known[0] != stamp:
                self._known = stamp, load(self.places.project)
            return self._known[1]

    def stamp(self) -> tuple[int, int, int]:
        """Return what tells whether the project file has changed."""
        try:
            status = (self.places.project / NAME).stat()
        except OSError:
            return (0, 0, 0)
        return status.st_mtime_ns, status.st_size, status.st_ino

    def loop(self, digest: str) -> Loop:
        """Return a loop. Raises UserError for an unknown digest."""
        found = self.project().loops.get(digest)
        if found is None:
            raise UserError("this loop is not in the project")
        return found

    def change(self, revision: int, change: Change) -> Changed:
        """Change the project that a page shows. Raises ConflictError where it is another."""
        before = self.project()
        after = update(
            self.places.project,
            at_revision(revision, change),
            lambda _: self.project(),
            self._remember,
        )
        self.hub.publish({"type": "project", "revision": after.revision})
        return Changed(after, changed_loops(before, after))

    def _remember(self, project: Project) -> None:
        with self._lock:
            self._known = self.stamp(), project

    def announce(self) -> None:
        """Send the revision to all pages."""
        self.hub.publish({"type": "project", "revision": self.project().revision})

    def analyse(self, paths: tuple[Path, ...]) -> int:
        """Analyse files and folders."""
        return self.worker.submit("analysis", Analysis(self.places.project, paths))

    def analyse_loops(self, digests: list[str]) -> int | None:
        """Analyse loops again, as far as their files are where they were."""
        loops = [self.loop(digest) for digest in digests]
        paths = tuple(Path(loop.path) for loop in loops if Path(loop.path).is_file())
        return self.analyse(paths) if paths else None

    def analyse_all(self) -> int:
        """Look for new and moved files in all places that the command line named."""
        dropped = self.places.project / intake.FOLDER
        roots = (*self.places.roots, *((dropped,) if dropped.is_dir() else ()))
        if not roots:
            raise UserError("no folder to search: drop files here, or start with a folder")
        return self.analyse(roots)

    def train(self, request: Mapping[str, Any]) -> int:
        """Start a training. Raises UserError for settings out of range."""
        draft, seed = request.get("draft", False), request.get("seed", 0)
        candidates, name = request.get("candidates", 3), request.get("name", "")
        if not isinstance(draft, bool) or not isinstance(name, str):
            raise UserError("a training has a name, and is a draft or not")
        for what, value, low, high in (
            ("seed", seed, 0, 2**31),
            ("candidates", candidates, 1, CANDIDATES_MAX),
        ):
            if not isinstance(value, int) or not low <= value <= high:
                raise UserError(f"{what}: from {low} to {high}")
        if not any(loop.taken for loop in self.project().loops.values()):
            raise UserError("no loop to train on: drop some loops first")
        folder = self.trainings.next_folder()
        project = self.places.project
        title = name or f"{project.resolve().name} {folder.name}"
        task = TrainingTask(project, folder, title, draft, candidates, seed)
        return self.worker.submit("training", task)

    def pick(self, training: Training, picks: list[int]) -> int:
        """Put other candidates into a training's bundle."""
        whole = all(isinstance(pick, int) and pick >= 0 for pick in picks)
        if not whole or len(picks) != len(training.manifest.voices):
            raise UserError("one candidate for each voice")
        return self.worker.submit("choice", Choice(training.folder, tuple(picks)))

    def trainings_document(self) -> list[dict[str, Any]]:
        """Return the list of trainings."""
        return [
            {
                **training_document(one.manifest),
                "id": one.key,
                "label": one.label,
                "name": one.remark.name or one.manifest.name,
                "star": one.remark.star,
                "note": one.remark.note,
                "hidden": one.remark.hidden,
                "saved": one.saved_ns // 1_000_000,
            }
            for one in self.trainings.all()
        ]

    def view(self) -> dict[str, Any]:
        """Return where a page was left."""
        try:
            found = json.loads((self.places.project / VIEW).read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def save_view(self, view: dict[str, Any]) -> None:
        """Remember where a page was left. Raises UserError for too much."""
        content = json.dumps(view).encode()
        if len(content) > VIEW_BYTES_MAX:
            raise UserError("too much to remember of a page")
        write_whole(self.places.project / VIEW, content, synced=False)

    def _on_job(self, event: dict[str, Any], data: bytes | None) -> None:
        self.hub.publish(event, data)
        if event["state"] in {"finished", "cancelled"}:
            if event["kind"] == "analysis":
                self.announce()
            else:
                self.hub.publish({"type": "trainings"})

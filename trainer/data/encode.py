"""Folders of loops to patterns: every file transcribed, on all cores, with a cache."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue

import numpy as np

from firmware.errors import UserError
from trainer.audio.audio_file import LoopError, read_audio
from trainer.audio.grid import Grid
from trainer.audio.midi_file import transcribe_midi
from trainer.audio.paper_pipeline import paper_grid
from trainer.audio.tags import tagged_tempi
from trainer.audio.tempo import CONFIDENT, NO_HINT, Hint, consensus
from trainer.audio.transcribe import Transcription, off_grid, transcribe
from trainer.data.cache import Cache
from trainer.data.dataset import Dataset
from trainer.data.progress import OnProgress, Progress, ignore_progress
from trainer.data.sources import (
    MIDI_SUFFIXES,
    Source,
    content_digest,
    find_sources,
    hint_for,
    unmatched,
)
from trainer.data.windows import FAIR_SHARE, choose_windows

_RETAINED_BYTES = 1 << 24
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Settings:
    """How to encode: the tempo a person gave, for all loops or by file name.

    include_all: take one-shots, noise, speech and ambience too. chosen, taken: a project's
    tempi and decisions by content digest, which override all else.
    """

    hint: Hint = NO_HINT
    table: Mapping[str, Hint] = field(default_factory=dict)
    method: str = "exnihilo"
    include_all: bool = False
    chosen: Mapping[str, Hint] = field(default_factory=dict)
    taken: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A file: its name, transcription, the SHA-256 of its content and where it is."""

    name: str
    transcription: Transcription
    digest: str = ""
    path: str = ""

    @property
    def uncertain(self) -> bool:
        """Whether the tempo should be checked by a person."""
        return self.transcription.tempo.confidence < CONFIDENT


@dataclass(frozen=True, slots=True)
class Encoding:
    """The result for all files.

    loops: one per different content, by name; skipped: (name, reason), cannot be read;
    copies: (name, the name of the loop with the same content); left_out: can be read but is
    not a loop; unmatched: lines of the table of tempi that match no file.
    """

    loops: tuple[Encoded, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    left_out: tuple[Encoded, ...] = ()
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Job:
    source: Source
    digest: str
    hint: Hint
    origin: str
    method: str


def encode_paths(
    paths: Iterable[str | Path],
    settings: Settings | None = None,
    *,
    cache: Cache | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Encoding:
    """Encode files and folders.

    `on_progress` is called for every file, in the phases "reading", "analysing" and, where
    files share a tempo, "comparing", and in between at least every 100 ms; an exception that
    it raises ends the work. A file that cannot be read is skipped and named. Raises UserError
    when no loop is left.
    """
    settings = settings or Settings()
    listing = find_sources(paths)
    sources, copies, skipped = _distinct(listing.sources, on_progress)
    skipped += listing.unsupported
    jobs = [_job(source, digest, settings) for source, digest in sources]
    results = _on_all_cores(jobs, cache, "analysing", on_progress)
    retries = _with_folder_tempo(jobs, results)
    results |= _on_all_cores(retries, cache, "comparing", on_progress)
    loops: list[Encoded] = []
    left_out: list[Encoded] = []
    for job in jobs:
        result = results[job.digest]
        if isinstance(result, LoopError):
            skipped.append((job.source.name, str(result)))
            continue
        path = str(job.source.path.absolute())
        one = Encoded(job.source.name, result, job.digest, path)
        (left_out if _is_left_out(one, settings) else loops).append(one)
    if not loops:
        raise UserError(_no_loop_message(skipped, left_out))
    unused = unmatched((source.name for source in listing.sources), settings.table)
    return Encoding(tuple(loops), tuple(skipped), tuple(copies), tuple(left_out), unused)


def _is_left_out(one: Encoded, settings: Settings) -> bool:
    decided = settings.taken.get(one.digest)
    if decided is not None:
        return not decided
    return bool(one.transcription.not_a_loop) and not settings.include_all


def _distinct(
    sources: Sequence[Source], on_progress: OnProgress
) -> tuple[list[tuple[Source, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """Return distinct sources with their digests, the copies, and the unreadable files."""
    first: dict[str, Source] = {}
    copies, unreadable = [], []
    for number, source in enumerate(sources, 1):
        on_progress(Progress("reading", number / len(sources), source.name))
        try:
            digest = content_digest(source.path)
        except OSError as error:
            unreadable.append((source.name, error.strerror or "cannot be read"))
            continue
        if digest in first:
            copies.append((source.name, first[digest].name))
        else:
            first[digest] = source
    return [(source, digest) for digest, source in first.items()], copies, unreadable


def _job(source: Source, digest: str, settings: Settings) -> _Job:
    chosen = settings.chosen.get(digest, NO_HINT)
    if chosen != NO_HINT:
        return _Job(source, digest, chosen, "project", settings.method)
    line = hint_for(source.name, settings.table)
    if line is not None:
        return _Job(source, digest, line, "table", settings.method)
    return _Job(source, digest, settings.hint, "given", settings.method)


def _on_all_cores(
    jobs: Sequence[_Job], cache: Cache | None, phase: str, on_progress: OnProgress
) -> dict[str, Transcription | LoopError]:
    """Encode by digest. Threads suffice: numpy releases the interpreter lock.

    If `on_progress` raises, files that were begun are finished in the background.
    """
    results: dict[str, Transcription | LoopError] = {}
    finished: SimpleQueue[Future[Transcription | LoopError]] = SimpleQueue()
    _retain_freed_memory()
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        job_of = {pool.submit(_encode, job, cache): job for job in jobs}
        for future in job_of:
            future.add_done_callback(finished.put)
        item = ""
        while len(results) < len(jobs):
            with suppress(Empty):
                future = finished.get(timeout=_POLL_S)
                job = job_of[future]
                results[job.digest], item = future.result(), job.source.name
            on_progress(Progress(phase, len(results) / len(jobs), item))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return results


def _retain_freed_memory() -> None:
    """Let the C library retain the memory of freed arrays, instead of paging it in again.

    glibc retains up to twice the largest block that was ever freed (mallopt(3),
    M_MMAP_THRESHOLD), so one is; elsewhere this does nothing.
    """
    np.empty(_RETAINED_BYTES, np.uint8)


def _encode(job: _Job, cache: Cache | None) -> Transcription | LoopError:
    key = f"{job.digest} {job.source.path.name} {job.hint} {job.origin} {job.method}"
    if cache and (found := cache.load(key)):
        return found
    try:
        transcription = _transcribe(job)
    except LoopError as error:
        return error
    if cache:
        cache.store(key, transcription)
    return transcription


def _transcribe(job: _Job) -> Transcription:
    path = job.source.path
    if path.suffix.lower() in MIDI_SUFFIXES:
        return transcribe_midi(path, job.hint, job.origin)
    audio = read_audio(path)
    tags = tagged_tempi(path, audio.duration_s)
    transcription = transcribe(audio, path.name, job.hint, job.origin, tags)
    if job.method == "paper":
        grid = paper_grid(path, transcription.tempo.bpm, transcription.tempo.steps)
        return replace(transcription, grid=grid, off_grid=off_grid(grid))
    return transcription


def _with_folder_tempo(
    jobs: Sequence[_Job], results: Mapping[str, Transcription | LoopError]
) -> list[_Job]:
    """Return the jobs to repeat at the tempo that the rest of the folder shares."""
    found = [result for result in results.values() if isinstance(result, Transcription)]
    bpm = consensus([result.tempo for result in found])
    if bpm is None:
        return []
    again = []
    for job in jobs:
        result = results[job.digest]
        if isinstance(result, Transcription) and result.may_have_tempo(bpm):
            again.append(replace(job, hint=Hint(bpm, meter=job.hint.meter), origin="folder"))
    return again


def _no_loop_message(skipped: Sequence[tuple[str, str]], left_out: Sequence[Encoded]) -> str:
    reasons = [*skipped, *((one.name, one.transcription.not_a_loop) for one in left_out)]
    name, reason = reasons[0]
    others = len(reasons) - 1
    more = f" (and {others} more)" if others else ""
    remedy = "; --include-all takes what is not a loop too" if left_out else ""
    return f"no loop could be encoded: {name}: {reason}{more}{remedy}"


def to_dataset(encoding: Encoding, share: float = FAIR_SHARE) -> Dataset:
    """Return the patterns of all loops: windows of two bars, see choose_windows()."""
    return dataset_of(
        [
            (loop.name, loop.transcription.tempo.bpm, loop.transcription.grid)
            for loop in encoding.loops
        ],
        share,
    )


def dataset_of(loops: Sequence[tuple[str, float, Grid]], share: float) -> Dataset:
    """Return the patterns of loops of (name, bpm, grid). Raises UserError without onsets."""
    chosen = choose_windows([grid for _, _, grid in loops], share)
    rows = [
        (name if not number else f"{name}#{number + 1}", bpm, window)
        for (name, bpm, _), one in zip(loops, chosen, strict=True)
        for number, window in one.windows
    ]
    if not rows:
        raise UserError("no onset in any of these loops; check that they are audible")
    names, tempi, grids = zip(*rows, strict=True)
    return Dataset(
        onset=np.stack([grid.onset for grid in grids]),
        velocity=np.stack([grid.velocity for grid in grids]).astype(np.float32),
        offset=np.stack([grid.offset for grid in grids]).astype(np.float32),
        names=names,
        bpm=np.array(tempi, np.float32),
        loops=len(loops),
    )

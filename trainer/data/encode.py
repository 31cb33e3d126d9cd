"""Folders of loops to patterns: every file transcribed, on all cores, with a cache."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware.errors import UserError
from trainer.audio.audio_file import LoopError, read_audio
from trainer.audio.midi_file import transcribe_midi
from trainer.audio.paper_pipeline import paper_grid
from trainer.audio.tags import tagged_tempi
from trainer.audio.tempo import CONFIDENT, NO_HINT, Hint, consensus
from trainer.audio.transcribe import Transcription, off_grid, transcribe
from trainer.data.cache import Cache
from trainer.data.dataset import Dataset
from trainer.data.sources import (
    MIDI_SUFFIXES,
    Source,
    content_digest,
    find_sources,
    hint_for,
    unmatched,
)
from trainer.data.windows import FAIR_SHARE, choose_windows

Progress = Callable[[int, int], None]

_RETAINED_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Settings:
    """How to encode: the tempo a person gave, for all loops or by file name.

    include_all: take one-shots, noise, speech and ambience too.
    """

    hint: Hint = NO_HINT
    table: Mapping[str, Hint] = field(default_factory=dict)
    method: str = "exnihilo"
    include_all: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A file's name and its transcription."""

    name: str
    transcription: Transcription

    @property
    def uncertain(self) -> bool:
        """Whether the tempo should be checked by a person."""
        return self.transcription.tempo.confidence < CONFIDENT


@dataclass(frozen=True, slots=True)
class Encoding:
    """The result for all files.

    loops: one per different content, by name; skipped: (name, reason), cannot be read;
    copies: (name, the name of the loop with the same content); left_out: (name, reason), can
    be read but is not a loop; unmatched: lines of the table of tempi that match no file.
    """

    loops: tuple[Encoded, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    copies: tuple[tuple[str, str], ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
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
    progress: Progress | None = None,
) -> Encoding:
    """Encode files and folders.

    `progress` is called with (done, all) as files are finished. A file that cannot be
    read is skipped and named. Raises UserError when no loop is left.
    """
    settings = settings or Settings()
    listing = find_sources(paths)
    sources, copies, skipped = _distinct(listing.sources)
    skipped += listing.unsupported
    jobs = [_job(source, digest, settings) for source, digest in sources]
    results = _on_all_cores(jobs, cache, progress)
    retries = _with_folder_tempo(jobs, results)
    results |= _on_all_cores(retries, cache, None)
    loops, left_out = [], []
    for job in jobs:
        result = results[job.digest]
        if isinstance(result, LoopError):
            skipped.append((job.source.name, str(result)))
        elif result.not_a_loop and not settings.include_all:
            left_out.append((job.source.name, result.not_a_loop))
        else:
            loops.append(Encoded(job.source.name, result))
    if not loops:
        raise UserError(_no_loop_message(skipped, left_out))
    unused = unmatched((source.name for source in listing.sources), settings.table)
    return Encoding(tuple(loops), tuple(skipped), tuple(copies), tuple(left_out), unused)


def _distinct(
    sources: Sequence[Source],
) -> tuple[list[tuple[Source, str]], list[tuple[str, str]], list[tuple[str, str]]]:
    """Return distinct sources with their digests, the copies, and the unreadable files."""
    first: dict[str, Source] = {}
    copies, unreadable = [], []
    for source in sources:
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
    line = hint_for(source.name, settings.table)
    if line is not None:
        return _Job(source, digest, line, "table", settings.method)
    return _Job(source, digest, settings.hint, "given", settings.method)


def _on_all_cores(
    jobs: Sequence[_Job], cache: Cache | None, progress: Progress | None
) -> dict[str, Transcription | LoopError]:
    """Encode by digest. Threads suffice: numpy releases the interpreter lock."""
    results: dict[str, Transcription | LoopError] = {}
    _retain_freed_memory()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        pending = {pool.submit(_encode, job, cache): job for job in jobs}
        try:
            for future in as_completed(pending):
                results[pending[future].digest] = future.result()
                if progress:
                    progress(len(results), len(jobs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
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
            again.append(replace(job, hint=Hint(bpm), origin="folder"))
    return again


def _no_loop_message(
    skipped: Sequence[tuple[str, str]], left_out: Sequence[tuple[str, str]]
) -> str:
    name, reason = (*skipped, *left_out)[0]
    others = len(skipped) + len(left_out) - 1
    more = f" (and {others} more)" if others else ""
    remedy = "; --include-all takes what is not a loop too" if left_out else ""
    return f"no loop could be encoded: {name}: {reason}{more}{remedy}"


def to_dataset(encoding: Encoding, share: float = FAIR_SHARE) -> Dataset:
    """Return the patterns of all loops: windows of two bars, see choose_windows()."""
    chosen = choose_windows([loop.transcription.grid for loop in encoding.loops], share)
    rows = [
        (
            loop.name if not number else f"{loop.name}#{number + 1}",
            loop.transcription.tempo.bpm,
            window,
        )
        for loop, one in zip(encoding.loops, chosen, strict=True)
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
        loops=len(encoding.loops),
    )


def to_json(encoding: Encoding) -> dict[str, dict[str, Any]]:
    """Return, by file name, what `trainer encode --json` prints."""
    answer = {loop.name: _loop_json(loop.transcription) for loop in encoding.loops}
    for copy, name in encoding.copies:
        if name in answer:
            answer[copy] = answer[name] | {"copy_of": name}
    answer |= {name: {"error": reason} for name, reason in encoding.skipped}
    answer |= {name: {"left_out": reason} for name, reason in encoding.left_out}
    return answer


def _loop_json(transcription: Transcription) -> dict[str, Any]:
    tempo, grid = transcription.tempo, transcription.grid
    step_ms = 1000 * tempo.step_s
    return {
        "bpm": round(tempo.bpm, 4),
        "bars": int(tempo.bars) if tempo.bars == int(tempo.bars) else tempo.bars,
        "steps": grid.onset.astype(int).tolist(),
        "velocity": np.round(grid.velocity, 4).tolist(),
        "offset_ms": [
            round(float(offset) * step_ms, 2) if on else None
            for on, offset in zip(grid.onset, grid.offset, strict=True)
        ],
        "source": tempo.source,
        "sure": round(tempo.confidence, 3),
        "off_grid": round(transcription.off_grid, 3),
        "warnings": list(transcription.warnings),
    }

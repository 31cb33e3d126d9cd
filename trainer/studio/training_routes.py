"""The addresses of trainings: their kits, candidates, names and notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from firmware.bundle.manifest import MANIFEST
from firmware.errors import UserError
from trainer.studio import kits
from trainer.studio.http import TooLargeError, body, reads, refused, studio_of, writes
from trainer.studio.studio import Studio
from trainer.studio.trainings import Training, candidate_map, kept_of

_REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline' 'wasm-unsafe-eval' data:"
)
"""A report plays its kit, as an origin of its own that reaches nothing, nor this server."""


def trainings(studio: Studio, _request: Request) -> Any:
    """Return the list of trainings."""
    return studio.trainings_document()


def _training(studio: Studio, request: Request) -> Training:
    return studio.trainings.find(request.path_params["key"])


def kept(studio: Studio, request: Request) -> Any:
    """Return the named points of a training's loops, and its candidates."""
    found = kept_of(_training(studio, request))
    return {"points": found.points, "candidates": found.candidates, "chosen": found.chosen}


def kit_file(studio: Studio, request: Request) -> Response:
    """Return a file that a kit's manifest names, or the manifest."""
    training, name = _training(studio, request), request.path_params["name"]
    if name != MANIFEST and name not in {one.file for one in training.manifest.stored}:
        raise UserError("not a file of this kit")
    data = (training.folder / name).read_bytes()
    if name.endswith(".html"):
        policy = {"content-security-policy": _REPORT_POLICY}
        return Response(data, media_type="text/html; charset=utf-8", headers=policy)
    kind = "application/json" if name == MANIFEST else "application/octet-stream"
    return Response(data, media_type="image/png" if name.endswith(".png") else kind)


def candidate(studio: Studio, request: Request) -> Response:
    """Return the map of a kept candidate."""
    place = request.path_params
    data = candidate_map(_training(studio, request), place["voice"], place["number"])
    return Response(data, media_type="application/octet-stream")


def remark(studio: Studio, request: Request, content: Mapping[str, Any]) -> Any:
    """Name, star, annotate or hide a training."""
    studio.trainings.remark(request.path_params["key"], content)
    studio.hub.publish({"type": "trainings"})
    return studio.trainings_document()


def pick(studio: Studio, request: Request, content: Mapping[str, Any]) -> Any:
    """Put other candidates into a training's kit."""
    picks = content.get("picks")
    if not isinstance(picks, list):
        raise UserError("one candidate for each voice")
    return {"job": studio.pick(_training(studio, request), picks)}


def export_kit(studio: Studio, request: Request) -> Response:
    """Return a kit as a ZIP file."""
    training = _training(studio, request)
    name = training.manifest.name
    return Response(
        kits.packed(training.folder),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{name}.zip"'},
    )


async def import_kit(request: Request) -> Response:
    """Save a kit that was dropped on the page as a training of the project."""
    studio = studio_of(request)
    try:
        data = await body(request, kits.KIT_BYTES_MAX)
        name = await run_in_threadpool(_unpack, studio, data)
    except TooLargeError as error:
        return refused(error, 413)
    except UserError as error:
        return refused(error, 400)
    studio.hub.publish({"type": "trainings"})
    return JSONResponse({"name": name})


def _unpack(studio: Studio, data: bytes) -> str:
    return kits.unpack(data, studio.trainings.next_folder())


def _one(path: str) -> str:
    return f"/api/trainings/{{key}}{path}"


ROUTES = (
    Route("/api/trainings", reads(trainings)),
    Route(_one("/kept"), reads(kept)),
    Route(_one("/file/{name}"), reads(kit_file)),
    Route(_one("/map/{voice:int}/{number:int}"), reads(candidate)),
    Route(_one("/remark"), writes(remark), methods=["POST"]),
    Route(_one("/pick"), writes(pick), methods=["POST"]),
    Route(_one("/kit.zip"), reads(export_kit)),
    Route("/api/kits", import_kit, methods=["POST"]),
)

"""The addresses of the server: loops, tasks, the module and events."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from firmware.errors import UserError
from trainer.audio.tempo import NO_HINT
from trainer.data.project import Loop
from trainer.studio import edits, following, intake, pushing, sounds, training_routes
from trainer.studio.documents import loops_document
from trainer.studio.http import (
    FOREVER,
    reads,
    refused,
    studio_of,
    writes,
)
from trainer.studio.studio import Changed, Studio

_TRY_AGAIN_LATER = 1013


def session(studio: Studio, _request: Request) -> Any:
    """Return what a page needs first."""
    places = studio.places
    return {
        "project": places.project.resolve().name,
        "has_folder": bool(places.roots),
        "local": places.local is not None,
        "view": studio.view(),
        "jobs": studio.worker.jobs,
        "trainings": studio.trainings_document(),
    }


def loops(studio: Studio, _request: Request) -> Any:
    """Return all loops."""
    return loops_document(studio.project())


def audio(studio: Studio, request: Request) -> Response:
    """Return a loop's sound as WAV."""
    digest = request.path_params["digest"]
    data = sounds.wav(studio.loop(digest), digest)
    return Response(data, media_type="audio/wav", headers=FOREVER)


def outline(studio: Studio, request: Request) -> Response:
    """Return a loop's outline."""
    digest = request.path_params["digest"]
    data = sounds.outline(studio.loop(digest), digest)
    return Response(data, media_type="application/octet-stream", headers=FOREVER)


def edit(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Correct loops; where that sets the tempo, they are analysed again."""
    after = studio.change(_revision(content), edits.edit_of(content))
    if edits.sets_tempo(content):
        studio.analyse_loops(content["loops"])
    return loops_document(after.project, after.loops)


def undo(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Revert the latest correction."""
    return _reverted(studio, studio.change(_revision(content), edits.undo))


def redo(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Make a correction again that was reverted."""
    return _reverted(studio, studio.change(_revision(content), edits.redo))


def _reverted(studio: Studio, after: Changed) -> Any:
    """Return the loops that changed; those whose tempo did are analysed again."""
    studio.analyse_loops(
        [at for at in after.loops if _has_other_tempo(after.project.loops[at])]
    )
    return loops_document(after.project, after.loops)


def _has_other_tempo(loop: Loop) -> bool:
    """Return whether a loop was not analysed at the tempo that is set for it."""
    set_by_hand = loop.corrections.hint != NO_HINT
    return set_by_hand != (loop.detected.source == "project")


def _revision(content: Mapping[str, Any]) -> int:
    revision = content.get("revision")
    if not isinstance(revision, int):
        raise edits.EditError("an edit names the revision that it was made at")
    return revision


async def upload(request: Request) -> Response:
    """Save a file that was dropped on the page."""
    studio, name = studio_of(request), request.query_params.get("name", "")
    try:
        saved = await intake.save(studio.places.project, name, request.stream())
    except UserError as error:
        # A small rest is read, so that the answer is received; it may have been read already.
        with suppress(RuntimeError, ClientDisconnect):
            async for _ in request.stream():
                break
        return refused(error, 400)
    return JSONResponse({"name": saved})


def analyse(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Analyse files that were uploaded, or look everywhere again."""
    names = content.get("names")
    if names is None:
        return {"job": studio.analyse_all()}
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError("files are named by what the upload answered")
    folder = studio.places.project / intake.FOLDER
    paths = tuple(folder / intake.plain_name(name) for name in names)
    return {"job": studio.analyse(tuple(path for path in paths if path.is_file()))}


def train(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Start a training."""
    return {"job": studio.train(content)}


def cancel(studio: Studio, request: Request, _content: Mapping[str, Any]) -> Any:
    """End a task."""
    return {"cancelled": studio.worker.cancel(request.path_params["number"])}


def push(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Send a training's kit to a module, or to the home that the command line named."""
    key, host = content.get("training"), content.get("host")
    if not isinstance(key, str) or not (host is None or isinstance(host, str)):
        raise UserError("a push names a training and a module")
    folder = studio.trainings.find(key).folder
    where = pushing.target(host, studio.places.local)
    studio.pusher.start("push", [str(folder), *where])
    return {}


def module(studio: Studio, request: Request, content: Mapping[str, Any]) -> Any:
    """Ask a module for its status, its kits, or to go back to the kit before."""
    host = content.get("host")
    if not (host is None or isinstance(host, str)):
        raise UserError("a module is named by HOST or USER@HOST")
    what = request.path_params["what"]
    if what not in {"status", "list", "rollback", "doctor"}:
        raise UserError(f"{what}: not a request to a module")
    studio.pusher.start(what, pushing.target(host, studio.places.local))
    return {}


def follow(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Follow a module by OSC, or none."""
    host, port = content.get("host"), content.get("port", following.PORT)
    if host is None:
        studio.follower.leave()
    elif isinstance(host, str) and isinstance(port, int):
        studio.follower.follow(host, port)
    else:
        raise UserError("a module is named by its host")
    return {}


def move(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Send messages to the module that is followed."""
    studio.follower.send(following.checked_messages(content.get("messages")))
    return {}


def save_view(studio: Studio, _request: Request, content: Mapping[str, Any]) -> Any:
    """Remember where the page was left."""
    studio.save_view(dict(content))
    return {}


async def events(socket: WebSocket) -> None:
    """Send events until the page is closed."""
    await socket.accept()
    studio: Studio = socket.app.state.studio
    queue = studio.hub.open()
    listening = asyncio.create_task(_until_closed(socket))
    try:
        while not listening.done():
            waiting = asyncio.create_task(queue.get())
            await asyncio.wait({waiting, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                waiting.cancel()
                break
            message = waiting.result()
            if message is None:
                await socket.close(_TRY_AGAIN_LATER)
                break
            with suppress(WebSocketDisconnect, RuntimeError):
                await (
                    socket.send_text(message)
                    if isinstance(message, str)
                    else socket.send_bytes(message)
                )
    finally:
        listening.cancel()
        studio.hub.close(queue)


async def _until_closed(socket: WebSocket) -> None:
    """Ignore what a page sends; return when it has closed."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await socket.receive_text()


ROUTES = (
    Route("/api/session", reads(session)),
    Route("/api/loops", reads(loops)),
    Route("/api/loops/{digest}/audio", reads(audio)),
    Route("/api/loops/{digest}/outline", reads(outline)),
    Route("/api/edit", writes(edit), methods=["POST"]),
    Route("/api/undo", writes(undo), methods=["POST"]),
    Route("/api/redo", writes(redo), methods=["POST"]),
    Route("/api/files", upload, methods=["POST"]),
    Route("/api/analyse", writes(analyse), methods=["POST"]),
    Route("/api/train", writes(train), methods=["POST"]),
    Route("/api/jobs/{number:int}/cancel", writes(cancel), methods=["POST"]),
    Route("/api/push", writes(push), methods=["POST"]),
    Route("/api/module/{what}", writes(module), methods=["POST"]),
    Route("/api/follow", writes(follow), methods=["POST"]),
    Route("/api/move", writes(move), methods=["POST"]),
    Route("/api/view", writes(save_view), methods=["POST"]),
    *training_routes.ROUTES,
    WebSocketRoute("/api/events", events),
)

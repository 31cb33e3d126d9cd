"""A firmware for these tests: the real control socket and decoders, and no sound.

    python stand_in.py HOME [well|ill|refuses|silent|dies|dies-once|crashes]

Says `ready` when it listens, and what it plays whenever that changes. It ends when its
standard input does.
"""

import os
import select
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from firmware.bundle.bundle import read_bundle
from firmware.bundle.decoder import load_decoders
from firmware.bundle.manifest import BundleError
from firmware.bundle.store import set_current
from firmware.ipc.control_protocol import (
    Answer,
    LoadRequest,
    Reply,
    Request,
    Status,
    serve_line,
)
from firmware.ipc.control_server import ControlServer, listen
from firmware.storage.paths import Home, parse_reference


class StandIn:
    def __init__(self, home: Home, behaviour: str) -> None:
        self.home = home
        self.behaviour = behaviour
        self.playing = ""
        self.waiting: list[Answer] = []
        chosen = home.current_bundle()
        if chosen:
            self.play(chosen.reference)

    def play(self, reference: str) -> None:
        load_decoders(read_bundle(self.home.folder(parse_reference(reference))))
        self.playing = reference
        say(f"plays {reference}")

    def handle(self, request: Request, answer: Answer) -> None:
        if isinstance(request, LoadRequest):
            self.load(request.bundle, answer)
        else:
            answer(Reply(True, "", self.status()))

    def load(self, reference: str, answer: Answer) -> None:
        if self.behaviour == "dies-once":
            # What systemd does with one that crashed: it starts again, and behaves.
            os.execv(sys.executable, [sys.executable, *sys.argv[:2], "well"])
        if self.behaviour == "crashes" and reference != self.playing:
            say(f"crashes over {reference}")
            os.execv(sys.executable, [sys.executable, *sys.argv])
        if self.behaviour == "dies":
            os._exit(1)
        if self.behaviour == "silent":
            self.waiting.append(answer)
            return
        if self.behaviour == "refuses":
            answer(Reply(False, "not this one"))
            return
        try:
            self.play(reference)
            set_current(self.home, parse_reference(reference))
        except BundleError as error:
            answer(Reply(False, str(error)))
        else:
            answer(Reply(True, "", self.status()))

    def status(self) -> Status:
        return Status("0.1.0", self.playing, self.behaviour != "ill", True, 120.0, 1.0)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    home = Home(Path(sys.argv[1]))
    stand_in = StandIn(home, sys.argv[2])
    with (
        suppress(KeyboardInterrupt),
        ControlServer(listen(home.control), partial(serve_line, stand_in.handle)) as server,
    ):
        say("ready")
        while True:
            ready, _, _ = select.select([server, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            server.serve_ready()


if __name__ == "__main__":
    main()

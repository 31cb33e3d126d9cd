"""Running real Pd over the patches of this project, in real time or as fast as it can."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware.osc.packet import Argument, Message, decode, encode
from pd.field_logic import ENDS

PATCHES = Path(__file__).parents[2] / "pd"
HOST = "127.0.0.1"
LINK = "127.0.0.1 9000 9001"
"""Where the patches look for the module, and listen."""
PD = ("pd", "-nogui", "-nomidi", "-noprefs", "-stderr", "-path", str(PATCHES))


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def said(address: str, arguments: Iterable[Argument]) -> str:
    """Write what the module tells as the patch's parts hear it."""
    words = address.strip("/").split("/")
    return " ".join(
        (*words, *(f"{a:.7g}" if isinstance(a, float) else str(a) for a in arguments))
    )


PLAYER = """#N canvas 0 0 400 400 12;
#X obj 10 10 exnihilo-clock;
#X obj 10 40 exnihilo-voice 1;
#X obj 110 40 exnihilo-voice 2;
#X obj 210 40 exnihilo-voice 3;
#X obj 10 70 loadbang;
#X obj 10 100 t b b;
#X obj 10 130 qlist;
#X msg 60 130 read FILE \\, rewind;
#X obj 10 190 timer;
#X obj 10 220 pack f f f f;
#X obj 10 250 print played;
#X obj 200 160 r exnihilo-note;
#X obj 200 190 unpack f f f;
#X obj 200 220 t b f;
#X obj 200 100 r restart-timer;
#X msg 10 160 bang;
#X obj 300 100 r take;
#X obj 300 130 print take;
#X connect 4 0 5 0;
#X connect 5 1 7 0;
#X connect 7 0 6 0;
#X connect 5 0 15 0;
#X connect 15 0 6 0;
#X connect 11 0 12 0;
#X connect 12 2 9 3;
#X connect 12 1 9 2;
#X connect 12 0 13 0;
#X connect 13 1 9 1;
#X connect 13 0 8 1;
#X connect 8 0 9 0;
#X connect 9 0 10 0;
#X connect 14 0 8 0;
#X connect 16 0 17 0;
"""


def play_script(folder: Path, lines: Iterable[str]) -> list[list[tuple[float, int, int, int]]]:
    """Let Pd play a script in logical time; give, per restart of its timer, the notes played.

    A note is its time in milliseconds, voice, note and velocity. A line is `DELAY_MS` or
    `RECEIVER ARGUMENTS`, as qlist has them.
    """
    script = folder / "script.txt"
    script.write_text("".join(f"{line};\n" for line in lines) + "1 pd quit;\n", "utf-8")
    patch = folder / "play.pd"
    patch.write_text(PLAYER.replace("FILE", script.name), "utf-8")
    done = subprocess.run(
        (*PD, "-batch", "-noaudio", "-open", str(patch)),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    takes: list[list[tuple[float, int, int, int]]] = [[]]
    for line in done.stderr.splitlines():
        if line.startswith("take"):
            takes.append([])
        elif played := re.fullmatch(r"played: ([-\d.e+]+) (\d+) (\d+) (\d+)", line):
            time_ms, *numbers = played.groups()
            voice, note, velocity = map(int, numbers)
            takes[-1].append((float(time_ms), voice, note, velocity))
        else:
            raise AssertionError(line)
    return takes[1:]


SEEN = ("x", "tempo", "division", "groove", "ratchet")
"""Controls whose place the test sees."""


class Tap:
    """The test's hands and eyes in a running Pd: a patch beside the one that is tested."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(0)
        self.hearing = free_port()
        self.pid = 0

    def patch(self) -> str:
        port = self.socket.getsockname()[1]
        controls = (f"{control}-shown" for control in SEEN)
        names = (
            "note",
            "shown",
            "there",
            "fault",
            "scale-name",
            *(f"axis-{end}" for end in ENDS),
            *controls,
        )
        boxes = [
            "obj 10 10 loadbang",
            f"msg 10 40 connect {HOST} {port}",
            "obj 10 70 netsend -u -b",
            f"obj 300 10 netreceive -u -b {self.hearing} {HOST}",
            "obj 300 40 oscparse",
            "obj 300 70 list trim",
            "obj 300 100 route to",
            "obj 300 115 list append",
            "msg 300 130 \\; \\$1 \\$2",
        ]
        wires = [(0, 1), (1, 2), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8)]
        for name in names:
            first = len(boxes)
            boxes += [
                f"obj 10 100 r exnihilo-{name}",
                # A control is shown by `set`; what comes without it is the test's hand.
                "obj 10 115 route set" if name.endswith("-shown") else "obj 10 115 list",
                f"obj 10 130 oscformat {name}",
                "obj 10 160 list prepend send",
                "obj 10 190 list trim",
            ]
            wires += [(first + k, first + k + 1) for k in range(4)]
            wires.append((first + 4, 2))
        lines = ["#N canvas 0 0 600 400 12", *(f"#X {box}" for box in boxes)]
        lines += (f"#X connect {a} 0 {b} 0" for a, b in wires)
        return "".join(f"{line};\n" for line in lines)

    def move(self, control: str, value: float) -> None:
        """Move a control of the window as a hand would."""
        self._send(f"exnihilo-{control}-shown", float(value))

    def save(self) -> None:
        """Save the patch as its menu does."""
        self._send("pd-exnihilo.pd", "menusave")

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Let Pd stand still."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def _send(self, receiver: str, what: Argument) -> None:
        self.socket.sendto(encode("/to", receiver, what), (HOST, self.hearing))

    def received(self) -> list[Message]:
        messages = []
        while True:
            try:
                messages += decode(self.socket.recv(65536))
            except BlockingIOError:
                return messages


def place_patch(folder: Path, name: str, module_port: int, listening: int = 0) -> Path:
    """Copy a patch into a folder, talking to another port than a module that may be playing."""
    text = (PATCHES / name).read_text("utf-8")
    ports = f"127.0.0.1 {module_port} {listening or free_port()}"
    (folder / name).write_text(text.replace(LINK, ports), "utf-8")
    return folder / name


@contextmanager
def running_patch(
    folder: Path, module_port: int, *, display: str | None = None, listening: int = 0
) -> Iterator[Tap]:
    """Open the patch in real Pd and a tap beside it, without a window or on a display."""
    tap = Tap()
    assert (PATCHES / "exnihilo.pd").read_text("utf-8").count(LINK) == 1
    place_patch(folder, "exnihilo.pd", module_port, listening)
    (folder / "tap.pd").write_text(tap.patch(), "utf-8")
    # The last one that is opened is on top.
    patches = (folder / "tap.pd", folder / "exnihilo.pd")
    opened = (word for patch in patches for word in ("-open", str(patch)))
    pd = PD if display is None else tuple(word for word in PD if word != "-nogui")
    environment = dict(os.environ, DISPLAY=display or "")
    with (folder / "pd.log").open("wb") as log:
        process = subprocess.Popen((*pd, "-noaudio", *opened), stderr=log, env=environment)
    tap.pid = process.pid
    try:
        yield tap
    finally:
        process.terminate()
        process.wait()
        tap.socket.close()

"""What else keeps time: each measures how late it wakes, every `PERIOD_NS`, in nanoseconds.

`python -m tests.bench.rivals absolute|mido SECONDS` runs one in a process of its own.
"""

import json
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import mido

from firmware.drivers.realtime import PLAYER_PRIORITY

PERIOD_NS = 5_208_333
"""A tick at 96 to the quarter note and 120 BPM."""

_SO_TIMESTAMPNS = 35
_METRO = """#N canvas 0 0 400 300 10;
#X obj 10 10 loadbang;
#X msg 10 40 connect 127.0.0.1 {port};
#X obj 10 100 netsend -u -b;
#X obj 150 10 loadbang;
#X obj 150 40 metro {period_ms};
#X msg 150 70 send 1;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 3 0 4 0;
#X connect 4 0 5 0;
#X connect 5 0 2 0;
"""


def absolute_sleep(seconds: float) -> list[int]:
    """Sleep until each tick's time, as a plain Python sequencer does."""
    late_ns = []
    start_ns = time.monotonic_ns()
    for tick in range(round(seconds * 1e9 / PERIOD_NS)):
        due_ns = start_ns + tick * PERIOD_NS
        time.sleep(max(due_ns - time.monotonic_ns(), 0) * 1e-9)
        late_ns.append(time.monotonic_ns() - due_ns)
    return late_ns


def mido_play(seconds: float) -> list[int]:
    """Play a file of a note per tick with mido, which sleeps between messages."""
    file = mido.MidiFile(ticks_per_beat=96)
    ticks = round(seconds * 1e9 / PERIOD_NS)
    file.tracks.append(mido.MidiTrack(mido.Message("note_on", time=1) for _ in range(ticks)))
    late_ns = []
    # mido reads the time when it is asked for its first message.
    start_ns = time.monotonic_ns()
    for tick, _ in enumerate(file.play()):
        late_ns.append(time.monotonic_ns() - start_ns - (tick + 1) * PERIOD_NS)
    return late_ns


RIVALS: dict[str, Callable[[float], list[int]]] = {
    "absolute": absolute_sleep,
    "mido": mido_play,
}


def in_own_process(name: str, seconds: float) -> list[int]:
    """Measure one of `RIVALS`."""
    command = (sys.executable, "-m", "tests.bench.rivals", name, str(seconds))
    done = subprocess.run(command, check=True, capture_output=True)
    late_ns: list[int] = json.loads(done.stdout)
    return late_ns


def cyclictest(seconds: float) -> list[int]:
    """Measure the system's own limit at the player's priority, to the microsecond."""
    interval_us, loops = PERIOD_NS // 1000, round(seconds * 1e9 / PERIOD_NS)
    flags = (f"-p{PLAYER_PRIORITY}", f"-i{interval_us}", f"-l{loops}", "-h100000")
    done = subprocess.run(
        ("cyclictest", "-q", "-m", "-t1", *flags), check=True, capture_output=True, text=True
    )
    late_ns: list[int] = []
    for line in done.stdout.splitlines():
        if line and not line.startswith(("#", "\t")) and len(line.split()) == 2:
            late_us, count = map(int, line.split())
            late_ns += [late_us * 1000] * count
    return late_ns


def pd_metro(seconds: float) -> list[int]:
    """Measure Pure Data's [metro] by when its packets arrive, against its earliest one."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener,
        tempfile.TemporaryDirectory() as folder,
    ):
        listener.bind(("127.0.0.1", 0))
        listener.settimeout(10)
        listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        patch = Path(folder) / "metro.pd"
        port = listener.getsockname()[1]
        patch.write_text(_METRO.format(port=port, period_ms=PERIOD_NS / 1e6))
        flags = ("-nogui", "-noaudio", "-nomidi", "-noprefs")
        pd = subprocess.Popen(
            (shutil.which("pd") or "pd", *flags, "-open", str(patch)), stderr=subprocess.DEVNULL
        )
        try:
            times_ns = [_received_ns(listener) for _ in range(round(seconds * 1e9 / PERIOD_NS))]
        finally:
            pd.kill()
            pd.wait()
    offsets = [time_ns - n * PERIOD_NS for n, time_ns in enumerate(times_ns)]
    return [offset - min(offsets) for offset in offsets]


def _received_ns(listener: socket.socket) -> int:
    """Receive a packet; give the kernel's stamp of it."""
    _, ancillary, _, _ = listener.recvmsg(100, 100)
    seconds, nanoseconds = struct.unpack("qq", ancillary[0][2])
    return int(seconds * 1_000_000_000 + nanoseconds)


if __name__ == "__main__":
    json.dump(RIVALS[sys.argv[1]](float(sys.argv[2])), sys.stdout)

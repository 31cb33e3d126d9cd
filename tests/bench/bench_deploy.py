"""How long a push takes over ssh on the loopback, beside scp of the same files.

Three voices from the command to the word that they play, and a bundle of 8 MB installed and
verified. scp only copies: it neither syncs, nor verifies, nor switches; so the sending alone
is compared as well, scp's being what it takes beyond a small file. `make bench` runs it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter

from firmware.bundle.bundle import read_manifest, write_bundle
from firmware.bundle.manifest import stored_file
from firmware.storage.paths import Home
from tests.deploy.server import Sshd, running_sshd

HEAVY_BYTES = 8_000_000
DEPLOY = Path(__file__).parents[1] / "deploy"


def heavy(drums: Path, folder: Path, seed: int) -> Path:
    """A bundle of 8 MB, another one for every seed."""
    data = os.urandom(HEAVY_BYTES)
    manifest = read_manifest(drums)
    contents = {voice.file: (drums / voice.file).read_bytes() for voice in manifest.voices}
    extras = (stored_file("report.html", data),)
    bundle = folder / f"heavy-{seed}"
    write_bundle(
        bundle, replace(manifest, seed=seed, extras=extras), {**contents, "report.html": data}
    )
    return bundle


def timed(command: list[str | Path], sshd: Sshd) -> tuple[float, str]:
    """Seconds of a command, and what it printed."""
    start = perf_counter()
    done = subprocess.run(
        command, env=sshd.environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return perf_counter() - start, done.stdout


def measure(folder: Path, rounds: int) -> dict[str, float]:
    subprocess.run(
        [sys.executable, DEPLOY / "make_bundles.py", folder],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    home = Home(folder / "home")
    home.root.mkdir()
    push = [sys.executable, "-m", "deploy", "push", "--json"]
    with (
        running_sshd(folder) as sshd,
        subprocess.Popen(
            [sys.executable, DEPLOY / "stand_in.py", home.root, "well"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        ) as firmware,
    ):
        sshd.serve(home)
        drums = folder / "drums"
        names = [f"take {number}" for number in range(rounds)]
        playing = [timed([*push, "--name", name, drums, "root@module"], sshd) for name in names]
        installed, sending, copied, connecting = [], [], [], []
        for seed in range(rounds):
            bundle = heavy(drums, folder, seed + 1)
            seconds, said = timed([*push, "--no-activate", bundle, "root@module"], sshd)
            installed.append(seconds)
            sending.append(json.loads(said)["modules"][0]["bundles"][0]["sending_s"])
            target = folder / f"copy-{seed}"
            options = ["-q", "-r", "-S", folder / "bin" / "ssh"]
            copied.append(timed(["scp", *options, bundle, f"shell:{target}"], sshd)[0])
            small = ["scp", *options, drums / "manifest.json", f"shell:{target}.small"]
            connecting.append(timed(small, sshd)[0])
        assert firmware.stdin
        firmware.stdin.close()
    return {
        "playing_s": median(seconds for seconds, _ in playing),
        "heavy_push_s": median(installed),
        "heavy_scp_s": median(copied),
        "push_over_scp": median(installed) / median(copied),
        "heavy_push_sending_s": median(sending),
        "heavy_scp_sending_s": median(copied) - median(connecting),
        "sending_over_scp": median(sending) / (median(copied) - median(connecting)),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="xn") as folder:
        figures = measure(Path(folder), options.rounds)
    if options.json:
        sys.stdout.write(json.dumps(figures) + "\n")
    else:
        for name, value in figures.items():
            sys.stdout.write(f"{name:34}{value:6.2f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

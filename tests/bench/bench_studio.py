"""The studio's figures: server, page, sound under stalls, training, long lists.

python tests/bench/bench_studio.py
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
TRAINER = [sys.executable, "-m", "trainer"]
READY = "body[data-ready]"

MODULE = (
    "const { moveTo, patch, patternOf, play, player, set }"
    " = await import('/page/instrument.js');"
)
DRAG = f"""async () => {{
  {MODULE}
  const times = [];
  for (let n = 0; n < 500; n++) {{
    const from = performance.now();
    moveTo(0, (n * 0.37) % 1, (n * 0.61) % 1);
    patternOf(0);
    times.push(performance.now() - from);
    if (n % 25 === 0) await new Promise(requestAnimationFrame);
  }}
  times.sort((a, b) => a - b);
  return times[475];
}}"""
JITTER = f"""async () => {{
  {MODULE}
  for (const voice of [0, 1, 2]) {{ set('groove', 0, voice); set('threshold', 0.01, voice); }}
  await play(true);
  player.send({{ type: 'record', on: true }});
  const until = performance.now() + 10000;
  while (performance.now() < until) {{
    const stall = performance.now() + 200;
    while (performance.now() < stall);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }}
  const recorded = new Promise((resolve) =>
    player.addEventListener('recorded', ({{ detail }}) => resolve(detail), {{ once: true }}));
  player.send({{ type: 'record', on: false }});
  const {{ notes, rate }} = await recorded;
  const frames = notes.filter((note) => note[0] === 0).map((note) => note[3]);
  const step = (60 / 120 / 4) * rate;
  return Math.max(...frames.map((frame) => {{
    const away = (frame - frames[0]) / step;
    return Math.abs(away - Math.round(away)) * step;
  }}));
}}"""
CANDIDATE = """async () => {
  const { playCandidate } = await import('/page/instrument.js');
  const { playing } = await import('/page/trainings.js');
  const times = [];
  for (let n = 0; n < 10; n++) {
    const from = performance.now();
    await playCandidate(playing(), 0, n % 2);
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  return times[5];
}"""
SCROLL = """async () => {
  const list = document.querySelector('#loop-list');
  const frames = [];
  let last = performance.now();
  for (let n = 0; n < 200; n++) {
    list.scrollTop += 370;
    await new Promise(requestAnimationFrame);
    frames.push(performance.now() - last);
    last = performance.now();
  }
  frames.sort((a, b) => a - b);
  return [frames[100], frames[190]];
}"""
REBUILD = """async () => {
  const { emit } = await import('/page/store.js');
  const times = [];
  for (let n = 0; n < 10; n++) {
    const from = performance.now();
    emit('loops');
    times.push(performance.now() - from);
    await new Promise(requestAnimationFrame);
  }
  times.sort((a, b) => a - b);
  return times[5];
}"""
FIRST_PAINT = (
    "() => performance.getEntriesByType('paint')"
    ".find((one) => one.name === 'first-contentful-paint').startTime"
)


class Server:
    """A server on a project, timed from its start until it answers."""

    def __init__(self, project: Path) -> None:
        started_s = time.perf_counter()
        command = [*TRAINER, "studio", str(project), "--no-open"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT)
        assert self.process.stderr
        found = None
        while found is None:
            found = re.search(r"http://\S+", self.process.stderr.readline())
        self.address = found[0]
        self.up_s = time.perf_counter() - started_s
        ticks = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        self.cpu_s = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def report(what: str, value: float, unit: str, goal: float) -> None:
    mark = "" if value <= goal else "  (above the goal)"
    print(f"{what:48} {value:8.2f} {unit:3}  goal {goal:g}{mark}", flush=True)  # noqa: T201


def opened(browser: Browser, server: Server) -> tuple[Page, float]:
    """Open the page in a new window; return also the seconds until it can be used."""
    page = browser.new_context().new_page()
    started_s = time.perf_counter()
    page.goto(server.address)
    page.wait_for_selector(READY, timeout=120_000)
    return page, time.perf_counter() - started_s


def with_loops(folder: Path, source: Path, count: int) -> Path:
    """Write a project of so many loops, made of those of another."""
    content = json.loads((source / "project.json").read_text())
    loops = list(content["loops"].values())
    content["loops"] = {
        sha256(str(n).encode()).hexdigest(): {**loops[n % len(loops)], "name": f"loop {n}.wav"}
        for n in range(count)
    }
    folder.mkdir()
    (folder / "project.json").write_text(json.dumps(content))
    return folder


def measure(browser: Browser, work: Path) -> None:
    run: Callable[..., Any] = lambda *a: subprocess.run(  # noqa: E731
        [*TRAINER, *map(str, a)], check=True, capture_output=True, cwd=ROOT
    )
    run("demo-loops", work / "loops")
    run("encode", work / "loops", "--project", work / "mine")
    run("train", work / "mine", "-o", work / "mine/trainings/1", "--candidates", "2")

    servers = [Server(work / "mine") for _ in range(3)]
    for server in servers[1:]:
        server.stop()
    report("server up", median(one.up_s for one in servers), "s", 1.5)
    report("  processor time of it", median(one.cpu_s for one in servers), "s", 1.5)
    server = servers[0]
    page, _ = opened(browser, server)
    report("first paint, cold", page.evaluate(FIRST_PAINT), "ms", 800)
    page.reload()
    page.wait_for_selector(READY)
    report("first paint, warm", page.evaluate(FIRST_PAINT), "ms", 150)
    report("drag to pattern, p95", page.evaluate(DRAG), "ms", 1)
    report("switch a candidate, median", page.evaluate(CANDIDATE), "ms", 100)
    report("step from the grid, worst, page stalled", page.evaluate(JITTER), "frames", 1)
    training(page)
    report("memory of the server, 168 loops", server.memory_mb(), "MB", 120)
    server.stop()

    for count, goal_s in ((500, 2.0), (5000, 2.0)):
        large = Server(with_loops(work / f"{count}", work / "mine", count))
        page, seconds = opened(browser, large)
        report(f"{count} loops, page usable", seconds, "s", goal_s)
        report(f"{count} loops, list built", page.evaluate(REBUILD), "ms", 50)
        middle, slow = page.evaluate(SCROLL)
        report(f"{count} loops, frames while scrolling, median", middle, "ms", 25)
        report(f"{count} loops, frames while scrolling, p95", slow, "ms", 25)
        report(f"memory of the server, {count} loops", large.memory_mb(), "MB", 120)
        large.stop()


def training(page: Page) -> None:
    """Time from the click to the first map, between maps, and from the click to the stop."""
    page.evaluate(
        "async () => { const { on } = await import('/page/store.js'); window.maps = [];"
        " on('job', (job) => { if (job.data) window.maps.push(performance.now()); }); }"
    )
    started = page.evaluate("() => performance.now()")
    page.click("#train")
    page.wait_for_function("() => window.maps.length > 12", timeout=120_000)
    maps = page.evaluate("() => window.maps")
    report("first live map", (maps[0] - started) / 1000, "s", 1.5)
    report(
        "time from map to map, mean", (maps[-1] - maps[0]) / (len(maps) - 1) / 1000, "s", 0.5
    )
    started_s = time.perf_counter()
    page.click("#jobs button:has-text('Stop')")
    page.wait_for_selector("#jobs .job", state="detached")
    report("stop", 1000 * (time.perf_counter() - started_s), "ms", 300)


def main() -> None:
    """Measure, and print each figure beside its goal."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"],
        )
        measure(browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()

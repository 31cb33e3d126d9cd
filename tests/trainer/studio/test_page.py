"""The page's own code: that it plays what the firmware plays, and knows what it knows."""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from firmware.engine.clock_source import clock_maker
from firmware.engine.engine import Engine
from firmware.engine.output_event import OutputEvent
from firmware.engine.state import VOICES, EngineState
from firmware.engine.voice import Levels
from firmware.instrument.parameters import BY_NAME, Key
from firmware.instrument.patch import DEFAULT_PATCH, Patch, engine_state_of, voice_state
from firmware.ipc import codec
from tests.trainer.studio.conftest import Server, Visit

TRAINER = Path(__file__).parents[3] / "trainer"
REPORT_ALONE = {"report.html", "report.css", "report.js", "__init__.py"}
SETTINGS = 1000
KBYTES_MAX = 150
HARD_TEMPO = 20.0  # bpm; at less a run of random settings takes long


def test_the_page_is_small_and_asks_for_nothing_elsewhere() -> None:
    folders = (TRAINER / "studio" / "page", TRAINER / "report" / "page")
    files = [
        path
        for folder in folders
        for path in folder.iterdir()
        if path.is_file() and path.name not in REPORT_ALONE
    ]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= KBYTES_MAX * 1000
    for path in files:
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|\beval\(|innerHTML|new Function", text), path.name


@pytest.fixture
def page(shared: Server, visit: Visit) -> Page:
    return visit.open(shared)


def test_it_knows_the_parameters_of_the_firmware(page: Page) -> None:
    found = page.evaluate(
        "async () => { const { PARAMETERS, newPatch } = await import('/page/patch.js');"
        " return [PARAMETERS, newPatch()]; }"
    )
    table, patch = found
    for name, one in table.items():
        known = BY_NAME[name]
        assert (one["low"], one["high"], one["initial"]) == (
            known.low,
            known.high,
            known.default,
        )
        assert (one["voice"], one["count"]) == (known.per_voice, known.count)
        assert one.get("whole", False) == known.whole
        assert tuple(one.get("choices", ())) == known.choices
    musical = {p.name for p in BY_NAME.values() if p.musical}
    assert musical - set(table) <= {"link", "glide"}  # of the module's own hardware
    assert patch["pitch"] == [
        [DEFAULT_PATCH.whole("pitch", voice, place) for place in range(8)] for voice in range(3)
    ]


PLAY = """async ({ manifest, models, settings }) => {
  const { Engine, Kit } = await import('/page/core.js');
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
  const core = await (await fetch('/page/exnihilo.wasm')).arrayBuffer();
  const module = new WebAssembly.Module(core);
  const kit = new Kit(module, bytes(manifest), models.map(bytes));
  const engine = new Engine(module);
  const played = [];
  for (const { patch, moves, fromNs, untilNs } of settings) {
    const patterns = [0, 1, 2].map((voice) =>
      kit.decode(voice, [patch.x[voice], patch.y[voice], 0.5, 0.5]).slice());
    engine.setState(patch, patterns, moves, 0, BigInt(fromNs));
    engine.run(BigInt(fromNs), BigInt(untilNs), ({ timeNs, voice, kind, volts, data }) => {
      played.push([Number(timeNs), voice, volts ?? data]);
    });
  }
  return played;
}"""


def test_it_plays_what_the_firmware_plays(page: Page, bundle_folder: Path) -> None:
    bundle = read_bundle(bundle_folder)
    decoders = [
        ExactDecoder(voice, model)
        for voice, model in zip(bundle.manifest.voices, bundle.models, strict=True)
    ]
    random, engine = Random(19), Engine(clock_maker())
    settings: list[dict[str, Any]] = []
    expected: list[list[Any]] = []
    now_ns, moves, patch = 0, [0] * VOICES, _changed(DEFAULT_PATCH, Random(1), 400)
    for _ in range(SETTINGS):
        patch = _changed(patch, random, random.randrange(1, 12))
        moves = [(count + random.randrange(2)) % 65536 for count in moves]
        until_ns = now_ns + random.randrange(10_000_000, 120_000_000)
        document = _document(patch)
        settings.append(
            {"patch": document, "moves": moves, "fromNs": now_ns, "untilNs": until_ns}
        )
        engine.set_state(_state(patch, decoders, moves), now_ns)
        expected += [*map(_plain, _played(engine, now_ns, until_ns))]
        now_ns = until_ns
    request = {
        "manifest": base64.b64encode((bundle_folder / "manifest.json").read_bytes()).decode(),
        "models": [base64.b64encode(model).decode() for model in bundle.models],
        "settings": settings,
    }
    played = page.evaluate(PLAY, request)
    assert len(expected) > SETTINGS
    different = sum(one != other for one, other in zip(played, expected, strict=True))
    assert different == 0


def _changed(patch: Patch, random: Random, count: int) -> Patch:
    changes = {}
    names = [name for name in BY_NAME if name not in NOT_ON_THE_PAGE]
    for _ in range(count):
        known = BY_NAME[random.choice(names)]
        key = Key(
            known.name,
            random.randrange(VOICES) if known.per_voice else 0,
            random.randrange(known.count),
        )
        value = random.uniform(known.low, known.high)
        if known.whole:
            value = random.randint(int(known.low), int(known.high))
        if known.name == "tempo":
            value = round(max(value, HARD_TEMPO), 3)
        if known.name == "run":
            value = int(random.random() > 0.1)
        changes[key] = float(value) or (1.0 if known.name == "division" else 0.0)
    return patch.with_values(changes)


NOT_ON_THE_PAGE = {
    *("link", "glide", "density", "clock", "clock_in", "clock_out", "clock_rate"),
    *("freewheel", "reset_at_once"),
    *(name for name in BY_NAME if name.startswith("cv_")),
}


def _document(patch: Patch) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, known in BY_NAME.items():
        if name in NOT_ON_THE_PAGE:
            continue
        rows = [
            [patch[Key(name, voice, place)] for place in range(known.count)]
            for voice in range(VOICES if known.per_voice else 1)
        ]
        values = [row if known.count > 1 else row[0] for row in rows]
        document[name] = values if known.per_voice else values[0]
    return document


def _state(patch: Patch, decoders: list[ExactDecoder], moves: list[int]) -> EngineState:
    """Return the state as the player receives it, over the message socket."""
    voices = tuple(
        voice_state(patch, voice)._replace(
            pattern=decoders[voice].decode((patch[Key("x", voice)], patch[Key("y", voice)])),
            moves=moves[voice],
        )
        for voice in range(VOICES)
    )
    internal = patch.with_values({Key("clock"): 0.0})
    return _sent(engine_state_of(internal, voices, 0))


def _sent(state: EngineState) -> EngineState:
    _, received = codec.unpack(codec.pack(state, 1))
    assert isinstance(received, EngineState)
    return received


def _played(engine: Engine, now_ns: int, until_ns: int) -> Iterator[OutputEvent]:
    while (deadline_ns := engine.next_deadline_ns) is not None and deadline_ns < until_ns:
        now_ns = max(now_ns, deadline_ns)
        yield from engine.advance(now_ns)


def _plain(event: OutputEvent) -> list[Any]:
    content: Any = event.content
    if isinstance(content, Levels):
        content = list(content)
    else:
        content = [int(content)] if isinstance(content, bool) else list(content)
    return [event.time_ns, event.voice, content]


def test_a_kit_whose_check_points_fail_is_refused(page: Page, bundle_folder: Path) -> None:
    document = json.loads((bundle_folder / "manifest.json").read_bytes())
    document["voices"][0]["check_points"][3]["expected"][7] = 0.123
    manifest = base64.b64encode(json.dumps(document).encode()).decode()
    models = [base64.b64encode(model).decode() for model in read_bundle(bundle_folder).models]
    reason = page.evaluate(
        f"(given) => ({PLAY})(given).then(() => '', (error) => error.message)",
        {"manifest": manifest, "models": models, "settings": []},
    )
    assert "other values" in reason


def test_a_report_plays_also_where_the_studio_serves_it(
    page: Page, shared: Server, visit: Visit
) -> None:
    address = page.evaluate(
        "async () => { const { state } = await import('/page/store.js');"
        " return `/api/trainings/${state.trainings[0].id}/file/report.html`; }"
    )
    page.goto(shared.address.split("/?")[0] + address)
    page.wait_for_selector("body[data-ready]")
    page.click("#play")
    expect(page.locator(".steps .now").first).to_be_attached()
    assert visit.errors == []
    assert not page.evaluate("() => fetch('/api/session').then(() => true, () => false)")
    assert "Content Security Policy" in visit.errors.pop()
    visit.errors.clear()

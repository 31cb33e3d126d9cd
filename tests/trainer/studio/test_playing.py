"""The map as an instrument, in a real browser: what it shows, plays and exports."""

import io
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile
from playwright.sync_api import Page, expect

from firmware.bundle.bundle import read_bundle
from firmware.bundle.exact_decoder import ExactDecoder
from tests.trainer.studio.playing import ask, at, page

__all__ = ["page"]


def test_a_drag_moves_the_voice_and_its_pattern_is_the_decoders(page: Page, kit: Path) -> None:
    page.mouse.move(*at(page, 0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*at(page, 0.8, 0.65), steps=5)
    page.mouse.up()
    x, y = ask(page, "[patch.x[0], patch.y[0]]")
    assert (x, y) == (pytest.approx(0.8, abs=0.01), pytest.approx(0.65, abs=0.01))
    bundle = read_bundle(kit)
    decoded = ExactDecoder(bundle.manifest.voices[0], bundle.models[0]).decode((x, y))
    shown = ask(page, "Array.from(patternOf(0))")
    assert shown == [*decoded.onset, *decoded.velocity, *decoded.offset]


def test_hovering_plays_and_changes_nothing(page: Page) -> None:
    before = ask(page, "[patch.x[0], patch.y[0]]")
    page.click("#play")
    page.mouse.move(*at(page, 0.9, 0.1), steps=3)
    page.mouse.move(2, 2)
    assert ask(page, "[patch.x[0], patch.y[0]]") == before


def test_a_dot_is_a_loop(page: Page) -> None:
    points = page.evaluate("async () => (await import('/page/store.js')).state.kept.points[0]")
    name, x, y = points[0]
    page.mouse.click(*at(page, x, y))
    assert ask(page, "[patch.x[0], patch.y[0]]") == [x, y]
    assert name


def test_keys_move_mute_and_recall_places(page: Page) -> None:
    page.keyboard.press("g")
    page.keyboard.press("ArrowRight")
    x = ask(page, "patch.x[0]")
    page.keyboard.press("Shift+1")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Digit1")
    assert ask(page, "patch.x[0]") == x
    page.keyboard.press("v")
    page.keyboard.press("m")
    assert ask(page, "patch.mute") == [0, 1, 0]
    page.keyboard.press("]")
    assert ask(page, "patch.threshold[1]") == pytest.approx(0.52)
    expect(page.locator(".lane.voice2 button:has-text('M')")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_glide_takes_its_time_and_arrives(page: Page) -> None:
    page.click("#play")
    page.keyboard.press("Shift+1")
    goal = ask(page, "[patch.x[0], patch.y[0]]")
    ask(page, "(moveTo(0, 0.95, 0.95), 0)")
    page.fill("#glide", "0.6")
    page.keyboard.press("Digit1")
    page.wait_for_function(
        "async ([x, y]) => { const { patch } = await import('/page/instrument.js');"
        " return Math.abs(patch.x[0] - x) + Math.abs(patch.y[0] - y) < 1e-6; }",
        arg=goal,
    )


def test_a_path_plays_by_itself_until_it_is_cleared(page: Page) -> None:
    page.select_option("#path-bars", "1")
    page.click("#path-draw")
    page.mouse.move(*at(page, 0.1, 0.1))
    page.mouse.down()
    page.mouse.move(*at(page, 0.9, 0.9), steps=20)
    page.mouse.up()
    page.click("#play")
    page.wait_for_function(
        """async () => {
          const { patch } = await import('/page/instrument.js');
          window.seen = (window.seen ?? new Set()).add(patch.x[0].toFixed(2));
          return window.seen.size > 4;
        }"""
    )
    page.click("#path-clear")
    before, after = page.evaluate(STANDING)
    assert before == after


STANDING = """async () => {
  const { patch, player } = await import('/page/instrument.js');
  const next = (event) => new Promise((resolve) => {
    player.addEventListener(event, resolve, { once: true });
  });
  const answer = next('recorded');
  player.send({ type: 'record', on: false });
  await answer;  // all that was sent before has been taken, and what it moved is shown
  const before = patch.x[0];
  for (let step = 0; step < 4; step++) await next('steps');
  return [before, patch.x[0]];
}"""


def test_each_voice_follows_a_path_of_its_own(page: Page) -> None:
    for voice in (0, 1):
        page.evaluate(
            "async (voice) => (await import('/page/map.js')).setPath("
            "{ points: [[0.1, 0.1], [0.9, 0.9]], bars: 1 }, voice)",
            voice,
        )
    page.click("#play")
    both = "async () => { const { patch } = await import('/page/instrument.js'); "
    page.evaluate(f"{both} window.before = [...patch.x]; }}")
    page.wait_for_function(
        f"{both} return [0, 1].every((voice) => patch.x[voice] !== window.before[voice]); }}"
    )
    page.evaluate("async () => (await import('/page/map.js')).setPath(null, 1)")
    page.evaluate(f"{both} window.before = [...patch.x]; }}")
    page.wait_for_function(f"{both} return patch.x[0] !== window.before[0]; }}")


def test_a_step_of_a_lane_asks_for_the_nearest_rhythm(page: Page) -> None:
    lane = page.locator(".lane.voice1 canvas")
    box = lane.bounding_box()
    assert box
    lane.click(position={"x": box["width"] * 2.5 / 32, "y": 10})
    expect(page.locator("#map-said")).to_contain_text("on the map")


def test_a_place_is_exported_as_what_is_played(page: Page) -> None:
    with page.expect_download() as download:
        page.click("#export-midi")
    file = mido.MidiFile(download.value.path())
    notes = [
        message
        for track in file.tracks
        for message in track
        if message.type == "note_on" and message.velocity
    ]
    sounding = ask(
        page,
        "[0, 1].flatMap((v) => Array.from(patternOf(v).slice(0, 32))"
        ".filter((level) => level > patch.threshold[v])).length",
    )
    assert len(notes) == sounding
    assert file.length == pytest.approx(4.0, abs=0.01)  # two bars at 120 bpm
    offs = sum(m.type == "note_off" for track in file.tracks for m in track)
    assert offs == len(notes)

    with page.expect_download() as download:
        page.click("#export-wav")
    samples, rate = soundfile.read(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert samples.shape == (5 * rate, 2)
    assert np.abs(samples).max() > 0.05


def test_a_drawn_path_and_the_kept_places_are_exported(page: Page) -> None:
    page.keyboard.press("Shift+1")
    page.keyboard.press("g")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+2")
    page.select_option("#path-bars", "8")
    page.click("#path-draw")
    page.mouse.move(*at(page, 0.1, 0.1))
    page.mouse.down()
    page.mouse.move(*at(page, 0.9, 0.9), steps=20)
    page.mouse.up()
    for what, seconds in (
        ("path", 16.0),
        ("places", 8.0),
    ):  # eight bars; two bars for each place
        page.select_option("#export-what", what)
        with page.expect_download() as download:
            page.click("#export-midi")
        assert download.value.suggested_filename.endswith(f" {what}.mid")
        file = mido.MidiFile(download.value.path())
        assert file.length == pytest.approx(seconds, abs=0.01)
        assert sum(m.type == "note_on" for track in file.tracks for m in track) > seconds


def test_slices_of_loops_sound_instead_of_the_synth(page: Page) -> None:
    page.evaluate(
        """async () => {
          const { player } = await import('/page/instrument.js');
          const send = player.send.bind(player);
          player.send = (message) => {
            const { type, voice, slices } = message;
            if (type === 'slices' && voice === 0) window.slices = slices;
            send(message);
          };
        }"""
    )
    page.select_option("#sound", "slices")
    page.wait_for_function("() => window.slices")
    lengths = page.evaluate("() => window.slices.map((one) => one.samples.length)")
    assert len(lengths) == 32
    assert min(lengths) > 100
    page.select_option("#sound", "synth")
    page.wait_for_function("() => window.slices === null")


STALLED = """async () => {
  const { play, player, set } = await import('/page/instrument.js');
  set('swing', 0.5);
  for (const voice of [0, 1, 2]) { set('groove', 0, voice); set('threshold', 0.01, voice); }
  await play(true);
  player.send({ type: 'record', on: true });
  let steps = 0;
  player.addEventListener('steps', () => { steps += 1; });
  while (steps < 24) {
    const stall = performance.now() + 200;
    while (performance.now() < stall);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return await new Promise((resolve) => {
    player.addEventListener('recorded', ({ detail }) => resolve(detail), { once: true });
    player.send({ type: 'record', on: false });
  });
}"""


def test_steps_stay_on_the_grid_while_the_page_is_stalled(page: Page) -> None:
    recorded = page.evaluate(STALLED)
    frames = np.array([note[3] for note in recorded["notes"] if note[0] == 0], float)
    step = 60 / 120 / 4 * recorded["rate"]
    assert len(frames) > 15
    away = (frames - frames[0]) / step
    assert np.abs((away - away.round()) * step).max() <= 1

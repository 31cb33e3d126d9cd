"""What moves the page from elsewhere, and what it moves: MIDI, and the module by OSC."""

import socket
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from firmware.osc.packet import decode, encode
from tests.trainer.studio.playing import ask, at, page

__all__ = ["page"]


def test_a_controller_is_not_learned_for_a_row_of_pitches(page: Page) -> None:
    pitches = page.evaluate(
        """async () => {
          const { patch, set } = await import('/page/instrument.js');
          const { received } = await import('/page/midi.js');
          set('swing', 0.6);
          set('pitch', 60, 0, 3);
          document.querySelector('#midi-learn').click();
          received([0xb0, 20, 0]);
          return [patch.pitch[0].length, patch.swing];
        }"""
    )
    assert pitches == [8, 0.5]


def test_a_controller_is_learned_for_the_axis_that_was_moved(page: Page) -> None:
    place = page.evaluate(
        """async () => {
          const { patch, moveTo } = await import('/page/instrument.js');
          const { received } = await import('/page/midi.js');
          for (const [x, y] of [[0.5, 0.5], [0.5, 0.75]]) moveTo(0, x, y);
          document.querySelector('#midi-learn').click();
          received([0xb0, 21, 127]);
          return [patch.x[0], patch.y[0]];
        }"""
    )
    assert place == [0.5, 1]


def test_a_glide_is_not_a_control_that_was_moved(page: Page) -> None:
    swing = page.evaluate(
        """async () => {
          const { patch, moveTo, play, set } = await import('/page/instrument.js');
          const { received } = await import('/page/midi.js');
          const { on } = await import('/page/store.js');
          await play(true);
          set('swing', 0.6);
          const arrived = new Promise((resolve) => {
            on('position', (voice) => { if (voice === 0 && patch.x[0] === 0.875) resolve(); });
          });
          moveTo(0, 0.875, 0.125, 0.05);
          await arrived;
          moveTo(1, 0.5, 0.625);
          document.querySelector('#midi-learn').click();
          received([0xb0, 22, 0]);
          return patch.swing;
        }"""
    )
    assert swing == 0.5


def test_the_module_is_followed_and_moved(page: Page) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as module:
        module.bind(("127.0.0.1", 0))
        module.settimeout(30)
        page.fill("#host", f"127.0.0.1:{module.getsockname()[1]}")
        held: list[tuple[Route, APIResponse]] = []
        page.route("**/api/follow", lambda route: held.append((route, route.fetch())))
        page.click("#follow")
        _, page_end = module.recvfrom(2048)
        for packet in (("/bundle", "drums"), ("/voice/1/x", 0.9), ("/voice/1/y", 0.2)):
            module.sendto(encode(*packet), page_end)
        expect(page.locator("#push-state")).to_contain_text("drums")
        page.wait_for_function(MOVED, arg=[0.9, 0.2])
        # The module may send what it plays before the page has its answer.
        for route, response in held:
            route.fulfill(response=response)
        page.unroute("**/api/follow")
        expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
        expect(page.locator("#push-state")).to_contain_text("drums")
        # Requests of the page pass through this thread, which may wait for the module only
        # after they were answered.
        with page.expect_response(lambda one: "/voice/1/y" in (one.request.post_data or "")):
            page.mouse.click(*at(page, 0.4, 0.6))
        moved: dict[str, Any] = {}
        while "/voice/1/y" not in moved:
            moved |= dict(decode(module.recv(2048)))
        assert moved["/voice/1/x"][0] == pytest.approx(0.4, abs=0.02)
        page.click("#follow")
        page.fill("#host", "")


MOVED = """async ([x, y]) => {
  const { patch } = await import('/page/instrument.js');
  return Math.abs(patch.x[0] - x) + Math.abs(patch.y[0] - y) < 1e-6;
}"""


def test_the_server_is_left_when_a_move_is_refused(page: Page) -> None:
    page.fill("#host", "127.0.0.1:9")
    page.click("#follow")
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
    page.route("**/api/move", lambda route: route.fulfill(status=500, body="no"))
    with page.expect_request("**/api/follow") as request:
        page.mouse.click(*at(page, 0.4, 0.6))
    assert request.value.post_data_json == {"host": None}
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")
    page.fill("#host", "")


# No machine of the tests has MIDI ports, so the browser's access to them is made here.
MIDI = """() => {
  window.sent = [];
  window.input = { name: 'keys', onmidimessage: null };
  const send = (data, timeMs) => window.sent.push([...data, timeMs]);
  const output = { id: 'o', name: 'drums', send };
  const access = { inputs: new Map([['i', window.input]]), outputs: new Map([['o', output]]) };
  navigator.requestMIDIAccess = async () => access;
}"""


def test_the_voices_play_on_a_midi_output_in_time(page: Page) -> None:
    page.evaluate(MIDI)
    page.click("#midi-open")
    page.select_option("#midi-out", label="drums")
    page.click("#play")
    page.wait_for_function("() => window.sent.length >= 40")
    page.click("#play")
    sent = page.evaluate("() => window.sent")
    notes = [message for message in sent if message[0] & 0xF0 == 0x90 and message[2]]
    assert {message[0] & 15 for message in notes} <= {0, 1, 2}
    pitches = ask(page, "patch.pitch")
    assert all(message[1] in pitches[message[0] & 15] for message in notes)
    times_ms = [message[3] for message in notes]
    assert times_ms == sorted(times_ms)
    expect(page.locator("#play")).to_have_attribute("aria-label", "Play")
    page.wait_for_function(  # no note is left sounding
        """() => {
          const held = new Set();
          for (const [status, note, velocity] of window.sent) {
            const key = `${status & 15} ${note}`;
            if ((status & 0xf0) === 0x90 && velocity) held.add(key);
            else held.delete(key);
          }
          return held.size === 0;
        }"""
    )


def test_a_learned_controller_is_kept_over_a_visit(page: Page) -> None:
    move = "(value) => window.input.onmidimessage({ data: [0xb3, 74, value] })"
    page.evaluate(MIDI)
    page.click("#midi-open")
    page.locator("#threshold").fill("0.3")
    page.click("#midi-learn")
    with page.expect_response("**/api/view"):
        page.evaluate(move, 127)
    expect(page.locator("#threshold")).to_have_value("1")
    expect(page.locator("#midi-learn")).to_have_attribute("aria-pressed", "false")
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.evaluate(MIDI)
    page.click("#midi-open")
    page.wait_for_function("() => window.input.onmidimessage")
    page.evaluate(move, 0)
    expect(page.locator("#threshold")).to_have_value("0")
    page.evaluate(move, 64)
    expect(page.locator("#threshold")).to_have_value("0.5")

// Play, tempo, swing and volume.

import { $, failed, icon, notify } from "./dom.js";
import { hasSource, patch, play, player, set } from "./instrument.js";
import { on } from "./store.js";

const TAPS_MAX = 6;
const TAP_LONGEST_MS = 2500;
let taps = [];

// Sets the tempo from taps, by the mean of the last ones.
export function tapTempo(nowMs) {
  if (taps.length && nowMs - taps.at(-1) > TAP_LONGEST_MS) taps = [];
  taps = [...taps, nowMs].slice(-TAPS_MAX);
  if (taps.length > 2) set("tempo", Math.round((60000 * (taps.length - 1)) / (taps.at(-1) - taps[0])));
}

export function toggle() {
  if (!patch.run && ![0, 1, 2].some(hasSource)) notify("There is no map to play yet: add loops, then press Draft.");
  else play(!patch.run).catch(failed);
}

function show() {
  const button = $("#play");
  button.setAttribute("aria-pressed", Boolean(patch.run));
  button.setAttribute("aria-label", patch.run ? "Stop" : "Play");
  button.replaceChildren(icon(patch.run ? "stop" : "play"));
  if (document.activeElement !== $("#tempo")) $("#tempo").value = +patch.tempo.toFixed(2);
  $("#swing").value = patch.swing;
  $("#swing-value").textContent = `${Math.round(patch.swing * 100)} %`;
}

export function setUpTransport() {
  $("#play").addEventListener("click", toggle);
  $("#tap").addEventListener("click", () => tapTempo(performance.now()));
  $("#tempo").addEventListener("change", (event) => set("tempo", Number(event.target.value) || 120));
  $("#swing").addEventListener("input", (event) => set("swing", Number(event.target.value)));
  $("#volume").addEventListener("input", (event) => player.setVolume(Number(event.target.value) ** 2));
  on("patch", show);
  on("steps", ({ tick }) => {
    const beat = Math.floor(tick / 96);
    $("#where").textContent = `${Math.floor(beat / 4) + 1}.${(beat % 4) + 1}`;
  });
  show();
}

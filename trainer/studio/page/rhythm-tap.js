// Tap a rhythm on a key: after two bars the voice goes to the nearest one on its map.

import { $ } from "./dom.js";
import { goToRhythm, patch } from "./instrument.js";
import { showDistance, stepOf } from "./lanes.js";
import { STEPS } from "./patch.js";
import { state } from "./store.js";

let taps = null; // {wanted, timer}

const stepMs = () => 60000 / patch.tempo / 4;

export function tapRhythm() {
  if (!patch.run) {
    tapFree();
    return;
  }
  const step = stepOf(state.voice);
  if (step < 0) return;
  taps ??= begin(STEPS * stepMs());
  taps.wanted[step % STEPS] = true;
}

// Without a clock the first tap is the first step.
function tapFree() {
  taps ??= begin(STEPS * stepMs());
  const step = Math.round((performance.now() - taps.start) / stepMs());
  if (step < STEPS) taps.wanted[step] = true;
}

function begin(lengthMs) {
  const voice = state.voice;
  $("#map-said").textContent = "tapping, for two bars…";
  const wanted = Array(STEPS).fill(false);
  setTimeout(() => {
    taps = null;
    const found = goToRhythm(voice, wanted);
    if (found) showDistance(found.distance);
  }, lengthMs);
  return { wanted, start: performance.now() };
}

// Which loop is nearest to what a voice plays, and its own sound as the voice's.

import { playLoop, samplesOf } from "./audition.js";
import { $, failed } from "./dom.js";
import { player, soundingOf } from "./instrument.js";
import { sounds, stepsOf } from "./loop-drawing.js";
import { select } from "./loops.js";
import { STEPS } from "./patch.js";
import { emit, on, state } from "./store.js";

const SETTLED_MS = 120;
const FADE_IN = 0.003;
export const slicedVoices = [false, false, false];
let masks = []; // [{loop, mask}] of every window of two bars
const nearest = [null, null, null];
const timers = [0, 0, 0];

function maskOf(steps) {
  let mask = 0;
  for (let step = 0; step < STEPS; step++) if (steps(step)) mask |= 1 << step;
  return mask >>> 0;
}

function popcount(value) {
  let bits = value - ((value >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

function index() {
  masks = [];
  for (const loop of state.loops) {
    if (!loop.taken) continue;
    const count = stepsOf(loop);
    const long = 2 * loop.bar_steps <= STEPS ? 2 * loop.bar_steps : loop.bar_steps;
    for (let start = 0; start < count; start += long) {
      masks.push({ loop, start, mask: maskOf((step) => sounds(loop, (start + (step % long)) % count)) });
    }
  }
}

export function nearestLoop(voice) {
  const wanted = soundingOf(voice);
  if (!wanted) return null;
  const mask = maskOf((step) => wanted[step]);
  let best = null;
  for (const one of masks) {
    const distance = popcount(one.mask ^ mask);
    if (!best || distance < best.distance) best = { ...one, distance };
  }
  return best;
}

// Cuts a loop at its onsets: for each of 32 steps the slice that begins nearest to it.
async function slicesOf({ loop, start }) {
  const buffer = await samplesOf(loop);
  if (!buffer) return null;
  const samples = buffer.getChannelData(0);
  const count = stepsOf(loop);
  const step = (60 / loop.bpm / 4) * buffer.sampleRate;
  const onsets = [...Array(count).keys()].filter((at) => sounds(loop, at));
  if (!onsets.length) return null;
  const frame = (at) => Math.max(0, Math.round((((at - loop.rotation) % count) + count) % count * step - FADE_IN * buffer.sampleRate));
  return Array.from({ length: STEPS }, (_, n) => {
    const wanted = (start + n) % count;
    const away = (at) => Math.min((at - wanted + count) % count, (wanted - at + count) % count);
    const chosen = onsets.reduce((best, at) => (away(at) < away(best) ? at : best));
    const from = frame(chosen);
    const long = Math.min(samples.length - from, Math.round(step * 4));
    return { samples, start: from, end: from + Math.max(long, 1) };
  });
}

async function follow(voice) {
  const found = nearestLoop(voice);
  const changed = found?.loop.id !== nearest[voice]?.loop.id || found?.start !== nearest[voice]?.start;
  nearest[voice] = found;
  if (voice === state.voice) show();
  if (changed && slicedVoices[voice] && found) {
    const slices = await slicesOf(found);
    if (slicedVoices[voice]) player.send({ type: "slices", voice, slices: slices && ownSlices(slices) });
  }
}

// Copies only what sounds, once per slice, so that the audio thread is sent little.
function ownSlices(slices) {
  const cut = new Map();
  return slices.map(({ samples, start, end }) => {
    if (!cut.has(start)) cut.set(start, samples.slice(start, end));
    const own = cut.get(start);
    return { samples: own, start: 0, end: own.length };
  });
}

// The slices that a voice plays with now, null for the synth.
export async function slicesFor(voice) {
  const found = slicedVoices[voice] ? nearestLoop(voice) : null;
  return found && slicesOf(found);
}

export function setSliced(voice, on_) {
  slicedVoices[voice] = on_;
  nearest[voice] = null;
  if (on_) player.start().then(() => follow(voice)).catch(failed);
  else player.send({ type: "slices", voice, slices: null });
  emit("sounds");
}

function show() {
  const found = nearest[state.voice];
  const node = $("#nearest");
  node.hidden = !found;
  if (!found) return;
  const name = found.loop.name.slice(found.loop.name.lastIndexOf("/") + 1);
  node.textContent = found.distance ? `nearest loop: ${name} (${found.distance} step${found.distance === 1 ? " differs" : "s differ"})` : `this is the loop ${name}`;
}

export function setUpNearest() {
  on("loops", index);
  on("pattern", (voice) => {
    clearTimeout(timers[voice]);
    timers[voice] = setTimeout(() => follow(voice).catch(failed), SETTLED_MS);
  });
  on("voice", () => follow(state.voice).catch(failed));
  $("#nearest").addEventListener("click", () => {
    const found = nearest[state.voice];
    if (!found) return;
    select(found.loop.id, { scroll: true });
    playLoop(found.loop.id);
  });

  $("#sound").addEventListener("change", (event) => setSliced(state.voice, event.target.value === "slices"));
  on("voice sounds", () => { $("#sound").value = slicedVoices[state.voice] ? "slices" : "synth"; });
}

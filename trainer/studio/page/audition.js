// Plays a loop against the clicks of the steps that it became, in step to the sample.

import { bytes } from "./api.js";
import { failed, notify } from "./dom.js";
import { player } from "./instrument.js";
import { offsetOf, sounds, stepsOf, velocityOf } from "./loop-drawing.js";
import { emit, on, state } from "./store.js";

const decoded = new Map(); // id to AudioBuffer, or null for a loop without sound
const DECODED_MAX = 64;
const CLICK_S = 0.03;
const CLICK_HZ = 1800;
const WOOD = 0.35;

let current = null; // {id, sources, startS, lengthS}
export let clicksOn = true;

export const playingLoop = () => current?.id ?? null;

export async function samplesOf(loop) {
  if (!decoded.has(loop.id)) {
    try {
      decoded.set(loop.id, await player.decode(await bytes(`/api/loops/${loop.id}/audio`)));
    } catch (error) {
      if (error.status !== 410) throw error;
      decoded.set(loop.id, null);
      notify(error.message);
    }
    if (decoded.size > DECODED_MAX) decoded.delete(decoded.keys().next().value);
  }
  return decoded.get(loop.id);
}

export function setClicks(on_) {
  clicksOn = on_;
  refresh();
}

const stepSeconds = (loop) => 60 / loop.bpm / 4;

// Clicks at the steps' own times, as loud as their velocity.
function clickBuffer(context, loop, lengthS) {
  const rate = context.sampleRate;
  const buffer = context.createBuffer(1, Math.max(1, Math.round(lengthS * rate)), rate);
  const out = buffer.getChannelData(0);
  const count = stepsOf(loop);
  for (let step = 0; step < count; step++) {
    if (!sounds(loop, step)) continue;
    const place = (step + offsetOf(loop, step) - loop.rotation + 2 * count) % count;
    const at = Math.round(place * stepSeconds(loop) * rate);
    const strength = WOOD * (0.25 + 0.75 * velocityOf(loop, step));
    for (let n = 0; n < CLICK_S * rate; n++) {
      const t = n / rate;
      out[(at + n) % out.length] += strength * Math.sin(2 * Math.PI * CLICK_HZ * t) * Math.exp(-t * 160);
    }
  }
  return buffer;
}

function start(buffer, offsetS, lengthS) {
  const { context } = player;
  const source = new AudioBufferSourceNode(context, { buffer, loop: true, loopEnd: Math.min(lengthS, buffer.duration) });
  source.connect(player.gain);
  source.start(context.currentTime + 0.02, offsetS % lengthS);
  return source;
}

export async function playLoop(id, offsetS = 0) {
  const loop = state.byId.get(id);
  if (!loop) return;
  stopLoop();
  const token = { id, sources: [], startS: 0, lengthS: 0 };
  current = token;
  emit("audition", id);
  try {
    await player.start();
    const buffer = await samplesOf(loop);
    if (current !== token) return;
    token.lengthS = stepsOf(loop) * stepSeconds(loop);
    token.startS = player.context.currentTime + 0.02 - offsetS;
    if (buffer) token.sources.push(start(buffer, offsetS, token.lengthS));
    if (clicksOn || !buffer) {
      const clicks = clickBuffer(player.context, loop, token.lengthS);
      token.sources.push(start(clicks, offsetS, token.lengthS));
    }
  } catch (error) {
    stopLoop();
    failed(error);
  }
}

export function stopLoop() {
  if (!current) return;
  for (const source of current.sources) source.stop();
  current = null;
  emit("audition", null);
}

// Plays on from the same place after the loop or the clicks have changed.
function refresh() {
  if (current && current.lengthS) playLoop(current.id, player.context.currentTime - current.startS);
}

// Which step of the loop sounds, counted as it is recorded; -1 for none.
export function playingStep(loop) {
  if (current?.id !== loop.id || !current.lengthS) return -1;
  const time = (player.context.currentTime - current.startS) / stepSeconds(loop);
  const count = stepsOf(loop);
  return (((Math.floor(time) + loop.rotation) % count) + count) % count;
}

// A file that was missing may have been found.
on("analysed", () => {
  for (const [id, buffer] of decoded) if (!buffer) decoded.delete(id);
});
on("edited", (id) => {
  if (current?.id === id) refresh();
});

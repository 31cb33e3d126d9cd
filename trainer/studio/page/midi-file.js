// A standard MIDI file of what the engine plays.

import { Engine, MIDI } from "./core.js";
import { patch, patternOf } from "./instrument.js";
import { VOICES } from "./patch.js";

const TICKS_PER_QUARTER = 960;
const BAR_BEATS = 4;

const variable = (value) => {
  const bytes = [value & 0x7f];
  for (let rest = value >> 7; rest; rest >>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
};
const big = (value, size) => Array.from({ length: size }, (_, n) => (value >>> (8 * (size - 1 - n))) & 255);
const chunk = (name, bytes) => [...new TextEncoder().encode(name), ...big(bytes.length, 4), ...bytes];

// Plays bars of what stands in the patch, without sound; positionAt(share) moves voices on a path.
// Calls take(output) for everything that the engine writes.
export function playBars(module, bars, { take, step = null }) {
  const engine = new Engine(module);
  const tempo = Math.round(patch.tempo * 1000) / 1000;
  const lengthNs = BigInt(Math.round(((bars * BAR_BEATS * 60) / tempo) * 1e9));
  const playing = { ...structuredClone(patch), run: 1 };
  const parts = step ? bars * 16 : 1;
  for (let part = 0; part < parts; part++) {
    const startNs = (lengthNs * BigInt(part)) / BigInt(parts);
    const endNs = (lengthNs * BigInt(part + 1)) / BigInt(parts);
    if (step) step(part / parts, playing);
    const patterns = Array.from({ length: VOICES }, (_, voice) =>
      (patternOf(voice, playing.x[voice], playing.y[voice]) ?? new Float64Array(96)).slice());
    engine.setState(playing, patterns, [part, part, part], 0, startNs);
    engine.run(startNs, endNs, (output) => take(output, engine));
  }
  return Number(lengthNs) / 1e9;
}

// A file of format 1: a track for each voice, which has something to play.
export function midiFile(module, bars, step = null, name = "") {
  const tracks = Array.from({ length: VOICES }, () => []);
  const ticksPerS = (TICKS_PER_QUARTER * patch.tempo) / 60;
  const lengthS = playBars(module, bars, {
    step,
    take: ({ kind, data, timeNs }) => {
      const status = data?.[0] & 0xf0;
      if (kind !== MIDI || (status !== 0x90 && status !== 0x80)) return;
      tracks[data[0] & 15].push([Math.round((Number(timeNs) / 1e9) * ticksPerS), data]);
    },
  });
  const end = Math.round(lengthS * ticksPerS);
  const tempo = Math.round(60e6 / patch.tempo);
  const title = [...new TextEncoder().encode(name)].slice(0, 100);
  const head = [0, 0xff, 0x03, title.length, ...title, 0, 0xff, 0x51, 3, ...big(tempo, 3), 0, 0xff, 0x58, 4, 4, 2, 24, 8, 0, 0xff, 0x2f, 0];
  const chunks = tracks.map((events) => chunk("MTrk", track(events, end)));
  const all = [chunk("MThd", [...big(1, 2), ...big(VOICES + 1, 2), ...big(TICKS_PER_QUARTER, 2)]), chunk("MTrk", head), ...chunks];
  return Uint8Array.from(all.flat());
}

function track(events, end) {
  const bytes = [];
  const held = new Map();
  let last = 0;
  const write = (at, data) => {
    bytes.push(...variable(at - last), ...data);
    last = at;
  };
  for (const [at, data] of events) {
    const on = (data[0] & 0xf0) === 0x90 && data[2] > 0;
    if (on) held.set(data[1], data[0]);
    else held.delete(data[1]);
    write(Math.min(at, end), data);
  }
  for (const [note, status] of held) write(end, [0x80 | (status & 15), note, 64]);
  return [...bytes, ...variable(end - last), 0xff, 0x2f, 0];
}

// What the engine plays as sound: the page's synth, rendered at once, as a WAV file.

import { LEVELS } from "./core.js";
import { playBars } from "./midi-file.js";
import { Synth } from "./synth.js";

const RATE = 48000;
const TAIL_S = 1;

export function render(module, bars, step, kits) {
  const synth = new Synth(RATE);
  kits.forEach((slices, voice) => synth.setSlices(voice, slices));
  const events = [];
  const lengthS = playBars(module, bars, {
    step,
    take: (output, engine) => {
      if (output.kind === LEVELS) events.push([output, engine.step(output.voice)]);
    },
  });
  const frames = Math.round((lengthS + TAIL_S) * RATE);
  const [left, right] = [new Float32Array(frames), new Float32Array(frames)];
  let frame = 0;
  for (const [output, at] of events) {
    const due = Math.min(Math.round((Number(output.timeNs) / 1e9) * RATE), frames);
    if (due > frame) synth.add(left, right, frame, due);
    frame = Math.max(frame, due);
    synth.take(output.voice, output.volts, at);
  }
  for (let voice = 0; voice < 3; voice++) synth.take(voice, [0, 0, 0, 0], 0);
  synth.add(left, right, frame, frames);
  return wav(left, right);
}

function wav(left, right) {
  const bytes = new DataView(new ArrayBuffer(44 + left.length * 4));
  const text = (at, letters) => [...letters].forEach((letter, n) => bytes.setUint8(at + n, letter.charCodeAt(0)));
  const size = left.length * 4;
  text(0, "RIFF");
  bytes.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  [[16, 16, 4], [20, 1, 2], [22, 2, 2], [24, RATE, 4], [28, RATE * 4, 4], [32, 4, 2], [34, 16, 2]]
    .forEach(([at, value, width]) => bytes[width === 4 ? "setUint32" : "setUint16"](at, value, true));
  text(36, "data");
  bytes.setUint32(40, size, true);
  for (let n = 0; n < left.length; n++) {
    bytes.setInt16(44 + 4 * n, Math.round(Math.tanh(left[n]) * 32767), true);
    bytes.setInt16(46 + 4 * n, Math.round(Math.tanh(right[n]) * 32767), true);
  }
  return new Uint8Array(bytes.buffer);
}

// A loop as a picture: waveform, detected onsets, and the steps that it became.

import { colour } from "./dom.js";

export const stepsOf = (loop) => loop.steps.length;
const byteAt = (text, at) => parseInt(text.substr(2 * at, 2), 16) / 255;
export const sounds = (loop, step) => loop.steps[step] === "x";
export const velocityOf = (loop, step) => byteAt(loop.velocity, step);
export const offsetOf = (loop, step) => Math.round((byteAt(loop.offset, step) - 0.5) * 100) / 100;

export const voiceColour = (voice) => (voice ? colour(`voice${voice}`) : colour("ink"));

export function drawWave(context, outline, x, y, width, height, tint) {
  if (!outline) return;
  context.fillStyle = tint;
  const middle = y + height / 2;
  context.beginPath();
  context.moveTo(x, middle);
  const at = (n) => x + (width * n) / outline.length;
  for (let n = 0; n < outline.length; n++) context.lineTo(at(n), middle - (outline[n] / 255) * (height / 2));
  for (let n = outline.length - 1; n >= 0; n--) context.lineTo(at(n), middle + (outline[n] / 255) * (height / 2));
  context.fill();
}

export function drawBars(context, loop, x, y, width, height) {
  const count = stepsOf(loop);
  for (let step = 0; step <= count; step += 4) {
    context.fillStyle = colour(step % loop.bar_steps === 0 ? "bar" : "beat");
    context.fillRect(Math.round(x + (width * step) / count), y, 1, height);
  }
}

// Lines at the onsets' own times, over the waveform. The waveform is as it was recorded, so a
// rotated loop's onsets are drawn where they sound.
export function drawOnsets(context, loop, x, y, width, height) {
  const count = stepsOf(loop);
  context.fillStyle = colour("accent");
  for (let step = 0; step < count; step++) {
    if (!sounds(loop, step)) continue;
    const time = (step + offsetOf(loop, step) - loop.rotation + 2 * count) % count;
    context.fillRect(x + (width * time) / count - 0.5, y + 1, 1.5, height - 2);
  }
}

export function drawSteps(context, loop, x, y, width, height, { focus = -1, playhead = -1 } = {}) {
  const count = stepsOf(loop);
  const cell = width / count;
  const gap = Math.min(1.5, cell * 0.15);
  const corrected = new Set(loop.corrected);
  for (let step = 0; step < count; step++) {
    const left = x + step * cell;
    context.fillStyle = colour(Math.floor(step / 4) % 2 ? "cell2" : "cell");
    context.fillRect(left + gap, y, cell - 2 * gap, height);
    if (sounds(loop, step)) {
      const tall = Math.max(3, height * velocityOf(loop, step));
      context.fillStyle = step === playhead ? colour("accent") : voiceColour(loop.voice);
      context.globalAlpha = loop.taken ? 1 : 0.35;
      context.fillRect(left + gap, y + height - tall, cell - 2 * gap, tall);
      context.globalAlpha = 1;
    }
    if (corrected.has(step)) {
      context.fillStyle = colour("accent");
      context.fillRect(left + gap, y + height + 1, cell - 2 * gap, 2);
    }
    if (step === playhead && !sounds(loop, step)) {
      context.fillStyle = colour("beat");
      context.fillRect(left + gap, y, cell - 2 * gap, height);
    }
    if (step === focus) {
      context.strokeStyle = colour("focus");
      context.lineWidth = 2;
      context.strokeRect(left + 1, y + 1, cell - 2, height - 2);
    }
  }
}

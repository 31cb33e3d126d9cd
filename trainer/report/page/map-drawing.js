// The map as a picture: how dense the rhythms are, where the loops lie, where the voices stand.

import { GRID } from "./core.js";
import { colour } from "./dom.js";
import { STEPS } from "./patch.js";

const DENSEST = 19; // onsets in two bars that are drawn darkest
const pictures = [null, null, null].map(() => ({ canvas: null, key: "" }));

function rgb(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

// Draws a map's density at a threshold into an image of GRID x GRID, Y upwards.
export function shade(cells, threshold, paper, ink) {
  const canvas = new OffscreenCanvas(GRID, GRID);
  const context = canvas.getContext("2d");
  const image = context.createImageData(GRID, GRID);
  const [from, to] = [rgb(paper), rgb(ink)];
  const limit = threshold * 255;
  for (let row = 0; row < GRID; row++) {
    for (let column = 0; column < GRID; column++) {
      const at = (row * GRID + column) * STEPS;
      let count = 0;
      for (let step = 0; step < STEPS; step++) if (cells[at + step] > limit) count++;
      const share = Math.min(Math.max(count - 1, 0) / DENSEST, 1);
      const pixel = ((GRID - 1 - row) * GRID + column) * 4;
      for (let part = 0; part < 3; part++) image.data[pixel + part] = from[part] + share * (to[part] - from[part]);
      image.data[pixel + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

// The picture of a voice's map, made anew only when something of it has changed.
export function picture(voice, cells, version, threshold) {
  const [paper, ink] = [colour("map-paper"), colour(`map${voice + 1}`)];
  const key = `${version} ${threshold} ${paper} ${ink}`;
  if (pictures[voice].key !== key) pictures[voice] = { key, canvas: shade(cells, threshold, paper, ink) };
  return pictures[voice].canvas;
}

export function drawDots(context, points, size, tint) {
  context.fillStyle = tint;
  context.globalAlpha = points.length > 1500 ? 0.35 : 0.7;
  const radius = points.length > 400 ? 1.6 : 2.4;
  for (const [, x, y] of points) {
    context.beginPath();
    context.arc(x * size, (1 - y) * size, radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

export function drawPuck(context, x, y, size, tint, { main = false, ghost = false, label = "" } = {}) {
  const radius = main ? 9 : 6;
  context.beginPath();
  context.arc(x * size, (1 - y) * size, radius, 0, 2 * Math.PI);
  context.globalAlpha = ghost ? 0.5 : 1;
  context.lineWidth = 5;
  context.strokeStyle = colour("paper");
  context.stroke();
  context.lineWidth = 2.5;
  context.strokeStyle = tint;
  context.stroke();
  if (main && !ghost) {
    context.fillStyle = tint;
    context.globalAlpha = 0.25;
    context.fill();
  }
  context.globalAlpha = 1;
  if (label) {
    context.font = "600 10px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = tint;
    context.fillText(label, x * size, (1 - y) * size);
  }
}

export function drawPath(context, points, size, tint) {
  if (points.length < 2) return;
  context.beginPath();
  points.forEach(([x, y], n) => context[n ? "lineTo" : "moveTo"](x * size, (1 - y) * size));
  context.closePath();
  context.lineWidth = 2;
  context.setLineDash([5, 4]);
  context.strokeStyle = tint;
  context.stroke();
  context.setLineDash([]);
}

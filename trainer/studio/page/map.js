// The map: hover and hear, drag and play, loops as dots, a path that plays by itself.

import { playLoop } from "./audition.js";
import { $, colour, framed, surface } from "./dom.js";
import { mapOf, moveTo, patch, player } from "./instrument.js";
import { select } from "./loops.js";
import { drawDots, drawPath, drawPuck, picture } from "./map-drawing.js";
import { VOICES } from "./patch.js";
import { emit, on, state } from "./store.js";

const NEAR_PX = 9;
const PATH_SPACING = 0.012;
const DOUBLE_MS = 350;

const versions = [0, 0, 0];
let hovered = null; // {x, y, dot}
let dragging = false;
let drawing = false; // whether the next drag draws a path
let lastTap = { dot: null, at: 0 };
export const paths = [null, null, null]; // {points, bars} of each voice

const canvas = () => $("#map");
const size = () => canvas().clientWidth;
const pointsNow = () => state.kept?.points[state.voice] ?? [];
const tint = (voice) => colour(`voice${voice + 1}`);

function draw() {
  const { context, width } = surface(canvas());
  const cells = mapOf(state.voice);
  context.fillStyle = colour("map-paper");
  context.fillRect(0, 0, width, width);
  if (cells) {
    context.imageSmoothingEnabled = true;
    context.drawImage(picture(state.voice, cells, versions[state.voice], patch.threshold[state.voice]), 0, 0, width, width);
  }
  if (cells && state.candidates[state.voice] === null) drawDots(context, pointsNow(), width, colour("dot"));
  for (let voice = 0; voice < VOICES; voice++) {
    if (paths[voice]) drawPath(context, paths[voice].points, width, tint(voice));
  }
  for (let voice = 0; voice < VOICES; voice++) {
    if (voice !== state.voice && mapOf(voice)) drawPuck(context, patch.x[voice], patch.y[voice], width, tint(voice), { label: `${voice + 1}` });
  }
  if (!cells) return;
  const at = { main: true, label: `${state.voice + 1}` };
  drawPuck(context, patch.x[state.voice], patch.y[state.voice], width, tint(state.voice), at);
  if (hovered && !dragging) drawHovered(context, width);
}

function drawHovered(context, width) {
  const { x, y, dot } = hovered;
  drawPuck(context, dot ? dot[1] : x, dot ? dot[2] : y, width, tint(state.voice), { main: true, ghost: true });
  if (!dot?.[0]) return;
  context.font = "12px system-ui, sans-serif";
  const text = dot[0].slice(dot[0].lastIndexOf("/") + 1);
  const wide = context.measureText(text).width;
  const left = Math.min(Math.max(dot[1] * width - wide / 2, 4), width - wide - 12);
  const top = (1 - dot[2]) * width > 40 ? (1 - dot[2]) * width - 34 : (1 - dot[2]) * width + 14;
  context.fillStyle = colour("panel");
  context.fillRect(left - 4, top, wide + 12, 20);
  context.fillStyle = colour("ink");
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillText(text, left + 2, top + 10);
}

const redraw = framed(draw);

function placeOf(event) {
  const box = canvas().getBoundingClientRect();
  const share = (value) => Math.min(Math.max(value, 0), 1);
  return { x: share((event.clientX - box.left) / box.width), y: share(1 - (event.clientY - box.top) / box.height) };
}

function dotNear({ x, y }) {
  let best = null;
  let least = (NEAR_PX / size()) ** 2;
  for (const point of pointsNow()) {
    const away = (point[1] - x) ** 2 + (point[2] - y) ** 2;
    if (away < least) [best, least] = [point, away];
  }
  return best;
}

// Hovering plays at once and changes nothing: the voice returns when the pointer leaves.
function hover(event) {
  if (event.pointerType !== "mouse" || !mapOf(state.voice)) return;
  const place = placeOf(event);
  hovered = { ...place, dot: dotNear(place) };
  const [x, y] = hovered.dot ? hovered.dot.slice(1) : [place.x, place.y];
  if (patch.run && $("#hover-plays").checked && !paths[state.voice]) {
    player.send({ type: "position", voice: state.voice, x, y });
  }
  emit("preview", { voice: state.voice, x, y });
  redraw();
}

function leave() {
  if (!hovered) return;
  hovered = null;
  if (!paths[state.voice]) moveTo(state.voice, patch.x[state.voice], patch.y[state.voice]);
  emit("preview", null);
  redraw();
}

function press(event) {
  if (!mapOf(state.voice) || event.button > 0) return;
  canvas().setPointerCapture(event.pointerId);
  canvas().focus();
  dragging = true;
  const place = placeOf(event);
  if (drawing) {
    paths[state.voice] = { points: [[place.x, place.y]], bars: Number($("#path-bars").value) };
    return;
  }
  const dot = dotNear(place);
  if (dot) tapDot(dot);
  setPath(null);
  if (dot) moveTo(state.voice, dot[1], dot[2]);
  else moveTo(state.voice, place.x, place.y);
}

// A second tap on the same dot plays the loop itself.
function tapDot(dot) {
  const again = lastTap.dot === dot && performance.now() - lastTap.at < DOUBLE_MS;
  lastTap = { dot, at: performance.now() };
  const loop = state.byName.get(dot[0].replace(/#\d+$/, ""));
  if (!loop) return;
  select(loop.id, { scroll: true });
  if (again) playLoop(loop.id);
}

function drag(event) {
  if (!dragging) {
    hover(event);
    return;
  }
  const place = placeOf(event);
  if (drawing) {
    const { points } = paths[state.voice];
    const [x, y] = points.at(-1);
    if (Math.hypot(place.x - x, place.y - y) > PATH_SPACING) points.push([place.x, place.y]);
    redraw();
    return;
  }
  moveTo(state.voice, place.x, place.y);
}

function release() {
  if (!dragging) return;
  dragging = false;
  hovered = null;
  if (drawing) {
    setDrawing(false);
    setPath(paths[state.voice].points.length > 2 ? paths[state.voice] : null);
  }
  redraw();
}

// Lets a voice follow a path, round and round; null lets it stand where it is.
export function setPath(path, voice = state.voice) {
  if (!path && !paths[voice]) return;
  paths[voice] = path;
  player.send({ type: "path", voice, points: path?.points ?? null, bars: path?.bars ?? 1 });
  $("#path-clear").disabled = !paths[state.voice];
  emit("path", voice);
  redraw();
}

function setDrawing(now) {
  drawing = now;
  $("#path-draw").setAttribute("aria-pressed", now);
  canvas().classList.toggle("drawing", now);
}

function keyed(event) {
  const by = event.shiftKey ? 1 / 8 : 1 / 64;
  const moves = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] };
  const move = moves[event.key];
  if (!move || event.ctrlKey || event.metaKey) return;
  setPath(null);
  moveTo(state.voice, patch.x[state.voice] + move[0], patch.y[state.voice] + move[1]);
  event.preventDefault();
  event.stopPropagation();
}

function labels() {
  const training = state.trainings.find((one) => one.id === state.playing);
  const axes = training?.voices[state.voice]?.axes ?? [];
  const words = axes.length === 2 ? axes.flatMap(([, low, high]) => [low, high]) : ["sparse", "dense", "straight", "syncopated"];
  const ids = ["#x-low", "#x-high", "#y-low", "#y-high"];
  ids.forEach((id, n) => { $(id).textContent = words[n]; });
  $("#map-empty").hidden = mapOf(state.voice) !== null;
}

export function setUpMap() {
  const node = canvas();
  node.addEventListener("pointerdown", press);
  node.addEventListener("pointermove", drag);
  node.addEventListener("pointerup", release);
  node.addEventListener("pointercancel", release);
  node.addEventListener("pointerleave", leave);
  node.addEventListener("keydown", keyed);
  new ResizeObserver(redraw).observe(node);
  $("#path-draw").addEventListener("click", () => setDrawing(!drawing));
  $("#path-clear").addEventListener("click", () => setPath(null));
  $("#path-bars").addEventListener("change", (event) => {
    const path = paths[state.voice];
    if (path) setPath({ ...path, bars: Number(event.target.value) });
  });
  on("map", (voice) => { versions[voice]++; labels(); redraw(); });
  on("voice playing", () => { $("#path-clear").disabled = !paths[state.voice]; labels(); redraw(); });
  on("position patch colours loops", redraw);
}

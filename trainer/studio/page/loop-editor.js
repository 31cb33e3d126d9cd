// The loop that is selected, large: every correction that the project knows.

import { playingLoop, playingStep, setClicks, clicksOn, stopLoop } from "./audition.js";
import { $, colour, framed, surface } from "./dom.js";
import { edit, editSteps } from "./editing.js";
import { drawBars, drawOnsets, drawSteps, drawWave, offsetOf, sounds, stepsOf, velocityOf } from "./loop-drawing.js";
import { facts, leaveOut, outlineOf, toggle, toggleStep } from "./loops.js";
import { emit, on, state } from "./store.js";

const STEPS_SHOWN = 32;
const WAVE = 54;
const LANE_TOP = 60;
const DRAG_PX = 4;

let page = 0;
let focus = 0;
let dragged = null; // {step, x, y, onset, velocity, offset, mode}

const loopNow = () => state.byId.get(state.selected) ?? null;
const pagesOf = (loop) => Math.ceil(stepsOf(loop) / STEPS_SHOWN);

// The part of a loop that is shown, as a loop of its own, so that it is drawn as one.
function part(loop) {
  const from = page * STEPS_SHOWN;
  const to = Math.min(from + STEPS_SHOWN, stepsOf(loop));
  const cut = {
    ...loop,
    steps: loop.steps.slice(from, to),
    velocity: loop.velocity.slice(2 * from, 2 * to),
    offset: loop.offset.slice(2 * from, 2 * to),
    corrected: loop.corrected.map((step) => step - from),
    rotation: 0,
  };
  if (dragged) {
    const set = (text, value) => {
      const at = 2 * (dragged.step - from);
      const byte = Math.round(value * 255).toString(16).padStart(2, "0");
      return text.slice(0, at) + byte + text.slice(at + 2);
    };
    cut.velocity = set(cut.velocity, dragged.velocity);
    cut.offset = set(cut.offset, dragged.offset + 0.5);
  }
  return { cut, from, to };
}

// The outline of the part: turned by the rotation, as it is played.
function outlinePart(loop, from, to) {
  const outline = outlineOf(loop.id);
  if (!outline) return null;
  const count = stepsOf(loop);
  const size = Math.round((outline.length * (to - from)) / count);
  const start = Math.round((outline.length * (from - loop.rotation + count)) / count);
  return Uint8Array.from({ length: size }, (_, n) => outline[(start + n) % outline.length]);
}

function draw() {
  const loop = loopNow();
  const canvas = $("#editor-steps");
  if (!loop || !canvas.clientWidth) return;
  const { context, width, height } = surface(canvas);
  const { cut, from, to } = part(loop);
  const playhead = playingStep(loop) - from;
  drawBars(context, cut, 0, 0, width, WAVE);
  drawWave(context, outlinePart(loop, from, to), 0, 0, width, WAVE, colour("wave"));
  drawOnsets(context, cut, 0, 0, width, WAVE);
  const hasFocus = document.activeElement === canvas;
  drawSteps(context, cut, 0, LANE_TOP, width, height - LANE_TOP - 4, { focus: hasFocus ? focus - from : -1, playhead });
  if (playingLoop() === loop.id) requestAnimationFrame(draw);
}

const redraw = framed(draw);

function show() {
  const loop = loopNow();
  $("#editor").hidden = !loop;
  if (!loop) return;
  page = Math.min(page, pagesOf(loop) - 1);
  $("#editor-name").textContent = loop.name;
  $("#editor-facts").textContent = loop.taken ? facts(loop) : `${facts(loop)} · left out${loop.reason ? `: ${loop.reason}` : ""}`;
  $("#editor-bpm").value = +loop.bpm.toFixed(3);
  $("#editor-meter").value = { 12: "3/4", 14: "7/8", 20: "5/4" }[loop.bar_steps] ?? "4/4";
  $("#editor-voice").value = loop.voice ?? "";
  $("#editor-out").setAttribute("aria-pressed", !loop.taken);
  $("#editor-note").value = loop.note;
  $("#editor-play").setAttribute("aria-pressed", playingLoop() === loop.id);
  $("#editor-clicks").setAttribute("aria-pressed", clicksOn);
  $("#editor-original").disabled = !loop.edited && loop.rotation === 0;
  $("#editor-pages").hidden = pagesOf(loop) < 2;
  $("#editor-page").textContent = `${page + 1} / ${pagesOf(loop)}`;
  redraw();
}

function stepAt(event) {
  const loop = loopNow();
  const box = event.target.getBoundingClientRect();
  const { from, to } = part(loop);
  const step = from + Math.floor(((event.clientX - box.left) / box.width) * (to - from));
  return Math.min(Math.max(step, from), to - 1);
}

function pressed(event) {
  if (event.button > 0) return;
  const loop = loopNow();
  const box = event.target.getBoundingClientRect();
  event.target.setPointerCapture(event.pointerId);
  if (event.clientY - box.top < WAVE) {
    toggle(loop.id);
    return;
  }
  const step = stepAt(event);
  focus = step;
  dragged = {
    step, x: event.clientX, y: event.clientY, mode: null,
    velocity: velocityOf(loop, step), offset: offsetOf(loop, step),
    before: [velocityOf(loop, step), offsetOf(loop, step)],
  };
}

// Up and down is velocity; with Alt or Shift, to the left and right is timing.
function moved(event) {
  if (!dragged || !sounds(loopNow(), dragged.step)) return;
  const [dx, dy] = [event.clientX - dragged.x, event.clientY - dragged.y];
  if (!dragged.mode && Math.hypot(dx, dy) > DRAG_PX) dragged.mode = event.altKey || event.shiftKey ? "offset" : "velocity";
  const box = event.target.getBoundingClientRect();
  if (dragged.mode === "velocity") {
    dragged.velocity = Math.min(Math.max(dragged.before[0] - dy / (box.height - LANE_TOP), 0.04), 1);
  } else if (dragged.mode === "offset") {
    const { from, to } = part(loopNow());
    dragged.offset = Math.min(Math.max(dragged.before[1] + (dx / box.width) * (to - from), -0.49), 0.49);
  }
  describe(dragged.step, dragged);
  redraw();
}

async function released() {
  const done = dragged;
  if (!done) return;
  const loop = loopNow();
  if (done.mode) {
    const { step, velocity, offset } = done;
    await editSteps(loop, { [step]: { onset: true, velocity, offset } });
    emit("edited", loop.id);
  } else {
    await toggleStep(loop, done.step);
  }
  dragged = null;
  describe(done.step);
  redraw();
}

function describe(step, { velocity, offset } = {}) {
  const loop = loopNow();
  const place = `step ${step + 1} of ${stepsOf(loop)}`;
  const text = sounds(loop, step)
    ? `${place}: velocity ${Math.round((velocity ?? velocityOf(loop, step)) * 100)} %, ` +
      `${Math.round((offset ?? offsetOf(loop, step)) * 100)} % of a step late`
    : `${place}: silent`;
  $("#editor-hint").textContent = text;
}

async function nudge(velocity, offset) {
  const loop = loopNow();
  if (!sounds(loop, focus)) return;
  await editSteps(loop, { [focus]: {
    onset: true,
    velocity: Math.min(Math.max(velocityOf(loop, focus) + velocity, 0.04), 1),
    offset: Math.min(Math.max(offsetOf(loop, focus) + offset, -0.49), 0.49),
  } });
  describe(focus);
}

const KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Enter"];

async function keyed(event) {
  const loop = loopNow();
  if (!loop || event.ctrlKey || event.metaKey || !KEYS.includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step && (event.altKey || event.shiftKey)) await nudge(0, step * 0.05);
  else if (step) focus = (focus + step + stepsOf(loop)) % stepsOf(loop);
  else if (event.key === "Enter") await toggleStep(loop, focus);
  else await nudge(event.key === "ArrowUp" ? 0.1 : -0.1, 0);
  page = Math.floor(focus / STEPS_SHOWN);
  show();
  describe(focus);
}

const setTempo = (more) => {
  const loop = loopNow();
  const meter = $("#editor-meter").value;
  edit([loop.id], "tempo", { bpm: loop.bpm, meter: meter === "4/4" ? null : meter, ...more });
};

function setUpTempo() {
  $("#editor-half").addEventListener("click", () => setTempo({ bpm: loopNow().bpm / 2 }));
  $("#editor-double").addEventListener("click", () => setTempo({ bpm: loopNow().bpm * 2 }));
  $("#editor-bpm").addEventListener("change", (event) => {
    const bpm = Number(event.target.value);
    if (bpm >= 20 && bpm <= 400) setTempo({ bpm });
    else show();
  });
  $("#editor-meter").addEventListener("change", () => setTempo({}));
  $("#editor-found").addEventListener("click", () => edit([loopNow().id], "tempo", null));
}

function turn(by) {
  const loop = loopNow();
  const count = stepsOf(loop);
  edit([loop.id], "rotate", (((loop.rotation + by) % count) + count) % count).then(() => emit("edited", loop.id));
}

function turnPage(by) {
  const pages = pagesOf(loopNow());
  page = (page + by + pages) % pages;
  focus = page * STEPS_SHOWN;
  show();
}

export function setUpEditor() {
  const canvas = $("#editor-steps");
  canvas.addEventListener("pointerdown", pressed);
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerup", released);
  canvas.addEventListener("pointercancel", () => { dragged = null; redraw(); });
  canvas.addEventListener("keydown", keyed);
  canvas.addEventListener("focus", () => { describe(focus); redraw(); });
  canvas.addEventListener("blur", redraw);
  new ResizeObserver(redraw).observe(canvas);
  setUpTempo();
  $("#editor-play").addEventListener("click", () => toggle(state.selected));
  $("#editor-clicks").addEventListener("click", () => { setClicks(!clicksOn); show(); });
  $("#editor-left").addEventListener("click", () => turn(-1));
  $("#editor-right").addEventListener("click", () => turn(1));
  $("#editor-out").addEventListener("click", () => leaveOut(loopNow()));
  $("#editor-original").addEventListener("click", () => edit([loopNow().id], "original", true).then(() => emit("edited", state.selected)));
  $("#editor-voice").addEventListener("change", (event) =>
    edit([loopNow().id], "voice", event.target.value ? Number(event.target.value) : null));
  $("#editor-note").addEventListener("change", (event) => edit([loopNow().id], "note", event.target.value));
  $("#editor-close").addEventListener("click", () => { stopLoop(); state.selected = null; emit("selected", null); });
  $("#editor-before").addEventListener("click", () => turnPage(-1));
  $("#editor-after").addEventListener("click", () => turnPage(1));
  on("selected", () => { page = 0; focus = 0; show(); });
  on("loops audition colours", show);
  on("outline", (id) => { if (id === state.selected) redraw(); });
}

// The three voices' rhythms: what sounds, where it is, and what to change in it.

import { $, colour, el, framed, surface } from "./dom.js";
import { goToRhythm, hasSource, isSoloed, patch, patternOf, set, soundingOf, toggleSolo } from "./instrument.js";
import { STEPS, VOICES } from "./patch.js";
import { emit, on, state } from "./store.js";

const NAMES = ["one", "two", "three"];
let steps = [-1, -1, -1];
let preview = null;
const lanes = [];

function makeLane(voice) {
  const canvas = el("canvas", {
    tabindex: "0", role: "application",
    aria: { label: `Rhythm of voice ${voice + 1}. Arrow keys choose a step, Enter asks for the nearest rhythm with that step changed.` },
  });
  const choose = el("button", { type: "button", className: "voice-name", onclick: () => chooseVoice(voice) }, `${voice + 1}`);
  choose.setAttribute("aria-label", `Voice ${voice + 1}`);
  const mute = el("button", { type: "button", className: "small", onclick: () => set("mute", 1 - patch.mute[voice], voice) }, "M");
  mute.setAttribute("aria-label", `Mute voice ${voice + 1}`);
  const solo = el("button", { type: "button", className: "small", onclick: () => toggleSolo(voice) }, "S");
  solo.setAttribute("aria-label", `Solo voice ${voice + 1}`);
  const line = el("div", { className: `lane voice${voice + 1}` }, choose, mute, solo, canvas);
  const lane = { line, canvas, choose, mute, solo, focus: 0 };
  canvas.addEventListener("click", (event) => {
    const box = canvas.getBoundingClientRect();
    ask(voice, Math.floor(((event.clientX - box.left) / box.width) * STEPS));
  });
  canvas.addEventListener("keydown", (event) => keyed(event, voice));
  canvas.addEventListener("focus", redraw);
  canvas.addEventListener("blur", redraw);
  new ResizeObserver(redraw).observe(canvas);
  return lane;
}

function keyed(event, voice) {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (by) lanes[voice].focus = (lanes[voice].focus + by + STEPS) % STEPS;
  else if (event.key === "Enter") ask(voice, lanes[voice].focus);
  else return;
  event.preventDefault();
  event.stopPropagation();
  redraw();
}

// Goes to the nearest place of the map whose rhythm has one step more or less.
export function ask(voice, step) {
  const wanted = soundingOf(voice);
  if (!wanted || step < 0 || step >= STEPS) return;
  wanted[step] = !wanted[step];
  chooseVoice(voice);
  const { distance } = goToRhythm(voice, wanted);
  showDistance(distance);
}

export function showDistance(distance) {
  $("#map-said").textContent = distance === 0
    ? "this rhythm is on the map"
    : `the nearest rhythm on the map differs in ${distance} step${distance === 1 ? "" : "s"}`;
}

export function chooseVoice(voice) {
  state.voice = voice;
  emit("voice");
}

function draw() {
  for (let voice = 0; voice < VOICES; voice++) {
    const lane = lanes[voice];
    const { context, width, height } = surface(lane.canvas);
    const shown = preview?.voice === voice ? patternOf(voice, preview.x, preview.y) : patternOf(voice);
    const cell = width / STEPS;
    const playing = patch.run ? steps[voice] : -1;
    for (let step = 0; step < STEPS; step++) {
      const used = step < patch.length[voice];
      context.fillStyle = colour(Math.floor(step / 4) % 2 ? "cell2" : "cell");
      context.globalAlpha = used ? 1 : 0.35;
      context.fillRect(step * cell + 1, 0, cell - 2, height);
      if (shown) drawStep(context, shown, voice, step, cell, height, playing);
      context.globalAlpha = 1;
      if (document.activeElement === lane.canvas && lane.focus === step) {
        context.strokeStyle = colour("focus");
        context.lineWidth = 2;
        context.strokeRect(step * cell + 1, 1, cell - 2, height - 2);
      }
    }
  }
}

function drawStep(context, pattern, voice, step, cell, height, playing) {
  const [level, velocity, offset] = [0, 1, 2].map((head) => pattern[head * STEPS + step]);
  const sounding = level > patch.threshold[voice];
  const shift = sounding ? offset * patch.groove[voice] * cell * 0.8 : 0;
  context.fillStyle = colour(`voice${voice + 1}`);
  if (sounding) {
    const tall = Math.max(3, velocity * height);
    if (step === playing) context.fillStyle = colour("accent");
    context.fillRect(step * cell + 1.5 + shift, height - tall, cell - 3, tall);
  } else if (level > 0.08) {
    context.globalAlpha *= 0.3;
    context.fillRect(step * cell + 1.5, height - 3 - level * 6, cell - 3, 3);
  }
  if (step === playing) {
    context.globalAlpha = 0.9;
    context.fillStyle = colour("accent");
    context.fillRect(step * cell + 1, height - 2, cell - 2, 2);
  }
}

const redraw = framed(draw);

function show() {
  lanes.forEach((lane, voice) => {
    lane.choose.setAttribute("aria-pressed", state.voice === voice);
    lane.mute.setAttribute("aria-pressed", Boolean(patch.mute[voice]));
    lane.solo.setAttribute("aria-pressed", isSoloed(voice));
    lane.line.classList.toggle("silent", !hasSource(voice));
  });
  redraw();
}

export const stepOf = (voice) => steps[voice];

export function setUpLanes() {
  NAMES.forEach((_, voice) => {
    lanes.push(makeLane(voice));
    $("#lanes").append(lanes[voice].line);
  });
  on("steps", (report) => {
    steps = report.steps;
    redraw();
  });
  on("preview", (place) => { preview = place; redraw(); });
  on("pattern colours", redraw);
  on("patch voice playing map", show);
  show();
}

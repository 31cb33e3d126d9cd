// The list of loops: only the rows in sight exist.

import { bytes } from "./api.js";
import { playLoop, playingLoop, stopLoop } from "./audition.js";
import { $, colour, el, framed, surface } from "./dom.js";
import { edit, editSteps } from "./editing.js";
import { drawBars, drawOnsets, drawSteps, drawWave, sounds, stepsOf } from "./loop-drawing.js";
import { emit, on, state } from "./store.js";

const ROW = 74;
const WAVE = 22;
const LANE = 15;
const GAP = 3;
const CANVAS = 43;
const PADDING = 12; // of a row, left and right
const OUTLINES_MAX = 1000;
const SETTLED_MS = 90;
const FILTERS = {
  all: () => true,
  check: (loop) => loop.unsure && loop.taken,
  edited: (loop) => loop.edited || loop.rotation !== 0 || loop.tempo !== null || loop.note !== "",
  out: (loop) => !loop.taken,
  voice1: (loop) => loop.voice === 1,
  voice2: (loop) => loop.voice === 2,
  voice3: (loop) => loop.voice === 3,
};

let filter = "all";
let words = "";
let shown = [];
let width = 0; // of a row's canvas
let settled = 0;
const rows = new Map(); // visible rows by place
const spare = []; // rows that are not in sight, to be used again
const outlines = new Map();
const asked = new Set();

export const outlineOf = (id) => outlines.get(id) ?? null;

async function wantOutline(id) {
  if (outlines.has(id) || asked.has(id)) return;
  asked.add(id);
  try {
    outlines.set(id, new Uint8Array(await bytes(`/api/loops/${id}/outline`)));
    if (outlines.size > OUTLINES_MAX) outlines.delete(outlines.keys().next().value);
    emit("outline", id);
  } catch {
    outlines.set(id, null);
  } finally {
    asked.delete(id);
  }
}

function refilter() {
  const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = FILTERS[filter];
  shown = state.loops.filter((loop) => {
    const text = `${loop.name} ${loop.note}`.toLowerCase();
    return holds(loop) && sought.every((word) => text.includes(word));
  });
  $("#loop-space").style.height = `${shown.length * ROW}px`;
  $("#loops-empty").hidden = state.loops.length > 0;
  $("#loops-none").hidden = state.loops.length === 0 || shown.length > 0;
  counts();
  render(true);
}

function counts() {
  const taken = state.loops.filter((loop) => loop.taken).length;
  $("#loop-count").textContent = state.loops.length === taken ? `${taken}` : `${taken} of ${state.loops.length}`;
  for (const [name, holds] of Object.entries(FILTERS)) {
    const chip = $(`#filter-${name}`);
    const count = name === "all" ? state.loops.length : state.loops.filter(holds).length;
    chip.querySelector("b").textContent = count;
    chip.hidden = name.startsWith("voice") && count === 0 && filter !== name;
  }
}

function render(anew = false) {
  const list = $("#loop-list");
  width = list.clientWidth - PADDING;
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 3);
  const last = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 3);
  for (const [place, row] of rows) {
    if (place < first || place >= last) {
      row.hidden = true;
      spare.push(row);
      rows.delete(place);
    }
  }
  for (let place = first; place < last; place++) {
    if (!rows.has(place)) rows.set(place, rowAt(place));
    else if (anew) fill(rows.get(place), shown[place]);
  }
  const active = shown.findIndex((loop) => loop.id === state.selected);
  list.setAttribute("aria-activedescendant", rows.has(active) ? `loop-${active}` : "");
  clearTimeout(settled);
  settled = setTimeout(() => {
    for (const row of rows.values()) wantOutline(row.dataset.id);
  }, SETTLED_MS);
}

function newRow() {
  const row = el("div", { className: "loop", role: "option" },
    el("span", { className: "name" }), el("span", { className: "facts" }), el("canvas", {}));
  $("#loop-space").append(row);
  return row;
}

function rowAt(place) {
  const row = spare.pop() ?? newRow();
  row.id = `loop-${place}`;
  row.style.transform = `translateY(${place * ROW}px)`;
  row.hidden = false;
  fill(row, shown[place]);
  return row;
}

const METERS = { 12: "3/4", 14: "7/8", 20: "5/4" };

export function facts(loop) {
  const bars = `${+loop.bars.toFixed(2)} bar${loop.bars === 1 ? "" : "s"}`;
  const meter = METERS[loop.bar_steps] ? ` · ${METERS[loop.bar_steps]}` : "";
  return `${+loop.bpm.toFixed(2)} bpm · ${bars}${meter}`;
}

function marks(loop) {
  const found = [];
  if (!loop.taken) found.push(loop.reason ? `left out: ${loop.reason}` : "left out");
  if (loop.unsure) found.push("check tempo");
  if (loop.edited) found.push("edited");
  if (loop.voice) found.push(`voice ${loop.voice}`);
  return found;
}

function fill(row, loop) {
  row.dataset.id = loop.id;
  row.classList.toggle("out", !loop.taken);
  row.setAttribute("aria-selected", loop.id === state.selected);
  row.classList.toggle("sounding", playingLoop() === loop.id);
  const slash = loop.name.lastIndexOf("/") + 1;
  const name = row.querySelector(".name");
  name.textContent = loop.name.slice(slash);
  name.title = loop.name;
  const notes = marks(loop);
  row.querySelector(".facts").textContent = [facts(loop), ...notes].join(" · ");
  row.querySelector(".facts").classList.toggle("check", loop.unsure);
  draw(row, loop);
}

function draw(row, loop) {
  const { context } = surface(row.querySelector("canvas"), { width, height: CANVAS });
  context.globalAlpha = loop.taken ? 1 : 0.4;
  drawBars(context, loop, 0, 0, width, WAVE);
  drawWave(context, outlineOf(loop.id), 0, 0, width, WAVE, colour("wave"));
  drawOnsets(context, loop, 0, 0, width, WAVE);
  context.globalAlpha = 1;
  drawSteps(context, loop, 0, WAVE + GAP, width, LANE);
}

export function select(id, { scroll = false, play = false } = {}) {
  state.selected = id;
  emit("selected", id);
  if (scroll) reveal(shown.findIndex((loop) => loop.id === id));
  render(true);
  if (play) toggle(id);
}

export function toggle(id) {
  if (playingLoop() === id) stopLoop();
  else playLoop(id);
}

function reveal(place) {
  const list = $("#loop-list");
  if (place < 0) return;
  if (place * ROW < list.scrollTop) list.scrollTop = place * ROW;
  else if ((place + 1) * ROW > list.scrollTop + list.clientHeight) {
    list.scrollTop = (place + 1) * ROW - list.clientHeight;
  }
}

// A click on a step corrects it; one on the waveform plays the loop; elsewhere it selects.
function clicked(event) {
  const row = event.target.closest(".loop");
  if (!row) return;
  const loop = state.byId.get(row.dataset.id);
  if (event.target.tagName !== "CANVAS") {
    select(loop.id);
    return;
  }
  const box = event.target.getBoundingClientRect();
  const y = event.clientY - box.top;
  if (y < WAVE + GAP) {
    select(loop.id, { play: true });
    return;
  }
  const step = Math.floor(((event.clientX - box.left) / box.width) * stepsOf(loop));
  select(loop.id);
  toggleStep(loop, Math.min(Math.max(step, 0), stepsOf(loop) - 1));
}

export async function toggleStep(loop, step) {
  await editSteps(loop, { [step]: { onset: !sounds(loop, step) } });
  emit("edited", loop.id);
}

function keyed(event) {
  const place = shown.findIndex((loop) => loop.id === state.selected);
  const page = Math.max(1, Math.floor($("#loop-list").clientHeight / ROW) - 1);
  const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  if (event.key in moves && shown.length) {
    const next = Math.min(Math.max(place + moves[event.key], 0), shown.length - 1);
    const wasPlaying = playingLoop() !== null;
    select(shown[next].id, { scroll: true });
    if (wasPlaying) playLoop(shown[next].id);
  } else if (place < 0) return;
  else if (event.key === "Enter") toggle(state.selected);
  else if (event.key === "Delete" || event.key === "x") leaveOut(shown[place]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

export const leaveOut = (loop) => edit([loop.id], "left_out", loop.taken);

export const shownLoops = () => shown;

export function setUpLoops() {
  const list = $("#loop-list");
  list.addEventListener("scroll", framed(() => render()));
  list.addEventListener("click", clicked);
  list.addEventListener("keydown", keyed);
  new ResizeObserver(framed(() => render(true))).observe(list);
  $("#loop-search").addEventListener("input", (event) => {
    words = event.target.value;
    refilter();
  });
  for (const name of Object.keys(FILTERS)) {
    $(`#filter-${name}`).addEventListener("click", () => {
      filter = name;
      for (const chip of document.querySelectorAll("#filters button")) {
        chip.setAttribute("aria-pressed", chip.id === `filter-${name}`);
      }
      list.scrollTop = 0;
      refilter();
    });
  }
  on("loops", refilter);
  on("colours", () => render(true));
  on("analysed", () => {
    for (const [id, outline] of outlines) if (!outline) outlines.delete(id);
    render();
  });
  on("audition", () => render(true));
  on("outline", (id) => {
    for (const row of rows.values()) {
      if (row.dataset.id === id) draw(row, state.byId.get(id));
    }
  });
}

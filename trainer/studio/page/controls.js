// The sequencer's controls, made from the table of parameters.

import { $, el } from "./dom.js";
import { patch, set } from "./instrument.js";
import { PARAMETERS, PITCHES } from "./patch.js";
import { on, state } from "./store.js";

const RHYTHM = ["threshold", "groove", "length", "rotate", "division", "dice", "fill", "ratchet", "ratchet_chance"];
const NOTES = ["transpose", "advance", "gate_mode", "gate", "trigger", "accent"];
const ALL = ["quantum", "scale", "root", "chaos", "freeze", "seed"];
const LABELS = {
  threshold: "Threshold", groove: "Groove", length: "Length", rotate: "Rotate", division: "Division",
  dice: "Probability", fill: "Fill", ratchet: "Ratchet hits", ratchet_chance: "Ratchet chance",
  transpose: "Transpose", advance: "Next pitch per", gate_mode: "Gate", gate: "Gate length", trigger: "Trigger ms",
  accent: "Accent above", quantum: "Changes on", scale: "Scale", root: "Root", chaos: "Chaos",
  freeze: "Freeze", seed: "Seed",
};
const KEYS = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];
export const noteName = (note) => `${KEYS[note % 12]}${Math.floor(note / 12) - 1}`;

const inputs = new Map(); // by name

const valueOf = (name) => (PARAMETERS[name].voice ? patch[name][state.voice] : patch[name]);
const put = (name, value) => set(name, value, PARAMETERS[name].voice ? state.voice : null);

function text(name, value) {
  if (name === "division") return value > 0 ? `÷${value}` : `×${-value}`;
  if (PARAMETERS[name].whole || name === "trigger") return `${+value.toFixed(1)}`;
  return `${Math.round(value * 100)} %`;
}

function control(name) {
  const { low, high, whole, choices } = PARAMETERS[name];
  const id = `control-${name}`;
  const input = choices
    ? el("select", { id, onchange: () => put(name, Number(input.value)) },
      ...choices.map((choice, n) => el("option", { value: n }, choice)))
    : el("input", { id, type: "range", min: low, max: high, step: whole ? 1 : 0.01, oninput: () => put(name, Number(input.value)) });
  const shown = el("output", { for: id });
  inputs.set(name, { input, shown });
  return el("div", { className: "control" }, el("label", { htmlFor: id }, LABELS[name]), input, choices ? null : shown);
}

function pitchRow() {
  const row = el("div", { className: "pitches", role: "group", aria: { label: "Pitches" } });
  for (let place = 0; place < PITCHES; place++) {
    const input = el("input", {
      type: "number", min: 24, max: 120, aria: { label: `Pitch ${place + 1}` },
      onchange: () => set("pitch", Number(input.value), state.voice, place),
    });
    const name = el("span", {});
    const slide = el("input", {
      type: "checkbox", title: "Slide into this pitch", aria: { label: `Slide into pitch ${place + 1}` },
      onchange: () => set("slide", Number(slide.checked), state.voice, place),
    });
    row.append(el("div", {}, name, input, slide));
    inputs.set(`pitch${place}`, { input, slide, name });
  }
  return row;
}

function show() {
  for (const [name, { input, shown }] of inputs) {
    if (!(name in PARAMETERS)) continue;
    input.value = valueOf(name);
    if (shown) shown.textContent = text(name, valueOf(name));
  }
  for (let place = 0; place < PITCHES; place++) {
    const { input, slide, name } = inputs.get(`pitch${place}`);
    const note = patch.pitch[state.voice][place];
    if (document.activeElement !== input) input.value = note;
    name.textContent = noteName(note);
    slide.checked = Boolean(patch.slide[state.voice][place]);
  }
  $("#controls-voice").textContent = `Voice ${state.voice + 1}`;
  $("#threshold").value = patch.threshold[state.voice];
  $("#threshold-value").textContent = text("threshold", patch.threshold[state.voice]);
}

export function setUpControls() {
  const group = (title, names, ...more) => el("fieldset", {}, el("legend", {}, title), ...names.map(control), ...more);
  $("#controls").append(group("Rhythm", RHYTHM), group("Notes", NOTES, pitchRow()), group("All voices", ALL));
  $("#threshold").addEventListener("input", (event) => set("threshold", Number(event.target.value), state.voice));
  on("patch voice", show);
  show();
}

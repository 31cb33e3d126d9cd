// Web MIDI: what the voices play, out to an instrument; controllers, in to the controls.

import { $, el, failed, notify } from "./dom.js";
import { moveTo, patch, player, set } from "./instrument.js";
import { PARAMETERS } from "./patch.js";
import { emit, on, state } from "./store.js";

const CC = 0xb0;
let access = null;
let output = null;
let learning = false;
let touched = null; // {name, voice} of the control that was moved last
const positions = []; // [x, y] to which each voice was moved last
export let learned = {}; // "channel number" to {name, voice}
// The pitches and slides of a row have no single value that a controller could set.
const isLearnable = (name) => PARAMETERS[name]?.count === 1;

async function open() {
  if (!navigator.requestMIDIAccess) {
    notify("This browser has no Web MIDI; Chromium, Edge and Firefox do.");
    return;
  }
  access = await navigator.requestMIDIAccess();
  access.onstatechange = list;
  list();
}

function list() {
  const select = $("#midi-out");
  const chosen = output?.id ?? "";
  select.replaceChildren(el("option", { value: "" }, "no MIDI"),
    ...[...access.outputs.values()].map((port) => el("option", { value: port.id }, port.name)));
  select.value = chosen;
  for (const input of access.inputs.values()) input.onmidimessage = ({ data }) => received(data);
}

export function received(data) {
  if ((data[0] & 0xf0) !== CC) return;
  const key = `${data[0] & 15} ${data[1]}`;
  if (learning && touched) {
    learned[key] = touched;
    setLearning(false);
    notify(`Controller ${data[1]} moves ${touched.name}${touched.voice === null ? "" : ` of voice ${touched.voice + 1}`}.`);
    emit("learned");
  }
  const target = learned[key];
  if (!target) return;
  const { low, high } = PARAMETERS[target.name];
  const value = low + (data[2] / 127) * (high - low);
  if (target.name === "x") moveTo(target.voice, value, patch.y[target.voice]);
  else if (target.name === "y") moveTo(target.voice, patch.x[target.voice], value);
  else set(target.name, value, target.voice);
}

// Of a position, the axis that moved further is the control that was moved. A glide, a path or
// another voice moves by itself.
function touchAxis({ voice, x, y, glideS }) {
  const [beforeX, beforeY] = positions[voice] ?? [x, y];
  positions[voice] = [x, y];
  if (glideS > 0 || voice !== state.voice || (x === beforeX && y === beforeY)) return;
  touched = { name: Math.abs(y - beforeY) > Math.abs(x - beforeX) ? "y" : "x", voice };
}

function setLearning(now) {
  learning = now;
  $("#midi-learn").setAttribute("aria-pressed", now);
  if (now) notify("Move a control of the page, then the controller that is to move it.");
}

// The audio clock's time as the time of MIDI messages.
function timeMs(timeS) {
  const stamp = player.context.getOutputTimestamp();
  return stamp.performanceTime + (timeS - stamp.contextTime) * 1000;
}

export function restoreLearned(saved) {
  for (const [key, target] of Object.entries(saved ?? {})) {
    if (/^\d+ \d+$/.test(key) && target && isLearnable(target.name)) learned[key] = target;
  }
}

export function setUpMidi() {
  $("#midi-open").addEventListener("click", () => open().then(() => {
    $("#midi-open").hidden = true;
    $("#midi-out").hidden = false;
    $("#midi-learn").hidden = false;
  }).catch(failed));
  $("#midi-out").addEventListener("change", (event) => {
    output = access.outputs.get(event.target.value) ?? null;
  });
  $("#midi-learn").addEventListener("click", () => setLearning(!learning));
  player.addEventListener("midi", ({ detail }) => output?.send(detail.data, timeMs(detail.timeS)));
  on("patch", (name) => {
    if (isLearnable(name)) touched = { name, voice: PARAMETERS[name].voice ? state.voice : null };
  });
  on("move", touchAxis);
}

// The keyboard, and the list of what it does.

import { $, el } from "./dom.js";
import { redo, undo } from "./editing.js";
import { patch, set, toggleSolo } from "./instrument.js";
import { chooseVoice } from "./lanes.js";
import { select, shownLoops } from "./loops.js";
import { recall, store } from "./places.js";
import { tapRhythm } from "./rhythm-tap.js";
import { tapTempo, toggle } from "./transport.js";
import { swap } from "./trainings.js";
import { stopLoop } from "./audition.js";
import { state } from "./store.js";

const KEYS = [
  [" ", "Space", "play or stop", () => toggle()],
  ["v", "V", "next voice", () => chooseVoice((state.voice + 1) % 3)],
  ["m", "M", "mute the voice", () => set("mute", 1 - patch.mute[state.voice], state.voice)],
  ["s", "S", "solo the voice", () => toggleSolo(state.voice)],
  ["r", "R", "tap a rhythm: the voice goes to the nearest", () => tapRhythm()],
  ["t", "T", "tap the tempo", () => tapTempo(performance.now())],
  ["b", "B", "swap A and B at the same rhythm", () => swap()],
  ["l", "L", "to the list of loops (arrows choose, Enter plays, X leaves out)", () => focusLoops()],
  ["g", "G", "to the map (arrows move, with Shift further)", () => $("#map").focus()],
  ["e", "E", "to the steps of the loop (arrows, Enter; up and down velocity, Shift and arrows timing)", () => $("#editor-steps").focus()],
  ["[", "[", "threshold down: more steps sound", () => set("threshold", patch.threshold[state.voice] - 0.02, state.voice)],
  ["]", "]", "threshold up: fewer steps sound", () => set("threshold", patch.threshold[state.voice] + 0.02, state.voice)],
  ["Escape", "Esc", "stop the loop", () => stopLoop()],
  ["?", "?", "this list", () => help()],
];

function focusLoops() {
  if (!state.selected && shownLoops().length) select(shownLoops()[0].id);
  $("#loop-list").focus();
}

export function help() {
  $("#help").showModal();
}

const TYPING = "input:not([type=range]):not([type=checkbox]), textarea, select";

function pressed(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.target.closest(TYPING)) {
    event.preventDefault();
    (event.shiftKey ? redo : undo)();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
  if (event.key === " " && event.target.closest?.("button, summary, a, input")) return;
  if ($("#help").open && event.key !== "?") return;
  const digit = /^Digit([1-8])$/.exec(event.code);
  if (digit) {
    (event.shiftKey ? store : recall)(Number(digit[1]) - 1);
    event.preventDefault();
    return;
  }
  const known = KEYS.find(([key]) => key === event.key || key === event.key.toLowerCase());
  if (!known) return;
  event.preventDefault();
  known[3]();
}

export function setUpKeys() {
  const rows = [
    ...KEYS.map(([, name, what]) => [name, what]),
    ["1 … 8", "go to a place; with Shift keep the present one"],
    ["Ctrl Z", "undo a correction; with Shift redo"],
    ["click", "on a step corrects it; on a waveform plays the loop"],
    ["drag", "on a step of the editor: velocity; with Alt timing"],
    ["double-click", "on a dot of the map plays the loop itself"],
  ];
  $("#help-keys").append(...rows.map(([key, what]) => el("tr", {}, el("th", { scope: "row" }, el("kbd", {}, key)), el("td", {}, what))));
  document.addEventListener("keydown", pressed);
  $("#help-open").addEventListener("click", help);
  $("#help-close").addEventListener("click", () => $("#help").close());
}

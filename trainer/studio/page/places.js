// Eight places on keys 1 to 8: where all voices stand, kept and recalled with a glide.

import { $, button } from "./dom.js";
import { moveTo, patch } from "./instrument.js";
import { setPath } from "./map.js";
import { VOICES } from "./patch.js";
import { emit, on } from "./store.js";

export const COUNT = 8;
export const places = Array(COUNT).fill(null); // {x: [3], y: [3]}
let storing = false;
let current = -1;

export function store(number) {
  places[number] = { x: [...patch.x], y: [...patch.y] };
  current = number;
  setStoring(false);
  emit("places");
}

export function recall(number) {
  const place = places[number];
  if (!place) {
    store(number);
    return;
  }
  const glideS = Number($("#glide").value);
  for (let voice = 0; voice < VOICES; voice++) {
    setPath(null, voice);
    moveTo(voice, place.x[voice], place.y[voice], patch.run ? glideS : 0);
  }
  current = number;
  emit("places");
}

export function restorePlaces(saved) {
  if (!Array.isArray(saved)) return;
  const number = (value) => Number.isFinite(value) && value >= 0 && value <= 1;
  saved.slice(0, COUNT).forEach((place, n) => {
    const good = place && [place.x, place.y].every((axis) => Array.isArray(axis) && axis.length === VOICES && axis.every(number));
    places[n] = good ? place : null;
  });
  emit("places");
}

function setStoring(now) {
  storing = now;
  $("#place-store").setAttribute("aria-pressed", now);
}

function show() {
  [...$("#places").children].forEach((node, n) => {
    node.classList.toggle("kept", places[n] !== null);
    node.setAttribute("aria-pressed", n === current);
    node.title = places[n] ? `Go to place ${n + 1} (key ${n + 1}); Shift keeps the present one` : `Keep this place as ${n + 1} (key ${n + 1})`;
  });
  $("#glide-value").textContent = `${Number($("#glide").value).toFixed(1)} s`;
}

export function setUpPlaces() {
  for (let n = 0; n < COUNT; n++) {
    const node = button(`${n + 1}`, (event) => (storing || event.shiftKey ? store(n) : recall(n)));
    node.setAttribute("aria-label", `Place ${n + 1}`);
    $("#places").append(node);
  }
  $("#place-store").addEventListener("click", () => setStoring(!storing));
  $("#glide").addEventListener("input", () => { show(); emit("places"); });
  on("places", show);
  show();
}

// The instrument: a patch, a source of patterns for each voice, and the sound that follows.

import { bytes, get } from "./api.js";
import { GRID, Grid, Kit, nearestCell, renderMap } from "./core.js";
import { STEPS, VOICES, limited, newPatch, restored } from "./patch.js";
import { Player } from "./player.js";
import { emit, on, state } from "./store.js";

export const patch = newPatch();
patch.run = 0;

let module = null;
export const wasm = () => module;
export let player = null;

const sources = [null, null, null];
const maps = [null, null, null]; // onset probabilities, GRID x GRID x 32
const soloed = new Set();

export async function prepare() {
  const core = await bytes("/page/exnihilo.wasm");
  module = new WebAssembly.Module(core);
  player = new Player(core);
  player.addEventListener("moved", ({ detail }) => {
    patch.x[detail.voice] = detail.x;
    patch.y[detail.voice] = detail.y;
    emit("position", detail.voice);
  });
  player.addEventListener("steps", ({ detail }) => emit("steps", detail));
}

// Loads what was saved of the instrument.
export function recallPatch(saved) {
  Object.assign(patch, restored(saved), { run: 0 });
  sendPatch();
  for (let voice = 0; voice < VOICES; voice++) moveTo(voice, patch.x[voice], patch.y[voice]);
}

function sendPatch() {
  const mute = patch.mute.map((muted, voice) => (soloed.size ? Number(!soloed.has(voice)) : muted));
  player.send({ type: "patch", patch: { ...structuredClone(patch), mute } });
}

// Sets a parameter: of the page, of a voice, or of a place in a voice's row.
export function set(name, value, voice = null, place = null) {
  const given = limited(name, value);
  if (voice === null) patch[name] = given;
  else if (place === null) patch[name][voice] = given;
  else patch[name][voice][place] = given;
  sendPatch();
  emit("set", { name, voice });
  emit("patch", name);
  if (name === "threshold") emit("pattern", voice);
}

export const isSoloed = (voice) => soloed.has(voice);

export function toggleSolo(voice) {
  if (!soloed.delete(voice)) soloed.add(voice);
  sendPatch();
  emit("patch", "solo");
}

export function moveTo(voice, x, y, glideS = 0) {
  emit("move", { voice, x, y, glideS });
  const at = [x, y].map((value) => limited("x", value));
  if (glideS <= 0) {
    [patch.x[voice], patch.y[voice]] = at;
    emit("position", voice);
  }
  player.send({ type: "position", voice, x: at[0], y: at[1], glideS });
}

export async function play(on = true) {
  if (on) await player.start();
  if (on && !patch.run) player.send({ type: "reset" });
  set("run", Number(on));
}

export const hasSource = (voice) => sources[voice] !== null;

// The pattern of a voice where it stands: onset, velocity and offset of 32 steps each.
export function patternOf(voice, x = patch.x[voice], y = patch.y[voice]) {
  const source = sources[voice];
  return source ? source.decode(voice, [x, y, patch.z[voice], patch.w[voice]]) : null;
}

export const mapOf = (voice) => maps[voice];

function replaceSource(voice, source, message) {
  sources[voice] = source;
  maps[voice] = source ? (source instanceof Grid ? onsetsOf(source) : renderMap(source, voice)) : null;
  player.send(message);
  emit("map", voice);
  emit("pattern", voice);
}

function onsetsOf(grid) {
  if (grid.heads === 1) return grid.data;
  const cells = new Uint8Array(GRID * GRID * STEPS);
  for (let cell = 0; cell < GRID * GRID; cell++) {
    const at = cell * grid.heads * STEPS;
    cells.set(grid.data.subarray(at, at + STEPS), cell * STEPS);
  }
  return cells;
}

// Plays a map that is looked up: of a candidate, or of a training that still runs.
export function playGrid(voice, data, heads) {
  replaceSource(voice, new Grid(data, heads), { type: "grid", voice, data, heads });
}

const kits = new Map(); // by training and the time it was saved
const KITS_MAX = 12;

async function loadKit(training) {
  const key = `${training.id} ${training.saved}`;
  if (!kits.has(key)) {
    const file = (name) => bytes(`/api/trainings/${training.id}/file/${name}`);
    const [manifest, ...models] = await Promise.all(
      ["manifest.json", ...training.voices.map((voice) => voice.file)].map(file));
    const kept = await get(`/api/trainings/${training.id}/kept`);
    kits.set(key, { manifest, models, kept, kit: new Kit(module, manifest, models) });
    if (kits.size > KITS_MAX) kits.delete(kits.keys().next().value);
  }
  return kits.get(key);
}

export const kitOf = async (training) => (await loadKit(training)).kit;

// Plays a training's kit. Throws the reason if it is refused.
export async function playKit(training) {
  const { manifest, models, kept, kit } = await loadKit(training);
  state.playing = training.id;
  state.kept = kept;
  state.candidates = [null, null, null];
  player.send({ type: "kit", manifest, models });
  for (let voice = 0; voice < VOICES; voice++) {
    sources[voice] = voice < kit.voices ? kit : null;
    maps[voice] = sources[voice] ? renderMap(kit, voice) : null;
    emit("map", voice);
    emit("pattern", voice);
  }
  emit("playing");
}

const candidateMaps = new Map();

async function candidateMap(training, voice, number) {
  const key = `${training.id} ${training.saved} ${voice} ${number}`;
  if (!candidateMaps.has(key)) {
    candidateMaps.set(key, new Uint8Array(await bytes(`/api/trainings/${training.id}/map/${voice}/${number}`)));
    if (candidateMaps.size > KITS_MAX) candidateMaps.delete(candidateMaps.keys().next().value);
  }
  return candidateMaps.get(key);
}

// Plays a kept candidate of one voice; null is the kit's own.
export async function playCandidate(training, voice, number) {
  if (state.playing !== training.id) await playKit(training);
  if (number === null) {
    await playKit(training);
    return;
  }
  const heads = training.voices[voice].outputs.length;
  const data = await candidateMap(training, voice, number);
  state.candidates[voice] = number;
  playGrid(voice, data, heads);
  emit("playing");
}

// Moves a voice to the place whose rhythm is nearest to the wanted steps (32 of 0/1).
export function goToRhythm(voice, wanted, glideS = 0) {
  const cells = maps[voice];
  if (!cells) return null;
  const found = nearestCell(cells, wanted, patch.threshold[voice]);
  moveTo(voice, found.x, found.y, glideS);
  return found;
}

// Which steps of a voice sound: 32 of true or false.
export function soundingOf(voice) {
  const pattern = patternOf(voice);
  return pattern ? Array.from(pattern.subarray(0, STEPS), (level) => level > patch.threshold[voice]) : null;
}

on("position", (voice) => emit("pattern", voice));

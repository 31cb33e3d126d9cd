// The trainings of the project: hear, compare, choose a candidate, star, name, annotate.

import { get, post } from "./api.js";
import { $, button, colour, el, failed, icon, notify } from "./dom.js";
import { goToRhythm, playCandidate, playKit, kitOf, soundingOf } from "./instrument.js";
import { renderMap } from "./core.js";
import { differences, figures } from "./differences.js";
import { shade } from "./map-drawing.js";
import { VOICES } from "./patch.js";
import { emit, on, state } from "./store.js";

const THUMBNAIL = 64;
const AT = 0.5;
const thumbnails = new Map(); // by id, saved, voice and scheme
let other = null; // the training beside the one that plays, for A/B

export const trainingOf = (id) => state.trainings.find((one) => one.id === id) ?? null;
export const playing = () => trainingOf(state.playing);

export async function reloadTrainings() {
  state.trainings = await get("/api/trainings");
  emit("trainings");
}

// Plays a training; every voice goes to where the rhythm is that it plays now.
export async function playTraining(training, { sameRhythm = true } = {}) {
  const rhythms = sameRhythm ? [0, 1, 2].map(soundingOf) : [];
  try {
    await playKit(training);
  } catch (error) {
    notify(`${training.name} is not played: ${error.message}`, { kind: "error" });
    return;
  }
  rhythms.forEach((rhythm, voice) => rhythm && rhythm.some(Boolean) && goToRhythm(voice, rhythm));
}

export async function swap() {
  const next = trainingOf(other);
  if (!next) {
    notify("Choose a second training with A/B first.");
    return;
  }
  other = state.playing;
  await playTraining(next);
}

async function remark(training, changes) {
  try {
    state.trainings = await post(`/api/trainings/${training.id}/remark`, changes);
    emit("trainings");
  } catch (error) {
    failed(error);
  }
}

async function thumbnail(canvas, training, voice) {
  const key = `${training.id} ${training.saved} ${voice} ${colour("map-paper")}`;
  if (!thumbnails.has(key)) {
    const kit = await kitOf(training);
    if (voice >= kit.voices) return;
    thumbnails.set(key, shade(renderMap(kit, voice), AT, colour("map-paper"), colour(`map${voice + 1}`)));
  }
  canvas.getContext("2d").drawImage(thumbnails.get(key), 0, 0, THUMBNAIL, THUMBNAIL);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    entry.target.draw().catch(() => entry.target.classList.add("broken"));
  }
});

function maps(training) {
  const strip = el("div", { className: "thumbnails" });
  training.voices.forEach((_, voice) => {
    const canvas = el("canvas", { width: THUMBNAIL, height: THUMBNAIL, title: `Map of voice ${voice + 1}` });
    canvas.draw = () => thumbnail(canvas, training, voice);
    strip.append(canvas);
    seen.observe(canvas);
  });
  return strip;
}

function candidates(training) {
  const box = el("div", { className: "candidates" });
  if (state.playing !== training.id || !state.kept) return box;
  state.kept.candidates.forEach((count, voice) => {
    if (count < 2) return;
    const group = el("div", { role: "group", aria: { label: `Candidates of voice ${voice + 1}` } }, el("span", {}, `voice ${voice + 1}`));
    for (let number = 0; number < count; number++) {
      const own = state.kept.chosen[voice] === number;
      const current = state.candidates[voice] ?? state.kept.chosen[voice];
      const node = button(`${number + 1}`, () => chooseCandidate(training, voice, own ? null : number));
      node.setAttribute("aria-pressed", current === number);
      node.title = own ? "the one in the kit" : "kept; hear it without training again";
      node.classList.toggle("own", own);
      group.append(node);
    }
    box.append(group);
  });
  if (state.candidates.some((number) => number !== null)) {
    box.append(button("Put what plays into the kit", () => keep(training)));
  }
  return box;
}

async function chooseCandidate(training, voice, number) {
  try {
    if (number !== null) {
      await playCandidate(training, voice, number);
      return;
    }
    const others = state.candidates.map((one, at) => (at === voice ? null : one));
    await playKit(training);
    for (let at = 0; at < VOICES; at++) if (others[at] !== null) await playCandidate(training, at, others[at]);
  } catch (error) {
    failed(error);
  }
}

async function keep(training) {
  const picks = state.kept.chosen.map((own, voice) => state.candidates[voice] ?? own);
  await post(`/api/trainings/${training.id}/pick`, { picks }).catch(failed);
}

function nameField(training) {
  const input = el("input", {
    className: "name", value: training.name, maxLength: 60, aria: { label: "Name of the training" },
    onchange: () => remark(training, { name: input.value }),
  });
  return input;
}

function details(training) {
  const note = el("textarea", {
    value: training.note, rows: 2, placeholder: "notes", maxLength: 4000, aria: { label: "Notes" },
    onchange: () => remark(training, { note: note.value }),
  });
  const table = el("table", {}, ...figures(training).map(([name, ...values]) =>
    el("tr", {}, el("th", { scope: "row" }, name), ...values.map((value) => el("td", {}, value)))));
  const links = el("p", { className: "links" },
    el("a", { href: `/api/trainings/${training.id}/kit.zip`, download: "" }, "kit as .zip"),
    !training.has_report ? null
      : el("a", { href: `/api/trainings/${training.id}/file/report.html`, target: "_blank", rel: "noopener" }, "report"),
    button("Hide", () => remark(training, { hidden: true }), { className: "link" }));
  return el("details", {}, el("summary", {}, "notes and figures"), note, table, links);
}

function card(training) {
  const isPlaying = state.playing === training.id;
  const star = button(training.star ? "Remove the star" : "Star", () => remark(training, { star: !training.star }), {
    className: "plain star", aria: { pressed: training.star } }, icon("star"));
  const beside = button("A/B", () => { other = other === training.id ? null : training.id; emit("trainings"); }, { className: "small" });
  beside.setAttribute("aria-pressed", other === training.id);
  beside.title = "compare with the one that plays; key B swaps them at the same rhythm";
  const listen = button(isPlaying ? "Playing" : "Hear", () => playTraining(training), { className: "small" });
  listen.setAttribute("aria-pressed", isPlaying);
  const when = new Date(training.saved).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  const node = el("article", { className: `training${isPlaying ? " playing" : ""}`, data: { id: training.id } },
    el("header", {}, star, nameField(training), isPlaying ? null : beside, listen),
    el("div", { className: "body" }, maps(training), el("p", { className: "facts" }, `${training.patterns} patterns, ${when}`)),
    candidates(training));
  if (other === training.id && playing()) {
    node.append(el("p", { className: "differs" }, `Beside ${playing().name}: ${differences(playing(), training)}`));
  }
  node.append(details(training));
  return node;
}

let open = new Set();

function show() {
  const list = $("#trainings");
  open = new Set([...list.querySelectorAll("article:has(details[open])")].map((node) => node.dataset.id));
  const focused = document.activeElement?.closest("article")?.dataset.id;
  const label = document.activeElement?.getAttribute("aria-label");
  const shown = state.trainings.filter((one) => !one.hidden)
    .sort((a, b) => Number(b.star) - Number(a.star) || b.saved - a.saved);
  list.replaceChildren(...shown.map(card));
  for (const node of list.children) {
    if (open.has(node.dataset.id)) node.querySelector("details").open = true;
    if (node.dataset.id === focused && label) node.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
  }
  $("#trainings-empty").hidden = shown.length > 0;
  const hidden = state.trainings.filter((one) => one.hidden);
  $("#trainings-hidden").hidden = hidden.length === 0;
  $("#trainings-hidden").textContent = `show ${hidden.length} hidden`;
}

export function setUpTrainings() {
  on("trainings playing", show);
  on("colours", show);
  $("#trainings-hidden").addEventListener("click", () => {
    for (const one of state.trainings.filter((training) => training.hidden)) remark(one, { hidden: false });
  });
}

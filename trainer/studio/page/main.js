// Opens the studio: reads the project, sets up every part, follows what happens.

import { get, listen, post } from "./api.js";
import { $, failed, forgetColours, notify } from "./dom.js";
import { redo, reloadLoops, undo } from "./editing.js";
import { setUpControls } from "./controls.js";
import { setUpFollowing } from "./follow.js";
import { setUpExporting } from "./exporting.js";
import { patch, player, prepare, recallPatch } from "./instrument.js";
import { setUpIntake } from "./intake.js";
import { setUpJobs } from "./jobs.js";
import { setUpKeys } from "./keys.js";
import { chooseVoice, setUpLanes } from "./lanes.js";
import { setUpEditor } from "./loop-editor.js";
import { setUpLoops } from "./loops.js";
import { setUpMap } from "./map.js";
import { learned, restoreLearned, setUpMidi } from "./midi.js";
import { setUpNearest } from "./nearest.js";
import { places, restorePlaces, setUpPlaces } from "./places.js";
import { setUpPush, showPush } from "./push.js";
import { emit, on, state } from "./store.js";
import { playTraining, reloadTrainings, setUpTrainings, trainingOf } from "./trainings.js";
import { setUpTransport } from "./transport.js";

const SAVE_AFTER_MS = 800;
const RELOAD_AFTER_MS = 150;
// The voices begin apart, so that each is seen.
const FIRST_PLACES = { x: [0.32, 0.5, 0.68], y: [0.35, 0.55, 0.4] };
let saving = 0;
let restored = false;
let reloading = 0;

// Remembers where the page was left, so that it opens there again.
function saveView() {
  if (!restored) return;
  clearTimeout(saving);
  saving = setTimeout(() => {
    const view = {
      patch, places, learned, voice: state.voice, playing: state.playing, host: $("#host").value,
      glide: Number($("#glide").value),
    };
    post("/api/view", view).catch(() => {});
  }, SAVE_AFTER_MS);
}

async function restore({ view, trainings, jobs }) {
  state.trainings = trainings;
  emit("trainings");
  recallPatch(view.patch ?? { ...patch, ...FIRST_PLACES });
  restorePlaces(view.places);
  restoreLearned(view.learned);
  if (typeof view.host === "string") $("#host").value = view.host;
  if (Number.isFinite(view.glide)) $("#glide").value = view.glide;
  const last = trainingOf(view.playing) ?? state.trainings.find((one) => !one.hidden);
  if (last) await playTraining(last, { sameRhythm: false });
  chooseVoice([0, 1, 2].includes(view.voice) ? view.voice : 0);
  for (const job of jobs) emit("job", { state: "waiting", ...job });
  emit("places");
  restored = true;
}

function followEvents() {
  listen((event, data) => {
    if (event.type === "job") emit("job", { ...event, data });
    else if (event.type === "project") {
      // The answer to this page's own change may come after the event.
      clearTimeout(reloading);
      reloading = setTimeout(() => {
        if (event.revision !== state.revision) reloadLoops().catch(failed);
      }, RELOAD_AFTER_MS);
    } else if (event.type === "trainings") reloadTrainings().catch(failed);
    else emit(event.type, event);
  }, (connected) => {
    const again = connected && !state.connected;
    state.connected = connected;
    $("#lost").hidden = connected;
    if (again) {
      state.jobs.clear();
      emit("job-list");
      reloadLoops().then(reloadTrainings).catch(failed);
    }
  });
}

function setUpHeader() {
  $("#undo").addEventListener("click", undo);
  $("#redo").addEventListener("click", redo);
  on("loops", () => {
    $("#undo").disabled = !state.undo;
    $("#redo").disabled = !state.redo;
    $("#undo").title = state.undo ? `Undo: ${state.undo} (Ctrl Z)` : "Nothing to undo";
    $("#redo").title = state.redo ? `Redo: ${state.redo} (Ctrl Shift Z)` : "Nothing to redo";
    $("#revision").textContent = `revision ${state.revision}`;
  });
  for (const tab of document.querySelectorAll("#tabs button")) {
    tab.addEventListener("click", () => showPart(tab.dataset.part));
  }
  showPart("map-part");
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
    matchMedia(query).addEventListener("change", () => { forgetColours(); emit("colours"); });
  }
}

// On a narrow screen one part is shown at a time.
function showPart(id) {
  for (const part of document.querySelectorAll("main > section")) part.classList.toggle("shown", part.id === id);
  for (const tab of document.querySelectorAll("#tabs button")) tab.setAttribute("aria-pressed", tab.dataset.part === id);
}

async function open() {
  await prepare();
  for (const setUp of [setUpHeader, setUpLoops, setUpEditor, setUpIntake, setUpMap, setUpLanes, setUpPlaces,
    setUpControls, setUpTransport, setUpNearest, setUpTrainings, setUpJobs, setUpPush, setUpFollowing, setUpExporting, setUpMidi, setUpKeys]) {
    setUp();
  }
  const [session] = await Promise.all([get("/api/session"), reloadLoops()]);
  state.project = session.project;
  state.local = session.local;
  $("#project").textContent = session.project;
  document.title = `${session.project} – Ex Nihilo studio`;
  $("#search-again").hidden = !session.has_folder && !state.loops.length;
  showPush();
  await restore(session);
  followEvents();
  on("patch position places voice playing learned", saveView);
  $("#host").addEventListener("change", saveView);
  player.addEventListener("failed", () => notify("The sound has stopped; reload the page.", { kind: "error" }));
  document.body.dataset.ready = "true";
}

open().catch(failed);

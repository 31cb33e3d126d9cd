// What runs on the server: progress, live maps that can be played, and the end of it.

import { post } from "./api.js";
import { $, button, colour, el, failed, notify } from "./dom.js";
import { playGrid } from "./instrument.js";
import { shade } from "./map-drawing.js";
import { playTraining, reloadTrainings, trainingOf } from "./trainings.js";
import { VOICES } from "./patch.js";
import { emit, on, state } from "./store.js";

const KINDS = { analysis: "Analysing loops", training: "Training", choice: "Writing the kit" };
const PHASES = {
  layout: "laying the loops out", training: "learning", measuring: "measuring", writing: "writing",
  reading: "reading", analysing: "analysing", comparing: "comparing tempi",
};
const live = [null, null, null]; // the map of each voice as it forms
let following = false; // whether the maps play as they form

function playLive(voice) {
  if (!live[voice]) return;
  following = true;
  state.playing = null;
  state.kept = null;
  state.candidates = [null, null, null];
  for (let at = 0; at < VOICES; at++) if (live[at]) playGrid(at, live[at], 1);
  emit("playing");
}

function drawLive() {
  [...$("#live").querySelectorAll("canvas")].forEach((canvas, voice) => {
    if (!live[voice]) return;
    canvas.getContext("2d").drawImage(shade(live[voice], 0.5, colour("map-paper"), colour(`map${voice + 1}`)), 0, 0);
  });
}

function took(job, data) {
  live[job.voice] = data;
  $("#live").hidden = false;
  drawLive();
  if (following || (state.playing === null && !state.trainings.length)) {
    following = true;
    playGrid(job.voice, data, 1);
  }
}

function progress(job) {
  const share = job.share ?? 0;
  const count = ` ${Math.round(share * 100)}\u00a0%`;
  return `${KINDS[job.kind]}: ${PHASES[job.phase] ?? job.state}${job.phase ? count : ""}`;
}

function show() {
  const list = $("#jobs");
  for (const job of state.jobs.values()) {
    let line = list.querySelector(`[data-job="${job.job}"]`);
    if (!line) {
      const bar = el("progress", { max: 1, aria: { label: KINDS[job.kind] } });
      const stop = button("Stop", () => post(`/api/jobs/${job.job}/cancel`).catch(failed), { className: "small" });
      line = el("div", { className: "job", data: { job: job.job } }, el("span", {}), bar, stop);
      list.append(line);
    }
    line.querySelector("span").textContent = progress(job);
    const bar = line.querySelector("progress");
    if (job.phase && job.phase !== "writing") bar.value = job.share ?? 0;
    else bar.removeAttribute("value");
  }
  for (const line of [...list.children]) if (!state.jobs.has(Number(line.dataset.job))) line.remove();
  const training = [...state.jobs.values()].some((job) => job.kind === "training");
  $("#train").disabled = training;
  $("#draft").disabled = training;
  $("#live").hidden = !training || !live.some(Boolean);
}

// Plays the kit that was written anew, if it still plays; its candidates are its own now.
async function rewritten(job) {
  if (job.state !== "finished") return;
  await reloadTrainings();
  const current = trainingOf(state.playing);
  if (current?.label.split("/").at(-1) === job.folder) await playTraining(current, { sameRhythm: false });
}

async function ended(job) {
  state.jobs.delete(job.job);
  if (job.state === "failed") notify(`${KINDS[job.kind]} failed: ${job.reason}`, { kind: "error" });
  if (job.kind === "analysis") emit("analysed");
  if (job.kind === "choice") await rewritten(job);
  if (job.kind !== "training") return;
  live.fill(null);
  if (job.state === "cancelled") notify("Training stopped; nothing was written.");
  if (job.state !== "finished") {
    following = false;
    return;
  }
  for (const line of job.warnings ?? []) notify(line);
  await reloadTrainings();
  const made = state.trainings.find((one) => one.label === `trainings/${job.folder}`);
  const wasFollowing = following || state.playing === null;
  following = false;
  if (made && wasFollowing) await playTraining(made);
  else if (made) notify(`${made.name} is trained.`, { action: { label: "Hear it", run: () => playTraining(made) } });
}

function handle(job) {
  if (["finished", "failed", "cancelled"].includes(job.state)) {
    ended(job).catch(failed).finally(show);
  } else {
    state.jobs.set(job.job, { ...state.jobs.get(job.job), ...job });
    if (job.data) took(job, job.data);
  }
  show();
}

async function train(draft) {
  following = false;
  live.fill(null);
  const candidates = Number($("#candidates").value);
  await post("/api/train", { draft, candidates, seed: Number($("#seed").value) || 0, name: $("#train-name").value.trim() });
  $("#train-name").value = "";
}

export function setUpJobs() {
  for (let voice = 0; voice < VOICES; voice++) {
    const canvas = el("canvas", { width: 64, height: 64 });
    $("#live-maps").append(button(`Play the map of voice ${voice + 1} as it forms`, () => playLive(voice), { className: "plain" }, canvas));
  }
  $("#train").addEventListener("click", () => train(false).catch(failed));
  $("#draft").addEventListener("click", () => train(true).catch(failed));
  on("job", handle);
  on("colours", drawLive);
  on("job-list", show);
}

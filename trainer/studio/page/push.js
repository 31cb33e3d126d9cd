// To the module: push what plays, ask for its status, go back.

import { post } from "./api.js";
import { $, failed } from "./dom.js";
import { playing } from "./trainings.js";
import { on, state } from "./store.js";

const host = () => $("#host").value.trim() || null;
const WORDS = { push: "Pushing", status: "Asking", rollback: "Going back", list: "Asking", doctor: "Checking" };

function showState(text, kind = "") {
  $("#push-state").textContent = text;
  $("#push-state").className = kind;
}

async function push() {
  const training = playing();
  if (!training) {
    showState("play a training first: what plays is pushed", "error");
    return;
  }
  if (state.candidates.some((number) => number !== null)) {
    showState("a candidate plays that is not in the kit: put what plays into the kit first", "error");
    return;
  }
  const where = host() ?? (state.local ? null : "exnihilo.local");
  await post("/api/push", { training: training.id, host: where });
}

async function ask(what) {
  await post(`/api/module/${what}`, { host: host() ?? (state.local ? null : "exnihilo.local") });
}

function answered({ what, answer }) {
  const module = answer?.modules?.[0];
  if (!module) return "done";
  if (what === "push") {
    const [kit] = module.bundles;
    const sent = kit.sent_bytes ? `${Math.round(kit.sent_bytes / 1024)} kB sent, verified` : "was there already, verified";
    const plays = kit.playing === false ? "; installed, no firmware runs there" : "; it plays";
    return `${kit.bundle}: ${sent}${plays}`;
  }
  if (what === "rollback") return `back to ${module.bundle ?? "the kit before"}`;
  return `${module.playing ?? module.bundle ?? "it answers"}`;
}

function handle(event) {
  const busy = event.state === "started" || event.state === "progress";
  $("#push").disabled = busy;
  $("#rollback").disabled = busy;
  const bar = $("#push-bar");
  bar.hidden = !busy;
  if (event.state === "progress" && Number.isFinite(event.share)) bar.value = event.share;
  else bar.removeAttribute("value");
  if (busy) showState(`${WORDS[event.what]}${event.phase ? `: ${event.phase}` : "…"}`);
  else if (event.state === "failed") showState(event.reason || event.answer?.modules?.[0]?.reason || "it failed", "error");
  else showState(answered(event), "good");
}

export function setUpPush() {
  $("#push").addEventListener("click", () => push().catch(failed));
  $("#rollback").addEventListener("click", () => ask("rollback").catch(failed));
  on("deploy", handle);
  on("playing trainings", () => {
    const training = playing();
    $("#push").textContent = training ? `Push “${training.name}”` : "Push";
  });
}

export function showPush() {
  $("#host").placeholder = state.local ? "the home on this computer" : "exnihilo.local";
}

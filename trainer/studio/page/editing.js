// Corrections: what is sent, what is undone, and what happens when two pages or programs edit at once.

import { Refused, get, post } from "./api.js";
import { failed, notify } from "./dom.js";
import { changeLoops, setLoops, state } from "./store.js";

// One request after the other, so that each names the revision that the one before it made.
let last = Promise.resolve();

function queued(run) {
  last = last.then(run, run);
  return last;
}

async function change(path, content) {
  try {
    changeLoops(await post(path, { ...content, revision: state.revision }));
    return true;
  } catch (error) {
    if (!(error instanceof Refused) || !error.conflict) {
      failed(error);
      return false;
    }
    await reloadLoops();
    notify("This project was changed elsewhere. It is shown as it is now; your last change was not made.", {
      kind: "conflict",
      action: { label: "Make it now", run: () => queued(() => change(path, content)) },
    });
    return false;
  }
}

export async function reloadLoops() {
  setLoops(await get("/api/loops"));
}

// Sets one thing of one or several loops.
export const edit = (loops, what, value) =>
  queued(() => change("/api/edit", { loops, set: { [what]: value } }));

export const undo = () => queued(() => (state.undo ? change("/api/undo", {}) : false));
export const redo = () => queued(() => (state.redo ? change("/api/redo", {}) : false));

// Sets steps by number: {number: {onset, velocity, offset}}.
export const editSteps = (loop, steps) => edit([loop.id], "steps", steps);

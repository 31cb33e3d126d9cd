// Files that are dropped or chosen: sent to the server, then analysed.

import { failed, notify } from "./dom.js";
import { $ } from "./dom.js";
import { post, send } from "./api.js";
import { emit, on, state } from "./store.js";

const AT_ONCE = 4;
const KIT = /\.zip$/i;
const LOOP = /\.(wav|wave|aif|aiff|aifc|flac|ogg|oga|opus|mp3|mid|midi)$/i;
const HIDDEN = /(^|\/)(\.|__MACOSX)/;

// The files of what was dropped, those in folders included.
async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  const walk = async (entry) => {
    if (HIDDEN.test(entry.name)) return;
    if (entry.isFile) {
      found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const part = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!part.length) return;
      for (const one of part) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

export async function take(files) {
  const wanted = files.filter((file) => !HIDDEN.test(file.webkitRelativePath || file.name));
  for (const kit of wanted.filter((file) => KIT.test(file.name))) await takeKit(kit);
  const loops = wanted.filter((file) => LOOP.test(file.name));
  const others = wanted.filter((file) => !LOOP.test(file.name) && !KIT.test(file.name));
  const refused = await upload(loops, others);
  if (refused.length) report(refused);
}

async function takeKit(file) {
  try {
    const { name } = await send("/api/kits", file);
    notify(`The kit “${name}” is among the trainings now.`);
  } catch (error) {
    failed(new Error(`${file.name}: ${error.message}`));
  }
}

async function upload(loops, others) {
  const names = [];
  const refused = [];
  const waiting = [...loops, ...others.filter((file) => file.size)];
  const total = waiting.length;
  const work = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift()) {
      try {
        const query = new URLSearchParams({ name: file.name });
        names.push((await send(`/api/files?${query}`, file)).name);
      } catch (error) {
        refused.push([file.name, error.message]);
      }
      emit("upload", { done: total - waiting.length, total });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  emit("upload", null);
  if (names.length) await post("/api/analyse", { names }).catch(failed);
  return refused;
}

function report(refused) {
  const [name, reason] = refused[0];
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more files)` : "";
  notify(`${name}: ${reason}${more}`, { kind: "error" });
}

// One summary of what was taken, what was left out and why.
function summarise({ analysed, left_out: out, skipped, copies }) {
  const parts = [`${analysed} file${analysed === 1 ? "" : "s"} analysed`];
  if (out.length) parts.push(`${out.length} left out as no loops (grey; take them in the editor): ${out[0][0]}`);
  if (skipped.length) parts.push(`${skipped.length} cannot be read: ${skipped[0][0]}: ${skipped[0][1]}`);
  if (copies.length) parts.push(`${copies.length} the same as another`);
  const unsure = state.loops.filter((loop) => loop.unsure && loop.taken).length;
  if (unsure) parts.push(`${unsure} to check (tempo)`);
  notify(`${parts.join("; ")}.`, { kind: skipped.length ? "error" : "info" });
}

export function setUpIntake() {
  let depth = 0;
  const drop = $("#drop");
  window.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    depth++;
    drop.hidden = false;
  });
  window.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    drop.hidden = depth === 0;
  });
  window.addEventListener("dragover", (event) => event.preventDefault());
  window.addEventListener("drop", async (event) => {
    event.preventDefault();
    depth = 0;
    drop.hidden = true;
    if (event.dataTransfer) await filesOf(event.dataTransfer).then(take).catch(failed);
  });
  for (const id of ["#choose-files", "#choose-folder"]) {
    $(id).addEventListener("change", (event) => {
      take([...event.target.files]).catch(failed);
      event.target.value = "";
    });
  }
  $("#add-files").addEventListener("click", () => $("#choose-files").click());
  $("#add-folder").addEventListener("click", () => $("#choose-folder").click());
  $("#empty-files").addEventListener("click", () => $("#choose-files").click());
  $("#search-again").addEventListener("click", () => post("/api/analyse").catch(failed));
  on("upload", (progress) => {
    $("#intake-state").textContent = progress ? `sending ${progress.done} of ${progress.total}` : "";
  });
  on("job", (job) => {
    if (job.kind === "analysis" && job.state === "finished") summarise(job);
  });
}

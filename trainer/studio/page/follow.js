// Follows the module by OSC: its places and controls are shown here, and moved from here.

import { post } from "./api.js";
import { $, failed } from "./dom.js";
import { moveTo, patch, set } from "./instrument.js";
import { PARAMETERS } from "./patch.js";
import { on, state } from "./store.js";

let following = false;
let applying = false; // while a value that came from the module is taken over
let waiting = new Map(); // by address: what is sent next
let sending = false;

function take(address, [first, ...rest]) {
  const [, number, name] = /^\/voice\/([123])\/(\w+)$/.exec(address) ?? [null, null, address.slice(1)];
  const parameter = PARAMETERS[name];
  if (!parameter || parameter.voice !== Boolean(number) || !Number.isFinite(first)) return;
  const voice = number ? Number(number) - 1 : null;
  if (name === "x") moveTo(voice, first, patch.y[voice]);
  else if (name === "y") moveTo(voice, patch.x[voice], first);
  else if (name === "run") return; // the module’s clock is its own
  else if (parameter.count > 1) [first, ...rest].forEach((value, place) => set(name, value, voice, place));
  else set(name, first, voice);
}

function received({ answers, values }) {
  if (!following) return;
  applying = true;
  try {
    for (const [address, given] of Object.entries(values)) take(address, given);
  } finally {
    applying = false;
  }
  const kit = values["/bundle"]?.[0];
  if (kit) $("#push-state").textContent = `following the module; it plays ${kit}`;
  else if (!answers) {
    $("#push-state").textContent = "the module does not answer at its OSC port; its settings.toml says who may ask ([osc] host)";
  }
}

// Sends what was moved, the last value at each address, one request at a time.
async function flush() {
  if (sending) return;
  sending = true;
  while (waiting.size) {
    const messages = [...waiting].map(([address, values]) => [address, ...values]);
    waiting = new Map();
    try {
      await post("/api/move", { messages });
    } catch (error) {
      failed(error);
      await leave().catch(failed);
    }
  }
  sending = false;
}

function send(address, ...values) {
  if (!following || applying) return;
  waiting.set(address, values);
  flush();
}

function stop() {
  following = false;
  waiting.clear();
  $("#follow").setAttribute("aria-pressed", false);
}

async function leave() {
  stop();
  await post("/api/follow", { host: null });
}

async function toggle() {
  if (following) {
    await leave();
    return;
  }
  const [host, port] = ($("#host").value.trim() || (state.local ? "127.0.0.1" : "exnihilo.local")).split(":");
  following = true; // what the module sends may come before the answer
  $("#push-state").textContent = "waiting for the module…";
  try {
    await post("/api/follow", { host, ...(port ? { port: Number(port) } : {}) });
  } catch (error) {
    stop();
    $("#push-state").textContent = "";
    throw error;
  }
  $("#follow").setAttribute("aria-pressed", true);
}

export function setUpFollowing() {
  $("#follow").addEventListener("click", () => toggle().catch(failed));
  on("module", received);
  on("move", ({ voice, x, y }) => {
    send(`/voice/${voice + 1}/x`, x);
    send(`/voice/${voice + 1}/y`, y);
  });
  on("set", ({ name, voice }) => {
    if (name === "run") return;
    const value = voice === null ? patch[name] : patch[name][voice];
    send(voice === null ? `/${name}` : `/voice/${voice + 1}/${name}`, ...[value].flat());
  });
}

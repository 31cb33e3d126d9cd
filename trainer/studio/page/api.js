// Requests to the server that served this page, and its events.

export class Refused extends Error {
  constructor(status, reason, conflict) {
    super(reason);
    this.status = status;
    this.conflict = conflict;
  }
}

async function answer(response) {
  if (response.ok) return response;
  let reason = await response.text();
  let conflict = false;
  try {
    ({ reason, conflict } = JSON.parse(reason));
  } catch {
    // A refusal in plain text.
  }
  throw new Refused(response.status, reason || `the server answered ${response.status}`, conflict);
}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, "the studio does not answer; is it still running?", false);
  }
  return answer(response);
}

export const get = async (path) => (await ask(path)).json();
export const bytes = async (path) => (await ask(path)).arrayBuffer();

export async function post(path, content = {}) {
  const headers = { "content-type": "application/json", "x-studio": "1" };
  return (await ask(path, { method: "POST", headers, body: JSON.stringify(content) })).json();
}

export async function send(path, body) {
  const headers = { "content-type": "application/octet-stream", "x-studio": "1" };
  return (await ask(path, { method: "POST", headers, body })).json();
}

const RETRY_MS = 1000;

// Calls onEvent(event, bytes or null) for every event, and onState(connected). Connects again
// for as long as the page is open.
export function listen(onEvent, onState) {
  const socket = new WebSocket(`ws://${location.host}/api/events`);
  socket.binaryType = "arraybuffer";
  let wasOpen = false;
  socket.onopen = () => {
    wasOpen = true;
    onState(true);
  };
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") {
      onEvent(JSON.parse(data), null);
      return;
    }
    const size = new DataView(data).getUint32(0, true);
    const text = new TextDecoder().decode(new Uint8Array(data, 4, size));
    onEvent(JSON.parse(text), new Uint8Array(data, 4 + size));
  };
  socket.onclose = () => {
    if (wasOpen) onState(false);
    setTimeout(() => listen(onEvent, onState), RETRY_MS);
  };
}

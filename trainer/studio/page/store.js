// What the page shows, and who wants to know when it changes.

const listeners = new Map();

export function on(names, listener) {
  for (const name of names.split(" ")) {
    if (!listeners.has(name)) listeners.set(name, []);
    listeners.get(name).push(listener);
  }
}

export function emit(name, detail) {
  for (const listener of listeners.get(name) ?? []) listener(detail);
}

export const state = {
  project: "",
  local: false,
  loops: [],
  byId: new Map(),
  byName: new Map(),
  revision: 0,
  undo: null,
  redo: null,
  selected: null, // the id of the loop in the editor
  trainings: [],
  playing: null, // the id of the training that plays
  candidates: [null, null, null], // which kept candidate each voice plays, null: the kit's own
  kept: null, // {points, candidates, chosen} of the training that plays
  voice: 0, // the voice that the map shows
  jobs: new Map(), // by number
  connected: true,
};

// Takes over loops that were changed.
export function changeLoops({ loops, revision, undo, redo }) {
  const changed = new Map(loops.map((loop) => [loop.id, loop]));
  state.loops = state.loops.map((loop) => changed.get(loop.id) ?? loop);
  for (const loop of loops) {
    state.byId.set(loop.id, loop);
    state.byName.set(loop.name, loop);
  }
  Object.assign(state, { revision, undo, redo });
  emit("loops");
}

const byName = new Intl.Collator(undefined, { numeric: true }).compare;

export function setLoops({ loops, revision, undo, redo }) {
  state.loops = loops.sort((a, b) => byName(a.name, b.name));
  state.byId = new Map(loops.map((loop) => [loop.id, loop]));
  state.byName = new Map(loops.map((loop) => [loop.name, loop]));
  Object.assign(state, { revision, undo, redo });
  emit("loops");
}

// The portable core: the firmware's own decoder and sequencer as WebAssembly.

import { STATE_BYTES, STEPS, VOICES, patternAt, writeState } from "./patch.js";

const OUTPUT_BYTES = 56;
const PATTERN_BYTES = 768;
const PAGE = 65536;
const NEVER = -(2n ** 63n);
export const GRID = 64;

// Memory of one instance, handed out from the end of what the core uses itself.
class Memory {
  constructor(core) {
    this.core = core;
    this.free = core.exnihilo_memory();
  }

  reserve(size) {
    const at = (this.free + 15) & ~15;
    this.free = at + size;
    const missing = this.free - this.core.memory.buffer.byteLength;
    if (missing > 0) this.core.memory.grow(Math.ceil(missing / PAGE));
    return at;
  }

  put(bytes) {
    const at = this.reserve(bytes.byteLength);
    new Uint8Array(this.core.memory.buffer).set(new Uint8Array(bytes), at);
    return at;
  }

  view() {
    return new DataView(this.core.memory.buffer);
  }

  text(at) {
    const bytes = new Uint8Array(this.core.memory.buffer);
    return String.fromCharCode(...bytes.slice(at, bytes.indexOf(0, at)));
  }
}

const instance = (module) => new WebAssembly.Instance(module, {}).exports;

// A kit whose files hold what its manifest says; throws the reason why one does not.
export class Kit {
  constructor(module, manifest, models) {
    this.core = instance(module);
    this.memory = new Memory(this.core);
    this.kit = this.memory.reserve(this.core.exnihilo_kit_bytes());
    const text = this.memory.put(manifest);
    this.check(this.core.exnihilo_kit_begin(this.kit, text, manifest.byteLength));
    this.voices = this.core.exnihilo_kit_voices(this.kit);
    models.forEach((model, voice) => {
      const data = this.memory.put(model);
      const scratch = this.memory.reserve(model.byteLength);
      this.check(this.core.exnihilo_kit_load(this.kit, voice, data, model.byteLength, scratch));
    });
    this.position = this.memory.reserve(32);
    this.pattern = this.memory.reserve(PATTERN_BYTES);
  }

  check(reason) {
    if (reason) throw new Error(this.memory.text(reason));
  }

  // Decodes at knob positions 0..1; the result is valid until the next call.
  decode(voice, position) {
    const given = new Float64Array(this.core.memory.buffer, this.position, 4);
    given.set(position);
    this.core.exnihilo_kit_decode(this.kit, voice, this.position, this.pattern);
    return new Float64Array(this.core.memory.buffer, this.pattern, 3 * STEPS);
  }
}

// The engine: a state and time in, outputs out.
export class Engine {
  constructor(module) {
    this.core = instance(module);
    this.memory = new Memory(this.core);
    this.engine = this.memory.reserve(this.core.exnihilo_engine_bytes());
    this.state = this.memory.reserve(STATE_BYTES);
    this.core.exnihilo_engine_begin(this.engine);
    this.patterns = Array.from({ length: VOICES }, () => new Float64Array(3 * STEPS));
  }

  // patterns: onset, velocity and offset of 32 steps each, one array per voice.
  setState(patch, patterns, moves, recall, nowNs) {
    writeState(this.memory.view(), this.state, patch, moves, recall);
    patterns.forEach((pattern, voice) => {
      // The firmware's player, too, is sent single precision.
      const place = new Float64Array(this.core.memory.buffer, this.state + patternAt(voice), 3 * STEPS);
      place.set(new Float32Array(pattern));
    });
    this.core.exnihilo_engine_set_state(this.engine, this.state, nowNs);
  }

  reset(nowNs) {
    this.core.exnihilo_engine_reset(this.engine, nowNs);
  }

  // Advances at every deadline before `endNs`; calls take(output) for each output.
  run(nowNs, endNs, take) {
    for (;;) {
      const deadline = this.core.exnihilo_engine_next_deadline_ns(this.engine);
      if (deadline === NEVER || deadline >= endNs) return;
      const at = deadline > nowNs ? deadline : nowNs;
      do {
        this.take(this.core.exnihilo_engine_advance(this.engine, at), take);
      } while (this.core.exnihilo_engine_full(this.engine));
    }
  }

  take(count, take) {
    const view = this.memory.view();
    const start = this.core.exnihilo_engine_outputs(this.engine);
    for (let n = 0; n < count; n++) take(outputAt(view, start + n * OUTPUT_BYTES));
  }

  step(voice) {
    return this.core.exnihilo_engine_step(this.engine, voice);
  }

  tick() {
    return this.core.exnihilo_engine_tick(this.engine);
  }
}

export const LEVELS = 0;
export const MIDI = 1;

function outputAt(view, at) {
  const kind = view.getInt32(at + 44, true);
  const size = view.getInt32(at + 48, true);
  const output = { timeNs: view.getBigInt64(at, true), voice: view.getInt32(at + 40, true), kind };
  if (kind === LEVELS) {
    output.volts = [8, 16, 24, 32].map((more) => view.getFloat64(at + more, true));
  } else {
    output.data = Array.from({ length: kind === MIDI ? size : 1 }, (_, n) => view.getUint8(at + 52 + n));
  }
  return output;
}

// A map that is looked up: rows of Y, columns of X, heads of 32 bytes. It stands for a decoder
// that does not exist yet, as a training's does.
export class Grid {
  constructor(data, heads) {
    this.data = data;
    this.heads = heads;
    this.pattern = new Float64Array(3 * STEPS);
  }

  decode(_voice, [x, y]) {
    const column = Math.round(x * (GRID - 1));
    const row = Math.round(y * (GRID - 1));
    const at = (row * GRID + column) * this.heads * STEPS;
    for (let step = 0; step < STEPS; step++) {
      this.pattern[step] = this.data[at + step] / 255;
      this.pattern[STEPS + step] = this.data[at + (this.heads > 1 ? STEPS : 0) + step] / 255;
      this.pattern[2 * STEPS + step] = this.heads > 2 ? this.data[at + 2 * STEPS + step] / 255 - 0.5 : 0;
    }
    return this.pattern;
  }
}

// The onset probabilities of a whole map, 0..255 in 32 bytes per cell, for drawing and search.
export function renderMap(source, voice, size = GRID) {
  const cells = new Uint8Array(size * size * STEPS);
  for (let row = 0, at = 0; row < size; row++) {
    for (let column = 0; column < size; column++, at += STEPS) {
      const pattern = source.decode(voice, [column / (size - 1), row / (size - 1), 0.5, 0.5]);
      for (let step = 0; step < STEPS; step++) cells[at + step] = Math.round(pattern[step] * 255);
    }
  }
  return cells;
}

// The cell whose pattern misses the wanted steps (0/1 of 32) least; the surest among equals.
export function nearestCell(cells, wanted, threshold, size = GRID) {
  const limit = threshold * 255;
  let best = { distance: Infinity, doubt: Infinity, cell: 0 };
  for (let cell = 0; cell < size * size; cell++) {
    let distance = 0;
    let doubt = 0;
    for (let step = 0; step < STEPS; step++) {
      const level = cells[cell * STEPS + step];
      if ((level > limit) !== Boolean(wanted[step])) distance++;
      doubt += wanted[step] ? 255 - level : level;
    }
    if (distance < best.distance || (distance === best.distance && doubt < best.doubt)) {
      best = { distance, doubt, cell };
    }
  }
  return {
    x: (best.cell % size) / (size - 1),
    y: Math.floor(best.cell / size) / (size - 1),
    distance: best.distance,
  };
}

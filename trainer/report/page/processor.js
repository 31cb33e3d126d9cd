// The audio thread: decoder, sequencer and sound. It needs nothing of the page while it plays.

import { Engine, Grid, Kit, LEVELS, MIDI } from "./core.js";
import { STEPS, VOICES, newPatch } from "./patch.js";
import { Synth } from "./synth.js";

const SILENCE = new Float64Array(3 * STEPS);
const GLIDE_FRAMES = 1024;
const STEPS_PER_BAR = 16;

class Player extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.module = new WebAssembly.Module(processorOptions.core);
    this.engine = new Engine(this.module);
    this.synth = new Synth(sampleRate);
    this.patch = { ...newPatch(), run: 0 };
    this.sources = [null, null, null];
    this.moves = [0, 0, 0];
    this.recall = 0;
    this.paths = [null, null, null];
    this.glides = [null, null, null];
    this.dirty = true;
    this.steps = [-1, -1, -1];
    this.recording = null;
    this.port.onmessage = ({ data }) => this.handle(data);
  }

  handle(message) {
    const handlers = {
      patch: () => this.setPatch(message.patch),
      position: () => this.setPosition(message.voice, message.x, message.y, message.glideS),
      kit: () => this.setKit(message),
      grid: () => this.setSource(message.voice, new Grid(message.data, message.heads)),
      fixed: () => this.setSource(message.voice, { decode: () => message.pattern }),
      silent: () => this.setSource(message.voice, null),
      path: () => this.setPath(message),
      slices: () => this.synth.setSlices(message.voice, message.slices),
      reset: () => this.engine.reset(this.nowNs()),
      record: () => { this.recording = message.on ? [] : this.flush(); },
    };
    handlers[message.type]();
  }

  nowNs() {
    return BigInt(Math.round((currentFrame * 1e9) / sampleRate));
  }

  setPatch(patch) {
    // Where the voices are is sent apart, since a glide or a path may be moving them.
    this.patch = { ...patch, x: this.patch.x, y: this.patch.y };
    this.dirty = true;
  }

  setPosition(voice, x, y, glideS = 0) {
    if (glideS > 0) {
      const frames = glideS * sampleRate;
      this.glides[voice] = { from: [this.patch.x[voice], this.patch.y[voice]], to: [x, y], start: currentFrame, frames };
      return;
    }
    this.glides[voice] = null;
    this.place(voice, x, y);
  }

  place(voice, x, y) {
    this.patch.x[voice] = x;
    this.patch.y[voice] = y;
    this.moves[voice] = (this.moves[voice] + 1) % 65536;
    this.dirty = true;
  }

  setKit({ manifest, models }) {
    const kit = new Kit(this.module, manifest, models);
    for (let voice = 0; voice < VOICES; voice++) this.sources[voice] = voice < kit.voices ? kit : null;
    this.recall++;
    this.dirty = true;
  }

  setSource(voice, source) {
    this.sources[voice] = source;
    this.moves[voice]++;
    this.dirty = true;
  }

  setPath({ voice, points, bars }) {
    this.paths[voice] = points && points.length > 1 ? { points, bars } : null;
  }

  // Moves what glides or follows a path, every GLIDE_FRAMES.
  move() {
    if (currentFrame % GLIDE_FRAMES >= 128) return;
    this.glides.forEach((glide, voice) => {
      if (!glide) return;
      const share = Math.min((currentFrame - glide.start) / glide.frames, 1);
      const [x, y] = [0, 1].map((axis) => glide.from[axis] + share * (glide.to[axis] - glide.from[axis]));
      if (share === 1) this.glides[voice] = null;
      this.place(voice, x, y);
      this.port.postMessage({ type: "moved", voice, x, y });
    });
    this.paths.forEach((path, voice) => {
      if (path && this.patch.run) this.followPath(path, voice);
    });
  }

  followPath({ points, bars }, voice) {
    const steps = Number(this.engine.tick()) / 24;
    const share = (steps / (bars * STEPS_PER_BAR)) % 1;
    const at = share * points.length;
    const [a, b] = [points[Math.floor(at) % points.length], points[(Math.floor(at) + 1) % points.length]];
    const [x, y] = [0, 1].map((axis) => a[axis] + (at % 1) * (b[axis] - a[axis]));
    if (Math.abs(x - this.patch.x[voice]) + Math.abs(y - this.patch.y[voice]) < 1e-4) return;
    this.place(voice, x, y);
    this.port.postMessage({ type: "moved", voice, x, y });
  }

  sendState(nowNs) {
    const patterns = this.sources.map((source, voice) => {
      if (!source) return SILENCE;
      const at = [this.patch.x[voice], this.patch.y[voice], this.patch.z[voice], this.patch.w[voice]];
      return source.decode(voice, at).slice();
    });
    this.engine.setState(this.patch, patterns, this.moves, this.recall, nowNs);
    this.dirty = false;
  }

  process(_inputs, [[left, right = left]]) {
    left.fill(0);
    right.fill(0);
    this.move();
    const nowNs = this.nowNs();
    if (this.dirty) this.sendState(nowNs);
    const endNs = BigInt(Math.round(((currentFrame + left.length) * 1e9) / sampleRate));
    let frame = 0;
    this.engine.run(nowNs, endNs, (output) => {
      const due = Math.round((Number(output.timeNs) * sampleRate) / 1e9) - currentFrame;
      const until = Math.min(Math.max(due, frame), left.length);
      this.synth.add(left, right, frame, until);
      frame = until;
      this.write(output, currentFrame + until);
    });
    this.synth.add(left, right, frame, left.length);
    this.report();
    return true;
  }

  write(output, frame) {
    if (output.kind === LEVELS) {
      const begins = this.synth.take(output.voice, output.volts, this.engine.step(output.voice));
      if (begins && this.recording) {
        this.recording.push([output.voice, this.engine.step(output.voice), Number(output.timeNs), frame]);
      }
    } else if (output.kind === MIDI) {
      this.port.postMessage({ type: "midi", data: output.data, timeS: Number(output.timeNs) / 1e9 });
    }
  }

  report() {
    const steps = [0, 1, 2].map((voice) => this.engine.step(voice));
    if (steps.every((step, voice) => step === this.steps[voice])) return;
    this.steps = steps;
    this.port.postMessage({ type: "steps", steps, tick: Number(this.engine.tick()) });
  }

  flush() {
    this.port.postMessage({ type: "recorded", notes: this.recording ?? [], rate: sampleRate });
    return null;
  }
}

registerProcessor("exnihilo-player", Player);

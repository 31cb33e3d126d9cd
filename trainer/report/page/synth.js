// What sounds: a small phase-modulation synth as the simulator's, or slices of loops.
//
// Runs in the audio thread: nothing is allocated per sample, nothing waits.

const TIMBRES = [
  { ratio: 1, index: 3.2, close: 0.09, decay: 0.35, left: 0.71, right: 0.71, gain: 1, octave: -1 },
  { ratio: 2, index: 1.6, close: 0.12, decay: 0.45, left: 0.88, right: 0.47, gain: 0.6, octave: 0 },
  { ratio: 3.5, index: 1.1, close: 0.05, decay: 0.25, left: 0.47, right: 0.88, gain: 0.5, octave: 1 },
];
const C4_HZ = 440 * 2 ** (-9 / 12);
const HIGHEST_HZ = 6000;
const RELEASE_S = 0.06;
const ATTACK_S = 0.002;
const LEVEL = 0.32;

// One voice: a note at a time, a slice at a time.
class Sound {
  constructor(timbre, rate) {
    this.timbre = timbre;
    this.rate = rate;
    this.age = -1;
    this.released = -1;
    this.phase = 0;
    this.slice = null;
    this.at = 0;
    this.end = 0;
  }

  start(pitchVolts, level, accent, slice) {
    this.age = 0;
    this.released = -1;
    this.phase = 0;
    this.hz = C4_HZ * 2 ** (pitchVolts + this.timbre.octave);
    this.loudness = LEVEL * (0.15 + 0.85 * level) * (accent ? 1.3 : 1) * this.timbre.gain;
    const bright = this.timbre.index * (0.3 + 0.7 * level) * (accent ? 1.5 : 1);
    this.index = this.hz * this.timbre.ratio > HIGHEST_HZ ? 0 : bright;
    this.slice = slice;
    if (slice) {
      this.at = slice.start;
      this.end = slice.end;
      this.loudness = 0.9 * (0.15 + 0.85 * level) * (accent ? 1.15 : 1);
    }
  }

  bend(pitchVolts) {
    this.hz = C4_HZ * 2 ** (pitchVolts + this.timbre.octave);
  }

  release() {
    if (this.age >= 0 && this.released < 0) this.released = this.age;
  }

  // Adds the next frames to two channels.
  add(left, right, from, to) {
    if (this.age < 0) return;
    if (this.slice) this.addSlice(left, right, from, to);
    else this.addTone(left, right, from, to);
  }

  addSlice(left, right, from, to) {
    const { samples } = this.slice;
    const fade = this.rate * 0.004;
    for (let n = from; n < to; n++) {
      if (this.at >= this.end) {
        this.age = -1;
        return;
      }
      const edge = Math.min(1, (this.end - this.at) / fade);
      const value = samples[this.at++] * this.loudness * edge;
      left[n] += value;
      right[n] += value;
    }
  }

  addTone(left, right, from, to) {
    const { ratio, close, decay } = this.timbre;
    for (let n = from; n < to; n++) {
      const t = this.age / this.rate;
      const since = this.released < 0 ? 0 : (this.age - this.released) / (this.rate * RELEASE_S);
      if (since >= 1 || t > 8 * decay) {
        this.age = -1;
        return;
      }
      const envelope = Math.min(1, t / ATTACK_S) * Math.exp(-t / decay) * (1 - since) ** 2;
      const depth = this.index * Math.exp(-t / close);
      const value = Math.sin(this.phase + depth * Math.sin(ratio * this.phase)) * envelope * this.loudness;
      this.phase += (2 * Math.PI * this.hz) / this.rate;
      left[n] += value * this.timbre.left;
      right[n] += value * this.timbre.right;
      this.age++;
    }
  }
}

export class Synth {
  constructor(rate) {
    this.sounds = TIMBRES.map((timbre) => new Sound(timbre, rate));
    this.gates = [false, false, false];
    this.kits = [null, null, null];
  }

  // slices: for each of 32 steps {samples, start, end}, or null for the synth.
  setSlices(voice, slices) {
    this.kits[voice] = slices;
  }

  // Takes a voice's voltages: pitch, velocity, accent, gate. Returns whether a note begins.
  take(voice, [pitch, velocity, accent, gate], step) {
    const up = gate > 2.5;
    const begins = up && !this.gates[voice];
    const sound = this.sounds[voice];
    if (begins) {
      const slices = this.kits[voice];
      sound.start(pitch, velocity / 5, accent > 2.5, slices && slices[step & 31]);
    } else if (up) {
      sound.bend(pitch);
    } else if (this.gates[voice]) {
      sound.release();
    }
    this.gates[voice] = up;
    return begins;
  }

  add(left, right, from, to) {
    for (const sound of this.sounds) sound.add(left, right, from, to);
  }
}

// The parameters of the instrument, and how the portable core lays out what it plays.
//
// A test compares this table with the firmware's own.

export const VOICES = 3;
export const STEPS = 32;
export const PITCHES = 8;
export const STATE_BYTES = 2760;
const VOICE_BYTES = 896;

const NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const SCALES = ["chromatic", "major", "minor", "dorian", "phrygian", "lydian", "mixolydian",
  "locrian", "harmonic minor", "major pentatonic", "minor pentatonic", "blues", "whole tone",
  "octaves"];

const voice = (low, high, initial, more = {}) => ({ low, high, initial, voice: true, count: 1, ...more });
const all = (low, high, initial, more = {}) => ({ low, high, initial, voice: false, count: 1, ...more });
const whole = { whole: true };
const choice = (choices) => ({ whole: true, choices });
const SWITCH = choice(["off", "on"]);

export const PARAMETERS = {
  x: voice(0, 1, 0.5),
  y: voice(0, 1, 0.5),
  z: voice(0, 1, 0.5),
  w: voice(0, 1, 0.5),
  threshold: voice(0, 1, 0.5),
  length: voice(1, STEPS, STEPS, whole),
  rotate: voice(0, STEPS - 1, 0, whole),
  division: voice(-16, 16, 1, whole),
  mute: voice(0, 1, 0, SWITCH),
  pitch: voice(0, 127, 60, { whole: true, count: PITCHES }),
  slide: voice(0, 1, 0, { ...SWITCH, count: PITCHES }),
  transpose: voice(-60, 60, 0, whole),
  advance: voice(0, 1, 0, choice(["step", "gate"])),
  gate_mode: voice(0, 2, 0, choice(["share", "trigger", "tie"])),
  gate: voice(0.01, 1, 0.5),
  trigger: voice(1, 10, 5),
  accent: voice(0, 1, 0.75),
  groove: voice(0, 1, 1),
  dice: voice(0, 1, 0),
  ratchet: voice(2, 8, 2, whole),
  ratchet_chance: voice(0, 1, 0),
  fill: voice(0, 1, 0),
  tempo: all(20, 300, 120),
  run: all(0, 1, 1, SWITCH),
  swing: all(0.5, 0.75, 0.5),
  chaos: all(0, 1, 0),
  seed: all(0, 9999, 0, whole),
  freeze: all(0, 1, 0, SWITCH),
  quantum: all(0, 2, 0, choice(["step", "beat", "bar"])),
  scale: all(0, SCALES.length - 1, 0, choice(SCALES)),
  root: all(0, 11, 0, choice(NOTES)),
};
const QUANTUM_TICKS = [24, 96, 384];
const TRIGGER = 1;

// C minor pentatonic over three octaves, so that three voices sound well at once.
export const FIRST_PITCHES = [
  [36, 36, 48, 36, 39, 43, 36, 46],
  [60, 63, 67, 70, 72, 70, 67, 63],
  [72, 75, 79, 72, 82, 79, 75, 84],
];

// A patch: {name: value}, or for a voice's parameter {name: [value of voice 1, 2, 3]}.
export function newPatch() {
  const patch = {};
  for (const [name, one] of Object.entries(PARAMETERS)) {
    const first = (at) => {
      if (name === "pitch") return [...FIRST_PITCHES[at]];
      return one.count > 1 ? Array(one.count).fill(one.initial) : one.initial;
    };
    patch[name] = one.voice ? [0, 1, 2].map(first) : one.initial;
  }
  return patch;
}

// Brings a value into a parameter's range; division 0 is skipped, as on the module.
export function limited(name, value) {
  const { low, high, whole: isWhole } = PARAMETERS[name];
  const inside = Math.min(Math.max(Number(value), low), high);
  const given = isWhole ? Math.round(inside) : inside;
  return name === "division" && given === 0 ? 1 : given;
}

// Takes over the values of a saved patch that have the right form; the rest stays.
export function restored(saved) {
  const patch = newPatch();
  for (const name of Object.keys(PARAMETERS)) {
    const take = (before, given) => {
      if (Array.isArray(before)) {
        return Array.isArray(given) && given.length === before.length
          ? before.map((value, at) => take(value, given[at])) : before;
      }
      return Number.isFinite(given) ? limited(name, given) : before;
    };
    if (saved && name in saved) patch[name] = take(patch[name], saved[name]);
  }
  return patch;
}

// Writes a whole state but for the patterns, which lie at the start of each voice.
export function writeState(view, at, patch, moves, recall) {
  for (let number = 0; number < VOICES; number++) {
    writeVoice(view, at + number * VOICE_BYTES, patch, number, moves[number]);
  }
  const end = at + VOICES * VOICE_BYTES;
  view.setFloat64(end, Math.fround(patch.swing), true);
  view.setFloat64(end + 8, Math.fround(patch.chaos), true);
  const words = [patch.run, Math.round(1000 * patch.tempo), patch.seed, patch.freeze,
    QUANTUM_TICKS[patch.quantum], patch.scale, patch.root, recall, 0, 4, 0, 4, 0, 0];
  words.forEach((word, n) => view.setInt32(end + 16 + 4 * n, word, true));
}

function writeVoice(view, at, patch, number, moves) {
  const of = (name) => patch[name][number];
  const gate = of("gate_mode") === TRIGGER ? of("trigger") : of("gate");
  const shares = ["threshold", "groove", "dice", "ratchet_chance", "accent"].map(of);
  // The firmware sends these as float32.
  [...shares, gate, of("fill")].forEach((value, n) => view.setFloat64(at + 768 + 8 * n, Math.fround(value), true));
  const slides = of("slide").reduce((bits, on, place) => bits | (on << place), 0);
  const words = [of("gate_mode"), of("length"), of("rotate"), of("division"), of("ratchet"),
    of("mute"), of("advance"), slides, of("transpose"), ...of("pitch"), moves];
  words.forEach((word, n) => view.setInt32(at + 824 + 4 * n, word, true));
}

export const patternAt = (number) => number * VOICE_BYTES;

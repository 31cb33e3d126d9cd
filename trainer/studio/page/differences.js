// What the figures of trainings say in words.

const NAMES = {
  effective: "different rhythms",
  f1: "loops come back (F1)",
  held_coverage: "unknown loops within 4 steps",
  jump: "small moves that jump",
  x_density: "X with density",
  y_syncopation: "Y with syncopation",
  overlap: "overlap with other voices",
};

// [figure, better when higher, smallest difference that matters, words for more, for less]
const WORDS = [
  ["effective", 40, "more different rhythms", "fewer different rhythms"],
  ["f1", 0.01, "closer to the loops", "further from the loops"],
  ["jump", -0.01, "rougher under the hand", "smoother under the hand"],
  ["overlap", 0.03, "voices more alike", "voices less alike"],
  ["held_coverage", 0.03, "reaches more unknown loops", "reaches fewer unknown loops"],
];

const mean = (training, figure) => {
  const values = training.voices.map((voice) => voice.metrics[figure]).filter(Number.isFinite);
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : NaN;
};

// What `b` is beside `a`, in a few words.
export function differences(a, b) {
  const found = WORDS.flatMap(([figure, least, more, less]) => {
    const by = mean(b, figure) - mean(a, figure);
    if (!(Math.abs(by) >= Math.abs(least))) return [];
    return [{ weight: Math.abs(by / least), text: by > 0 ? more : less }];
  }).sort((one, two) => two.weight - one.weight).slice(0, 3).map((one) => one.text);
  const patterns = b.patterns - a.patterns;
  if (patterns) found.push(`${Math.abs(patterns)} ${patterns > 0 ? "more" : "fewer"} patterns to learn from`);
  return found.length ? `${found.join(", ")}.` : "no difference worth a word.";
}

function figure(value) {
  if (!Number.isFinite(value)) return "";
  return Math.abs(value) >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toPrecision(3);
}

// Rows of a table: a figure's name, and its value for each voice.
export function figures(training) {
  return Object.entries(NAMES)
    .map(([name, words]) => [words, ...training.voices.map((voice) => figure(voice.metrics[name]))])
    .filter(([, ...values]) => values.some(Boolean));
}

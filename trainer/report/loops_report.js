// Draws each loop while it is in view: thousands of drawings at once would take seconds.

const WIDTH = 640, WAVE = 56, CELLS = 34, HEIGHT = WAVE + 4 + CELLS;
const QUARTER = 4, BAR = 16; // in steps
const GROUP = 24; // loops: whole rows of one to four

const range = (first, end, by = 1) =>
  Array.from({ length: Math.max(0, Math.ceil((end - first) / by)) }, (_, n) => first + n * by);
const lines = (places, top, height) => places.map((x) => `M${x.toFixed(1)} ${top}v${height}`).join("");

// The waveform as an area, mirrored about its middle. `coded`: amplitudes of 0..255 in base64.
function wave(coded) {
  const heights = Array.from(atob(coded), (byte) => (byte.charCodeAt(0) / 255) * (WAVE / 2 - 2));
  const x = (at) => ((at * WIDTH) / (heights.length - 1)).toFixed(1);
  const above = heights.map((height, at) => `${x(at)} ${(WAVE / 2 - height).toFixed(1)}`);
  const below = heights.map((height, at) => `${x(at)} ${(WAVE / 2 + height).toFixed(1)}`);
  return `M${[...above, ...below.reverse()].join("L")}z`;
}

// A box per step, filled from below by 0..1.
function cells(heights, width) {
  const box = ([at, height]) =>
    `M${(at * width + width * 0.1).toFixed(1)} ${HEIGHT}v${(-CELLS * height).toFixed(1)}` +
    `h${(width * 0.8).toFixed(1)}V${HEIGHT}z`;
  return heights.map(box).join("");
}

// The waveform with grid and onsets, and the steps below: height is velocity.
function paths({ steps, onsets, outline }) {
  const width = WIDTH / steps;
  const played = onsets.split(" ").filter(Boolean).map((onset) => onset.split(":").map(Number));
  return {
    wave: wave(outline),
    beat: lines(range(QUARTER, steps, QUARTER).map((at) => at * width), 0, WAVE),
    bar: lines(range(BAR, steps, BAR).map((at) => at * width), 0, HEIGHT),
    hit: lines(played.map(([at, , late]) => ((at + late + steps) % steps) * width), 3, WAVE - 6),
    cell: cells(range(0, steps).map((at) => [at, 1]), width),
    step: cells(played, width),
  };
}

function draw(svg) {
  const { steps, onsets, outline } = svg.dataset;
  const drawn = Object.entries(paths({ steps: Number(steps), onsets, outline }));
  svg.innerHTML = drawn.map(([name, d]) => `<path class="${name}" d="${d}"/>`).join("");
}

const inView = new IntersectionObserver((changed) => {
  for (const { target, isIntersecting } of changed) {
    const drawings = target.querySelectorAll("svg");
    drawings.forEach((svg) => (isIntersecting ? draw(svg) : svg.replaceChildren()));
  }
}, { rootMargin: "400px" });

const words = document.querySelector("input[type=search]");
const odd = document.querySelector("input[type=checkbox]");
const loops = [...document.querySelectorAll("article")];

// Shows what is searched for, in groups that the browser lays out one by one.
function show() {
  const name = words.value.toLowerCase();
  const chosen = loops.filter(({ dataset }) =>
    dataset.name.includes(name) && (dataset.odd || !odd.checked));
  const groups = range(0, chosen.length, GROUP).map((first) => {
    const group = document.createElement("section");
    group.append(...chosen.slice(first, first + GROUP));
    return group;
  });
  inView.disconnect();
  document.querySelector("main").replaceChildren(...groups);
  groups.forEach((group) => inView.observe(group));
}

show();
words.oninput = odd.onchange = show;
document.querySelector("form").onsubmit = () => false;

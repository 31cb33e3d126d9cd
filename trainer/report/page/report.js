// The page of a kit plays it: maps, steps and sound, from nothing but this page.

const PACKED = "#kit";
const STEP_OF_KEY = 1 / 64;
const STEP_OF_SHIFTED_KEY = 1 / 8;
const NEAR = 0.02; // of the map's side: a press this near to a dot means its loop
const ACROSS = 8; // patterns along X and along Y in the picture of patterns
const kitPatch = { ...newPatch(), run: 0 };
let kit = null;
let sound = null;
let maps = [];
let points = []; // [name, x, y] of every loop, for each voice
let playingSteps = [-1, -1, -1];

// Reads {sizes, points} and the core, the manifest and the models that follow it.
async function unpacked() {
  const text = $(PACKED).textContent.trim();
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = await new Response(stream).arrayBuffer();
  let at = 4 + new DataView(data).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, at - 4)));
  const parts = head.sizes.map((size) => data.slice(at, (at += size)));
  return { points: head.points, parts };
}

const canvasOf = (voice) => $(`#map${voice + 1}`);
const tint = (voice) => colour(`voice${voice + 1}`);
const at = (voice) => [kitPatch.x[voice], kitPatch.y[voice], 0.5, 0.5];

function drawMap(voice) {
  const { context, width } = surface(canvasOf(voice));
  const shades = picture(voice, maps[voice], 1, kitPatch.threshold[voice]);
  context.drawImage(shades, 0, 0, width, width);
  drawDots(context, points[voice], width, colour("dot"));
  drawPuck(context, kitPatch.x[voice], kitPatch.y[voice], width, tint(voice), { main: true });
}

// Two bars, one above the other, at the middles of 8 x 8 squares: dark is a step that sounds.
function drawPatterns(voice) {
  const { context, width, height } = surface($(`#patterns${voice + 1}`));
  const [wide, high] = [width / ACROSS, height / ACROSS];
  const bars = STEPS / 2;
  context.fillStyle = tint(voice);
  for (let row = 0; row < ACROSS; row++) {
    for (let column = 0; column < ACROSS; column++) {
      const cell = Math.floor(((row + 0.5) * GRID) / ACROSS) * GRID + Math.floor(((column + 0.5) * GRID) / ACROSS);
      for (let step = 0; step < STEPS; step++) {
        const level = maps[voice][cell * STEPS + step] / 255;
        context.globalAlpha = level > kitPatch.threshold[voice] ? 1 : 0.08 + 0.3 * level;
        const left = column * wide + ((step % bars) * (wide - 8)) / bars;
        const top = (ACROSS - 1 - row) * high + (step < bars ? 0 : (high - 5) / 2);
        context.fillRect(left, top, Math.max((wide - 8) / bars - 0.7, 0.7), (high - 5) / 2 - 1);
      }
    }
  }
}

function showSteps(voice) {
  const pattern = kit.decode(voice, at(voice));
  const heard = [];
  [...$(`#steps${voice + 1}`).children].forEach((cell, step) => {
    const on = pattern[step] > kitPatch.threshold[voice];
    if (on) heard.push(step + 1);
    cell.className = `${on ? "on" : ""}${step === playingSteps[voice] ? " now" : ""}`;
  });
  $(`#steps${voice + 1}`).setAttribute("aria-label", `Steps that sound: ${heard.join(", ") || "none"}`);
}

function show(voice) {
  drawMap(voice);
  showSteps(voice);
}

function send() {
  sound.send({ type: "patch", patch: structuredClone(kitPatch) });
}

function moveTo(voice, x, y) {
  const [first, second] = [x, y].map((value) => limited("x", value));
  const dot = points[voice].find(([, px, py]) => Math.hypot(px - first, py - second) < NEAR);
  [kitPatch.x[voice], kitPatch.y[voice]] = dot ? dot.slice(1) : [first, second];
  sound.send({ type: "position", voice, x: kitPatch.x[voice], y: kitPatch.y[voice] });
  canvasOf(voice).dataset.place = `${kitPatch.x[voice]} ${kitPatch.y[voice]}`;
  const place = `x ${kitPatch.x[voice].toFixed(2)}, y ${kitPatch.y[voice].toFixed(2)}`;
  $(`#place${voice + 1}`).textContent = dot?.[0] ? `${place}: ${dot[0]}` : place;
  show(voice);
}

function setUpMap(voice) {
  const canvas = canvasOf(voice);
  const follow = (event) => {
    const box = canvas.getBoundingClientRect();
    moveTo(voice, (event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height);
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    follow(event);
  });
  canvas.addEventListener("pointermove", (event) => event.buttons && follow(event));
  canvas.addEventListener("keydown", (event) => {
    const by = event.shiftKey ? STEP_OF_SHIFTED_KEY : STEP_OF_KEY;
    const move = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, by], ArrowDown: [0, -by] }[event.key];
    if (!move) return;
    event.preventDefault();
    moveTo(voice, kitPatch.x[voice] + move[0], kitPatch.y[voice] + move[1]);
  });
  $(`#threshold${voice + 1}`).addEventListener("input", (event) => {
    kitPatch.threshold[voice] = Number(event.target.value);
    send();
    show(voice);
    drawPatterns(voice);
  });
  moveTo(voice, ...(points[voice][Math.floor(points[voice].length / 2)] ?? ["", 0.5, 0.5]).slice(1));
}

async function toggle() {
  if (!kitPatch.run) {
    await sound.start();
    sound.send({ type: "reset" });
  }
  kitPatch.run = 1 - kitPatch.run;
  $("#play").textContent = kitPatch.run ? "Stop" : "Play";
  $("#play").setAttribute("aria-pressed", Boolean(kitPatch.run));
  send();
}

function setUpSound(core, manifest, models) {
  const audio = `${$("#shared").textContent}\n${$("#audio").textContent}`;
  // A page that was opened as a file has no origin, and may load a worklet from no other address.
  sound = new Player(core, `data:text/javascript;charset=utf-8,${encodeURIComponent(audio)}`);
  sound.send({ type: "kit", manifest, models });
  send();
  sound.addEventListener("steps", ({ detail }) => {
    playingSteps = detail.steps;
    maps.forEach((_, voice) => showSteps(voice));
  });
  $("#play").addEventListener("click", () => toggle().catch(refuse));
  $("#tempo").addEventListener("change", (event) => {
    kitPatch.tempo = limited("tempo", Number(event.target.value) || kitPatch.tempo);
    event.target.value = kitPatch.tempo;
    send();
  });
}

function drawAll() {
  forgetColours();
  maps.forEach((_, voice) => {
    drawMap(voice);
    drawPatterns(voice);
  });
}

function refuse(error) {
  $("#player-state").textContent = `This kit cannot be played here: ${error.message}`;
}

async function open() {
  const { points: named, parts: [core, manifest, ...models] } = await unpacked();
  const module = await WebAssembly.compile(core);
  kit = new Kit(module, manifest, models);
  points = named;
  maps = models.map((_, voice) => renderMap(kit, voice));
  setUpSound(core, manifest, models);
  models.forEach((_, voice) => setUpMap(voice));
  drawAll();
  new ResizeObserver(framed(drawAll)).observe(document.body);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  $("#play").disabled = false;
  document.body.dataset.ready = "true";
}

open().catch(refuse);

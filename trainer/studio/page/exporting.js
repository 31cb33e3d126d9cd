// A place, a path or the kept places as .mid or .wav: by a click, or by dragging it out.

import { $, download, failed } from "./dom.js";
import { hasSource, wasm } from "./instrument.js";
import { paths } from "./map.js";
import { midiFile } from "./midi-file.js";
import { slicesFor } from "./nearest.js";
import { places } from "./places.js";
import { VOICES } from "./patch.js";
import { playing } from "./trainings.js";
import { on } from "./store.js";
import { render } from "./wav-file.js";

const BARS_PER_PLACE = 2;

// What is exported: bars, and how the voices move meanwhile.
function piece() {
  const what = $("#export-what").value;
  if (what === "path") {
    const bars = Math.max(...paths.map((path) => path?.bars ?? 0), 2);
    return { name: "path", bars, step: (share, playing_) => alongPaths(share * bars, playing_) };
  }
  if (what === "places") {
    const kept = places.filter(Boolean);
    const step = (share, playing_) => {
      const place = kept[Math.min(Math.floor(share * kept.length), kept.length - 1)];
      Object.assign(playing_, { x: [...place.x], y: [...place.y] });
    };
    return { name: "places", bars: kept.length * BARS_PER_PLACE, step };
  }
  return { name: "place", bars: Number($("#export-bars").value), step: null };
}

function alongPaths(bar, playing_) {
  for (let voice = 0; voice < VOICES; voice++) {
    const path = paths[voice];
    if (!path) continue;
    const at = ((bar / path.bars) % 1) * path.points.length;
    const [a, b] = [0, 1].map((more) => path.points[(Math.floor(at) + more) % path.points.length]);
    playing_.x[voice] = a[0] + (at % 1) * (b[0] - a[0]);
    playing_.y[voice] = a[1] + (at % 1) * (b[1] - a[1]);
  }
}

const title = (name) => `${(playing()?.name ?? "exnihilo").replace(/[^\w .-]/g, "-")} ${name}`;

export function midi() {
  const { name, bars, step } = piece();
  return { name: `${title(name)}.mid`, data: midiFile(wasm(), bars, step, title(name)) };
}

export async function wav() {
  const { name, bars, step } = piece();
  const kits = await Promise.all([0, 1, 2].map(slicesFor));
  return { name: `${title(name)}.wav`, data: render(wasm(), bars, step, kits) };
}

const base64 = (data) => btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""));

function show() {
  const options = $("#export-what").options;
  options[1].disabled = !paths.some(Boolean);
  options[2].disabled = !places.some(Boolean);
  if (options[$("#export-what").selectedIndex].disabled) $("#export-what").selectedIndex = 0;
  const none = !Array.from({ length: VOICES }, (_, voice) => hasSource(voice)).some(Boolean);
  $("#export-midi").disabled = none;
  $("#export-wav").disabled = none;
}

export function setUpExporting() {
  $("#export-midi").addEventListener("click", () => {
    const { name, data } = midi();
    download(name, data, "audio/midi");
  });
  $("#export-wav").addEventListener("click", () => {
    wav().then(({ name, data }) => download(name, data, "audio/wav")).catch(failed);
  });
  // Chromium takes a file out of the page by this type; others drop the text.
  $("#export-midi").addEventListener("dragstart", (event) => {
    const { name, data } = midi();
    event.dataTransfer.setData("DownloadURL", `audio/midi:${name}:data:audio/midi;base64,${base64(data)}`);
    event.dataTransfer.effectAllowed = "copy";
  });
  on("map path places", show);
  show();
}

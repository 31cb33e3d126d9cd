// Elements, messages and drawing surfaces.

// Makes an element; properties that begin with "on" are listeners, "data" is a dataset, "aria"
// holds attributes. Text is never parsed as markup.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(node.dataset, value);
    else if (name === "aria") {
      for (const [key, text] of Object.entries(value)) node.setAttribute(`aria-${key}`, text);
    } else if (name === "role" || name === "for" || name === "tabindex") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const $ = (selector) => document.querySelector(selector);

const NS = "http://www.w3.org/2000/svg";
const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  stop: "M6 6h12v12H6z",
  undo: "M9 5 4 10l5 5v-3h5a4 4 0 0 1 0 8h-3v2h3a6 6 0 0 0 0-12H9z",
  redo: "M15 5l5 5-5 5v-3h-5a4 4 0 0 0 0 8h3v2h-3a6 6 0 0 1 0-12h5z",
  star: "M12 3l2.7 6 6.3.6-4.8 4.3 1.4 6.3L12 17l-5.6 3.2 1.4-6.3L3 9.6 9.3 9z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.4-5.6-5.6L6.4 19 5 17.6 10.6 12 5 6.4z",
  down: "M11 4h2v9l3.5-3.5L18 11l-6 6-6-6 1.5-1.5L11 13zM5 19h14v2H5z",
  left: "M14.5 5 16 6.5 10.5 12l5.5 5.5-1.5 1.5-7-7z",
  right: "M9.5 5 8 6.5l5.5 5.5L8 17.5 9.5 19l7-7z",
};

export function icon(name) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function button(label, onclick, properties = {}, ...children) {
  const content = children.length ? children : [label];
  const more = children.length ? { title: label, aria: { label, ...properties.aria } } : {};
  return el("button", { type: "button", onclick, ...properties, ...more }, ...content);
}

const SHOWN_MS = 7000;

// Shows a line at the bottom of the page, and says it to a screen reader.
export function notify(text, { kind = "info", action = null } = {}) {
  const line = el("div", { className: `note ${kind}` }, el("span", {}, text));
  const remove = () => line.remove();
  if (action) {
    line.append(button(action.label, () => {
      remove();
      action.run();
    }));
  }
  line.append(button("Dismiss", remove, { className: "plain" }, icon("close")));
  const place = $("#notes");
  place.append(line);
  while (place.children.length > 4) place.firstElementChild.remove();
  if (kind !== "error" && !action) setTimeout(remove, SHOWN_MS);
}

export const failed = (error) => notify(error.message, { kind: "error" });

// Fits a canvas to its size on the screen and returns its context, in CSS pixels. Where many
// canvases are drawn at once their size is given, since to ask for it costs a layout each.
export function surface(canvas, size = { width: canvas.clientWidth, height: canvas.clientHeight }) {
  const scale = window.devicePixelRatio || 1;
  const { width, height } = size;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

let colours = null;

// The colours of the style sheet by name, read once for each scheme.
export function colour(name) {
  if (!colours) {
    const style = getComputedStyle(document.documentElement);
    colours = new Proxy({}, {
      get: (known, key) => (known[key] ??= style.getPropertyValue(`--${key}`).trim()),
    });
  }
  return colours[name];
}

export const forgetColours = () => { colours = null; };

// Calls a function at most once per frame, with the latest arguments.
export function framed(run) {
  let waiting = null;
  return (...given) => {
    if (waiting === null) {
      requestAnimationFrame(() => {
        const last = waiting;
        waiting = null;
        run(...last);
      });
    }
    waiting = given;
  };
}

export function download(name, data, type) {
  const address = URL.createObjectURL(new Blob([data], { type }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// Plays the portable core as WebAssembly: commands on standard input, what it gives on output.
//
// The input is JSON: {wasm, manifest, models, places, commands}, bytes as hexadecimal text. A
// command is [name, time, state]. The output is JSON: {reasons, patterns, outputs}.
"use strict";
const fs = require("fs");

const OUTPUT_BYTES = 56;
const STATE_BYTES = 2760;
const PATTERN_BYTES = 768;

const input = JSON.parse(fs.readFileSync(0, "utf8"));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));

WebAssembly.instantiate(fs.readFileSync(input.wasm)).then(({ instance }) => {
  const core = instance.exports;
  let free = core.exnihilo_memory();
  const memory = () => new Uint8Array(core.memory.buffer);
  const reserve = (size) => {
    const at = (free + 15) & ~15;
    free = at + size;
    const missing = free - core.memory.buffer.byteLength;
    if (missing > 0) core.memory.grow(Math.ceil(missing / 65536));
    return at;
  };
  const put = (data) => {
    const at = reserve(data.length);
    memory().set(data, at);
    return at;
  };
  const hex = (at, size) => Buffer.from(memory().slice(at, at + size)).toString("hex");
  const text = (at) => {
    if (!at) return null;
    const end = memory().indexOf(0, at);
    return Buffer.from(memory().slice(at, end)).toString();
  };

  const manifest = bytes(input.manifest);
  const kit = reserve(core.exnihilo_kit_bytes());
  const reasons = [text(core.exnihilo_kit_begin(kit, put(manifest), manifest.length))];
  input.models.forEach((model, voice) => {
    const data = bytes(model);
    const at = put(data);
    reasons.push(text(core.exnihilo_kit_load(kit, voice, at, data.length, reserve(data.length))));
  });
  const pattern = reserve(PATTERN_BYTES);
  const position = reserve(32);
  const patterns = input.places.map(([voice, ...place]) => {
    new Float64Array(core.memory.buffer, position, place.length).set(place);
    core.exnihilo_kit_decode(kit, voice, position, pattern);
    return hex(pattern, PATTERN_BYTES);
  });

  const engine = reserve(core.exnihilo_engine_bytes());
  const state = reserve(STATE_BYTES);
  const outputs = input.commands.map(([name, time, given]) => {
    const now = BigInt(time);
    if (name === "begin") {
      core.exnihilo_engine_begin(engine);
      return "";
    }
    if (name === "state") {
      memory().set(bytes(given), state);
      core.exnihilo_engine_set_state(engine, state, now);
      return "";
    }
    const count = core["exnihilo_engine_" + name](engine, now);
    const at = core.exnihilo_engine_outputs(engine);
    return name === "advance" ? hex(at, count * OUTPUT_BYTES) : "";
  });
  process.stdout.write(JSON.stringify({ reasons, patterns, outputs }));
});

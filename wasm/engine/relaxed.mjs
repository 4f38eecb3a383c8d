// Gives f32x4.relaxed_madd its final number: node relaxed.mjs FILE. The clang of Emscripten 3.1.6 writes the number of the
// proposal's draft, 0xaf, where browsers know 0x105; as LEB128 both take two bytes, so nothing moves. The instructions are
// walked one by one (WebAssembly 2.0, chapter 5.4), because the same bytes may also be part of a constant.
import { readFileSync, writeFileSync } from "node:fs";

const kDraft = 0xaf;
const kFinal = 0x105;

const [file] = process.argv.slice(2);
const bytes = readFileSync(file);
let at = 8; // after the magic number and the version

function leb() {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
}

const skip = (count) => (at += count);
const lebs = (count) => () => {
  for (let i = 0; i < count; ++i) leb();
};
// How to pass what follows an opcode; those that are not here stand alone.
const kOperands = new Map([
  ...[0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x3f, 0x40, 0x41, 0x42].map((code) => [code, lebs(1)]),
  [0x0e, () => lebs(leb() + 1)()], // br_table
  [0x11, lebs(2)], // call_indirect
  [0x1c, () => lebs(leb())()], // select with types
  ...Array.from({ length: 0x3f - 0x28 }, (_, i) => [0x28 + i, lebs(2)]), // loads and stores
  [0x43, () => skip(4)], // f32.const
  [0x44, () => skip(8)], // f64.const
  [0xd0, lebs(1)],
  [0xd2, lebs(1)],
  [0xfc, () => lebs([0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 2, 1, 1, 1, 1][leb()])()],
  [0xfd, vector],
]);

let found = 0;
function vector() {
  const start = at;
  const code = leb();
  if (code <= 11 || code === 92 || code === 93) lebs(2)(); // loads, stores
  else if (code === 12 || code === 13) skip(16); // v128.const, i8x16.shuffle
  else if (code >= 21 && code <= 34) skip(1); // lanes
  else if (code >= 84 && code <= 91) {
    lebs(2)();
    skip(1); // loads and stores of a lane
  } else if (code === kDraft) {
    if (at - start !== 2) throw new Error(`${file}: an instruction's number takes ${at - start} bytes, expected 2`);
    bytes[start] = (kFinal & 0x7f) | 0x80;
    bytes[start + 1] = kFinal >> 7;
    ++found;
  }
}

while (at < bytes.length) {
  const section = bytes[at++];
  const end = leb() + at;
  if (section === 10) {
    for (let left = leb(); left > 0; --left) {
      const body_end = leb() + at;
      for (let groups = leb(); groups > 0; --groups) {
        leb();
        skip(1); // a number of locals and their type
      }
      while (at < body_end) kOperands.get(bytes[at++])?.();
      if (at !== body_end) throw new Error(`${file}: a function ends at byte ${at}, expected ${body_end}`);
    }
  }
  at = end;
}
writeFileSync(file, bytes);
console.log(`${file}: ${found} instructions renamed`);

// What models other than decoders do in the engine module: the native engine's pictures of any size, its
// translations, and a critic's scores.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { noSite, repository, sitePath } from "./lib/files.mjs";
import { folder, maxDifference, nativeSample, noCli } from "./lib/native.mjs";

const kPixelStep = 1 / 255; // what an eye or a PNG can tell apart

const { createEngine, EngineError } = await import(pathToFileURL(join(repository, "web", "engine.js")));
const golden = (name) => join(repository, "tests", "golden", "tasks", `${name}.lcw`);

async function loaded(name) {
  const engine = await createEngine(readFileSync(sitePath("engine.wasm")));
  engine.load(new Uint8Array(readFileSync(golden(name))), { name });
  return engine;
}

// A NumPy file of little-endian float32.
function npy(shape, values) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const header = text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11) + "\n";
  const start = Buffer.from("\x93NUMPY\x01\x00\x00\x00", "latin1");
  start.writeUInt16LE(header.length, 8);
  return Buffer.concat([start, Buffer.from(header, "latin1"), Buffer.from(values.buffer)]);
}

test("a picture of any size is the native engine's", { skip: noSite || noCli }, async () => {
  const engine = await loaded("coordinates");
  assert.equal(engine.models[0].anyResolution, true);
  const native = nativeSample(golden("coordinates"), "--size", "97", "--count", "3", "--seed", "5");
  const frame = engine.sample({ seed: 5, count: 3, view: { width: 97, height: 97 } });
  assert.deepEqual([frame.count, frame.channels, frame.height, frame.width], native.shape);
  const { max, at } = maxDifference(frame.pictures, native.values);
  console.log(`3 pictures of 97 x 97: max difference ${max.toExponential(2)} at ${at}`);
  assert.ok(max <= kPixelStep);
  assert.ok(new Set(frame.pictures).size > 1000, "a picture of one colour proves nothing");
});

test("a picture of 1024 x 1024 needs little memory besides itself", { skip: noSite }, async () => {
  const engine = await loaded("coordinates");
  const { pictures } = engine.sample({ view: { width: 1024, height: 1024, centreX: 0.5, scale: 2 } });
  assert.equal(pictures.length, 3 * 1024 * 1024);
  assert.throws(
    () => engine.sample({ view: { width: 1025 } }),
    (error) => error instanceof EngineError && /1024/.test(error.message),
  );
});

test("a translation is the native engine's, in each direction", { skip: noSite || noCli }, async () => {
  const engine = await loaded("translating");
  const { directions } = engine.models[0];
  assert.deepEqual(directions, ["a-to-b", "b-to-a"]);
  const pictures = Float32Array.from({ length: 70 * 12 }, (_, i) => (i % 101) / 100);
  const path = join(folder, "to-translate.npy");
  writeFileSync(path, npy([70, 1, 3, 4], pictures));
  for (const [direction, name] of directions.entries()) {
    const native = nativeSample(golden("translating"), "--input", path, "--direction", name);
    const frame = engine.translate({ pictures, direction });
    assert.deepEqual([frame.count, frame.channels, frame.height, frame.width], native.shape);
    const { max } = maxDifference(frame.pictures, native.values);
    assert.ok(max <= kPixelStep, `${name}: differs by ${max}`);
  }
});

test("a critic gives a score and, asked for them, classes", { skip: noSite }, async () => {
  const engine = await loaded("translating");
  const pictures = Float32Array.from({ length: 7 * 12 }, (_, i) => (i % 13) / 12);
  assert.equal(engine.models[0].canClassify, true);
  assert.equal(engine.discriminate({ pictures }).scores.length, 7);
  const { scores } = engine.classify({ pictures });
  assert.equal(scores.length, 7 * 3);
  assert.ok(new Set(scores).size > 7);
});

// The engine module in node: the native engine's pixels, its verdicts on bad files, and its manners without
// memory.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { gzipSync } from "node:zlib";

import { allFiles, crc32, drawingFiles, noSite, read, repository, sitePath } from "./lib/files.mjs";
import { maxDifference, nativeSample, nativeVerdicts, noCli } from "./lib/native.mjs";

const kPixelStep = 1 / 255; // what an eye or a PNG can tell apart
const kMaxEngineBytes = 66 * 1024; // gzip, module and glue: the first picture waits for them
const kChecksumAt = 20; // docs/format.md
const kHeaderAt = 32;

const { createEngine, compileEngine, engineBuilds, EngineError } = await import(
  pathToFileURL(join(repository, "web", "engine.js"))
);
const module = noSite ? null : await compileEngine(readFileSync(sitePath("engine.wasm")));
const newEngine = () => createEngine(module);

function refusalOf(engine, bytes, name) {
  try {
    engine.load(bytes, { name });
    return null;
  } catch (error) {
    assert.ok(error instanceof EngineError, `${name}: ${error.stack}`);
    return error;
  }
}

test("engine and glue are small enough to come first", { skip: noSite }, () => {
  const sizes = ["engine.wasm", "worker.js"].map(
    (name) => gzipSync(readFileSync(sitePath(name)), { level: 9 }).length,
  );
  const [wasm, glue] = sizes;
  console.log(
    `engine.wasm ${wasm} bytes gzip, worker.js ${glue} bytes gzip, together ${wasm + glue} of ${kMaxEngineBytes}`,
  );
  assert.ok(wasm + glue <= kMaxEngineBytes);
});

// Node 20 knows relaxed SIMD behind a flag, later ones without.
setFlagsFromString("--experimental-wasm-relaxed-simd");
for (const { file: build, probe } of engineBuilds) {
  test(`${build} draws what the native engine draws`, { skip: noSite || noCli }, async (t) => {
    if (!WebAssembly.validate(new Uint8Array(probe))) return t.skip("this Node does not run it");
    const [file] = drawingFiles;
    const engine = await createEngine(readFileSync(sitePath(basename(build))));
    engine.load(read(file), { name: file.name });
    const native = nativeSample(file.path, "--count", "5", "--seed", "7");
    const { max, at } = maxDifference(engine.sample({ seed: 7, count: 5 }).pictures, native.values);
    console.log(`${build}, ${file.name}: max difference ${max.toExponential(2)} at ${at}`);
    assert.ok(max <= kPixelStep);
  });
}

test("there is a weights file to test with", { skip: noSite }, () => assert.notEqual(allFiles.length, 0));

for (const file of noSite ? [] : drawingFiles) {
  test(`${file.name}: the same pictures as the native engine`, { skip: noCli }, async () => {
    const engine = await newEngine();
    const info = engine.load(read(file), { name: file.name });
    for (const seed of [7, 123456789]) {
      const native = nativeSample(file.path, "--count", "19", "--seed", String(seed));
      const frame = engine.sample({ model: info.model, seed, count: 19 });
      assert.deepEqual([frame.count, frame.channels, frame.height, frame.width], native.shape);
      const { max, at } = maxDifference(frame.pictures, native.values);
      const shades = new Set(frame.pictures).size;
      console.log(
        `${file.name}, seed ${seed}: max difference ${max.toExponential(2)} at ${at}, ${shades} shades, ${frame.milliseconds.toFixed(2)} ms`,
      );
      assert.ok(max <= kPixelStep, `differs by ${max} at ${at}`);
      assert.ok(shades > 16, "a picture of one colour proves nothing");
    }
  });

  test(`${file.name}: a part of a request is a part of its pictures`, async () => {
    const engine = await newEngine();
    engine.load(read(file));
    const whole = engine.sample({ seed: 7, count: 13 });
    const size = whole.channels * whole.height * whole.width;
    for (const [first, count] of [
      [0, 5],
      [5, 1],
      [6, 7],
    ]) {
      const part = engine.sample({ seed: 7, first, count });
      assert.deepEqual(
        part.pictures,
        whole.pictures.slice(first * size, (first + count) * size),
        `${first}+${count}`,
      );
    }
    const { latentSize } = engine.models[0];
    if (engine.models[0].classes.length > 0) return; // labels would have to be handed on too
    const again = engine.sample({ latents: whole.latents.slice(2 * latentSize, 4 * latentSize) });
    const { max } = maxDifference(again.pictures, whole.pictures.slice(2 * size, 4 * size));
    assert.equal(again.count, 2);
    assert.ok(max <= kPixelStep, `drawn and given latents differ by ${max}`);
  });
}

// Damaged copies of a file. Those behind the checksum get a right one, or no other check would be reached.
function damaged(bytes) {
  const kinds = [];
  const add = (what, change, { seal = false } = {}) => {
    const copy = change(bytes.slice());
    if (seal) new DataView(copy.buffer).setUint32(kChecksumAt, crc32(copy.subarray(kChecksumAt + 4)), true);
    kinds.push({ what, bytes: copy });
  };
  const set = (at, value) => (copy) => {
    copy[at] = value;
    return copy;
  };
  add("empty", () => new Uint8Array(0));
  add("text", () => new TextEncoder().encode("<!doctype html><p>404</p>".repeat(40)));
  for (let at = 0; at < 32; ++at) add(`byte ${at} inverted`, set(at, bytes[at] ^ 0xff));
  for (const length of [7, 8, 20, 31, 32, 33, 100, bytes.length >> 1, bytes.length - 1])
    add(`cut to ${length}`, (copy) => copy.slice(0, length));
  add("one byte more", (copy) => Uint8Array.of(...copy, 0));
  const header = Math.min(new DataView(bytes.buffer).getUint32(24, true), 900);
  for (let at = kHeaderAt; at < kHeaderAt + header; ++at) {
    for (const value of [0, 0xff, bytes[at] ^ 1]) {
      if (value !== bytes[at]) add(`header byte ${at} set to ${value}`, set(at, value), { seal: true });
    }
  }
  const tail = bytes.length - 4;
  add("a weight made NaN", (copy) => (copy.set([0xff, 0xff, 0xff, 0x7f], tail), copy), { seal: true });
  return kinds;
}

test("a bad file gets the native engine's code and message", { skip: noSite || noCli }, async () => {
  const file = allFiles.at(-1); // the smallest: golden files come last
  const folder = mkdtempSync(join(tmpdir(), "latent-canvas-bad-"));
  try {
    const kinds = damaged(read(file));
    const paths = kinds.map(({ bytes }, i) => {
      const path = join(folder, `${i}.lcw`);
      writeFileSync(path, bytes);
      return path;
    });
    const verdicts = nativeVerdicts(paths);
    const engine = await newEngine();
    const codes = new Set();
    let refused = 0;
    kinds.forEach(({ what, bytes }, i) => {
      const refusal = refusalOf(engine, bytes, "damaged");
      const found = refusal && {
        codeName: refusal.codeName,
        message: refusal.message.replace(/^damaged: /, ""),
      };
      assert.deepEqual(found, verdicts[i], what);
      if (found) {
        ++refused;
        codes.add(found.codeName);
      }
    });
    console.log(
      `${kinds.length} damaged files, ${refused} refused, ${codes.size} causes: ${[...codes].sort().join(" ")}`,
    );
    assert.ok(codes.size >= 12, "too few kinds of damage to prove anything");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every truncated prefix is refused", { skip: noSite }, async () => {
  const bytes = read(allFiles.at(-1));
  const engine = await newEngine();
  const step = Math.max(1, Math.floor(bytes.length / 4096));
  let refused = 0;
  for (let length = 0; length < bytes.length; length += step) {
    assert.notEqual(
      refusalOf(engine, bytes.subarray(0, length), "prefix"),
      null,
      `the first ${length} bytes were accepted`,
    );
    ++refused;
  }
  console.log(`${refused} prefixes refused`);
  assert.equal(engine.models.length, 0);
});

test("requests that make no sense are refused in words", { skip: noSite }, async () => {
  const engine = await newEngine();
  assert.throws(() => engine.describe(0), { codeName: "bad_argument", message: /load/ });
  const info = engine.load(read(allFiles.at(-1)));
  const refused = [
    [{ count: 0 }, /0 pictures/],
    [{ count: 1_000_000 }, /4096|4,096/],
    [{ model: 5 }, /model/],
    [{ seed: -1 }, /seed/],
    [{ seed: 0.5 }, /seed/],
    [{ count: 2, latents: [1] }, /latent/],
    [{ latents: [1] }, /has 1 latent number/],
    [{ count: 1, latents: new Float32Array(info.latentSize).fill(NaN) }, /latent|finite/],
    [{ count: 1, temperature: NaN }, /temperature/],
    [{ latents: "many" }, /latents/],
  ];
  for (const [request, words] of refused) {
    assert.throws(
      () => engine.sample(request),
      (error) => {
        assert.ok(error instanceof EngineError, error.stack);
        assert.ok(error.code >= 100 && error.codeName, JSON.stringify(error));
        assert.match(error.message, words);
        return true;
      },
      JSON.stringify(request),
    );
  }
  assert.equal(engine.sample({ count: 1 }).count, 1);
});

test("without memory a Status comes back and the engine lives on", { skip: noSite }, async () => {
  const engine = await newEngine();
  engine.load(read(allFiles.at(-1)), { name: "kept" });
  const before = engine.sample({ seed: 7, count: 3 });
  assert.throws(() => engine.load(new Uint8Array(300 << 20), { name: "huge" }), {
    code: 500,
    codeName: "out_of_memory",
    message: /MB/,
  });
  assert.throws(() => engine.sample({ count: 4, latents: new Float32Array(80 << 20) }), {
    code: 500,
    codeName: "out_of_memory",
  });
  assert.deepEqual(engine.sample({ seed: 7, count: 3 }).pictures, before.pictures);
  assert.equal(engine.models[0].name, "kept");
});

test("a model describes itself", { skip: noSite }, async () => {
  for (const file of allFiles) {
    const engine = await newEngine();
    const bytes = read(file);
    const info = engine.load(bytes, { name: file.name });
    assert.equal(info.name, file.name);
    assert.equal(info.fileBytes, bytes.length);
    // A classifier's statistics lie where others tell of their prior, and make no latent vector.
    const prior = info.prior.filter(({ name }) => name !== "features");
    assert.equal(
      info.latentSize,
      prior.reduce((sum, part) => sum + part.size, 0),
    );
    assert.ok(info.networks.length > 0 && info.tensors.length > 0);
    assert.equal(info.canSample, file.draws !== undefined);
    assert.equal(info.multiplyAdds > 0, info.canSample);
    assert.equal(info.moments, info.timeline.length + 1);
    assert.equal(BigInt(info.provenance.seed).toString(), info.provenance.seed);
  }
});

test("pictures are encoded and judged, each by itself", { skip: noSite }, async () => {
  let encoders = 0;
  let judges = 0;
  for (const file of drawingFiles) {
    const engine = await newEngine();
    const info = engine.load(read(file), { name: file.name });
    const { pictures } = engine.sample({ seed: 7, count: 3 });
    const size = pictures.length / 3;
    for (const [task, key, can] of [
      ["encode", "latents", info.canEncode],
      ["discriminate", "scores", info.canDiscriminate],
    ]) {
      if (!can) {
        assert.throws(() => engine[task]({ pictures }), { codeName: "bad_combination" });
        continue;
      }
      const labels = info.classes.length > 0 ? [0] : undefined;
      const all = engine[task]({ pictures, labels });
      assert.equal(all.count, 3);
      const each = all[key].length / 3;
      if (task === "encode") assert.equal(each, info.latentSize);
      assert.ok(
        all[key].every(Number.isFinite) && new Set(all[key]).size > 1,
        `${file.name}: ${task} says nothing`,
      );
      task === "encode" ? ++encoders : ++judges;
      const role = task === "encode" ? "encoder" : "discriminator";
      const across = info.networks.some(
        (network) => network.role === role && network.layers.some(({ kind }) => kind.startsWith("minibatch")),
      );
      if (across) continue; // it judges pictures by their company: docs/layers.md
      const second = engine[task]({ pictures: pictures.slice(size, 2 * size), labels });
      const { max } = maxDifference(second[key], all[key].slice(each, 2 * each));
      assert.ok(max <= 1e-4, `${file.name}: ${task} of one picture differs by ${max} from that of three`);
    }
  }
  console.log(`${encoders} encoders, ${judges} discriminators or classifiers`);
  assert.ok(encoders > 0 && judges > 0);
});

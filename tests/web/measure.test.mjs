// The live measurements of the page: the classifier is fetched when they are asked for, and what they say of 1,000 samples
// is what the engine's numbers give in plain JavaScript.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { noPage, openPage, settled, shoot, startBrowser, stopBrowser } from "./lib/browser.mjs";
import { repository, shipped, sitePath } from "./lib/files.mjs";

const kCount = 1000;
const name = "acgan-mnist";
const there = ["acgan-mnist", "classifier-mnist"].every((each) => shipped.some((entry) => entry.name === each));
const skip = noPage || (there ? false : "acgan-mnist and classifier-mnist are not shipped");

if (!skip) {
  before(startBrowser);
  after(stopBrowser);
}

// Mean and covariance of rows of n numbers.
function gaussian(values, n) {
  const rows = values.length / n;
  const mean = Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let r = 0; r < rows; ++r) sum += values[r * n + i];
    return sum / rows;
  });
  const covariance = mean.map((mi, i) =>
    mean.map((mj, j) => {
      let sum = 0;
      for (let r = 0; r < rows; ++r) sum += (values[r * n + i] - mi) * (values[r * n + j] - mj);
      return sum / (rows - 1);
    }),
  );
  return { mean, covariance };
}

const product = (a, b) => a.map((row) => b[0].map((_, j) => row.reduce((sum, x, k) => sum + x * b[k][j], 0)));

// Jacobi's rotations: eigenvalues, and eigenvectors as columns.
function eigen(matrix) {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 12; ++sweep) {
    for (let p = 0; p < n; ++p) {
      for (let q = p + 1; q < n; ++q) {
        if (a[p][q] === 0) continue;
        const angle = Math.atan2(2 * a[p][q], a[q][q] - a[p][p]) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const turn = (row, i, j) => ([row[i], row[j]] = [c * row[i] - s * row[j], s * row[i] + c * row[j]]);
        for (const row of a) turn(row, p, q);
        for (let k = 0; k < n; ++k) [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
        for (const row of v) turn(row, p, q);
      }
    }
  }
  return { values: a.map((row, i) => Math.max(0, row[i])), vectors: v };
}

function distance(a, b) {
  const { values, vectors } = eigen(a.covariance);
  const root = product(
    vectors.map((row) => row.map((x, j) => x * Math.sqrt(values[j]))),
    vectors[0].map((_, j) => vectors.map((row) => row[j])),
  );
  const inner = eigen(product(product(root, b.covariance), root)).values;
  return a.mean.reduce(
    (sum, m, i) =>
      sum + (m - b.mean[i]) ** 2 + a.covariance[i][i] + b.covariance[i][i] - 2 * Math.sqrt(inner[i]),
    0,
  );
}

// What the file says of the test pictures: its last three tensors are weight, means and Cholesky factor, in f32.
function testPictures(bytes, n) {
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset + bytes.length - 4 * (n + n * n)));
  const factor = Array.from({ length: n }, (_, i) => [...floats.subarray(n + i * n, n + (i + 1) * n)]);
  const turned = factor[0].map((_, j) => factor.map((row) => row[j]));
  return { mean: [...floats.subarray(0, n)], covariance: product(factor, turned) };
}

async function expected() {
  const { createEngine } = await import(pathToFileURL(join(repository, "web", "engine.js")));
  const engine = await createEngine(readFileSync(sitePath("engine.wasm")));
  const bytes = readFileSync(join(repository, "weights", "classifier-mnist.lcw"));
  engine.load(new Uint8Array(readFileSync(join(repository, "weights", `${name}.lcw`))), { name });
  engine.load(new Uint8Array(bytes), { name: "classifier-mnist" });
  const { pictures } = engine.sample({ seed: 7, count: kCount });
  const { scores, latents } = engine.classify({ model: 1, pictures });
  const classes = Array.from({ length: kCount }, (_, i) => {
    const row = [...scores.subarray(10 * i, 10 * i + 10)];
    return row.indexOf(Math.max(...row));
  });
  const histogram = Array.from({ length: 10 }, (_, c) => classes.filter((each) => each === c).length);
  const n = latents.length / kCount;
  return {
    histogram,
    entropy: -histogram.reduce((sum, h) => sum + (h > 0 ? (h / kCount) * Math.log(h / kCount) : 0), 0),
    asked: classes.filter((each, i) => each === i % 10).length / kCount,
    distance: distance(testPictures(bytes, n), gaussian(latents, n)),
  };
}

test("the panel fetches the classifier and says what the engine's numbers give", { skip }, async () => {
  const fetched = [];
  const page = await openPage({
    hash: `model=${name}&seed=7`,
    before: (page) => page.on("request", (request) => fetched.push(request.url())),
  });
  const classifier = () => fetched.filter((url) => url.includes("classifier-mnist")).length;
  await settled(page);
  assert.equal(classifier(), 0, "nobody asked for it yet");
  await page.locator('#mirror [data-name="measure"]').press("Space");
  const result = page.locator('#mirror [data-name="measure.result"]');
  await result.waitFor({ state: "attached", timeout: 60000 });
  await settled(page);
  await shoot(page, "measure");
  const words = await result.evaluate((element) => `${element.ariaLabel ?? ""} ${element.textContent}`);
  console.log(words);
  assert.equal(classifier(), 1);
  const should = await expected();
  console.log(JSON.stringify(should));
  for (const [c, h] of should.histogram.entries()) assert.ok(words.includes(`${c}: ${h}`), `class ${c}: ${h}`);
  const number = (pattern) => Number(pattern.exec(words)?.[1]);
  assert.ok(Math.abs(number(/Class entropy: (\d+(?:\.\d+)?)/) - should.entropy) <= 0.006);
  assert.ok(Math.abs(number(/Asked class drawn: (\d+(?:\.\d+)?)/) - 100 * should.asked) <= 0.06);
  const shown = number(/chet distance: (\d+(?:\.\d+)?)/);
  assert.ok(Math.abs(shown / should.distance - 1) < 0.006, `${shown}, expected ${should.distance}`); // three digits
});

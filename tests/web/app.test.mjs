// The ImGui canvas in Chromium: what it shows is the native engine's picture, and its controls change it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import {
  asColour,
  models,
  noPage,
  notice,
  openPage,
  report,
  settled,
  shoot,
  startBrowser,
  stopBrowser,
} from "./lib/browser.mjs";
import { read } from "./lib/files.mjs";
import { nativeSample, noCli } from "./lib/native.mjs";

const kScreenStep = 1.01 / 255; // the screen has 8 bits; the comparison rounds once more
const [first] = models;

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}

// The screen as { width, data } with RGBA bytes, and where the canvas lies on it.
async function screen(page, name) {
  const { PNG } = await import("pngjs");
  const { width, data } = PNG.sync.read(await shoot(page, name));
  const { x, y } = await page.locator("#canvas").boundingBox();
  return { width, data, x, y };
}

// Values in [0, 1] of the pictures that are wholly on the screen, read at the middle of each picture pixel.
function shownPictures(shot, grid, [, , height, width], count, viewportHeight, ratio = 1) {
  const [x, y, columns, , cellWidth, cellHeight, gap] = grid.split(",").map(Number);
  const pictures = [];
  for (let i = 0; i < count; ++i) {
    const left = shot.x + x + (i % columns) * (cellWidth + gap);
    const top = shot.y + y + Math.floor(i / columns) * (cellHeight + gap);
    if (top < shot.y || top + cellHeight > viewportHeight - 40) continue;
    const values = new Float32Array(3 * height * width);
    for (let row = 0; row < height; ++row) {
      for (let column = 0; column < width; ++column) {
        const sx = Math.floor((left + ((column + 0.5) * cellWidth) / width) * ratio);
        const sy = Math.floor((top + ((row + 0.5) * cellHeight) / height) * ratio);
        for (let c = 0; c < 3; ++c)
          values[(c * height + row) * width + column] = shot.data[4 * (sy * shot.width + sx) + c] / 255;
      }
    }
    pictures.push({ i, values });
  }
  return pictures;
}

async function compareScreen(page, path, name, { seed, count, ratio = 1 }) {
  const native = nativeSample(path, "--count", String(count), "--seed", String(seed));
  const colour = asColour(native);
  const size = colour.length / count;
  const now = await settled(page);
  const shot = await screen(page, name);
  const pictures = shownPictures(
    shot,
    now.get("grid"),
    native.shape,
    count,
    page.viewportSize().height,
    ratio,
  );
  assert.ok(pictures.length >= 8, `only ${pictures.length} pictures are on the screen`);
  let max = 0;
  const shades = new Set();
  for (const { i, values } of pictures) {
    for (let k = 0; k < size; ++k) {
      shades.add(values[k]);
      max = Math.max(max, Math.abs(values[k] - colour[i * size + k]));
    }
  }
  console.log(
    `${name}: ${pictures.length} pictures of the canvas, max difference ${(max * 255).toFixed(2)}/255, ${shades.size} shades`,
  );
  assert.ok(shades.size > 16, "an even picture proves nothing");
  assert.ok(max <= kScreenStep, `the screen differs from the native engine by ${max}`);
}

for (const [name, colorScheme] of [
  ["dark", "dark"],
  ["light", "light"],
]) {
  test(`the canvas shows the native engine's pictures (${name})`, { skip: noPage || noCli }, async () => {
    const page = await openPage({ hash: "seed=7&count=64", colorScheme });
    assert.equal(
      await page.evaluate(() => document.body.classList.contains("app")),
      true,
      await notice(page),
    );
    await compareScreen(page, first.path, `app-1280-${name}`, { seed: 7, count: 64 });
    assert.deepEqual(
      page.console.filter((line) => /uncaught|error/i.test(line)),
      [],
    );
    await page.context().close();
  });
}

test("the canvas is crisp at two device pixels a CSS pixel", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: "seed=7&count=16", deviceScaleFactor: 2 });
  await compareScreen(page, first.path, "app-1280-dpr2", { seed: 7, count: 16, ratio: 2 });
  await page.context().close();
});

test("the state in the address is the state on the canvas", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: `model=${first.name}&seed=41&count=16` });
  for (const { name, path } of models) {
    await page.evaluate((hash) => (location.hash = hash), `model=${name}&seed=41&count=16`);
    await page.waitForFunction((name) => new URLSearchParams(window.latentCanvas.report()).get("shown") === name, name);
    const state = await page.evaluate(() => window.latentCanvas.state());
    assert.deepEqual([state.model, state.seed, state.count], [name, "41", "16"]);
    await compareScreen(page, path, `app-${name}`, { seed: 41, count: 16 });
  }
  await page.context().close();
});

async function drag(page, item, from, to) {
  const [x, y, width, height] = item.split(",").map(Number);
  const canvas = await page.locator("#canvas").boundingBox();
  const at = (part) => [canvas.x + x + part * width, canvas.y + y + height / 2];
  await page.mouse.move(...at(from));
  await page.mouse.down();
  await page.mouse.move(...at((from + to) / 2), { steps: 4 });
  const middle = await settled(page);
  const duringDrag = await screen(page, "app-slider-dragged");
  await page.mouse.move(...at(to), { steps: 4 });
  await page.mouse.up();
  return { middle, duringDrag };
}

test("a latent slider changes pixels while it is dragged", { skip: noPage }, async () => {
  // High enough that the first slider is on the screen, below what the view itself offers.
  const page = await openPage({ hash: "seed=7&count=16&selected=0", height: 1000 });
  const start = await settled(page);
  const before = await screen(page, "app-slider-before");
  const item = start.get("item.latent.0");
  assert.ok(item, `no latent slider on the screen: ${start}`);
  const { middle, duringDrag } = await drag(page, item, 0.5, 0.95);
  const after = await settled(page);
  const afterShot = await screen(page, "app-slider-after");
  const [x, y, , , cellWidth, cellHeight] = start.get("grid").split(",").map(Number);
  const differing = (a, b) => {
    let count = 0;
    for (let row = 0; row < cellHeight; ++row) {
      for (let column = 0; column < cellWidth; ++column) {
        const at = 4 * (Math.floor(a.y + y + row) * a.width + Math.floor(a.x + x + column));
        if (Math.abs(a.data[at] - b.data[at]) > 2) ++count;
      }
    }
    return count;
  };
  console.log(
    `slider: ${differing(before, duringDrag)} pixels of the picture changed while dragged, ${differing(before, afterShot)} after`,
  );
  assert.ok(differing(before, duringDrag) > 20, "nothing changed while dragging");
  assert.ok(differing(before, afterShot) > 20, "nothing changed after");
  assert.notEqual(middle.get("z"), after.get("z"));
  await page.context().close();
});

test("a model that is only listed is fetched when it is chosen", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  const start = await settled(page);
  for (const { name, path } of models.slice(1, 3)) {
    const item = start.get(`item.model.${name}`);
    assert.ok(item, `no card of ${name}: ${start}`);
    const [x, y, width, height] = item.split(",").map(Number);
    const canvas = await page.locator("#canvas").boundingBox();
    await page.mouse.click(canvas.x + x + width / 2, canvas.y + y + height / 2);
    await page.waitForFunction((name) => window.latentCanvas.state().model === name, name);
    await page.evaluate((name) => window.latentCanvas.sample({ model: name }), name); // it has come
    await compareScreen(page, path, `app-chosen-${name}`, { seed: 7, count: 16 });
  }
  await page.context().close();
});

test("a bad file shows its message and leaves the canvas as it was", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  const before = await settled(page);
  const bytes = read(first);
  bytes[0] ^= 1;
  await page.setInputFiles("#file", { name: "broken.lcw", mimeType: "", buffer: Buffer.from(bytes) });
  await page.waitForFunction(() => document.getElementById("notices").textContent.length > 0);
  const words = await notice(page);
  console.log(words);
  assert.match(words, /broken/);
  await shoot(page, "app-bad-file");
  assert.equal((await report(page)).get("model"), before.get("model"));
  await page.context().close();
});

test("a good file of one's own is chosen", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  await page.setInputFiles("#file", { name: "mine.lcw", mimeType: "", buffer: Buffer.from(read(first)) });
  await page.waitForFunction(() => window.latentCanvas.state().model === "mine");
  await compareScreen(page, first.path, "app-own-file", { seed: 7, count: 16 });
  await page.context().close();
});

test("a worker that dies under the canvas is replaced", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  for (const worker of page.workers()) worker.evaluate(() => self.close()).catch(() => {});
  await page.evaluate(() => (location.hash = "seed=99&count=16"));
  await page.waitForFunction(() => window.latentCanvas.state().seed === "99");
  await compareScreen(page, first.path, "app-after-kill", { seed: 99, count: 16 });
  assert.ok(page.console.some((line) => line.includes("A worker was replaced")));
  await page.context().close();
});

test("the canvas fits a phone", { skip: noPage }, async () => {
  const page = await openPage({
    width: 360,
    height: 740,
    hasTouch: true,
    isMobile: true,
    deviceScaleFactor: 2,
  });
  await settled(page);
  await shoot(page, "app-360");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
  await page.context().close();
});

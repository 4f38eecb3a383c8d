// What a person takes along: PNG, GIF, a link, a command. All give the pixels that the canvas shows.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { asColour, models, noPage, openPage, report, settled, startBrowser, stopBrowser } from "./lib/browser.mjs";
import { cli, folder, nativeSample, noCli, readNpy } from "./lib/native.mjs";

const kPixelStep = 1.01 / 255;
const [first] = models;
const permissions = ["clipboard-read", "clipboard-write"];

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}

const control = (page, name) => page.locator(`#mirror [data-name="${name}"]`);
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

const press = (page, name) => control(page, name).press("Space"); // the key of buttons and of radios alike

async function download(page, name) {
  const [file] = await Promise.all([page.waitForEvent("download"), press(page, name)]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

const decode = async (bytes) => {
  const { PNG } = await import("pngjs");
  return PNG.sync.read(bytes);
};

// Values in [0, 1] of the pictures of a saved sheet, [count][3][height][width].
function sheetPictures({ width: sheetWidth, data }, count, height, width, scale, gap = 1) {
  const columns = (sheetWidth / scale + gap) / (width + gap);
  const values = new Float32Array(count * 3 * height * width);
  let at = 0;
  for (let i = 0; i < count; ++i) {
    const left = (i % columns) * (width + gap);
    const top = Math.floor(i / columns) * (height + gap);
    for (let c = 0; c < 3; ++c)
      for (let y = 0; y < height; ++y)
        for (let x = 0; x < width; ++x)
          values[at++] = data[4 * ((top + y) * scale * sheetWidth + (left + x) * scale) + c] / 255;
  }
  return values;
}

function same(a, b, what) {
  assert.equal(a.length, b.length, what);
  let max = 0;
  for (let i = 0; i < a.length; ++i) max = Math.max(max, Math.abs(a[i] - b[i]));
  console.log(`${what}: max difference ${(max * 255).toFixed(2)}/255, ${new Set(a).size} shades`);
  assert.ok(max <= kPixelStep, `${what} differs by ${max}`);
  assert.ok(new Set(a).size > 16, "an even picture proves nothing");
}

test("a saved PNG holds the native engine's pictures, at every scale", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: "seed=7&count=36" });
  await settled(page);
  const native = nativeSample(first.path, "--count", "36", "--seed", "7");
  const [, , height, width] = native.shape;
  for (const scale of [1, 4]) {
    await press(page, `save.scale.${scale}`);
    const { name, bytes } = await download(page, "save.png");
    const sheet = await decode(bytes);
    console.log(`${name}: ${bytes.length} bytes, ${sheet.width} x ${sheet.height}`);
    assert.equal(name, `${first.name}-seed7.png`);
    same(sheetPictures(sheet, 36, height, width, scale), asColour(native), `PNG x${scale}`);
  }
  await page.context().close();
});

test("the copied command draws the same pictures, an edited one among them", { skip: noPage || noCli }, async () => {
  const page = await openPage({ hash: "seed=123&count=16&temperature=0.6&selected=5", permissions });
  await settled(page);
  await control(page, "temperature").fill("0.85");
  await settled(page);
  await control(page, "latent.3").fill("2.4");
  await settled(page);
  await press(page, "save.scale.1");
  const sheet = await decode((await download(page, "save.png")).bytes);
  await press(page, "copy.command");
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("latent-canvas"));
  const command = await clipboard(page);
  console.log(command);
  const [program, ...words] = command.split(" ");
  assert.equal(program, "latent-canvas");
  assert.match(command, / --edit 5=/);
  const out = join(folder, "command.npy");
  const known = words.map((word) => (word === first.name ? first.path : word));
  execFileSync(cli, [...known, "--raw", out], { stdio: ["ignore", "ignore", "pipe"] });
  const native = readNpy(readFileSync(out));
  const [count, , height, width] = native.shape;
  same(sheetPictures(sheet, count, height, width, 1), asColour(native), "command");
  await page.context().close();
});

test("the copied link, opened anew, shows the same pixels", { skip: noPage }, async () => {
  const { PNG } = await import("pngjs");
  const page = await openPage({ hash: "seed=5&count=16", permissions });
  await settled(page);
  await control(page, "temperature").fill("0.7");
  await control(page, "seed").fill("77");
  await control(page, "seed").press("Enter");
  await settled(page);
  const grid = (await report(page)).get("grid").split(",").map(Number);
  const box = await page.locator("#canvas").boundingBox();
  await page.mouse.click(box.x + grid[0] + 10, box.y + grid[1] + 10); // the first picture
  await settled(page);
  await control(page, "latent.0").fill("1.26");
  await settled(page);
  await press(page, "copy.link");
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).startsWith("http"));
  const link = await clipboard(page);
  console.log(link.replace(/z=([^&]{20})[^&]*/, "z=$1..."));
  await page.waitForFunction((link) => location.href === link, link); // the address bar says the same
  const area = { x: box.x + grid[0], y: box.y + grid[1], width: 4 * (grid[4] + grid[6]), height: 4 * (grid[5] + grid[6]) };
  const shot = async (each) => {
    await each.mouse.move(2, 2);
    await each.evaluate(() => document.activeElement?.blur());
    await settled(each);
    return PNG.sync.read(await each.screenshot({ clip: area })).data;
  };
  const old = await shot(page);
  const other = await openPage({ address: link });
  await settled(other);
  const anew = await shot(other);
  same(Float32Array.from(anew, (v) => v / 255), Float32Array.from(old, (v) => v / 255), "link");
  await page.context().close();
  await other.context().close();
});

test("a morph is saved as a moving GIF", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  await press(page, "tab.morph");
  await settled(page);
  await page.waitForFunction(() => document.querySelector('[data-name="morph.gif"]')?.disabled === false);
  const { name, bytes } = await download(page, "morph.gif");
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const frames = bytes.toString("latin1").split("\x21\xf9\x04").length - 1; // graphic control extensions
  console.log(`${name}: ${bytes.length} bytes, ${frames} frames, ${bytes.readUInt16LE(6)} x ${bytes.readUInt16LE(8)}`);
  assert.equal(bytes.toString("latin1", 0, 6), "GIF89a");
  assert.ok(frames >= 8);
  // The browser's own decoder takes it.
  const size = await page.evaluate(async (text) => {
    const image = new Image();
    image.src = `data:image/gif;base64,${text}`;
    await image.decode();
    return image.naturalWidth;
  }, bytes.toString("base64"));
  assert.equal(size, bytes.readUInt16LE(6));
  await page.context().close();
});

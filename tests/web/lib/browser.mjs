// The page in Debian's Chromium: opened on a server of our own, with the words that it says to the console.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { goldenFiles, noSite, repository, shipped, shippedFiles, siteFolder } from "./files.mjs";

const chromiumPath = process.env.LC_CHROMIUM ?? "/usr/bin/chromium";
const shots = process.env.LC_SHOTS_DIR ?? join(repository, "build", "screenshots");

if (process.env.LC_CHROMIUM && !existsSync(chromiumPath))
  throw new Error(`LC_CHROMIUM is ${chromiumPath}: no such program`);
export const noPage = noSite || (existsSync(chromiumPath) ? false : `no browser at ${chromiumPath}`);

// The models of the page that draw pictures from a seed; before any is shipped, the golden files stand in, each under two names.
const standIns = goldenFiles.flatMap(({ name, path }) =>
  ["", "-again"].map((more) => ({ name: name + more, path })),
);
export const models =
  shipped.length > 0
    ? shipped
        .map((entry, i) => ({ ...entry, path: shippedFiles[i].path }))
        .filter(({ draws }) => draws === "pictures")
    : standIns.map(({ name, path }) => ({
        name,
        title: name,
        family: "golden",
        dataset: "none",
        file: `${name}.lcw`,
        path,
      }));

let browser, server;

export async function launchBrowser() {
  const { chromium } = await import("playwright-core");
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}

export async function startBrowser() {
  const { serve } = await import(pathToFileURL(join(repository, "scripts", "serve.mjs")));
  server = await serve({ root: siteFolder });
  browser = await launchBrowser();
}

export async function stopBrowser() {
  await browser?.close();
  await server?.close();
}

// A page in a fresh profile. `before(page)` may add routes; `hash` is the state; `webgl: false` takes WebGL2
// away.
export async function openPage({
  hash = "",
  width = 1280,
  height = 800,
  webgl = true,
  cores,
  wait = true,
  before,
  address = server.url,
  ...options
} = {}) {
  // Without the service worker each file passes by the routes of a test; tests/web/offline.test.mjs lets it in.
  const context = await browser.newContext({ viewport: { width, height }, serviceWorkers: "block", ...options });
  const page = await context.newPage();
  page.console = [];
  page.on("console", (message) => page.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => page.console.push(`uncaught: ${error.message}`));
  if (cores) {
    await page.addInitScript((cores) => {
      Object.defineProperty(Navigator.prototype, "hardwareConcurrency", { get: () => cores });
    }, cores);
  }
  if (!webgl) {
    await page.addInitScript(() => {
      const original = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return /webgl/.test(kind) ? null : original.call(this, kind, ...rest);
      };
    });
  }
  if (shipped.length === 0) {
    await page.route("**/weights/manifest*.json", (route) => route.fulfill({ json: models }));
    for (const { file, path } of models)
      await page.route(`**/weights/${file}`, (route) => route.fulfill({ path }));
  }
  await before?.(page);
  await page.goto(address + (hash ? `#${hash}` : ""));
  if (wait) await page.evaluate(() => window.latentCanvas.ready);
  return page;
}

// What the canvas says of itself.
export const report = async (page) =>
  new URLSearchParams(await page.evaluate(() => window.latentCanvas.report()));

const kAtRest = { busy: "0", settled: "1", awake: "0", mirrored: "1" };

// Waits until the canvas has answered everything and drawn it, asks for no frame, and its elements have followed.
export async function settled(page) {
  let frames = -1;
  for (let i = 0; i < 1000; ++i) {
    const now = await report(page);
    const rests = Object.entries(kAtRest).every(([key, value]) => now.get(key) === value);
    if (rests && now.get("frames") === frames) return now;
    frames = now.get("frames");
    await page.waitForTimeout(60);
  }
  throw new Error(`the canvas does not come to rest: ${await report(page)}`);
}

// The accessibility tree of the mirror, once every pattern stands in it: its elements follow the canvas some eight times a
// second.
export async function mirrored(page, patterns) {
  let tree = "";
  for (let i = 0; i < 1000; ++i) {
    tree = await page.locator("#mirror").ariaSnapshot();
    if (patterns.every((pattern) => pattern.test(tree))) return tree;
    await page.waitForTimeout(60);
  }
  throw new Error(`the mirror lacks ${patterns.filter((pattern) => !pattern.test(tree))} in:\n${tree}`);
}

// Waits until `read()` gives the same before and after so much time, and returns that: what comes late (thumbnails, a whole
// file) changes it once more, what moves by itself does so always.
export async function still(read, milliseconds) {
  let before = await read();
  for (let i = 0; i < 8; ++i) {
    await new Promise((done) => setTimeout(done, milliseconds));
    const after = await read();
    if (after === before) return after;
    before = after;
  }
  throw new Error(`it does not stay the same for ${milliseconds} ms`);
}

export const notice = (page) => page.locator("#notices").innerText();

export async function shoot(page, name) {
  mkdirSync(shots, { recursive: true });
  return page.screenshot({ path: join(shots, `${name}.png`) });
}

// The pictures on the plain page's canvas: values in [0, 1], [count][3][height][width].
export async function gridPictures(page, count, { height, width }) {
  const gap = 2;
  const canvas = await page.evaluate(() => {
    const grid = document.getElementById("grid");
    const { data } = grid.getContext("2d").getImageData(0, 0, grid.width, grid.height);
    return { width: grid.width, height: grid.height, data: Array.from(data) };
  });
  const columns = (canvas.width + gap) / (width + gap);
  const values = new Float32Array(count * 3 * height * width);
  let at = 0;
  for (let i = 0; i < count; ++i) {
    const left = (i % columns) * (width + gap);
    const top = Math.floor(i / columns) * (height + gap);
    for (let c = 0; c < 3; ++c) {
      for (let y = 0; y < height; ++y) {
        for (let x = 0; x < width; ++x)
          values[at++] = canvas.data[4 * ((top + y) * canvas.width + left + x) + c] / 255;
      }
    }
  }
  return values;
}

// Native pictures with grey ones spread to three channels, to be compared with a screen.
export function asColour({ shape: [count, channels, height, width], values }) {
  const size = height * width;
  const colour = new Float32Array(count * 3 * size);
  for (let i = 0; i < count; ++i) {
    for (let c = 0; c < 3; ++c) {
      const from = (i * channels + Math.min(c, channels - 1)) * size;
      colour.set(values.subarray(from, from + size), (i * 3 + c) * size);
    }
  }
  return colour;
}

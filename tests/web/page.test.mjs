// The plain page and its processes in Chromium: pixels, messages, workers that die. The ImGui canvas:
// app.test.mjs.
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import {
  asColour,
  gridPictures,
  models,
  noPage,
  notice,
  openPage,
  shoot,
  startBrowser,
  stopBrowser,
} from "./lib/browser.mjs";
import { read, repository, shipped, siteFolder, siteName, sitePath } from "./lib/files.mjs";
import { folder, maxDifference, nativeSample, nativeVerdicts, noCli } from "./lib/native.mjs";

const kPixelStep = 1 / 255 + 1e-6; // and the rounding of this comparison's own floats
const kMaxFirstBytes = 400_000;
const [first] = models;

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}

function hold(page, pattern) {
  let release;
  const released = new Promise((done) => (release = done));
  return page
    .route(pattern, async (route) => {
      await released;
      await route.continue();
    })
    .then(() => release);
}

const sample = (page, request) =>
  page.evaluate(async (request) => {
    const frame = await window.latentCanvas.sample(request);
    return { ...frame, pictures: Array.from(frame.pictures), latents: Array.from(frame.latents), scores: [] };
  }, request);

// `looks`: at the pictures, a tenth of a second apart, until they are those: something was just asked for.
async function compareGrid(page, path, { seed = 7, count = 64, looks = 1 } = {}) {
  const native = nativeSample(path, "--count", String(count), "--seed", String(seed));
  const [, , height, width] = native.shape;
  let shown, max, at;
  for (let look = 0; look < looks && !(max <= kPixelStep); ++look) {
    if (look > 0) await page.waitForTimeout(100);
    shown = await gridPictures(page, count, { height, width });
    ({ max, at } = maxDifference(shown, asColour(native)));
  }
  const shades = new Set(shown).size;
  console.log(
    `${path.split("/").at(-1)}, seed ${seed}: screen and native engine differ by at most ${(max * 255).toFixed(2)}/255 at ${at}, ${shades} shades`,
  );
  assert.ok(max <= kPixelStep, `differs by ${max} at ${at}`);
  assert.ok(shades > 16, "an even picture proves nothing");
}

test(
  "the first pictures come from the engine alone, the native engine's",
  { skip: noPage || noCli },
  async () => {
    let release;
    const page = await openPage({
      wait: false,
      before: async (page) => (release = await hold(page, "**/app.*.mjs")),
    });
    await page.waitForFunction(() => performance.getEntriesByName("first-pictures").length > 0);
    await compareGrid(page, first.path);
    const builds = await page.evaluate(() =>
      performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1)).filter((name) => /^engine.*wasm$/.test(name)),
    );
    assert.deepEqual(builds, [siteName("engine-relaxed.wasm")], "the fastest build for this browser, and no other");
    assert.equal(await page.evaluate(() => document.body.classList.contains("app")), false);
    await shoot(page, "first-picture");
    release();
    await page.context().close();
  },
);

test("the first picture waits for at most 400 KB, gzipped", { skip: noPage || shipped.length === 0 }, async () => {
  const page = await openPage();
  const early = await page.evaluate(() => {
    const [{ startTime: shown }] = performance.getEntriesByName("first-picture");
    const files = performance.getEntriesByType("resource").filter(({ startTime }) => startTime < shown);
    return files.map(({ name }) => decodeURIComponent(new URL(name).pathname));
  });
  const size = (path) => {
    const file = join(siteFolder, path);
    return statSync(existsSync(`${file}.gz`) ? `${file}.gz` : file).size;
  };
  const all = new Set([...early, "/index.html"]);
  const bytes = [...all].reduce((sum, path) => sum + size(path), 0);
  console.log(`${all.size} files, ${bytes} bytes: ${[...all].join(" ")}`);
  assert.ok(all.size >= 5 && [...all].some((path) => path.endsWith(".lcw")));
  assert.ok(bytes <= kMaxFirstBytes, `${bytes} bytes`);
  await page.context().close();
});

test("without WebGL2 the plain page stays usable and says why", { skip: noPage || noCli }, async () => {
  const page = await openPage({ webgl: false });
  assert.match(await notice(page), /no WebGL2/);
  await compareGrid(page, first.path);
  await shoot(page, "classic-1280");
  for (const { name, path } of models.slice(1, 6)) {
    await page.selectOption("#model", name);
    await compareGrid(page, path, { looks: 300 });
  }
  await page.context().close();
});

test("the model that was chosen last is shown, whichever file arrives last", { skip: noPage || noCli }, async () => {
  const second = models[1];
  let release;
  const page = await openPage({
    webgl: false,
    before: async (page) => (release = await hold(page, new RegExp(`/${second.name}\\.[0-9a-f]+\\.lcw$`))),
  });
  await page.selectOption("#model", second.name);
  await page.selectOption("#model", first.name);
  await compareGrid(page, first.path, { looks: 300 });
  release();
  for (let i = 0; i < 2; ++i) await sample(page, { model: second.name, count: 64 }); // it is here, and was drawn
  await compareGrid(page, first.path);
  assert.match(await page.getAttribute("#grid", "aria-label"), new RegExp(first.title));
  await page.context().close();
});

test(
  "a new seed changes the pixels and the same seed brings them back",
  { skip: noPage || noCli },
  async () => {
    const page = await openPage({ webgl: false, hash: "seed=41&count=16" });
    await compareGrid(page, first.path, { seed: 41, count: 16 });
    const pixels = () => page.evaluate(() => document.getElementById("grid").toDataURL());
    const old = await pixels();
    await page.click("#reroll");
    await page.waitForFunction((old) => document.getElementById("grid").toDataURL() !== old, old);
    assert.notEqual(await page.inputValue("#seed"), "41");
    await page.fill("#seed", "41");
    await page.press("#seed", "Enter");
    await page.waitForFunction((old) => document.getElementById("grid").toDataURL() === old, old);
    await page.waitForFunction(() => location.hash.includes("seed=41"));
    await page.context().close();
  },
);

test("numbers of an address are brought into range, and what is no number counts for nothing", { skip: noPage || noCli }, async () => {
  for (const [hash, count] of [
    ["seed=abc&count=0&temperature=warm&class=99&moment=-1", 1],
    ["seed=-1&count=99999999&temperature=1e999", 1024],
  ]) {
    const page = await openPage({ webgl: false, hash });
    assert.equal(await page.locator("#notices .notice").count(), 1, "that there is no WebGL, and nothing else");
    await compareGrid(page, first.path, { count });
    await page.context().close();
  }
});

test(
  "latentCanvas.sample gives the native engine's numbers, however many workers share it",
  { skip: noPage || noCli },
  async () => {
    const page = await openPage({ webgl: false });
    for (const { name, path } of models) {
      const native = nativeSample(path, "--count", "64", "--seed", "11");
      const frame = await sample(page, { model: name, seed: 11, count: 64 });
      const { max, at } = maxDifference(frame.pictures, native.values);
      console.log(
        `${name}: ${frame.workers} workers, max difference ${max.toExponential(2)} at ${at}, ${frame.milliseconds.toFixed(1)} ms`,
      );
      assert.equal(frame.pictures.length, native.values.length);
      assert.ok(max <= kPixelStep);
      const parts = await Promise.all(
        [
          [0, 10],
          [10, 1],
          [11, 53],
        ].map(([first, count]) => sample(page, { model: name, seed: 11, first, count })),
      );
      assert.deepEqual(
        parts.flatMap((part) => part.pictures),
        frame.pictures,
        "parts and whole differ",
      );
    }
    await page.context().close();
  },
);

test("a bad file shows the engine's own message", { skip: noPage || noCli }, async () => {
  const page = await openPage({ webgl: false });
  const bytes = read(first);
  bytes[bytes.length - 1] ^= 1;
  const path = join(folder, "broken.lcw");
  writeFileSync(path, bytes);
  const [{ message }] = nativeVerdicts([path]);
  await page.setInputFiles("#file", { name: "broken.lcw", mimeType: "", buffer: Buffer.from(bytes) });
  await page.waitForFunction(
    (words) => document.getElementById("notices").textContent.includes(words),
    `broken.lcw: ${message}`,
  );
  console.log((await notice(page)).split("\n")[0]);
  await shoot(page, "bad-file");
  await compareGrid(page, first.path);
  await page.locator("#notices button").first().click();
  assert.doesNotMatch(await notice(page), /broken/);
  await page.context().close();
});

test("a good file of one's own is shown", { skip: noPage || noCli }, async () => {
  const page = await openPage({
    webgl: false,
    before: (page) => page.route("**/manifest.*.json", (route) => route.fulfill({ status: 404 })),
  });
  assert.match(await page.textContent("#caption"), /No model/);
  const data = await page.evaluateHandle(
    (bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(bytes)], "mine.lcw"));
      return transfer;
    },
    Array.from(readFileSync(first.path)),
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: data });
  await page.waitForFunction(
    () => window.latentCanvas.state().model === "mine" && document.getElementById("grid").width > 1,
  );
  await compareGrid(page, first.path);
  assert.doesNotMatch(await notice(page), /manifest/, "words of what went wrong before");
  await page.context().close();
});

const failures = [
  [
    "a missing manifest",
    "**/manifest.*.json",
    { status: 404 },
    /manifest\.json\) is not there: the server answered 404/,
  ],
  ["a corrupt manifest", "**/manifest.*.json", { body: '[{"name": "vae' }, /manifest\.json\) is damaged/],
  ["a manifest without a list", "**/manifest.*.json", { body: "{}" }, /damaged: it holds no list/],
  ["an empty manifest", "**/manifest.*.json", { body: "[]" }, /is empty/],
  [
    "a manifest without a file name",
    "**/manifest.*.json",
    { body: '[{"name": "a", "title": "A"}]' },
    /entry 1 has no 'file'/,
  ],
  ["missing weights", "**/*.lcw", { status: 404 }, /\.lcw\) is not there: the server answered 404/],
  [
    "weights that are a web page",
    "**/*.lcw",
    { body: "<!doctype html><title>login</title>".repeat(9) },
    /weights\/.*\.lcw: not a \.lcw file/,
  ],
  ["a missing engine", "**/engine*.wasm", { status: 404 }, /^The engine did not load.*404/],
  ["a missing worker script", "**/worker.*.js", { status: 404 }, /^The workers do not start/],
  ["a missing ImGui module", "**/app.*.mjs", { status: 404 }, /canvas with all controls did not start/],
];
for (const [what, pattern, answer, words] of failures) {
  test(`${what} is told in words`, { skip: noPage }, async () => {
    const page = await openPage({ before: (page) => page.route(pattern, (route) => route.fulfill(answer)) });
    const text = await notice(page);
    console.log(text.split("\n")[0]);
    assert.match(text, words);
    assert.deepEqual(
      page.console.filter((line) => line.startsWith("uncaught")),
      [],
    );
    await page.context().close();
  });
}

test(
  "workers killed at rest and at work are replaced, and no picture is lost",
  { skip: noPage },
  async () => {
    const page = await openPage({ webgl: false, cores: 6 });
    const workers = await page.evaluate(() => window.latentCanvas.state().workers);
    const allUp = async () => {
      for (let i = 0; i < 2400 && page.workers().length !== workers; ++i) await page.waitForTimeout(25);
      assert.equal(page.workers().length, workers);
    };
    await allUp();
    const ask = () => sample(page, { model: first.name, seed: 3, count: 40 });
    let replaced = 0;
    page.on("console", (message) => (replaced += message.text().includes("A worker was replaced") ? 1 : 0));
    const until = async (count) => {
      for (let i = 0; i < 2400 && replaced < count; ++i) await page.waitForTimeout(25);
      assert.equal(replaced, count, "workers replaced");
    };
    const before = await ask();
    const kill = (worker, afterMs) =>
      worker
        .evaluate((ms) => {
          for (const end = Date.now() + ms; Date.now() < end;);
          self.close(); // what was sent meanwhile is lost with the worker
        }, afterMs)
        .catch(() => {}); // it cannot answer: it is gone

    kill(page.workers()[0], 0);
    await until(1);
    assert.deepEqual((await ask()).pictures, before.pictures, "killed at rest");

    await allUp();
    for (const worker of page.workers()) kill(worker, 500);
    await page.waitForTimeout(100);
    const answer = await ask(); // waits in workers that will never read it
    await until(1 + workers);
    assert.deepEqual(answer.pictures, before.pictures, "killed at work");
    console.log(`${workers} workers, ${replaced} deaths`);
    assert.equal(await page.evaluate(() => window.latentCanvas.state().workers), workers);
    await page.context().close();
  },
);

test("a newer request overtakes those of its channel that still wait", { skip: noPage }, async () => {
  // The site holds the pool within main.js: here it comes from its source.
  const before = (page) =>
    page.route("**/sources/*", (route) => {
      const name = new URL(route.request().url()).pathname.split("/").pop();
      return route.fulfill({ path: name.endsWith(".wasm") ? sitePath(name) : join(repository, "web", name) });
    });
  const page = await openPage({ webgl: false, before });
  const outcomes = await page.evaluate(async (file) => {
    const { Pool } = await import(new URL("sources/pool.js", document.baseURI));
    const pool = new Pool({ workers: 1 });
    const bytes = new Uint8Array(await (await fetch(`weights/${file}`)).arrayBuffer());
    const { model } = await pool.load("a", bytes);
    const ask = (channel, seed) =>
      pool.request({ channel, model, seed, count: 8 }).then(
        () => "drawn",
        (error) => error.codeName,
      );
    const all = await Promise.all([ask("x", 1), ask("x", 2), ask("y", 3), ask("x", 4)]);
    const last = [ask("x", 5), ask("y", 6)]; // one is being drawn, one waits
    pool.close();
    const never = new Promise((done) => setTimeout(() => done("no answer"), 5000));
    return [...all, ...(await Promise.all(last.map((each) => Promise.race([each, never]))))];
  }, first.file);
  assert.deepEqual(outcomes, ["drawn", "cancelled", "drawn", "drawn", "out_of_memory", "out_of_memory"]);
  await page.context().close();
});

test("the page keeps to its content security policy", { skip: noPage }, async () => {
  const page = await openPage();
  assert.deepEqual(
    page.console.filter((line) => /Content Security Policy|uncaught/.test(line)),
    [],
  );
  const refused = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.injected = true";
    document.head.append(script);
    return window.injected === undefined;
  });
  assert.ok(refused, "an inline script ran");
  await page.context().close();
});

test("the page fits a phone", { skip: noPage }, async () => {
  const page = await openPage({ webgl: false, width: 360, height: 740, hasTouch: true, isMobile: true });
  await shoot(page, "classic-360");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(overflow <= 0, `${overflow} px too wide`);
  for (const id of ["model", "seed", "reroll"]) {
    const box = await page.locator(`#${id}`).boundingBox();
    assert.ok(
      box && box.x >= 0 && box.x + box.width <= 360 && box.height >= 36,
      `${id}: ${JSON.stringify(box)}`,
    );
  }
  await page.context().close();
});

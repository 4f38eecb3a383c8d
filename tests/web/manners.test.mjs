// How the canvas behaves in a page: keys, a lost context, rest, motion, sizes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { noPage, notice, openPage, report, settled, shoot, startBrowser, still, stopBrowser } from "./lib/browser.mjs";

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}

// What the pictures' place on the canvas looks like.
async function pixels(page) {
  const [x, y, columns, rows, width, height, gap] = (await report(page)).get("grid").split(",").map(Number);
  const box = await page.locator("#canvas").boundingBox();
  const clip = { x: box.x + x, y: box.y + y, width: columns * (width + gap), height: rows * (height + gap) };
  return (await page.screenshot({ clip })).toString("base64");
}
const atRest = async (page) => {
  await page.mouse.move(3, 3);
  await page.evaluate(() => document.activeElement?.blur());
  await settled(page);
};

test("a lost WebGL context comes back with its state", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=41&count=16&selected=3" });
  await atRest(page);
  const old = await pixels(page);
  const state = await page.evaluate(() => window.latentCanvas.state());
  await page.evaluate(async () => {
    const canvas = document.getElementById("canvas");
    const lose = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
    const told = (target, kind) => new Promise((done) => target.addEventListener(kind, done, { once: true }));
    const [lost, back, asked] = [told(canvas, "webglcontextlost"), told(canvas, "webglcontextrestored"), told(window, "hashchange")];
    lose.loseContext();
    await lost;
    location.hash = "seed=42&count=16"; // what happens meanwhile is not lost either
    await asked;
    lose.restoreContext();
    await back;
  });
  await page.waitForFunction(() => window.latentCanvas.state().seed === "42");
  await atRest(page);
  assert.ok((await pixels(page)) !== old, "what was asked for meanwhile is not shown");
  await page.evaluate(() => (location.hash = "seed=41&count=16&selected=3"));
  await page.waitForFunction(() => window.latentCanvas.state().seed === "41");
  await atRest(page);
  await shoot(page, "app-context-back");
  assert.deepEqual(await page.evaluate(() => window.latentCanvas.state()), state);
  assert.ok((await pixels(page)) === old, "other pixels than before the loss");
  await page.context().close();
});

test("keys of the page and of the browser pass by", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  const box = await page.locator("#canvas").boundingBox();
  await page.mouse.click(box.x + box.width - 5, box.y + box.height - 5); // the focus is in the canvas
  await page.evaluate(() => {
    window.seen = {};
    addEventListener("keydown", (event) => (window.seen[event.key] = event.defaultPrevented));
  });
  for (const key of ["Tab", "F5", "Control+f", "Control+l", "Control+v", "PageDown", "Backspace", "x", " "]) {
    if (key === "F5") continue; // it would reload
    await page.keyboard.press(key);
  }
  const seen = await page.evaluate(() => window.seen);
  console.log(JSON.stringify(seen));
  assert.deepEqual(
    Object.entries(seen).filter(([, taken]) => taken),
    [],
  );
  const focused = await page.evaluate(() => document.activeElement.id);
  assert.notEqual(focused, "canvas", "Tab stays in the canvas");
  await page.context().close();
});

test("the help comes by the character, wherever a keyboard has it, and Escape takes it away", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16&selected=3" });
  const box = await page.locator("#canvas").boundingBox();
  await page.mouse.click(box.x + box.width - 5, box.y + box.height - 5);
  // As a German keyboard tells it.
  await page.locator("#canvas").dispatchEvent("keydown", { key: "?", code: "Minus", shiftKey: true });
  await page.waitForFunction(() => window.latentCanvas.state().help === "1");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !window.latentCanvas.state().help);
  assert.equal((await page.evaluate(() => window.latentCanvas.state())).selected, "3", "the selection stays");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, "none", "a frame round the whole canvas");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !window.latentCanvas.state().selected);
  await page.context().close();
});

// Gives the focus to the field of the seed, then `enters` something.
async function enterSeed(page, enters) {
  const [x, y, width, height] = (await settled(page)).get("item.seed").split(",").map(Number);
  const box = await page.locator("#canvas").boundingBox();
  await page.mouse.click(box.x + x + width / 3, box.y + y + height / 2);
  await settled(page);
  await enters();
}

test("the clipboard works in a text field", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16", permissions: ["clipboard-read", "clipboard-write"] });
  await page.evaluate(() => navigator.clipboard.writeText("424"));
  await enterSeed(page, async () => {
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+v");
    await page.keyboard.press("Enter");
  });
  await page.waitForFunction(() => window.latentCanvas.state().seed === "424");
  await page.context().close();
});

test("what comes faster than frames is all taken", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await enterSeed(page, () =>
    page.evaluate(() => {
      const canvas = document.getElementById("canvas");
      const press = (key, code, ctrlKey) => {
        for (const type of ["keydown", "keyup"])
          canvas.dispatchEvent(new KeyboardEvent(type, { key, code, ctrlKey, bubbles: true }));
      };
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "919");
      press("a", "KeyA", true);
      press("Control", "ControlLeft", false);
      press("v", "KeyV", true);
      canvas.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
      press("Enter", "Enter", false);
    }),
  );
  await page.waitForFunction(() => window.latentCanvas.state().seed === "919");
  await page.context().close();
});

test("at rest no frame is drawn", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await atRest(page);
  await still(async () => (await report(page)).get("frames"), 1500);
  await page.context().close();
});

test("with reduced motion nothing moves by itself", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16&tab=morph", reducedMotion: "reduce" });
  await settled(page);
  await still(async () => (await page.locator("#canvas").screenshot()).toString("base64"), 800);
  await page.context().close();
});

// Places where people are: nothing overflows, the device's pixels are all used, the grid has its place.
for (const [name, options] of [
  ["app-360x740-touch", { width: 360, height: 740, hasTouch: true, isMobile: true, deviceScaleFactor: 3 }],
  ["app-1280-dpr3", { deviceScaleFactor: 3 }],
  ["app-2560x1440", { width: 2560, height: 1440 }],
  ["app-768x1024-light", { width: 768, height: 1024, colorScheme: "light", hasTouch: true }],
]) {
  test(`the canvas fits ${name}`, { skip: noPage }, async () => {
    const page = await openPage({ hash: "seed=7&count=64", ...options });
    const now = await settled(page);
    await shoot(page, name);
    const { width = 1280, deviceScaleFactor = 1 } = options;
    const fit = await page.evaluate(() => {
      const { width, clientWidth } = document.getElementById("canvas");
      return { width, clientWidth, overflow: document.documentElement.scrollWidth - innerWidth };
    });
    console.log(`${name}: ${JSON.stringify(fit)}, grid ${now.get("grid")}`);
    assert.ok(fit.overflow <= 0);
    assert.equal(fit.width, Math.round(fit.clientWidth * deviceScaleFactor));
    const [x, , columns, , cell, , gap] = now.get("grid").split(",").map(Number);
    assert.ok(x >= 0 && x + columns * (cell + gap) - gap <= width + 1, "the grid leaves the screen");
    await page.context().close();
  });
}

// Where fingers press, on the widest screen too, a control is 40 CSS pixels high; a mouse keeps its smaller ones.
for (const [hand, options, least] of [
  ["fingers on a tablet", { hasTouch: true, isMobile: true }, 40],
  ["a mouse", {}, 22],
]) {
  test(`controls fit ${hand}`, { skip: noPage }, async () => {
    const page = await openPage({ hash: "seed=7&count=16&selected=1&picks=7.1_7.2_7.3", width: 1024, height: 768, ...options });
    await settled(page);
    const views = await page.locator("#mirror [role=tab]").evaluateAll((all) => all.map(({ dataset }) => dataset.name));
    for (const view of views) {
      await page.locator(`#mirror [data-name="${view}"]`).press("Enter");
      await settled(page);
      const controls = await page.locator("main, header").locator(":is(button, input):visible").evaluateAll((all) =>
        all
          .filter(({ type }) => type !== "file")
          .map((each) => [each.dataset.name ?? each.textContent.trim(), each.getBoundingClientRect().height]),
      );
      const lowest = controls.reduce((low, each) => (each[1] < low[1] ? each : low));
      console.log(`${view}: ${controls.length} controls, the lowest is ${lowest}`);
      assert.ok(controls.length > 5 && lowest[1] >= least, `${view}: ${lowest}`);
    }
    // As drawn: the colour of "New seed" reaches from its first to its last row.
    await page.locator(`#mirror [data-name="${views[0]}"]`).press("Enter");
    const [x, y, , height] = (await settled(page)).get("item.seed.reroll").split(",").map(Number);
    const canvas = await page.locator("#canvas").boundingBox();
    const { PNG } = await import("pngjs");
    const clip = { x: canvas.x + x + 8, y: canvas.y + y - 2, width: 1, height: height + 4 };
    const { data } = PNG.sync.read(await page.screenshot({ clip }));
    const rows = Array.from({ length: data.length / 4 }, (_, row) => data.readUInt32BE(4 * row));
    assert.equal(rows.filter((colour) => colour === rows[rows.length >> 1]).length, options.hasTouch ? 40 : 32);
    await page.context().close();
  });
}

test("without a clipboard the failure is told in words", { skip: noPage }, async () => {
  const page = await openPage({
    hash: "seed=7&count=16",
    before: (page) =>
      page.addInitScript(() => Object.defineProperty(Navigator.prototype, "clipboard", { get: () => undefined })),
  });
  await settled(page);
  await page.locator('#mirror [data-name="copy.command"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => /Nothing was copied/.test(document.getElementById("mirror").textContent));
  assert.equal(await notice(page), "");
  await page.context().close();
});

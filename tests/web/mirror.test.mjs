// The canvas's controls as elements: what a screen reader gets, and that every one of them works.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { mirrored, models, noPage, openPage, settled, startBrowser, still, stopBrowser } from "./lib/browser.mjs";

const [first] = models;
const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}

const pixels = async (page) => (await page.locator("#canvas").screenshot()).toString("base64");

// Does something and waits until the canvas shows other pixels and rests; false when it does not within some seconds.
async function changes(page, work) {
  await settled(page);
  const old = await pixels(page);
  await work();
  for (const deadline = performance.now() + 10_000; performance.now() < deadline; ) {
    await settled(page);
    if ((await pixels(page)) !== old) return true;
  }
  return false;
}

// An element's attribute, once the mirror has followed the canvas.
const becomes = (page, name, attribute, text) =>
  page.waitForFunction(
    ([name, attribute, text]) => document.querySelector(`#mirror [data-name="${name}"]`)?.getAttribute(attribute) === text,
    [name, attribute, text],
  );

// The first model is drawn, and the elements have followed.
async function begun(page) {
  await mirrored(page, [/button "New seed"/, /tab .*\n[^]*tab /]);
  await settled(page);
}

test("the accessibility tree names the controls with their roles and values", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await begun(page);
  const tree = await page.locator("main").ariaSnapshot();
  console.log(tree.split("\n").slice(0, 12).join("\n"));
  for (const line of [
    /tab "Sample" \[selected\]/,
    new RegExp(`radio "[^"]*" \\[checked\\]`),
    /group "Sample"/,
    /heading "Models" \[level=2\]/,
    /textbox "Seed": "?7/,
    /button "New seed"/,
    /slider "Temperature": "?1/,
  ])
    assert.match(tree, line);
  assert.doesNotMatch(tree, /Loading the first model/, "the plain page is still read");
  await page.context().close();
});

for (const [where, options] of [
  ["the canvas", { hash: "seed=7&count=16&selected=0" }],
  ["the plain page", { webgl: false }],
  ["a phone", { hash: "seed=7&count=16", width: 360, height: 740, hasTouch: true, isMobile: true }],
]) {
  test(`axe finds nothing wrong with ${where}`, { skip: noPage }, async () => {
    const page = await openPage({ ...options, bypassCSP: true });
    if (options.webgl !== false) await begun(page);
    await page.evaluate(readFileSync(axePath, "utf8"));
    const { violations, passes } = await page.evaluate(() => window.axe.run());
    console.log(`${where}: ${passes.length} rules pass, ${violations.length} fail`);
    assert.deepEqual(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3)}`),
      [],
    );
    await page.context().close();
  });
}

test("every control of every panel works by its role, and pixels change", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16&selected=0" });
  await settled(page);
  await begun(page);
  const tabs = await page.locator("#mirror [role=tab]").evaluateAll((all) => all.map((each) => each.dataset.name));
  assert.ok(tabs.length >= 2, `tabs: ${tabs}`);
  for (const tab of tabs.slice(1)) {
    const element = page.locator(`#mirror [data-name="${tab}"]`);
    assert.ok(await changes(page, () => element.focus().then(() => page.keyboard.press("Enter"))), `${tab}: nothing`);
    await becomes(page, tab, "aria-selected", "true");
  }
  await page.locator(`#mirror [data-name="${tabs[0]}"]`).focus();
  await page.keyboard.press("Enter");

  const slider = page.getByRole("slider", { name: "Temperature" });
  assert.ok(await changes(page, () => slider.focus().then(() => page.keyboard.press("Home"))), "slider, Home");
  assert.equal((await page.evaluate(() => window.latentCanvas.state())).temperature, "0");
  assert.ok(await changes(page, () => slider.fill("1")), "slider, value");

  const seed = page.getByRole("textbox", { name: "Seed" });
  assert.ok(await changes(page, () => seed.fill("41").then(() => seed.press("Enter"))), "seed");
  assert.equal((await page.evaluate(() => window.latentCanvas.state())).seed, "41");
  assert.ok(await changes(page, () => page.getByRole("button", { name: "New seed" }).press("Enter")), "New seed");

  const count = page.getByRole("radio", { name: "36", exact: true });
  assert.ok(await changes(page, () => count.press("Space")), "count");
  await page.getByRole("radio", { name: "36", exact: true, checked: true }).waitFor({ state: "attached", timeout: 5000 });
  await page.context().close();
});

test("Tab walks from the header through the controls and out of the page, the canvas shows where", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  await page.locator("#choose").focus();
  const old = await pixels(page);
  const visited = [];
  for (let i = 0; i < 60; ++i) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => document.activeElement?.dataset.name ?? document.activeElement?.tagName);
    if (name === "BODY" || visited.includes(name)) break;
    visited.push(name);
    if (i === 0) {
      await settled(page);
      assert.notEqual(await pixels(page), old, "the canvas does not show the focus");
    }
  }
  console.log(`${visited.length} stops: ${visited.slice(0, 8).join(", ")} ...`);
  assert.ok(visited.length > 8 && visited.includes("seed") && visited.includes("temperature"), String(visited));
  assert.equal(new URLSearchParams(await page.evaluate(() => window.latentCanvas.report())).get("focus") || "", "");
  await page.context().close();
});

test("a tapped text field gets the phone's keyboard, and what is typed there is taken", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16", width: 360, height: 740, hasTouch: true, isMobile: true });
  const report = await settled(page);
  const item = report.get("item.seed");
  assert.ok(item, `no seed field on the screen: ${report}`);
  const [x, y, width, height] = item.split(",").map(Number);
  const box = await page.locator("#canvas").boundingBox();
  await page.touchscreen.tap(box.x + x + width / 2, box.y + y + height / 2);
  const focused = await page.evaluate(() => [document.activeElement.dataset.name, document.activeElement.inputMode]);
  assert.deepEqual(focused, ["seed", "numeric"]);
  await page.keyboard.press("Control+A");
  await page.keyboard.type("99");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.latentCanvas.state().seed === "99");
  await page.context().close();
});

test("at rest nothing is read and nothing is written", { skip: noPage }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  await page.evaluate(() => {
    window.changes = 0;
    const watch = new MutationObserver((records) => (window.changes += records.length));
    watch.observe(document.body, { attributes: true, childList: true, characterData: true, subtree: true });
  });
  await still(() => page.evaluate(() => window.changes), 1500);
  await page.getByRole("slider", { name: "Temperature" }).fill("0.5");
  await becomes(page, "temperature", "aria-valuetext", "0.50");
  await page.context().close();
});

test(`a listed model is chosen by its radio button`, { skip: noPage || models.length < 2 }, async () => {
  const page = await openPage({ hash: "seed=7&count=16" });
  await settled(page);
  const { name } = models.find((each) => each.name !== first.name);
  await page.locator(`#mirror [data-name="model.${name}"]`).press("Space");
  await page.waitForFunction((name) => window.latentCanvas.state().model === name, name);
  await settled(page);
  await page.context().close();
});

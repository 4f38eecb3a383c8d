// The service worker: the page without a network, and one deployment after another without a mixture.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { noPage, openPage, startBrowser, stopBrowser } from "./lib/browser.mjs";
import { engineFiles, repository, siteFolder } from "./lib/files.mjs";

const { serve } = await import(pathToFileURL(join(repository, "scripts", "serve.mjs")));
const folder = mkdtempSync(join(tmpdir(), "latent-canvas-offline-"));
const root = join(folder, "site");

if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}
after(() => rmSync(folder, { recursive: true, force: true }));

// A deployment: the built site with the colour scheme's name in its style changed, so that the hashes differ. The same
// steps as scripts/site.mjs for one changed file.
async function deploy(word) {
  const { execFileSync } = await import("node:child_process");
  const next = join(folder, `next-${word}`);
  const sources = join(folder, `sources-${word}`);
  const { files } = JSON.parse(readFileSync(join(siteFolder, "build.json"), "utf8"));
  cpSync(join(repository, "web"), sources, { recursive: true });
  for (const name of [...engineFiles, "app.mjs", "app.wasm"]) cpSync(join(siteFolder, files[name]), join(sources, name));
  // The built app.mjs names the hashed app.wasm already: back to the plain name.
  const app = readFileSync(join(sources, "app.mjs"), "utf8").replaceAll(files["app.wasm"], "app.wasm");
  writeFileSync(join(sources, "app.mjs"), app);
  const main = readFileSync(join(sources, "main.js"), "utf8");
  writeFileSync(join(sources, "main.js"), `${main}\nwindow.deployment = "${word}";\n`);
  const classic = readFileSync(join(sources, "pool.js"), "utf8");
  writeFileSync(join(sources, "pool.js"), `${classic}\nglobalThis.poolDeployment = "${word}";\n`);
  const weights = join(folder, "weights");
  const manifest = JSON.parse(readFileSync(join(repository, "weights", "manifest.json"), "utf8"));
  cpSync(join(repository, "weights"), weights, { recursive: true });
  writeFileSync(join(weights, "manifest.json"), JSON.stringify({ models: manifest.models.slice(0, 2) }));
  cpSync(siteFolder, next, { recursive: true }); // what is unchanged is not compressed again
  const names = Object.keys(files).filter((name) => !name.includes("/"));
  execFileSync(process.execPath, [
    join(repository, "scripts", "site.mjs"),
    next,
    weights,
    ...[...names, "sw.js"].map((name) => join(sources, name)),
  ]);
  rmSync(root, { recursive: true, force: true });
  renameSync(next, root);
}

const controlled = (page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const { active } = await navigator.serviceWorker.getRegistration();
    while (active.state !== "activated") await new Promise((done) => setTimeout(done, 20));
    return caches.keys();
  });
const deployment = (page) => page.evaluate(() => [window.deployment, globalThis.poolDeployment]);
const grid = (page) => page.evaluate(() => document.getElementById("grid").toDataURL());

test("after the first visit the page works without a network", { skip: noPage }, async () => {
  await deploy("A");
  const server = await serve({ root });
  const page = await openPage({ address: server.url, serviceWorkers: "allow", hash: "seed=41&count=16" });
  const [cache] = await controlled(page);
  console.log(`cache ${cache}`);
  const online = await grid(page);
  await server.close(); // harsher than the browser's own 'offline'
  await page.reload();
  await page.evaluate(() => window.latentCanvas.ready);
  assert.equal(await grid(page), online, "other pictures without a network");
  assert.equal(await page.evaluate(() => document.body.classList.contains("app")), true, "no canvas without a network");
  const words = await page.evaluate(async () => {
    const names = [...document.querySelectorAll("#model option")].map(({ value }) => value);
    try {
      await window.latentCanvas.sample({ model: names[1] });
      return "drawn";
    } catch (error) {
      return error.message;
    }
  });
  console.log(words);
  assert.match(words, /did not arrive/);
  await page.context().close();
});

test("a new deployment takes over whole, pages of the old one go on", { skip: noPage }, async () => {
  await deploy("A");
  const asked = [];
  const server = await serve({ root, onSent: (path) => asked.push(path) });
  const page = await openPage({ address: server.url, serviceWorkers: "allow" });
  await controlled(page);
  await page.reload(); // now through the service worker
  await page.evaluate(() => window.latentCanvas.ready);
  assert.deepEqual(await deployment(page), ["A", "A"]);

  await deploy("B");
  const renewed = page.waitForFunction(() => document.getElementById("notices").textContent.includes("newer version"));
  await page.reload(); // the old one at once, from its cache; the new one comes in behind it
  await page.evaluate(() => window.latentCanvas.ready);
  const during = await deployment(page);
  assert.equal(during[0], during[1], "two deployments in one page");
  await renewed.catch(() => {});
  await page.waitForFunction(async () => (await caches.keys()).length > 1);
  await page.evaluate(() => window.latentCanvas.sample({ seed: 5, count: 3 }));

  await page.reload();
  await page.evaluate(() => window.latentCanvas.ready);
  console.log(`first reload ${during}, second ${await deployment(page)}`);
  assert.deepEqual(await deployment(page), ["B", "B"]);
  await page.context().close();
  await server.close();
});

test("a deployment that is not complete is not taken", { skip: noPage }, async () => {
  await deploy("A");
  const server = await serve({ root });
  const page = await openPage({ address: server.url, serviceWorkers: "allow" });
  await controlled(page);
  const whole = join(folder, "half");
  rmSync(whole, { recursive: true, force: true });
  cpSync(root, whole, { recursive: true });
  await deploy("C");
  // The new sw.js is there before the rest: index.html is still the old one.
  for (const name of ["index.html", "index.html.gz", "index.html.br"]) cpSync(join(whole, name), join(root, name));
  await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update().catch(() => {}));
  await page.waitForTimeout(1500);
  await page.reload();
  await page.evaluate(() => window.latentCanvas.ready);
  assert.deepEqual(await deployment(page), ["A", "A"]);
  await page.context().close();
  await server.close();
});

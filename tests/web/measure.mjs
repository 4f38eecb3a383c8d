// What the page costs: first picture, bytes over the wire, main thread at rest. A new browser process and profile each
// time, on 127.0.0.1: `LC_SITE_DIR=build/web/site node tests/web/measure.mjs [ROUNDS]`. No test: figures, not verdicts.
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { launchBrowser } from "./lib/browser.mjs";
import { repository, siteFolder } from "./lib/files.mjs";

const rounds = Number(process.argv[2] ?? 9);
const kRestMs = 5000;
const { serve } = await import(pathToFileURL(join(repository, "scripts", "serve.mjs")));

const sent = new Map(); // path -> bytes of the body, as sent
const server = await serve({ root: siteFolder, onSent: (path, bytes) => sent.set(path, bytes) });
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const span = (values) =>
  `${median(values).toFixed(0)} ms (${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)})`;

async function round(rest) {
  const browser = await launchBrowser();
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(`${server.url}build.json`); // the server's process and connection, nothing of the page
  sent.clear();
  await page.goto(server.url);
  // Asking the page while it starts would slow it down: the server sees when the first pictures are there.
  while (![...sent.keys()].some((path) => path.startsWith("/app."))) await new Promise((done) => setTimeout(done, 50));
  await page.waitForFunction(() => performance.getEntriesByName("first-picture").length > 0);
  const early = await page.evaluate(() => {
    const [{ startTime: shown }] = performance.getEntriesByName("first-picture");
    const before = performance.getEntriesByType("resource").filter(({ startTime }) => startTime < shown);
    return [location.pathname, ...before.map(({ name }) => new URL(name).pathname)];
  });
  await page.evaluate(() => window.latentCanvas.ready);
  const marks = await page.evaluate(() =>
    Object.fromEntries(
      performance
        .getEntriesByType("mark")
        .map(({ name, startTime }) => [name, startTime]),
    ),
  );
  await page.waitForTimeout(rest ? 1500 : 100);
  let idle = NaN;
  if (rest) {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    const busy = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration").value;
    };
    const before = await busy();
    await new Promise((done) => setTimeout(done, kRestMs));
    idle = ((await busy()) - before) / (kRestMs / 1000);
  }
  const all = new Map(sent);
  await browser.close();
  return { marks, early, all, idle };
}

const runs = [];
for (let i = 0; i < rounds; ++i) runs.push(await round(i === rounds - 1));
await server.close();

for (const name of Object.keys(runs[0].marks))
  console.log(`${name.padEnd(16)} ${span(runs.map(({ marks }) => marks[name]))}`);
const { early, all, idle } = runs.at(-1);
// A host without brotli sends gzip.
function gzipped(path, bytes) {
  const twin = join(siteFolder, `${path === "/" ? "/index.html" : path}.gz`);
  return existsSync(twin) ? statSync(twin).size : bytes;
}
console.log(`\nbytes over the wire (bodies): as sent, as gzip; * before the first picture`);
const before = [0, 0];
const total = [0, 0];
const row = ([sent, gzip], words) => console.log(`${String(sent).padStart(9)} ${String(gzip).padStart(9)} ${words}`);
for (const [path, bytes] of all) {
  const both = [bytes, gzipped(path, bytes)];
  row(both, `${early.includes(path) ? "*" : " "} ${path}`);
  for (const i of [0, 1]) {
    total[i] += both[i];
    if (early.includes(path)) before[i] += both[i];
  }
}
row(before, "  before the first picture");
row(total, "  in all");
console.log(`\nmain thread at rest: ${(100 * idle).toFixed(2)} %`);
if (process.env.LC_MEASURE_JSON) writeFileSync(process.env.LC_MEASURE_JSON, JSON.stringify(runs.map(({ marks }) => marks)));

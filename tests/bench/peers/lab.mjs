// What the comparisons share: models in every peer's format, a server that counts bytes, and the peers themselves.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { onnx_of } from "./onnx.mjs";

const here = import.meta.dirname;
export const root = resolve(here, "../../..");
const programs = process.env.LC_BENCH_PROGRAMS ?? join(root, "build/bench/bin");
const cli = process.env.LC_CLI ?? join(programs, "latent-canvas");
const builds = process.env.LC_ENGINE_BUILDS ?? join(root, "build/web/bin");

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

// The same numbers every time, within about +-1.5.
export const latents_of = (model, batch) =>
  Float32Array.from({ length: batch * model.latent }, (_, i) => 1.5 * Math.sin(1 + 12.9898 * i));

export const folder = mkdtempSync(join(tmpdir(), "latent-canvas-peers-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

// The bench's networks (`set`: "cases" or "widths") as .lcw, .safetensors and .onnx: [{ name, latent, image, multiply_adds }].
export function write_models(set = "cases", wanted = null) {
  const place = mkdtempSync(join(folder, "set-"));
  execFileSync(join(programs, "bench_model"), ["--write", set, place]);
  const models = [];
  for (const file of readdirSync(place).sort((a, b) => a.localeCompare(b, "en", { numeric: true }))) {
    const name = basename(file, ".lcw");
    if (wanted && !wanted.includes(name)) continue;
    writeFileSync(join(folder, file), readFileSync(join(place, file)));
    const safetensors = execFileSync(cli, ["export", join(place, file), "--out", "-"], {
      maxBuffer: 2 ** 30,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { onnx, ...model } = onnx_of(safetensors);
    writeFileSync(join(folder, `${name}.onnx`), onnx);
    writeFileSync(join(folder, `${name}.safetensors`), safetensors);
    models.push({ name, ...model });
  }
  return models;
}

const kTypes = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const modules = join(here, "node_modules");
const kPlaces = [
  [/^\/models\/([\w.-]+)$/, [folder]],
  [/^\/ort\/([\w.-]+)$/, [join(modules, "onnxruntime-web/dist")]],
  [/^\/tfjs\/([\w.-]+)$/, [join(modules, "@tensorflow/tfjs-core/dist"), join(modules, "@tensorflow/tfjs-backend-wasm/dist")]],
  [/^\/engine\/([\w.-]+)$/, [join(root, "web"), builds]],
  [/^\/((?:page|tfjs)\.js)$/, [here]],
];
const compressed = new Map();
export let sent = 0; // bytes of bodies, gzip, models left aside
export const reset_sent = () => (sent = 0);
const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cache-Control": "no-store" };
  const send = (type, body) => {
    if (!compressed.has(path)) compressed.set(path, path.startsWith("/models/") ? body : gzipSync(body, { level: 9 }));
    const small = compressed.get(path);
    if (!path.startsWith("/models/")) sent += small.length;
    const encoding = path.startsWith("/models/") ? {} : { "Content-Encoding": "gzip" };
    response.writeHead(200, { ...headers, ...encoding, "Content-Type": type, "Content-Length": small.length }).end(small);
  };
  if (path === "/") return send("text/html", '<!doctype html><title>peer</title><script type="module" src="/page.js"></script>');
  for (const [pattern, places] of kPlaces) {
    const name = pattern.exec(path)?.[1];
    const file = name && places.map((place) => join(place, name)).find(existsSync);
    if (file) return send(kTypes[extname(name)] ?? "application/octet-stream", readFileSync(file));
  }
  response.writeHead(404).end();
});
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const address = `http://127.0.0.1:${server.address().port}/`;
export const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--no-first-run"] });

export async function close() {
  await browser.close();
  server.close();
}

// Milliseconds from the navigation to the first picture in a fresh profile.
export async function cold_start(kind, model) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${address}?peer=${kind}&model=${model.name}&latent=${model.latent}`);
  await page.waitForFunction(() => window.first, null, { polling: 20 });
  const first = await page.evaluate(() => window.first);
  await context.close();
  return first;
}

// { bytes, milliseconds } of loading, validating and packing a model in Chromium.
export async function loading(model) {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => window.loading);
  const found = await page.evaluate((name) => window.loading(name), model.name);
  await page.close();
  return found;
}

// A peer answers load(model, batch, latents) with pictures and measure(ms) with milliseconds a run.
export async function page_peer(kind, more = {}) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(address);
  await page.waitForFunction(() => window.peer);
  return {
    load: (model, batch, latents) =>
      page.evaluate(([k, o, l]) => window.peer.load(k, o, l), [kind, { ...model, ...more, batch }, Array.from(latents)]),
    measure: (ms) => page.evaluate((m) => window.peer.measure(m), ms),
    close: () => page.context().close(),
  };
}

export async function onnxruntime_native() {
  const ort = (await import("onnxruntime-node")).default;
  let run;
  return {
    async load(model, batch, latents) {
      const one = { intraOpNumThreads: 1, interOpNumThreads: 1, graphOptimizationLevel: "all" };
      const session = await ort.InferenceSession.create(join(folder, `${model.name}.onnx`), one);
      const input = new ort.Tensor("float32", latents, [batch, model.latent]);
      run = async () => (await session.run({ v0: input }))[session.outputNames[0]].data;
      return run();
    },
    async measure(ms) {
      const times = [];
      for (const begin = performance.now(); performance.now() - begin < ms; ) {
        const start = performance.now();
        await run();
        times.push(performance.now() - start);
      }
      return median(times);
    },
    close: async () => {},
  };
}

export function engine_native() {
  const program = spawn(join(programs, "bench_model"), [], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = [];
  createInterface({ input: program.stdout }).on("line", (line) => waiting.shift()(line));
  const ask = (line) => new Promise((answer) => (waiting.push(answer), program.stdin.write(`${line}\n`)));
  return {
    async load(model, batch, latents) {
      writeFileSync(join(folder, "latents"), Buffer.from(latents.buffer));
      await ask(`load ${batch} ${folder} ${model.name}`);
      const bytes = readFileSync(join(folder, "pictures"));
      return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    },
    measure: async (ms) => Number(await ask(`measure ${ms}`)),
    close: async () => program.stdin.end(),
  };
}

// Puts `lines` between the marks <!-- NAME --> and <!-- /NAME --> of docs/benchmarks.md. `keys`: how many first cells name a
// row; then rows of other names, measured at other times, stay where they are; new ones come last.
export function write_section(name, lines, keys = 0) {
  const path = join(root, "docs/benchmarks.md");
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(path, "utf8");
  const from = text.indexOf(begin) + begin.length, to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`${path}: no place marked ${begin} ... ${end}`);
  if (keys > 0) {
    const key = (line) => line.split("|", keys + 1).join("|");
    const cut = (all) => all.findIndex((line) => line.startsWith("| ---")) + 1; // the table's head is above
    const old = text.slice(from, to).trim().split("\n");
    const rows = new Map([...old.slice(cut(old)), ...lines.slice(cut(lines))].map((line) => [key(line), line]));
    lines = [...lines.slice(0, cut(lines)), ...rows.values()];
  }
  writeFileSync(path, `${text.slice(0, from)}\n${lines.join("\n")}\n${text.slice(to)}`);
}

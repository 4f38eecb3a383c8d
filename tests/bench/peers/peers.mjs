// Puts the engine beside onnxruntime, in Chromium and natively, one thread each: the same weights, outputs compared,
// rounds interleaved so that a busy machine slows all alike. `node peers.mjs [--rounds 7] [--ms 150] [--batches 1,16,64]
// [--models a,b] [--table FILE]`; `make bench-peers` builds what it needs.
import { spawn, execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { cpus, tmpdir } from "node:os";
import { basename, extname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { onnx_of } from "./onnx.mjs";

const here = import.meta.dirname;
const root = resolve(here, "../../..");
const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    ms: { type: "string", default: "150" },
    batches: { type: "string", default: "1,16,64" },
    models: { type: "string" },
    table: { type: "string" },
    programs: { type: "string", default: join(root, "build/bench/bin") },
    wasm: { type: "string", default: join(root, "build/web/bin/engine.wasm") },
  },
});
const kTolerance = 1e-4; // of a picture's value in [0, 1]
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

const folder = mkdtempSync(join(tmpdir(), "latent-canvas-peers-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

// The bench's networks, as .lcw and as .onnx.
function write_models() {
  execFileSync(join(options.programs, "bench_model"), ["--write", folder]);
  const wanted = options.models?.split(",");
  const models = [];
  for (const file of readdirSync(folder).sort()) {
    const name = basename(file, ".lcw");
    if (wanted && !wanted.includes(name)) continue;
    const safetensors = execFileSync(
      join(options.programs, "latent-canvas"),
      ["export", join(folder, file), "--out", "-"],
      { maxBuffer: 2 ** 30 },
    );
    const { onnx, ...model } = onnx_of(safetensors);
    writeFileSync(join(folder, `${name}.onnx`), onnx);
    models.push({ name, ...model });
  }
  return models;
}

const kTypes = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };
const kPlaces = [
  [/^\/models\/([\w.-]+)$/, folder],
  [/^\/ort\/([\w.-]+)$/, join(here, "node_modules/onnxruntime-web/dist")],
  [/^\/(page\.js)$/, here],
  [/^\/(engine\.js)$/, join(root, "web")],
];
const server = createServer((request, response) => {
  const path = request.url.split("?")[0];
  const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const send = (type, body) => response.writeHead(200, { ...headers, "Content-Type": type }).end(body);
  if (path === "/") return send("text/html", '<!doctype html><title>peer</title><script type="module" src="/page.js"></script>');
  if (path === "/engine.wasm") return send("application/wasm", readFileSync(options.wasm));
  for (const [pattern, place] of kPlaces) {
    const name = pattern.exec(path)?.[1];
    if (name) return send(kTypes[extname(name)] ?? "application/octet-stream", readFileSync(join(place, name)));
  }
  response.writeHead(404).end();
});

// A peer answers load(model, batch, latents) with pictures and measure(ms) with milliseconds a run.
async function page_peer(browser, kind) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => window.peer);
  return {
    load: (model, batch, latents) =>
      page.evaluate(([k, o, l]) => window.peer.load(k, o, l), [kind, { ...model, batch }, Array.from(latents)]),
    measure: (ms) => page.evaluate((m) => window.peer.measure(m), ms),
  };
}

async function onnxruntime_native() {
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
  };
}

function our_native() {
  const program = spawn(join(options.programs, "bench_model"), [], { stdio: ["pipe", "pipe", "inherit"] });
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
    close: () => program.stdin.end(),
  };
}

const models = write_models();
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--no-first-run"] });
// Pictures of ours in the browser are in [0, 1] already; the others give the network's own range.
const peers = [
  { title: "engine, Chromium", grey: true, ...(await page_peer(browser, "ours")) },
  { title: "onnxruntime-web, Chromium", ...(await page_peer(browser, "onnxruntime")) },
  { title: "engine, native", ...our_native() },
  { title: "onnxruntime, native", ...(await onnxruntime_native()) },
];

const lines = [
  `Pictures a second, one thread, medians of ${options.rounds} interleaved rounds (${cpus()[0].model.trim()}, Chromium ${browser.version()});`,
  "ratios are medians of the rounds' ratios; outputs agree within 1e-4.",
  "",
  "| network | batch | engine, Chromium | onnxruntime-web | ratio | engine, native | onnxruntime | ratio | differ by at most |",
  "| --- | --: | --: | --: | --: | --: | --: | --: | --: |",
];
console.log(lines.join("\n"));
for (const model of models) {
  for (const batch of options.batches.split(",").map(Number)) {
    const latents = Float32Array.from({ length: batch * model.latent }, (_, i) => 1.5 * Math.sin(1 + 12.9898 * i));
    const { low, high } = model.image;
    const pictures = [];
    for (const peer of peers) {
      const found = await peer.load(model, batch, latents);
      pictures.push(peer.grey ? found : Array.from(found, (v) => Math.min(1, Math.max(0, (v - low) / (high - low)))));
      await peer.measure(100);
    }
    const worst = Math.max(...pictures.map((each) => each.reduce((most, v, i) => Math.max(most, Math.abs(v - pictures[3][i])), 0)));
    if (!(worst <= kTolerance)) throw new Error(`${model.name}: outputs differ by ${worst}`);
    const rounds = [];
    for (let round = 0; round < options.rounds; ++round) {
      const times = [];
      for (let i = 0; i < peers.length; ++i) {
        const at = (i + round) % peers.length;
        times[at] = await peers[at].measure(Number(options.ms));
      }
      rounds.push(times);
    }
    const speed = (i) => Math.round((1000 * batch) / median(rounds.map((times) => times[i])));
    const ratio = (ours, other) => median(rounds.map((times) => times[other] / times[ours])).toFixed(2);
    const cells = [model.name, batch, speed(0), speed(1), ratio(0, 1), speed(2), speed(3), ratio(2, 3), worst.toExponential(1)];
    lines.push(`| ${cells.join(" | ")} |`);
    console.log(lines.at(-1));
  }
}
peers[2].close();
await browser.close();
server.close();
if (options.table) writeFileSync(options.table, `# Benchmarks\n\nWritten by \`make bench-peers\`.\n\n${lines.join("\n")}\n`);

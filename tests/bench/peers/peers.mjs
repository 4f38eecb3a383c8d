// Puts the engine beside onnxruntime and TensorFlow.js, in Chromium and natively, one thread each: the same weights,
// outputs compared, rounds interleaved so that a busy machine slows all alike. `node peers.mjs [--rounds 5] [--ms 60]
// [--batches 1,16,64] [--models a,b] [--cold 5] [--write]`; --rounds 0 and --cold 0 leave those tables out. --write puts each
// network's rows into docs/benchmarks.md as soon as they are measured and leaves the others' alone: a run may be cut short,
// or made in slices of a few --models at quiet moments. `make bench-peers` builds what it needs.
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import * as lab from "./lab.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    ms: { type: "string", default: "60" },
    batches: { type: "string", default: "1,16,64" },
    models: { type: "string" },
    cold: { type: "string", default: "5" },
    write: { type: "boolean", default: false },
  },
});
const kTolerance = 1e-4; // of a picture's value in [0, 1]
const kPatienceMs = 400;
const { median } = lab;

// Milliseconds a run of each peer, rounds interleaved: [round][peer]. Throws when pictures differ. `slow`: peers that are left
// out; those that take longer than kPatienceMs join them, for larger batches would take minutes.
async function compare(peers, model, batch, slow) {
  const latents = lab.latents_of(model, batch);
  const { low, high } = model.image;
  let reference = null;
  for (const peer of peers) {
    if (slow.has(peer)) continue;
    const { load, measure, title, grey } = peer;
    const found = await load(model, batch, latents);
    const pictures = grey ? found : Array.from(found, (v) => Math.min(1, Math.max(0, (v - low) / (high - low))));
    reference ??= pictures;
    const worst = pictures.reduce((most, v, i) => Math.max(most, Math.abs(v - reference[i])), 0);
    if (!(worst <= kTolerance)) throw new Error(`${model.name}, batch ${batch}: ${title} differs by ${worst}`);
    if ((await measure(60)) > kPatienceMs) slow.add(peer);
  }
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); ++round) {
    const times = [];
    for (let i = 0; i < peers.length; ++i) {
      const at = (i + round) % peers.length;
      times[at] = slow.has(peers[at]) ? NaN : await peers[at].measure(Number(options.ms));
    }
    rounds.push(times);
  }
  return rounds;
}

const models = lab.write_models("cases", options.models?.split(","));
// Pictures of ours in the browser are in [0, 1] already; the others give the network's own range.
const peers = [
  { title: "engine", grey: true, ...(await lab.page_peer("engine")) },
  { title: "two workers", grey: true, ...(await lab.page_peer("pool", { workers: 2 })) },
  { title: "onnxruntime-web", ...(await lab.page_peer("onnxruntime")) },
  { title: "TensorFlow.js", ...(await lab.page_peer("tensorflow")) },
  { title: "engine, native", ...lab.engine_native() },
  { title: "onnxruntime", ...(await lab.onnxruntime_native()) },
];
const [kOurs, kTwo, kOrtWeb, kTensorflow, kNative, kOrt] = peers.keys();

const lines = [
  `Pictures a second, one thread unless said, medians of ${options.rounds} interleaved rounds (${cpus()[0].model.trim()}, Chromium`,
  `${lab.browser.version()}); ratios are medians of the rounds' ratios; outputs agree within ${kTolerance.toExponential()} of a picture's range;`,
  `\`-\`: longer than ${kPatienceMs / 1000} s a request, left out.`,
  "",
  "| network | batch | engine, Chromium | onnxruntime-web | ratio | TensorFlow.js | ratio | two workers / one | engine, native | onnxruntime | ratio |",
  "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |",
];
if (Number(options.rounds) > 0) console.log(lines.join("\n"));
for (const model of Number(options.rounds) > 0 ? models : []) {
  const slow = new Set();
  for (const batch of options.batches.split(",").map(Number)) {
    const rounds = await compare(peers, model, batch, slow);
    const speed = (i) => Math.round((1000 * batch) / median(rounds.map((times) => times[i]))) || "-";
    const ratio = (ours, other) => median(rounds.map((times) => times[other] / times[ours])).toFixed(2).replace("NaN", "-");
    const cells = [
      model.name, batch, speed(kOurs), speed(kOrtWeb), ratio(kOurs, kOrtWeb), speed(kTensorflow), ratio(kOurs, kTensorflow),
      ratio(kTwo, kOurs), speed(kNative), speed(kOrt), ratio(kNative, kOrt),
    ];
    lines.push(`| ${cells.join(" | ")} |`);
    console.log(lines.at(-1));
  }
  if (options.write) lab.write_section("peers", lines, 2);
}
for (const peer of peers) await peer.close();

// Cold starts: a fresh profile, nothing cached, gzip over the wire.
const starts = [
  "| first picture, cold | engine | onnxruntime-web | TensorFlow.js |",
  "| --- | --: | --: | --: |",
];
if (Number(options.cold) > 0) {
  const kinds = ["engine", "onnxruntime", "tensorflow"];
  const bytes = {};
  for (const model of models.slice(0, 4)) {
    const times = Object.fromEntries(kinds.map((kind) => [kind, []]));
    for (let i = 0; i < Number(options.cold); ++i) {
      for (const kind of kinds) {
        lab.reset_sent();
        times[kind].push(await lab.cold_start(kind, model));
        bytes[kind] = lab.sent;
      }
    }
    starts.push(`| ${model.name}, ms | ${kinds.map((kind) => median(times[kind]).toFixed(0)).join(" | ")} |`);
  }
  starts.push(`| KB over the wire (gzip), weights aside | ${kinds.map((kind) => (bytes[kind] / 1024).toFixed(0)).join(" | ")} |`);
  const loads = ["| loading, validating and packing, Chromium | MB | ms |", "| --- | --: | --: |"];
  for (const model of models) {
    const { bytes: size, milliseconds } = await lab.loading(model);
    loads.push(`| ${model.name} | ${(size / 1e6).toFixed(2)} | ${milliseconds.toFixed(1)} |`);
  }
  console.log(`\n${starts.join("\n")}\n\n${loads.join("\n")}`);
  if (options.write) {
    lab.write_section("cold", starts, 1);
    lab.write_section("loading", loads, 1);
  }
}
await lab.close();

// How the engine's speed grows with batch, width and workers, in Chromium: tables and docs/growth.svg.
// `node growth.mjs [--ms 40] [--write]`.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import * as lab from "./lab.mjs";

const { values: options } = parseArgs({
  options: { ms: { type: "string", default: "40" }, write: { type: "boolean", default: false } },
});
const kRounds = 5;

// Pictures a second, the median of the rounds.
async function rate(peer, model, batch) {
  await peer.load(model, batch, lab.latents_of(model, batch));
  await peer.measure(60);
  const times = [];
  for (let i = 0; i < kRounds; ++i) times.push(await peer.measure(Number(options.ms)));
  return (1000 * batch) / lab.median(times);
}

// Multiply-adds of the definition, taken from the layers' shapes.
const gflops = (model, pictures) => (2e-9 * model.multiply_adds * pictures).toFixed(1);

// A line chart: series of { name, points: [[x, y], ...] }, both axes logarithmic.
function chart({ title, x_label, series, left, top }) {
  const [width, height] = [250, 190];
  const all = series.flatMap(({ points }) => points);
  const span = (i) => [Math.min(...all.map((p) => p[i])), Math.max(...all.map((p) => p[i]))].map(Math.log2);
  const [[x0, x1], [y0, y1]] = [span(0), span(1).map((v, i) => (i ? Math.ceil(v) + 2 : Math.floor(v)))]; // room for names
  const x = (v) => left + (width * (Math.log2(v) - x0)) / (x1 - x0 || 1);
  const y = (v) => top + height - (height * (Math.log2(v) - y0)) / (y1 - y0 || 1);
  const colours = ["#3366cc", "#cc5522", "#228855"];
  const parts = [`<text x="${left}" y="${top - 22}" font-weight="600">${title}</text>`];
  for (let p = y0; p <= y1; ++p) {
    const at = y(2 ** p);
    parts.push(`<path d="M${left} ${at}h${width}" stroke="#ddd"/><text x="${left - 6}" y="${at + 4}" text-anchor="end">${2 ** p}</text>`);
  }
  for (const v of new Set(all.map((p) => p[0]))) parts.push(`<text x="${x(v)}" y="${top + height + 16}" text-anchor="middle">${v}</text>`);
  parts.push(`<text x="${left + width / 2}" y="${top + height + 34}" text-anchor="middle">${x_label}</text>`);
  series.forEach(({ name, points }, i) => {
    const colour = colours[i % colours.length];
    parts.push(`<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ")}"/>`);
    for (const [a, b] of points) parts.push(`<circle cx="${x(a).toFixed(1)}" cy="${y(b).toFixed(1)}" r="2.5" fill="${colour}"/>`);
    parts.push(`<text x="${left + 8}" y="${top + 12 + 15 * i}" fill="${colour}">${name}</text>`);
  });
  return parts.join("\n");
}

const cases = lab.write_models("cases", ["conv-64-128x7-64-32-1", "dense-20-400-784", "odd-10-50x7-30-7-1"]);
const widths = lab.write_models("widths");
const one = await lab.page_peer("engine");

const batches = [];
for (const model of cases) {
  const points = [];
  for (let batch = 1; batch <= 1024; batch *= 4) points.push([batch, await rate(one, model, batch)]);
  batches.push({ name: model.name, points });
}
const even = [], lines = ["| channels | pictures/s | GFLOP/s |", "| --: | --: | --: |"];
for (const model of widths) {
  const channels = Number(model.name.split("-").at(-1));
  const pictures = await rate(one, model, 16);
  lines.push(`| ${channels} | ${Math.round(pictures)} | ${gflops(model, pictures)} |`);
  if (channels % 8 === 0 && Number.isInteger(Math.log2(channels))) even.push([channels, pictures]);
}
await one.close();
const many = [];
for (const model of cases) {
  const points = [];
  for (let workers = 1; workers <= cpus().length; ++workers) {
    const pool = await lab.page_peer("pool", { workers });
    points.push([workers, await rate(pool, model, 256)]);
    await pool.close();
  }
  many.push({ name: model.name, points });
}
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="960" height="300" font-family="sans-serif" font-size="11">
<rect width="960" height="300" fill="#fff"/>
${chart({ title: "pictures/s against the batch", x_label: "pictures in a request", series: batches, left: 60, top: 50 })}
${chart({ title: "against the width, batch 16", x_label: "channels of the middle layer", series: [{ name: "latent 32, 28 x 28", points: even }], left: 380, top: 50 })}
${chart({ title: "against the workers, batch 256", x_label: "Web Workers", series: many, left: 690, top: 50 })}
</svg>
`;
console.log(lines.join("\n"));
for (const [what, series] of [["batch", batches], ["workers", many]])
  for (const { name, points } of series) console.log(`${what}: ${name}: ${points.map(([x, y]) => `${x}: ${Math.round(y)}`).join(", ")}`);
if (options.write) {
  writeFileSync(join(lab.root, "docs/growth.svg"), svg);
  lab.write_section("widths", lines);
}
await lab.close();

// Writes DIR/manifest.json and DIR/player/*.lcw from the .lcw files of DIR: node scripts/manifest.mjs <latent-canvas> DIR
// The page draws its first picture from player/NAME.lcw, the playing networks alone; DIR/NAME.lcw has the rest.
// DIR/thumbnails.json has a picture of each for its card: { NAME: { channels, height, width, pixels } }, base64.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [program, dir] = process.argv.slice(2);
// The page opens with the first of these that is there; the others follow by name.
const order = ["cgan-mnist", "vae-mnist", "dcgan-mnist", "ae-mnist", "vae2d-mnist", "dcgan-fashion", "vae-fashion"];
// What draws nothing comes last.
const place = ({ name, player }) => (order.includes(name) ? order.indexOf(name) : order.length + (player ? 0 : 1));
// Of what `eval --write` left in the file, enough to choose a model by.
const told = ["frechet_distance", "conditional_accuracy", "class_entropy", "nll_dynamic", "test_accuracy"];
// What its seeds give: pictures, or a figure (rows of numbers); nothing for a translator or a classifier.
function draws({ image, networks }) {
  const player = networks.find((network) => plays(network) && network.inputs.some(({ name }) => name === "latent"));
  return player && (image.height > 1 ? "pictures" : "figure");
}
// The tasks that take a picture (session::Task).
const kSees = { encoder: "encode", discriminator: "discriminate", classifier: "classify" };
function sees({ networks }) {
  const of = (network) =>
    plays(network) && network.inputs.some(({ name }) => name === "image") ? "translate" : kSees[network.role];
  return [...new Set(networks.map(of).filter(Boolean))].sort();
}
// Numbers of its latent vector: what two of one title are told apart by.
const latent = ({ prior }) => prior.reduce((sum, { size }) => sum + size, 0);
// A feature network, with the statistics of its data set: other models of it can be measured live.
const measures = ({ prior }) => prior.some(({ name }) => name === "features") || undefined;
const plays = ({ role }) => role === "decoder" || role === "generator";

const listed = existsSync(join(dir, "manifest.json"))
  ? JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")).models
  : [];

function facts(file) {
  const bytes = readFileSync(join(dir, file));
  return { file, bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

// Made again when the whole file changed, so that a version-controlled folder stays as it is otherwise.
function player(name, whole, networks) {
  if (!networks.some(plays)) return undefined;
  const file = `player/${name}.lcw`;
  const known = listed.find((entry) => entry.name === name)?.sha256 === whole.sha256;
  if (!known || !existsSync(join(dir, file)))
    execFileSync(program, ["export", join(dir, whole.file), "--format", "player", "--out", join(dir, file)]);
  return facts(file);
}

// One of the model's own samples, else one of its data; nothing for what makes no pictures. In 16 steps, enough for 32
// pixels on a card: the page's visitors fetch them all, and these are two thirds of the bytes.
const stepped = (value) => Math.round(value / 17) * 17;
function thumbnail({ image: { channels, height, width }, strips }) {
  const strip = strips.find(({ name }) => name === "samples") ?? strips.find(({ count }) => count > 0);
  if (height === 1 || !strip?.count) return undefined;
  const pixels = Buffer.from(strip.pixels_base64, "base64").subarray(0, channels * height * width).map(stepped);
  return { channels, height, width, pixels: pixels.toString("base64") };
}

function save(name, value, indent) {
  const target = join(dir, name);
  writeFileSync(`${target}.new`, `${JSON.stringify(value, null, indent)}\n`);
  renameSync(`${target}.new`, target);
}

const thumbnails = {};
mkdirSync(join(dir, "player"), { recursive: true });
const models = readdirSync(dir)
  .filter((file) => file.endsWith(".lcw"))
  .map((file) => {
    const info = JSON.parse(execFileSync(program, ["info", join(dir, file), "--json"], { encoding: "utf8" }));
    const { family, title, networks } = info;
    const metrics = Object.fromEntries(
      info.metrics.filter((metric) => told.includes(metric.name)).map(({ name, value }) => [name, value]),
    );
    const name = basename(file, ".lcw");
    const whole = facts(file);
    const { dataset } = info.provenance;
    thumbnails[name] = thumbnail(info);
    const can = { draws: draws(info), sees: sees(info), measures: measures(info) };
    if (can.draws) can.latent = latent(info);
    return { name, title, family, dataset, ...can, ...whole, player: player(name, whole, networks), metrics };
  })
  .sort((a, b) => place(a) - place(b) || a.name.localeCompare(b.name));
for (const file of readdirSync(join(dir, "player")))
  if (!models.some((model) => model.player?.file === `player/${file}`)) rmSync(join(dir, "player", file));

save("manifest.json", { models }, 2);
save("thumbnails.json", thumbnails, 1);

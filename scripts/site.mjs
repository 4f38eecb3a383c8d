// Lays out what a static host serves: node scripts/site.mjs OUT WEIGHTS FILE...
//
// Every file but index.html and sw.js gets a name that holds its hash ("main.0123456789.js"), and those that name it are
// rewritten: two deployments can never be mixed, and a browser may keep each file for ever. sw.js learns the list of files
// and the build's id. build.json tells the names. x.br and x.gz lie beside x for hosts that send them (scripts/serve.mjs).
//
// A script holds those that it imports (esbuild): the first picture waits for fewer files. What index.html does not lead to
// is not part of the site.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const kKept = ["index.html", "sw.js", "build.json"]; // names that people and browsers ask for again
const kText = [".css", ".html", ".js", ".mjs"];
const kScripts = [".css", ".js", ".mjs"]; // what esbuild reads
const kOnDemand = ["./app.mjs", "./courier.js"]; // files of their own although they are imported
const kWorthwhile = 0.97; // a twin saves at least this part

const [out, weights, ...paths] = process.argv.slice(2);
const stage = `${out}.new`;
rmSync(stage, { recursive: true, force: true });

const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 10);
const hashed = (name, bytes) => name.replace(/(\.[^.]+)$/, `.${hash(bytes)}$1`);

const names = new Map(); // "main.js" -> "main.0123456789.js"
const sources = new Map(paths.map((path) => [basename(path), path]));

// The same file of the last build, where nothing changed, is linked: compressing it again would take seconds.
function put(name, bytes) {
  const target = join(stage, name);
  mkdirSync(dirname(target), { recursive: true });
  const kept = !kKept.includes(name) && existsSync(join(out, name));
  if (kept) linkSync(join(out, name), target); // with its age: a twin must not be older than its file
  else writeFileSync(target, bytes);
  const twins = {
    ".gz": () => gzipSync(bytes, { level: 9 }),
    // Weights look like noise: what brotli saves beyond gzip is not worth a second of building a megabyte.
    ".br": () =>
      extname(name) === ".lcw"
        ? bytes
        : brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  };
  for (const [suffix, compress] of Object.entries(twins)) {
    if (kept) {
      if (existsSync(join(out, name + suffix))) linkSync(join(out, name + suffix), target + suffix);
      continue;
    }
    const small = compress();
    if (small.length <= kWorthwhile * bytes.length) writeFileSync(target + suffix, small);
  }
}

function place(name, bytes) {
  const final = kKept.includes(name) ? name : hashed(name, bytes);
  names.set(name, final);
  put(final, bytes);
}

// A text with the names in quotes that it refers to replaced by the final ones.
function rewrite(name, text) {
  return text.replace(/(["'])(\.\/)?([\w./-]+)\1/g, (whole, quote, dot = "", path) => {
    if (path === name || kKept.includes(path) || !(sources.has(path) || names.has(path))) return whole;
    return quote + dot + build(path) + quote;
  });
}

function bundle(path) {
  const options = ["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning", "--external:node:*"];
  try {
    return execFileSync("esbuild", [path, ...options, ...kOnDemand.map((name) => `--external:${name}`)], { maxBuffer: 1 << 26 });
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new Error("esbuild is not installed: run scripts/setup demo");
  }
}

const underWay = new Set();
function build(name) {
  if (names.has(name)) return names.get(name);
  if (underWay.has(name)) throw new Error(`${[...underWay].join(" -> ")} -> ${name}: files that name each other have no hash`);
  underWay.add(name);
  const path = sources.get(name);
  const bytes = kScripts.includes(extname(name)) ? bundle(path) : readFileSync(path);
  place(name, kText.includes(extname(name)) ? Buffer.from(rewrite(name, bytes.toString())) : bytes);
  underWay.delete(name);
  return names.get(name);
}

function buildWeights() {
  const path = join(weights, "manifest.json");
  if (!existsSync(path)) return;
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const file_of = (facts) => {
    const name = `weights/${facts.file}`;
    if (!names.has(name)) place(name, readFileSync(join(weights, facts.file)));
    return names.get(name).slice("weights/".length);
  };
  for (const entry of manifest.models) {
    entry.file = file_of(entry);
    if (entry.player) entry.player.file = file_of(entry.player);
  }
  place("weights/manifest.json", Buffer.from(JSON.stringify(manifest)));
  if (existsSync(join(weights, "thumbnails.json")))
    place("weights/thumbnails.json", Buffer.from(JSON.stringify(JSON.parse(readFileSync(join(weights, "thumbnails.json"))))));
}

// The file of the page's first picture.
const firstPlayer = () => [...names].find(([name]) => name.startsWith("weights/player/"))?.[1];

// Names it in index.html, so that main.js asks for it before it has read the list of models.
function nameFirst() {
  const path = join(stage, "index.html");
  const page = readFileSync(path, "utf8");
  if (page.includes("@first")) put("index.html", Buffer.from(page.replace("@first", firstPlayer() ?? "")));
}

// What works without a network after the first visit: everything but the weights, and of these the first player.
async function buildServiceWorker() {
  const text = readFileSync(sources.get("sw.js"), "utf8");
  const files = [...names].filter(([name]) => !name.endsWith(".lcw")).map(([, final]) => final);
  const first = firstPlayer();
  if (first) files.push(first);
  const page = readFileSync(join(stage, "index.html"));
  // Of the engine's builds, each browser keeps the one that it runs.
  const { engineBuilds } = await import(pathToFileURL(join(dirname(sources.get("sw.js")), "engine.js")));
  const builds = engineBuilds.map(({ file, probe }) => [names.get(basename(file)), probe]);
  const id = hash([...names.values(), hash(page), hash(text)].join("\n"));
  const filled = text
    .replace('"@build"', JSON.stringify(id))
    .replace('"@page"', JSON.stringify(createHash("sha256").update(page).digest("hex")))
    .replace('["@engines"]', JSON.stringify(builds))
    .replace('["@files"]', JSON.stringify(files.filter((name) => !builds.some(([build]) => build === name))));
  put("sw.js", Buffer.from(filled));
  put("build.json", Buffer.from(`${JSON.stringify({ build: id, files: Object.fromEntries(names) }, null, 2)}\n`));
}

buildWeights();
build("index.html");
nameFirst();
if (sources.has("sw.js")) await buildServiceWorker();
rmSync(out, { recursive: true, force: true });
renameSync(stage, out);

// The weights that the tests run: the shipped ones, and a small golden file that is always there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { engineBuilds } from "../../../web/engine.js";

export const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
export const siteFolder = process.env.LC_SITE_DIR ?? join(repository, "build", "web", "site");
const buildPath = join(siteFolder, "build.json");
if (process.env.LC_SITE_DIR && !existsSync(buildPath)) {
  throw new Error(`LC_SITE_DIR is ${siteFolder}: no site lies there. Build it: make web`);
}
export const noSite = existsSync(buildPath)
  ? false
  : `no built site in ${siteFolder}: build the target 'site'`;
// "engine.wasm" -> "engine.0123456789.wasm": the names that hold hashes.
const siteNames = noSite ? {} : JSON.parse(readFileSync(buildPath, "utf8")).files;
export const siteName = (name) => siteNames[name] ?? name;
export const sitePath = (name) => join(siteFolder, siteName(name));
export const engineFiles = engineBuilds.map(({ file }) => basename(file));
// The rows of weights/manifest.json, in the page's order.
export const shipped = existsSync(sitePath("weights/manifest.json"))
  ? JSON.parse(readFileSync(sitePath("weights/manifest.json"), "utf8")).models
  : [];

function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".lcw"))
    .sort()
    .map((name) => ({ name: name.slice(0, -".lcw".length), path: join(folder, name) }));
}

export const goldenFiles = filesOf(join(repository, "tests", "golden")).map((file) => ({ ...file, draws: "pictures" }));
export const shippedFiles = shipped.map(({ name, file, draws }) => ({
  name,
  draws,
  path: join(siteFolder, "weights", file),
}));
export const allFiles = [...shippedFiles, ...goldenFiles];
// Those whose seeds give something.
export const drawingFiles = allFiles.filter(({ draws }) => draws);

// zlib's CRC-32, so that damage behind the checksum can be reached.
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

export const read = (file) => new Uint8Array(readFileSync(file.path));

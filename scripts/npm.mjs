#!/usr/bin/env node
// Lays out the npm package of the engine alone: node scripts/npm.mjs OUT ENGINE_WASM, then `npm pack` or `npm publish` in OUT.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const [out, wasm] = process.argv.slice(2);
if (!out || !wasm) {
  console.error("usage: node scripts/npm.mjs OUT ENGINE_WASM, for example: build/npm build/web/bin/engine.wasm");
  process.exit(2);
}
const { files } = JSON.parse(readFileSync(join(repository, "web", "package.json"), "utf8"));
mkdirSync(out, { recursive: true });
for (const name of ["package.json", "README.md", ...files])
  copyFileSync(name === "engine.wasm" ? wasm : join(repository, "web", name), join(out, name));
copyFileSync(join(repository, "LICENSE"), join(out, "LICENSE"));

#!/usr/bin/env node
// Lays out the npm package of the engine alone: node scripts/npm.mjs OUT BUILDS, then `npm pack` or `npm publish` in OUT.
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const [out, builds] = process.argv.slice(2);
if (!out || !builds) {
  console.error("usage: node scripts/npm.mjs OUT BUILDS, for example: build/npm build/web/bin");
  process.exit(2);
}
const { files } = JSON.parse(readFileSync(join(repository, "web", "package.json"), "utf8"));
mkdirSync(out, { recursive: true });
for (const name of ["package.json", "README.md", ...files])
  copyFileSync(join(name.endsWith(".wasm") ? builds : join(repository, "web"), name), join(out, name));
copyFileSync(join(repository, "LICENSE"), join(out, "LICENSE"));

// Writes DIR/manifest.json from the .lcw files of DIR: node scripts/manifest.mjs <latent-canvas> DIR
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

const [program, dir] = process.argv.slice(2);
// The page opens with the first of these that is there; the others follow by name.
const order = ["dcgan-mnist", "vae-mnist", "ae-mnist", "vae2d-mnist", "dcgan-fashion", "vae-fashion"];
const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);

const models = readdirSync(dir)
  .filter((file) => file.endsWith(".lcw"))
  .map((file) => {
    const info = JSON.parse(execFileSync(program, ["info", join(dir, file), "--json"], { encoding: "utf8" }));
    const bytes = readFileSync(join(dir, file));
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    const { family, title } = info;
    return { name: basename(file, ".lcw"), title, family, dataset: info.provenance.dataset, bytes: bytes.length, sha256, file };
  })
  .sort((a, b) => place(a.name) - place(b.name) || a.name.localeCompare(b.name));

const target = join(dir, "manifest.json");
writeFileSync(`${target}.new`, `${JSON.stringify({ models }, null, 2)}\n`);
renameSync(`${target}.new`, target);

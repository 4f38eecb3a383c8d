// The npm package of the engine: what is in it, that its types are true, that it works where it was never built.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { noPage, openPage, startBrowser, stopBrowser } from "./lib/browser.mjs";
import { engineFiles, goldenFiles, noSite, repository, shippedFiles, sitePath } from "./lib/files.mjs";

const folder = mkdtempSync(join(tmpdir(), "latent-canvas-npm-"));
const out = join(folder, "package");
const builds = join(folder, "builds");
const modules = join(repository, "tests", "web", "node_modules");
const weights = [...shippedFiles, ...goldenFiles][0];

if (!noSite) {
  before(() => {
    mkdirSync(builds);
    for (const name of engineFiles) copyFileSync(sitePath(name), join(builds, name));
    execFileSync(process.execPath, [join(repository, "scripts", "npm.mjs"), out, builds]);
  });
}
if (!noPage) {
  before(startBrowser);
  after(stopBrowser);
}
after(() => rmSync(folder, { recursive: true, force: true }));

test("npm packs the engine, its types and nothing else", { skip: noSite }, () => {
  const [{ files, size, unpackedSize }] = JSON.parse(
    execFileSync("npm", ["pack", "--json", "--pack-destination", folder], { cwd: out, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
  const names = files.map(({ path }) => path).sort();
  console.log(`${size} bytes packed, ${unpackedSize} unpacked: ${names.join(", ")}`);
  assert.deepEqual(names, ["LICENSE", "README.md", "engine-relaxed.wasm", "engine-scalar.wasm", "engine.d.ts", "engine.js", "engine.wasm", "example.html", "package.json"]);
});

test("publint has nothing to say", { skip: noSite }, async () => {
  const { publint } = await import("publint");
  const { formatMessage } = await import("publint/utils");
  const { messages, pkg } = await publint({ pkgDir: out, level: "suggestion", pack: false });
  assert.deepEqual(
    messages.filter(({ code }) => code !== "USE_TYPE").map((message) => formatMessage(message, pkg)),
    [],
  );
});

// A user's program, checked strictly; each @ts-expect-error fails the test when the types let it pass.
const kProgram = `
import { createEngine, compileEngine, toRgba, EngineError, type Engine, type Frame, type Model } from "latent-canvas";
export async function use(bytes: ArrayBuffer): Promise<number> {
  const engine: Engine = await createEngine(await compileEngine());
  const info: Model = engine.load(bytes, { name: "mine" });
  const frame: Frame = engine.sample({ model: info.model, seed: 7n, count: 4, labels: [1, 2, 3, 4], temperature: 0.8 });
  const rgba: Uint8ClampedArray = toRgba(frame, 0);
  const codes: Float32Array = engine.encode({ pictures: frame.pictures }).latents;
  // @ts-expect-error a seed is no text
  engine.sample({ seed: "7" });
  // @ts-expect-error the encoder wants pictures
  engine.encode({});
  // @ts-expect-error frames have no such thing
  frame.images;
  try { engine.load(new Uint8Array(3)); } catch (error) { if (error instanceof EngineError) return error.code; }
  return rgba.length + codes.length + info.latentSize;
}
`;

test("the types compile in a strict program and refuse wrong ones", { skip: noSite }, () => {
  const user = join(folder, "user");
  mkdirSync(join(user, "node_modules"), { recursive: true });
  execFileSync("cp", ["-r", out, join(user, "node_modules", "latent-canvas")]);
  writeFileSync(join(user, "package.json"), JSON.stringify({ type: "module" }));
  writeFileSync(join(user, "use.ts"), kProgram);
  for (const [module, resolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const options = { strict: true, noEmit: true, module, moduleResolution: resolution, target: "es2022", lib: ["es2022", "dom"], skipLibCheck: false, types: [] };
    writeFileSync(join(user, "tsconfig.json"), JSON.stringify({ compilerOptions: options, files: ["use.ts"] }));
    try {
      execFileSync(join(modules, ".bin", "tsc"), ["-p", user], { encoding: "utf8" });
    } catch (error) {
      assert.fail(`${resolution}: ${error.stdout}`);
    }
  }
});

test("the types name what the module exports, and only that", { skip: noSite }, async () => {
  const exported = Object.keys(await import(pathToFileURL(join(out, "engine.js")))).sort();
  writeFileSync(join(out, "..", "names.ts"), `import * as all from "./package/engine.js";\nexport const names: { [key in keyof typeof all]: 1 } = {${exported.map((name) => `${name}: 1`)}};\n`);
  try {
    execFileSync(
      join(modules, ".bin", "tsc"),
      ["--strict", "--noEmit", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022", "--lib", "es2022,dom", "--types", "", join(folder, "names.ts")],
      { encoding: "utf8" },
    );
  } catch (error) {
    assert.fail(error.stdout);
  }
});

test("a program in Node that knows only the package draws a picture", { skip: noSite }, () => {
  const script = `
    import { readFileSync } from "node:fs";
    import { createEngine } from "latent-canvas";
    const engine = await createEngine();
    const { name, latentSize } = engine.load(readFileSync(process.argv[1]), { name: "mine" });
    const frame = engine.sample({ seed: 7, count: 2 });
    console.log(name, latentSize, frame.count, new Set(frame.pictures).size > 16);`;
  const user = join(folder, "user");
  const text = execFileSync(process.execPath, ["--input-type=module", "-e", script, weights.path], { cwd: user, encoding: "utf8" });
  console.log(text.trim());
  assert.match(text, /^mine \d+ 2 true/);
});

test("the example page draws a picture", { skip: noPage }, async () => {
  const { serve } = await import(pathToFileURL(join(repository, "scripts", "serve.mjs")));
  copyFileSync(weights.path, join(out, "model.lcw"));
  const server = await serve({ root: out });
  const page = await openPage({ address: `${server.url}example.html`, wait: false });
  await page.waitForFunction(() => {
    const { data } = document.querySelector("canvas").getContext("2d").getImageData(0, 0, 28, 28);
    return new Set(data).size > 16;
  });
  assert.deepEqual(page.console.filter((line) => line.startsWith("uncaught")), []);
  await page.context().close();
  await server.close();
});

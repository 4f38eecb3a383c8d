// scripts/serve.mjs: right types, no way out of its folder, and words when it cannot start.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { repository } from "./lib/files.mjs";

const script = join(repository, "scripts", "serve.mjs");
const { serve } = await import(pathToFileURL(script));

const folder = mkdtempSync(join(tmpdir(), "latent-canvas-serve-"));
const root = join(folder, "site");
mkdirSync(join(root, "weights"), { recursive: true });
writeFileSync(join(folder, "secret.txt"), "secret");
writeFileSync(join(root, "index.html"), "<p>home</p>");
writeFileSync(join(root, "engine.wasm"), "\0asm");
writeFileSync(join(root, "main.js"), "export {};");
writeFileSync(join(root, "weights", "a.lcw"), "weights");
symlinkSync(join(folder, "secret.txt"), join(root, "link.txt"));
const server = await serve({ root });
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

// A request with the path exactly as given: fetch would tidy it.
function raw(path, method = "GET", headers = "") {
  return new Promise((done, failed) => {
    let text = "";
    const socket = connect(server.port, "127.0.0.1", () =>
      socket.write(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${headers}Connection: close\r\n\r\n`),
    );
    socket
      .on("data", (data) => (text += data))
      .on("end", () => done(text))
      .on("error", failed);
  });
}

// Runs the script; resolves with its exit code and words. Ended after the first line on stdout.
function run(env, ...args) {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => done({ code: error?.code ?? 0, stdout, stderr }),
    );
    child.stdout.once("data", () => child.kill());
  });
}

test("files have their MIME types", async () => {
  const types = {
    "": "text/html",
    "engine.wasm": "application/wasm",
    "main.js": "text/javascript",
    "weights/a.lcw": "application/octet-stream",
  };
  for (const [path, type] of Object.entries(types)) {
    const response = await fetch(server.url + path);
    assert.equal(response.status, 200, path);
    assert.match(response.headers.get("Content-Type"), new RegExp(`^${type}`), path);
  }
});

test("an unchanged file costs a 304, a changed one does not", async () => {
  const ask = (etag) => fetch(`${server.url}main.js`, { headers: { "If-None-Match": etag } });
  const etag = (await fetch(`${server.url}main.js`)).headers.get("ETag");
  assert.equal((await ask(etag)).status, 304);
  writeFileSync(join(root, "main.js"), "export const changed = true;");
  assert.equal((await ask(etag)).status, 200);
});

test("a smaller twin is sent to who understands it, and a name with a hash may be kept", async () => {
  const name = "app.0123456789.wasm";
  writeFileSync(join(root, name), "plain ".repeat(99));
  writeFileSync(join(root, `${name}.gz`), gzipSync("plain ".repeat(99)));
  const ask = (accepted) => raw(`/${name}`, "GET", `Accept-Encoding: ${accepted}\r\n`);
  assert.match(await ask("br, gzip"), /Content-Encoding: gzip\r\n[^]*Content-Type: application\/wasm/);
  assert.doesNotMatch(await ask("identity"), /Content-Encoding/);
  const response = await fetch(server.url + name);
  assert.match(response.headers.get("Cache-Control"), /immutable/);
  assert.equal(await response.text(), "plain ".repeat(99));
  assert.equal((await fetch(server.url)).headers.get("Cache-Control"), "no-cache");
});

test("a site that is built again keeps its twins", async () => {
  const sources = join(folder, "sources");
  const out = join(folder, "built");
  mkdirSync(sources);
  writeFileSync(join(sources, "index.html"), '<script type="module" src="a.js"></script>');
  const kLong = JSON.stringify("a long line ".repeat(99)); // worth compressing
  writeFileSync(join(sources, "a.js"), `import "./c.js"; new Worker(new URL("./b.js", import.meta.url), ${kLong});`);
  writeFileSync(join(sources, "b.js"), `postMessage(1, ${kLong});`);
  writeFileSync(join(sources, "c.js"), `document.title = "c";`);
  const names = ["index.html", "a.js", "b.js", "c.js"].map((name) => join(sources, name));
  const build = () => execFileSync(process.execPath, [join(repository, "scripts", "site.mjs"), out, sources, ...names]);
  build();
  const old = readdirSync(out);
  build();
  assert.deepEqual(readdirSync(out), old);
  writeFileSync(join(sources, "b.js"), `postMessage(2, ${kLong});`);
  build();
  const fresh = readdirSync(out).filter((name) => name.endsWith(".js"));
  assert.equal(fresh.length, 2, "what a.js imports is a part of it");
  assert.match(readFileSync(join(out, fresh.find((name) => name.startsWith("a."))), "utf8"), /title="c"/);
  assert.ok(fresh.every((name) => !old.includes(name)), "a.js names b.js: both are new");
  const built = await serve({ root: out });
  for (const name of fresh) {
    const response = await fetch(built.url + name);
    assert.match(response.headers.get("Content-Encoding") ?? "none", /gzip|br/, name);
  }
  await built.close();
});

test("nothing outside the folder is served", async () => {
  for (const path of [
    "/../secret.txt",
    "/..%2fsecret.txt",
    "/%2e%2e/secret.txt",
    "/weights/../../secret.txt",
    "/link.txt",
    "/%00",
    "/%zz",
    "//etc/passwd",
  ]) {
    const answer = await raw(path);
    assert.match(answer, /^HTTP\/1\.1 404/, path);
    assert.doesNotMatch(answer, /secret\n|root:/, path);
  }
});

test("only GET and HEAD are answered", async () => {
  assert.match(await raw("/", "POST"), /^HTTP\/1\.1 405/);
  const head = await raw("/", "HEAD");
  assert.match(head, /Content-Length: 11/);
  assert.doesNotMatch(head, /home/);
});

test("the address is printed", async () => {
  const { stdout } = await run({ PORT: "0" }, root);
  assert.match(stdout, /http:\/\/127\.0\.0\.1:\d+\//);
});

test("a taken port, a wrong port and a missing folder are told in words", async () => {
  const taken = await run({ PORT: String(server.port) }, root);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, new RegExp(`port ${server.port} is taken .*PORT=`));
  assert.match((await run({ PORT: "http" }, root)).stderr, /PORT is 'http', expected a number/);
  assert.match((await run({ PORT: "0" }, join(folder, "absent"))).stderr, /does not exist.*make demo/);
});

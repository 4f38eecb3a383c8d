#!/usr/bin/env node
// Serves a folder of static files on 127.0.0.1: `PORT=8080 node scripts/serve.mjs [FOLDER]`. As a real host would: a file
// whose name holds its hash is kept for ever, and `x.br` or `x.gz` beside `x` is sent in its place to who understands it.
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const mimeTypes = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".lcw": "application/octet-stream",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".wasm": "application/wasm", // the only type that streams into the compiler
  ".woff2": "font/woff2",
};

const encodings = [
  { name: "br", suffix: ".br" },
  { name: "gzip", suffix: ".gz" },
];
const hashed = /\.[0-9a-f]{10}\.\w+$/; // scripts/site.mjs writes these names

// The smaller twin of a file that the browser asked for, or the file itself.
async function choose_encoding({ file, info }, accepted) {
  const known = new Set(accepted.split(",").map((each) => each.split(";")[0].trim()));
  for (const { name, suffix } of encodings) {
    if (!known.has(name)) continue;
    const twin = await stat(file + suffix).catch(() => null);
    if (twin?.isFile() && twin.mtimeMs >= info.mtimeMs) return { body: file + suffix, size: twin.size, encoding: name };
  }
  return { body: file, size: info.size, encoding: null };
}

// The file that a request's path names inside `root`, or null. Links that lead out of the folder count as
// absent.
async function find_file(root, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return null; // a malformed % sequence
  }
  if (path.includes("\0")) return null;
  try {
    let file = await realpath(join(root, path));
    let info = await stat(file);
    if (info.isDirectory()) {
      file = await realpath(join(file, "index.html"));
      info = await stat(file);
    }
    const inside = file.startsWith(root + sep);
    return inside && info.isFile() ? { file, info } : null;
  } catch {
    return null;
  }
}

async function answer(root, onSent, request, response) {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { Allow: "GET, HEAD" }).end();
    return;
  }
  const found = await find_file(root, request.url);
  if (!found) {
    response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("404: no such file\n");
    return;
  }
  const { file, info } = found;
  const { body, size, encoding } = await choose_encoding(found, request.headers["accept-encoding"] ?? "");
  const etag = `"${info.size.toString(16)}-${info.mtimeMs.toString(16)}${encoding ? `-${encoding}` : ""}"`;
  const headers = {
    ETag: etag,
    // no-cache means 'ask first': a rebuilt site shows at once, an unchanged file costs a 304.
    "Cache-Control": hashed.test(file) ? "public, max-age=31536000, immutable" : "no-cache",
    Vary: "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
  };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  if (encoding) headers["Content-Encoding"] = encoding;
  response.writeHead(200, {
    ...headers,
    "Content-Type": mimeTypes[extname(file)] ?? "application/octet-stream",
    "Content-Length": size,
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  onSent(new URL(request.url, "http://localhost").pathname, size);
  createReadStream(body)
    .on("error", () => response.destroy())
    .pipe(response);
}

// Starts a server and returns { url, port, close }. Port 0 takes any free one. `onSent(path, bytes)` hears of every body.
export async function serve({ root, port = 0, host = "127.0.0.1", onSent = () => {} }) {
  const folder = await realpath(root);
  const server = createServer((request, response) => {
    answer(folder, onSent, request, response).catch(() => response.destroy());
  });
  await new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, host, done);
  });
  const bound = server.address().port;
  return {
    url: `http://${host}:${bound}/`,
    port: bound,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

function stop(message) {
  console.error(`serve: ${message}`);
  process.exit(1);
}

async function main() {
  const repository = dirname(dirname(fileURLToPath(import.meta.url)));
  const root = resolve(process.argv[2] ?? join(repository, "build", "web", "site"));
  const text = process.env.PORT ?? "8080";
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(port <= 65535)) stop(`PORT is '${text}', expected a number from 0 to 65535`);
  try {
    const { url } = await serve({ root, port });
    console.log(`latent-canvas: ${url}  (Ctrl-C stops)`);
  } catch (error) {
    if (error.code === "EADDRINUSE") {
      stop(`port ${port} is taken by another program. Choose one: PORT=${port === 65535 ? 8080 : port + 1}`);
    }
    if (error.code === "EACCES") stop(`port ${port} needs privileges. Choose one above 1023: PORT=8080`);
    if (error.code === "ENOENT") stop(`${root} does not exist. Build the site first: make demo`);
    stop(error.message);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) await main();

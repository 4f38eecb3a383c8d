// Runs bench_table as wasm: node table.mjs BUILD [node|chromium] [SECONDS A ROW], for example build/web/bin. Chromium is
// driven by the peers' playwright-core (make bench-peers installs it).
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [build, place = "node", seconds = "0.1"] = process.argv.slice(2);
const wasm = readFileSync(join(build, "bench_table.wasm"));
const path = resolve(build, "bench_table.js");

async function in_node() {
  const table = createRequire(path)(path);
  await table({ wasmBinary: wasm, arguments: [seconds], print: console.log });
}

async function in_chromium() {
  const { chromium } = await import("./peers/node_modules/playwright-core/index.mjs");
  const types = { "/": "text/html", "/bench_table.js": "text/javascript", "/bench_table.wasm": "application/wasm" };
  const server = createServer((request, response) => {
    if (!types[request.url]) return response.writeHead(404).end();
    const body = request.url === "/" ? '<!doctype html><title>bench</title><script src="bench_table.js"></script>' : readFileSync(join(build, request.url));
    response.writeHead(200, { "Content-Type": types[request.url] }).end(body);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--no-first-run"] });
  const page = await browser.newPage();
  page.on("console", (message) => console.log(message.text()));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(async (duration) => {
    await window.benchTable({ arguments: [duration], print: (line) => console.log(line) });
  }, seconds);
  await browser.close();
  server.close();
}

await (place === "chromium" ? in_chromium() : in_node());

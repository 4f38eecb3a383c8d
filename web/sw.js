// Makes the page work without a network after the first visit, and never mixes two deployments: each build has its own
// cache, filled whole before it takes over; a page is always answered from one build, and every other file by a name that
// holds its hash. scripts/site.mjs fills in the constants.

const kBuild = "@build";
const kPageSha256 = "@page";
const kFiles = ["@files"]; // relative to this script
const kEngines = ["@engines"]; // files and probes of web/engine.js, fastest first

const kPrefix = "latent-canvas-";
const kCache = kPrefix + kBuild;
const here = new URL("./", location.href);
const pageUrl = new URL("index.html", here).href;

async function sha256(response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// All or nothing: when one file is missing (a deployment that is still under way), the browser tries again at a later
// visit, and the build before stays.
async function fill() {
  const cache = await caches.open(kCache);
  const page = await fetch(pageUrl, { cache: "no-cache" });
  if (!page.ok || (await sha256(page.clone())) !== kPageSha256)
    throw new Error(`index.html is not that of build ${kBuild}: the deployment is not complete`);
  await cache.put(pageUrl, page);
  const [engine] = kEngines.find(([, probe]) => WebAssembly.validate(new Uint8Array(probe)));
  const files = [engine, ...kFiles.filter((name) => name !== "index.html")];
  await cache.addAll(files.map((name) => new URL(name, here).href));
}

// Builds in the order in which they came; pages of the one before may still be open and ask for its files.
async function tidy() {
  const ours = (await caches.keys()).filter((name) => name.startsWith(kPrefix));
  const old = ours.filter((name) => name !== kCache);
  await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
}

async function answer(request) {
  const cache = await caches.open(kCache);
  if (request.mode === "navigate") return (await cache.match(pageUrl)) ?? fetch(request);
  const known = await caches.match(request, { ignoreSearch: true });
  if (known) return known;
  const response = await fetch(request);
  // Weights are kept when they were wanted once.
  if (response.ok && response.status === 200 && new URL(request.url).pathname.endsWith(".lcw"))
    cache.put(request, response.clone()).catch(() => {}); // a full disk costs the offline copy, nothing else
  return response;
}

addEventListener("install", (event) => event.waitUntil(fill().then(() => skipWaiting())));
addEventListener("activate", (event) => event.waitUntil(tidy()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(here.href)) return;
  const path = new URL(request.url).pathname.slice(here.pathname.length);
  const isPage = request.mode === "navigate" && (path === "" || path === "index.html");
  if (isPage || /\.[0-9a-f]{10}\.\w+$/.test(path)) event.respondWith(answer(request));
});

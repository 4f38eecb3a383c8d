// The page: first pictures from the engine alone, then the ImGui canvas in their place. Shows every failure
// in words.
import { Catalogue } from "./catalogue.js";
import { ClassicPage } from "./classic.js";
import { defaultWorkers, Pool } from "./pool.js";

const kCancelled = 503;
const kStateDelayMs = 200; // browsers refuse more than about 100 history entries in 30 s
const kMaxNotices = 3;
const kFirstPictures = 8; // on the screen before the rest is drawn: the engine's code is not optimised yet
const kDefaults = { seed: "7", count: "64" };
const kBlankMs = 150; // the page shows itself then, though the weights are still on their way
// What a model's player can show. Anything else in the address wants the whole file from the start.
const kPlayerKeys = ["model", "seed", "count", "temperature", "class"];

const by = (id) => document.getElementById(id);
const params = new URLSearchParams(location.hash.slice(1)); // the state: "model=vae-mnist&seed=7&count=64"
const { first } = document.body.dataset; // the file that a page without a wish for a model draws first
const loaded = new Map(); // name -> { info, bytes, title, whole }
const arriving = new Map(); // name -> the promise of its bringing
const catalogue = new Catalogue();
const pool = new Pool({ onReplaced: (message) => console.warn(message) }); // the worker takes longest to start
const opened = catalogue.open();
if (first && params.size === 0) preload(new URL(first, document.baseURI));
const page = new ClassicPage({ onModel: choose, onSeed: reseed });
let app = null; // the ImGui module, once it has taken over
let stateTimer = 0;
let drawings = 0; // calls of draw()
// A person moves, types or came with more than the first view: then the whole files are worth their bytes.
let wantsWhole = [...params.keys()].some((key) => !kPlayerKeys.includes(key));

// ---- words for the person ----

function notice(text, kind = "bad") {
  const box = document.createElement("div");
  box.className = `notice ${kind}`;
  const words = document.createElement("p");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  // The newest comes first; the same words are not said twice, and old ones give way.
  const others = [...by("notices").children].filter((each) => each.firstChild.textContent !== text);
  by("notices").replaceChildren(box, ...others.slice(0, kMaxNotices - 1));
}

// Runs what a person asked for; its failure is shown, never thrown.
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.code !== kCancelled) notice(error.message);
    return undefined;
  }
}

// ---- state ----

function state() {
  const text = app ? app.state() : params.toString();
  return {
    mode: app ? "app" : "classic",
    workers: pool.workers,
    ...kDefaults,
    ...Object.fromEntries(new URLSearchParams(text)),
  };
}

function rememberState(text) {
  clearTimeout(stateTimer);
  stateTimer = setTimeout(() => history.replaceState(null, "", `#${text}`), kStateDelayMs);
}

function setParam(key, value) {
  params.set(key, value);
  rememberState(params.toString());
}

// The first layout and its fonts take as long as a worker's start: they come when that is under way.
function reveal() {
  by("header").hidden = by("stage").hidden = false;
}

const kMost = { seed: 2n ** 64n - 1n, count: 1024n, class: 2n ** 20n, moment: 2n ** 32n - 1n };
const kMostTemperature = 2;

// What the address asks for, as the canvas reads it (shared/ui/state.cpp): a number is brought into its range, and what is
// no number counts for nothing.
function wish(key) {
  const text = params.get(key) ?? "";
  if (!/^\d+$/.test(text)) return undefined;
  const value = BigInt(text);
  return value < kMost[key] ? value : kMost[key];
}

function wishes({ classes, moments }) {
  const below = (value, end) => (value < end ? Number(value) : undefined);
  const label = below(wish("class"), classes.length);
  const temperature = Number(params.get("temperature") || "1");
  return {
    seed: wish("seed") ?? BigInt(kDefaults.seed),
    count: Math.max(1, Number(wish("count") ?? kDefaults.count)),
    temperature: Number.isFinite(temperature) ? Math.min(Math.max(temperature, 0), kMostTemperature) : 1,
    labels: label === undefined ? undefined : [label],
    moment: below(wish("moment"), moments),
  };
}

const seedText = () => String(wish("seed") ?? kDefaults.seed);

// ---- models ----

// Codes of the three hundreds are causes that lie in the file.
const isBadFile = ({ code }) => code >= 300 && code < 400;

function freeName(wanted) {
  let name = wanted;
  for (let i = 2; loaded.has(name) || catalogue.find(name); ++i) name = `${wanted}-${i}`;
  return name;
}

// `where` the bytes came from, for the message when the engine refuses them.
function told(error, where) {
  if (isBadFile(error)) error.message = `${where}: ${error.message}`;
  return error;
}

async function addModel(name, bytes, where, { title, whole = true } = {}) {
  const info = await pool.load(name, bytes).catch((error) => {
    throw told(error, where);
  });
  loaded.set(name, { info, bytes, title: title ?? (info.title || name), whole });
  if (app) app.addModel(info, bytes);
  listModels();
  return info;
}

function listModels() {
  const own = [...loaded]
    .filter(([name]) => !catalogue.find(name))
    .map(([name, { title }]) => ({ name, title }));
  // A classifier draws nothing: it has no player.
  const players = catalogue.entries.filter(({ player }) => player);
  page.showModels([...(players.length > 0 ? players : catalogue.entries), ...own], params.get("model"));
}

async function bring(name) {
  const entry = catalogue.find(name);
  if (!entry) {
    const known = [...catalogue.entries.map((each) => each.name), ...loaded.keys()].join(", ");
    throw new Error(`There is no model '${name}'. Known: ${known || "none"}.`);
  }
  const file = wantsWhole ? entry : (entry.player ?? entry);
  const bytes = await catalogue.fetch(entry, file);
  const added = addModel(name, bytes, `weights/${file.file}`, { title: entry.title, whole: file === entry });
  reveal();
  const { figure } = await added;
  // It came to that meanwhile; and a figure shows the data and the discriminator too.
  if (wantsWhole || figure !== "picture") complete(name);
}

// Brings what the player left out: encoder, discriminator, timeline, curves. The pictures stay as they are.
async function complete(name) {
  const model = loaded.get(name);
  if (!model || model.whole || model.completing) return model?.completing;
  const entry = catalogue.find(name);
  const work = async () => {
    const bytes = await catalogue.fetch(entry, entry);
    const info = await pool.replace(model.info.model, bytes).catch((error) => {
      throw told(error, `weights/${entry.file}`);
    });
    Object.assign(model, { info, bytes, whole: true });
    app?.replaceModel(info, bytes);
  };
  model.completing = attempt(work).finally(() => (model.completing = null));
  return model.completing;
}

function completeAll() {
  wantsWhole = true;
  for (const name of loaded.keys()) complete(name);
}

// The model of that name, fetched first where it is only listed; asked for twice at once, brought once.
async function need(name) {
  if (!loaded.has(name)) {
    if (!arriving.has(name))
      arriving.set(
        name,
        bring(name).finally(() => arriving.delete(name)),
      );
    await arriving.get(name);
  }
  return loaded.get(name);
}

// A file of the person's own: checked by the engine, then shown.
async function load(bytes, fileName = "model.lcw") {
  const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
  const name = freeName(fileName.replace(/\.lcw$/i, "") || "model");
  const info = await addModel(name, view, fileName);
  if (app) app.select(name);
  else await choose(name);
  return info;
}

// ---- the plain page ----

// `most`: the first pictures alone, while the others are still to come. What was asked for last is shown, in whatever
// order files and pictures arrive.
async function draw(most = Infinity) {
  const drawing = ++drawings;
  const name = params.get("model");
  const { info, title } = await need(name);
  if (drawing !== drawings) return;
  if (!info.canSample || info.figure !== "picture") {
    page.say(`${title} draws no pictures by itself: the canvas with all controls shows what it does.`);
    return;
  }
  const { count, ...rest } = wishes(info);
  const frame = await pool.request({ channel: "page", model: info.model, count: Math.min(count, most), ...rest });
  if (drawing === drawings) page.showFrame(frame, title, count);
}

async function choose(name) {
  setParam("model", name);
  listModels();
  await attempt(draw);
}

async function reseed(text) {
  if (!/^\d{1,20}$/.test(text)) {
    notice(`A seed is a whole number, found '${text}'.`);
    return;
  }
  setParam("seed", text);
  page.showSeed(seedText());
  await attempt(draw);
}

async function firstPicture() {
  page.showSeed(seedText());
  await opened;
  const asked = params.get("model");
  if (!catalogue.find(asked)) params.set("model", catalogue.entries[0].name);
  listModels();
  await draw(kFirstPictures);
  performance.mark("first-picture");
  await draw();
  performance.mark("first-pictures");
  if (asked && !catalogue.find(asked))
    notice(`There is no model '${asked}' here; this is ${catalogue.entries[0].title}.`);
}

// ---- the ImGui canvas ----

function hasWebGl2() {
  const context = document.createElement("canvas").getContext("webgl2");
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return context !== null;
}

// Asks for a file that a module will ask for in a moment.
function preload(url) {
  const link = document.createElement("link");
  Object.assign(link, { rel: "preload", as: "fetch", crossOrigin: "anonymous", href: url });
  document.head.append(link);
}

async function takeOver() {
  const canvas = by("canvas");
  canvas.hidden = false; // laid out, still transparent
  // Not before the first picture, and then all at once.
  const wasm = new URL("./app.wasm", import.meta.url);
  const [{ openApp }] = await Promise.all([import("./courier.js"), import("./app.mjs"), preload(wasm)]);
  const next = await openApp({
    pool,
    canvas,
    mirror: by("mirror"),
    onWanted: (name) =>
      attempt(() =>
        need(name).catch((error) => {
          const entry = catalogue.find(name);
          if (entry) next.offerModel(entry); // so that its card may ask again
          throw error;
        }),
      ),
    onState: rememberState,
  });
  for (const entry of catalogue.entries) next.offerModel(entry); // all, so that the cards keep this order
  for (const { info, bytes } of loaded.values()) next.addModel(info, bytes);
  catalogue.thumbnails().then((all) => {
    for (const [name, picture] of Object.entries(all)) next.setThumbnail(name, picture);
  });
  if (params.toString()) next.setState(params.toString());
  app = next;
  await app.firstFrame();
  document.body.classList.add("app");
  by("classic").inert = true;
  performance.mark("app");
}

async function start() {
  setTimeout(reveal, kBlankMs);
  await attempt(firstPicture);
  reveal(); // also where no weights came
  if (loaded.size === 0) page.say("No model is loaded");
  pool.grow(defaultWorkers());
  if (!hasWebGl2()) {
    notice(
      "This browser offers no WebGL2, so the canvas with all controls stays away. Models, seeds and your own files work here.",
      "note",
    );
    return;
  }
  try {
    await takeOver();
  } catch (error) {
    app = null;
    by("canvas").hidden = true;
    notice(
      `The canvas with all controls did not start: ${error.message}. Models, seeds and your own files work here.`,
    );
  }
}

// ---- files and links ----

function openFile(file) {
  return attempt(async () => {
    await load(await file.arrayBuffer(), file.name);
    for (const box of by("notices").querySelectorAll(".bad")) box.remove(); // of the files tried before
  });
}

by("choose").addEventListener("click", () => by("file").click());
by("file").addEventListener("change", async () => {
  const [file] = by("file").files;
  if (file) await openFile(file);
  by("file").value = ""; // the same file may be chosen again
});
addEventListener("dragover", (event) => {
  event.preventDefault();
  by("drop").hidden = false;
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) by("drop").hidden = true;
});
addEventListener("drop", (event) => {
  event.preventDefault();
  by("drop").hidden = true;
  const [file] = event.dataTransfer.files;
  if (file) openFile(file);
});
addEventListener("hashchange", () => {
  const text = location.hash.slice(1);
  for (const key of [...params.keys()]) params.delete(key);
  for (const [key, value] of new URLSearchParams(text)) params.set(key, value);
  completeAll();
  if (app) {
    attempt(() => app.setState(text));
  } else if (catalogue.entries.length > 0) {
    if (!params.has("model")) params.set("model", catalogue.entries[0].name);
    page.showSeed(seedText());
    listModels();
    attempt(draw);
  }
});

for (const kind of ["pointermove", "pointerdown", "keydown", "focusin"])
  addEventListener(kind, completeAll, { once: true, passive: true, capture: true });

// What broke off without a network is brought when it is back.
addEventListener("online", () => wantsWhole && completeAll());

// The service worker answers the next visits, also without a network. It may wait until everything is here.
async function keepOffline() {
  if (!navigator.serviceWorker) return;
  const replaced = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (replaced) notice("A newer version of this page is here. Reload to use it.", "note");
  });
  await navigator.serviceWorker
    .register(new URL("./sw.js", import.meta.url), { updateViaCache: "none" })
    .catch((error) => console.warn(`This page will not work without a network: ${error.message}`));
}

const ready = start().then(state, (error) => notice(`The page did not start: ${error.message}`));
ready.then(keepOffline);

// For pages that embed this one, and for tests.
window.latentCanvas = {
  ready,
  state,
  load: (bytes, fileName) => load(bytes, fileName),
  // { model (its name; default: the one shown), seed, first, count, latents, labels, temperature, moment }
  async sample({ model = state().model, count = 1, ...request } = {}) {
    await ready;
    const { info } = await need(model);
    if (request.moment !== undefined) await complete(model);
    return pool.request({ ...request, count, model: info.model });
  },
  report: () => (app ? app.report() : ""),
};

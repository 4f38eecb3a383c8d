// Shares requests among Web Workers, one engine each: split, gathered in order, overtaken, re-sent when a
// worker dies.
import { compileEngine, EngineError } from "./engine.js";

const kMaxWorkers = 16; // each has its own memory and copy of the weights
const kPicturesPerPart = 8; // fewer than this are not worth a second worker's message
const kMaxPicturesPerPart = 256; // bounds a worker's memory
const kWholeTasks = new Set(["discriminate", "classify"]); // a network that judges may look across the batch
const kMaxAttempts = 5; // of one part; more would be a loop of dying workers
const kMaxFailedStarts = 3; // in a row, without one worker that came up
const kSilenceMs = 30_000; // after which a worker counts as dead, where the browser has no locks to tell

const cancelled = () => new EngineError(503, "cancelled", "a newer request overtook this one");
const revive = ({ code, codeName, message }) => new EngineError(code, codeName, message);

export function defaultWorkers() {
  return Math.max(1, Math.min(navigator.hardwareConcurrency || 2, kMaxWorkers));
}

// Cuts a request into parts that together give the same pictures.
export function splitRequest(request, workers) {
  const { count } = request;
  const most = Math.max(1, Math.min(workers, Math.ceil(count / kPicturesPerPart)));
  const parts = Math.max(most, Math.ceil(count / kMaxPicturesPerPart));
  const slice = (values, from, to) => {
    const each = values && values.length > 1 ? values.length / count : 0;
    return Number.isInteger(each) && each > 0 ? values.slice(from * each, to * each) : values;
  };
  return Array.from({ length: parts }, (_, i) => {
    const from = Math.floor((i * count) / parts);
    const to = Math.floor(((i + 1) * count) / parts);
    return {
      ...request,
      first: BigInt(request.first ?? 0) + BigInt(from),
      count: to - from,
      labels: slice(request.labels, from, to),
      labelWeights: slice(request.labelWeights, from, to),
      latents: slice(request.latents, from, to),
      pictures: slice(request.pictures, from, to),
    };
  });
}

// Frames of consecutive parts as one.
function joinFrames(frames) {
  const join = (key) => {
    const joined = new Float32Array(frames.reduce((sum, frame) => sum + frame[key].length, 0));
    let at = 0;
    for (const frame of frames) {
      joined.set(frame[key], at);
      at += frame[key].length;
    }
    return joined;
  };
  if (frames.length === 1) return { ...frames[0], workers: 1 };
  return {
    ...frames[0],
    count: frames.reduce((sum, frame) => sum + frame.count, 0),
    pictures: join("pictures"),
    latents: join("latents"),
    scores: join("scores"),
    milliseconds: Math.max(...frames.map((frame) => frame.milliseconds)),
    workers: frames.length,
  };
}

export class Pool {
  #slots = [];
  #queue = []; // parts that no worker has yet
  #models = new Map(); // number -> { model, load, name, bytes, info, settle, reject }
  #nextModel = 0;
  #nextLoad = 0;
  #nextJob = 1;
  #failedStarts = 0;
  #module; // promise of the compiled engine, shared by all workers
  #onReplaced;
  #dead = null; // why nothing works any more

  // `wasm`: where engine.wasm is, or a compiled module; `onReplaced(message)` is told when a worker was
  // replaced.
  constructor({ wasm, workers = 1, onReplaced = () => {} } = {}) {
    this.#module = compileEngine(wasm);
    this.#module.catch((error) => this.#giveUp(`The engine did not load. ${error.message}`));
    this.#onReplaced = onReplaced;
    this.grow(workers);
  }

  get workers() {
    return this.#slots.length;
  }

  // Starts workers up to `count`; they get every model that is loaded.
  grow(count) {
    while (this.#slots.length < Math.min(count, kMaxWorkers)) this.#slots.push(this.#open());
    this.#dispatch();
  }

  close() {
    this.#giveUp("The workers were stopped.");
    for (const slot of this.#slots.splice(0)) this.#retire(slot);
  }

  // Gives a file to every worker. Resolves with the model's description (`model` is the pool's number for
  // it), or rejects with the engine's own code and message.
  load(name, bytes) {
    return this.#give(this.#nextModel++, name, bytes);
  }

  // Puts another file in a model's place: the whole one after its player. The old one stays when it is refused.
  async replace(model, bytes) {
    const old = this.#models.get(model);
    try {
      return await this.#give(model, old.name, bytes);
    } catch (error) {
      if (!this.#models.has(model)) this.#models.set(model, old);
      throw error;
    }
  }

  #give(model, name, bytes) {
    if (this.#dead) return Promise.reject(this.#dead);
    return new Promise((resolve, reject) => {
      const entry = { model, load: this.#nextLoad++, name, bytes, info: null, reject };
      entry.settle = (message) => {
        if (entry.info || this.#models.get(model) !== entry) return; // the other workers say the same
        if (message.error) {
          this.#models.delete(model);
          reject(revive(message.error));
        } else {
          entry.info = message.info;
          resolve(message.info);
        }
      };
      this.#models.set(model, entry);
      for (const slot of this.#slots) this.#sendModel(slot, entry);
    });
  }

  // The pictures of a request: { task = "sample", channel, model, seed, first, count, temperature, moment,
  // labels, latents, pictures }. A newer request of a channel overtakes the older ones whose parts still
  // wait: they reject with code 503. One that is wholly under way finishes, so that dragging a slider never
  // starves. `whole` keeps it in one part; so does a request without a count.
  request({ task = "sample", channel = null, whole = false, ...request }) {
    if (this.#dead) return Promise.reject(this.#dead);
    const uncut = whole || !request.count || kWholeTasks.has(task);
    const parts = uncut ? [request] : splitRequest(request, this.workers);
    if (channel !== null) {
      for (const group of new Set(this.#queue.map((part) => part.group))) {
        if (group.channel === channel) this.#settle(group, cancelled());
      }
    }
    return new Promise((resolve, reject) => {
      const group = {
        channel,
        resolve,
        reject,
        frames: new Array(parts.length),
        left: parts.length,
        over: false,
      };
      parts.forEach((part, index) => {
        this.#queue.push({ group, index, task, request: part, job: this.#nextJob++, attempts: 0 });
      });
      this.#dispatch();
    });
  }

  #settle(group, error) {
    if (group.over) return;
    group.over = true;
    this.#queue = this.#queue.filter((part) => part.group !== group);
    if (error) group.reject(error);
    else group.resolve(joinFrames(group.frames));
  }

  #dispatch() {
    for (const slot of this.#slots) {
      if (!slot.up || slot.part || this.#queue.length === 0) continue;
      slot.part = this.#queue.shift();
      ++slot.part.attempts;
      const { job, task, request } = slot.part;
      slot.worker.postMessage({ kind: "run", job, task, request });
      if (!navigator.locks) slot.timer = setTimeout(() => this.#replace(slot, "it fell silent"), kSilenceMs);
    }
  }

  #open() {
    const worker = new Worker(new URL("./worker.js", import.meta.url), {
      type: "module",
      name: "latent-canvas engine",
    });
    const slot = { worker, part: null, timer: 0, gone: false, up: false, ready: false };
    worker.onmessage = ({ data }) => this.#hear(slot, data);
    worker.onmessageerror = () => this.#replace(slot, "a message could not be read");
    worker.onerror = (event) => {
      event.preventDefault();
      this.#replace(slot, event.message || "its script did not load");
    };
    const lock = navigator.locks
      ? `latent-canvas-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`
      : null;
    slot.lock = lock;
    this.#module.then(
      (module) => {
        if (slot.gone) return;
        worker.postMessage({ kind: "start", module, lock });
        slot.up = true;
        for (const entry of this.#models.values()) this.#sendModel(slot, entry);
        this.#dispatch();
      },
      () => {}, // told once, by the constructor's handler
    );
    return slot;
  }

  #sendModel(slot, { model, load, name, bytes }) {
    if (slot.up) slot.worker.postMessage({ kind: "load", model, load, name, bytes });
  }

  #hear(slot, message) {
    if (slot.gone) return;
    switch (message.kind) {
      case "ready":
        slot.ready = true;
        this.#failedStarts = 0;
        return;
      case "locked":
        // Granted to us only when the worker is gone, however it went.
        navigator.locks.request(slot.lock, () => this.#replace(slot, "it stopped"));
        return;
      case "loaded":
        if (this.#models.get(message.model)?.load === message.load)
          this.#models.get(message.model).settle(message);
        return;
      case "done":
        this.#finish(slot, message);
        return;
      case "broken":
        this.#replace(slot, message.error.message);
    }
  }

  #finish(slot, { job, frame, error }) {
    const part = slot.part;
    if (part?.job !== job) return;
    slot.part = null;
    clearTimeout(slot.timer);
    const group = part.group;
    if (!group.over) {
      if (error) {
        this.#settle(group, revive(error));
      } else {
        group.frames[part.index] = frame;
        if (--group.left === 0) this.#settle(group);
      }
    }
    this.#dispatch();
  }

  #retire(slot) {
    slot.gone = true;
    clearTimeout(slot.timer);
    slot.worker.terminate();
  }

  #replace(slot, reason) {
    const place = this.#slots.indexOf(slot);
    if (slot.gone || place < 0) return;
    this.#retire(slot);
    const part = slot.part;
    if (part && !part.group.over) {
      if (part.attempts >= kMaxAttempts) {
        this.#settle(
          part.group,
          new EngineError(
            500,
            "out_of_memory",
            `Workers stopped ${part.attempts} times at this request: ${reason}. Ask for less.`,
          ),
        );
      } else {
        this.#queue.unshift(part);
      }
    }
    if (!slot.ready && ++this.#failedStarts > kMaxFailedStarts) {
      this.#slots.splice(place, 1);
      if (this.#slots.length === 0) this.#giveUp(`The workers do not start: ${reason}. Reload the page.`);
      this.#dispatch();
      return;
    }
    this.#slots[place] = this.#open();
    this.#onReplaced(`A worker was replaced: ${reason}.`);
    this.#dispatch();
  }

  #giveUp(message) {
    const error = new EngineError(500, "out_of_memory", message);
    this.#dead = error;
    for (const part of [...this.#queue, ...this.#slots.map((slot) => slot.part).filter(Boolean)])
      this.#settle(part.group, error);
    for (const entry of this.#models.values()) if (!entry.info) entry.reject(error);
  }
}

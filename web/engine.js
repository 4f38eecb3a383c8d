// The engine as a typed JavaScript API, for browsers and Node: .lcw files in, pictures out. No dependency, no
// DOM.

const kEnd = 0xffffffff; // a moment past every timeline: the end of training
const kTasks = { sample: 0, encode: 1, discriminate: 2, translate: 3, classify: 4 };
const kOutOfMemory = 500;
const kBadArgument = 100;

// A refusal, with the same code and message as the native engine gives.
export class EngineError extends Error {
  constructor(code, codeName, message) {
    super(message);
    this.name = "EngineError";
    this.code = code; // a number per cause, stable
    this.codeName = codeName; // "bad_magic"
  }
}

// A module of one function without parameters; `body` is its code.
const probe = (...body) => [
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0],
  ...[10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b],
];
const kVector = [0x41, 0, 0xfd, 0x0f]; // i32.const 0, i8x16.splat

// The engine's builds, fastest first, each with a module that browsers refuse where they would refuse it.
export const engineBuilds = [
  { file: "./engine-relaxed.wasm", probe: probe(...kVector, ...kVector, ...kVector, 0xfd, 0x85, 2) }, // f32x4.relaxed_madd
  { file: "./engine.wasm", probe: probe(...kVector) },
  { file: "./engine-scalar.wasm", probe: [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0] },
];

// Where the fastest build that this browser runs is.
export function engineUrl() {
  const { file } = engineBuilds.find(({ probe }) => WebAssembly.validate(new Uint8Array(probe)));
  return new URL(file, import.meta.url);
}

async function compile(source) {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const url = source == null ? engineUrl() : new URL(source, import.meta.url);
  if (url.protocol === "file:") {
    const { readFile } = await import("node:fs/promises");
    return WebAssembly.compile(await readFile(url));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname}: the server answered ${response.status}`);
  // Streaming needs the right MIME type, which not every static host sends.
  const type = response.headers.get("Content-Type") ?? "";
  return type.startsWith("application/wasm")
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

// What a bare module of Emscripten may call. Growth needs no answer, since views of the memory are made anew
// for each use; anything else (a C library's way to write or to exit) means that the engine gave up.
function importsOf(module) {
  const imports = {};
  for (const { module: space, name } of WebAssembly.Module.imports(module)) {
    imports[space] ??= {};
    imports[space][name] = () => {
      if (name !== "emscripten_notify_memory_growth")
        throw new WebAssembly.RuntimeError(`the engine called ${name}`);
    };
  }
  return imports;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function whole(name, value, low, high) {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new EngineError(
      kBadArgument,
      "bad_argument",
      `${name}: expected a whole number from ${low} to ${high}, found ${value}`,
    );
  }
  return value;
}

// 64 bits as two halves: a number up to 2^53 or a BigInt.
function halves(name, value) {
  if (typeof value !== "bigint" && !(Number.isSafeInteger(value) && value >= 0)) {
    throw new EngineError(
      kBadArgument,
      "bad_argument",
      `${name}: expected a whole number from 0 to 2^53 or a BigInt, found ${value}`,
    );
  }
  if (typeof value === "number") return [value % 2 ** 32, Math.floor(value / 2 ** 32)];
  const bits = BigInt.asUintN(64, value);
  return [Number(bits & 0xffffffffn), Number(bits >> 32n)];
}

function typed(name, values, Type) {
  if (values == null) return new Type(0);
  if (values instanceof Type) return values;
  if (Array.isArray(values) || ArrayBuffer.isView(values)) return Type.from(values);
  throw new EngineError(kBadArgument, "bad_argument", `${name}: expected an array of numbers`);
}

export class Engine {
  #module;
  #wasm; // exports of the instance
  #files = []; // what was loaded, so that a fresh instance can take the place of a broken one

  // Use createEngine.
  constructor(module) {
    this.#module = module;
    this.#start();
  }

  #start() {
    this.#wasm = new WebAssembly.Instance(this.#module, importsOf(this.#module)).exports;
    this.#wasm._initialize?.(); // C++'s static objects
  }

  // Runs `work`; after a trap the instance's memory means nothing, so a fresh one takes its place with the
  // same models.
  #guard(what, work) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      const cause = this.#wasm.lc_starved()
        ? `there is no memory left of ${this.#megabytes()} MB`
        : `it stopped (${error.message})`;
      this.#start();
      for (const { name, bytes } of this.#files) this.#load(name, bytes);
      throw new EngineError(
        kOutOfMemory,
        "out_of_memory",
        `${what}: ${cause}. The engine was started afresh: ask for less.`,
      );
    }
  }

  #megabytes() {
    return Math.round(this.#wasm.memory.buffer.byteLength / 2 ** 20);
  }

  #text(address) {
    const memory = new Uint8Array(this.#wasm.memory.buffer);
    return decoder.decode(memory.subarray(address, memory.indexOf(0, address)));
  }

  #fail(code) {
    return new EngineError(
      code,
      this.#text(this.#wasm.lc_code_name(code)),
      this.#text(this.#wasm.lc_message()),
    );
  }

  // Copies `values` into the module's buffer of that kind.
  #put(reserve, values) {
    const address = this.#wasm[reserve](values.length);
    if (values.length === 0) return;
    if (address === 0) {
      throw new EngineError(
        kOutOfMemory,
        "out_of_memory",
        `${values.byteLength} bytes do not fit: the engine holds ${this.#megabytes()} MB of at most 256. Ask for less.`,
      );
    }
    new values.constructor(this.#wasm.memory.buffer, address, values.length).set(values);
  }

  #load(name, bytes) {
    this.#put("lc_text", encoder.encode(name));
    this.#put("lc_file", bytes);
    const model = this.#wasm.lc_load();
    if (model < 0) throw this.#fail(-model);
    return model;
  }

  // Checks the file whole and compiles its networks. Returns the model's description; throws EngineError.
  load(bytes, { name = "model" } = {}) {
    const view = bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
    if (!(view instanceof Uint8Array)) {
      throw new EngineError(
        kBadArgument,
        "bad_argument",
        "load: expected the file's bytes as Uint8Array or ArrayBuffer",
      );
    }
    return this.#guard(name, () => {
      const model = this.#load(name, view);
      this.#files.push({ name, bytes: view });
      return this.describe(model);
    });
  }

  get models() {
    return this.#files.map((_, model) => this.describe(model));
  }

  describe(model) {
    const address = this.#wasm.lc_describe(this.#known(model));
    if (address === 0) throw this.#fail(kOutOfMemory);
    return JSON.parse(this.#text(address));
  }

  #known(model) {
    if (this.#files.length === 0)
      throw new EngineError(kBadArgument, "bad_argument", "no model is loaded: call load first");
    return model;
  }

  #render(
    task,
    { model = 0, seed = 1, first = 0, count, temperature = 1, moment = kEnd, labels, labelWeights, latents, pictures, direction = 0, view = {} },
  ) {
    whole("model", model, 0, kEnd);
    whole("direction", direction, 0, kEnd);
    const sides = [whole("view.width", view.width ?? 0, 0, kEnd), whole("view.height", view.height ?? 0, 0, kEnd)];
    const place = [view.centreX ?? 0, view.centreY ?? 0, view.scale ?? 1];
    const inputs = {
      labels: typed("labels", typeof labels === "number" ? [labels] : labels, Int32Array),
      labelWeights: typed("labelWeights", labelWeights, Float32Array),
      latents: typed("latents", latents, Float32Array),
      pictures: typed("pictures", pictures, Float32Array),
    };
    if (count === undefined) count = this.#count_of(task, model, inputs);
    whole("count", count, 0, kEnd);
    whole("moment", moment, 0, kEnd);
    return this.#guard(task, () => {
      this.#put("lc_labels", inputs.labels);
      this.#put("lc_label_weights", inputs.labelWeights);
      this.#put("lc_latents", inputs.latents);
      this.#put("lc_pictures", inputs.pictures);
      this.#wasm.lc_aim(direction, ...sides, ...place);
      const started = performance.now();
      const code = this.#wasm.lc_render(
        model,
        kTasks[task],
        moment,
        ...halves("seed", seed),
        ...halves("first", first),
        count,
        temperature,
      );
      const milliseconds = performance.now() - started;
      if (code !== 0) throw this.#fail(code);
      const buffer = this.#wasm.memory.buffer;
      const [frame_count, channels, height, width, ...arrays] = new Uint32Array(
        buffer,
        this.#wasm.lc_frame(),
        10,
      );
      const copy = (i) => new Float32Array(buffer, arrays[2 * i], arrays[2 * i + 1]).slice();
      return {
        model,
        count: frame_count,
        channels,
        height,
        width,
        pictures: copy(0),
        latents: copy(1),
        scores: copy(2),
        milliseconds,
      };
    });
  }

  // How many pictures or latents were given, where the caller did not say.
  #count_of(task, model, { labels, latents, pictures }) {
    if (task === "sample" && latents.length === 0) return Math.max(labels.length, 1);
    const { latentSize, image } = this.describe(model);
    if (task === "sample") return Math.ceil(latents.length / Math.max(latentSize, 1));
    return Math.ceil(pictures.length / (image.channels * image.height * image.width));
  }

  // Pictures [first, first + count) of the endless sequence that (model, seed) defines, or of the latents
  // given.
  sample(request = {}) {
    return this.#render("sample", request);
  }

  // Pictures to latents.
  encode(request = {}) {
    return this.#render("encode", request);
  }

  // Pictures to scores.
  discriminate(request = {}) {
    return this.#render("discriminate", request);
  }

  // Pictures to pictures, in the direction with that place in the model's directions.
  translate(request = {}) {
    return this.#render("translate", request);
  }

  // Pictures to a score for each class.
  classify(request = {}) {
    return this.#render("classify", request);
  }
}

// `source`: a URL, the module's bytes or a compiled WebAssembly.Module; by default the fastest build
// beside this file.
export async function createEngine(source) {
  return new Engine(await compile(source));
}

// Compiles the module once, for many engines (one a worker).
export const compileEngine = compile;

// One picture's values in [0, 1], [channels][height][width], as RGBA bytes for an ImageData.
export function toRgba({ pictures, channels, height, width }, index = 0) {
  const size = height * width;
  const rgba = new Uint8ClampedArray(size * 4);
  const start = index * channels * size;
  for (let i = 0; i < size; ++i) {
    for (let c = 0; c < 3; ++c) {
      // Uint8ClampedArray rounds to nearest, as the native writer does.
      rgba[4 * i + c] = pictures[start + Math.min(c, channels - 1) * size + i] * 255;
    }
    rgba[4 * i + 3] = 255;
  }
  return rgba;
}

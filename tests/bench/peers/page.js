// One peer in one page: window.peer.load(), window.peer.measure(). With ?peer=KIND&model=NAME&latent=N in the address, the
// first picture of a cold start: window.first, milliseconds since the navigation began.
const kMostRuns = 4000;

const peers = {
  // Our engine, through its public API.
  async engine({ name, batch }) {
    const { createEngine } = await import("/engine/engine.js");
    const [engine, bytes] = await Promise.all([
      createEngine(),
      fetch(`/models/${name}.lcw`).then((response) => response.arrayBuffer()),
    ]);
    const { model } = engine.load(bytes, { name });
    return (latents) => engine.sample({ model, count: batch, latents }).pictures;
  },
  // The same in `workers` Web Workers, as the page does it.
  async pool({ name, batch, workers }) {
    const { Pool } = await import("/engine/pool.js");
    const pool = new Pool({ workers });
    const { model } = await pool.load(name, new Uint8Array(await (await fetch(`/models/${name}.lcw`)).arrayBuffer()));
    return async (latents) => (await pool.request({ model, count: batch, latents })).pictures;
  },
  async onnxruntime({ name, batch, latent }) {
    const ort = await import("/ort/ort.wasm.min.mjs");
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = "/ort/";
    const session = await ort.InferenceSession.create(`/models/${name}.onnx`, { graphOptimizationLevel: "all" });
    const [output] = session.outputNames;
    return async (latents) => (await session.run({ v0: new ort.Tensor("float32", latents, [batch, latent]) }))[output].data;
  },
  async tensorflow(options) {
    return (await import("/tfjs.js")).tensorflow(options);
  },
};

let run, latents;
window.peer = {
  async load(kind, options, values) {
    latents = Float32Array.from(values);
    run = await peers[kind](options);
    return Array.from(await run(latents));
  },
  // Milliseconds of a run: the median over `ms` milliseconds, quick runs in groups that the clock can see.
  async measure(ms) {
    const times = [];
    let group = 1;
    for (const begin = performance.now(); performance.now() - begin < ms && times.length < kMostRuns; ) {
      const start = performance.now();
      for (let i = 0; i < group; ++i) await run(latents);
      const time = performance.now() - start;
      if (group === 1 && time < 0.5) group = Math.ceil(1 / Math.max(time, 0.005));
      else times.push(time / group);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
  },
};

// Milliseconds that the engine takes to load, validate and pack a file that lies in memory: the median of fresh engines.
window.loading = async (name) => {
  const { createEngine, compileEngine } = await import("/engine/engine.js");
  const [module, bytes] = await Promise.all([compileEngine(), fetch(`/models/${name}.lcw`).then((r) => r.arrayBuffer())]);
  const times = [];
  for (let i = 0; i < 9; ++i) {
    const engine = await createEngine(module);
    const start = performance.now();
    engine.load(bytes, { name });
    times.push(performance.now() - start);
  }
  return { bytes: bytes.byteLength, milliseconds: times.sort((a, b) => a - b)[4] };
};

const cold = new URLSearchParams(location.search);
if (cold.has("peer")) {
  const latent = Number(cold.get("latent"));
  const first = await peers[cold.get("peer")]({ name: cold.get("model"), batch: 1, latent });
  await first(new Float32Array(latent));
  window.first = performance.now();
}

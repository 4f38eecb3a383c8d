// One engine in a Web Worker: models and requests go in, pictures come out as transferables.
import { createEngine, EngineError } from "./engine.js";

let engine = null;
const numbers = new Map(); // the pool's number of a model -> this engine's, or the error of its loading

function plain(error) {
  if (error instanceof EngineError)
    return { code: error.code, codeName: error.codeName, message: error.message };
  return { code: 500, codeName: "out_of_memory", message: String(error?.message ?? error) };
}

const handlers = {
  async start({ module, lock }) {
    // Held for as long as this worker lives: the pool waits for the same lock, and gets it when the worker is
    // gone.
    if (lock) {
      navigator.locks.request(lock, () => {
        postMessage({ kind: "locked" });
        return new Promise(() => {});
      });
    }
    engine = await createEngine(module);
    postMessage({ kind: "ready" });
  },

  // `load` tells this loading from an earlier one of the same model.
  load({ model, load, name, bytes }) {
    try {
      const info = engine.load(new Uint8Array(bytes), { name });
      numbers.set(model, info.model);
      postMessage({ kind: "loaded", model, load, info: { ...info, model } });
    } catch (error) {
      postMessage({ kind: "loaded", model, load, error: plain(error) });
    }
  },

  run({ job, task, request }) {
    try {
      const model = numbers.get(request.model);
      if (model === undefined)
        throw new EngineError(101, "unknown_name", `model ${request.model} is not loaded`);
      const frame = engine[task]({ ...request, model });
      frame.model = request.model;
      const arrays = [frame.pictures.buffer, frame.latents.buffer, frame.scores.buffer];
      postMessage({ kind: "done", job, frame }, arrays);
    } catch (error) {
      postMessage({ kind: "done", job, error: plain(error) });
    }
  },
};

// One message after the other, also while `start` awaits.
let queue = Promise.resolve();
addEventListener("message", ({ data }) => {
  queue = queue
    .then(() => handlers[data.kind](data))
    .catch((error) => {
      postMessage({ kind: "broken", error: plain(error) });
    });
});

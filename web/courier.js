// Between the ImGui module and the pool: jobs and models one way, pictures the other. Decides nothing.
import { Mirror } from "./mirror.js";

const kTasks = ["sample", "encode", "discriminate", "translate", "classify"]; // session::Task
const kFlags = { dark: 1, reducedMotion: 2, appleKeys: 4, touch: 8 };
const kDownloadMs = 60_000; // in which the browser has begun to read a saved file
const kFirstFrameMs = 3000; // then the canvas is shown as it is

const encoder = new TextEncoder();
const wide = (low, high) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

// Starts the module on a canvas and returns what the page may ask of it. `onWanted(name)`: the person chose a
// model that is not loaded; `onState(text)`: the state for the address bar.
export async function openApp({ pool, canvas, mirror: root, onWanted, onState }) {
  const { default: createApp } = await import(new URL("./app.mjs", import.meta.url));
  const models = []; // the app's number of a model -> the pool's
  const numbers = new Map(); // a model's name -> the app's number
  const looks = [
    [matchMedia("(prefers-color-scheme: dark)"), kFlags.dark],
    [matchMedia("(prefers-reduced-motion: reduce)"), kFlags.reducedMotion],
    [matchMedia("(pointer: coarse)"), kFlags.touch],
  ];
  let app = null;
  let mirror = null;

  // Calls `use(address, length, ...)` for every array given, copied into the module's memory; frees them
  // after.
  function lend(arrays, use) {
    const addresses = [];
    try {
      for (const array of arrays) {
        const address = array.length ? app._malloc(array.byteLength) : 0;
        if (array.length && !address) throw new Error("the page's module has no memory left");
        addresses.push(address);
        // HEAPU8 is read after each allocation: the memory may have moved.
        if (address)
          app.HEAPU8.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), address);
      }
      return use(...addresses.flatMap((address, i) => [address, arrays[i].length]));
    } finally {
      for (const address of addresses) if (address) app._free(address);
    }
  }

  const lendText = (text, use) => lend([encoder.encode(text)], use);
  const lastError = () => app.UTF8ToString(app._lcapp_error());

  function answer(worker, job, frame, error) {
    const { count = 0, channels = 0, height = 0, width = 0, milliseconds = 0 } = frame ?? {};
    const none = new Float32Array(0);
    lend(
      [
        encoder.encode(error?.message ?? ""),
        frame?.pictures ?? none,
        frame?.latents ?? none,
        frame?.scores ?? none,
      ],
      (text, textLength, ...arrays) =>
        app._lcapp_frame(
          worker,
          job,
          error ? (error.code ?? 500) : 0,
          text,
          textLength,
          count,
          channels,
          height,
          width,
          ...arrays,
          milliseconds,
        ),
    );
  }

  const courier = {
    submit(worker, job) {
      pool
        .request({
          whole: true,
          task: kTasks[job.task],
          model: models[job.model],
          moment: job.moment >>> 0,
          seed: wide(job.seed_low, job.seed_high),
          first: wide(job.first_low, job.first_high),
          count: job.count,
          temperature: job.temperature,
          labels: job.labels,
          labelWeights: job.label_weights,
          latents: job.latents,
          pictures: job.pictures,
          direction: job.direction,
          view: job.view,
        })
        .then(
          (frame) => answer(worker, job.id, frame, null),
          (error) => answer(worker, job.id, null, error),
        )
        .catch((error) => handle.showError(`The picture could not be shown: ${error.message}`));
    },
    wantModel: onWanted,
    stateChanged: onState,
    copyText(text) {
      const failed = (error) => handle.showError(`Nothing was copied: ${error.message}`);
      if (navigator.clipboard) navigator.clipboard.writeText(text).catch(failed);
      else failed(new Error("this browser gives pages of http no clipboard"));
    },
    openUrl(url) {
      window.open(url, "_blank", "noopener");
    },
    save(name, mime, bytes) {
      const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
      Object.assign(document.createElement("a"), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), kDownloadMs);
    },
    copyLink(state) {
      courier.copyText(new URL(`#${state}`, location.href).href);
    },
    frameDrawn: () => mirror?.changed(),
  };

  const handle = {
    // Gives a file that the pool has already accepted as `info` to the app.
    addModel(info, bytes) {
      const number = lend([encoder.encode(info.name), bytes], (...pairs) => app._lcapp_add_model(...pairs));
      if (number < 0) throw new Error(lastError());
      models[number] = info.model;
      app._lcapp_model_work(number, info.multiplyAdds);
      numbers.set(info.name, number);
    },
    // The whole file in the place of its player.
    replaceModel(info, bytes) {
      const number = numbers.get(info.name);
      if (lend([bytes], (...pair) => app._lcapp_replace_model(number, ...pair)) < 0) throw new Error(lastError());
    },
    offerModel(entry) {
      const { name, title, family, dataset, bytes, draws, sees, latent, measures, metrics = {} } = entry;
      const told = Object.fromEntries(Object.entries(metrics).map(([key, value]) => [`metric.${key}`, value]));
      const text = Object.entries({ name, title, family, dataset, bytes, draws, sees, latent, measures, ...told })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
        .join("&");
      lendText(text, (...pair) => app._lcapp_offer_model(...pair));
    },
    // A picture for the card of a model that is not here yet.
    setThumbnail(name, { channels, height, width, pixels }) {
      const bytes = Uint8Array.from(atob(pixels), (letter) => letter.charCodeAt(0));
      lend([encoder.encode(name), bytes], (...pairs) => app._lcapp_thumbnail(...pairs, channels, height, width));
    },
    select(name) {
      if (app._lcapp_select_model(numbers.get(name)) < 0) throw new Error(lastError());
    },
    setState(text) {
      if (lendText(text, (...pair) => app._lcapp_set_state(...pair)) < 0) throw new Error(lastError());
    },
    state: () => app.UTF8ToString(app._lcapp_state()),
    report: () => `${app.UTF8ToString(app._lcapp_report())}&mirrored=${mirror?.current ? 1 : 0}`,
    // Resolves when the canvas shows something worth looking at: pictures, where there is a model.
    async firstFrame() {
      const deadline = performance.now() + kFirstFrameMs;
      while (performance.now() < deadline) {
        await new Promise(requestAnimationFrame);
        const report = new URLSearchParams(handle.report());
        const drawn = Number(report.get("frames")) > 0;
        if (drawn && (models.length === 0 || (report.has("grid") && report.get("busy") === "0"))) return;
      }
    },
    act: (name, action, value = "") =>
      lend([encoder.encode(name), encoder.encode(action), encoder.encode(String(value))], (...pairs) =>
        app._lcapp_act(...pairs),
      ) === 0,
    mirror: () => app.UTF8ToString(app._lcapp_mirror()),
    showError: (text) => lendText(text, (...pair) => app._lcapp_show_error(...pair)),
    setWorkers: (count) => app._lcapp_set_workers(count),
  };

  app = await createApp({ courier, canvas });
  const look = () => looks.reduce((flags, [query, flag]) => flags | (query.matches ? flag : 0), 0);
  const flags = look() | (/^(Mac|iP)/.test(navigator.platform) ? kFlags.appleKeys : 0);
  if (lendText(`#${canvas.id}`, (...pair) => app._lcapp_start(...pair, pool.workers, flags)) < 0)
    throw new Error(lastError());

  const resize = () =>
    app._lcapp_resize(canvas.clientWidth, canvas.clientHeight, window.devicePixelRatio || 1);
  new ResizeObserver(resize).observe(canvas);
  window.addEventListener("resize", resize); // a changed devicePixelRatio alone does not reach the observer
  resize();
  for (const [query] of looks) query.addEventListener("change", () => app._lcapp_set_look(look()));
  window.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain");
    if (text && document.activeElement === canvas) lendText(text, (...pair) => app._lcapp_paste(...pair));
  });
  root.hidden = false;
  mirror = new Mirror({ root, canvas, read: handle.mirror, act: handle.act });
  // A field that is tapped gets the phone's keyboard: its twin takes the focus.
  canvas.addEventListener("touchend", (event) => {
    const [{ clientX, clientY }] = event.changedTouches;
    const { left, top } = canvas.getBoundingClientRect();
    mirror.update();
    mirror.textboxAt(clientX - left, clientY - top)?.focus();
  });
  return handle;
}

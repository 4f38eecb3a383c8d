// The plain page: a model, a seed, pictures on a 2-D canvas. First on the screen, and all there is without
// WebGL2.
import { toRgba } from "./engine.js";

const kGap = 2; // picture pixels between two pictures

const by = (id) => document.getElementById(id);

// Whole device pixels a picture pixel keep the pictures crisp; where that would waste much of the place they
// are smoothed.
const kMostWaste = 0.8;

function fit(scale) {
  const whole = Math.floor(scale);
  return whole >= kMostWaste * scale ? whole : scale;
}

// Rows and columns that show `count` pictures largest in a place of that size (device pixels), full rows
// preferred.
export function layout(count, picture, place) {
  let best = { columns: 1, scale: 0, empty: Infinity };
  for (let columns = 1; columns <= count; ++columns) {
    const rows = Math.ceil(count / columns);
    const width = columns * (picture.width + kGap) - kGap;
    const height = rows * (picture.height + kGap) - kGap;
    const scale = fit(Math.min(place.width / width, place.height / height));
    const empty = columns * rows - count;
    if (scale > best.scale || (scale === best.scale && empty < best.empty))
      best = { columns, width, height, scale, empty };
  }
  return best;
}

export class ClassicPage {
  #canvas = by("grid");
  #frame = null;
  #places = 0;
  #onModel;
  #onSeed;

  // `onModel(name)` and `onSeed(text)` are told what the person chose.
  constructor({ onModel, onSeed }) {
    this.#onModel = onModel;
    this.#onSeed = onSeed;
    by("controls").addEventListener("submit", (event) => event.preventDefault());
    by("model").addEventListener("change", () => this.#onModel(by("model").value));
    by("seed").addEventListener("change", () => this.#onSeed(by("seed").value));
    by("reroll").addEventListener("click", () =>
      this.#onSeed(String(crypto.getRandomValues(new Uint32Array(1))[0])),
    );
    new ResizeObserver(() => this.#draw()).observe(by("place"));
  }

  showModels(models, chosen) {
    const select = by("model");
    select.replaceChildren(
      ...models.map(({ name, title }) => new Option(title, name, false, name === chosen)),
    );
    select.disabled = models.length === 0;
    by("reroll").disabled = models.length === 0;
  }

  showSeed(text) {
    by("seed").value = text;
  }

  // `places`: how many pictures there will be.
  showFrame(frame, title, places = frame.count) {
    this.#frame = frame;
    this.#places = places;
    this.#draw();
    const { count, milliseconds, workers } = frame;
    if (count < places) return;
    this.#canvas.setAttribute("aria-label", `${count} pictures made by ${title}`);
    this.say(
      `${count} pictures in ${milliseconds.toFixed(1)} ms on ${workers} ${workers === 1 ? "worker" : "workers"}`,
    );
  }

  say(text) {
    by("caption").textContent = text;
  }

  #draw() {
    const frame = this.#frame;
    if (!frame) return;
    const ratio = window.devicePixelRatio || 1;
    const place = by("place");
    const area = { width: place.clientWidth * ratio, height: place.clientHeight * ratio };
    const { columns, width, height, scale } = layout(this.#places, frame, area);
    if (!(scale > 0)) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#canvas.style.imageRendering = Number.isInteger(scale) ? "pixelated" : "auto";
    this.#canvas.style.width = `${(width * scale) / ratio}px`;
    this.#canvas.style.height = `${(height * scale) / ratio}px`;
    const context = this.#canvas.getContext("2d");
    for (let i = 0; i < frame.count; ++i) {
      const x = (i % columns) * (frame.width + kGap);
      const y = Math.floor(i / columns) * (frame.height + kGap);
      context.putImageData(new ImageData(toRgba(frame, i), frame.width, frame.height), x, y);
    }
  }
}

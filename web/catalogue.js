// The shipped weights: the manifest, and each file when it is wanted. Every failure says what to do next.

const kManifest = new URL("./weights/manifest.json", import.meta.url);
const kThumbnails = new URL("./weights/thumbnails.json", import.meta.url);

async function get(url, what) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Error(
      `${what} did not arrive: ${error.message}. Look at the connection, then reload the page.`,
    );
  }
  if (!response.ok)
    throw new Error(
      `${what} is not there: the server answered ${response.status}. Drop a .lcw file here instead.`,
    );
  return response;
}

function check(entry, index) {
  for (const key of ["name", "title", "file"]) {
    if (typeof entry?.[key] !== "string" || entry[key] === "") {
      throw new Error(
        `weights/manifest.json: entry ${index + 1} has no '${key}'. Write the manifest again with the exporter.`,
      );
    }
  }
  return entry;
}

export class Catalogue {
  // { name, title, family, dataset, draws, sees, latent, measures, file, bytes, sha256, player: { file, bytes, sha256 }, metrics }.
  // The player is the network that draws, alone: the same pictures from a fraction of the bytes.
  entries = [];

  // The list of shipped weights: a JSON array, or an object that holds it as 'models'.
  async open() {
    const what = "The list of models (weights/manifest.json)";
    const response = await get(kManifest, what);
    let parsed;
    try {
      parsed = JSON.parse(await response.text());
    } catch (error) {
      throw new Error(
        `${what} is damaged: ${error.message}. Build the site again, or drop a .lcw file here.`,
      );
    }
    const list = Array.isArray(parsed) ? parsed : parsed?.models;
    if (!Array.isArray(list))
      throw new Error(
        `${what} is damaged: it holds no list. Build the site again, or drop a .lcw file here.`,
      );
    if (list.length === 0) throw new Error(`${what} is empty. Train a model and drop its .lcw file here.`);
    this.entries = list.map(check);
    return this.entries;
  }

  find(name) {
    return this.entries.find((entry) => entry.name === name);
  }

  // name -> { channels, height, width, pixels }. Cards do without them where they do not arrive.
  async thumbnails() {
    const response = await fetch(kThumbnails).catch(() => null);
    return response?.ok ? response.json().catch(() => ({})) : {};
  }

  // The bytes of an entry's whole file, or of its player.
  async fetch({ title }, { file }) {
    const response = await get(new URL(file, kManifest), `${title} (weights/${file})`);
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw new Error(`${title} (weights/${file}) broke off on the way: ${error.message}. Reload the page.`);
    }
  }
}

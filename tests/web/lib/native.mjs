// The native program, as the tests ask it: pictures of a seed, and the verdict on a file.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const cli = process.env.LC_CLI ?? "";
if (cli && !existsSync(cli)) throw new Error(`LC_CLI is ${cli}: no such program. Build it: make native`);
export const noCli = existsSync(cli)
  ? false
  : "LC_CLI does not say where the native program latent-canvas is";

// A NumPy file of little-endian float32: { shape, values }.
export function readNpy(bytes) {
  if (bytes.toString("latin1", 0, 6) !== "\x93NUMPY") throw new Error("not a .npy file");
  const wide = bytes[6] >= 2;
  const length = wide ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const start = (wide ? 12 : 10) + length;
  const header = bytes.toString("latin1", wide ? 12 : 10, start);
  if (!header.includes("'<f4'") || header.includes("'fortran_order': True"))
    throw new Error(`unexpected .npy: ${header}`);
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)[1]
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean)
    .map(Number);
  const body = bytes.subarray(start);
  return {
    shape,
    values: new Float32Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength)),
  };
}

// For this process's files; gone when it ends.
export const folder = mkdtempSync(join(tmpdir(), "latent-canvas-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const cache = new Map();

// Pictures as the native engine makes them: { shape: [count, channels, height, width], values }.
export function nativeSample(weights, ...options) {
  const key = [weights, ...options].join(" ");
  if (!cache.has(key)) {
    const out = join(folder, `${cache.size}.npy`);
    execFileSync(cli, ["sample", "--weights", weights, "--raw", out, ...options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    cache.set(key, readNpy(readFileSync(out)));
  }
  return cache.get(key);
}

// What `verify` says of each file: { codeName, message } without the path, or null for a good one.
export function nativeVerdicts(paths) {
  const { stdout, status } = spawnSync(cli, ["verify", ...paths], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { ...process.env, NO_COLOR: "1" },
  });
  if (status !== 0 && status !== 4) throw new Error(`verify left with ${status}: ${stdout}`);
  const lines = stdout.split("\n").filter(Boolean);
  return paths.map((path) => {
    const line = lines.find((each) => each.includes(`${path}: `));
    if (line === undefined) throw new Error(`verify did not mention ${path}`);
    if (line === `${path}: ok`) return null;
    const at = line.indexOf(`: ${path}: `);
    return { codeName: line.slice(0, at), message: line.slice(at + path.length + 4) };
  });
}

// Largest difference of two arrays, and where it is.
export function maxDifference(a, b) {
  let max = 0,
    at = -1;
  for (let i = 0; i < a.length; ++i) {
    const difference = Math.abs(a[i] - b[i]);
    if (!(difference <= max)) [max, at] = [difference, i];
  }
  return { max, at };
}

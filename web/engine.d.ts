// Types of the engine's JavaScript API.

export type NumberArray = ArrayLike<number>;

/** What a loaded file says of itself. */
export interface Model {
  /** The engine's number for it, to be used in requests. */
  model: number;
  name: string;
  title: string;
  family: string;
  fileBytes: number;
  /** Of one sampled picture. */
  multiplyAdds: number;
  latentSize: number;
  /** Positions on the timeline, the end of training included. */
  moments: number;
  canSample: boolean;
  canEncode: boolean;
  canDiscriminate: boolean;
  canClassify: boolean;
  /** Draws a request's view. */
  anyResolution: boolean;
  /** What its pictures are: pictures, numbers on a line, or values along a line. */
  figure: "picture" | "density" | "curve";
  /** Of translation: "a-to-b". */
  directions: string[];
  /** Names of the classes; empty where the model is unconditional. */
  classes: string[];
  image: { channels: number; height: number; width: number; low: number; high: number };
  prior: {
    name: string;
    kind: "normal" | "uniform" | "categorical" | "mixture";
    size: number;
    low: number;
    high: number;
  }[];
  timeline: { iteration: number; imagesSeen: number }[];
  provenance: {
    dataset: string;
    datasetSha256: string;
    datasetVerified: boolean;
    options: Record<string, string>;
    /** 64 bits, in decimal. */
    seed: string;
    iterations: number;
    imagesSeen: number;
    seconds: number;
    trainerVersion: string;
    device: string;
  };
  metrics: { name: string; value: number; note: string }[];
  curve: { iterations: number[]; series: { name: string; values: number[] }[] };
  networks: {
    role: "decoder" | "generator" | "encoder" | "discriminator" | "classifier";
    name: string;
    inputs: { name: string; shape: number[] }[];
    layers: {
      kind: string;
      name: string;
      inputs: number[];
      attributes: Record<string, number>;
      tensors: number[];
    }[];
    outputs: { name: string; value: number }[];
  }[];
  tensors: { name: string; dtype: "f32" | "f16" | "i8"; shape: number[] }[];
}

export interface SampleRequest {
  /** From load(); default 0. */
  model?: number;
  /** The same seed gives the same pictures everywhere; default 1. */
  seed?: number | bigint;
  /** Pictures; default: as many as latents or labels were given, else 1. */
  count?: number;
  /** The first picture of the seed's endless sequence; default 0. */
  first?: number | bigint;
  /** [count][latentSize]; default: drawn from the model's prior. */
  latents?: NumberArray;
  /** One class for all, or one each; default: picture i has class i modulo the number of classes. */
  labels?: number | NumberArray;
  /** In place of labels, how much of each class: [count][classes]. */
  labelWeights?: NumberArray;
  /** Scales a normal latent; default 1. */
  temperature?: number;
  /** A position on the timeline; default: the end of training. */
  moment?: number;
  /** The part of the plane to draw, where the model has anyResolution. */
  view?: View;
}

/** Coordinates are centre + scale * (x, y), x and y from -1 to 1 at the middles of the pixels. */
export interface View {
  /** Up to 1024 a side; default: the model's own. */
  width?: number;
  height?: number;
  centreX?: number;
  centreY?: number;
  scale?: number;
}

export interface PictureRequest extends Omit<SampleRequest, "latents" | "first" | "temperature" | "view"> {
  /** [count][channels][height][width] in [0, 1]. */
  pictures: NumberArray;
}

export interface TranslateRequest extends PictureRequest {
  /** A place in the model's directions; default 0. */
  direction?: number;
}

export interface Frame {
  model: number;
  count: number;
  channels: number;
  height: number;
  width: number;
  /** sample, translate: [count][channels][height][width] in [0, 1]; else empty. */
  pictures: Float32Array;
  /** sample: what was drawn; encode: the means, [count][latentSize]; classify: the features, where the network gives some. */
  latents: Float32Array;
  /** discriminate: [count][outputs]; classify: [count][classes], logits. */
  scores: Float32Array;
  /** Of the arithmetic. */
  milliseconds: number;
}

/** A refusal, with the same code and message as the native engine gives. */
export class EngineError extends Error {
  constructor(code: number, codeName: string, message: string);
  readonly code: number;
  readonly codeName: string;
}

/** One engine: models go in, pictures come out, at once and on this thread. */
export class Engine {
  constructor(module: WebAssembly.Module);
  /** Checks a .lcw file whole and compiles its networks; throws EngineError. The bytes must not change after. */
  load(bytes: Uint8Array | ArrayBuffer, options?: { name?: string }): Model;
  readonly models: Model[];
  describe(model: number): Model;
  sample(request?: SampleRequest): Frame;
  encode(request: PictureRequest): Frame;
  discriminate(request: PictureRequest): Frame;
  translate(request: TranslateRequest): Frame;
  classify(request: PictureRequest): Frame;
}

/** Where a build of the engine is, its bytes, or the compiled module; default: the fastest beside this file. */
export type EngineSource = string | URL | ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/** The builds, fastest first: the file beside this one, and a module that a browser refuses where it would refuse it. */
export const engineBuilds: readonly { file: string; probe: readonly number[] }[];
/** Where the fastest build that this browser runs is. */
export function engineUrl(): URL;
export function createEngine(source?: EngineSource): Promise<Engine>;
export function compileEngine(source?: EngineSource): Promise<WebAssembly.Module>;

/** Picture `index` of a frame as RGBA bytes, for an ImageData. */
export function toRgba(
  frame: Pick<Frame, "pictures" | "channels" | "height" | "width">,
  index?: number,
): Uint8ClampedArray;

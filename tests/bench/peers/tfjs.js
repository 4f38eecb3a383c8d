// A decoder in TensorFlow.js (channels last, activations fused where its kernels can), from the safetensors that
// `latent-canvas export` writes.

const script = (path) =>
  new Promise((loaded, failed) => {
    const element = Object.assign(document.createElement("script"), { src: path, onload: loaded });
    element.onerror = () => failed(new Error(`${path} did not load`));
    document.head.append(element);
  });

async function library() {
  await script("/tfjs/tf-core.min.js");
  await script("/tfjs/tf-backend-wasm.min.js");
  const { tf } = globalThis;
  tf.wasm.setWasmPaths("/tfjs/");
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // one thread
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js has no wasm backend");
  await tf.ready();
  return tf;
}

// [a][b][h][w] -> [h][w][..], with the first two axes swapped or not.
const moved = (tf, values, shape, order) => tf.transpose(tf.tensor(values, shape), order);

const kFused = { relu: "relu", sigmoid: "sigmoid" };

// Of each layer: x => y. `weight` and `bias` are arrays with a shape.
const kLayers = {
  dense: (tf, { weight, bias, fused }) => {
    const b = moved(tf, weight.values, weight.shape, [1, 0]);
    const shift = tf.tensor1d(bias.values);
    return (a) => tf.fused.matMul({ a, b, bias: shift, activation: fused });
  },
  reshape: (tf, { attributes: { channels, height, width } }) => (x) =>
    tf.transpose(tf.reshape(x, [x.shape[0], channels, height, width]), [0, 2, 3, 1]),
  conv2d: (tf, { attributes: { stride, padding }, weight, bias, fused }) => {
    const filter = moved(tf, weight.values, weight.shape, [2, 3, 1, 0]);
    const shift = tf.tensor1d(bias.values);
    return (x) => tf.fused.conv2d({ x, filter, strides: stride, pad: padding, bias: shift, activation: fused });
  },
  conv_transpose2d: (tf, { attributes: { stride, padding }, weight, bias }) => {
    const filter = moved(tf, weight.values, weight.shape, [2, 3, 1, 0]);
    const [, out, size] = weight.shape;
    const shift = tf.tensor1d(bias.values);
    const side = (n) => (n - 1) * stride - 2 * padding + size;
    return (x) =>
      tf.add(tf.conv2dTranspose(x, filter, [x.shape[0], side(x.shape[1]), side(x.shape[2]), out], stride, padding), shift);
  },
  relu: (tf) => tf.relu,
  leaky_relu: (tf, { attributes: { slope } }) => (x) => tf.leakyRelu(x, slope),
  tanh: (tf) => tf.tanh,
  sigmoid: (tf) => tf.sigmoid,
};

export async function tensorflow({ name, batch, latent }) {
  const [tf, file] = await Promise.all([library(), fetch(`/models/${name}.safetensors`).then((r) => r.arrayBuffer())]);
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length)));
  const array = (tensor) => {
    const { shape, data_offsets: [begin, end] } = header[tensor];
    return { shape, values: new Float32Array(file.slice(8 + length + begin, 8 + length + end)) };
  };
  const { layers } = JSON.parse(header.__metadata__.graph).find(({ role }) => role === "decoder" || role === "generator");
  const steps = [];
  for (let i = 0; i < layers.length; ++i) {
    const { kind, attributes, tensors } = layers[i];
    const [weight, bias] = tensors.map(array);
    const fused = (kind === "dense" || kind === "conv2d") && kFused[layers[i + 1]?.kind];
    steps.push(kLayers[kind](tf, { attributes, weight, bias, fused: fused || "linear" }));
    if (fused) ++i;
  }
  return (latents) => {
    const pictures = tf.tidy(() => {
      const y = steps.reduce((x, step) => step(x), tf.tensor2d(latents, [batch, latent]));
      return y.rank === 4 ? tf.transpose(y, [0, 3, 1, 2]) : y;
    });
    const values = pictures.dataSync();
    pictures.dispose();
    return values;
  };
}

// Writes a decoder as an ONNX file, from the safetensors that `latent-canvas export` writes. ONNX is Protocol Buffers:
// each field is a tag (number and wire type) and a value; the numbers here are those of onnx.proto.

const kVarint = 0, kBytes = 2, kFixed32 = 5;
const kFloat = 1, kInt64 = 7; // TensorProto.DataType
const kOpset = 13, kIrVersion = 8;

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}
const tag = (field, type) => varint((field << 3) | type);
const integer = (field, value) => Buffer.concat([tag(field, kVarint), varint(value)]);
const bytes = (field, value) => {
  const body = Buffer.from(value);
  return Buffer.concat([tag(field, kBytes), varint(body.length), body]);
};
const float = (field, value) => {
  const body = Buffer.alloc(4);
  body.writeFloatLE(value);
  return Buffer.concat([tag(field, kFixed32), body]);
};
const message = (field, parts) => bytes(field, Buffer.concat(parts));

const attribute = {
  int: (name, value) => message(5, [bytes(1, name), integer(3, value), integer(20, 2)]),
  float: (name, value) => message(5, [bytes(1, name), float(2, value), integer(20, 1)]),
  ints: (name, values) => message(5, [bytes(1, name), ...values.map((v) => integer(8, v)), integer(20, 7)]),
};
const node = (op, inputs, output, attributes) =>
  message(1, [...inputs.map((name) => bytes(1, name)), bytes(2, output), bytes(4, op), ...attributes]);
const tensor = (name, type, shape, data) =>
  message(5, [...shape.map((n) => integer(1, n)), integer(2, type), bytes(8, name), bytes(9, data)]);
const value = (field, name, shape) => {
  const dims = ["N", ...shape].map((n) => message(1, [typeof n === "string" ? bytes(2, n) : integer(1, n)]));
  return message(field, [bytes(1, name), message(2, [message(1, [integer(1, kFloat), message(2, dims)])])]);
};

function convolution(transposed) {
  return ({ attributes: a }) => [
    transposed ? "ConvTranspose" : "Conv",
    [
      attribute.ints("strides", [a.stride, a.stride]),
      attribute.ints("pads", Array(4).fill(a.padding)),
      ...(transposed ? [attribute.ints("output_padding", Array(2).fill(a.output_padding ?? 0))] : []),
    ],
  ];
}
// Our layer kinds: ONNX's operator and its attributes.
const kOperators = {
  dense: () => ["Gemm", [attribute.int("transB", 1)]],
  reshape: () => ["Reshape", []],
  conv2d: convolution(false),
  conv_transpose2d: convolution(true),
  relu: () => ["Relu", []],
  leaky_relu: ({ attributes }) => ["LeakyRelu", [attribute.float("alpha", attributes.slope)]],
  tanh: () => ["Tanh", []],
  sigmoid: () => ["Sigmoid", []],
};

// { latent, image: { channels, height, width, low, high }, multiply_adds, onnx } of a safetensors file's decoder or generator.
export function onnx_of(file) {
  const length = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + length));
  const image = JSON.parse(header.__metadata__.image);
  const network = JSON.parse(header.__metadata__.graph).find(({ role }) => role === "decoder" || role === "generator");
  if (!network || network.inputs.length !== 1) throw new Error("expected a decoder or generator with one input");
  const parts = [];
  let multiply_adds = 0, pixels = 1; // of one picture; of the layer's input
  network.layers.forEach((layer, i) => {
    const operator = kOperators[layer.kind];
    if (!operator) throw new Error(`layer ${i} (${layer.kind}): known are ${Object.keys(kOperators).join(", ")}`);
    const [op, attributes] = operator(layer);
    const inputs = [`v${layer.inputs[0]}`, ...layer.tensors];
    if (layer.kind === "reshape") {
      const { channels, height, width } = layer.attributes;
      const shape = BigInt64Array.from([-1, channels, height, width].map(BigInt));
      parts.push(tensor(`shape${i}`, kInt64, [4], new Uint8Array(shape.buffer)));
      inputs.push(`shape${i}`);
    }
    if (layer.kind === "reshape") pixels = layer.attributes.height * layer.attributes.width;
    if (layer.tensors.length > 0) {
      // The definition's: each input pixel meets each weight of a transposed convolution, each output pixel of the others.
      multiply_adds += pixels * header[layer.tensors[0]].shape.reduce((product, n) => product * n, 1);
      if (layer.kind === "conv_transpose2d") pixels *= layer.attributes.stride ** 2;
    }
    for (const name of layer.tensors) {
      const { shape, data_offsets, dtype } = header[name];
      if (dtype !== "F32") throw new Error(`tensor ${name} is ${dtype}, expected F32`);
      parts.push(tensor(name, kFloat, shape, file.subarray(8 + length + data_offsets[0], 8 + length + data_offsets[1])));
    }
    parts.push(node(op, inputs, `v${i + 1}`, attributes));
  });
  const latent = network.inputs[0].shape[0];
  const graph = [
    ...parts,
    bytes(2, network.name),
    value(11, "v0", [latent]),
    value(12, `v${network.outputs[0].value}`, [image.channels, image.height, image.width]),
  ];
  return {
    latent,
    image,
    multiply_adds,
    onnx: Buffer.concat([integer(1, kIrVersion), message(8, [bytes(1, ""), integer(2, kOpset)]), message(7, graph)]),
  };
}

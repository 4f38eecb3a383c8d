#!/usr/bin/env python3
"""Rebuilds a model from its safetensors export with NumPy alone, and compares its pictures with the program's.

usage: rebuild_in_python.py LATENT_CANVAS WEIGHTS...
Leaves with 77 (skipped) when NumPy is missing, 1 when a picture differs by more than TOLERANCE.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is missing (Debian: python3-numpy)")
    sys.exit(77)

TOLERANCE = 1e-4  # what every engine of the project must agree to
DTYPES = {"F32": np.float32, "F16": np.float16}


def read_safetensors(path):
    """Tensors by name, and the metadata. Every byte must belong to one tensor."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data, 0)
    assert data[8:9] == b"{" and length % 8 == 0
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    body, tensors, end = data[8 + length :], {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        first, last = entry["data_offsets"]
        assert first == end, f"a hole before {name}"
        end = last
        values = np.frombuffer(body[first:last], DTYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    assert end == len(body), "bytes after the last tensor"
    return tensors, metadata


def with_bias(y, tensors):
    return y + tensors[1].reshape((1, -1) + (1,) * (y.ndim - 2)) if len(tensors) > 1 else y


def dense(x, tensors, _):
    return with_bias(x @ tensors[0].T, tensors)


def conv2d(x, tensors, attributes):
    stride, padding = attributes.get("stride", 1), attributes.get("padding", 0)
    weight = tensors[0]
    kernel_height, kernel_width = weight.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    height = (x.shape[2] - kernel_height) // stride + 1
    width = (x.shape[3] - kernel_width) // stride + 1
    y = np.zeros((x.shape[0], weight.shape[0], height, width))
    for i in range(kernel_height):
        for j in range(kernel_width):
            seen = x[:, :, i : i + stride * height : stride, j : j + stride * width : stride]
            y += np.einsum("nchw,oc->nohw", seen[:, :, :height, :width], weight[:, :, i, j])
    return with_bias(y, tensors)


def conv_transpose2d(x, tensors, attributes):
    stride, padding = attributes.get("stride", 1), attributes.get("padding", 0)
    extra = attributes.get("output_padding", 0)
    weight = tensors[0]
    kernel_height, kernel_width = weight.shape[2:]
    _, _, height, width = x.shape
    full = np.zeros((x.shape[0], weight.shape[1], (height - 1) * stride + kernel_height + extra,
                     (width - 1) * stride + kernel_width + extra))
    for i in range(kernel_height):
        for j in range(kernel_width):
            full[:, :, i : i + stride * height : stride, j : j + stride * width : stride][:, :, :height, :width] += (
                np.einsum("nchw,co->nohw", x, weight[:, :, i, j]))
    return with_bias(full[:, :, padding : full.shape[2] - padding, padding : full.shape[3] - padding], tensors)


def scale_shift(x, tensors, _):
    shape = (1, -1) + (1,) * (x.ndim - 2)
    return x * tensors[0].reshape(shape) + tensors[1].reshape(shape)


def reshape(x, _, attributes):
    if "features" in attributes:
        return x.reshape(x.shape[0], attributes["features"])
    return x.reshape(x.shape[0], attributes["channels"], attributes["height"], attributes["width"])


def normalize(x, axes, eps, centred=True):
    x = x - x.mean(axes, keepdims=True) if centred else x
    return x / np.sqrt((x * x).mean(axes, keepdims=True) + eps)


def instance_norm(x, tensors, _):
    y = normalize(x, (2, 3), 1e-5)
    return scale_shift(y, tensors, _) if tensors else y


def layer_norm(x, tensors, _):
    y = normalize(x, tuple(range(1, x.ndim)), 1e-5)
    return scale_shift(y, tensors, _) if tensors else y


def softmax(x, _, __):
    e = np.exp(x - x.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def avg_pool(x, _, attributes):
    k = attributes["kernel"]
    count, channels, height, width = x.shape
    x = x[:, :, : height // k * k, : width // k * k]
    return x.reshape(count, channels, height // k, k, width // k, k).mean((3, 5))


def add(x, y, _, __):
    return x + y.reshape(y.shape + (1,) * (x.ndim - y.ndim))


LAYERS = {
    "dense": dense,
    "conv2d": conv2d,
    "conv_transpose2d": conv_transpose2d,
    "scale_shift": scale_shift,
    "reshape": reshape,
    "upsample": lambda x, t, a: x.repeat(a["factor"], axis=2).repeat(a["factor"], axis=3),
    "relu": lambda x, t, a: np.maximum(x, 0),
    "elu": lambda x, t, a: np.where(x > 0, x, a["alpha"] * np.expm1(x)),
    "leaky_relu": lambda x, t, a: np.where(x > 0, x, a["slope"] * x),
    "elu": lambda x, t, a: np.where(x > 0, x, a["alpha"] * np.expm1(np.minimum(x, 0))),
    "softplus": lambda x, t, a: np.logaddexp(x, 0),
    "softmax": softmax,
    "instance_norm": instance_norm,
    "layer_norm": layer_norm,
    "pixel_norm": lambda x, t, a: normalize(x, 1, 1e-8, centred=False),
    "upsample": lambda x, t, a: x.repeat(a["factor"], 2).repeat(a["factor"], 3),
    "avg_pool": avg_pool,
    "concat": lambda *given: np.concatenate(given[:-2], 1),
    "add": add,
    "tanh": lambda x, t, a: np.tanh(x),
    "sigmoid": lambda x, t, a: 1 / (1 + np.exp(-x)),
}


def run(network, tensors, given):
    """Outputs by name, for a dictionary of inputs by name."""
    values = [given[port["name"]] for port in network["inputs"]]
    for layer in network["layers"]:
        inputs = [values[index] for index in layer["inputs"]]
        values.append(LAYERS[layer["kind"]](*inputs, [tensors[name] for name in layer["tensors"]], layer["attributes"]))
    return {port["name"]: values[port["value"]] for port in network["outputs"]}


def compare(program, weights, folder):
    """The largest difference of a pixel (and of a code, when there is an encoder) for one file."""
    exported, latents_path = os.path.join(folder, "model.safetensors"), os.path.join(folder, "z.npy")
    pictures_path, codes_path = os.path.join(folder, "pictures.npy"), os.path.join(folder, "codes.npy")
    subprocess.run([program, "export", weights, "--format", "safetensors", "--out", exported], check=True,
                   stderr=subprocess.DEVNULL)
    tensors, metadata = read_safetensors(exported)
    networks = {network["role"]: network for network in reversed(json.loads(metadata["graph"]))}
    prior, image = json.loads(metadata["prior"]), json.loads(metadata["image"])
    player = networks.get("decoder") or networks.get("generator")
    if player is None or [port["name"] for port in player["inputs"]] != ["latent"]:
        return None
    latents = np.random.default_rng(7).standard_normal((19, sum(part["size"] for part in prior)))
    np.save(latents_path, latents.astype(np.float32))
    subprocess.run([program, "sample", "--quiet", "--weights", weights, "--latents", latents_path, "--raw", pictures_path],
                   check=True)
    drawn = np.load(pictures_path)
    rebuilt = run(player, tensors, {"latent": latents.astype(np.float32).astype(np.float64)})["image"]
    low, high = image["low"], image["high"]
    differences = {"pictures": np.abs(drawn - np.clip((rebuilt - low) / (high - low), 0, 1)).max()}
    if "encoder" in networks and [port["name"] for port in networks["encoder"]["inputs"]] == ["image"]:
        subprocess.run([program, "sample", "--quiet", "--weights", weights, "--encode", pictures_path, "--raw", codes_path],
                       check=True)
        codes = run(networks["encoder"], tensors, {"image": drawn * (high - low) + low})["mean"]
        differences["codes"] = np.abs(np.load(codes_path) - codes).max() / max(1.0, np.abs(codes).max())
    return differences


def main():
    program, compared, worst = sys.argv[1], 0, 0.0
    for weights in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as folder:
            differences = compare(program, weights, folder)
        name = os.path.basename(weights)
        if differences is None:
            print(f"{name}: passed over, it is not drawn from latents alone")
            continue
        compared += 1
        for what, difference in differences.items():
            print(f"{name}: {what}, max abs {difference:.2e}")
            worst = max(worst, difference if np.isfinite(difference) else np.inf)
    if compared == 0 or worst > TOLERANCE:
        print(f"FAILED: {compared} files compared, largest difference {worst:.2e}, allowed {TOLERANCE:.0e}")
        sys.exit(1)


main()

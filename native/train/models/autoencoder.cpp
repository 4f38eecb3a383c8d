// The encoder and decoder that the autoencoders share: convolutional, or dense as in Kingma & Welling 2014.
#include "native/train/models/autoencoder.h"

#include "native/train/models/networks.h"

namespace lc::train {

namespace {

Value activated(Value value, const AutoencoderOptions& options) {
  return options.batch_norm ? value.batch_norm().relu() : value.relu();
}

Value residual_blocks(Value value, const AutoencoderOptions& options) {
  for (std::int64_t i = 0; i < options.residual; ++i)
    value = value.add(activated(value.conv2d(2 * options.width, 3, 1, 1), options));
  return value;
}

Value conv_trunk(Value image, const AutoencoderOptions& options) {
  const std::int64_t w = options.width;
  const Value half = activated(image.conv2d(w, 4, 2, 1), options);
  const Value small = activated(half.conv2d(2 * w, 4, 2, 1), options);
  return residual_blocks(small, options).flatten();
}

Value mlp_trunk(Value image, const AutoencoderOptions& options) {
  Value value = image.shape().size() == 1 ? image : image.flatten();
  for (std::int64_t i = 0; i < options.layers; ++i) value = activated(value.dense(options.hidden), options);
  return value;
}

Value conv_pictures(Value latent, const AutoencoderOptions& options, const DataShape& shape) {
  const std::int64_t w = options.width, h4 = shape.height / 4, w4 = shape.width / 4;
  const Value small = activated(latent.dense(2 * w * h4 * w4).reshape(2 * w, h4, w4), options);
  const Value half = activated(residual_blocks(small, options).conv_transpose2d(w, 4, 2, 1), options);
  return half.conv_transpose2d(shape.channels, 4, 2, 1);
}

Value mlp_pictures(Value latent, const AutoencoderOptions& options, const DataShape& shape) {
  return mlp_trunk(latent, options).dense(shape.size()).reshape(shape.channels, shape.height, shape.width);
}

}  // namespace

void declare_autoencoder(OptionTable& table, AutoencoderOptions& options) {
  table.add("net", options.net, {"conv", "mlp"}, "Convolutional, or dense as in the paper.");
  table.add("width", options.width, 1, 1024,
            "Channels of the first convolution; the second has twice as many.");
  table.add("residual", options.residual, 0, 64,
            "Residual convolutions at a quarter of the picture's side, in either network.");
  table.add("hidden", options.hidden, 1, 65536, "Units of the dense network's hidden layers.");
  table.add("layers", options.layers, 1, 64, "Hidden layers of each dense network.");
  table.add("latent_size", options.latent_size, 1, 4096, "Numbers of the latent vector; 2 gives a plane.");
  table.add("batch_norm", options.batch_norm,
            "Batch normalisation before each ReLU: learns faster; folded into the weights of the file.");
  table.add("recon", options.recon, {"bce", "l2", "l1"}, "Reconstruction loss, summed over pixels.");
}

Result<Nets> build_autoencoder(const AutoencoderOptions& options, const DataShape& shape,
                               const std::vector<std::string>& heads, bool labels) {
  const bool conv = options.net == "conv";
  if (conv && (shape.height % 4 != 0 || shape.width % 4 != 0)) {
    return fail(Code::bad_combination,
                "net=conv halves pictures twice: expected sides that are multiples of 4, found " +
                    std::to_string(shape.height) + " x " + std::to_string(shape.width) +
                    ". Give --set net=mlp.");
  }
  Net encoder(format::Role::encoder, "encoder");
  Value image = encoder->input("image", {shape.channels, shape.height, shape.width});
  if (labels) {
    const Value label = encoder->input("label", {shape.classes});
    image = with_label(image, label, options.net);
  }
  const Value trunk = conv ? conv_trunk(image, options) : mlp_trunk(image, options);
  for (const std::string& head : heads) encoder->output(head, trunk.dense(options.latent_size));

  Net decoder(format::Role::decoder, "decoder");
  Value latent = decoder->input("latent", {options.latent_size});
  if (labels) {
    const Value label = decoder->input("label", {shape.classes});
    latent = Value::concat({latent, label});
  }
  const Value logits = conv ? conv_pictures(latent, options, shape) : mlp_pictures(latent, options, shape);
  decoder->output("image", logits.sigmoid());
  decoder->training_output("logits", logits);
  return Nets{{"encoder", encoder}, {"decoder", decoder}};
}

}  // namespace lc::train

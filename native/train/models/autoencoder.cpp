// The encoder and decoder that ae and vae share: convolutional, or dense as in Kingma & Welling 2014.
#include "native/train/models/autoencoder.h"

namespace lc::train {

namespace {

Value conv_trunk(Value image, const AutoencoderOptions& options) {
  const std::int64_t w = options.width;
  return image.conv2d(w, 4, 2, 1).relu().conv2d(2 * w, 4, 2, 1).relu().flatten();
}

Value mlp_trunk(Value image, const AutoencoderOptions& options) {
  return image.flatten().dense(options.hidden).relu();
}

Value conv_pictures(Value latent, const AutoencoderOptions& options, const ImageShape& shape) {
  const std::int64_t w = options.width, h4 = shape.height / 4, w4 = shape.width / 4;
  return latent.dense(2 * w * h4 * w4)
      .relu()
      .reshape(2 * w, h4, w4)
      .conv_transpose2d(w, 4, 2, 1)
      .relu()
      .conv_transpose2d(shape.channels, 4, 2, 1);
}

Value mlp_pictures(Value latent, const AutoencoderOptions& options, const ImageShape& shape) {
  return latent.dense(options.hidden)
      .relu()
      .dense(shape.size())
      .reshape(shape.channels, shape.height, shape.width);
}

}  // namespace

void declare_autoencoder(OptionTable& table, AutoencoderOptions& options) {
  table.add("net", options.net, {"conv", "mlp"}, "Convolutional, or dense as in the paper.");
  table.add("width", options.width, 1, 1024,
            "Channels of the first convolution; the second has twice as many.");
  table.add("hidden", options.hidden, 1, 65536, "Units of the dense network's hidden layers.");
  table.add("latent_size", options.latent_size, 1, 4096, "Numbers of the latent vector; 2 gives a plane.");
  table.add("recon", options.recon, {"bce", "l2", "l1"}, "Reconstruction loss, summed over pixels.");
}

Result<Nets> build_autoencoder(const AutoencoderOptions& options, const ImageShape& shape,
                               const std::vector<std::string>& heads) {
  const bool conv = options.net == "conv";
  if (conv && (shape.height % 4 != 0 || shape.width % 4 != 0)) {
    return fail(Code::bad_combination,
                "net=conv halves pictures twice: expected sides that are multiples of 4, found " +
                    std::to_string(shape.height) + " x " + std::to_string(shape.width) +
                    ". Give --set net=mlp.");
  }
  Net encoder(format::Role::encoder, "encoder");
  const Value image = encoder->input("image", {shape.channels, shape.height, shape.width});
  const Value trunk = conv ? conv_trunk(image, options) : mlp_trunk(image, options);
  for (const std::string& head : heads) encoder->output(head, trunk.dense(options.latent_size));

  Net decoder(format::Role::decoder, "decoder");
  const Value latent = decoder->input("latent", {options.latent_size});
  const Value logits = conv ? conv_pictures(latent, options, shape) : mlp_pictures(latent, options, shape);
  decoder->output("image", logits.sigmoid());
  decoder->training_output("logits", logits);
  return Nets{{"encoder", encoder}, {"decoder", decoder}};
}

}  // namespace lc::train

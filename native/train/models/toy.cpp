// What the one-dimensional teaching examples share.
#include "native/train/models/toy.h"

namespace lc::train {

namespace {

Value hidden_layers(Value value, std::int64_t units, const RowLayers& layers) {
  for (std::int64_t i = 0; i < layers.count; ++i) value = layers.activation(value.dense(units));
  return value;
}

}  // namespace

Net make_row_generator(const GanOptions& options, const RowLayers& layers, const DataShape& shape) {
  Net net(format::Role::generator, "generator");
  const Value latent = net->input("latent", {options.latent_size});
  net->output("image", hidden_layers(latent, options.hidden, layers)
                           .dense(shape.size())
                           .reshape(shape.channels, shape.height, shape.width));
  return net;
}

Net make_row_discriminator(const GanOptions& options, const RowLayers& layers, const DataShape& shape) {
  Net net(format::Role::discriminator, "discriminator");
  const Value image = net->input("image", {shape.channels, shape.height, shape.width});
  net->output("logit", hidden_layers(image.flatten(), options.hidden, layers).dense(1));
  return net;
}

}  // namespace lc::train

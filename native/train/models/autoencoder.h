// The encoder and decoder that the autoencoders share: convolutional, or dense as in Kingma & Welling 2014.
#pragma once

#include <string>
#include <vector>

#include "native/train/family.h"

namespace lc::train {

struct AutoencoderOptions {
  std::string net = "conv";
  std::int64_t width = 32;    // channels of the first convolution; the second has twice as many
  std::int64_t residual = 0;  // blocks x + relu(conv(x)) at the smallest size of each convolutional network
  std::int64_t hidden = 400;  // units of the dense network's hidden layers
  std::int64_t layers = 1;    // hidden layers of each dense network
  std::int64_t latent_size = 20;
  bool batch_norm = false;  // before each ReLU
  std::string recon = "bce";
};

void declare_autoencoder(OptionTable& table, AutoencoderOptions& options);

// encoder: image -> one output of latent_size for each name of `heads`; decoder: latent -> image (and logits
// for losses). With labels, both also read "label".
Result<Nets> build_autoencoder(const AutoencoderOptions& options, const DataShape& shape,
                               const std::vector<std::string>& heads, bool labels = false);

}  // namespace lc::train

// The encoder and decoder that ae and vae share: convolutional, or dense as in Kingma & Welling 2014.
#pragma once

#include <string>
#include <vector>

#include "native/train/family.h"

namespace lc::train {

struct AutoencoderOptions {
  std::string net = "conv";
  std::int64_t width = 32;    // channels of the first convolution; the second has twice as many
  std::int64_t hidden = 400;  // units of the dense network's hidden layers
  std::int64_t latent_size = 20;
  std::string recon = "bce";
};

void declare_autoencoder(OptionTable& table, AutoencoderOptions& options);

// encoder: image -> one output of latent_size for each name of `heads`; decoder: latent -> image (and logits
// for losses).
Result<Nets> build_autoencoder(const AutoencoderOptions& options, const ImageShape& shape,
                               const std::vector<std::string>& heads);

}  // namespace lc::train

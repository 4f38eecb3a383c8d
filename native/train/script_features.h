// Features of pictures from a network that the person brings as TorchScript, for example Inception v3.
#pragma once

#include <cstdint>
#include <string>

#include "shared/core/status.h"

namespace lc::train {

struct ScriptFeatures {
  std::string script;    // a file of torch.jit.save
  std::string pictures;  // .npy, [n][1 or 3][height][width], values in [0, 1]
  std::string out;       // .npy, [n][features]
  std::string device = "auto";
  std::int64_t threads = 0;
};

// The network gets bytes 0 to 255 of three channels, [batch][3][height][width], and does its own resizing and
// scaling, as the files of StyleGAN's metrics do; an argument `return_features` is true where it has one. It
// answers [batch][features]. data_damaged for what is no such file or answers otherwise.
Status script_features(const ScriptFeatures& desc);

}  // namespace lc::train

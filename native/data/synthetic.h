// Writes small made-up data sets in the real formats, for tests and for trying things without a download.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/data/dataset.h"

namespace lc::data {

// Pictures of class c: a bright bar whose place and direction tell the class, with noise from `seed`.
Split synthetic_split(const DatasetSpec& spec, std::uint32_t count, std::uint64_t seed);

// The bytes of IDX files (of pictures; of labels) and of one CIFAR-10 batch.
std::vector<std::uint8_t> idx_image_bytes(const DatasetSpec& spec, const Split& split);
std::vector<std::uint8_t> idx_label_bytes(const Split& split);
std::vector<std::uint8_t> cifar_bytes(const DatasetSpec& spec, const Split& split);

// All files of the data set below `folder`, which exists. They load with allow_unverified only.
Status write_synthetic(const std::string& name, const std::string& folder, std::uint32_t train_count,
                       std::uint32_t test_count, std::uint64_t seed);

}  // namespace lc::data

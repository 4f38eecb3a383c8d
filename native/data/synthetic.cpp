// Writes small made-up data sets in the real formats, for tests and for trying things without a download.
#include "native/data/synthetic.h"

#include <algorithm>

#include "native/io/files.h"
#include "shared/core/random.h"

namespace lc::data {

namespace {

void put_big_endian(std::vector<std::uint8_t>& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

}  // namespace

Split synthetic_split(const DatasetSpec& spec, std::uint32_t count, std::uint64_t seed) {
  Split split;
  split.count = count;
  const std::uint32_t classes = static_cast<std::uint32_t>(spec.classes.size());
  const std::size_t size = std::size_t{spec.channels} * spec.height * spec.width;
  std::vector<std::uint32_t> words(size);
  for (std::uint32_t i = 0; i < count; ++i) {
    fill_words(seed, Stream::test, std::uint64_t{i} * size, Span<std::uint32_t>(words));
    const std::uint32_t label = i % classes;
    const std::uint32_t place = 2 + label / 2 * (spec.height - 6) / 4;
    const bool upright = label % 2 != 0;
    const std::uint32_t jitter = words[0] % 2;
    split.labels.push_back(static_cast<std::uint8_t>(label));
    for (std::size_t p = 0; p < size; ++p) {
      const std::uint32_t y = static_cast<std::uint32_t>(p / spec.width) % spec.height;
      const std::uint32_t x = static_cast<std::uint32_t>(p) % spec.width;
      const std::uint32_t across = upright ? x : y;
      const bool bright = across >= place + jitter && across < place + jitter + 3;
      split.images.push_back(static_cast<std::uint8_t>((bright ? 215 : 0) + words[p] % 40));
    }
  }
  return split;
}

std::vector<std::uint8_t> idx_image_bytes(const DatasetSpec& spec, const Split& split) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t value : {0x00000803u, split.count, spec.height, spec.width})
    put_big_endian(bytes, value);
  bytes.insert(bytes.end(), split.images.begin(), split.images.end());
  return bytes;
}

std::vector<std::uint8_t> idx_label_bytes(const Split& split) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t value : {0x00000801u, split.count}) put_big_endian(bytes, value);
  bytes.insert(bytes.end(), split.labels.begin(), split.labels.end());
  return bytes;
}

std::vector<std::uint8_t> cifar_bytes(const DatasetSpec& spec, const Split& split) {
  const std::size_t size = std::size_t{spec.channels} * spec.height * spec.width;
  std::vector<std::uint8_t> bytes;
  for (std::uint32_t i = 0; i < split.count; ++i) {
    bytes.push_back(split.labels[i]);
    const auto first = split.images.begin() + static_cast<std::ptrdiff_t>(i * size);
    bytes.insert(bytes.end(), first, first + static_cast<std::ptrdiff_t>(size));
  }
  return bytes;
}

Status write_synthetic(const std::string& name, const std::string& folder, std::uint32_t train_count,
                       std::uint32_t test_count, std::uint64_t seed) {
  const Result<const DatasetSpec*> found = find_spec(name);
  if (!found.ok()) return found.status();
  const DatasetSpec& spec = *found.value();
  const auto save = [&](const FileSpec& file, const std::vector<std::uint8_t>& bytes) {
    return io::save_file(folder + "/" + file.name, Bytes(bytes));
  };
  const Split test = synthetic_split(spec, test_count, seed + 1);
  if (spec.layout == Layout::idx) {
    const Split train = synthetic_split(spec, train_count, seed);
    LC_TRY(save(spec.files[0], idx_image_bytes(spec, train)));
    LC_TRY(save(spec.files[1], idx_label_bytes(train)));
    LC_TRY(save(spec.files[2], idx_image_bytes(spec, test)));
    return save(spec.files[3], idx_label_bytes(test));
  }
  const std::size_t batches = spec.files.size() - 1;
  for (std::size_t i = 0; i < batches; ++i) {
    const std::uint32_t share = std::max<std::uint32_t>(1, train_count / static_cast<std::uint32_t>(batches));
    LC_TRY(save(spec.files[i], cifar_bytes(spec, synthetic_split(spec, share, seed + 2 + i))));
  }
  return save(spec.files[batches], cifar_bytes(spec, test));
}

}  // namespace lc::data

// Reads and checks a data set: IDX files and CIFAR-10's binary batches.
#include <algorithm>

#include "native/data/bytes.h"
#include "native/data/dataset.h"
#include "native/data/generated.h"

namespace lc::data {

namespace {

// Bound for files whose size is not pinned (--unverified-data).
constexpr std::uint64_t kMaxUnpinnedBytes = 1ull << 30;

struct Loader {
  const DatasetQuery& query;
  const DatasetSpec& spec;
  std::string mend;

  std::string at(const std::string& path, const std::string& what) const {
    return path + ": " + what + " " + mend;
  }

  Result<std::vector<std::uint8_t>> read(const std::string& path, const FileSpec& file) const {
    return read_data_file(path, query.allow_unverified ? kMaxUnpinnedBytes : file.bytes, mend);
  }

  // The last check of a sound file: is it the pinned one?
  Status verify(const std::string& path, const FileSpec& file, const std::string& hash,
                bool& verified) const {
    if (hash == file.sha256) return {};
    if (query.allow_unverified) {
      verified = false;
      return {};
    }
    return fail(Code::data_unverified,
                at(path, "expected SHA-256 " + file.sha256 + ", found " + hash +
                             ". To train on it all the same, give --unverified-data."));
  }
};

std::uint32_t big_endian(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return (std::uint32_t{bytes[at]} << 24) | (std::uint32_t{bytes[at + 1]} << 16) |
         (std::uint32_t{bytes[at + 2]} << 8) | bytes[at + 3];
}

std::string hex(std::uint32_t value) {
  static const char* const kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (int shift = 28; shift >= 0; shift -= 4) text += kDigits[(value >> shift) & 15];
  return text;
}

// Checks an IDX header of bytes of the given rank; `dims` gets the sizes, `bytes` loses the header.
Status take_idx(const Loader& loader, const std::string& path, std::uint32_t rank,
                std::vector<std::uint8_t>& bytes, std::vector<std::uint32_t>& dims) {
  const std::size_t header = 4 + 4 * std::size_t{rank};
  if (bytes.size() < header) {
    return fail(Code::data_damaged,
                loader.at(path, "expected an IDX header of " + std::to_string(header) + " bytes, found " +
                                    std::to_string(bytes.size()) + " bytes."));
  }
  const std::uint32_t magic = 0x00000800u | rank;  // unsigned bytes, `rank` dimensions
  if (big_endian(bytes, 0) != magic) {
    return fail(Code::data_damaged, loader.at(path, "expected magic number " + hex(magic) + ", found " +
                                                        hex(big_endian(bytes, 0)) + "."));
  }
  std::uint64_t product = 1;
  dims.clear();
  for (std::uint32_t i = 0; i < rank; ++i) {
    dims.push_back(big_endian(bytes, 4 + 4 * std::size_t{i}));
    // Both factors stay below 2^32, so the product cannot overflow.
    product = std::min<std::uint64_t>(product * dims.back(), 0xffffffffull);
  }
  if (product == 0) return fail(Code::data_damaged, loader.at(path, "a dimension is 0."));
  if (product != bytes.size() - header) {
    return fail(Code::data_damaged,
                loader.at(path, "its header promises " + std::to_string(product) + " bytes, found " +
                                    std::to_string(bytes.size() - header) + "."));
  }
  return {};
}

Status check_count(const Loader& loader, const std::string& path, std::uint32_t expected,
                   std::uint32_t found) {
  if (found == expected || loader.query.allow_unverified) return {};
  return fail(Code::data_damaged, loader.at(path, "expected " + std::to_string(expected) +
                                                      " pictures, found " + std::to_string(found) + "."));
}

Status check_labels(const Loader& loader, const std::string& path, const std::vector<std::uint8_t>& labels) {
  const auto worst = std::max_element(labels.begin(), labels.end());
  if (worst == labels.end() || *worst < loader.spec.classes.size()) return {};
  return fail(Code::data_damaged,
              loader.at(path, "expected labels 0 to " + std::to_string(loader.spec.classes.size() - 1) +
                                  ", found " + std::to_string(*worst) + " at picture " +
                                  std::to_string(worst - labels.begin()) + "."));
}

Status load_idx_split(const Loader& loader, const Found& found, std::size_t first, std::uint32_t expected,
                      Split& split, std::string& image_hash, bool& verified) {
  const DatasetSpec& spec = loader.spec;
  std::vector<std::uint32_t> dims;
  const std::string& image_path = found.files[first].path;
  Result<std::vector<std::uint8_t>> images = loader.read(image_path, spec.files[first]);
  if (!images.ok()) return images.status();
  LC_TRY(take_idx(loader, image_path, 3, images.value(), dims));
  if (dims[1] != spec.height || dims[2] != spec.width) {
    return fail(Code::data_damaged,
                loader.at(image_path, "expected pictures of " + std::to_string(spec.height) + " x " +
                                          std::to_string(spec.width) + ", found " + std::to_string(dims[1]) +
                                          " x " + std::to_string(dims[2]) + "."));
  }
  LC_TRY(check_count(loader, image_path, expected, dims[0]));
  image_hash = sha256_hex({Bytes(images.value())});
  LC_TRY(loader.verify(image_path, spec.files[first], image_hash, verified));
  split.count = dims[0];
  split.images.assign(images->begin() + 16, images->end());

  const std::string& label_path = found.files[first + 1].path;
  Result<std::vector<std::uint8_t>> labels = loader.read(label_path, spec.files[first + 1]);
  if (!labels.ok()) return labels.status();
  LC_TRY(take_idx(loader, label_path, 1, labels.value(), dims));
  if (dims[0] != split.count) {
    return fail(Code::data_damaged,
                loader.at(label_path, "expected " + std::to_string(split.count) +
                                          " labels, one a picture, found " + std::to_string(dims[0]) + "."));
  }
  const std::string label_hash = sha256_hex({Bytes(labels.value())});
  split.labels.assign(labels->begin() + 8, labels->end());
  LC_TRY(check_labels(loader, label_path, split.labels));
  return loader.verify(label_path, spec.files[first + 1], label_hash, verified);
}

Status load_cifar_file(const Loader& loader, const std::string& path, const FileSpec& file, Split& split,
                       std::vector<std::uint8_t>& all, bool& verified) {
  const DatasetSpec& spec = loader.spec;
  const std::size_t pixels = std::size_t{spec.channels} * spec.height * spec.width;
  const std::size_t record = pixels + 1;
  Result<std::vector<std::uint8_t>> bytes = loader.read(path, file);
  if (!bytes.ok()) return bytes.status();
  const std::size_t size = bytes->size();
  if (size == 0 || size % record != 0 || (!loader.query.allow_unverified && size != file.bytes)) {
    return fail(Code::data_damaged,
                loader.at(path, "expected " + std::to_string(file.bytes) + " bytes, records of " +
                                    std::to_string(record) + ", found " + std::to_string(size) + "."));
  }
  std::vector<std::uint8_t> labels;
  for (std::size_t at = 0; at < size; at += record) {
    labels.push_back(bytes.value()[at]);
    split.images.insert(split.images.end(), bytes->begin() + static_cast<std::ptrdiff_t>(at + 1),
                        bytes->begin() + static_cast<std::ptrdiff_t>(at + record));
  }
  LC_TRY(check_labels(loader, path, labels));
  LC_TRY(loader.verify(path, file, sha256_hex({Bytes(bytes.value())}), verified));
  split.count += static_cast<std::uint32_t>(labels.size());
  split.labels.insert(split.labels.end(), labels.begin(), labels.end());
  all.insert(all.end(), bytes->begin(), bytes->end());
  return {};
}

Status load_idx(const Loader& loader, const Found& found, Dataset& data) {
  std::string ignored;
  LC_TRY(load_idx_split(loader, found, 0, loader.spec.train_count, data.train, data.train_sha256,
                        data.verified));
  return load_idx_split(loader, found, 2, loader.spec.test_count, data.test, ignored, data.verified);
}

Status load_cifar(const Loader& loader, const Found& found, Dataset& data) {
  std::vector<std::uint8_t> train, test;
  const std::size_t last = found.files.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    LC_TRY(
        load_cifar_file(loader, found.files[i].path, loader.spec.files[i], data.train, train, data.verified));
  }
  data.train_sha256 = sha256_hex({Bytes(train)});
  return load_cifar_file(loader, found.files[last].path, loader.spec.files[last], data.test, test,
                         data.verified);
}

}  // namespace

Result<Dataset> load_dataset(const DatasetQuery& query) {
  const Result<Found> found = find_dataset(query);
  if (!found.ok()) return found.status();
  const DatasetSpec& spec = *found->spec;
  if (spec.layout == Layout::generated) return generate(spec);
  std::string mend = "Run: latent-canvas fetch " + spec.name;
  if (!query.data_dir.empty()) mend += " --data-dir " + query.data_dir;
  const Loader loader{query, spec, mend};
  if (found->folder.empty()) {
    std::string folders;
    for (const std::string& folder : search_folders(query)) folders += (folders.empty() ? "" : ", ") + folder;
    return fail(Code::data_missing, spec.title + " was not found: expected " + spec.files[0].name +
                                        (spec.layout == Layout::idx ? "[.gz]" : "") + " in one of " +
                                        folders + ". " + mend);
  }
  for (const FoundFile& file : found->files) {
    if (file.path.empty()) {
      return fail(Code::data_missing, found->folder + "/" + file.name +
                                          ": expected a file, found none (others of " + spec.title +
                                          " are there). " + mend);
    }
  }
  Dataset data;
  data.spec = &spec;
  data.channels = spec.channels;
  data.height = spec.height;
  data.width = spec.width;
  data.folder = found->folder;
  LC_TRY(spec.layout == Layout::idx ? load_idx(loader, found.value(), data)
                                    : load_cifar(loader, found.value(), data));
  return data;
}

}  // namespace lc::data

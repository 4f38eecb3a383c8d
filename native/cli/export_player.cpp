// A model's playing networks as a weights file of their own.
#include "native/cli/export_player.h"

#include <map>

namespace lc::cli {
namespace {

// Copies each tensor when it is first named.
class Tensors {
 public:
  Tensors(const format::ModelFile& from, format::Writer& to) : from_(from), to_(to) {}
  void move(std::vector<std::uint32_t>& indices) {
    for (std::uint32_t& index : indices) {
      const auto [found, fresh] = moved_.try_emplace(index, 0);
      if (fresh) found->second = to_.copy_tensor(from_, index);
      index = found->second;
    }
  }

 private:
  const format::ModelFile& from_;
  format::Writer& to_;
  std::map<std::uint32_t, std::uint32_t> moved_;  // index there -> index here
};

// A model's card on the page shows one of its pictures; the other pixels can wait.
constexpr char kCardStrip[] = "samples";

bool plays(const format::Network& network) {
  return network.role == format::Role::decoder || network.role == format::Role::generator;
}

}  // namespace

Result<std::vector<std::uint8_t>> player_file(const format::ModelFile& file) {
  const format::Header& whole = file.header;
  format::Writer writer;
  format::Header& header = writer.header;
  header.family = whole.family;
  header.title = whole.title;
  header.image = whole.image;
  header.prior = whole.prior;
  header.classes = whole.classes;
  header.provenance = whole.provenance;
  header.metrics = whole.metrics;
  Tensors tensors(file, writer);
  for (const format::Network& network : whole.networks) {
    if (!plays(network)) continue;
    header.networks.push_back(network);
    for (format::LayerRecord& layer : header.networks.back().layers) tensors.move(layer.tensors);
  }
  if (header.networks.empty()) {
    return fail(Code::bad_argument, "the file has no decoder and no generator: there is nothing to play");
  }
  for (format::PriorPart& part : header.prior) tensors.move(part.mixture);
  for (const format::Strip& strip : whole.strips) {
    if (strip.name != kCardStrip || strip.count == 0) continue;
    const auto picture = static_cast<std::ptrdiff_t>(strip.pixels.size() / strip.count);
    header.strips.push_back({strip.name, 1, {strip.pixels.begin(), strip.pixels.begin() + picture}});
  }
  return writer.finish();
}

}  // namespace lc::cli

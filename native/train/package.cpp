// A finished run as a .lcw file.
#include "native/train/package.h"

#include <algorithm>

#include "native/io/images.h"
#include "native/train/export.h"

namespace lc::train {

namespace {

// Of one strip: three of them leave room in the header. 64 pictures of CIFAR-10, a thousand numbers.
constexpr std::int64_t kMaxStripBytes = 64 * 3 * 32 * 32;

format::Provenance provenance_of(Trainer& trainer) {
  const RunOptions& run = trainer.recipe().run;
  format::Provenance provenance;
  provenance.dataset = run.dataset;
  provenance.dataset_sha256 = trainer.data().train_sha256;
  provenance.dataset_verified = trainer.data().verified;
  for (const format::Option& option : trainer.recipe().table.values()) {
    // Where the trainer's machine keeps its data tells a reader nothing, and may tell too much.
    if (option.key != "data_dir") provenance.options.push_back(option);
  }
  provenance.seed = static_cast<std::uint64_t>(run.seed);
  provenance.iterations = static_cast<std::uint64_t>(trainer.iteration());
  provenance.images_seen = static_cast<std::uint64_t>(trainer.images_seen());
  provenance.seconds = trainer.seconds;
  provenance.trainer_version = "latent-canvas " LC_VERSION ", LibTorch " TORCH_VERSION;
  provenance.device = trainer.device_text();
  return provenance;
}

// At most `count` of the indices below `size`, the first and the last among them: a resumed run may ask for a
// smaller file.
std::vector<std::size_t> evenly(std::size_t size, std::size_t count) {
  std::vector<std::size_t> indices;
  const std::size_t n = std::min(size, count);
  for (std::size_t i = 0; i < n; ++i) indices.push_back(n == 1 ? size - 1 : i * (size - 1) / (n - 1));
  return indices;
}

// At most `count` snapshots: those of the family's own moments first, then others, evenly.
std::vector<const Snapshot*> chosen(const std::vector<Snapshot>& timeline,
                                    const std::vector<std::int64_t>& moments, std::size_t count) {
  std::vector<const Snapshot*> own, others;
  for (const Snapshot& snapshot : timeline) {
    const bool is_own = std::find(moments.begin(), moments.end(), snapshot.iteration) != moments.end();
    (is_own ? own : others).push_back(&snapshot);
  }
  std::vector<const Snapshot*> kept;
  for (const std::size_t i : evenly(own.size(), count)) kept.push_back(own[i]);
  for (const std::size_t i : evenly(others.size(), count - kept.size())) kept.push_back(others[i]);
  std::sort(kept.begin(), kept.end(),
            [](const Snapshot* a, const Snapshot* b) { return a->iteration < b->iteration; });
  return kept;
}

void add_strip(format::Header& header, const std::string& name, const torch::Tensor& pictures) {
  if (!pictures.defined()) return;
  format::Strip strip;
  strip.name = name;
  strip.count = static_cast<std::uint32_t>(pictures.size(0));
  const torch::Tensor flat = pictures.contiguous();
  for (std::int64_t i = 0; i < flat.numel(); ++i)
    strip.pixels.push_back(io::byte_from_unit(flat.data_ptr<float>()[i]));
  header.strips.push_back(std::move(strip));
}

}  // namespace

Result<std::vector<std::uint8_t>> package(Trainer& trainer, const std::vector<format::Metric>& metrics) {
  Recipe& recipe = trainer.recipe();
  const RunOptions& run = recipe.run;
  const Family& family = *recipe.family;
  const data::Dataset& data = trainer.data();
  format::Writer writer;
  format::Header& header = writer.header;
  header.family = run.model;
  header.title = recipe.entry->title + ", " + data.spec->title;
  const DataShape& picture = trainer.picture();
  header.image = {static_cast<std::uint32_t>(picture.channels), static_cast<std::uint32_t>(picture.height),
                  static_cast<std::uint32_t>(picture.width), family.image_range().first,
                  family.image_range().second};
  if (family.conditional()) header.classes = data.spec->classes;

  // The playing network first: its picture is what a reader wants soonest.
  const std::string player = family.player();
  std::vector<std::uint32_t> played;
  if (!player.empty()) {
    played = add_network(writer, *trainer.averaged().at(player), dtype_from(run.dtype));
  }
  for (const std::string& label : family.exported(trainer.averaged())) {
    if (label != player) add_network(writer, *trainer.averaged().at(label), dtype_from(run.dtype));
  }
  header.prior = family.export_prior(writer);
  for (const Snapshot* snapshot : chosen(trainer.timeline(), family.moments(trainer.total_iterations()),
                                         static_cast<std::size_t>(run.timeline))) {
    // Eight bits: a glimpse of an earlier moment need not be exact, and there are many.
    header.timeline.push_back(
        add_moment(writer, *snapshot->net, played, static_cast<std::uint64_t>(snapshot->iteration),
                   static_cast<std::uint64_t>(snapshot->images_seen), format::DType::i8));
  }
  header.provenance = provenance_of(trainer);
  header.metrics = metrics;
  header.curve = trainer.curve();
  const std::int64_t strip = std::min(run.strip, kMaxStripBytes / trainer.picture().size());
  add_strip(header, "real", trainer.real(strip));
  add_strip(header, "samples", trainer.samples(strip, static_cast<std::uint64_t>(run.seed)));
  add_strip(header, "reconstructions", trainer.reconstructions(strip));
  return writer.finish();
}

}  // namespace lc::train

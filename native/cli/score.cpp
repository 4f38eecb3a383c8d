// The classification accuracy score: how well a classifier does on real pictures that learnt from generated
// ones.
#include "native/cli/score.h"

#include "native/cli/play.h"
#include "native/cli/scratch_folder.h"
#include "native/cli/trainer.h"
#include "native/io/files.h"
#include "native/io/images.h"

namespace lc::cli {
namespace {

// Of the recipe's 6: two come within half a percent of it on real MNIST pictures, in a third of the time.
constexpr int kEpochs = 2;

using Pixels = std::vector<std::uint8_t>;

// An IDX file: two zeros, the type of a byte, the number of dimensions, each as a big-endian word, the bytes.
Pixels idx(const std::vector<std::uint32_t>& shape, const Pixels& values) {
  Pixels bytes = {0, 0, 8, static_cast<std::uint8_t>(shape.size())};
  for (const std::uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  bytes.insert(bytes.end(), values.begin(), values.end());
  return bytes;
}

// Generated pictures for training, the real ones for the test, in the data set's own files.
Status save_dataset(const std::string& folder, const data::Dataset& data, const Pixels& pictures,
                    const Pixels& labels) {
  const std::uint32_t count = static_cast<std::uint32_t>(labels.size());
  const std::vector<data::FileSpec>& files = data.spec->files;
  LC_TRY(io::make_folders(folder));
  LC_TRY(
      io::save_file(io::join(folder, files[0].name), Bytes(idx({count, data.height, data.width}, pictures))));
  LC_TRY(io::save_file(io::join(folder, files[1].name), Bytes(idx({count}, labels))));
  LC_TRY(io::save_file(io::join(folder, files[2].name),
                       Bytes(idx({data.test.count, data.height, data.width}, data.test.images))));
  return io::save_file(io::join(folder, files[3].name), Bytes(idx({data.test.count}, data.test.labels)));
}

Result<Pixels> draw(const LoadedModel& model, std::uint32_t count, unsigned threads) {
  PlayDesc desc;
  desc.request.count = count;
  desc.request.seed = 1;
  desc.threads = threads;
  const Result<session::Frame> frame = play(model, desc);
  if (!frame.ok()) return frame.status();
  Pixels bytes;
  for (const float value : frame->pictures) bytes.push_back(io::byte_from_unit(value));
  return bytes;
}

}  // namespace

Status check_scored(const LoadedModel& model, const data::Dataset& data) {
  const format::Header& header = model.file.header;
  const bool same = header.image.channels == data.channels && header.image.height == data.height &&
                    header.image.width == data.width;
  if (!header.classes.empty() && same && data.spec->layout == data::Layout::idx) return {};
  return fail(Code::bad_combination,
              "the classification accuracy score: it needs a model that was trained with labels, of grey "
              "pictures of the data set's size");
}

Result<eval::Measurement> classification_score(const LoadedModel& model, const data::Dataset& data,
                                               unsigned threads) {
  const format::Header& header = model.file.header;
  LC_TRY(check_scored(model, data));
  const std::uint32_t count = data.train.count;
  const Result<Pixels> pictures = draw(model, count, threads);
  if (!pictures.ok()) return pictures.status();
  Pixels labels(count);
  for (std::uint32_t i = 0; i < count; ++i) labels[i] = static_cast<std::uint8_t>(i % header.classes.size());
  const ScratchFolder scratch;
  if (scratch.path().empty()) return fail(Code::io_open, "no temporary folder can be made.");
  LC_TRY(save_dataset(io::join(scratch.path(), data.spec->name), data, pictures.value(), labels));
  const std::string run = io::join(scratch.path(), "run");
  const Result<std::string> trained =
      ask_trainer({"--model", "classifier", "--dataset", data.spec->name, "--data-dir", scratch.path(),
                   "--unverified-data", "--out", run, "--epochs", std::to_string(kEpochs), "--threads",
                   std::to_string(threads), "--quiet"});
  if (!trained.ok()) return trained.status();
  const Result<LoadedModel> classifier = load_weights(run);
  if (!classifier.ok()) return classifier.status();
  for (const format::Metric& metric : classifier->file.header.metrics) {
    if (metric.name != "test_accuracy") continue;
    return eval::Measurement{
        "cas_accuracy",
        metric.value,
        "share of " + std::to_string(data.test.count) +
            " real test pictures that get their own class from the classifier's recipe trained for " +
            std::to_string(kEpochs) + " epochs on " + std::to_string(count) +
            " generated pictures, seed 1, classes in turn",
        {},
        {}};
  }
  return fail(Code::bad_combination, run + ": the trained classifier has no test_accuracy.");
}

}  // namespace lc::cli

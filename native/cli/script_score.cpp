// The Fréchet distance in features of a network that the person brings.
#include "native/cli/script_score.h"

#include "native/cli/scratch_folder.h"
#include "native/cli/trainer.h"
#include "native/data/bytes.h"
#include "native/io/files.h"
#include "native/io/npy.h"
#include "shared/core/statistics.h"

namespace lc::cli {
namespace {

constexpr std::uint64_t kMaxScriptBytes = 1ull << 30;

class ScriptNetwork {
 public:
  ScriptNetwork(std::string script, PictureShape shape, unsigned threads)
      : script_(std::move(script)), shape_(shape), threads_(threads) {}

  // Mean and covariance of the features of pictures, one a row.
  Result<Gaussian> look(const eval::Matrix& pictures) {
    if (folder_.path().empty()) return fail(Code::io_open, "no temporary folder can be made.");
    const std::string in = io::join(folder_.path(), "pictures.npy"),
                      out = io::join(folder_.path(), "features.npy");
    LC_TRY(io::save_npy(in, {pictures.rows, shape_.channels, shape_.height, shape_.width}, pictures.values));
    const Result<std::string> answer = ask_trainer({"features", "--script", script_, "--pictures", in,
                                                    "--out", out, "--threads", std::to_string(threads_)});
    if (!answer.ok()) return answer.status();
    const Result<io::Array> features = io::load_npy(out);
    if (!features.ok()) return features.status();
    size_ = static_cast<std::size_t>(features->shape[1]);
    return fit_gaussian(features->values, size_);
  }
  std::size_t size() const { return size_; }  // features of the last look

 private:
  std::string script_;
  PictureShape shape_;
  unsigned threads_;
  ScratchFolder folder_;
  std::size_t size_ = 0;
};

}  // namespace

Result<eval::Measurement> script_distance(const eval::Draw& draw, const eval::Reference& reference,
                                          const std::string& script, std::uint32_t samples,
                                          unsigned threads) {
  const Result<std::vector<std::uint8_t>> bytes = io::read_file(script, kMaxScriptBytes);
  if (!bytes.ok()) return bytes.status();
  const eval::Matrix test = reference.test(samples);
  session::Request request;
  request.count = static_cast<std::uint32_t>(test.rows);
  Result<session::Frame> frame = draw(request);
  if (!frame.ok()) return frame.status();
  const Result<eval::Matrix> fake = eval::pictures_of(frame.take(), reference.shape());
  if (!fake.ok()) return fake.status();
  ScriptNetwork network(script, reference.shape(), threads);
  const Result<Gaussian> real = network.look(test);
  if (!real.ok()) return real.status();
  const Result<Gaussian> made = network.look(fake.value());
  if (!made.ok()) return made.status();
  const Result<Gaussian> training = network.look(reference.random_training(test.rows, 1));
  if (!training.ok()) return training.status();
  return eval::Measurement{"frechet_distance_script", frechet_distance(made.value(), real.value()),
                           std::to_string(fake->rows) + " generated against as many test pictures, seed 1, " +
                               std::to_string(network.size()) + " features of a TorchScript file, SHA-256 " +
                               data::sha256_hex({bytes.value()}),
                           frechet_distance(training.value(), real.value()),
                           "training pictures in place of generated ones"};
}

}  // namespace lc::cli

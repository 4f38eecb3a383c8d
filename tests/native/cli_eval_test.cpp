// eval and compare on a model, a classifier and a data set that the test writes.
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "shared/core/random.h"
#include "shared/format/format.h"
#include "tests/native/cli_program.h"
#include "tests/unit/sample_model.h"

namespace lc::test {
namespace {

using nlohmann::json;

constexpr std::uint32_t kPixels = 784;

class Builder {
 public:
  format::Writer writer;

  explicit Builder(const std::string& family) {
    writer.header.family = family;
    writer.header.title = "A " + family + " of the test";
    writer.header.provenance.dataset = "mnist";
  }
  // Layers are dense, or a kind without weights.
  void network(format::Role role, const std::string& name, const format::NetworkInput& input) {
    format::Network network;
    network.role = role;
    network.name = name;
    network.inputs = {input};
    writer.header.networks.push_back(network);
  }
  std::uint32_t dense(std::uint32_t from, std::uint32_t in, std::uint32_t out, float scale) {
    std::vector<float> weight(std::size_t{in} * out), bias(out);
    fill_normal(++seed_, Stream::test, 0, Span<float>(weight));
    for (float& w : weight) w *= scale;
    format::Network& network = writer.header.networks.back();
    const std::string prefix = network.name + "." + std::to_string(network.layers.size());
    const std::uint32_t w = writer.add_tensor(prefix + ".weight", {out, in}, weight, format::DType::i8);
    const std::uint32_t b = writer.add_tensor(prefix + ".bias", {out}, bias, format::DType::f16);
    return add({"dense", std::to_string(network.layers.size()), {from}, {}, {w, b}});
  }
  std::uint32_t add(const format::LayerRecord& layer) {
    format::Network& network = writer.header.networks.back();
    network.layers.push_back(layer);
    return static_cast<std::uint32_t>(network.inputs.size() + network.layers.size() - 1);
  }
  void output(const std::string& name, std::uint32_t value) {
    writer.header.networks.back().outputs.push_back({name, value});
  }
  std::vector<std::uint8_t> bytes() const {
    const Result<std::vector<std::uint8_t>> result = writer.finish();
    EXPECT_TRUE(result.ok()) << result.status().message;
    return result.ok() ? result.value() : std::vector<std::uint8_t>();
  }

 private:
  std::uint64_t seed_ = 0;
};

const format::NetworkInput kImage = {"image", {1, 28, 28}};

// With `mixture_mean`, latents come from one Gaussian about it, of unit covariance, in place of N(0, I).
std::vector<std::uint8_t> small_vae(std::optional<float> mixture_mean = {}) {
  Builder b("vae");
  format::PriorPart part;
  part.name = "z";
  part.size = 2;
  if (mixture_mean) {
    part.kind = format::PriorKind::mixture;
    const auto add = [&](const char* name, const std::vector<std::uint32_t>& shape,
                         const std::vector<float>& values) {
      part.mixture.push_back(b.writer.add_tensor(name, shape, values, format::DType::f32));
    };
    add("weights", {1}, {1});
    add("means", {1, 2}, {*mixture_mean, 0});
    add("cholesky", {1, 2, 2}, {1, 0, 0, 1});
  }
  b.writer.header.prior = {part};
  b.network(format::Role::decoder, "decoder", {"latent", {2}});
  const std::uint32_t logits = b.dense(0, 2, kPixels, 1);
  const std::uint32_t shaped =
      b.add({"reshape", "1", {logits}, {{"channels", 1}, {"height", 28}, {"width", 28}}, {}});
  b.output("image", b.add({"sigmoid", "2", {shaped}, {}, {}}));
  b.network(format::Role::encoder, "encoder", kImage);
  const std::uint32_t flat = b.add({"reshape", "0", {0}, {{"features", kPixels}}, {}});
  b.output("mean", b.dense(flat, kPixels, 2, 0.05f));
  b.output("log_variance", b.dense(flat, kPixels, 2, 0.01f));
  return b.bytes();
}

std::vector<std::uint8_t> small_classifier() {
  Builder b("classifier");
  b.network(format::Role::classifier, "classifier", kImage);
  const std::uint32_t flat = b.add({"reshape", "0", {0}, {{"features", kPixels}}, {}});
  const std::uint32_t features = b.dense(flat, kPixels, 6, 0.05f);
  b.output("classes", b.dense(features, 6, 10, 1));
  b.output("features", features);
  return b.bytes();
}

std::vector<std::uint8_t> idx(std::vector<std::uint32_t> shape, std::uint64_t seed, std::uint32_t below) {
  std::vector<std::uint8_t> bytes = {0, 0, 8, static_cast<std::uint8_t>(shape.size())};
  std::size_t count = 1;
  for (const std::uint32_t size : shape) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
    count *= size;
  }
  std::vector<std::uint32_t> words(count);
  fill_words(seed, Stream::test, 0, Span<std::uint32_t>(words));
  for (const std::uint32_t word : words) bytes.push_back(static_cast<std::uint8_t>(word % below));
  return bytes;
}

class Eval : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("weights/small.lcw", small_vae());
    write("weights/judge.lcw", small_classifier());
    write("data/mnist/train-images-idx3-ubyte", idx({60, 28, 28}, 1, 256));
    write("data/mnist/train-labels-idx1-ubyte", idx({60}, 2, 10));
    write("data/mnist/t10k-images-idx3-ubyte", idx({40, 28, 28}, 3, 256));
    write("data/mnist/t10k-labels-idx1-ubyte", idx({40}, 4, 10));
  }
  Outcome eval(const std::vector<std::string>& more) const {
    std::vector<std::string> words = {
        "eval",      "small", "--classifier", "judge", "--data-dir",  "data", "--unverified-data",
        "--samples", "50",    "--nll-images", "3",     "--nll-draws", "20"};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  }
};

std::vector<std::uint8_t> payload_of(const std::vector<std::uint8_t>& bytes) {
  const Result<format::ModelFile> file = format::read_model(bytes);
  EXPECT_TRUE(file.ok()) << file.status().message;
  return file.ok() ? std::vector<std::uint8_t>(file->payload.begin(), file->payload.end())
                   : std::vector<std::uint8_t>();
}

TEST_F(Eval, HasNoRealFigureOfWindowsWhereAllTrainingPicturesChoseTheirSize) {
  const json answer = json::parse(eval({"--json", "--quiet"}).out);
  std::size_t seen = 0;
  for (const json& metric : answer["metrics"]) {
    if (metric["name"] != "parzen") continue;
    ++seen;
    EXPECT_FALSE(metric.contains("real")) << metric.dump();
  }
  EXPECT_EQ(seen, 1u);
}

TEST_F(Eval, QuickHasNumbersOfItsOwn) {
  EXPECT_FAILS(eval({"--quick"}), 2, "--quick");
}

TEST_F(Eval, EveryNumberSaysWhatDefinesIt) {
  const Outcome outcome = eval({"--json", "--quiet"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json answer = json::parse(outcome.out);
  EXPECT_EQ(answer["dataset"], "mnist");
  EXPECT_EQ(answer["classifier"]["pinned"], false);
  EXPECT_EQ(answer["classifier"]["sha256"].get<std::string>().size(), 64u);
  std::vector<std::string> names;
  for (const json& metric : answer["metrics"]) {
    names.push_back(metric["name"]);
    EXPECT_TRUE(std::isfinite(metric["value"].get<double>())) << names.back();
    EXPECT_FALSE(metric["note"].get<std::string>().empty()) << names.back();
  }
  for (const char* name :
       {"frechet_distance", "kid", "precision", "recall", "density", "coverage", "class_entropy", "class_kl",
        "sharpness", "nearest_train_distance", "parzen", "reconstruction_mse", "kl", "active_units",
        "nll_dynamic", "elbo_dynamic", "nll_static", "elbo_static"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
  std::uint64_t drawn = 0;
  for (const json& count : answer["class_histogram"]) drawn += count.get<std::uint64_t>();
  EXPECT_EQ(drawn, 50u);
  EXPECT_EQ(answer["kl_per_dimension"].size(), 2u);
}

TEST_F(Eval, AFittedMixtureIsMeasuredBesideTheStandardNormal) {
  const auto distances = [&](const std::vector<std::uint8_t>& bytes) {
    write("weights/small.lcw", bytes);
    const Outcome outcome = eval({"--json", "--quiet"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::map<std::string, double> found;
    const json answer = json::parse(outcome.out);
    for (const json& metric : answer["metrics"]) {
      const std::string name = metric["name"];
      if (name.rfind("frechet_distance", 0) == 0) found[name] = metric["value"];
    }
    return found;
  };
  const auto plain = distances(small_vae()), same = distances(small_vae(0.f)),
             far = distances(small_vae(9.f));
  EXPECT_EQ(plain.count("frechet_distance_normal"), 0u);
  // A mixture of N(0, I) alone draws its numbers.
  EXPECT_DOUBLE_EQ(same.at("frechet_distance"), same.at("frechet_distance_normal"));
  EXPECT_DOUBLE_EQ(far.at("frechet_distance_normal"), plain.at("frechet_distance"));
  EXPECT_GT(std::abs(far.at("frechet_distance") - far.at("frechet_distance_normal")), 1e-3);
}

TEST_F(Eval, TheSameTwiceIsTheSame) {
  const Outcome one = eval({"--json", "--quiet", "--threads", "1"}),
                two = eval({"--json", "--quiet", "--threads", "3"});
  EXPECT_EQ(one.code, 0) << one.err;
  EXPECT_EQ(one.out, two.out);
}

TEST_F(Eval, WritingKeepsTheTensorsAndReplacesOldNumbers) {
  const std::vector<std::uint8_t> before = bytes_at("weights/small.lcw");
  ASSERT_EQ(eval({"--write", "--quiet"}).code, 0);
  const std::vector<std::uint8_t> once = bytes_at("weights/small.lcw");
  EXPECT_NE(once, before);
  EXPECT_EQ(payload_of(once), payload_of(before));
  ASSERT_EQ(eval({"--write", "--quiet"}).code, 0);
  EXPECT_EQ(bytes_at("weights/small.lcw"), once) << "the second time replaces";
  const Outcome info = cli({"info", "small"});
  EXPECT_NE(info.out.find("frechet_distance"), std::string::npos) << info.out;
  EXPECT_NE(info.out.find("nll_dynamic"), std::string::npos);
}

TEST_F(Eval, OtherFeaturesThanThePinnedOnesAreRefused) {
  write("weights/classifier-mnist.lcw", small_classifier());
  EXPECT_FAILS(cli({"eval", "small", "--data-dir", "data", "--unverified-data"}), 2,
               "other features would give other");
  EXPECT_FAILS(cli({"eval", "small", "--dataset", "painters"}), 2, "no feature network");
}

TEST_F(Eval, AModelOfAnotherSizeIsRefused) {
  write("weights/tiny.lcw", sample::sample_bytes());
  EXPECT_FAILS(cli({"eval", "tiny", "--dataset", "mnist", "--classifier", "judge", "--data-dir", "data",
                    "--unverified-data", "--quiet"}),
               2, "the model's pictures are 1 x 8 x 8");
}

TEST_F(Eval, CompareMakesAPageWithoutNetworkAPictureAndAMovingOne) {
  write("weights/tiny.lcw", sample::sample_bytes());
  ASSERT_EQ(eval({"--write", "--quiet"}).code, 0);
  const Outcome outcome =
      cli({"compare", "tiny", "small", "--html", "c.html", "--png", "c.png", "--gif", "c.gif"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::uint8_t> bytes = bytes_at("c.html");
  const std::string html(bytes.begin(), bytes.end());
  EXPECT_NE(html.find("data:image/png;base64,"), std::string::npos);
  EXPECT_NE(html.find("Fréchet distance"), std::string::npos);
  for (const char* word : {"http:", "https:", "<script", "<link", "url("}) {
    EXPECT_EQ(html.find(word), std::string::npos) << word;
  }
  const std::vector<std::uint8_t> png = bytes_at("c.png"), gif = bytes_at("c.gif");
  ASSERT_GT(png.size(), 1000u);
  EXPECT_EQ(std::string(png.begin() + 1, png.begin() + 4), "PNG");
  EXPECT_EQ(std::string(gif.begin(), gif.begin() + 6), "GIF89a");
}

TEST_F(Eval, CompareTrainsMeasuresAndDoesNotTrainTwice) {
  if (cli({"models"}).code != 0) GTEST_SKIP() << "the trainer was not built";
  const std::vector<std::string> words = {"compare",
                                          "--train",
                                          "vae,gan",
                                          "--epochs",
                                          "60",
                                          "--out",
                                          "runs",
                                          "--set",
                                          "batch_size=30",
                                          "--set",
                                          "vae:net=mlp",
                                          "--set",
                                          "vae:latent_size=2",
                                          "--set",
                                          "gan:hidden=16",
                                          "--data-dir",
                                          "data",
                                          "--unverified-data",
                                          "--html",
                                          "c.html",
                                          "--quiet",
                                          "--threads",
                                          "1"};
  const Outcome outcome = cli(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::uint8_t> vae = bytes_at("runs/vae/weights.lcw"), html = bytes_at("c.html");
  const std::string page(html.begin(), html.end());
  for (const char* word : {"iteration 1<", "iteration 100<", "Fréchet distance", "training time", "polyline"})
    EXPECT_NE(page.find(word), std::string::npos) << word;
  const Result<format::ModelFile> file = format::read_model(vae);
  ASSERT_TRUE(file.ok()) << file.status().message;
  EXPECT_EQ(format::latent_size(file->header), 2u) << "the option of one family reached it";
  ASSERT_EQ(cli(words).code, 0);
  EXPECT_EQ(bytes_at("runs/vae/weights.lcw"), vae);
  // The file as the trainer leaves it, when the measuring was cut off.
  ASSERT_EQ(cli({"train", "--resume", "runs/vae", "--quiet"}).code, 0);
  ASSERT_EQ(cli(words).code, 0);
  const std::vector<std::uint8_t> again = bytes_at("runs/vae/weights.lcw");
  const Result<format::ModelFile> measured = format::read_model(again);
  ASSERT_TRUE(measured.ok()) << measured.status().message;
  ASSERT_EQ(measured->header.metrics.size(), file->header.metrics.size());
  for (std::size_t i = 0; i < measured->header.metrics.size(); ++i) {
    EXPECT_EQ(measured->header.metrics[i].name, file->header.metrics[i].name);
    EXPECT_EQ(measured->header.metrics[i].value, file->header.metrics[i].value);
  }
  EXPECT_FAILS(cli({"compare", "--train", "vae", "--set", "gan:hidden=8"}), 2, "is not among the families");
  EXPECT_FAILS(cli({"compare"}), 2, "nothing to compare");
}

TEST_F(Eval, AFeatureNetworkKeepsWhatLiveMeasurementsNeed) {
  const Outcome outcome = cli({"eval", "judge", "--classifier", "judge", "--data-dir", "data",
                               "--unverified-data", "--quiet", "--write"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::vector<std::uint8_t> once = bytes_at("weights/judge.lcw");
  const Result<format::ModelFile> file = format::read_model(once);
  ASSERT_TRUE(file.ok()) << file.status().message;
  const format::Header& header = file->header;
  ASSERT_EQ(header.prior.size(), 1u);
  EXPECT_EQ(header.prior[0].name, "features");
  ASSERT_EQ(header.prior[0].mixture.size(), 3u);
  EXPECT_EQ(header.tensors[header.prior[0].mixture[2]].shape, (std::vector<std::uint32_t>{1, 6, 6}));
  EXPECT_TRUE(std::any_of(header.metrics.begin(), header.metrics.end(),
                          [](const format::Metric& m) { return m.name == "frechet_floor" && m.value > 0; }));
  ASSERT_EQ(cli({"eval", "judge", "--classifier", "judge", "--data-dir", "data", "--unverified-data",
                 "--quiet", "--write"})
                .code,
            0);
  EXPECT_EQ(bytes_at("weights/judge.lcw"), once) << "the second time replaces";
  EXPECT_FAILS(cli({"eval", "classifier-mnist", "--write", "--data-dir", "data", "--unverified-data"}), 2,
               "this is the pinned feature network of mnist");
}

TEST_F(Eval, CompareEscapesWhatAFileSays) {
  Builder b("vae");
  b.writer.header.title = "<b>&\"bold\"";
  format::PriorPart part;
  part.name = "z";
  part.size = 1;
  b.writer.header.prior = {part};
  b.network(format::Role::decoder, "decoder", {"latent", {1}});
  const std::uint32_t dense = b.dense(0, 1, kPixels, 1);
  b.output("image", b.add({"reshape", "1", {dense}, {{"channels", 1}, {"height", 28}, {"width", 28}}, {}}));
  write("odd.lcw", b.bytes());
  ASSERT_EQ(cli({"compare", "odd.lcw", "--html", "c.html", "--quiet"}).code, 0);
  const std::vector<std::uint8_t> bytes = bytes_at("c.html");
  const std::string html(bytes.begin(), bytes.end());
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_NE(html.find("&lt;b&gt;&amp;&quot;bold&quot;"), std::string::npos);
}

}  // namespace
}  // namespace lc::test

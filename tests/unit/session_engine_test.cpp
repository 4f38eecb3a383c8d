// Engine: requests to frames, splitting, timeline, labels, and what it refuses.
#include <gtest/gtest.h>

#include <cstdio>

#include "shared/nn/graph.h"
#include "shared/session/engine.h"
#include "shared/session/scheduler.h"
#include "tests/unit/session_models.h"

namespace lc::test {
namespace {

using session::Engine;
using session::Frame;
using session::Request;
using session::Task;

Frame render(Engine& engine, const Request& request) {
  Frame frame;
  engine.render(request, frame);
  EXPECT_TRUE(frame.status.ok()) << frame.status.message;
  return frame;
}

Engine loaded(session::LoadRequest model, const kernels::Kernels& kernels = kernels::simd()) {
  Engine engine(kernels);
  const auto number = engine.load(std::move(model));
  EXPECT_TRUE(number.ok()) << number.status().message;
  return engine;
}

TEST(SessionEngine, ASampleHasPicturesInZeroToOneAndTheLatentsThatWereDrawn) {
  Engine engine = loaded(small_model());
  Request request;
  request.id = 42;
  request.count = 9;
  const Frame frame = render(engine, request);
  EXPECT_EQ(frame.id, 42u);
  EXPECT_EQ(frame.count, 9u);
  EXPECT_EQ(frame.channels, 1u);
  EXPECT_EQ(frame.height, 28u);
  EXPECT_EQ(frame.width, 28u);
  ASSERT_EQ(frame.pictures.size(), 9u * 784);
  ASSERT_EQ(frame.latents.size(), 9u * 6);
  float low = 1, high = 0;
  for (const float v : frame.pictures) {
    low = std::min(low, v);
    high = std::max(high, v);
  }
  EXPECT_GE(low, 0);
  EXPECT_LE(high, 1);
  EXPECT_GT(high - low, 0.5f) << "the pictures are flat";
}

TEST(SessionEngine, PlainAndSimdDrawTheSamePictures) {
  Engine plain = loaded(small_model(), kernels::plain()), simd = loaded(small_model());
  Request request;
  request.count = 33;
  const Frame a = render(plain, request), b = render(simd, request);
  double worst = 0;
  for (std::size_t i = 0; i < a.pictures.size(); ++i)
    worst = std::max(worst, double(std::fabs(a.pictures[i] - b.pictures[i])));
  std::printf("33 pictures: plain and %s differ by at most %.2e\n", kernels::simd().name, worst);
  EXPECT_LE(worst, 1e-4);
}

// The pictures of seed 7, measured once: any machine, natively or as wasm, draws them to within one grey
// level of 255.
TEST(SessionEngine, ASeedGivesTheGoldenPictures) {
  Engine engine = loaded(small_model());
  Request request;
  request.seed = 7;
  request.count = 2;
  const Frame frame = render(engine, request);
  EXPECT_EQ(hash_of(frame.latents), 0x14a1174a19103bc8ull) << std::hex << hash_of(frame.latents);
  constexpr std::size_t kPixels[] = {0, 100, 333, 406, 783, 784 + 14, 784 + 399, 784 + 500};
  constexpr float kGolden[] = {0.58799f, 0.67852f, 0.79297f, 0.74472f,
                               0.66141f, 0.52845f, 0.42843f, 0.37054f};
  for (std::size_t i = 0; i < std::size(kPixels); ++i) {
    EXPECT_NEAR(frame.pictures[kPixels[i]], kGolden[i], 1.0 / 255) << "pixel " << kPixels[i];
  }
}

TEST(SessionEngine, PicturesAreTheSameWhetherARequestIsSplitOrNot) {
  for (const Task task : {Task::sample, Task::encode, Task::discriminate}) {
    Engine engine = loaded(small_model());
    Request whole;
    whole.task = task;
    whole.seed = 99;
    whole.first = 1000;
    whole.count = 21;
    if (task != Task::sample) whole.pictures = random_floats(21 * 784, 5);
    const Frame expected = render(engine, whole);
    for (const std::uint32_t size : {1u, 4u, 8u, 20u}) {
      std::vector<float> pictures, latents, scores;
      for (std::uint32_t at = 0; at < whole.count; at += size) {
        const Frame part = render(engine, session::part_of(whole, at, std::min(size, whole.count - at)));
        pictures.insert(pictures.end(), part.pictures.begin(), part.pictures.end());
        latents.insert(latents.end(), part.latents.begin(), part.latents.end());
        scores.insert(scores.end(), part.scores.begin(), part.scores.end());
      }
      EXPECT_EQ(pictures, expected.pictures) << "parts of " << size;
      EXPECT_EQ(latents, expected.latents) << "parts of " << size;
      EXPECT_EQ(scores, expected.scores) << "parts of " << size;
    }
  }
}

TEST(SessionEngine, LatentsGivenBackDrawTheSamePictures) {
  Engine engine = loaded(small_model());
  Request request;
  request.count = 5;
  const Frame drawn = render(engine, request);
  request.latents = drawn.latents;
  request.seed = 12345;
  EXPECT_EQ(render(engine, request).pictures, drawn.pictures);
}

TEST(SessionEngine, TemperatureZeroDrawsTheMeanPictureOnly) {
  Engine engine = loaded(small_model());
  Request request;
  request.count = 2;
  request.temperature = 0;
  const Frame frame = render(engine, request);
  EXPECT_EQ(frame.latents, std::vector<float>(12, 0.0f));
  EXPECT_TRUE(std::equal(frame.pictures.begin(), frame.pictures.begin() + 784, frame.pictures.begin() + 784));
}

TEST(SessionEngine, EncodingMapsPicturesToTheNetworksRange) {
  const session::LoadRequest model = small_model();
  Engine engine = loaded(model);
  Request request;
  request.task = Task::encode;
  request.pictures.assign(784, 0.25f);  // -0.5 for a network of -1..1
  const Frame frame = render(engine, request);
  auto file = format::read_model(model.bytes);
  ASSERT_TRUE(file.ok());
  auto graph = nn::Graph::compile(file.value(), 1, UINT32_MAX, kernels::plain());
  ASSERT_TRUE(graph.ok());
  const std::vector<float> picture(784, -0.5f);
  std::vector<float> mean(6);
  const float* from = picture.data();
  float* to = mean.data();
  nn::Workspace workspace;
  ASSERT_TRUE(workspace.run(graph.value(), 1, {&from, 1}, {&to, 1}).ok());
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(frame.latents[i], mean[i], 1e-5);
}

TEST(SessionEngine, MomentsOfTheTimelineDifferAndTheLastIsTheFilesOwn) {
  Engine engine = loaded(small_model(12));
  ASSERT_EQ(engine.models()[0].moments, 13u);
  Request request;
  request.count = 2;
  const Frame end = render(engine, request);
  std::vector<Frame> frames;
  for (std::uint32_t m = 0; m < 12; ++m) {
    request.moment = m;
    frames.push_back(render(engine, request));
    EXPECT_NE(frames[m].pictures, end.pictures);
    EXPECT_TRUE(m == 0 || frames[m].pictures != frames[m - 1].pictures);
  }
  request.moment = 0;  // dropped from the cache by now, compiled again
  EXPECT_EQ(render(engine, request).pictures, frames[0].pictures);
  request.moment = 12;
  EXPECT_EQ(render(engine, request).pictures, end.pictures);
}

TEST(SessionEngine, LabelsAreOneForAllOrOneEachOrByPictureNumber) {
  Engine engine = loaded(labelled_model());
  const auto classes = [&](std::vector<std::int32_t> labels, std::uint64_t first) {
    Request request;
    request.count = 4;
    request.first = first;
    request.labels = std::move(labels);
    const Frame frame = render(engine, request);
    std::vector<int> shown;
    for (std::size_t i = 0; i < 4; ++i) {
      for (int c = 0; c < 3; ++c) {
        if (frame.pictures[i * 3 + std::size_t(c)] == 1) shown.push_back(c);
      }
    }
    return shown;
  };
  EXPECT_EQ(classes({}, 0), (std::vector<int>{0, 1, 2, 0}));
  EXPECT_EQ(classes({}, 2), (std::vector<int>{2, 0, 1, 2}));
  EXPECT_EQ(classes({1}, 0), (std::vector<int>{1, 1, 1, 1}));
  EXPECT_EQ(classes({2, 0, 1, 1}, 5), (std::vector<int>{2, 0, 1, 1}));
}

// The model's picture is its label row.
TEST(SessionEngine, LabelWeightsStandInPlaceOfLabels) {
  Engine engine = loaded(labelled_model());
  Request request;
  request.count = 2;
  request.label_weights = {0.25f, 0.75f, 0, 0, 0.5f, 0.5f};
  EXPECT_EQ(render(engine, request).pictures, request.label_weights);
}

TEST(SessionEngine, RequestsThatMakeNoSenseAreRefusedWithTheirCode) {
  Engine engine = loaded(small_model());
  ASSERT_TRUE(engine.load(labelled_model()).ok());
  struct Row {
    const char* what;
    Code code;
    void (*spoil)(Request&);
  };
  const Row rows[] = {
      {"no such model", Code::bad_argument, [](Request& r) { r.model = 9; }},
      {"no pictures", Code::bad_argument, [](Request& r) { r.count = 0; }},
      {"too many pictures", Code::too_much_asked, [](Request& r) { r.count = session::kMaxCount + 1; }},
      {"labels of an unlabelled model", Code::bad_combination, [](Request& r) { r.labels = {1}; }},
      {"label out of range", Code::bad_argument,
       [](Request& r) {
         r.model = 1;
         r.labels = {3};
       }},
      {"negative label", Code::bad_argument,
       [](Request& r) {
         r.model = 1;
         r.labels = {-1};
       }},
      {"two labels for three pictures", Code::bad_argument,
       [](Request& r) {
         r.model = 1;
         r.labels = {0, 1};
         r.count = 3;
       }},
      {"label weights of an unlabelled model", Code::bad_combination,
       [](Request& r) { r.label_weights = {1}; }},
      {"weights of two classes where there are three", Code::bad_argument,
       [](Request& r) {
         r.model = 1;
         r.label_weights = {1, 0};
       }},
      {"labels and label weights", Code::bad_combination,
       [](Request& r) {
         r.model = 1;
         r.labels = {0};
         r.label_weights = {1, 0, 0};
       }},
      {"latents of the wrong length", Code::bad_argument, [](Request& r) { r.latents.assign(5, 0.0f); }},
      {"latents with a NaN", Code::bad_argument, [](Request& r) { r.latents.assign(6, NAN); }},
      {"temperature NaN", Code::bad_argument, [](Request& r) { r.temperature = NAN; }},
      {"temperature below 0", Code::bad_argument, [](Request& r) { r.temperature = -1; }},
      {"an encoder that is not there", Code::bad_combination,
       [](Request& r) {
         r.model = 1;
         r.task = Task::encode;
       }},
      {"encoding without pictures", Code::bad_argument, [](Request& r) { r.task = Task::encode; }},
      {"judging an infinite picture", Code::bad_argument,
       [](Request& r) {
         r.task = Task::discriminate;
         r.pictures.assign(784, INFINITY);
       }},
      {"an unknown task", Code::bad_argument, [](Request& r) { r.task = Task(7); }},
  };
  for (const Row& row : rows) {
    Request request;
    row.spoil(request);
    Frame frame;
    engine.render(request, frame);
    EXPECT_EQ(frame.status.code, row.code)
        << row.what << ": " << name_of(frame.status.code) << " " << frame.status.message;
    EXPECT_GT(frame.status.message.size(), 10u) << row.what;
    EXPECT_TRUE(frame.pictures.empty() && frame.count == 0) << row.what;
  }
}

TEST(SessionEngine, MorePicturesThanAFrameHoldsAreRefusedWithTheNumberThatItHolds) {
  Engine engine = loaded(large_model());
  Request request;
  Frame frame;
  engine.render(request, frame);
  EXPECT_TRUE(frame.status.ok()) << frame.status.message;
  EXPECT_EQ(frame.pictures.size(), session::kMaxFrameFloats / 4);
  request.count = 5;
  engine.render(request, frame);
  EXPECT_EQ(frame.status.code, Code::too_much_asked);
  EXPECT_NE(frame.status.message.find("at most 16777216 numbers at a time, so 4 of them"), std::string::npos)
      << frame.status.message;
}

TEST(SessionEngine, AnInputThatTheTaskCannotProvideIsRefused) {
  format::Writer writer = new_writer(4, {1, 2, 2, 0, 1});
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {4});
  net.network.inputs.push_back({"image", {1, 2, 2}});
  net.from(1).layer("relu");
  net.output("image");
  writer.header.networks.push_back(net.network);
  auto bytes = writer.finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  Engine engine = loaded({"odd", bytes.take()});
  Frame frame;
  engine.render({}, frame);
  EXPECT_EQ(frame.status.code, Code::bad_combination) << frame.status.message;
}

TEST(SessionEngine, AnEncoderWhoseMeanIsNoLatentVectorIsRefusedWhenLoaded) {
  format::Writer writer = new_writer(4, {1, 28, 28, 0, 1});
  NetBuilder net(writer, format::Role::encoder, "encoder", "image", {1, 28, 28});
  net.features(784);
  net.dense(784, 5);
  net.output("mean");
  writer.header.networks.push_back(net.network);
  auto bytes = writer.finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  Engine engine;
  const auto number = engine.load({"odd", bytes.take()});
  ASSERT_FALSE(number.ok());
  EXPECT_EQ(number.status().code, Code::bad_network_outputs) << number.status().message;
  EXPECT_TRUE(engine.models().empty());
}

TEST(SessionEngine, DescribeSaysWhatAModelCanDo) {
  Engine engine = loaded(small_model(2));
  const session::ModelInfo& info = engine.models()[0];
  EXPECT_EQ(info.name, "small");
  EXPECT_TRUE(info.can_sample && info.can_encode && info.can_discriminate);
  EXPECT_EQ(info.latent_size, 6u);
  EXPECT_EQ(info.classes, 0u);
  EXPECT_EQ(info.moments, 3u);
  EXPECT_EQ(info.multiply_adds, 6u * 392 + 8 * 6 * 16 * 49 + 6 * 1 * 16 * 196);
  EXPECT_GT(info.file_bytes, 1000u);
}

}  // namespace
}  // namespace lc::test

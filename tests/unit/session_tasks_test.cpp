// What networks of other ports than a decoder's do: views of any size, translation, classification.
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "shared/nn/graph.h"
#include "shared/session/engine.h"
#include "shared/session/scheduler.h"
#include "tests/unit/session_models.h"

namespace lc::test {
namespace {

using session::Engine;
using session::Figure;
using session::Frame;
using session::Request;
using session::Task;

Engine loaded(session::LoadRequest model) {
  Engine engine;
  const auto number = engine.load(std::move(model));
  EXPECT_TRUE(number.ok()) << number.status().message;
  return engine;
}

Frame render(Engine& engine, const Request& request) {
  Frame frame;
  engine.render(request, frame);
  EXPECT_TRUE(frame.status.ok()) << frame.status.message;
  return frame;
}

Status refusal(Engine& engine, const Request& request) {
  Frame frame;
  engine.render(request, frame);
  EXPECT_FALSE(frame.status.ok());
  EXPECT_TRUE(frame.pictures.empty());
  return frame.status;
}

// The network's own picture of those coordinates, for one latent vector.
std::vector<float> drawn_by_graph(const std::vector<float>& latents, const std::vector<float>& coordinates) {
  const session::LoadRequest model = coordinate_model();
  const auto file = format::read_model(model.bytes);
  const auto graph = nn::Graph::compile(file.value(), 0, UINT32_MAX, kernels::simd());
  EXPECT_TRUE(graph.ok()) << graph.status().message;
  std::vector<float> picture(3 * 20);
  const float* in[] = {latents.data(), coordinates.data()};
  float* out = picture.data();
  nn::Workspace workspace;
  EXPECT_TRUE(workspace.run(graph.value(), 1, {in, 2}, {&out, 1}).ok());
  return picture;
}

TEST(SessionTasks, APictureWithoutAViewIsDrawnFromThePixelsMiddles) {
  Engine engine = loaded(coordinate_model());
  Request request;
  request.seed = 5;
  const Frame frame = render(engine, request);
  ASSERT_EQ(frame.height, 4u);
  ASSERT_EQ(frame.width, 5u);
  std::vector<float> coordinates(60);
  for (std::size_t i = 0; i < 20; ++i) {
    const float x = (float(i % 5) + 0.5f) * 2 / 5 - 1, y = (float(i / 5) + 0.5f) * 2 / 4 - 1;
    coordinates[i] = x;
    coordinates[20 + i] = y;
    coordinates[40 + i] = std::sqrt(x * x + y * y);
  }
  const auto expected = drawn_by_graph(frame.latents, coordinates);
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(frame.pictures[i], (expected[i] + 1) / 2, 1e-5) << i;
}

TEST(SessionTasks, AWindowOfALargePictureIsWhatASmallerViewDraws) {
  Engine engine = loaded(coordinate_model());
  Request whole;
  whole.count = 2;
  whole.view = {210, 133, 0, 0, 1};
  const Frame large = render(engine, whole);
  ASSERT_EQ(large.width, 210u);
  ASSERT_EQ(large.height, 133u);
  ASSERT_EQ(large.pictures.size(), 2u * 3 * 210 * 133);
  // A third of the sides, about the middle of the ninth at the top left.
  Request part = whole;
  part.view = {70, 0, -2.0f / 3, 0, 1.0f / 3};
  part.view.height = 133;
  const Frame window = render(engine, part);
  // Row y of the window has the large picture's y / 3 + 133 / 3: compare the middle row, where both agree.
  double worst = 0;
  for (std::size_t picture = 0; picture < 2; ++picture) {
    for (std::size_t c = 0; c < 3; ++c) {
      for (std::size_t x = 0; x < 70; ++x) {
        const std::size_t plane = picture * 3 + c;
        const float there = large.pictures[(plane * 133 + 66) * 210 + x];
        worst = std::max(worst, double(std::fabs(window.pictures[(plane * 133 + 66) * 70 + x] - there)));
      }
    }
  }
  std::printf("a window against the whole: max abs %.2e\n", worst);
  EXPECT_LE(worst, 1e-5);
}

TEST(SessionTasks, PicturesOfAViewAreTheSameHoweverARequestIsCut) {
  Engine engine = loaded(coordinate_model());
  Request whole;
  whole.count = 3;
  whole.view = {33, 17, 0.25f, -0.5f, 2};
  const Frame all = render(engine, whole);
  const Frame last = render(engine, session::part_of(whole, 2, 1));
  ASSERT_EQ(last.pictures.size(), 3u * 33 * 17);
  EXPECT_TRUE(std::equal(last.pictures.begin(), last.pictures.end(), all.pictures.end() - 3 * 33 * 17));
}

TEST(SessionTasks, ViewsThatCannotBeDrawnAreRefused) {
  Engine engine = loaded(coordinate_model());
  Request request;
  request.view = {1025, 10, 0, 0, 1};
  EXPECT_EQ(refusal(engine, request).code, Code::too_much_asked);
  request.view = {1024, 1024, 0, 0, NAN};
  EXPECT_EQ(refusal(engine, request).code, Code::bad_argument);
  request.view = {1024, 1024, 0, INFINITY, 1};
  EXPECT_EQ(refusal(engine, request).code, Code::bad_argument);
  request.view = {1024, 1024, 0, 0, 1};
  request.count = 6;
  EXPECT_EQ(refusal(engine, request).code, Code::too_much_asked);
  Engine fixed = loaded(small_model());
  request.count = 1;
  const Status status = refusal(fixed, request);
  EXPECT_EQ(status.code, Code::bad_combination);
  EXPECT_NE(status.message.find("pictures of one size"), std::string::npos) << status.message;
}

TEST(SessionTasks, ADirectionPicksTheTranslator) {
  Engine engine = loaded(translating_model());
  Request request;
  request.task = Task::translate;
  request.count = 2;
  for (int i = 0; i < 24; ++i) request.pictures.push_back(float(i) / 23);
  for (const std::uint32_t direction : {0u, 1u}) {
    request.direction = direction;
    const Frame frame = render(engine, request);
    EXPECT_EQ(frame.count, 2u);
    EXPECT_EQ(frame.height, 3u);
    EXPECT_EQ(frame.width, 4u);
    ASSERT_EQ(frame.pictures.size(), 24u);
    for (std::size_t i = 0; i < 24; ++i) {
      const float expected = direction == 0 ? 0.25f + request.pictures[i] / 2 : 1 - request.pictures[i];
      EXPECT_NEAR(frame.pictures[i], expected, 1e-6) << "direction " << direction << ", " << i;
    }
  }
  request.direction = 2;
  EXPECT_EQ(refusal(engine, request).code, Code::bad_argument);
}

TEST(SessionTasks, ACriticGivesItsScoreAndItsClasses) {
  Engine engine = loaded(translating_model());
  Request request;
  request.count = 7;
  request.pictures = random_floats(7 * 12, 1);
  for (float& v : request.pictures) v = (v + 1) / 2;
  request.task = Task::discriminate;
  EXPECT_EQ(render(engine, request).scores.size(), 7u);
  request.task = Task::classify;
  EXPECT_EQ(render(engine, request).scores.size(), 7u * 3);
  Engine without = loaded(small_model());
  request.pictures.assign(7 * 784, 0.5f);
  EXPECT_EQ(refusal(without, request).code, Code::bad_combination);
  request.task = Task::translate;
  EXPECT_EQ(refusal(without, request).code, Code::bad_combination);
}

TEST(SessionTasks, AClassifierGivesTheFeaturesThatItsClassesComeFrom) {
  const session::LoadRequest model = feature_model();
  const auto file = format::read_model(model.bytes);
  const auto graph = nn::Graph::compile(file.value(), 0, UINT32_MAX, kernels::simd());
  ASSERT_TRUE(graph.ok()) << graph.status().message;
  Request request;
  request.task = Task::classify;
  request.count = 5;
  request.pictures.assign(5 * 12, 0.0f);
  for (std::size_t i = 0; i < request.pictures.size(); ++i) request.pictures[i] = float(i % 7) / 7;
  std::vector<float> classes(5 * 3), features(5 * 2);
  const float* in = request.pictures.data();
  float* out[] = {classes.data(), features.data()};
  nn::Workspace workspace;
  ASSERT_TRUE(workspace.run(graph.value(), 5, {&in, 1}, {out, 2}).ok());
  Engine engine = loaded(feature_model());
  const Frame frame = render(engine, request);
  EXPECT_EQ(frame.scores, classes);
  EXPECT_EQ(frame.latents, features);
}

TEST(SessionTasks, AFeatureNetworkTellsTheStatisticsOfItsFile) {
  Engine engine = loaded(feature_model());
  ASSERT_TRUE(engine.load(feature_model(true)).ok());
  ASSERT_TRUE(engine.load(small_model()).ok());
  EXPECT_EQ(engine.models()[0].features, (std::vector<float>{1, 2, 3, 0, -1, 0.5f}));
  EXPECT_EQ(engine.models()[0].latent_size, 0u) << "it draws nothing";
  EXPECT_TRUE(engine.models()[1].features.empty());
  EXPECT_TRUE(engine.models()[2].features.empty());
}

TEST(SessionTasks, ScoresOfACriticThatLooksAcrossTheBatchDoNotDependOnTheWorkers) {
  session::Scheduler scheduler(4);
  Request request;
  request.task = Task::discriminate;
  request.count = 100;
  request.pictures.assign(100 * 12, 0.5f);
  scheduler.submit(request);
  const auto part = scheduler.next();
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->request.count, 100u);
  EXPECT_FALSE(scheduler.next().has_value());
}

TEST(SessionTasks, DescribeTellsThemFromTheHeader) {
  Engine engine = loaded(coordinate_model());
  ASSERT_TRUE(engine.load(translating_model()).ok());
  ASSERT_TRUE(engine.load(small_model()).ok());
  const session::ModelInfo &place = engine.models()[0], &pair = engine.models()[1],
                           &small = engine.models()[2];
  EXPECT_TRUE(place.can_sample && place.any_resolution && place.directions.empty());
  EXPECT_EQ(pair.directions, (std::vector<std::string>{"a-to-b", "b-to-a"}));
  EXPECT_TRUE(pair.can_classify && pair.can_discriminate);
  EXPECT_FALSE(pair.can_sample || pair.any_resolution || pair.can_encode);
  EXPECT_FALSE(small.can_classify || small.any_resolution);
  EXPECT_EQ(small.figure, Figure::picture);
  const auto figure_of = [&](const format::ImageSpec& image) {
    auto header = std::make_shared<format::Header>(*small.header);
    header->image = image;
    return session::describe(std::move(header), "", 0).figure;
  };
  EXPECT_EQ(figure_of({1, 1, 1, 0, 1}), Figure::density);
  EXPECT_EQ(figure_of({1, 1, 15, 0, 1}), Figure::curve);
}

// Coordinates promise pictures of any size: a layer that mixes pixels would break it.
TEST(SessionTasks, ANetworkThatMixesThePixelsOfCoordinatesIsRefused) {
  struct Row {
    const char* what;
    void (*build)(NetBuilder&);
    const char* says;
  };
  const Row rows[] = {{"a 3x3 kernel", [](NetBuilder& net) { net.conv2d(3, 3, 3, 1, 1); }, "mixes pixels"},
                      {"instance_norm", [](NetBuilder& net) { net.layer("instance_norm"); }, "mixes pixels"},
                      {"a reshape",
                       [](NetBuilder& net) {
                         net.features(60);
                         net.image(3, 4, 5);
                       },
                       "mixes pixels"},
                      {"another image",
                       [](NetBuilder& net) {
                         net.from(0).dense(4, 60);
                         const std::uint32_t other = net.image(3, 4, 5);
                         net.from(1).layer("add", {}, {}, {other});
                       },
                       "reads an image beside"}};
  for (const Row& row : rows) {
    format::Writer writer = new_writer(4, {3, 4, 5, -1, 1});
    NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {4});
    net.network.inputs.push_back({"coordinates", {3, 4, 5}});
    net.from(1);
    row.build(net);
    net.output("image");
    writer.header.networks.push_back(net.network);
    Engine engine;
    const auto loaded = engine.load({"bad", writer.finish().take()});
    ASSERT_FALSE(loaded.ok()) << row.what;
    EXPECT_EQ(loaded.status().code, Code::bad_layer_inputs) << row.what;
    EXPECT_NE(loaded.status().message.find(row.says), std::string::npos) << loaded.status().message;
  }
}

// tests/web asks the page's engine and the command line for pictures of the same files.
TEST(SessionTasks, TheGoldenFilesAreTheseModels) {
  for (const session::LoadRequest& model : {coordinate_model(), translating_model()}) {
    std::ifstream stream(LC_SOURCE_DIR "/tests/golden/tasks/" + model.name + ".lcw", std::ios::binary);
    const std::vector<std::uint8_t> golden((std::istreambuf_iterator<char>(stream)),
                                           std::istreambuf_iterator<char>());
    if (golden == model.bytes) continue;
    const std::string actual = model.name + "-actual.lcw";
    std::ofstream(actual, std::ios::binary)
        .write(reinterpret_cast<const char*>(model.bytes.data()), long(model.bytes.size()));
    ADD_FAILURE() << "tests/golden/tasks/" << model.name << ".lcw holds another model; see " << actual;
  }
}

}  // namespace
}  // namespace lc::test

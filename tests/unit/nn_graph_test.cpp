// Graphs as a whole: memory plan, allocation, fusing, blocks, sharing between threads' workspaces.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "shared/nn/graph.h"
#include "shared/nn/memory_plan.h"
#include "shared/session/engine.h"
#include "tests/unit/nn_model.h"
#include "tests/unit/nn_reference.h"
#include "tests/unit/session_models.h"

// Every allocation of this program is counted.
namespace {
std::atomic<std::size_t> allocations{0};
void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  void* memory = nullptr;
  const int refused =
      posix_memalign(&memory, std::max(alignment, sizeof(void*)), std::max<std::size_t>(size, 1));
  return refused ? nullptr : memory;
}
}  // namespace
void* operator new(std::size_t size) {
  return counted(size, 16);
}
void* operator new[](std::size_t size) {
  return counted(size, 16);
}
void* operator new(std::size_t size, std::align_val_t a) {
  return counted(size, std::size_t(a));
}
void* operator new[](std::size_t size, std::align_val_t a) {
  return counted(size, std::size_t(a));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size, 16);
}
void* operator new(std::size_t size, std::align_val_t a, const std::nothrow_t&) noexcept {
  return counted(size, std::size_t(a));
}
void operator delete(void* p) noexcept {
  std::free(p);
}
void operator delete[](void* p) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept {
  std::free(p);
}

namespace lc::test {
namespace {

std::uint32_t below(std::uint32_t& state, std::uint32_t n) {
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

void expect_no_overlap(const std::vector<nn::Graph::BufferPlace>& buffers, std::size_t total) {
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    const auto& a = buffers[i];
    ASSERT_LE(a.offset + a.size, total);
    ASSERT_EQ(a.offset % nn::kPlaceAlignment, 0u);
    for (std::size_t j = 0; j < i; ++j) {
      const auto& b = buffers[j];
      const bool alive_together = a.first <= b.last && b.first <= a.last;
      const bool overlap = a.offset < b.offset + b.size && b.offset < a.offset + a.size;
      ASSERT_FALSE(alive_together && overlap) << "buffers " << i << " and " << j;
    }
  }
}

TEST(NnGraph, TheMemoryPlanNeverPutsTwoLivingBuffersInOnePlace) {
  std::uint32_t state = 1;
  double used = 0, needed = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<nn::Graph::BufferPlace> buffers(1 + below(state, 30));
    for (auto& buffer : buffers) {
      buffer.size = 1 + below(state, 1000);
      buffer.first = below(state, 20);
      buffer.last = buffer.first + below(state, 5);
    }
    const std::size_t total = nn::plan_memory(buffers);
    expect_no_overlap(buffers, total);
    std::size_t most = 0;  // alive at one step: no plan can do with less
    for (std::uint32_t step = 0; step < 25; ++step) {
      std::size_t alive = 0;
      for (const auto& b : buffers) alive += b.first <= step && step <= b.last ? b.size : 0;
      most = std::max(most, alive);
    }
    ASSERT_GE(total + 16 * buffers.size(), most);
    used += double(total);
    needed += double(most);
  }
  std::printf("2000 random plans: %.2f times the least possible memory\n", used / needed);
  EXPECT_LT(used / needed, 1.5);
}

// A random network of layers that read any earlier value that fits, with several outputs.
format::Writer random_writer(std::uint32_t seed) {
  std::uint32_t state = seed * 7919 + 1;
  format::Writer writer = new_writer(3, {2, 6, 6, 0, 1});
  NetBuilder net(writer, format::Role::encoder, "encoder", "image", {2, 6, 6});
  std::vector<std::vector<std::uint32_t>> shapes = {{2, 6, 6}};
  const std::uint32_t layers = 3 + below(state, 14);
  for (std::uint32_t i = 0; i < layers; ++i) {
    const std::uint32_t v =
        below(state, 3) == 0 ? below(state, std::uint32_t(shapes.size())) : std::uint32_t(shapes.size() - 1);
    auto shape = shapes[v];
    net.from(v);
    const bool image = shape.size() == 3;
    switch (below(state, 14)) {
      case 0:
        net.layer("relu");
        break;
      case 1:
        net.layer("leaky_relu", {{"slope", 0.3}});
        break;
      case 2:
        net.layer("tanh");
        break;
      case 3:
        net.layer("scale_shift", {}, {{shape[0]}, {shape[0]}});
        break;
      case 4:
        if (image) {
          shape = {shape[0] * shape[1] * shape[2]};
          net.features(shape[0]);
        } else if (shape[0] % 4 == 0) {
          shape = {shape[0] / 4, 2, 2};
          net.image(shape[0], 2, 2);
        } else {
          net.layer("sigmoid");
        }
        break;
      case 5:
        net.layer("elu", {{"alpha", 0.7}});
        break;
      case 6:
        net.layer(below(state, 2) == 0 ? "softplus" : "pixel_norm");
        break;
      case 7: {
        // A layer of all values of this one's height and width, or of its shape.
        const bool join = below(state, 2) == 0 && shape[0] <= 12;
        std::uint32_t channels = shape[0];
        net.layer(join ? "concat" : "add");
        std::vector<std::uint32_t>& read = net.network.layers.back().inputs;
        for (std::uint32_t other = 0; other < shapes.size() && read.size() < (join ? 4 : 2); ++other) {
          auto like = shapes[other];
          like[0] = shape[0];
          if (like != shape || (!join && shapes[other] != shape)) continue;
          read.push_back(other);
          channels += shapes[other][0];
        }
        if (join) shape[0] = channels;
        break;
      }
      case 8:
        if (image) net.layer("instance_norm", {}, {{shape[0]}, {shape[0]}});
        if (!image) net.layer("layer_norm", {}, {{shape[0]}, {shape[0]}});
        break;
      case 9:
        if (image && shape[1] <= 6) {
          net.layer("upsample", {{"factor", 2}});
          shape = {shape[0], 2 * shape[1], 2 * shape[2]};
        } else if (image) {
          net.layer("avg_pool", {{"kernel", 2}});
          shape = {shape[0], shape[1] / 2, shape[2] / 2};
        } else {
          net.layer("softmax");
        }
        break;
      case 10:
        if (image || below(state, 2) == 0) {
          net.layer("minibatch_stddev", {{"group", 2}});
          ++shape[0];
        } else {
          net.layer("minibatch_discrimination", {{"group", 2}}, {{shape[0], 4, 3}});
          shape[0] += 4;
        }
        break;
      default: {
        const std::uint32_t out = 1 + below(state, 9);
        if (!image) {
          net.dense(shape[0], 4 * out);
          shape = {4 * out};
        } else if (below(state, 2) == 0 || shape[1] > 12) {
          net.conv2d(shape[0], out, 3, 1, 1);
          shape[0] = out;
        } else {
          net.conv_transpose2d(shape[0], out, 4, 2, 1);
          shape = {out, 2 * shape[1], 2 * shape[2]};
        }
      }
    }
    shapes.push_back(shape);
    if (below(state, 5) == 0) net.output("out" + std::to_string(i));
  }
  net.output("last");
  writer.header.networks.push_back(net.network);
  return writer;
}

TEST(NnGraph, RandomNetworksAgreeWithTheDefinitionAndKeepTheirMemoryApart) {
  double worst = 0;
  std::size_t layers = 0, steps = 0;
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    format::Writer writer = random_writer(seed);
    const TestFile made = finish(writer);
    auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
    ASSERT_TRUE(graph.ok()) << "seed " << seed << ": " << graph.status().message;
    expect_no_overlap(graph->buffers(), graph->workspace_floats(1));
    const std::size_t batch = 1 + seed % 3;
    const auto input = random_floats(batch * 72, seed + 1);
    std::vector<std::vector<float>> outputs;
    std::vector<float*> to;
    for (const auto& port : graph->outputs()) outputs.emplace_back(batch * port.shape.size(), NAN);
    for (auto& v : outputs) to.push_back(v.data());
    const float* from = input.data();
    nn::Workspace workspace;
    ASSERT_TRUE(workspace.run(graph.value(), batch, {&from, 1}, to).ok());
    ReferenceBatch samples;
    for (std::size_t b = 0; b < batch; ++b) {
      samples.push_back({{2, 6, 6}, {input.begin() + long(b * 72), input.begin() + long((b + 1) * 72)}});
    }
    const auto expected = reference_run(made.file, made.file.header.networks[0], {samples});
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const std::size_t size = outputs[o].size() / batch;
      for (std::size_t b = 0; b < batch; ++b) {
        for (std::size_t i = 0; i < size; ++i) {
          const double e = expected[o][b].numbers[i];
          const double error = std::fabs(outputs[o][b * size + i] - e) / (1 + std::fabs(e));
          ASSERT_LE(error, 1e-4) << "seed " << seed << ", output " << o << ", number " << i;
          worst = std::max(worst, error);
        }
      }
    }
    layers += made.file.header.networks[0].layers.size();
    steps += graph->steps();
  }
  std::printf("300 random networks: relative error at most %.2e; %zu layers became %zu steps\n", worst,
              layers, steps);
}

TEST(NnGraph, ARunAllocatesNothing) {
  format::Writer writer = new_writer(10, {3, 28, 28, 0, 1});
  add_conv_decoder(writer, 10, 3);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok());
  for (const std::size_t batch : {1, 3, 200}) {
    const auto z = random_floats(batch * 10, 1);
    std::vector<float> pictures(batch * 3 * 784);
    const float* from = z.data();
    float* to = pictures.data();
    nn::Workspace workspace;
    ASSERT_TRUE(workspace.reserve(graph.value(), batch).ok());
    const std::size_t before = allocations;
    const Status status = workspace.run(graph.value(), batch, {&from, 1}, {&to, 1});
    EXPECT_EQ(allocations - before, 0u) << "batch " << batch;
    EXPECT_TRUE(status.ok());
  }
}

TEST(NnGraph, ASecondRequestOfAnEngineAllocatesNothing) {
  session::Engine engine;
  ASSERT_TRUE(engine.load(small_model(3)).ok());
  for (const session::Task task :
       {session::Task::sample, session::Task::encode, session::Task::discriminate}) {
    for (const std::uint32_t moment : {1u, UINT32_MAX}) {
      session::Request request;
      request.task = task;
      request.count = 64;
      request.moment = moment;
      if (task != session::Task::sample) request.pictures.assign(64 * 784, 0.5f);
      session::Frame frame;
      engine.render(request, frame);
      ASSERT_TRUE(frame.status.ok()) << frame.status.message;
      request.seed = 2;
      const std::size_t before = allocations;
      engine.render(request, frame);
      EXPECT_EQ(allocations - before, 0u) << "task " << int(task) << ", moment " << moment;
    }
  }
}

TEST(NnGraph, ActivationsAndReshapesCostNoStep) {
  format::Writer writer = new_writer(10, {1, 28, 28, 0, 1});
  add_conv_decoder(writer, 10, 1);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(made.file.header.networks[0].layers.size(), 7u);
  EXPECT_EQ(graph->steps(), 3u);
  EXPECT_EQ(graph->multiply_adds(), 10u * 588 + 12 * 9 * 16 * 49 + 9 * 16 * 196);
}

TEST(NnGraph, MemoryStopsGrowingWithTheBatch) {
  format::Writer writer = new_writer(10, {1, 28, 28, 0, 1});
  add_conv_decoder(writer, 10, 1);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok());
  EXPECT_EQ(graph->workspace_floats(4096), graph->workspace_floats(256));
  EXPECT_LE(graph->workspace_floats(4096) * sizeof(float), 1u << 20);
}

TEST(NnGraph, APictureIsTheSameInAnyBatch) {
  format::Writer writer = new_writer(10, {3, 28, 28, 0, 1});
  add_conv_decoder(writer, 10, 3);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok());
  const std::size_t batch = 70, size = 3 * 784;
  const auto z = random_floats(batch * 10, 1);
  std::vector<float> together(batch * size), alone(size);
  nn::Workspace workspace;
  const float* from = z.data();
  float* to = together.data();
  ASSERT_TRUE(workspace.run(graph.value(), batch, {&from, 1}, {&to, 1}).ok());
  for (const std::size_t i : {0, 1, 2, 31, 32, 69}) {
    from = z.data() + i * 10;
    to = alone.data();
    ASSERT_TRUE(workspace.run(graph.value(), 1, {&from, 1}, {&to, 1}).ok());
    EXPECT_TRUE(std::equal(alone.begin(), alone.end(), together.begin() + long(i * size))) << "picture " << i;
  }
}

TEST(NnGraph, OneGraphServesTwoWorkspacesInTurn) {
  format::Writer writer = new_writer(10, {1, 28, 28, 0, 1});
  add_conv_decoder(writer, 10, 1);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok());
  nn::Workspace first, second;
  std::vector<float> a(784), b(784), again(784);
  const auto za = random_floats(10, 1), zb = random_floats(10, 2);
  const auto run = [&](nn::Workspace& w, const std::vector<float>& z, std::vector<float>& out) {
    const float* from = z.data();
    float* to = out.data();
    ASSERT_TRUE(w.run(graph.value(), 1, {&from, 1}, {&to, 1}).ok());
  };
  run(first, za, a);
  run(second, zb, b);
  run(first, za, again);
  EXPECT_EQ(a, again);
  EXPECT_NE(a, b);
}

TEST(NnGraph, AWorkspaceThatCannotGrowSaysSo) {
  kernels::Buffer buffer;
  EXPECT_FALSE(buffer.reserve(static_cast<std::size_t>(-1) / 2));
  EXPECT_TRUE(buffer.reserve(10));
}

}  // namespace
}  // namespace lc::test

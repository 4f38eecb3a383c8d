// Runs a compiled network block by block.
#include "shared/nn/graph.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "shared/nn/plan.h"

namespace lc::nn {

Graph::Graph(std::unique_ptr<Plan> plan) : plan_(std::move(plan)) {}
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

const std::vector<Graph::Port>& Graph::inputs() const {
  return plan_->inputs;
}
const std::vector<Graph::Port>& Graph::outputs() const {
  return plan_->outputs;
}
std::uint64_t Graph::multiply_adds() const {
  return plan_->multiply_adds;
}
std::uint64_t Graph::packed_floats() const {
  return plan_->packed_floats;
}
std::uint32_t Graph::group() const {
  return plan_->group;
}
const std::vector<Graph::BufferPlace>& Graph::buffers() const {
  return plan_->buffers;
}
std::size_t Graph::steps() const {
  return plan_->steps.size();
}

std::size_t Graph::workspace_floats(std::size_t batch) const {
  const std::size_t count = std::min(batch, plan_->block);
  return count * plan_->arena_floats + plan_->scratch_floats(count);
}

Status Workspace::reserve(const Graph& graph, std::size_t batch) {
  const std::size_t floats = graph.workspace_floats(batch);
  if (memory_.reserve(floats)) return {};
  return fail(Code::out_of_memory,
              "no memory for the {} bytes that a run needs. Close other models or programs and try again.",
              floats * sizeof(float));
}

std::size_t Graph::Plan::scratch_floats(std::size_t batch) const {
  std::size_t floats = 0;
  for (const Step& step : steps) floats = std::max(floats, step.layer->scratch_floats(batch));
  return floats;
}

namespace {

void to_channels_last(const Layout& layout, std::size_t batch, const float* from, float* to) {
  const std::size_t channels = layout.image.channels(),
                    pixels = std::size_t{layout.image.height()} * layout.image.width();
  for (std::size_t b = 0; b < batch; ++b, from += channels * pixels, to += channels * pixels) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) to[p * channels + c] = from[c * pixels + p];
    }
  }
}

void to_channel_major(const Layout& layout, std::size_t batch, const float* from, float* to) {
  const std::size_t channels = layout.image.channels(),
                    pixels = std::size_t{layout.image.height()} * layout.image.width();
  for (std::size_t b = 0; b < batch; ++b, from += channels * pixels, to += channels * pixels) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) to[c * pixels + p] = from[p * channels + c];
    }
  }
}

}  // namespace

Status Workspace::run(const Graph& graph, std::size_t batch, Span<const float* const> inputs,
                      Span<float* const> outputs) {
  const Graph::Plan& plan = *graph.plan_;
  if (inputs.size != plan.inputs.size() || outputs.size != plan.outputs.size()) {
    return fail(Code::bad_argument, "a run with {} inputs and {} outputs, the network has {} and {}",
                inputs.size, outputs.size, plan.inputs.size(), plan.outputs.size());
  }
  LC_TRY(reserve(graph, batch));
  for (std::size_t first = 0; first < batch; first += plan.block) {
    const std::size_t count = std::min(plan.block, batch - first);
    const auto buffer = [&](std::uint32_t index) {
      return memory_.data() + plan.buffers[index].offset * count;
    };
    const auto address = [&](const Graph::Plan::Source& source) -> const float* {
      return source.is_input ? inputs[source.index] + first * source.size : buffer(source.index);
    };
    for (const Graph::Plan::Copy& copy : plan.copies_in) {
      to_channels_last(copy.layout, count, inputs[copy.port] + first * copy.value.size,
                       buffer(copy.value.index));
    }
    for (const Graph::Plan::Step& step : plan.steps) {
      const float* sources[kMaxLayerInputs] = {};
      for (std::size_t i = 0; i < step.inputs.size(); ++i) sources[i] = address(step.inputs[i]);
      RunArgs args;
      args.batch = count;
      args.inputs = sources;
      args.output = buffer(step.output);
      args.scratch = memory_.data() + plan.arena_floats * count;
      step.layer->run(args);
    }
    for (const Graph::Plan::Copy& copy : plan.copies_out) {
      if (outputs[copy.port] == nullptr) continue;
      float* to = outputs[copy.port] + first * copy.value.size;
      if (copy.layout.channel_major()) {
        std::memcpy(to, address(copy.value), count * copy.value.size * sizeof(float));
      } else {
        to_channel_major(copy.layout, count, address(copy.value), to);
      }
    }
  }
  return {};
}

}  // namespace lc::nn

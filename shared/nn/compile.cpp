// Graph::compile: checks a network whole, then packs its weights, fuses activations and plans memory.
#include <algorithm>
#include <string>
#include <utility>

#include "shared/core/checked.h"
#include "shared/format/format.h"
#include "shared/nn/attributes.h"
#include "shared/nn/graph.h"
#include "shared/nn/memory_plan.h"
#include "shared/nn/plan.h"
#include "shared/nn/weights.h"
#include "shared/nn/wiring.h"

namespace lc::nn {

namespace {

// Samples that pass the layers together: enough for panels of weights to be used many times, few enough for
// the values to stay in a cache.
constexpr std::size_t kBlockFloats = 1u << 19;
constexpr std::size_t kMaxBlock = 64;

}  // namespace

// One compilation. The steps of compile() are its methods, in order.
class GraphBuilder {
 public:
  GraphBuilder(const format::ModelFile& file, const format::Network& network, const kernels::Kernels& kernels)
      : file_(file), network_(network), kernels_(kernels) {
    wiring_.network = &network;
  }

  Result<Graph> build(const format::Moment* moment) {
    LC_TRY(resolve_tensors(moment));
    LC_TRY(check_inputs());
    for (std::size_t i = 0; i < network_.layers.size(); ++i) LC_TRY(check_layer(i));
    LC_TRY(check_outputs());
    choose_layouts(wiring_);
    for (std::size_t i = 0; i < network_.layers.size(); ++i) LC_TRY(make_layer(i));
    place_inputs();
    for (std::size_t i = 0; i < network_.layers.size(); ++i) place_layer(i);
    finish();
    return Graph(std::move(plan_));
  }

 private:
  std::string where(std::size_t layer) const {
    return phrase("{}, layer {} ({})", network_.name, layer, network_.layers[layer].kind);
  }

  Status resolve_tensors(const format::Moment* moment) {
    if (network_.layers.size() > format::kMaxLayers) {
      return fail(Code::too_many_layers, "{}: {} layers, at most {} are allowed", network_.name,
                  network_.layers.size(), format::kMaxLayers);
    }
    for (std::size_t i = 0; i < network_.layers.size(); ++i) {
      tensors_.push_back(network_.layers[i].tensors);
      for (std::uint32_t& tensor : tensors_.back()) {
        for (std::size_t r = 0; moment && r < moment->replaced.size(); ++r) {
          if (moment->replaced[r] != tensor) continue;
          tensor = moment->by[r];
          break;
        }
        if (tensor < file_.header.tensors.size()) continue;
        return fail(Code::bad_tensor_index, "{}: tensor {}, the file has {}", where(i), tensor,
                    file_.header.tensors.size());
      }
    }
    return {};
  }

  // A new value and its share of the caps.
  Status add_value(const LayerInfo& info, const std::string& who) {
    const Shape& shape = info.output;
    const std::uint64_t pixels = std::uint64_t{shape.height()} * shape.width();
    std::uint64_t size = 0;
    if (!checked_mul(pixels, shape.channels(), size) || !checked_add(floats_, size, floats_) ||
        !checked_add(floats_, info.scratch, floats_) || floats_ > kMaxActivationFloats) {
      return fail(
          Code::too_much_work,
          "{}: one picture needs more than {} numbers in memory up to here. Use smaller or fewer layers.",
          who, kMaxActivationFloats);
    }
    if (!checked_add(work_, info.multiply_adds, work_) || work_ > kMaxMultiplyAdds) {
      return fail(Code::too_much_work,
                  "{}: one picture needs more than {} multiply-adds up to here. Use smaller or fewer layers.",
                  who, kMaxMultiplyAdds);
    }
    Value value;
    value.shape = shape;
    wiring_.values.push_back(std::move(value));
    return {};
  }

  Status check_inputs() {
    for (const format::NetworkInput& input : network_.inputs) {
      const std::string who = phrase("{}, input '{}'", network_.name, input.name);
      const std::vector<std::uint32_t>& dims = input.shape;
      const bool zero = std::find(dims.begin(), dims.end(), 0u) != dims.end();
      if ((dims.size() != 1 && dims.size() != 3) || zero) {
        return fail(Code::bad_network_inputs, "{}: expected a shape of 1 or 3 dimensions, none of them 0",
                    who);
      }
      const Shape shape =
          dims.size() == 1 ? Shape::features(dims[0]) : Shape::image(dims[0], dims[1], dims[2]);
      LayerInfo info;
      info.output = shape;
      LC_TRY(add_value(info, who));
      plan_->inputs.push_back({input.name, shape});
      from_coordinates_.push_back(input.name == "coordinates");
    }
    return {};
  }

  LayerSpec spec_of(std::size_t layer, std::string_view who, std::vector<Shape>& shapes,
                    Attributes& attributes, Weights& weights) const {
    for (const std::uint32_t value : network_.layers[layer].inputs)
      shapes.push_back(wiring_.values[value].shape);
    LayerSpec spec;
    spec.where = who;
    spec.inputs = &shapes;
    spec.attributes = &attributes;
    spec.weights = &weights;
    spec.kernels = &kernels_;
    return spec;
  }

  static Status check_count(Code code, const std::string& who, std::string_view what, std::size_t found,
                            std::uint32_t low, std::uint32_t high) {
    if (found >= low && found <= high) return {};
    return fail(code, "{}: has {} {}, expected {}{}", who, found, what,
                low == high ? "" : phrase("{} to ", low), high);
  }

  Status check_layer(std::size_t i) {
    const format::LayerRecord& record = network_.layers[i];
    const std::string who = where(i);
    for (const std::uint32_t value : record.inputs) {
      if (value < wiring_.values.size()) continue;
      return fail(Code::bad_value_index, "{}: reads value {}, only {} come before it", who, value,
                  wiring_.values.size());
    }
    const Result<const LayerKind*> kind = find_layer_kind(record.kind, who);
    if (!kind.ok()) return kind.status();
    const LayerKind& k = *kind.value();
    LC_TRY(
        check_count(Code::bad_layer_inputs, who, "inputs", record.inputs.size(), k.min_inputs, k.max_inputs));
    LC_TRY(check_count(Code::bad_layer_tensors, who, "tensors", record.tensors.size(), k.min_tensors,
                       k.max_tensors));
    Attributes attributes(record, who);
    Weights weights(file_, tensors_[i], who);
    std::vector<Shape> shapes;
    const Result<LayerInfo> info = k.check(spec_of(i, who, shapes, attributes, weights));
    if (!info.ok()) return info.status();
    LC_TRY(attributes.finish());
    LC_TRY(add_value(info.value(), who));
    LC_TRY(check_group(info.value(), who));
    LC_TRY(check_coordinates(info.value(), record, who));
    wiring_.kinds.push_back(&k);
    for (const std::uint32_t value : record.inputs) {
      wiring_.values[value].consumers.push_back(static_cast<std::uint32_t>(i));
    }
    return {};
  }

  // A layer that looks across the batch makes its groups pass together, and a picture depend on its
  // neighbours.
  Status check_group(const LayerInfo& info, const std::string& who) {
    const bool draws = network_.role == format::Role::decoder || network_.role == format::Role::generator;
    if (info.group != 1 && draws) {
      return fail(Code::bad_layer_inputs,
                  "{}: looks across the batch; a network that draws pictures must draw each by itself", who);
    }
    if (info.group != 1 && plan_->group != 1 && plan_->group != info.group) {
      return fail(Code::bad_attribute,
                  "{}: 'group' is {}, an earlier layer of this network has {}; expected one size for all",
                  who, info.group, plan_->group);
    }
    plan_->group = std::max(plan_->group, info.group);
    if (floats_ <= kMaxGroupFloats / plan_->group) return {};
    return fail(Code::too_much_work,
                "{}: a group of {} pictures needs more than {} numbers in memory. Use a smaller group or "
                "smaller layers.",
                who, plan_->group, kMaxGroupFloats);
  }

  // What is drawn from coordinates is drawn at any size, pixel by pixel.
  Status check_coordinates(const LayerInfo& info, const format::LayerRecord& record, const std::string& who) {
    bool reads = false, other_image = false;
    for (const std::uint32_t value : record.inputs) {
      reads |= from_coordinates_[value];
      other_image |= !from_coordinates_[value] && wiring_.values[value].shape.rank == 3;
    }
    from_coordinates_.push_back(reads);
    if (!reads || (info.pixelwise && !other_image)) return {};
    return fail(Code::bad_layer_inputs, "{}{}", who,
                other_image ? ": reads an image beside what comes from 'coordinates', expected features"
                            : ": mixes pixels that come from 'coordinates', expected layers that take "
                              "each pixel by itself (conv2d with a 1x1 kernel)");
  }

  Status check_outputs() {
    const format::ImageSpec& image = file_.header.image;
    const Shape picture = Shape::image(image.channels, image.height, image.width);
    for (const format::NetworkOutput& output : network_.outputs) {
      const std::string who = phrase("{}, output '{}'", network_.name, output.name);
      if (output.value >= wiring_.values.size()) {
        return fail(Code::bad_value_index, "{}: is value {} of {}", who, output.value, wiring_.values.size());
      }
      Value& value = wiring_.values[output.value];
      value.is_output = true;
      if (output.name == "image" && value.shape != picture) {
        return fail(Code::bad_network_outputs, "{}: has shape {}, the file's pictures are {}", who,
                    to_string(value.shape), to_string(picture));
      }
      plan_->outputs.push_back({output.name, value.shape});
    }
    return {};
  }

  Status make_layer(std::size_t i) {
    const std::string who = where(i);
    Attributes attributes(network_.layers[i], who);
    Weights weights(file_, tensors_[i], who);
    std::vector<Shape> shapes;
    LayerSpec spec = spec_of(i, who, shapes, attributes, weights);
    spec.input_layout = wiring_.values[network_.layers[i].inputs[0]].layout;
    spec.output_layout = wiring_.values[wiring_.value_of(i)].layout;
    Result<std::unique_ptr<Layer>> made = wiring_.kinds[i]->make(spec);
    if (!made.ok()) return made.status();
    layers_.push_back(made.take());
    return {};
  }

  std::uint32_t new_buffer(std::size_t size, std::uint32_t step) {
    plan_->buffers.push_back({size, 0, step, step});
    writers_.push_back(nullptr);
    return static_cast<std::uint32_t>(plan_->buffers.size() - 1);
  }

  std::size_t size_of(std::uint32_t value) const {
    return static_cast<std::size_t>(wiring_.values[value].shape.size());
  }

  // Step 0 is the copying in; layers' steps begin at 1.
  std::uint32_t next_step() const { return static_cast<std::uint32_t>(plan_->steps.size() + 1); }

  void place_inputs() {
    for (std::uint32_t v = 0; v < network_.inputs.size(); ++v) {
      Graph::Plan::Source source{true, v, size_of(v)};
      if (!wiring_.values[v].layout.channel_major()) {
        source = {false, new_buffer(size_of(v), 0), size_of(v)};
        plan_->copies_in.push_back({v, source, wiring_.values[v].layout});
      }
      sources_.push_back(source);
    }
  }

  static bool same(const Graph::Plan::Source& a, const Graph::Plan::Source& b) {
    return a.is_input == b.is_input && a.index == b.index;
  }

  // True when nobody reads this memory after `layer`, whatever values share it.
  bool unused_after(const Graph::Plan::Source& source, std::size_t layer) const {
    for (std::uint32_t v = 0; v < sources_.size(); ++v) {
      if (!same(sources_[v], source)) continue;
      if (wiring_.values[v].is_output) return false;
      for (const std::uint32_t reader : wiring_.values[v].consumers) {
        if (reader > layer) return false;
      }
    }
    return true;
  }

  void use(const Graph::Plan::Source& source, std::uint32_t step) {
    if (!source.is_input)
      plan_->buffers[source.index].last = std::max(plan_->buffers[source.index].last, step);
  }

  void place_layer(std::size_t i) {
    const std::vector<std::uint32_t>& inputs = network_.layers[i].inputs;
    const Graph::Plan::Source first = sources_[inputs[0]];
    std::unique_ptr<Layer>& layer = layers_[i];
    if (layer->is_view()) {
      sources_.push_back(first);
      return;
    }
    const bool free_to_change = !first.is_input && unused_after(first, i);
    kernels::Activation activation = kernels::Activation::none;
    float slope = 0;
    if (free_to_change && layer->as_activation(activation, slope) && writers_[first.index] &&
        unseen_before(first, i) && writers_[first.index]->fuse(activation, slope)) {
      sources_.push_back(first);
      return;
    }
    const std::uint32_t step = next_step();
    const std::uint32_t value = wiring_.value_of(i);
    Graph::Plan::Source target = first;
    if (!free_to_change || !layer->in_place())
      target = {false, new_buffer(size_of(value), step), size_of(value)};
    Graph::Plan::Step made;
    for (const std::uint32_t input : inputs) {
      made.inputs.push_back(sources_[input]);
      use(sources_[input], step);
    }
    use(target, step);
    writers_[target.index] = layer.get();
    made.output = target.index;
    made.layer = std::move(layer);
    plan_->steps.push_back(std::move(made));
    sources_.push_back(target);
  }

  // True when all readers of this memory before `layer` left their result in it: then nobody has seen the
  // numbers as its writer stored them.
  bool unseen_before(const Graph::Plan::Source& source, std::size_t layer) const {
    for (std::uint32_t v = 0; v < sources_.size(); ++v) {
      if (!same(sources_[v], source)) continue;
      for (const std::uint32_t reader : wiring_.values[v].consumers) {
        if (reader < layer && !same(sources_[wiring_.value_of(reader)], source)) return false;
      }
    }
    return true;
  }

  void finish() {
    const std::uint32_t end = next_step();
    for (std::uint32_t port = 0; port < network_.outputs.size(); ++port) {
      const std::uint32_t value = network_.outputs[port].value;
      use(sources_[value], end);
      plan_->copies_out.push_back({port, sources_[value], wiring_.values[value].layout});
    }
    plan_->arena_floats = plan_memory(plan_->buffers);
    plan_->block =
        std::clamp<std::size_t>(kBlockFloats / std::max<std::size_t>(1, plan_->arena_floats), 1, kMaxBlock);
    plan_->block = std::max<std::size_t>(1, plan_->block / plan_->group) * plan_->group;
    plan_->multiply_adds = work_;
    for (const Graph::Plan::Step& step : plan_->steps) plan_->packed_floats += step.layer->packed_floats();
  }

  const format::ModelFile& file_;
  const format::Network& network_;
  const kernels::Kernels& kernels_;
  Wiring wiring_;
  std::vector<std::vector<std::uint32_t>> tensors_;  // of each layer, at this moment of the timeline
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<Graph::Plan::Source> sources_;  // of each value placed so far
  std::vector<Layer*> writers_;               // the last layer that wrote each buffer
  std::unique_ptr<Graph::Plan> plan_ = std::make_unique<Graph::Plan>();
  std::vector<char> from_coordinates_;  // of each value checked so far
  std::uint64_t floats_ = 0, work_ = 0;
};

Result<Graph> Graph::compile(const format::ModelFile& file, std::uint32_t network, std::uint32_t moment,
                             const kernels::Kernels& kernels) {
  const format::Header& header = file.header;
  if (network >= header.networks.size()) {
    return fail(Code::bad_argument, "network {}, the file has {}", network, header.networks.size());
  }
  const format::Moment* replacements = moment < header.timeline.size() ? &header.timeline[moment] : nullptr;
  return GraphBuilder(file, header.networks[network], kernels).build(replacements);
}

}  // namespace lc::nn

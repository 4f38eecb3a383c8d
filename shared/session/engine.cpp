// Checks a Request, draws its inputs, runs the network and maps pictures to [0, 1].
#include "shared/session/engine.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "shared/session/model_store.h"
#include "shared/session/view.h"

namespace lc::session {

namespace {

constexpr float kMaxTemperature = 100;

struct TaskName {
  Task task;
  const char* needs;
};
constexpr TaskName kTaskNames[] = {
    {Task::sample, "draw pictures: it has no decoder or generator"},
    {Task::encode, "encode pictures: it has no encoder"},
    {Task::discriminate, "judge pictures: it has no discriminator or classifier"},
    {Task::translate, "translate pictures: it has no generator that reads pictures"},
    {Task::classify, "name classes: it has no classifier, and no discriminator with an output 'classes'"}};

// Where a task's values come from and go to.
struct TaskOutput {
  Task task;
  std::string_view port;
  std::vector<float> Frame::*values;
};
constexpr TaskOutput kTaskOutputs[] = {{Task::sample, "image", &Frame::pictures},
                                       {Task::encode, "mean", &Frame::latents},
                                       {Task::discriminate, "logit", &Frame::scores},
                                       {Task::translate, "image", &Frame::pictures},
                                       {Task::classify, "classes", &Frame::scores}};

Status check_floats(const std::vector<float>& values, std::size_t expected, const char* what) {
  if (values.size() != expected) {
    return fail(Code::bad_argument, "the request has {} {}, expected {}", values.size(), what, expected);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    return fail(Code::bad_argument, "number {} of the request's {} is not finite", i, what);
  }
  return {};
}

Status check_labels(const format::Header& header, const Request& request) {
  if (request.labels.empty() && request.label_weights.empty()) return {};
  const std::size_t classes = header.classes.size();
  if (classes == 0) {
    return fail(Code::bad_combination,
                "the request has labels, the model was trained without. Leave them out.");
  }
  if (!request.label_weights.empty()) {
    if (request.labels.empty())
      return check_floats(request.label_weights, request.count * classes, "label weights");
    return fail(Code::bad_combination, "the request has labels and label weights. Leave one of them out.");
  }
  if (request.labels.size() != 1 && request.labels.size() != request.count) {
    return fail(Code::bad_argument, "the request has {} labels, expected one, or {}", request.labels.size(),
                request.count);
  }
  for (const std::int32_t label : request.labels) {
    if (label >= 0 && static_cast<std::size_t>(label) < classes) continue;
    return fail(Code::bad_argument, "label {}, expected 0 to {}", label, classes - 1);
  }
  return {};
}

// The network exists.
bool draws_views(const format::Header& header, const Request& request) {
  return request.task == Task::sample &&
         reads(header.networks[network_for(header, Task::sample)], "coordinates");
}

Status check(const format::Header& header, const Request& request) {
  for (const TaskName& row : kTaskNames) {
    if (row.task != request.task || network_for(header, request.task) < header.networks.size()) continue;
    return fail(Code::bad_combination, "model '{}' cannot {}", header.title, row.needs);
  }
  if (request.task > Task::classify) return fail(Code::bad_argument, "unknown task");
  const std::uint32_t network = network_for(header, request.task, request.direction);
  if (network == header.networks.size()) {
    return fail(Code::bad_argument, "direction {}: model '{}' has fewer, numbered from 0", request.direction,
                header.title);
  }
  if (request.count == 0)
    return fail(Code::bad_argument, "the request asks for 0 pictures, expected at least 1");
  if (request.count > kMaxCount) {
    return fail(Code::too_much_asked,
                "the request asks for {} pictures, at most {} at a time. Ask for them in parts.",
                request.count, kMaxCount);
  }
  if (!(request.temperature >= 0 && request.temperature <= kMaxTemperature)) {
    return fail(Code::bad_argument, "temperature {}, expected 0 to {}", request.temperature, kMaxTemperature);
  }
  LC_TRY(check_labels(header, request));
  LC_TRY(check_view(header, draws_views(header, request), request));
  const View view = view_of(header, request);
  LC_TRY(check_frame(request.count, std::uint64_t{header.image.channels} * view.height * view.width));
  const std::size_t count = request.count;
  if (request.task != Task::sample) {
    const format::ImageSpec& image = header.image;
    return check_floats(request.pictures, count * image.channels * image.height * image.width,
                        "picture values");
  }
  if (request.latents.empty()) return {};
  return check_floats(request.latents, count * format::latent_size(header), "latent numbers");
}

}  // namespace

struct Engine::State {
  std::shared_ptr<ModelStore> store;
  nn::Workspace workspace;
  ViewPainter painter;
  std::vector<float> one_hot, pictures;
  std::vector<const float*> inputs;
  std::vector<float*> targets;

  Status render(const Request& request, Frame& frame);
  Status run(const Model& model, const nn::Graph& graph, const Request& request, Frame& frame);
  Status run_once(const format::Header& header, const nn::Graph& graph, const Request& request,
                  std::string_view wanted, Frame& frame, std::vector<float>& values);
  void set_one_hot(const format::Header& header, const Request& request);
};

Engine::Engine(const kernels::Kernels& kernels) : Engine(std::make_shared<ModelStore>(kernels)) {}
Engine::Engine(std::shared_ptr<ModelStore> store) : state_(std::make_unique<State>()) {
  state_->store = std::move(store);
}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Result<std::uint32_t> Engine::load(LoadRequest request) {
  return state_->store->load(std::move(request));
}
const std::vector<ModelInfo>& Engine::models() const {
  return state_->store->models();
}

void Engine::render(const Request& request, Frame& frame) {
  frame.id = request.id;
  frame.model = request.model;
  frame.task = request.task;
  frame.count = frame.channels = frame.height = frame.width = 0;
  frame.milliseconds = 0;
  frame.workers = 1;
  const auto clear = [&frame] {
    frame.pictures.clear();
    frame.latents.clear();
    frame.scores.clear();
  };
  // Sampling sets the first two whole: lists that keep their size are not filled with zeros before.
  frame.scores.clear();
  if (request.task != Task::sample) clear();
  frame.status = state_->render(request, frame);
  if (!frame.status.ok()) clear();
}

Status Engine::State::render(const Request& request, Frame& frame) {
  const std::shared_ptr<const Model> model = store->model(request.model);
  if (!model) {
    return fail(Code::bad_argument, "model {} does not exist; load a weights file first", request.model);
  }
  const format::Header& header = model->file.header;
  LC_TRY(check(header, request));
  const auto graph =
      store->graph(request.model, network_for(header, request.task, request.direction), request.moment);
  if (!graph.ok()) return graph.status();
  if (request.task == Task::sample) {
    frame.latents.resize(std::size_t{request.count} * format::latent_size(header));
    if (request.latents.empty()) {
      LC_TRY(draw_latents(header, model->mixture, request, frame.latents));
    } else {
      std::copy(request.latents.begin(), request.latents.end(), frame.latents.begin());
    }
  }
  return run(*model, *graph.value(), request, frame);
}

// Row i: 1 at the class of picture i, or its weights.
void Engine::State::set_one_hot(const format::Header& header, const Request& request) {
  if (!request.label_weights.empty()) {
    one_hot = request.label_weights;
    return;
  }
  const std::size_t classes = header.classes.size();
  one_hot.assign(request.count * classes, 0.0f);
  for (std::size_t i = 0; i < request.count; ++i) {
    const std::size_t label =
        request.labels.empty() ? static_cast<std::size_t>((request.first + i) % classes)
                               : static_cast<std::size_t>(request.labels[request.labels.size() == 1 ? 0 : i]);
    one_hot[i * classes + label] = 1;
  }
}

Status Engine::State::run(const Model& model, const nn::Graph& graph, const Request& request, Frame& frame) {
  const format::Header& header = model.file.header;
  const format::ImageSpec& image = header.image;
  const float span = image.high - image.low;
  pictures.clear();
  if (request.task != Task::sample) {
    pictures.resize(request.pictures.size());
    for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i] = image.low + span * request.pictures[i];
  }
  if (!header.classes.empty()) set_one_hot(header, request);
  const TaskOutput& row = *std::find_if(std::begin(kTaskOutputs), std::end(kTaskOutputs),
                                        [&](const TaskOutput& o) { return o.task == request.task; });
  std::vector<float>& values = frame.*row.values;
  const View view = view_of(header, request);
  if (draws_views(header, request)) {
    LC_TRY(painter.paint(graph, workspace, view, request.count, frame.latents, one_hot, values));
  } else {
    LC_TRY(run_once(header, graph, request, row.port, frame, values));
  }
  frame.count = request.count;
  if (&values != &frame.pictures) return {};
  frame.channels = image.channels;
  frame.height = view.height;
  frame.width = view.width;
  store->kernels().to_unit(values.data(), values.size(), image.low, 1 / span);
  return {};
}

// The output called `wanted`, or else the first; with the classes also the features that lead to them.
Status Engine::State::run_once(const format::Header& header, const nn::Graph& graph, const Request& request,
                               std::string_view wanted, Frame& frame, std::vector<float>& values) {
  inputs.clear();
  for (const nn::Graph::Port& port : graph.inputs()) {
    const std::vector<float>& from = port.name == "label"           ? one_hot
                                     : port.name == "image"         ? pictures
                                     : request.task == Task::sample ? frame.latents
                                                                    : request.latents;
    if (from.size() != request.count * port.shape.size()) {
      return fail(Code::bad_combination,
                  "model '{}' needs input '{}' for this task, and the request has none", header.title,
                  port.name);
    }
    inputs.push_back(from.data());
  }
  std::size_t chosen = 0;
  targets.assign(graph.outputs().size(), nullptr);
  const auto aim = [&](std::size_t output, std::vector<float>& at) {
    at.resize(request.count * static_cast<std::size_t>(graph.outputs()[output].shape.size()));
    targets[output] = at.data();
  };
  for (std::size_t i = 0; i < graph.outputs().size(); ++i) {
    if (graph.outputs()[i].name == wanted) chosen = i;
    if (request.task == Task::classify && graph.outputs()[i].name == "features") aim(i, frame.latents);
  }
  aim(chosen, values);
  return workspace.run(graph, request.count, inputs, targets);
}

}  // namespace lc::session

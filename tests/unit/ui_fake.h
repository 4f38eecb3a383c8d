// A screen that is not there and a session that answers when told: whole frames of the interface in a test.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "imgui.h"
#include "shared/session/session.h"
#include "shared/ui/app.h"

namespace lc::ui {

// A model with every capability that panels ask for.
inline session::ModelInfo fake_model(std::uint32_t number, const std::string& name, std::uint32_t classes = 0,
                                     std::uint32_t moments = 1, std::uint32_t latent_size = 6) {
  session::ModelInfo model;
  model.model = number;
  model.name = name;
  format::Header header;
  header.family = "vae";
  header.title = "VAE, MNIST";
  format::PriorPart part;
  part.name = "z";
  part.size = latent_size;
  header.prior = {part};
  header.image.height = header.image.width = 4;
  for (std::uint32_t i = 0; i < classes; ++i) header.classes.push_back("class " + std::to_string(i));
  for (std::uint32_t i = 0; i + 1 < moments; ++i) header.timeline.push_back({i * 100, i * 6400, {}, {}});
  header.provenance.dataset = "mnist";
  header.provenance.device = "cpu, 2 threads, with a description that is longer than the column is wide";
  header.provenance.options = {{"learning_rate", "0.001"}, {"net", "conv"}};
  header.provenance.iterations = 12345;
  header.metrics = {{"test_loss", 104.25, "nats"}};
  header.curve.iterations = {1, 10, 100, 1000};
  header.curve.series = {{"reconstruction", {300, 200, 120, 100}}, {"kl", {0, 5, 15, 20}}};
  format::Strip strip;
  strip.name = "real";
  strip.count = 3;
  strip.pixels.assign(3 * 16, 128);
  header.strips = {strip};
  model.header = std::make_shared<const format::Header>(std::move(header));
  model.latent_size = latent_size;
  model.can_sample = true;
  model.classes = classes;
  model.moments = moments;
  model.multiply_adds = 1000000;
  model.file_bytes = 900000;
  return model;
}

// The model's header, its own to change.
inline format::Header& own_header(session::ModelInfo& model) {
  const auto header = std::make_shared<format::Header>(*model.header);
  model.header = header;
  return *header;
}

class FakeSession : public session::Session {
 public:
  Result<std::uint32_t> load(session::LoadRequest request) override {
    if (request.bytes.empty())
      return fail(Code::file_too_short, request.name + ": 0 bytes, expected a .lcw file");
    models_.push_back(fake_model(static_cast<std::uint32_t>(models_.size()), request.name));
    return models_.back().model;
  }
  const std::vector<session::ModelInfo>& models() const override { return models_; }
  void submit(session::Request request) override { asked.push_back(std::move(request)); }
  std::optional<session::Frame> poll() override {
    if (answers.empty()) return std::nullopt;
    session::Frame frame = std::move(answers.front());
    answers.pop_front();
    return frame;
  }
  bool busy() const override { return false; }
  std::uint32_t workers() const override { return 2; }

  // Answers request `which`. Drawn pictures have one grey each: picture i has value i / 255, or, where the
  // latents are given, one half and a hundredth of the sum of (number + 1) x value: later numbers matter
  // more. Codes are 0.25 each; scores and translations are the picture's mean and its negative; a
  // feature network's one feature is that mean, and its class always 3.
  void answer(std::size_t which) {
    const session::Request& request = asked[which];
    const session::ModelInfo& model = models_[request.model];
    const format::ImageSpec& image = model.header->image;
    session::Frame frame;
    frame.id = request.id;
    frame.model = request.model;
    frame.task = request.task;
    frame.count = request.count;
    frame.milliseconds = 2;
    const bool makes_pictures =
        request.task == session::Task::sample || request.task == session::Task::translate;
    frame.height = makes_pictures ? std::max(image.height, request.view.height) : 0;
    frame.width = makes_pictures ? std::max(image.width, request.view.width) : 0;
    frame.channels = makes_pictures ? 1 : 0;
    const std::size_t pixels = std::size_t{image.height} * image.width,
                      drawn = std::size_t{frame.height} * frame.width;
    for (std::uint32_t i = 0; i < request.count; ++i) {
      float grey = static_cast<float>(i % 256) / 255, mean = 0;
      if (!request.latents.empty()) {
        grey = 0.5f;
        for (std::uint32_t j = 0; j < model.latent_size; ++j)
          grey += 0.01f * static_cast<float>(j + 1) * request.latents[i * model.latent_size + j];
      }
      for (std::size_t p = 0; p < pixels && !request.pictures.empty(); ++p)
        mean += request.pictures[i * pixels + p] / static_cast<float>(pixels);
      switch (request.task) {
        case session::Task::sample:
          frame.pictures.insert(frame.pictures.end(), drawn, grey);
          if (request.latents.empty()) {
            frame.latents.insert(frame.latents.end(), model.latent_size, 0.5f + static_cast<float>(i));
          } else {
            frame.latents = request.latents;
          }
          break;
        case session::Task::translate:
          frame.pictures.insert(frame.pictures.end(), drawn, 1 - mean);
          break;
        case session::Task::encode:
          frame.latents.insert(frame.latents.end(), model.latent_size, 0.25f);
          break;
        case session::Task::discriminate:
          frame.scores.push_back(mean);
          break;
        case session::Task::classify:
          for (std::uint32_t c = 0; c < 10; ++c) frame.scores.push_back(c == 3 ? 5.0f : 0.0f);
          if (!model.features.empty()) frame.latents.push_back(mean);
          break;
      }
    }
    answers.push_back(std::move(frame));
  }
  void add(session::ModelInfo model) { models_.push_back(std::move(model)); }

  // The last request of a task, or null.
  const session::Request* last(session::Task task, std::size_t least_count = 1) const {
    for (std::size_t i = asked.size(); i-- > 0;) {
      if (asked[i].task == task && asked[i].count >= least_count) return &asked[i];
    }
    return nullptr;
  }

  std::vector<session::Request> asked;
  std::size_t answered = 0;  // by Stage::settle
  std::deque<session::Frame> answers;

 private:
  std::vector<session::ModelInfo> models_;
};

class FakeSink : public TextureSink {
 public:
  ImTextureID upload(ImTextureID old, const Picture& picture) override {
    ++uploads;
    const ImTextureID id = old ? old : reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(++last));
    pictures[id] = picture;
    return id;
  }
  void release(ImTextureID texture) override { pictures.erase(texture); }
  std::uint32_t generation() const override { return losses; }

  std::map<ImTextureID, Picture> pictures;
  int uploads = 0;
  int last = 0;
  std::uint32_t losses = 0;
};

// Ticks frames; the mouse is where the test puts it.
class Stage {
 public:
  Stage() {
    ImGui::CreateContext();
    app = std::make_unique<App>(session, sink);
  }
  ~Stage() {
    app.reset();
    ImGui::DestroyContext();
  }
  void tick(int frames = 1) {
    for (int i = 0; i < frames; ++i) {
      ImGuiIO& io = ImGui::GetIO();
      io.DisplaySize = input.size;
      io.DeltaTime = 1.0f / 60;
      app->prepare(input);
      io.Fonts->SetTexID(reinterpret_cast<ImTextureID>(std::intptr_t{1000}));
      ImGui::NewFrame();
      app->frame(input);
      ImGui::Render();
    }
  }
  // Answers everything until nothing more is asked; returns how many requests that took.
  std::size_t settle() {
    const std::size_t before = session.answered;
    tick();
    for (int round = 0; round < 50; ++round) {
      if (session.answered == session.asked.size()) {
        tick(2);
        if (session.answered == session.asked.size()) break;
      }
      while (session.answered < session.asked.size()) session.answer(session.answered++);
      tick();
    }
    return session.answered - before;
  }
  // A mark's place in the last report: x, y, width, height; all 0 when it is not on the screen.
  std::vector<float> place(const std::string& name) const {
    for (const auto& [key, value] : pairs_of(app->report())) {
      if (key != "item." + name) continue;
      std::vector<float> out;
      for (std::size_t at = 0; at < value.size();) {
        out.push_back(std::stof(value.substr(at)));
        at = std::min(value.find(',', at), value.size() - 1) + 1;
      }
      return out;
    }
    return {0, 0, 0, 0};
  }
  std::string value(const std::string& wanted) const {
    std::string out;
    for (const auto& [key, value] : pairs_of(app->report())) {
      if (key == wanted) out = value;
    }
    return out;
  }
  void move(float x, float y) { ImGui::GetIO().AddMousePosEvent(x, y); }
  // Presses at a fraction of a mark's width, and holds.
  void press(const std::string& name, float along = 0.5f) {
    const std::vector<float> at = place(name);
    move(at[0] + at[2] * along, at[1] + at[3] / 2);
    tick();
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    tick();
  }
  void release() {
    ImGui::GetIO().AddMouseButtonEvent(0, false);
    tick(2);
  }
  void click(const std::string& name, float along = 0.5f) {
    press(name, along);
    release();
  }

  FakeSession session;
  FakeSink sink;
  FrameInput input{{1280, 800}, 1, true, false};
  std::unique_ptr<App> app;
};

}  // namespace lc::ui

// A screen that is not there and a session that answers when told: whole frames of the interface in a test.
#pragma once

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
  model.header.family = "vae";
  model.header.title = "VAE, MNIST";
  format::PriorPart part;
  part.name = "z";
  part.size = latent_size;
  model.header.prior = {part};
  model.header.image.height = model.header.image.width = 4;
  for (std::uint32_t i = 0; i < classes; ++i) model.header.classes.push_back("class " + std::to_string(i));
  for (std::uint32_t i = 0; i + 1 < moments; ++i)
    model.header.timeline.push_back({i * 100, i * 6400, {}, {}});
  model.header.provenance.dataset = "mnist";
  model.header.provenance.device =
      "cpu, 2 threads, with a description that is longer than the column is wide";
  model.header.provenance.options = {{"learning_rate", "0.001"}, {"net", "conv"}};
  model.header.provenance.iterations = 12345;
  model.header.metrics = {{"test_loss", 104.25, "nats"}};
  model.header.curve.iterations = {1, 10, 100, 1000};
  model.header.curve.series = {{"reconstruction", {300, 200, 120, 100}}, {"kl", {0, 5, 15, 20}}};
  format::Strip strip;
  strip.name = "real";
  strip.count = 3;
  strip.pixels.assign(3 * 16, 128);
  model.header.strips = {strip};
  model.latent_size = latent_size;
  model.can_sample = true;
  model.classes = classes;
  model.moments = moments;
  model.multiply_adds = 1000000;
  model.file_bytes = 900000;
  return model;
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

  // Answers request `which` with pictures of one grey each: picture i has value i / 255.
  void answer(std::size_t which) {
    const session::Request& request = asked[which];
    session::Frame frame;
    frame.id = request.id;
    frame.model = request.model;
    frame.count = request.count;
    frame.channels = 1;
    frame.height = frame.width = 4;
    frame.milliseconds = 2;
    for (std::uint32_t i = 0; i < request.count; ++i) {
      frame.pictures.insert(frame.pictures.end(), 16, static_cast<float>(i % 256) / 255);
      frame.latents.insert(frame.latents.end(), models_[request.model].latent_size, 0.5f);
    }
    answers.push_back(std::move(frame));
  }
  void add(session::ModelInfo model) { models_.push_back(std::move(model)); }

  std::vector<session::Request> asked;
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

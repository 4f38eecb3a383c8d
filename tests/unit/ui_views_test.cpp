// Each view asks what it needs, once, changes the State as told, and comes to rest.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <set>

#include "shared/ui/paths.h"
#include "shared/ui/widgets.h"
#include "tests/unit/ui_fake.h"

namespace lc::ui {
namespace {

using session::Request;
using session::Task;

// Every capability, pictures of 4 x 4.
session::ModelInfo able(std::uint32_t number, const std::string& name) {
  session::ModelInfo model = fake_model(number, name, 0, 4);
  model.can_encode = model.can_discriminate = model.can_classify = true;
  model.any_resolution = true;
  model.directions = {"a-to-b", "b-to-a"};
  format::Network critic;
  critic.role = format::Role::discriminator;
  critic.name = "discriminator";
  critic.inputs = {{"image", {1, 4, 4}}};
  own_header(model).networks = {critic};
  format::Strip& real = own_header(model).strips[0];
  real.count = 16;
  real.pixels.assign(16 * 16, 0);
  for (std::size_t i = 0; i < real.pixels.size(); ++i)
    real.pixels[i] = static_cast<std::uint8_t>(200 + i / 16);
  return model;
}

struct At : Stage {
  explicit At(const std::string& state, session::ModelInfo model = able(0, "able-mnist")) {
    session.add(std::move(model));
    app->set_state(state);
    settle();
  }
  bool act(const std::string& name, const std::string& action, const std::string& with = "") {
    const bool done = app->act(name, action, with);
    settle();
    return done;
  }
};

std::string filled() {
  return "drawing=a300p20a464";
}

TEST(UiViews, each_view_comes_to_rest_and_then_neither_asks_nor_draws_nor_uploads) {
  const std::vector<std::string> states = {"tab=sample",
                                           "tab=explore",
                                           "tab=explore&explore=plane",
                                           "tab=explore&explore=sum",
                                           "tab=explore&explore=zoom",
                                           "tab=morph",
                                           "tab=compare",
                                           "tab=draw",
                                           "tab=draw&" + filled(),
                                           "tab=critic",
                                           "tab=about",
                                           "tab=explore&help=1"};
  for (const std::string& state : states) {
    At stage(state);
    EXPECT_TRUE(stage.app->settled()) << state;
    EXPECT_FALSE(stage.app->wants_redraw()) << state;
    const std::size_t asked = stage.session.asked.size();
    const int uploads = stage.sink.uploads;
    stage.tick(10);
    EXPECT_EQ(stage.session.asked.size(), asked) << state;
    EXPECT_EQ(stage.sink.uploads, uploads) << state;
    EXPECT_LE(stage.sink.pictures.size(), 80u) << state;
    std::printf("%-32s %3zu requests, %2zu textures\n", state.substr(0, 32).c_str(), asked,
                stage.sink.pictures.size());
  }
}

TEST(UiViews, every_control_of_every_view_can_be_operated_by_name) {
  std::set<std::string> operated;
  for (const char* tab : {"sample", "explore", "morph", "compare", "draw", "critic", "about"}) {
    for (const char* more : {"", "&explore=plane", "&explore=sum", "&explore=zoom"}) {
      if (*more != 0 && std::string(tab) != "explore") continue;
      const std::string state =
          std::string("tab=") + tab + more + "&selected=1&picks=7.1_7.2_7.3&" + filled();
      At stage(state);
      stage.app->actions.save = [](const std::string&, const std::string&, const std::vector<std::uint8_t>&) {
      };
      stage.app->actions.copy_link = [](const std::string&) {};
      stage.tick();
      const std::string json = stage.app->mirror();
      for (std::size_t at = json.find("{\"name\":\""); at != std::string::npos;
           at = json.find("{\"name\":\"", at + 1)) {
        const std::string name = json.substr(at + 9, json.find('"', at + 9) - at - 9);
        const std::string rest = json.substr(at, json.find('}', at) - at);
        const bool enabled = rest.find("\"enabled\":true") != std::string::npos;
        const bool slider = rest.find("\"role\":\"slider\"") != std::string::npos;
        const bool pressed = rest.find("\"role\":\"button\"") != std::string::npos ||
                             rest.find("\"role\":\"radio\"") != std::string::npos ||
                             rest.find("\"role\":\"checkbox\"") != std::string::npos ||
                             rest.find("\"role\":\"tab\"") != std::string::npos;
        if (!enabled || (!slider && !pressed)) continue;
        EXPECT_TRUE(stage.act(name, slider ? "set" : "press", "1")) << name;
        stage.app->set_state(state);
        stage.settle();
        operated.insert(name);
      }
      stage.settle();
    }
  }
  std::printf("%zu controls\n", operated.size());
  EXPECT_GT(operated.size(), 60u);
}

TEST(UiViews, latent_numbers_are_sorted_by_how_much_they_change_the_picture) {
  At stage("tab=explore&selected=0");
  const Request* steps = nullptr;
  for (const Request& request : stage.session.asked) {
    if (request.count == 12 && request.latents.size() == 72) steps = &request;
  }
  ASSERT_NE(steps, nullptr) << "two latent vectors for each of the six numbers";
  EXPECT_EQ(steps->latents[0], -kInsightStep);
  EXPECT_EQ(steps->latents[6], kInsightStep);
  EXPECT_EQ(steps->latents[1], 0.0f);
  // Later numbers weigh more in the fake pictures.
  EXPECT_LT(stage.place("latent.5")[1], stage.place("latent.4")[1]);
  EXPECT_LT(stage.place("latent.1")[1], stage.place("latent.0")[1]);
  const std::size_t asked = stage.session.asked.size();
  stage.app->state().seed = 8;
  stage.settle();
  for (std::size_t i = asked; i < stage.session.asked.size(); ++i)
    EXPECT_NE(stage.session.asked[i].count, 12u) << "measured once a model";
}

TEST(UiViews, principal_directions_point_where_pictures_change_most) {
  Insight insight;
  format::Header header = *fake_model(0, "any").header;
  ASSERT_TRUE(spread_of_prior(header, insight));
  // Pixel p changes with number p alone, number 2 the most, then number 4.
  const float weights[] = {0.1f, 0.2f, 3, 0.3f, 2, 0.1f};
  std::vector<float> pictures(12 * 6, 0.5f);
  for (std::size_t i = 0; i < 6; ++i) {
    pictures[(2 * i) * 6 + i] -= weights[i];
    pictures[(2 * i + 1) * 6 + i] += weights[i];
  }
  measure(pictures, 6, insight);
  EXPECT_EQ(insight.order[0], 2u);
  EXPECT_EQ(insight.order[1], 4u);
  EXPECT_NEAR(std::fabs(insight.principal[0][2]), 1, 1e-3);
  EXPECT_NEAR(std::fabs(insight.principal[1][4]), 1, 1e-3);
}

TEST(UiViews, a_row_of_the_sweep_sets_its_number) {
  At stage("tab=explore&selected=0");
  EXPECT_TRUE(stage.act("sweep.5", "set", "0"));
  ASSERT_EQ(stage.app->state().latent.size(), 6u);
  EXPECT_FLOAT_EQ(stage.app->state().latent[5], -2.5f);
  EXPECT_FLOAT_EQ(stage.app->state().latent[4], 0.5f) << "the others stay";
}

TEST(UiViews, the_plane_fills_in_from_the_middle_a_few_blocks_at_a_time) {
  At stage("tab=explore&selected=0");
  const std::size_t before = stage.session.asked.size();
  stage.app->set_state("tab=explore&explore=plane&selected=0");
  stage.tick(3);
  std::size_t blocks = 0;
  for (std::size_t i = before; i < stage.session.asked.size(); ++i)
    blocks += stage.session.asked[i].count == 64;
  EXPECT_EQ(blocks, 4u) << "no more than that wait at a time";
  EXPECT_FALSE(stage.app->settled()) << "the rest is to come";
  stage.settle();
  EXPECT_TRUE(stage.app->settled());
  blocks = 0;
  for (std::size_t i = before; i < stage.session.asked.size(); ++i)
    blocks += stage.session.asked[i].latents.size() == 64 * 6;
  std::printf("%zu blocks\n", blocks);
  EXPECT_GT(blocks, 4u);
}

TEST(UiViews, a_model_of_two_numbers_is_explored_on_its_plane_at_first) {
  {
    At six("tab=explore");
    EXPECT_EQ(six.place("plane")[2], 0);
  }
  At two("tab=explore", fake_model(0, "two-mnist", 0, 1, 2));
  EXPECT_GT(two.place("plane")[2], 0);
  two.act("explore.sliders", "press");
  EXPECT_EQ(two.place("plane")[2], 0);
  EXPECT_EQ(two.value("explore"), "sliders");
}

TEST(UiViews, the_plane_is_dragged_zoomed_and_pressed) {
  At stage("tab=explore&explore=plane&axes=1,3&selected=0");
  const std::vector<float> at = stage.place("plane");
  ASSERT_GT(at[2], 400);
  const float x = at[0] + 300, y = at[1] + 200;
  stage.move(x, y);
  stage.tick();
  EXPECT_TRUE(stage.app->wants_wheel());
  EXPECT_TRUE(stage.app->wants_drag(x, y));
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  stage.tick();
  stage.move(x + 60, y);
  stage.tick();
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  stage.settle();
  const View dragged = stage.app->state().plane;
  EXPECT_LT(dragged.x, 0) << "what lay on the left comes into sight";
  EXPECT_EQ(dragged.y, 0);
  EXPECT_TRUE(stage.app->state().latent.empty()) << "a drag is no press";
  ImGui::GetIO().AddMouseWheelEvent(0, 4);
  stage.settle();
  EXPECT_NEAR(stage.app->state().plane.scale, dragged.scale / 2, 1e-4);
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  stage.tick();
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  stage.settle();
  const std::vector<float>& latent = stage.app->state().latent;
  ASSERT_EQ(latent.size(), 6u);
  EXPECT_EQ(latent[0], 0.5f);
  EXPECT_NE(latent[1], 0.5f);
  EXPECT_NE(latent[3], 0.5f);
}

TEST(UiViews, a_walk_moves_by_itself_until_it_is_stopped) {
  At stage("tab=explore&selected=2");
  ASSERT_TRUE(stage.app->act("walk", "press"));
  stage.settle();
  const std::vector<float> first = stage.app->state().latent;
  stage.tick(5);
  EXPECT_NE(stage.app->state().latent, first);
  EXPECT_TRUE(stage.app->wants_redraw());
  ASSERT_TRUE(stage.app->act("walk", "press"));
  stage.settle();
  EXPECT_FALSE(stage.app->wants_redraw());
}

TEST(UiViews, with_reduced_motion_a_walk_goes_in_single_steps) {
  At stage("tab=explore&selected=2");
  stage.input.reduced_motion = true;
  stage.tick(2);
  ASSERT_TRUE(stage.app->act("walk", "press"));
  stage.settle();
  ASSERT_TRUE(stage.app->act("walk", "press"));
  stage.settle();
  EXPECT_FALSE(stage.app->state().latent.empty());
  EXPECT_FALSE(stage.app->wants_redraw());
}

TEST(UiViews, a_sum_is_a_minus_b_plus_c) {
  At stage("tab=explore&explore=sum&picks=1.0~z1,1,1,1,1,1_1.0~z2,0,2,0,2,0_1.0~z5,5,5,5,5,5");
  const Request* sum = nullptr;
  for (const Request& request : stage.session.asked) {
    if (request.latents.size() == 6 && request.latents[0] == 4) sum = &request;
  }
  ASSERT_NE(sum, nullptr);
  EXPECT_EQ(sum->latents[1], 6.0f);
  EXPECT_TRUE(stage.act("sum.take", "press"));
  EXPECT_EQ(stage.app->state().latent[0], 4.0f);
}

TEST(UiViews, samples_are_kept_and_dropped) {
  At stage("tab=sample&selected=5&temperature=0.5");
  EXPECT_TRUE(stage.act("pick.keep", "press"));
  ASSERT_EQ(stage.app->state().picks.size(), 1u);
  EXPECT_EQ(to_text(stage.app->state()), "temperature=0.5&selected=5&picks=7.5~t0.5");
  stage.act("seed.reroll", "press");
  EXPECT_EQ(stage.app->state().picks.size(), 1u);
  EXPECT_EQ(stage.app->state().picks[0].seed, 7u) << "what is kept stays";
  EXPECT_TRUE(stage.act("pick.1", "press"));
  EXPECT_EQ(stage.app->state().latent.size(), 6u) << "and becomes the latent vector in hand";
  EXPECT_TRUE(stage.act("pick.clear", "press"));
  EXPECT_TRUE(stage.app->state().picks.empty());
}

TEST(UiViews, a_morph_goes_through_its_samples_on_the_sphere_or_on_the_line) {
  const std::string picks = "picks=1.0~z1,0,0,0,0,0_1.0~z0,1,0,0,0,0_1.0~z0,0,1,0,0,0";
  for (const bool straight : {false, true}) {
    At stage("tab=morph&" + picks + (straight ? "&path=line" : ""));
    const Request* way = stage.session.last(Task::sample, 49);
    ASSERT_NE(way, nullptr);
    EXPECT_EQ(way->count, 49u);
    double length = 0;
    for (std::size_t i = 0; i < 6; ++i) {
      const double value =
          static_cast<double>(way->latents[12 * 6 + i]);  // half way from the first to the second
      length += value * value;
    }
    EXPECT_NEAR(std::sqrt(length), straight ? std::sqrt(0.5) : 1, 1e-4);
    EXPECT_NEAR(way->latents[24 * 6 + 1], 1, 1e-5) << "the second sample itself";
  }
}

TEST(UiViews, a_morph_begins_with_two_samples_of_the_seed_and_its_ends_are_chosen) {
  At stage("tab=morph&count=16");
  EXPECT_EQ(stage.session.last(Task::sample, 25)->count, 25u) << "from the first to the second";
  const auto picks = [&] { return stage.value("picks"); };
  ASSERT_TRUE(stage.act("morph.from", "press"));
  EXPECT_GT(stage.place("grid")[2], 0) << "the samples are there to choose from";
  const std::vector<float> grid = stage.app->grid_layout;
  stage.move(grid[0] + 2.5f * (grid[4] + grid[6]), grid[1] + 0.5f * (grid[5] + grid[6]));
  stage.tick();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  stage.tick();
  stage.release();
  stage.settle();
  EXPECT_EQ(picks(), "7.2_7.1");
  EXPECT_EQ(stage.place("grid")[2], 0) << "and the morph is back";
  // By name, as keys and a mirror do it.
  ASSERT_TRUE(stage.act("morph.to", "press"));
  EXPECT_FALSE(stage.app->act("morph.take", "press")) << "nothing is selected";
  ASSERT_TRUE(stage.act("grid", "set", "6"));
  ASSERT_TRUE(stage.act("morph.take", "press"));
  EXPECT_EQ(picks(), "7.2_7.5");
  // A kept sample changes its place.
  ASSERT_TRUE(stage.act("morph.from", "press"));
  ASSERT_TRUE(stage.act("pick.2", "press"));
  EXPECT_EQ(picks(), "7.5_7.2");
  // A second press, or Escape, leaves it as it was.
  for (const bool escape : {false, true}) {
    ASSERT_TRUE(stage.act("morph.to", "press"));
    if (escape) {
      ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, true);
      stage.tick();
      ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, false);
      stage.settle();
    } else {
      ASSERT_TRUE(stage.act("morph.to", "press"));
    }
    EXPECT_EQ(stage.place("grid")[2], 0);
    EXPECT_EQ(picks(), "7.5_7.2");
  }
}

TEST(UiViews, a_morph_plays_is_scrubbed_and_saved) {
  At stage("tab=morph");
  std::vector<std::uint8_t> saved;
  std::string mime;
  stage.app->actions.save = [&](const std::string&, const std::string& type,
                                const std::vector<std::uint8_t>& bytes) {
    saved = bytes;
    mime = type;
  };
  stage.tick(2);
  ASSERT_TRUE(stage.app->act("morph.play", "press"));
  stage.tick(10);
  EXPECT_GT(stage.app->state().along, 0.0f);
  EXPECT_TRUE(stage.app->wants_redraw());
  ASSERT_TRUE(stage.app->act("morph.along", "set", "0.5"));
  stage.settle();
  EXPECT_FALSE(stage.app->wants_redraw()) << "taking hold of it stops it";
  EXPECT_EQ(stage.app->state().along, 0.5f);
  ASSERT_TRUE(stage.app->act("morph.gif", "press"));
  stage.tick(2);
  EXPECT_EQ(mime, "image/gif");
  EXPECT_GT(saved.size(), 1000u);
}

TEST(UiViews, models_are_compared_on_one_seed_at_one_fraction_of_training) {
  Stage stage;
  stage.session.add(able(0, "one"));
  stage.session.add(able(1, "two"));
  stage.session.add(able(2, "three"));
  stage.app->set_state("tab=compare&compare=one,three&seed=5&time=0.01");
  stage.settle();
  std::set<std::uint32_t> models;
  for (const Request& request : stage.session.asked) {
    if (request.count != 64 || request.moment == kLastMoment) continue;
    EXPECT_EQ(request.seed, 5u);
    EXPECT_EQ(request.moment, 1u) << "iterations 0, 100, 200 of 12345; the hundredth part is iteration 123";
    models.insert(request.model);
  }
  EXPECT_EQ(models, (std::set<std::uint32_t>{0, 2}));
  stage.app->act("compare.two", "press");
  stage.settle();
  EXPECT_EQ(stage.app->state().compared, (std::vector<std::string>{"one", "three", "two"}));
  stage.app->act("compare.time", "set", "99");
  stage.settle();
  EXPECT_EQ(stage.app->state().time, 1.0f);
}

TEST(UiViews, a_comparison_plays_training_and_holds_four_models) {
  Stage stage;
  for (std::uint32_t i = 0; i < 5; ++i) stage.session.add(able(i, "able-" + std::to_string(i)));
  stage.app->set_state("tab=compare&compare=able-0,able-1,able-2,able-3");
  stage.settle();
  EXPECT_FALSE(stage.app->act("compare.able-4", "press")) << "a fifth one would have to drive another out";
  ASSERT_TRUE(stage.app->act("compare.play", "press"));
  stage.tick(2);
  EXPECT_EQ(stage.app->state().time, 0.0f) << "from the end it begins anew";
  for (int i = 0; i < 300 && stage.app->scratch.comparing; ++i) stage.tick();
  EXPECT_FALSE(stage.app->scratch.comparing);
  EXPECT_EQ(stage.app->state().time, 1.0f);
  stage.settle();
  EXPECT_FALSE(stage.app->wants_redraw());
  // The chart is scrubbed.
  stage.press("compare.plot.1", 0.5f);
  stage.tick(2);
  const float half = stage.app->state().time;
  stage.release();
  EXPECT_GT(half, 0.0f);
  EXPECT_LT(half, 0.2f) << "the curve ends at iteration 1000 of 12345";
}

TEST(UiViews, a_drawing_is_encoded_decoded_translated_classified_and_judged) {
  At stage("tab=draw");
  EXPECT_EQ(stage.session.last(Task::encode), nullptr) << "nothing is drawn yet";
  const std::vector<float> at = stage.place("draw.canvas");
  ASSERT_GT(at[2], 200);
  EXPECT_TRUE(stage.app->wants_drag(at[0] + 5, at[1] + 5));
  stage.move(at[0] + at[2] * 0.3f, at[1] + at[3] / 2);
  stage.tick();
  ImGui::GetIO().AddMouseButtonEvent(0, true);
  stage.tick();
  stage.move(at[0] + at[2] * 0.7f, at[1] + at[3] / 2);
  stage.settle();
  ImGui::GetIO().AddMouseButtonEvent(0, false);
  stage.settle();
  ASSERT_FALSE(stage.app->state().drawing.empty());
  const Request* encode = stage.session.last(Task::encode);
  ASSERT_NE(encode, nullptr);
  EXPECT_EQ(encode->pictures.size(), 16u) << "in the model's size";
  const Request* decode = nullptr;
  for (const Request& request : stage.session.asked) {
    if (request.task == Task::sample && request.latents == std::vector<float>(6, 0.25f)) decode = &request;
  }
  EXPECT_NE(decode, nullptr) << "the code that the encoder gave";
  ASSERT_NE(stage.session.last(Task::translate), nullptr);
  EXPECT_EQ(stage.session.last(Task::translate)->direction, 1u) << "there, and back";
  EXPECT_NE(stage.session.last(Task::classify), nullptr);
  EXPECT_NE(stage.session.last(Task::discriminate), nullptr);
  EXPECT_NE(stage.app->mirror().find("Looks like 3"), std::string::npos);
  EXPECT_TRUE(stage.act("code.2", "set", "1.5"));
  EXPECT_EQ(stage.app->state().code[2], 1.5f);
  EXPECT_TRUE(stage.act("code.reset", "press"));
  EXPECT_TRUE(stage.act("draw.clear", "press"));
  EXPECT_TRUE(stage.app->state().drawing.empty());
  EXPECT_TRUE(stage.app->act("draw.canvas", "stroke", "4,4,20,20"));
  stage.settle();
  EXPECT_EQ(stage.app->state().drawing[12 * kDrawingSide + 12], kDrawingLevels);
  EXPECT_TRUE(stage.act("draw.example", "press"));
  EXPECT_EQ(stage.app->state().drawing[14 * kDrawingSide + 14], (200 * 15 + 127) / 255);
}

TEST(UiViews, the_wheel_scrolls_the_answers_to_a_drawing) {
  At stage("tab=draw&" + filled());
  stage.input.size = {1280, 420};
  stage.settle();
  const std::vector<float> canvas = stage.place("draw.canvas");
  stage.move(canvas[0] + canvas[2] + 100, canvas[1] + 100);
  stage.tick(3);
  EXPECT_TRUE(stage.app->wants_wheel());
}

TEST(UiViews, a_real_example_in_colour_stands_in_place_of_a_drawing) {
  session::ModelInfo model = able(0, "colour-cifar10");
  own_header(model).image.channels = 3;
  format::Strip& real = own_header(model).strips[0];
  real.count = 5;
  real.pixels.clear();
  for (int i = 0; i < 5 * 3 * 16; ++i) real.pixels.push_back(static_cast<std::uint8_t>(51 * (i / 48)));
  At stage("tab=draw", model);
  ASSERT_NE(stage.session.last(Task::encode), nullptr) << "the first one, unasked";
  EXPECT_EQ(stage.session.last(Task::encode)->pictures, std::vector<float>(48, 0.0f));
  EXPECT_TRUE(stage.act("draw.example", "press"));
  EXPECT_EQ(stage.app->state().example, 2u);
  EXPECT_EQ(stage.session.last(Task::encode)->pictures, std::vector<float>(48, 0.2f));
  stage.app->set_state("tab=draw&example=99");  // of a longer strip
  stage.settle();
  EXPECT_EQ(stage.session.last(Task::encode)->pictures, std::vector<float>(48, 0.6f)) << "98 modulo 5 is 3";
  EXPECT_TRUE(stage.app->act("draw.canvas", "stroke", "4,4,20,20"));
  stage.settle();
  EXPECT_FALSE(stage.app->state().drawing.empty()) << "drawn over, in grey";
}

TEST(UiViews, a_morph_goes_over_from_class_to_class_by_degrees) {
  At stage("tab=morph&picks=7.0~c0_7.1~c1_7.2~c2", fake_model(0, "classes-mnist", 10));
  const Request* way = nullptr;
  for (const Request& request : stage.session.asked) {
    if (!request.label_weights.empty()) way = &request;
  }
  ASSERT_NE(way, nullptr);
  EXPECT_TRUE(way->labels.empty());
  ASSERT_EQ(way->label_weights.size(), std::size_t{way->count} * 10);
  // 24 pictures from one sample to the next.
  const auto weight = [&](std::size_t picture, std::size_t label) {
    return way->label_weights[picture * 10 + label];
  };
  EXPECT_EQ(weight(0, 0), 1.0f);
  EXPECT_EQ(weight(6, 0), 0.75f);
  EXPECT_EQ(weight(6, 1), 0.25f);
  EXPECT_EQ(weight(24, 1), 1.0f);
  EXPECT_EQ(weight(36, 1) + weight(36, 2), 1.0f);
}

TEST(UiViews, the_critic_is_asked_only_after_the_person) {
  At stage("tab=critic");
  EXPECT_EQ(stage.session.last(Task::discriminate), nullptr);
  for (int i = 1; i <= 6; ++i) stage.act("critic." + std::to_string(i), "press");
  EXPECT_TRUE(stage.act("critic.reveal", "press"));
  const Request* judged = stage.session.last(Task::discriminate, 12);
  ASSERT_NE(judged, nullptr);
  const std::string mirror = stage.app->mirror();
  int real = 0, made = 0;
  for (std::size_t at = 0; (at = mirror.find(": is real", at)) != std::string::npos; ++at) ++real;
  for (std::size_t at = 0; (at = mirror.find(": is made", at)) != std::string::npos; ++at) ++made;
  EXPECT_EQ(real, 6);
  EXPECT_EQ(made, 6);
  stage.act("critic.next", "press");
  EXPECT_EQ(stage.app->mirror().find(": is real"), std::string::npos);
}

TEST(UiViews, numbers_on_a_line_are_drawn_as_densities_and_curves_as_curves) {
  session::ModelInfo line = able(0, "line");
  line.figure = session::Figure::density;
  own_header(line).image.height = own_header(line).image.width = 1;
  own_header(line).strips[0].pixels.assign(16, 100);
  {
    At density("", line);
    EXPECT_NE(density.session.last(Task::sample, 2048), nullptr);
    EXPECT_NE(density.session.last(Task::discriminate, 161), nullptr) << "D over the line";
    EXPECT_GT(density.place("figure")[2], 400);
    EXPECT_TRUE(density.app->settled());
  }

  session::ModelInfo curves = able(0, "curves");
  curves.figure = session::Figure::curve;
  own_header(curves).image.height = 1;
  own_header(curves).image.width = 15;
  own_header(curves).strips[0].count = 2;
  own_header(curves).strips[0].pixels.assign(30, 0);
  for (std::size_t i = 15; i < 30; ++i) own_header(curves).strips[0].pixels[i] = 255;
  At curve("", curves);
  EXPECT_GT(curve.place("figure")[2], 400);
  EXPECT_NE(curve.app->mirror().find("100 % of the points lie between the bounds"), std::string::npos);
}

TEST(UiViews, a_model_without_a_resolution_is_asked_for_the_part_in_view) {
  At stage("tab=explore&explore=zoom&selected=0&resolution=64&zoom=0.5,-0.25,0.125");
  const Request* part = nullptr;
  for (const Request& request : stage.session.asked) {
    if (request.view.width == 64) part = &request;
  }
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->view.centre_x, 0.5f);
  EXPECT_EQ(part->view.centre_y, -0.25f);
  EXPECT_EQ(part->view.scale, 0.125f);
  EXPECT_TRUE(stage.act("zoom.reset", "press"));
  EXPECT_EQ(stage.app->state().zoom.scale, 0);
}

TEST(UiViews, a_link_a_command_and_a_picture_are_taken_along) {
  At stage("seed=9&count=16&temperature=0.8&moment=1");
  std::string link, command, file;
  stage.app->actions.copy_link = [&](const std::string& state) { link = state; };
  stage.app->actions.copy_text = [&](const std::string& text) { command = text; };
  stage.app->actions.save = [&](const std::string& name, const std::string&,
                                const std::vector<std::uint8_t>& bytes) {
    file = name + " " + std::string(bytes.begin() + 1, bytes.begin() + 4);
  };
  stage.tick(2);
  for (const char* name : {"copy.link", "copy.command", "save.png"}) {
    EXPECT_TRUE(stage.app->act(name, "press")) << name;
    stage.tick();
  }
  EXPECT_EQ(link, "seed=9&count=16&temperature=0.8&moment=1");
  EXPECT_EQ(command,
            "latent-canvas sample --weights able-mnist --seed 9 --count 16 --temperature 0.8 --moment 1");
  EXPECT_EQ(file, "able-mnist-seed9.png PNG");
}

TEST(UiViews, where_the_tab_of_a_link_is_not_offered_the_shown_one_has_all_its_controls) {
  At stage("tab=models");  // of narrow screens
  stage.app->actions.save = [](const std::string&, const std::string&, const std::vector<std::uint8_t>&) {};
  stage.tick(2);
  EXPECT_TRUE(stage.app->act("save.png", "press"));
}

TEST(UiViews, cards_keep_their_place_from_tab_to_tab) {
  At stage("tab=sample");
  const std::vector<float> with_scrollbar = stage.place("model.able-mnist");
  stage.act("tab.critic", "press");
  EXPECT_EQ(stage.place("model.able-mnist"), with_scrollbar);
}

TEST(UiViews, the_command_of_an_edited_picture_holds_its_numbers) {
  At stage("seed=9&count=16&selected=3&z=0.5,-1,0.25,0,0,2");
  std::string command;
  stage.app->actions.copy_text = [&](const std::string& text) { command = text; };
  stage.tick();
  EXPECT_TRUE(stage.app->act("copy.command", "press"));
  stage.tick();
  EXPECT_EQ(command,
            "latent-canvas sample --weights able-mnist --seed 9 --count 16 --edit 3=0.5,-1,0.25,0,0,2");
}

// A model that draws and no more, beside offers of every kind.
struct Offered : At {
  explicit Offered(const std::string& state) : At("", drawing()) {
    app->actions.want_model = [this](const std::string& name) { wanted.push_back(name); };
    const auto offer = [&](const char* name, const char* title, const char* dataset, const char* draws,
                           const char* sees) {
      Offer row;
      row.name = name;
      row.title = title;
      row.dataset = dataset;
      row.can = abilities_of(draws, sees);
      app->offer(row);
    };
    offer("vae-fashion", "VAE, Fashion-MNIST", "fashion-mnist", "pictures", "encode");
    offer("line", "1-D GAN", "gaussian", "figure", "discriminate");
    offer("vae-mnist", "VAE, MNIST", "mnist", "pictures", "encode");
    offer("vae2d-mnist", "VAE, MNIST", "mnist", "pictures", "encode");
    offer("classifier-mnist", "Classifier, MNIST", "mnist", "", "classify");
    app->set_state(state);
    settle();
  }
  static session::ModelInfo drawing() {
    session::ModelInfo model = fake_model(0, "gan-mnist", 0, 4);
    own_header(model).title = "GAN, MNIST";
    return model;
  }
  std::vector<std::string> wanted;
};

TEST(UiViews, a_comparison_begins_with_the_other_kind_of_model_of_that_data) {
  Offered stage("tab=compare");
  EXPECT_EQ(stage.wanted, std::vector<std::string>{"vae-mnist"});
  EXPECT_EQ(stage.place("compare.classifier-mnist")[2], 0) << "it draws nothing that could be compared";
  EXPECT_EQ(stage.place("compare.line")[2], 0);
  EXPECT_GT(stage.place("compare.vae-fashion")[2], 0);
  ASSERT_TRUE(stage.app->add_model("vae-mnist", {1}, false).ok());
  stage.settle();
  EXPECT_TRUE(stage.act("compare.vae2d-mnist", "press"));
  EXPECT_EQ(stage.app->state().compared, (std::vector<std::string>{"gan-mnist", "vae-mnist", "vae2d-mnist"}));
}

TEST(UiViews, the_critic_of_a_model_is_the_same_whatever_else_was_loaded) {
  Offered stage("tab=sample");
  EXPECT_EQ(stage.place("tab.critic")[2], 0) << "this model's file has none, and no row tells of one";
  session::ModelInfo told = able(1, "cgan-mnist");
  own_header(told).networks[0].inputs.push_back({"label", {10}});
  stage.session.add(std::move(told));
  Offer offer;
  offer.name = "dcgan-mnist";
  offer.dataset = "mnist";
  offer.can = abilities_of("pictures", "discriminate");
  stage.app->offer(offer);
  stage.session.add(able(2, "other-mnist"));
  stage.settle();
  EXPECT_EQ(stage.place("tab.critic")[2], 0);
  stage.app->set_state("model=cgan-mnist&tab=critic");
  stage.settle();
  EXPECT_GT(stage.place("tab.critic")[2], 0);
  EXPECT_EQ(stage.wanted.back(), "dcgan-mnist")
      << "its own critic wants a label; the first of the list has none";
  stage.app->offer(offer);  // the host says that it did not come
  stage.settle();
  EXPECT_NE(stage.app->mirror().find("Ask the critic"), std::string::npos) << "another one answers";
}

TEST(UiViews, a_drawing_brings_an_encoder_and_a_classifier_of_its_data_once) {
  Offered stage("tab=draw");
  EXPECT_EQ(stage.wanted, (std::vector<std::string>{"vae-mnist", "classifier-mnist"}));
  Offer failed;
  failed.name = "vae-mnist";
  failed.dataset = "mnist";
  failed.can = abilities_of("pictures", "encode");
  stage.app->offer(failed);
  stage.tick(3);
  EXPECT_EQ(stage.wanted.size(), 2u) << "what did not come is not asked for by itself";
  EXPECT_TRUE(stage.act("draw.ask.vae-mnist", "press"));
  EXPECT_EQ(stage.wanted.size(), 3u) << "but by a person";
}

TEST(UiViews, a_thumbnail_stands_on_a_card_until_the_model_comes) {
  Offered stage("tab=sample");
  const int before = stage.sink.uploads;
  stage.app->set_thumbnail("vae-mnist", std::vector<std::uint8_t>(16, 9), 1, 4, 4);
  stage.tick(2);
  EXPECT_EQ(stage.sink.uploads, before + 1);
  stage.app->set_thumbnail("vae2d-mnist", std::vector<std::uint8_t>(15, 9), 1, 4, 4);
  EXPECT_EQ(stage.app->thumbnail("vae2d-mnist"), nullptr) << "bytes that make no picture";
}

TEST(UiViews, signs_are_spoken_as_words_and_codes_have_their_own_names) {
  At stage("tab=sample");
  stage.app->actions.save = [](const std::string&, const std::string&, const std::vector<std::uint8_t>&) {};
  stage.tick();
  const std::string mirror = stage.app->mirror();
  for (const char* words : {"Seed up by one", "Seed down by one", "\"Help\"", "PNG enlarged 4 times"})
    EXPECT_NE(mirror.find(words), std::string::npos) << words;
  format::Header header;
  format::PriorPart noise, code;
  noise.name = "z";
  noise.size = 3;
  code.name = "code";
  code.kind = format::PriorKind::uniform;
  code.size = 2;
  header.prior = {noise, code};
  EXPECT_EQ(latent_name(header, 2), "z3");
  EXPECT_EQ(latent_name(header, 4), "code 2");
}

TEST(UiViews, two_fingers_magnify_the_plane_and_nothing_else) {
  At stage("tab=explore&explore=plane");
  const std::vector<float> at = stage.place("plane");
  EXPECT_TRUE(stage.app->wants_zoom(at[0] + 5, at[1] + 5));
  EXPECT_FALSE(stage.app->wants_zoom(at[0] - 40, at[1] + 5));
  stage.app->set_state("tab=draw");
  stage.settle();
  const std::vector<float> canvas = stage.place("draw.canvas");
  EXPECT_TRUE(stage.app->wants_drag(canvas[0] + 5, canvas[1] + 5));
  EXPECT_FALSE(stage.app->wants_zoom(canvas[0] + 5, canvas[1] + 5));
}

TEST(UiViews, the_question_mark_opens_the_help_with_the_keys) {
  At stage("tab=explore&selected=0");
  ImGui::GetIO().AddInputCharacter('?');
  stage.tick(2);
  EXPECT_TRUE(stage.app->state().help);
  EXPECT_NE(stage.app->mirror().find("What is the latent space?"), std::string::npos);
  EXPECT_TRUE(stage.act("help.close", "press"));
  EXPECT_FALSE(stage.app->state().help);
}

TEST(UiViews, escape_closes_the_help_before_it_lets_the_selection_go) {
  At stage("tab=sample&selected=2&help=1");
  const auto escape = [&] {
    ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, true);
    stage.tick();
    ImGui::GetIO().AddKeyEvent(ImGuiKey_Escape, false);
    stage.tick();
  };
  EXPECT_TRUE(stage.app->wants_key(ImGuiKey_Escape));
  escape();
  EXPECT_FALSE(stage.app->state().help);
  EXPECT_EQ(stage.app->state().selected, 2);
  escape();
  EXPECT_EQ(stage.app->state().selected, -1);
}

TEST(UiViews, about_begins_with_words_and_keeps_its_figures_folded) {
  At stage("tab=about");
  EXPECT_NE(stage.app->mirror().find("heading.VAE, MNIST"), std::string::npos);
  EXPECT_EQ(stage.app->mirror().find("heading.Measured"), std::string::npos);
  EXPECT_TRUE(stage.act("about.details", "press"));
  EXPECT_NE(stage.app->mirror().find("heading.Measured"), std::string::npos);
  EXPECT_NE(stage.app->mirror().find("heading.Training options"), std::string::npos);
}

TEST(UiViews, lines_break_at_spaces_and_never_within_a_number) {
  At stage("tab=about");
  EXPECT_EQ(broken("to even classes; 0.001787 for all", Font::small, 90).find("0.\n"), std::string::npos);
  EXPECT_EQ(broken("a b", Font::small, 1), "a\nb");
  EXPECT_EQ(broken("a\nb", Font::small, 100), "a\nb");
}

TEST(UiViews, a_model_without_any_capability_says_what_it_is_good_for) {
  session::ModelInfo plain = fake_model(0, "plain");
  plain.can_sample = false;
  At stage("", plain);
  EXPECT_TRUE(stage.session.asked.empty());
  EXPECT_TRUE(stage.app->settled());
  EXPECT_EQ(stage.place("tab.explore")[2], 0);
  EXPECT_EQ(stage.place("tab.draw")[2], 0);
  EXPECT_NE(stage.app->mirror().find("draws nothing by itself"), std::string::npos);
}

TEST(UiViews, one_hot_parts_are_buttons_and_uniform_ones_keep_their_range) {
  session::ModelInfo codes = able(0, "codes");
  format::PriorPart category, code;
  category.name = "category";
  category.kind = format::PriorKind::categorical;
  category.size = 4;
  code.name = "code";
  code.kind = format::PriorKind::uniform;
  code.size = 2;
  own_header(codes).prior = {category, code};
  At stage("tab=explore&selected=0", codes);
  EXPECT_TRUE(stage.act("latent.2", "press"));
  EXPECT_EQ((std::vector<float>(stage.app->state().latent.begin(), stage.app->state().latent.begin() + 4)),
            (std::vector<float>{0, 0, 1, 0}));
  EXPECT_TRUE(stage.act("latent.4", "set", "9"));
  EXPECT_EQ(stage.app->state().latent[4], 1.0f);
}

// One feature, of mean 0.25 and deviation 0.5 in the test pictures.
session::ModelInfo feature_network(std::uint32_t number) {
  session::ModelInfo model = fake_model(number, "classifier-mnist");
  model.can_sample = false;
  model.can_classify = true;
  model.latent_size = 0;
  own_header(model).prior.clear();
  own_header(model).metrics = {{"frechet_floor", 0.125, ""}};
  model.features = {0.25f, 0.5f};
  return model;
}

std::string told(const At& stage) {
  const std::string mirror = stage.app->mirror();
  const std::size_t at = mirror.find("\"name\":\"measure.result\"");
  return at == std::string::npos ? "" : mirror.substr(at, mirror.find('}', at) - at);
}

TEST(UiViews, measuring_shows_classes_entropy_the_asked_class_and_the_distance_of_1000_samples) {
  At stage("tab=sample", fake_model(0, "cvae-mnist", 10, 4));
  EXPECT_FALSE(stage.act("measure", "press")) << "there is no feature network";
  stage.session.add(feature_network(1));
  stage.settle();
  ASSERT_TRUE(stage.act("measure", "press"));
  const Request* made = stage.session.last(Task::sample, 1000);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made->count, 1000u);
  ASSERT_NE(stage.session.last(Task::classify, 1000), nullptr);
  // The fake pictures are grey, i % 256 / 255 each, and so is their feature.
  double sum = 0, squares = 0;
  for (int i = 0; i < 1000; ++i) {
    sum += i % 256 / 255.0;
    squares += (i % 256 / 255.0) * (i % 256 / 255.0);
  }
  const double mean = sum / 1000, deviation = std::sqrt((squares - 1000 * mean * mean) / 999);
  char distance[32];
  std::snprintf(distance, sizeof distance, "%.3g",
                (mean - 0.25) * (mean - 0.25) + (deviation - 0.5) * (deviation - 0.5));
  const std::string words = told(stage);
  EXPECT_NE(words.find("2: 0, 3: 1000, 4: 0"), std::string::npos) << words;
  EXPECT_NE(words.find("Class entropy: 0.00 of 2.30 nats"), std::string::npos) << words;
  EXPECT_NE(words.find("Asked class drawn: 10.0 %"), std::string::npos) << words;
  EXPECT_NE(words.find(std::string("distance: ") + distance), std::string::npos) << words << distance;
  EXPECT_NE(words.find("of real pictures: 0.125"), std::string::npos) << words;
}

TEST(UiViews, measuring_follows_the_state_and_rests_in_between) {
  At stage("tab=sample", fake_model(0, "cvae-mnist", 10, 4));
  stage.session.add(feature_network(1));
  stage.settle();
  ASSERT_TRUE(stage.act("measure", "press"));
  const std::size_t asked = stage.session.asked.size();
  stage.tick(10);
  EXPECT_EQ(stage.session.asked.size(), asked);
  EXPECT_FALSE(stage.app->wants_redraw());
  stage.app->state().label = 3;
  stage.settle();
  EXPECT_NE(told(stage).find("Asked class drawn: 100.0 %"), std::string::npos) << told(stage);
  stage.app->state().moment = 1;
  stage.settle();
  EXPECT_EQ(stage.session.last(Task::sample, 1000)->moment, 1u);
  EXPECT_TRUE(stage.app->settled());
  ASSERT_TRUE(stage.act("measure", "press"));
  EXPECT_EQ(told(stage), "");
}

TEST(UiViews, a_card_tells_what_its_model_may_be_chosen_by) {
  At stage("tab=sample", able(0, "able-mnist"));
  Offer offer;
  offer.name = "acgan-mnist";
  offer.title = "AC-GAN, MNIST";
  offer.metrics = {
      {"conditional_accuracy", 0.962, ""}, {"sharpness", 3, ""}, {"frechet_distance", 1.0123, ""}};
  stage.app->offer(offer);
  stage.settle();
  const std::string mirror = stage.app->mirror();
  EXPECT_NE(mirror.find("AC-GAN, MNIST, Fr\xc3\xa9"
                        "chet 1.01, asked class 96.2 %\""),
            std::string::npos)
      << mirror;
}

TEST(UiViews, a_card_has_room_for_a_long_title_its_data_and_its_figure) {
  const auto height_beside = [](const char* dataset) {
    At stage("tab=sample", able(0, "able-mnist"));
    for (int i = 0; i < 9; ++i) {
      Offer offer;
      offer.name = "offer-" + std::to_string(i);
      offer.title = "Conditional generator, " + (i == 0 ? std::string(dataset) : "MNIST");
      offer.metrics = {{"frechet_distance", 1, ""}};
      stage.app->offer(offer);
    }
    stage.settle();
    return stage.place("model.offer-1")[3];
  };
  const float captioned = height_beside("MNIST"), each_its_own = height_beside("Fashion-MNIST");
  std::printf("%g and %g high\n", static_cast<double>(captioned), static_cast<double>(each_its_own));
  EXPECT_GE(captioned, 3 * 15 + 16);
  EXPECT_GE(each_its_own, 4 * 15 + 16);
}

TEST(UiViews, models_of_one_title_are_told_apart_by_the_size_of_their_latent_vectors) {
  At stage("tab=compare", able(0, "able-mnist"));
  const auto offer = [&](const char* name, std::uint32_t latent_size) {
    Offer row;
    row.name = name;
    row.title = "VAE, MNIST";
    row.dataset = "mnist";
    row.can = abilities_of("pictures", "encode");
    row.latent_size = latent_size;
    stage.app->offer(row);
  };
  offer("vae-mnist", 40);
  stage.settle();
  EXPECT_EQ(stage.app->title(*stage.app->model_named("able-mnist")), "VAE, 6 numbers, MNIST");
  EXPECT_NE(stage.app->mirror().find("\"VAE, 40 numbers\""), std::string::npos) << stage.app->mirror();
  offer("vae40-mnist", 40);
  stage.settle();
  EXPECT_NE(stage.app->mirror().find("\"VAE (vae40-mnist)\""), std::string::npos) << stage.app->mirror();
}

TEST(UiViews, the_folded_list_keeps_its_first_cards_and_adds_the_chosen_one) {
  At stage("tab=sample", able(0, "able-0"));
  for (std::uint32_t i = 1; i < 9; ++i) stage.session.add(able(i, "able-" + std::to_string(i)));
  stage.settle();
  const std::vector<float> third = stage.place("model.able-2");
  EXPECT_EQ(stage.place("model.able-7")[2], 0);
  stage.app->choose("able-7");
  stage.settle();
  EXPECT_EQ(stage.place("model.able-2"), third);
  EXPECT_GT(stage.place("model.able-7")[1], third[1]);
  EXPECT_TRUE(stage.act("models.all", "press"));
  EXPECT_TRUE(stage.act("model.able-5", "press"));
  EXPECT_TRUE(stage.app->scratch.all_models) << "a choice folds nothing";
}

TEST(UiViews, measuring_fetches_the_feature_network_and_gives_up_when_it_does_not_come) {
  At stage("tab=sample");
  std::vector<std::string> wanted;
  stage.app->actions.want_model = [&](const std::string& name) { wanted.push_back(name); };
  Offer offer;
  offer.name = "classifier-mnist";
  offer.dataset = "mnist";
  offer.measures = true;
  stage.app->offer(offer);
  stage.settle();
  ASSERT_TRUE(stage.act("measure", "press"));
  stage.tick(5);
  EXPECT_EQ(wanted, (std::vector<std::string>{"classifier-mnist"}));
  EXPECT_FALSE(stage.app->settled());
  stage.app->offer(offer);  // the host says that it did not come
  stage.tick(5);
  EXPECT_EQ(wanted.size(), 1u);
  EXPECT_FALSE(stage.app->scratch.measuring);
  ASSERT_TRUE(stage.act("measure", "press"));
  EXPECT_EQ(wanted.size(), 2u);
}

TEST(UiViews, measuring_looks_at_the_middle_of_pictures_that_are_larger_than_the_data) {
  session::ModelInfo large = fake_model(0, "progan-mnist");
  own_header(large).image.height = own_header(large).image.width = 8;
  for (format::Strip& strip : own_header(large).strips) strip.pixels.resize(64u * strip.count);
  At stage("tab=sample", large);
  stage.session.add(feature_network(1));
  stage.settle();
  ASSERT_TRUE(stage.act("measure", "press"));
  const Request* seen = stage.session.last(Task::classify, 1000);
  ASSERT_NE(seen, nullptr);
  EXPECT_EQ(seen->pictures.size(), 1000u * 16);
}

}  // namespace
}  // namespace lc::ui

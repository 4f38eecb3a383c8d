// Whole frames of the interface without a screen: what it asks for, when, and that nothing happens when
// nothing changes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "shared/ui/catalogue.h"
#include "tests/unit/ui_fake.h"

namespace lc::ui {
namespace {

// A stage with one model whose first pictures have arrived.
struct Settled : Stage {
  explicit Settled(session::ModelInfo model = fake_model(0, "vae-mnist")) {
    session.add(std::move(model));
    tick();
    session.answer(0);
    tick(2);
  }
};

TEST(UiFrames, the_first_frame_asks_for_the_grid_and_no_later_one_asks_again) {
  Stage stage;
  stage.session.add(fake_model(0, "vae-mnist"));
  stage.tick(10);
  ASSERT_EQ(stage.session.asked.size(), 1u);
  EXPECT_EQ(stage.session.asked[0].count, 64u);
  EXPECT_EQ(stage.session.asked[0].seed, 7u);
  stage.session.answer(0);
  stage.tick(10);
  EXPECT_EQ(stage.session.asked.size(), 1u);
  EXPECT_TRUE(stage.app->settled());
  EXPECT_FALSE(stage.app->wants_redraw());
}

TEST(UiFrames, the_answer_becomes_one_texture_that_is_uploaded_once) {
  Settled stage;
  stage.tick(10);
  const Picture* grid = nullptr;
  for (const auto& [id, picture] : stage.sink.pictures) {
    if (picture.width == 32 && picture.height == 32) grid = &picture;
  }
  ASSERT_NE(grid, nullptr) << "64 pictures of 4 x 4 lie in one of 32 x 32";
  // Picture 9 is the second of the second row.
  EXPECT_EQ(grid->rgba[4 * (4 * 32 + 4)], 9);
  const int uploads = stage.sink.uploads;
  stage.tick(10);
  EXPECT_EQ(stage.sink.uploads, uploads);
}

TEST(UiFrames, textures_are_uploaded_again_after_a_loss) {
  Settled stage;
  const int uploads = stage.sink.uploads;
  stage.sink.pictures.clear();
  ++stage.sink.losses;
  stage.tick();
  EXPECT_EQ(stage.sink.uploads, 2 * uploads);
}

TEST(UiFrames, the_seed_button_asks_for_another_seed) {
  Settled stage;
  stage.click("seed.reroll");
  ASSERT_EQ(stage.session.asked.size(), 2u);
  EXPECT_NE(stage.session.asked[1].seed, 7u);
  EXPECT_EQ(stage.session.asked[1].channel, stage.session.asked[0].channel);
}

TEST(UiFrames, keys_that_come_faster_than_frames_are_all_taken) {
  Settled stage;
  stage.tick(5);
  ASSERT_FALSE(stage.app->wants_redraw());
  ImGuiIO& io = ImGui::GetIO();
  for (int i = 0; i < 4; ++i) {
    io.AddKeyEvent(ImGuiKey_X, true);
    io.AddKeyEvent(ImGuiKey_X, false);
  }
  io.AddKeyEvent(ImGuiKey_R, true);
  stage.tick();
  int frames = 0;
  for (; stage.app->wants_redraw() && frames < 20; ++frames) stage.tick();
  EXPECT_LT(frames, 20) << "the queue never ends";
  EXPECT_EQ(stage.session.asked.size(), 2u) << "R was not seen";
}

TEST(UiFrames, the_field_of_the_seed_takes_digits_and_nothing_else) {
  Settled stage;
  stage.click("seed");
  stage.tick(2);
  ImGui::GetIO().AddInputCharactersUTF8("-4e 2.x");
  stage.tick(8);
  EXPECT_EQ(stage.app->state().seed, 42u);
}

TEST(UiFrames, a_count_and_a_class_are_asked_for) {
  Settled stage(fake_model(0, "cvae", 10));
  stage.click("count.16");
  ASSERT_EQ(stage.session.asked.size(), 2u);
  EXPECT_EQ(stage.session.asked[1].count, 16u);
  EXPECT_TRUE(stage.session.asked[1].labels.empty());
  stage.click("class.3");
  ASSERT_EQ(stage.session.asked.size(), 3u);
  EXPECT_EQ(stage.session.asked[2].labels, std::vector<std::int32_t>{3});
}

TEST(UiFrames, the_temperature_slider_acts_while_it_is_dragged) {
  Settled stage;
  stage.press("temperature", 0.25f);
  const std::size_t after_press = stage.session.asked.size();
  ASSERT_GT(after_press, 1u);
  const std::vector<float> at = stage.place("temperature");
  stage.move(at[0] + at[2] * 0.75f, at[1] + 2);
  stage.tick();
  ASSERT_GT(stage.session.asked.size(), after_press) << "before the button is let go";
  EXPECT_NEAR(stage.session.asked.back().temperature, 1.5, 0.05);
  stage.release();
}

TEST(UiFrames, a_latent_slider_asks_on_a_channel_of_its_own_while_it_is_dragged) {
  Settled stage;
  stage.app->select(5);
  stage.tick(2);
  ASSERT_EQ(stage.session.asked.size(), 1u) << "taking hold of a picture needs no arithmetic";
  stage.press("latent.2", 0.25f);
  ASSERT_EQ(stage.session.asked.size(), 2u);
  const std::vector<float> at = stage.place("latent.2");
  for (int i = 1; i <= 3; ++i) {
    stage.move(at[0] + at[2] * (0.25f + 0.2f * static_cast<float>(i)), at[1] + 2);
    stage.tick();
  }
  stage.release();
  ASSERT_EQ(stage.session.asked.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) {
    const session::Request& request = stage.session.asked[i];
    EXPECT_NE(request.channel, stage.session.asked[0].channel);
    EXPECT_EQ(request.channel, stage.session.asked[1].channel);
    ASSERT_EQ(request.latents.size(), 6u);
    EXPECT_EQ(request.latents[0], 5.5f) << "the other numbers stay as drawn";
  }
  EXPECT_GT(stage.session.asked[4].latents[2], stage.session.asked[1].latents[2]);
  EXPECT_FALSE(stage.app->settled());
  stage.session.answer(4);
  stage.tick(2);
  EXPECT_TRUE(stage.app->settled());
  EXPECT_TRUE(stage.app->shows_edit());
}

TEST(UiFrames, a_click_on_a_picture_selects_it_and_a_second_one_lets_it_go) {
  Settled stage;
  const std::vector<float> grid = stage.app->grid_layout;
  ASSERT_EQ(grid.size(), 7u);
  // The third of the second row.
  stage.move(grid[0] + 2.5f * (grid[4] + grid[6]), grid[1] + 1.5f * (grid[5] + grid[6]));
  stage.tick();
  const auto expected = static_cast<std::int32_t>(grid[2]) + 2;
  EXPECT_EQ(stage.app->hovered, expected);
  for (const std::int32_t selected : {expected, -1}) {
    ImGui::GetIO().AddMouseButtonEvent(0, true);
    stage.tick();
    stage.release();
    EXPECT_EQ(stage.app->state().selected, selected);
    stage.tick(30);  // longer apart than the presses of a double one
  }
}

TEST(UiFrames, a_double_press_keeps_a_picture_once_and_a_badge_tells) {
  Settled stage;
  const std::vector<float> grid = stage.app->grid_layout;
  stage.move(grid[0] + 2.5f * (grid[4] + grid[6]), grid[1] + 0.5f * (grid[5] + grid[6]));
  stage.tick(30);
  for (int round = 0; round < 2; ++round) {
    for (int press = 0; press < 2; ++press) {
      ImGui::GetIO().AddMouseButtonEvent(0, true);
      stage.tick();
      stage.release();
    }
    EXPECT_EQ(stage.app->state().selected, 2);
    ASSERT_EQ(stage.app->state().picks.size(), 1u);
    EXPECT_EQ(stage.app->state().picks[0].index, 2u);
    EXPECT_EQ(stage.app->mirror().find("Kept for Morph: 1") != std::string::npos, round == 0);
    stage.tick(150);  // until it is no longer told
  }
}

TEST(UiFrames, a_refused_file_shows_its_message_until_it_is_closed) {
  Settled stage;
  EXPECT_FALSE(stage.app->add_model("empty.lcw", {}, true).ok());
  stage.tick(2);
  EXPECT_NE(stage.value("error").find("empty.lcw"), std::string::npos);
  EXPECT_GT(stage.place("error")[3], 0);
  stage.click("error.close");
  EXPECT_EQ(stage.value("error"), "");
  EXPECT_EQ(stage.place("error")[3], 0);
}

TEST(UiFrames, a_failed_request_shows_its_message_and_is_not_repeated) {
  Stage stage;
  stage.session.add(fake_model(0, "vae-mnist"));
  stage.tick();
  session::Frame frame;
  frame.id = stage.session.asked[0].id;
  frame.status = fail(Code::out_of_memory, "64 pictures need more memory than there is: ask for fewer");
  stage.session.answers.push_back(frame);
  stage.tick(5);
  EXPECT_NE(stage.value("error").find("ask for fewer"), std::string::npos);
  EXPECT_EQ(stage.session.asked.size(), 1u);
}

TEST(UiFrames, an_answer_to_an_older_question_never_replaces_a_newer_one) {
  Settled stage;
  stage.app->state().seed = 8;
  stage.tick();
  stage.app->state().seed = 9;
  stage.tick();
  stage.session.answer(2);
  stage.session.answer(1);
  stage.tick();
  EXPECT_EQ(stage.app->grid.question.seed, 9u);
}

TEST(UiFrames, panels_are_offered_by_capability) {
  {
    Settled plain;
    EXPECT_EQ(plain.place("moment")[2], 0);
    EXPECT_EQ(plain.place("class.0")[2], 0);
  }
  Settled rich(fake_model(0, "any-name", 4, 5));
  EXPECT_GT(rich.place("moment")[2], 0);
  EXPECT_GT(rich.place("class.0")[2], 0);
  rich.click("moment", 0.0f);
  EXPECT_EQ(rich.session.asked.back().moment, 0u);
}

TEST(UiFrames, an_offered_model_is_wanted_once_and_chosen_when_it_comes) {
  Settled stage;
  std::vector<std::string> wanted;
  stage.app->actions.want_model = [&](const std::string& name) { wanted.push_back(name); };
  stage.app->offer({"gan-mnist", "GAN, MNIST", "gan", "mnist", 1000, {true}});
  stage.tick(2);
  stage.click("model.gan-mnist");
  stage.click("model.gan-mnist");
  EXPECT_EQ(wanted, std::vector<std::string>{"gan-mnist"});
  EXPECT_EQ(stage.app->chosen()->name, "vae-mnist");
  ASSERT_TRUE(stage.app->add_model("gan-mnist", {1}, false).ok());
  stage.tick();
  EXPECT_EQ(stage.app->chosen()->name, "gan-mnist");
  EXPECT_EQ(stage.session.asked.back().model, 1u);
}

TEST(UiFrames, the_models_are_listed_when_one_comes_and_not_in_every_frame) {
  Settled stage;
  const Listed* first = stage.app->catalogue().data();
  stage.tick();
  EXPECT_EQ(stage.app->catalogue().data(), first);
  stage.app->offer({"gan-mnist", "VAE, MNIST", "gan", "mnist", 1000, {true}});
  stage.tick();
  ASSERT_EQ(stage.app->catalogue().size(), 2u);
  EXPECT_EQ(stage.app->catalogue()[0].model, nullptr);
  ASSERT_TRUE(stage.app->add_model("gan-mnist", {1}, false).ok());
  stage.tick();
  for (const Listed& one : stage.app->catalogue())
    EXPECT_EQ(one.model, stage.app->model_named(one.name)) << one.name;
  EXPECT_EQ(stage.app->title(*stage.app->model_named("gan-mnist")), "VAE (gan-mnist), MNIST");
}

TEST(UiFrames, a_model_that_did_not_come_is_wanted_again_by_a_click_alone) {
  Settled stage;
  std::vector<std::string> wanted;
  stage.app->actions.want_model = [&](const std::string& name) { wanted.push_back(name); };
  const Offer offer = {"gan-mnist", "GAN, MNIST", "gan", "mnist", 1000, {true}};
  stage.app->offer(offer);
  stage.tick(2);
  stage.click("model.gan-mnist");
  stage.app->offer(offer);
  stage.tick(2);
  EXPECT_EQ(wanted.size(), 1u);
  EXPECT_EQ(stage.app->offers().size(), 1u);
  stage.click("model.gan-mnist");
  EXPECT_EQ(wanted.size(), 2u);
}

TEST(UiFrames, a_state_that_names_a_model_still_to_come_waits_for_it) {
  Settled stage;
  std::vector<std::string> wanted;
  stage.app->actions.want_model = [&](const std::string& name) { wanted.push_back(name); };
  stage.app->set_state("model=gan-mnist&seed=5");
  stage.app->offer({"gan-mnist", "GAN, MNIST", "gan", "mnist", 1000, {true}});
  EXPECT_EQ(wanted, std::vector<std::string>{"gan-mnist"});
  ASSERT_TRUE(stage.app->add_model("gan-mnist", {1}, false).ok());
  EXPECT_EQ(to_text(stage.app->state()), "model=gan-mnist&seed=5");
}

TEST(UiFrames, keys_act_only_where_they_mean_something) {
  Settled stage;
  EXPECT_FALSE(stage.app->wants_key(ImGuiKey_Tab));
  EXPECT_FALSE(stage.app->wants_key(ImGuiKey_DownArrow));
  stage.app->select(3);
  stage.tick();
  EXPECT_TRUE(stage.app->wants_key(ImGuiKey_DownArrow));
  ImGui::GetIO().AddKeyEvent(ImGuiKey_RightArrow, true);
  stage.tick();
  ImGui::GetIO().AddKeyEvent(ImGuiKey_RightArrow, false);
  stage.tick();
  EXPECT_EQ(stage.app->state().selected, 4);
}

TEST(UiFrames, the_wheel_is_wanted_only_over_a_panel_that_scrolls) {
  Settled stage(fake_model(0, "vae-mnist", 0, 1, 100));
  stage.app->select(0);
  stage.move(100, 500);
  stage.tick(3);
  EXPECT_TRUE(stage.app->wants_wheel()) << "a hundred sliders do not fit";
  stage.move(800, 300);
  stage.tick(2);
  EXPECT_FALSE(stage.app->wants_wheel()) << "the grid fits";
}

TEST(UiFrames, each_tab_has_a_scroll_position_of_its_own) {
  Settled stage(fake_model(0, "vae-mnist", 0, 1, 100));
  stage.app->select(0);
  stage.settle();
  const float top = stage.place("model.vae-mnist")[1];
  stage.move(100, 500);
  stage.tick();
  ImGui::GetIO().AddMouseWheelEvent(0, -10);
  stage.tick(3);
  EXPECT_EQ(stage.place("model.vae-mnist")[2], 0) << "scrolled out of sight";
  stage.app->state().tab = Tab::explore;
  stage.settle();
  EXPECT_EQ(stage.place("model.vae-mnist")[1], top);
  stage.app->state().tab = Tab::sample;
  stage.settle();
  EXPECT_EQ(stage.place("model.vae-mnist")[2], 0);
}

TEST(UiFrames, every_panel_draws_at_every_size_in_both_themes) {
  int drawn = 0;
  for (const ImVec2 size : {ImVec2{360, 740}, ImVec2{320, 240}, ImVec2{719, 500}, ImVec2{720, 500},
                            ImVec2{1280, 800}, ImVec2{2560, 1440}}) {
    for (const Tab tab : {Tab::models, Tab::sample, Tab::explore, Tab::morph, Tab::compare, Tab::draw,
                          Tab::critic, Tab::about}) {
      for (const bool dark : {true, false}) {
        Settled stage(fake_model(0, "cvae", 10, 6));
        stage.input = {size, size.x > 2000 ? 2.0f : 1.0f, dark, false};
        stage.app->state().tab = tab;
        stage.app->select(1);
        stage.app->show_error(Code::bad_magic, "notes.txt: not a .lcw file");
        stage.tick(3);
        const ImDrawData* data = ImGui::GetDrawData();
        EXPECT_GT(data->TotalVtxCount, 500) << size.x << " x " << size.y;
        ++drawn;
      }
    }
  }
  std::printf("%d combinations drawn\n", drawn);
}

TEST(UiFrames, pictures_have_whole_device_pixels_and_stay_on_the_screen) {
  for (const float dpr : {1.0f, 1.5f, 2.0f, 3.0f}) {
    for (const ImVec2 size : {ImVec2{360, 740}, ImVec2{1280, 800}, ImVec2{2560, 1440}}) {
      Settled stage;
      stage.input = {size, dpr, true, false};
      stage.tick(2);
      const std::vector<float> grid = stage.app->grid_layout;
      ASSERT_EQ(grid.size(), 7u);
      const float scale = grid[4] * dpr / 4;
      EXPECT_NEAR(scale, std::round(scale), 1e-3) << "device pixels of one picture pixel at " << dpr;
      EXPECT_NEAR(grid[0] * dpr, std::round(grid[0] * dpr), 1e-2);
      EXPECT_LE(grid[0] + grid[2] * (grid[4] + grid[6]), size.x);
      std::printf("%gx%g at %g: %g columns of %g px\n", static_cast<double>(size.x),
                  static_cast<double>(size.y), static_cast<double>(dpr), static_cast<double>(grid[2]),
                  static_cast<double>(grid[4]));
    }
  }
}

}  // namespace
}  // namespace lc::ui

// Marks: each control says what it is, and can be operated by name.
#include <gtest/gtest.h>

#include "tests/unit/ui_fake.h"

namespace lc::ui {
namespace {

struct Ready : Stage {
  Ready() {
    session.add(fake_model(0, "cvae", 10, 5));
    tick();
    session.answer(0);
    tick(2);
  }
};

TEST(UiMarks, every_control_has_a_name_a_role_and_a_label_and_no_name_comes_twice) {
  Ready stage;
  const std::string json = stage.app->mirror();
  EXPECT_NE(json.find("\"name\":\"seed.reroll\",\"role\":\"button\",\"label\":\"New seed\""),
            std::string::npos)
      << json;
  EXPECT_NE(json.find("\"role\":\"slider\",\"label\":\"Temperature\",\"text\":\"1.00\",\"group\":\"Sample\""),
            std::string::npos)
      << json;
  EXPECT_EQ(json.find("\"label\":\"\""), std::string::npos) << "a control without a label";
  for (std::size_t at = json.find("{\"name\":\""); at != std::string::npos;) {
    const std::size_t end = json.find('"', at + 9);
    const std::string entry = json.substr(at, end - at + 1);
    at = json.find("{\"name\":\"", end);
    EXPECT_EQ(json.find(entry, end), std::string::npos) << entry << " twice";
  }
}

TEST(UiMarks, a_press_by_name_does_what_a_click_does) {
  Ready stage;
  EXPECT_TRUE(stage.app->act("count.16", "press"));
  EXPECT_TRUE(stage.app->wants_redraw());
  stage.tick(2);
  EXPECT_EQ(stage.session.asked.back().count, 16u);
  EXPECT_TRUE(stage.app->act("class.3", "press"));
  stage.tick();
  EXPECT_EQ(stage.session.asked.back().labels, std::vector<std::int32_t>{3});
  EXPECT_FALSE(stage.app->act("no.such.control", "press"));
  EXPECT_FALSE(stage.app->act("count.16", "eat"));
}

TEST(UiMarks, sliders_and_fields_are_set_by_name_within_their_range) {
  Ready stage;
  EXPECT_TRUE(stage.app->act("temperature", "set", "0.5"));
  EXPECT_TRUE(stage.app->act("seed", "set", "99"));
  EXPECT_TRUE(stage.app->act("grid", "set", "3"));
  stage.tick(3);
  EXPECT_EQ(stage.app->state().temperature, 0.5f);
  EXPECT_EQ(stage.app->state().seed, 99u);
  EXPECT_EQ(stage.app->state().selected, 2) << "pictures count from 1 for people";
  stage.app->act("temperature", "set", "900");
  stage.tick();
  EXPECT_EQ(stage.app->state().temperature, kMaxTemperature);
  stage.app->act("temperature", "set", "warm");
  stage.tick();
  EXPECT_EQ(stage.app->state().temperature, kMaxTemperature) << "what is no number changes nothing";
}

// As a phone does it: a tap on the field, and what its keyboard types comes from outside.
TEST(UiMarks, a_number_that_is_set_beside_a_field_being_edited_stays) {
  Ready stage;
  stage.click("seed");
  stage.tick(2);
  EXPECT_TRUE(ImGui::GetIO().WantTextInput);
  EXPECT_TRUE(stage.app->act("seed", "set", "99"));
  stage.tick(3);
  EXPECT_EQ(stage.app->state().seed, 99u);
}

TEST(UiMarks, what_is_done_before_the_next_frame_is_done_in_the_order_in_which_it_came) {
  Ready stage;
  EXPECT_TRUE(stage.app->act("count.144", "press"));
  EXPECT_TRUE(stage.app->act("count.16", "press"));
  for (const char* seed : {"7", "8", "9"}) EXPECT_TRUE(stage.app->act("seed", "set", seed));
  stage.tick();
  EXPECT_EQ(stage.app->state().count, 144u);
  EXPECT_TRUE(stage.app->wants_redraw());
  EXPECT_FALSE(stage.app->settled());
  stage.tick();
  EXPECT_EQ(stage.app->state().count, 16u);
  stage.tick();
  EXPECT_EQ(stage.app->state().seed, 9u) << "of one field the newest value alone";
}

TEST(UiMarks, a_disabled_control_refuses) {
  Ready stage;
  stage.app->select(1);
  stage.tick();
  EXPECT_FALSE(stage.app->act("latent.reset", "press")) << "nothing to reset yet";
}

TEST(UiMarks, tab_moves_the_focus_and_keys_operate_what_has_it) {
  Ready stage;
  const auto key = [&](ImGuiKey which) {
    ImGui::GetIO().AddKeyEvent(which, true);
    stage.tick();
    ImGui::GetIO().AddKeyEvent(which, false);
    stage.tick();
  };
  key(ImGuiKey_Tab);
  const std::string first = stage.value("focus");
  EXPECT_FALSE(first.empty());
  key(ImGuiKey_Tab);
  EXPECT_NE(stage.value("focus"), first);
  stage.app->act("temperature", "focus");
  stage.tick();
  EXPECT_TRUE(stage.app->wants_key(ImGuiKey_Home));
  key(ImGuiKey_RightArrow);
  EXPECT_NEAR(stage.app->state().temperature, 1.02, 1e-4);
  key(ImGuiKey_Home);
  EXPECT_EQ(stage.app->state().temperature, 0.0f);
  stage.app->act("count.36", "focus");
  stage.tick();
  key(ImGuiKey_Enter);
  EXPECT_EQ(stage.app->state().count, 36u);
  key(ImGuiKey_Escape);
  EXPECT_EQ(stage.value("focus"), "");
}

}  // namespace
}  // namespace lc::ui

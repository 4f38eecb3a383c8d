// The text form of the State.
#include <gtest/gtest.h>

#include "shared/ui/state.h"

namespace lc::ui {
namespace {

TEST(UiState, a_fresh_state_has_no_text) {
  EXPECT_EQ(to_text(State()), "");
}

TEST(UiState, every_field_survives_the_round_trip) {
  State state;
  state.model = "my model & yours/\xc3\xa9";
  state.seed = UINT64_MAX;
  state.count = 256;
  state.temperature = 0.65f;
  state.label = 3;
  state.moment = 4;
  state.selected = 12;
  state.latent = {0.5f, -1.25f, 0};
  state.tab = Tab::explore;
  state.help = true;
  state.picks = {{7, 12, 1, -1, {}}, {UINT64_MAX, 0, 0.5f, 3, {1, -0.5f}}};
  state.explore = Explore::plane;
  state.axes[0] = 4;
  state.axes[1] = 2;
  state.plane = {1.5f, -2, 0.125f};
  state.zoom = {0.25f, 0, 0.5f};
  state.resolution = 1024;
  state.terms[0] = 1;
  state.terms[1] = 0;
  state.straight = true;
  state.along = 0.375f;
  state.compared = {"vae-mnist", "dcgan-mnist"};
  state.time = 0.05f;
  state.drawing.assign(std::size_t{kDrawingSide} * kDrawingSide, 0);
  for (std::size_t i = 0; i < state.drawing.size(); i += 5)
    state.drawing[i] = static_cast<std::uint8_t>(i % 16);
  state.example = 7;
  state.code = {0.5f, 2};
  state.direction = 1;
  State back;
  from_text(to_text(state), back);
  EXPECT_TRUE(back == state) << to_text(state) << " became " << to_text(back);
}

TEST(UiState, nonsense_leaves_the_field_as_it_was) {
  for (const char* text : {"seed=-1",
                           "seed=",
                           "count=many",
                           "temperature=nan",
                           "temperature=1x",
                           "z=1,,2",
                           "z=1;2",
                           "tab=9",
                           "unknown=5",
                           "picks=",
                           "picks=7",
                           "picks=a.b_c",
                           "explore=all",
                           "axes=1",
                           "axes=2,2",
                           "axes=-1,3",
                           "plane=1,2",
                           "plane=1,2,0",
                           "plane=1,2,-3",
                           "zoom=x",
                           "resolution=big",
                           "terms=1,2",
                           "path=circle",
                           "along=half",
                           "compare=",
                           "drawing=",
                           "drawing=a5",
                           "drawing=a9999999999999999999999",
                           "drawing=z784",
                           "drawing=A784",
                           "code=1,,2",
                           "direction=-1",
                           "help=yes",
                           "=",
                           "&&&",
                           "%",
                           "seed",
                           "class=-1",
                           "moment=1e3"}) {
    State state;
    from_text(text, state);
    EXPECT_TRUE(state == State()) << text << " gave " << to_text(state);
  }
}

TEST(UiState, numbers_are_brought_into_range) {
  State state;
  from_text("count=999999999&temperature=50&selected=99999", state);
  EXPECT_EQ(state.count, kMaxShown);
  EXPECT_EQ(state.temperature, kMaxTemperature);
  EXPECT_EQ(state.selected, static_cast<std::int32_t>(kMaxShown - 1));
  from_text("count=0", state);
  EXPECT_EQ(state.count, 1u);
}

TEST(UiState, lists_have_bounds) {
  std::string picks = "picks=1.1", names = "compare=a";
  for (int i = 0; i < 100; ++i) {
    picks += "_2.2";
    names += ",b";
  }
  State state;
  from_text(picks + "&" + names, state);
  EXPECT_EQ(state.picks.size(), kMaxPicks);
  EXPECT_EQ(state.compared.size(), kMaxCompared);
}

TEST(UiState, a_drawing_is_short_text) {
  State state;
  state.drawing.assign(std::size_t{kDrawingSide} * kDrawingSide, 0);
  for (std::size_t i = 300; i < 320; ++i) state.drawing[i] = 15;
  EXPECT_EQ(to_text(state), "drawing=a300p20a464");
}

TEST(UiState, a_latent_list_has_a_bound) {
  std::string text = "z=0";
  for (int i = 0; i < 10000; ++i) text += ",0";
  State state;
  from_text(text, state);
  EXPECT_EQ(state.latent.size(), 4096u);
}

}  // namespace
}  // namespace lc::ui

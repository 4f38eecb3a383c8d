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
  State back;
  from_text(to_text(state), back);
  EXPECT_TRUE(back == state) << to_text(state) << " became " << to_text(back);
}

TEST(UiState, nonsense_leaves_the_field_as_it_was) {
  for (const char* text :
       {"seed=-1", "seed=", "count=many", "temperature=nan", "temperature=1x", "z=1,,2", "z=1;2", "tab=9",
        "unknown=5", "=", "&&&", "%", "seed", "class=-1", "moment=1e3"}) {
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

TEST(UiState, a_latent_list_has_a_bound) {
  std::string text = "z=0";
  for (int i = 0; i < 10000; ++i) text += ",0";
  State state;
  from_text(text, state);
  EXPECT_EQ(state.latent.size(), 4096u);
}

}  // namespace
}  // namespace lc::ui

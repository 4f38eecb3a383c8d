// Short explanations of what one sees, for each view, and the list of keys.
#include <algorithm>

#include "shared/ui/panels.h"
#include "shared/ui/widgets.h"

namespace lc::ui {
namespace {

struct Topic {
  Tab tab;
  bool (*fits)(const session::ModelInfo& model);
  const char* title;
  const char* words;
};
bool any(const session::ModelInfo&) {
  return true;
}
bool is_autoencoder(const session::ModelInfo& model) {
  return model.can_encode;
}
bool is_adversarial(const session::ModelInfo& model) {
  return model.can_discriminate;
}
bool has_timeline(const session::ModelInfo& model) {
  return model.moments > 1;
}

constexpr Topic kTopics[] = {
    {Tab::sample, any, "What is a sample?",
     "The model turns a list of random numbers, its latent vector, into a picture. Another seed gives other "
     "numbers, "
     "and so other pictures; nobody drew any of them."},
    {Tab::sample, any, "Temperature",
     "Smaller random numbers give typical pictures, larger ones rare and odd ones. At 0 all pictures are the "
     "same."},
    {Tab::sample, is_autoencoder, "Why are they a little blurred?",
     "An autoencoder is trained to be right on average. Where it is unsure about a stroke, the average of "
     "all "
     "possibilities is a soft one."},
    {Tab::sample, is_adversarial, "What is mode collapse?",
     "A generator only has to convince its critic. When a few kinds of picture are enough for that, it may "
     "forget the "
     "others: look whether all ten digits are there."},
    {Tab::sample, has_timeline, "Training",
     "Drag the iteration to the left: these are the same random numbers, seen by the model while it still "
     "learned."},
    {Tab::explore, any, "What is the latent space?",
     "Each picture has a place in it, given by its numbers. Neighbours look alike, so that one can walk from "
     "picture "
     "to picture. The sliders that change most stand first."},
    {Tab::explore, any, "Plane and sums",
     "The plane is a map of two directions: drag it, zoom it, press a place. A sum takes what tells a from b "
     "and adds "
     "it to c."},
    {Tab::morph, any, "From and To",
     "Press From or To and then a sample, or press samples twice in Sample to keep them: the way leads "
     "through "
     "them in "
     "the order in which they were kept."},
    {Tab::morph, any, "Morphs",
     "The way between two latent vectors. Random vectors of many numbers all have about the same length, so "
     "that the "
     "way along the sphere stays where the model was trained; the straight line leads through unlikely "
     "places."},
    {Tab::compare, any, "What to look for",
     "The same seed for all. Variational autoencoders cover everything and blur; adversarial ones are sharp "
     "and may "
     "leave things out. Drag the time to see how differently they learn."},
    {Tab::draw, any, "Encode, decode",
     "The encoder sees your drawing and says which numbers fit it best; the decoder draws from these numbers "
     "alone. "
     "What is lost on the way shows in the difference. Move the numbers to change the digit."},
    {Tab::critic, any, "The critic",
     "A discriminator is trained to tell real from made, the generator to deceive it. Both get better at "
     "once, until "
     "the critic can only guess."},
    {Tab::about, any, "Where this comes from",
     "All of this stands in the model's own file: its networks, its data, each option of its training, and "
     "what was "
     "measured afterwards."},
    {Tab::models, any, "Models",
     "Each card is a trained network in a file of its own. Drop a .lcw file of yours here, too."},
};

struct Key {
  const char* keys;
  const char* what;
};
constexpr Key kKeys[] = {
    {"R", "another seed"},
    {"\xe2\x86\x90 \xe2\x86\x92 \xe2\x86\x91 \xe2\x86\x93", "move the selection, or the slider in focus"},
    {"Tab", "next control"},
    {"Enter, Space", "press it"},
    {"Home, End, Page", "far along a slider"},
    {"1 to 7", "the views, in order"},
    {"K, a double press", "keep a sample for Morph"},
    {"P", "play or pause"},
    {"Esc", "let go"},
    {"?", "this help"}};

}  // namespace

void help_button(const Panel& panel) {
  if (chip(panel, "help", "Help", panel.state.help, true, Role::checkbox))
    panel.state.help = !panel.state.help;
}

void help_card(const Panel& panel, Tab tab, ImVec2 at, ImVec2 size) {
  const Theme& theme = panel.theme;
  const float margin = panel.narrow ? kSpace2 : kSpace3;
  const float width = std::min(kHelpWidth, size.x) - 2 * margin;
  const ImVec2 low{at.x + size.x - width - margin, at.y + margin};
  const ImVec2 room{width, size.y - 2 * margin};
  ImGui::SetCursorScreenPos(low);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {kSpace4, kSpace4});
  ImGui::BeginChild("help.card", room, ImGuiChildFlags_AlwaysUseWindowPadding);
  ImGui::PopStyleVar();
  // In the card's own list: a child's background would lie under what stands before it.
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->PushClipRect(low, {low.x + room.x, low.y + room.y});
  list->AddRectFilled(low, {low.x + room.x, low.y + room.y}, theme.panel, kRadius + 2);
  list->AddRect(low, {low.x + room.x, low.y + room.y}, theme.track, kRadius + 2);
  list->PopClipRect();
  panel.app.begin_group("Help");
  if (button(panel, "help.close", "Close", ButtonKind::plain)) panel.state.help = false;
  space(kSpace4);
  for (const Topic& topic : kTopics) {
    if (topic.tab != tab || panel.model == nullptr || !topic.fits(*panel.model)) continue;
    text(topic.title, Font::strong, theme.text);
    space(kSpace1 + 2);
    const ImVec2 words = ImGui::GetCursorScreenPos();
    text_wrapped(topic.words, Font::small, theme.muted);
    Mark mark;
    mark.name = std::string("help.") + topic.title;
    mark.role = Role::status;
    mark.label = std::string(topic.title) + " " + topic.words;
    panel.app.mark(std::move(mark), words,
                   {words.x + ImGui::GetItemRectSize().x, words.y + ImGui::GetItemRectSize().y});
    space(kSpace4);
  }
  text("Keys", Font::strong, theme.text);
  space(kSpace2);
  for (const Key& key : kKeys) key_value(panel, key.keys, key.what);
  ImGui::Dummy({0, 0});  // space() moved the cursor, and ImGui wants an item after that
  end_child(panel);
}

}  // namespace lc::ui

// What stands on the screen, by name: for tests, for keyboard focus, and for a mirror that a screen reader
// reads. Plain values; no ImGui.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lc::ui {

// Names as in ARIA; a mirror may use them as they are.
enum class Role : std::uint8_t {
  none,      // a place without meaning for a person
  button,    // press
  tab,       // press; checked: the chosen one
  radio,     // press; checked: the chosen one of its group
  checkbox,  // press; checked
  slider,    // set "0.5" (within low..high); arrows step
  textbox,   // set any text
  image,     // label tells what is seen; may be pressed when `pressable`
  heading,
  status,  // a line that changes by itself
  alert    // an error
};
const char* role_name(Role role);

struct Mark {
  std::string name;  // "seed.reroll", "latent.3": stable, unique on the screen
  Role role = Role::none;
  std::string label;                           // for people: "New seed"
  std::string text;                            // the value as shown: "0.85"
  std::string group;                           // the heading that it stands under: "Sample"
  float low = 0, high = 0, now = 0, step = 0;  // slider
  bool enabled = true;
  bool checked = false;
  bool pressable = false;                     // image
  bool drags = false;                         // a finger on it draws or pans
  bool zooms = false;                         // the wheel or two fingers magnify it
  bool visible = true;                        // false: scrolled out of sight; acts work all the same
  float x = 0, y = 0, width = 0, height = 0;  // CSS pixels
};

// What a mirror, a test or the keyboard does to a mark; the control takes it in the next frame.
struct Act {
  std::string name;
  std::string action;  // "press", "set", "focus"
  std::string value;
};

// One object a mark, in the order of the screen, as JSON:
// [{"name":"temperature","role":"slider","label":"Temperature","text":"0.85","group":"Sample","enabled":true,
//   "visible":true,"x":16,"y":300,"width":288,"height":22,"min":0,"max":2,"now":0.85,"step":0.01}, ...]
// "checked" is there for tabs, radios and checkboxes; min, max, now and step for sliders; "pressable" for
// images; "focused" for the one with the keyboard's focus. Marks of role none are left out.
std::string to_json(const std::vector<Mark>& marks, const std::string& focused);

}  // namespace lc::ui

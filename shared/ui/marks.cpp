// Marks as JSON.
#include "shared/ui/marks.h"

#include <string_view>

#include "shared/core/text.h"

namespace lc::ui {
namespace {

constexpr const char* kRoleNames[] = {"none",    "button", "tab",     "radio",  "checkbox", "slider",
                                      "textbox", "image",  "heading", "status", "alert"};

std::string quoted(std::string_view words) {
  std::string text;
  append_quoted(text, words);
  return text;
}

std::string number(float value) {
  return phrase("{}", value);
}

}  // namespace

const char* role_name(Role role) {
  return kRoleNames[static_cast<int>(role)];
}

std::string to_json(const std::vector<Mark>& marks, const std::string& focused) {
  std::string out = "[";
  for (const Mark& mark : marks) {
    if (mark.role == Role::none) continue;
    const auto add = [&](const char* key, const std::string& value) {
      if (out.back() != '{') out += ',';
      out += quoted(key) + ":" + value;
    };
    const auto flag = [&](const char* key, bool value) { add(key, value ? "true" : "false"); };
    if (out.size() > 1) out += ",";
    out += "{";
    add("name", quoted(mark.name));
    add("role", quoted(role_name(mark.role)));
    add("label", quoted(mark.label));
    add("text", quoted(mark.text));
    add("group", quoted(mark.group));
    flag("enabled", mark.enabled);
    flag("visible", mark.visible);
    add("x", number(mark.x));
    add("y", number(mark.y));
    add("width", number(mark.width));
    add("height", number(mark.height));
    if (mark.role == Role::tab || mark.role == Role::radio || mark.role == Role::checkbox)
      flag("checked", mark.checked);
    if (mark.role == Role::image) flag("pressable", mark.pressable);
    if (mark.role == Role::slider) {
      add("min", number(mark.low));
      add("max", number(mark.high));
      add("now", number(mark.now));
      add("step", number(mark.step));
    }
    if (mark.name == focused) flag("focused", true);
    out += "}";
  }
  return out + "]";
}

}  // namespace lc::ui

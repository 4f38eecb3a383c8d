// What a model of each family is, and what is worth trying with it, in plain words.
#pragma once

#include <string>

namespace lc::ui {

struct FamilyWords {
  const char* family;  // of the file's header
  const char* what;
  const char* worth_trying;
};
// Null for a family without words.
const FamilyWords* words_of_family(const std::string& family);

}  // namespace lc::ui

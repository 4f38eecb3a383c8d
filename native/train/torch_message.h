// What an exception says, without LibTorch's stack of calls behind it.
#pragma once

#include <exception>
#include <string>

namespace lc::train {

inline std::string torch_message(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find("\nException raised from"));
}

}  // namespace lc::train

// Words and numbers as one text. Formatting of our own: the C library's would be a tenth of the page's
// engine, and a chain of + on strings is several times the code of one call.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace lc {

// A word or a number of a text. Refers to what it was made from, so it lives no longer than the expression.
class Piece {
 public:
  Piece(const char* words) : kind_(Kind::words), words_(words) {}             // NOLINT: implicit
  Piece(const std::string& words) : kind_(Kind::string), string_(&words) {}   // NOLINT: implicit
  Piece(const std::string_view& words) : kind_(Kind::view), view_(&words) {}  // NOLINT: implicit
  Piece(double real) : kind_(Kind::real), real_(real) {}                      // NOLINT: implicit
  Piece(float real) : kind_(Kind::single), real_(real) {}                     // NOLINT: implicit
  template <class T, class = std::enable_if_t<std::is_integral_v<T>>>
  Piece(T whole) : kind_(Kind::whole), whole_(static_cast<std::int64_t>(whole)) {  // NOLINT: implicit
    if (std::is_unsigned_v<T>) kind_ = Kind::natural;
  }
  void append_to(std::string& text) const;

 private:
  enum class Kind : std::uint32_t { words, string, view, whole, natural, real, single };
  Kind kind_;
  union {
    const char* words_;
    const std::string* string_;
    const std::string_view* view_;
    std::int64_t whole_;
    double real_;
  };
};

// `words` with a piece for each "{}", in order; a double with 15 significant digits, a float with 6.
std::string phrase(const char* words, std::initializer_list<Piece> pieces);
template <class... Pieces>
std::string phrase(const char* words, const Pieces&... pieces) {
  return phrase(words, {Piece(pieces)...});
}

// Appends a number with up to `digits` significant digits, as printf's %g writes it and the same in every
// build; 17 bring back the same double, 9 the same float. Infinities and NaN: "inf", "-inf", "nan".
void append_real(std::string& text, double value, std::size_t digits);

// Appends `words`, UTF-8, as a JSON string.
void append_quoted(std::string& text, std::string_view words);

}  // namespace lc

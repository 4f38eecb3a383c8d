// Digits of whole and of real numbers, exactly.
#include "shared/core/text.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace lc {

namespace {

void append_natural(std::string& text, std::uint64_t value) {
  char digits[20];
  char* first = digits + sizeof digits;
  do *--first = static_cast<char>('0' + value % 10);
  while ((value /= 10) > 0);
  text.append(first, digits + sizeof digits);
}

// A whole number of any size, its decimal digits from the last to the first.
struct Decimal {
  std::vector<std::uint8_t> digits;

  explicit Decimal(std::uint64_t value) {
    for (; value > 0; value /= 10) digits.push_back(static_cast<std::uint8_t>(value % 10));
  }
  void multiply(std::uint32_t factor) {
    std::uint32_t carry = 0;
    for (std::uint8_t& digit : digits) {
      carry += digit * factor;
      digit = static_cast<std::uint8_t>(carry % 10);
      carry /= 10;
    }
    for (; carry > 0; carry /= 10) digits.push_back(static_cast<std::uint8_t>(carry % 10));
  }
  // times base^exponent; base^step fits well into 32 bits
  void multiply(std::uint32_t base, int exponent, int step) {
    std::uint32_t power = 1;
    for (int i = 0; i < step; ++i) power *= base;
    for (; exponent >= step; exponent -= step) multiply(power);
    for (; exponent > 0; --exponent) multiply(base);
  }
};

}  // namespace

void append_real(std::string& text, double value, std::size_t digits) {
  if (std::signbit(value)) text += '-';
  if (!std::isfinite(value)) {
    text += value != value ? "nan" : "inf";
    return;
  }
  // |value| = mantissa * 2^exponent; for a negative exponent that is mantissa * 5^-exponent * 10^exponent.
  int exponent = 0;
  const double fraction = std::frexp(std::fabs(value), &exponent);
  exponent -= 53;
  Decimal decimal(static_cast<std::uint64_t>(std::ldexp(fraction, 53)));
  decimal.multiply(exponent < 0 ? 5 : 2, std::abs(exponent), exponent < 0 ? 10 : 24);
  int point = exponent < 0 ? exponent : 0;  // the last digit counts 10^point
  std::vector<std::uint8_t>& d = decimal.digits;
  if (d.size() > digits) {
    const std::size_t dropped = d.size() - digits;
    // To the nearest, of two equally near ones to the even.
    const bool exact = std::all_of(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(dropped) - 1,
                                   [](std::uint8_t digit) { return digit == 0; });
    bool up = d[dropped - 1] > 5 || (d[dropped - 1] == 5 && (!exact || d[dropped] % 2 == 1));
    d.erase(d.begin(), d.begin() + static_cast<std::ptrdiff_t>(dropped));
    point += static_cast<int>(dropped);
    for (std::size_t i = 0; up && i < d.size(); ++i) {
      up = ++d[i] > 9;
      if (up) d[i] = 0;
    }
    if (up) d.push_back(1);
  }
  const auto end_zeros = std::find_if(d.begin(), d.end(), [](std::uint8_t digit) { return digit > 0; });
  point += static_cast<int>(end_zeros - d.begin());
  d.erase(d.begin(), end_zeros);
  if (d.empty()) {
    text += '0';
    return;
  }
  const int first = point + static_cast<int>(d.size()) - 1;  // the first digit counts 10^first
  const bool scientific = first < -4 || first >= static_cast<int>(digits);
  // `left` digits stand before the point.
  int left = scientific ? 1 : first + 1;
  if (left <= 0) {
    text += "0.";
    text.append(static_cast<std::size_t>(-left), '0');
    left = -1;
  }
  for (std::size_t i = d.size(); i-- > 0; --left) {
    if (left == 0) text += '.';
    text += static_cast<char>('0' + d[i]);
  }
  if (left > 0) text.append(static_cast<std::size_t>(left), '0');
  if (!scientific) return;
  text += first < 0 ? "e-" : "e+";
  if (std::abs(first) < 10) text += '0';
  append_natural(text, static_cast<std::uint64_t>(std::abs(first)));
}

void append_quoted(std::string& text, std::string_view words) {
  constexpr const char* kDigits = "0123456789abcdef";
  text += '"';
  for (const char c : words) {
    if (c == '"' || c == '\\') text += '\\';
    if (static_cast<unsigned char>(c) < 0x20) {
      text += "\\u00";
      text += kDigits[c >> 4];
      text += kDigits[c & 15];
    } else {
      text += c;
    }
  }
  text += '"';
}

void Piece::append_to(std::string& text) const {
  switch (kind_) {
    case Kind::words:
      text += words_;
      return;
    case Kind::string:
      text += *string_;
      return;
    case Kind::view:
      text += *view_;
      return;
    case Kind::whole:
      if (whole_ < 0) text += '-';
      append_natural(
          text, whole_ < 0 ? 0 - static_cast<std::uint64_t>(whole_) : static_cast<std::uint64_t>(whole_));
      return;
    case Kind::natural:
      append_natural(text, static_cast<std::uint64_t>(whole_));
      return;
    case Kind::real:
    case Kind::single:
      append_real(text, real_, kind_ == Kind::real ? 15 : 6);
  }
}

std::string phrase(const char* words, std::initializer_list<Piece> pieces) {
  std::string whole;
  const Piece* next = pieces.begin();
  for (; *words != 0; ++words) {
    if (next == pieces.end() || words[0] != '{' || words[1] != '}') {
      whole += *words;
      continue;
    }
    (next++)->append_to(whole);
    ++words;
  }
  assert(next == pieces.end());  // every piece has its place
  return whole;
}

}  // namespace lc

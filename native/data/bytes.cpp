// Reads data files, plain or gzipped, up to a bound, and hashes them.
#include "native/data/bytes.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace lc::data {

Result<std::vector<std::uint8_t>> read_data_file(const std::string& path, std::uint64_t max_bytes,
                                                 const std::string& mend) {
  errno = 0;
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) {
    return fail(Code::data_missing, path + ": cannot be opened (" + std::strerror(errno) + "). " + mend);
  }
  gzbuffer(file, 1u << 17);
  std::vector<std::uint8_t> bytes;
  constexpr std::size_t kStep = 1u << 22;
  bool too_long = false;
  int got = 0;
  for (;;) {
    const std::size_t have = bytes.size();
    bytes.resize(have + kStep);
    got = gzread(file, bytes.data() + have, kStep);
    bytes.resize(have + static_cast<std::size_t>(std::max(got, 0)));
    too_long = bytes.size() > max_bytes;
    if (got <= 0 || too_long) break;
  }
  int code = Z_OK;
  const std::string text = gzerror(file, &code);
  const bool read_failed = got < 0;
  const int closed = gzclose_r(file);
  if (too_long) {
    return fail(Code::data_damaged, path + ": expected at most " + std::to_string(max_bytes) +
                                        " bytes of content, found more. " + mend);
  }
  // gzclose_r says Z_BUF_ERROR when the file ended in the middle of a gzip stream.
  if (read_failed || closed != Z_OK) {
    return fail(Code::data_damaged, path + ": expected a whole file, found one that ends or breaks after " +
                                        std::to_string(bytes.size()) + " bytes of content" +
                                        (text.empty() ? "" : " (" + text + ")") + ". " + mend);
  }
  return bytes;
}

std::string sha256_hex(const std::vector<Bytes>& pieces) {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  for (const Bytes& piece : pieces) EVP_DigestUpdate(context.get(), piece.data, piece.size);
  EVP_DigestFinal_ex(context.get(), digest, &length);
  static const char* const kDigits = "0123456789abcdef";
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

}  // namespace lc::data

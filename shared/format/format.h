// Reads and writes .lcw files in memory. Trusts nothing it reads, and allocates less than 1 MiB besides the
// file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::format {

// A validated file: a header and, as a view of the bytes it was read from, the payload.
struct ModelFile {
  Header header;
  Bytes payload;  // borrowed: lives as long as the bytes given to read_model
};

// Every check of docs/format.md that needs no knowledge of layer kinds: encoding, names, shapes, offsets,
// indices, finite weights. nn::Graph checks the rest. `bytes` must outlive the result.
Status read_model(Bytes bytes, ModelFile& file);  // `file`: freshly made; of no use after an error
inline Result<ModelFile> read_model(Bytes bytes) {
  ModelFile file;
  LC_TRY(read_model(bytes, file));
  return file;
}

// The tensor's values as f32, in its own order; `out` has as many elements as the shape's product.
void read_tensor(const ModelFile& file, std::uint32_t tensor, Span<float> out);

// Number of elements, and bytes in the payload.
std::uint64_t element_count(const TensorRecord& record);
std::uint64_t payload_bytes(const TensorRecord& record);

// Builds a payload and its table: each add_tensor appends one record to `header.tensors`.
class Writer {
 public:
  Header header;
  // Converts f32 values to `dtype` and appends them; `values` are as many as the shape's product. Returns the
  // tensor's index. f16 rounds to nearest even, and a value that would become infinite is an error; i8 has
  // one scale for each index of `scale_axis`, its largest absolute value / 127, and errs by at most half a
  // scale. The first error stays and is what finish() returns.
  std::uint32_t add_tensor(std::string name, std::vector<std::uint32_t> shape, Span<const float> values,
                           DType dtype, std::uint8_t scale_axis = 0);
  // Appends a tensor of another file as it is, byte for byte. Returns its index here.
  std::uint32_t copy_tensor(const ModelFile& from, std::uint32_t tensor);
  // The whole file, or the first rule of read_model that it would break.
  Result<std::vector<std::uint8_t>> finish() const;

 private:
  void append(const void* bytes, std::size_t size);
  Status append_values(const TensorRecord& record, Span<const float> values);

  std::vector<std::uint8_t> payload_;
  Status status_;
};

// CRC-32 (polynomial 0xEDB88320, as in zlib) of the bytes.
std::uint32_t crc32(Bytes bytes);

}  // namespace lc::format

// Event files that TensorBoard reads, beside metrics.jsonl and with the same names and steps.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "native/train/sinks.h"

namespace lc::train {

// RUN/events.out.tfevents.000000, and one more each time the run is started: TensorBoard reads a folder's
// files in the order of their names. A record is u64 length, masked CRC-32C of it, the bytes, masked CRC-32C
// of them (TFRecord, little-endian); its bytes are a tensorflow.Event (event.proto and summary.proto of
// TensorFlow) in protobuf's wire format.
class TensorBoard : public Sink {
 public:
  // A run that goes on from `iteration`, 0 for a new one. What earlier starts had written after it, and a
  // record that a kill left half-written, is cut off; a TensorBoard that has shown it already is told so.
  static Result<std::unique_ptr<TensorBoard>> open(const RunFolder& folder, std::int64_t iteration);

  Status numbers(std::int64_t iteration, const Numbers& numbers) override;
  Status grid(const std::string& kind, std::int64_t iteration, const io::Picture& picture) override;

 private:
  TensorBoard(RunFolder folder, std::string name) : folder_(std::move(folder)), name_(std::move(name)) {}
  Status append(std::int64_t iteration, int field, const std::string& message) const;

  RunFolder folder_;
  std::string name_;
};

// Castagnoli's polynomial (RFC 3720, appendix B.4).
std::uint32_t crc32c(const void* data, std::size_t size);

}  // namespace lc::train

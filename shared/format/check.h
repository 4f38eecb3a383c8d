// The rules that a header and its payload must keep. Private to shared/format.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::format {

// Every rule of docs/format.md about decoded headers; the first one broken.
Status check_header(const Header& header, Bytes payload);

// Its parts, in the order in which they are checked; later ones rely on earlier ones.
Status check_texts(const Header& header);
Status check_image(const ImageSpec& image);
Status check_tensors(const Header& header, Bytes payload);
Status check_prior(const Header& header, Bytes payload);
Status check_networks(const Header& header);
Status check_records(const Header& header);  // provenance, metrics, curve, strips, timeline

// "network 'decoder', layer 3": the words before a message. `name` is shortened and made printable.
std::string quoted(std::string_view name);

// The tensor's record alone; on success its bytes in the payload.
Status check_record(const TensorRecord& record, std::size_t index, std::uint64_t& bytes);

Status check_count(std::size_t count, std::size_t most, std::string_view what);
Status check_name(std::string_view name, std::string_view what, std::size_t index);
Status check_text(std::string_view text, std::string_view what);
Status check_finite(double value, std::string_view what);
Status check_unique(std::vector<std::string_view> names, Code code, std::string_view what);

}  // namespace lc::format

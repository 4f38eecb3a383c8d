// How a file lies in bytes: the preamble's fields and the order of the header's. Private to shared/format.
// The serialize functions are cereal's: its output archive writes through them, and our bounded archive
// reads.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "shared/core/span.h"
#include "shared/format/schema.h"

namespace lc::format {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "files are little-endian, and are copied as they are");

// Not text (first byte over 127), and damaged by any conversion of line ends.
constexpr std::array<std::uint8_t, 8> kMagic = {0x89, 'L', 'C', 'W', '\r', '\n', 0x1a, '\n'};
constexpr std::size_t kVersionAt = 8;        // u32
constexpr std::size_t kLengthAt = 12;        // u64, of the whole file
constexpr std::size_t kChecksumAt = 20;      // u32, CRC-32 of all that follows it
constexpr std::size_t kHeaderLengthAt = 24;  // u64
constexpr std::size_t kHeaderAt = 32;
constexpr std::size_t kPayloadAlignment = 64;

constexpr std::uint64_t payload_start(std::uint64_t header_bytes) {
  return (kHeaderAt + header_bytes + kPayloadAlignment - 1) / kPayloadAlignment * kPayloadAlignment;
}

// A file of these two parts with the right lengths and checksum, unchecked: tests make bad files with it.
std::vector<std::uint8_t> assemble(const Header& header, Bytes payload);

template <class Archive>
void serialize(Archive& ar, TensorRecord& x) {
  ar(x.name, x.dtype, x.shape, x.scale_axis, x.offset);
}
template <class Archive>
void serialize(Archive& ar, Attribute& x) {
  ar(x.name, x.value);
}
template <class Archive>
void serialize(Archive& ar, LayerRecord& x) {
  ar(x.kind, x.name, x.inputs, x.attributes, x.tensors);
}
template <class Archive>
void serialize(Archive& ar, NetworkInput& x) {
  ar(x.name, x.shape);
}
template <class Archive>
void serialize(Archive& ar, NetworkOutput& x) {
  ar(x.name, x.value);
}
template <class Archive>
void serialize(Archive& ar, Network& x) {
  ar(x.role, x.name, x.inputs, x.layers, x.outputs);
}
template <class Archive>
void serialize(Archive& ar, PriorPart& x) {
  ar(x.name, x.kind, x.size, x.low, x.high, x.mixture);
}
template <class Archive>
void serialize(Archive& ar, ImageSpec& x) {
  ar(x.channels, x.height, x.width, x.low, x.high);
}
template <class Archive>
void serialize(Archive& ar, Option& x) {
  ar(x.key, x.value);
}
template <class Archive>
void serialize(Archive& ar, Provenance& x) {
  ar(x.dataset, x.dataset_sha256, x.dataset_verified, x.options, x.seed, x.iterations, x.images_seen,
     x.seconds, x.trainer_version, x.device);
}
template <class Archive>
void serialize(Archive& ar, Metric& x) {
  ar(x.name, x.value, x.note);
}
template <class Archive>
void serialize(Archive& ar, Series& x) {
  ar(x.name, x.values);
}
template <class Archive>
void serialize(Archive& ar, Curve& x) {
  ar(x.iterations, x.series);
}
template <class Archive>
void serialize(Archive& ar, Strip& x) {
  ar(x.name, x.count, x.pixels);
}
template <class Archive>
void serialize(Archive& ar, Moment& x) {
  ar(x.iteration, x.images_seen, x.replaced, x.by);
}
template <class Archive>
void serialize(Archive& ar, Header& x) {
  ar(x.family, x.title, x.image, x.prior, x.classes, x.networks, x.tensors, x.provenance, x.metrics, x.curve,
     x.strips, x.timeline);
}

// What an element of a list costs: at least `encoded` bytes of the file, `memory` bytes when unpacked, not
// counting what its own texts and lists hold. The same numbers on every machine, so that all refuse the same
// files.
template <class T>
struct Cost {  // arithmetic types
  static constexpr std::uint64_t encoded = sizeof(T), memory = sizeof(T);
};
template <std::uint64_t Encoded, std::uint64_t Memory>
struct CostIs {
  static constexpr std::uint64_t encoded = Encoded, memory = Memory;
};
template <>
struct Cost<std::string> : CostIs<8, 32> {};
template <>
struct Cost<TensorRecord> : CostIs<26, 80> {};
template <>
struct Cost<Attribute> : CostIs<16, 40> {};
template <>
struct Cost<LayerRecord> : CostIs<40, 136> {};
template <>
struct Cost<NetworkInput> : CostIs<16, 56> {};
template <>
struct Cost<NetworkOutput> : CostIs<12, 40> {};
template <>
struct Cost<Network> : CostIs<33, 112> {};
template <>
struct Cost<PriorPart> : CostIs<29, 72> {};
template <>
struct Cost<Option> : CostIs<16, 64> {};
template <>
struct Cost<Metric> : CostIs<24, 72> {};
template <>
struct Cost<Series> : CostIs<16, 56> {};
template <>
struct Cost<Strip> : CostIs<20, 64> {};
template <>
struct Cost<Moment> : CostIs<32, 64> {};

}  // namespace lc::format

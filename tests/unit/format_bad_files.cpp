// Damage to the header and the payload before they are put together; the checksum is right.
#include "tests/unit/format_bad_files.h"

#include <cstring>
#include <limits>

#include "shared/format/format.h"
#include "shared/format/layout.h"
#include "tests/unit/sample_model.h"

namespace lc::sample {

namespace {

using format::DType;
using format::Header;
using Buffer = std::vector<std::uint8_t>;
using Payload = Buffer;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

template <class T>
void put(std::vector<std::uint8_t>& bytes, std::size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof(T));
}

// Index of a tensor of the sample.
std::size_t tensor(const Header& h, const std::string& name) {
  std::size_t i = 0;
  while (h.tensors[i].name != name) ++i;
  return i;
}

struct HeaderDamage {
  const char* name;
  Code code;
  const char* fragment;
  void (*apply)(Header& h, Payload& payload);
};

const HeaderDamage kTextDamages[] = {
    {"empty family", Code::bad_name, "family", [](Header& h, Payload&) { h.family.clear(); }},
    {"family in capitals", Code::bad_name, "'VAE'", [](Header& h, Payload&) { h.family = "VAE"; }},
    {"name of 129 bytes", Code::bad_name, "1 to 128",
     [](Header& h, Payload&) { h.networks[0].name = std::string(129, 'a'); }},
    {"name with a path upwards in backslashes", Code::bad_name, "tensor 0",
     [](Header& h, Payload&) { h.tensors[0].name = "..\\x"; }},
    {"name with a zero byte", Code::bad_name, "metric",
     [](Header& h, Payload&) { h.metrics[0].name = std::string("a\0b", 3); }},
    {"unicode in a tensor's name", Code::bad_name, "tensor 1",
     [](Header& h, Payload&) { h.tensors[1].name = u8"größe"; }},
    {"empty data set", Code::bad_name, "data set", [](Header& h, Payload&) { h.provenance.dataset.clear(); }},
    {"empty layer kind", Code::bad_name, "kind",
     [](Header& h, Payload&) { h.networks[0].layers[1].kind.clear(); }},
    {"empty layer name", Code::bad_name, "layer 1, name",
     [](Header& h, Payload&) { h.networks[0].layers[1].name.clear(); }},
    {"attribute's name with a space", Code::bad_name, "attribute",
     [](Header& h, Payload&) { h.networks[2].layers[3].attributes[0].name = "a b"; }},
    {"escape sequence in the title", Code::bad_text, "title",
     [](Header& h, Payload&) { h.title = "\x1b[2J"; }},
    {"line break in the device", Code::bad_text, "device",
     [](Header& h, Payload&) { h.provenance.device = "a\nb"; }},
    {"C1 control character in an option", Code::bad_text, "learning_rate",
     [](Header& h, Payload&) { h.provenance.options[0].value = "\xc2\x9b"; }},
    {"text that is not UTF-8", Code::bad_text, "title", [](Header& h, Payload&) { h.title = "\xff\xfe"; }},
    {"text with an overlong slash", Code::bad_text, "title",
     [](Header& h, Payload&) { h.title = "\xc0\xaf"; }},
    {"text with a slash of three bytes", Code::bad_text, "title",
     [](Header& h, Payload&) { h.title = "\xe0\x80\xaf"; }},
    {"text with a euro sign of four bytes", Code::bad_text, "title",
     [](Header& h, Payload&) { h.title = "\xf0\x82\x82\xac"; }},
    {"text with half a character", Code::bad_text, "trainer",
     [](Header& h, Payload&) { h.provenance.trainer_version = "\xe2\x80"; }},
    {"text with a surrogate", Code::bad_text, "metric",
     [](Header& h, Payload&) { h.metrics[0].note = "\xed\xa0\x80"; }},
    {"text beyond Unicode", Code::bad_text, "title",
     [](Header& h, Payload&) { h.title = "\xf4\x90\x80\x80"; }},
    {"text of 4097 bytes", Code::bad_text, "4097",
     [](Header& h, Payload&) { h.title = std::string(4097, 'x'); }},
    {"hash of 63 digits", Code::bad_hash, "64",
     [](Header& h, Payload&) { h.provenance.dataset_sha256.pop_back(); }},
    {"hash with a letter g", Code::bad_hash, "hexadecimal",
     [](Header& h, Payload&) { h.provenance.dataset_sha256[5] = 'g'; }},
};

const HeaderDamage kNumberDamages[] = {
    {"NaN for black", Code::not_finite, "black", [](Header& h, Payload&) { h.image.low = kNan; }},
    {"infinite white", Code::not_finite, "white", [](Header& h, Payload&) { h.image.high = kInfinity; }},
    {"NaN attribute", Code::not_finite, "slope",
     [](Header& h, Payload&) { h.networks[2].layers[5].attributes[0].value = kNan; }},
    {"infinite metric", Code::not_finite, "test_loss",
     [](Header& h, Payload&) { h.metrics[0].value = kInfinity; }},
    {"NaN in the curve", Code::not_finite, "'kl'",
     [](Header& h, Payload&) { h.curve.series[1].values[2] = kNan; }},
    {"NaN seconds", Code::not_finite, "seconds", [](Header& h, Payload&) { h.provenance.seconds = kNan; }},
    {"NaN in the prior", Code::not_finite, "'z'", [](Header& h, Payload&) { h.prior[0].high = kNan; }},
};

const HeaderDamage kEnumDamages[] = {
    {"dtype 3", Code::bad_enum, "dtype 3",
     [](Header& h, Payload&) { h.tensors[0].dtype = static_cast<DType>(3); }},
    {"role 5", Code::bad_enum, "role 5",
     [](Header& h, Payload&) { h.networks[0].role = static_cast<format::Role>(5); }},
    {"kind of prior 255", Code::bad_enum, "kind 255",
     [](Header& h, Payload&) { h.prior[0].kind = static_cast<format::PriorKind>(255); }},
};

const HeaderDamage kImageDamages[] = {
    {"image without channels", Code::bad_image, "0 x 8 x 8",
     [](Header& h, Payload&) { h.image.channels = 0; }},
    {"image of 65536 columns", Code::bad_image, "65536", [](Header& h, Payload&) { h.image.width = 65536; }},
    {"black above white", Code::bad_image, "below white", [](Header& h, Payload&) { h.image.low = 2; }},
    {"a single class", Code::bad_condition, "one class", [](Header& h, Payload&) { h.classes.resize(1); }},
    {"nameless class", Code::bad_condition, "1 to 128", [](Header& h, Payload&) { h.classes[1].clear(); }},
    {"two classes of one name", Code::duplicate_entry, "'one'",
     [](Header& h, Payload&) { h.classes[0] = "one"; }},
    {"1001 classes", Code::too_many_entries, "1001 classes",
     [](Header& h, Payload&) { h.classes.resize(1001, "x"); }},
};

const HeaderDamage kTensorDamages[] = {
    {"1025 tensors", Code::too_many_tensors, "1025",
     [](Header& h, Payload&) { h.tensors.resize(1025, h.tensors[0]); }},
    {"rank 0", Code::bad_rank, "rank 0", [](Header& h, Payload&) { h.tensors[2].shape.clear(); }},
    {"rank 9", Code::bad_rank, "rank 9", [](Header& h, Payload&) { h.tensors[2].shape.assign(9, 1); }},
    {"dimension 0", Code::bad_shape, "[0]", [](Header& h, Payload&) { h.tensors[2].shape[1] = 0; }},
    {"shape whose product overflows", Code::bad_shape, "overflows",
     [](Header& h, Payload&) { h.tensors[2].shape.assign(8, ~0u); }},
    {"shape that wraps round to its true size", Code::bad_shape, "overflows",
     [](Header& h, Payload&) {
       h.tensors[2].shape = {1u << 31, 1u << 31, 4, 16};
     }},
    {"bytes that overflow although elements do not", Code::bad_shape, "overflows",
     [](Header& h, Payload&) {
       h.tensors[1].shape = {1u << 31, 1u << 31, 2};
     }},
    {"scale axis beyond the rank", Code::bad_scale_axis, "less than 2",
     [](Header& h, Payload&) { h.tensors[tensor(h, "encoder.1.weight")].scale_axis = 2; }},
    {"scale axis of f32", Code::bad_scale_axis, "less than 1",
     [](Header& h, Payload&) { h.tensors[1].scale_axis = 1; }},
    {"two tensors of one name", Code::duplicate_tensor, "decoder.0.weight",
     [](Header& h, Payload&) { h.tensors[3].name = h.tensors[0].name; }},
    {"tensors that overlap", Code::tensor_overlaps, "ends at",
     [](Header& h, Payload&) { h.tensors[3].offset -= 1; }},
    {"two tensors at one place", Code::tensor_overlaps, "ends at",
     [](Header& h, Payload&) { h.tensors[1].offset = 0; }},
    {"hole before the first tensor", Code::tensor_hole, "expected 0",
     [](Header& h, Payload&) { h.tensors[0].offset = 64; }},
    {"hole between tensors", Code::tensor_hole, "expected",
     [](Header& h, Payload&) { h.tensors[3].offset += 4; }},
    {"offset near 2^64", Code::tensor_hole, "18446744073709551612",
     [](Header& h, Payload&) { h.tensors[3].offset = ~3ull; }},
    {"tensor that ends after the file", Code::tensor_overruns, "are left",
     [](Header&, Payload& p) { p.pop_back(); }},
    {"tensor of 2^62 bytes", Code::tensor_overruns, "4611686018427387904",
     [](Header& h, Payload&) {
       h.tensors[1].shape = {1u << 30, 1u << 30};
     }},
    {"byte after the last tensor", Code::payload_trailing, "1 bytes",
     [](Header&, Payload& p) { p.push_back(0); }},
    {"payload without a tensor table", Code::payload_trailing, "follow",
     [](Header& h, Payload&) { h.tensors.clear(); }},
    {"NaN in an f32 tensor", Code::weight_not_finite, "element 3",
     [](Header& h, Payload& p) { put(p, h.tensors[1].offset + 12, kNan); }},
    {"infinity in an f16 tensor", Code::weight_not_finite, "element 127",
     [](Header& h, Payload& p) { put(p, h.tensors[0].offset + 254, std::uint16_t{0xfc00}); }},
    {"positive infinity in an f16 tensor", Code::weight_not_finite, "element 0",
     [](Header& h, Payload& p) { put(p, h.tensors[0].offset, std::uint16_t{0x7c00}); }},
    {"NaN in an f16 tensor", Code::weight_not_finite, "element 1",
     [](Header& h, Payload& p) { put(p, h.tensors[0].offset + 2, std::uint16_t{0x7c01}); }},
    {"negative infinity in an f32 tensor", Code::weight_not_finite, "element 0",
     [](Header& h, Payload& p) { put(p, h.tensors[1].offset, -kInfinity); }},
    {"scale of 0", Code::bad_scale, "scale 0",
     [](Header& h, Payload& p) { put(p, h.tensors[tensor(h, "encoder.1.weight")].offset, 0.0f); }},
    {"negative scale", Code::bad_scale, "scale 1",
     [](Header& h, Payload& p) { put(p, h.tensors[tensor(h, "encoder.1.weight")].offset + 4, -1.0f); }},
    {"NaN scale", Code::bad_scale, "scale 2",
     [](Header& h, Payload& p) { put(p, h.tensors[tensor(h, "encoder.1.weight")].offset + 8, kNan); }},
    {"scale that makes weights infinite", Code::bad_scale, "scale 15",
     [](Header& h, Payload& p) { put(p, h.tensors[tensor(h, "encoder.1.weight")].offset + 60, 3e38f); }},
};

const HeaderDamage kPriorDamages[] = {
    {"prior part of size 0", Code::bad_prior, "size 0", [](Header& h, Payload&) { h.prior[0].size = 0; }},
    {"latent vector of 2^32 + 8 numbers", Code::bad_prior, "65536",
     [](Header& h, Payload&) { h.prior[0].size = ~0u; }},
    {"latent vector too long in sum", Code::bad_prior, "latent vector",
     [](Header& h, Payload&) { h.prior[0].size = h.prior[1].size = 40000; }},
    {"uniform from high to low", Code::bad_prior, "low below high",
     [](Header& h, Payload&) { h.prior[1].low = 3; }},
    {"mixture of two tensors", Code::bad_prior, "3 tensors",
     [](Header& h, Payload&) { h.prior[3].mixture.pop_back(); }},
    {"normal part with tensors", Code::bad_prior, "only a mixture",
     [](Header& h, Payload&) { h.prior[0].mixture = {0}; }},
    {"mixture of a tensor that is not there", Code::bad_tensor_index, "'blend'",
     [](Header& h, Payload&) { h.prior[3].mixture[1] = 9999; }},
    {"means of the wrong shape", Code::bad_prior, "expected [2][2]",
     [](Header& h, Payload&) { h.prior[3].mixture[1] = h.prior[3].mixture[2]; }},
    {"covariances of the wrong shape", Code::bad_prior, "expected [2][2][2]",
     [](Header& h, Payload&) { h.prior[3].mixture[2] = h.prior[3].mixture[1]; }},
    {"mixture weights that add up to 2", Code::bad_prior, "add up to",
     [](Header& h, Payload& p) { put(p, h.tensors[h.prior[3].mixture[0]].offset, 1.75f); }},
    {"negative mixture weight", Code::bad_prior, "negative",
     [](Header& h, Payload& p) {
       put(p, h.tensors[h.prior[3].mixture[0]].offset, -0.25f);
       put(p, h.tensors[h.prior[3].mixture[0]].offset + 4, 1.25f);
     }},
    {"two prior parts of one name", Code::duplicate_entry, "'z'",
     [](Header& h, Payload&) { h.prior[1].name = "z"; }},
};

const HeaderDamage kNetworkDamages[] = {
    {"no networks", Code::no_networks, "no network", [](Header& h, Payload&) { h.networks.clear(); }},
    {"17 networks", Code::too_many_entries, "17 networks",
     [](Header& h, Payload&) { h.networks.resize(17, h.networks[0]); }},
    {"two networks of one name", Code::duplicate_network, "'decoder'",
     [](Header& h, Payload&) { h.networks[1].name = "decoder"; }},
    {"network without layers", Code::empty_network, "'decoder'",
     [](Header& h, Payload&) { h.networks[0].layers.clear(); }},
    {"network without inputs", Code::empty_network, "no inputs",
     [](Header& h, Payload&) { h.networks[0].inputs.clear(); }},
    {"network without outputs", Code::empty_network, "no outputs",
     [](Header& h, Payload&) { h.networks[0].outputs.clear(); }},
    {"513 layers", Code::too_many_layers, "513",
     [](Header& h, Payload&) { h.networks[0].layers.resize(513, h.networks[0].layers[1]); }},
    {"layer that reads itself", Code::bad_value_index, "layer 2: reads value 3",
     [](Header& h, Payload&) { h.networks[0].layers[2].inputs[0] = 3; }},
    {"layer that reads a later value", Code::bad_value_index, "4294967295",
     [](Header& h, Payload&) { h.networks[0].layers[2].inputs[0] = ~0u; }},
    {"output of a value that is not there", Code::bad_value_index, "'image'",
     [](Header& h, Payload&) { h.networks[0].outputs[0].value = 6; }},
    {"layer with a tensor that is not there", Code::bad_tensor_index, "layer 0",
     [](Header& h, Payload&) {
       h.networks[0].layers[0].tensors[1] = static_cast<std::uint32_t>(h.tensors.size());
     }},
    {"unknown input", Code::bad_network_inputs, "latent, label, image, coordinates",
     [](Header& h, Payload&) {
       h.networks[2].inputs.push_back({"noise", {8}});
     }},
    {"decoder without a latent input", Code::bad_network_inputs, "no input 'latent'",
     [](Header& h, Payload&) {
       h.networks[0].inputs[0] = {"label", {3}};
     }},
    {"latent input of another size", Code::bad_network_inputs, "[8]",
     [](Header& h, Payload&) { h.networks[0].inputs[0].shape = {9}; }},
    {"latent input without a prior", Code::bad_network_inputs, "describes none",
     [](Header& h, Payload&) { h.prior.clear(); }},
    {"label input of another size", Code::bad_network_inputs, "[3]",
     [](Header& h, Payload&) {
       h.networks[0].inputs.push_back({"label", {4}});
     }},
    {"label input without classes", Code::bad_network_inputs, "describes none",
     [](Header& h, Payload&) {
       h.classes.clear();
       h.networks[0].inputs.push_back({"label", {0}});
     }},
    {"image input of another size", Code::bad_network_inputs, "[1][8][8]",
     [](Header& h, Payload&) {
       h.networks[1].inputs[0].shape = {1, 8, 9};
     }},
    {"coordinates of another size", Code::bad_network_inputs, "[3][8][8]",
     [](Header& h, Payload&) {
       h.networks[2].inputs.push_back({"coordinates", {2, 8, 8}});
     }},
    {"generator of neither latents nor pictures", Code::bad_network_inputs, "no input 'latent'",
     [](Header& h, Payload&) {
       h.networks[2].inputs[0] = {"label", {3}};
     }},
    {"two inputs of one name", Code::bad_network_inputs, "'latent'",
     [](Header& h, Payload&) { h.networks[0].inputs.push_back(h.networks[0].inputs[0]); }},
    {"decoder without an image output", Code::bad_network_outputs, "no output 'image'",
     [](Header& h, Payload&) { h.networks[0].outputs[0].name = "picture"; }},
    {"two outputs of one name", Code::bad_network_outputs, "'mean'",
     [](Header& h, Payload&) { h.networks[1].outputs[1].name = "mean"; }},
};

const HeaderDamage kRecordDamages[] = {
    {"two options of one key", Code::duplicate_entry, "options",
     [](Header& h, Payload&) { h.provenance.options[1].key = "learning_rate"; }},
    {"two metrics of one name", Code::duplicate_entry, "metrics",
     [](Header& h, Payload&) { h.metrics[1].name = h.metrics[0].name; }},
    {"1025 options", Code::too_many_entries, "1025 options",
     [](Header& h, Payload&) { h.provenance.options.resize(1025); }},
    {"curve that goes back", Code::bad_curve, "ascend",
     [](Header& h, Payload&) { h.curve.iterations[2] = 10; }},
    {"series that is too short", Code::bad_curve, "'loss' has 3",
     [](Header& h, Payload&) { h.curve.series[0].values.pop_back(); }},
    {"two series of one name", Code::duplicate_entry, "series",
     [](Header& h, Payload&) { h.curve.series[1].name = "loss"; }},
    {"strip without pictures", Code::bad_strip, "'samples'",
     [](Header& h, Payload&) {
       h.strips[0].count = 0;
       h.strips[0].pixels.clear();
     }},
    {"strip with a pixel too many", Code::bad_strip, "129",
     [](Header& h, Payload&) { h.strips[0].pixels.push_back(1); }},
    {"strip of 2^32 - 1 pictures", Code::bad_strip, "4294967295",
     [](Header& h, Payload&) { h.strips[0].count = ~0u; }},
    {"timeline that goes back", Code::bad_timeline, "follows",
     [](Header& h, Payload&) { h.timeline[1].iteration = 1; }},
    {"moment after the end of training", Code::bad_timeline, "after the end",
     [](Header& h, Payload&) { h.timeline[1].iteration = 1001; }},
    {"moment with unpaired tensors", Code::bad_timeline, "replaced by",
     [](Header& h, Payload&) { h.timeline[0].by.pop_back(); }},
    {"moment with a tensor of another shape", Code::bad_timeline, "differ",
     [](Header& h, Payload&) { std::swap(h.timeline[0].by[0], h.timeline[0].by[1]); }},
    {"moment with a tensor that is not there", Code::bad_tensor_index, "moment 0",
     [](Header& h, Payload&) { h.timeline[0].by[1] = 5000; }},
    {"moment that replaces a tensor twice", Code::bad_timeline, "twice",
     [](Header& h, Payload&) {
       h.timeline[0].replaced[1] = h.timeline[0].replaced[0];
       h.timeline[0].by[1] = h.timeline[0].by[0];
     }},
};

// Less than 1 MiB of header that would unpack into several.
const HeaderDamage kMemoryDamages[] = {
    {"100,000 empty classes", Code::header_too_big, "memory",
     [](Header& h, Payload&) { h.classes.resize(100000); }},
    {"30,000 empty attributes", Code::header_too_big, "memory",
     [](Header& h, Payload&) { h.networks[0].layers[0].attributes.resize(30000); }},
    {"25,000 empty layers", Code::header_too_big, "memory",
     [](Header& h, Payload&) { h.networks[0].layers.resize(25000); }},
    {"27,000 empty classes, for which there is memory", Code::too_many_entries, "27000 classes",
     [](Header& h, Payload&) { h.classes.resize(27000); }},
    {"110,000 replaced tensors, for which there is memory", Code::bad_timeline, "more tensors than there are",
     [](Header& h, Payload&) {
       h.timeline[0].replaced.resize(110000);
       h.timeline[0].by.resize(110000);
     }},
    {"header over 1 MiB", Code::header_too_long, "1048576",
     [](Header& h, Payload&) { h.strips[0].pixels.resize(1100000); }},
};

template <std::size_t N>
constexpr Span<const HeaderDamage> table_of(const HeaderDamage (&rows)[N]) {
  return {rows, N};
}

const Span<const HeaderDamage> kHeaderTables[] = {
    table_of(kTextDamages),    table_of(kNumberDamages), table_of(kEnumDamages),
    table_of(kImageDamages),   table_of(kTensorDamages), table_of(kPriorDamages),
    table_of(kNetworkDamages), table_of(kRecordDamages), table_of(kMemoryDamages)};

}  // namespace

std::vector<BadFile> bad_files() {
  const std::vector<std::uint8_t> good = sample_bytes();
  const auto model = format::read_model(good);
  std::vector<BadFile> files;
  if (!model.ok()) return files;
  for (const Span<const HeaderDamage>& table : kHeaderTables) {
    for (const HeaderDamage& damage : table) {
      Header header = model.value().header;
      Payload payload(model.value().payload.begin(), model.value().payload.end());
      damage.apply(header, payload);
      files.push_back({damage.name, format::assemble(header, payload), damage.code, damage.fragment});
    }
  }
  add_bad_bytes(good, files);
  return files;
}

}  // namespace lc::sample

// Rules for the networks that need no knowledge of layer kinds, and for the records of the training.
#include <algorithm>
#include <iterator>

#include "shared/format/check.h"

namespace lc::format {

namespace {

// The inputs that a network may have, and the shape of each.
struct KnownInput {
  std::string_view name;
  std::vector<std::uint32_t> (*shape)(const Header&);
};
using Dimensions = std::vector<std::uint32_t>;
constexpr KnownInput kKnownInputs[] = {
    {"latent", [](const Header& h) { return Dimensions{latent_size(h)}; }},
    {"label", [](const Header& h) { return Dimensions{static_cast<std::uint32_t>(h.classes.size())}; }},
    {"image",
     [](const Header& h) {
       return Dimensions{h.image.channels, h.image.height, h.image.width};
     }},
    {"coordinates",
     [](const Header& h) {
       return Dimensions{3, h.image.height, h.image.width};
     }},
};

// What a role cannot do without: one of its inputs, and its output.
struct RolePorts {
  std::string_view name;
  std::string_view inputs[2];  // empty: any
  std::string_view output;
};
constexpr RolePorts kRoles[] = {
    {"decoder", {"latent"}, "image"}, {"generator", {"latent", "image"}, "image"},
    {"encoder", {"image"}, ""},       {"discriminator", {}, ""},
    {"classifier", {"image"}, ""},
};

Status check_input(const Header& header, const NetworkInput& input, const std::string& where) {
  const auto known = std::find_if(std::begin(kKnownInputs), std::end(kKnownInputs),
                                  [&](const KnownInput& k) { return k.name == input.name; });
  if (known == std::end(kKnownInputs)) {
    return fail(Code::bad_network_inputs, "{}: unknown input {}, known are latent, label, image, coordinates",
                where, quoted(input.name));
  }
  const Dimensions expected = known->shape(header);
  if (expected[0] != 0 && input.shape == expected) return {};
  std::string text;
  for (const std::uint32_t dimension : expected) text += phrase("[{}]", dimension);
  return fail(Code::bad_network_inputs, "{}: the shape of input '{}' should be {}{}", where, input.name, text,
              expected[0] == 0 ? ", and the file describes none" : "");
}

template <class Ports>
Status check_ports(const Ports& ports, Code code, Span<const std::string_view> needed,
                   const std::string& where, std::string_view what) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    LC_TRY(check_name(ports[i].name, phrase("{}, {}", where, what), i));
    names.emplace_back(ports[i].name);
  }
  if (needed.size > 0 && !needed[0].empty() &&
      std::find_first_of(names.begin(), names.end(), needed.begin(), needed.end()) == names.end()) {
    return fail(code, "{}: no {} '{}', which its role needs", where, what, needed[0]);
  }
  return check_unique(std::move(names), code, phrase("{}s of {}", what, where));
}

Status check_layer(const Header& header, const Network& network, std::size_t index) {
  const LayerRecord& layer = network.layers[index];
  const auto where = [&] { return phrase("network '{}', layer {}", network.name, index); };
  LC_TRY(check_name(layer.kind, phrase("{}, kind", where()), index));
  LC_TRY(check_name(layer.name, phrase("{}, name", where()), index));
  const std::size_t values = network.inputs.size() + index;
  for (const std::uint32_t value : layer.inputs) {
    if (value < values) continue;
    return fail(Code::bad_value_index, "{}: reads value {}, only {} come before it", where(), value, values);
  }
  for (const Attribute& attribute : layer.attributes) {
    LC_TRY(check_name(attribute.name, phrase("{}, attribute", where()), index));
    LC_TRY(check_finite(attribute.value, phrase("{}, attribute '{}'", where(), attribute.name)));
  }
  for (const std::uint32_t tensor : layer.tensors) {
    if (tensor < header.tensors.size()) continue;
    return fail(Code::bad_tensor_index, "{}: tensor {} of {}", where(), tensor, header.tensors.size());
  }
  return {};
}

Status check_network(const Header& header, const Network& network, std::size_t index) {
  LC_TRY(check_name(network.name, "network", index));
  const std::string where = phrase("network '{}'", network.name);
  if (network.role > Role::classifier) {
    return fail(Code::bad_enum, "{}: role {}, expected 0 to 4", where, static_cast<int>(network.role));
  }
  if (network.inputs.empty() || network.layers.empty() || network.outputs.empty()) {
    return fail(Code::empty_network, "{} has no inputs, no layers or no outputs", where);
  }
  if (network.layers.size() > kMaxLayers) {
    return fail(Code::too_many_layers, "{}: {} layers, at most {} are allowed", where, network.layers.size(),
                kMaxLayers);
  }
  LC_TRY(check_count(network.inputs.size(), kMaxPorts, phrase("inputs of {}", where)));
  LC_TRY(check_count(network.outputs.size(), kMaxPorts, phrase("outputs of {}", where)));
  const RolePorts& role = kRoles[static_cast<std::size_t>(network.role)];
  LC_TRY(check_ports(network.inputs, Code::bad_network_inputs, {role.inputs, 2}, where, "input"));
  LC_TRY(check_ports(network.outputs, Code::bad_network_outputs, {&role.output, 1}, where, "output"));
  for (const NetworkInput& input : network.inputs) LC_TRY(check_input(header, input, where));
  for (std::size_t i = 0; i < network.layers.size(); ++i) LC_TRY(check_layer(header, network, i));
  const std::size_t values = network.inputs.size() + network.layers.size();
  for (const NetworkOutput& output : network.outputs) {
    if (output.value < values) continue;
    return fail(Code::bad_value_index, "{}, output '{}': value {} of {}", where, output.name, output.value,
                values);
  }
  return {};
}

}  // namespace

Status check_networks(const Header& header) {
  if (header.networks.empty()) return fail(Code::no_networks, "the file has no network");
  LC_TRY(check_count(header.networks.size(), kMaxNetworks, "networks"));
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < header.networks.size(); ++i) {
    LC_TRY(check_network(header, header.networks[i], i));
    names.emplace_back(header.networks[i].name);
  }
  return check_unique(std::move(names), Code::duplicate_network, "networks");
}

}  // namespace lc::format

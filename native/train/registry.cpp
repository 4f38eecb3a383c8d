// The table of model families, and what families share.
#include <cstdio>
#include <cstdlib>

#include "native/train/family.h"
#include "native/train/models/models.h"
#include "shared/core/random.h"

namespace lc::train {

namespace {

Registry filled() {
  Registry registry;
  const bool distinct =
      registry.add(ae_family()) && registry.add(vae_family()) && registry.add(dcgan_family());
  if (!distinct) {
    std::fputs("two model families have one name\n", stderr);
    std::abort();  // a mistake in this program, found by its first start
  }
  return registry;
}

}  // namespace

bool Registry::add(FamilyEntry entry) {
  if (find(entry.name) != nullptr) return false;
  entries_.push_back(std::move(entry));
  return true;
}

const FamilyEntry* Registry::find(const std::string& name) const {
  for (const FamilyEntry& entry : entries_) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

const Registry& families() {
  static const Registry registry = filled();
  return registry;
}

Result<const FamilyEntry*> find_family(const std::string& name) {
  if (const FamilyEntry* entry = families().find(name)) return entry;
  std::vector<std::string> names;
  std::string list;
  for (const FamilyEntry& entry : families().entries()) {
    names.push_back(entry.name);
    list += (list.empty() ? "" : ", ") + entry.name;
  }
  const std::string_view near = nearest_name(name, names);
  return fail(Code::unknown_name, "no model is called '" + name + "'" +
                                      (near.empty() ? "." : ", did you mean '" + std::string(near) + "'?") +
                                      " Known: " + list + ".");
}

torch::Tensor philox_normal(std::uint64_t seed, std::uint64_t first, Sizes shape) {
  torch::Tensor out = torch::empty(shape);
  fill_normal(seed, Stream::latent, first, {out.data_ptr<float>(), static_cast<std::size_t>(out.numel())});
  return out;
}

torch::Tensor philox_uniform(std::uint64_t seed, std::uint64_t first, Sizes shape, double low, double high) {
  torch::Tensor out = torch::empty(shape);
  fill_uniform(seed, Stream::latent, first, {out.data_ptr<float>(), static_cast<std::size_t>(out.numel())});
  return out.mul_(high - low).add_(low);
}

Status Family::fit_prior(Nets&, const torch::Tensor&, bool, const Stop&) {
  return {};
}

torch::Tensor Family::latents(std::int64_t count, std::uint64_t seed) const {
  std::vector<torch::Tensor> parts;
  for (const format::PriorPart& part : prior()) {
    const Sizes shape = {count, part.size};
    parts.push_back(
        part.kind == format::PriorKind::uniform
            ? philox_uniform(seed, 0, shape, static_cast<double>(part.low), static_cast<double>(part.high))
            : philox_normal(seed, 0, shape));
  }
  return torch::cat(parts, 1);
}

std::vector<format::PriorPart> Family::export_prior(format::Writer&) const {
  return prior();
}

torch::Tensor Family::reconstruct(Nets&, const torch::Tensor&) const {
  return {};
}

std::vector<format::Metric> Family::evaluate(Nets&, const torch::Tensor&, std::uint64_t, const Stop&) const {
  return {};
}

}  // namespace lc::train

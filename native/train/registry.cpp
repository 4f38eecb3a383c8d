// The table of model families, and what families share.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "native/train/family.h"
#include "native/train/models/models.h"
#include "shared/core/random.h"

namespace lc::train {

namespace {

// One a line, in the order in which they are listed.
constexpr FamilyEntry (*kFamilies[])() = {
    ae_family,
    vae_family,
    beta_vae_family,
    cvae_family,
    gan_family,
    gan1d_family,
    painters_family,
    label_gan_family,
    dcgan_family,
    wgan_family,
    wgan_gp_family,
    improved_gan_family,
    began_family,
    cgan_family,
    acgan_family,
    infogan_family,
    latent_prior_gan_family,
    vae_gan_hybrid_family,
    progan_family,
    cyclegan_family,
    vaegan_family,
    cppn_family,
    classifier_family,
};

Registry filled() {
  Registry registry;
  for (FamilyEntry (*family)() : kFamilies) {
    if (registry.add(family())) continue;
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

Status check_dataset(const FamilyEntry& entry, const data::DatasetSpec& spec) {
  const bool pictures = spec.height > 1;
  const bool listed =
      std::find(entry.datasets.begin(), entry.datasets.end(), spec.name) != entry.datasets.end();
  if (entry.datasets.empty() ? pictures : listed) return {};
  std::string takes;
  for (const std::string& name : entry.datasets) takes += (takes.empty() ? "" : ", ") + name;
  if (takes.empty()) {
    for (const data::DatasetSpec& known : data::datasets()) {
      if (known.height > 1) takes += (takes.empty() ? "" : ", ") + known.name;
    }
  }
  return fail(Code::bad_combination, "model " + entry.name + " cannot train on " + spec.name + ": it needs " +
                                         entry.needs + ". Give --dataset with one of: " + takes + ".");
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
  const std::vector<format::PriorPart> parts = prior();
  std::size_t size = 0;
  for (const format::PriorPart& part : parts) size += part.size;
  torch::Tensor out = torch::zeros({count, static_cast<std::int64_t>(size)});
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const Span<float> row{out.data_ptr<float>() + i * size, size};
    for (std::size_t p = 0, at = 0; p < parts.size(); at += parts[p].size, ++p) {
      const Span<float> z{row.data + at, parts[p].size};
      if (parts[p].kind == format::PriorKind::categorical) {
        float u = 0;
        fill_uniform(seed, Stream::component, i * parts.size() + p, {&u, 1});
        z.data[std::min(z.size - 1, static_cast<std::size_t>(u * static_cast<float>(z.size)))] = 1;
      } else if (parts[p].kind == format::PriorKind::uniform) {
        fill_uniform(seed, Stream::latent, i * size + at, z);
        for (float& value : z) value = parts[p].low + (parts[p].high - parts[p].low) * value;
      } else {
        fill_normal(seed, Stream::latent, i * size + at, z);
      }
    }
  }
  return out;
}

std::vector<format::PriorPart> Family::export_prior(format::Writer&) const {
  return prior();
}

torch::Tensor Family::reconstruct(Nets&, const torch::Tensor&, const torch::Tensor&) const {
  return {};
}

std::vector<format::Metric> Family::evaluate(Nets&, const torch::Tensor&, const torch::Tensor&, std::uint64_t,
                                             const Stop&) const {
  return {};
}

DataShape Family::picture(const DataShape& data) const {
  return data;
}

std::vector<std::string> Family::exported(const Nets& nets) const {
  std::vector<std::string> labels;
  for (const auto& [label, net] : nets) labels.push_back(label);
  return labels;
}

}  // namespace lc::train

// Walks the registry: every family lowers its loss, resumes bit for bit, stops at a NaN, and exports a file
// that says all.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "native/train/export.h"
#include "native/train/package.h"
#include "tests/native/train_helpers.h"

namespace lc::train {
namespace {

class EveryFamily : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { one_thread(); }
  // Dense and convolutional networks are tested apart where a family has both.
  static std::vector<std::vector<std::string>> variants() {
    std::vector<std::vector<std::string>> result = {{}};
    if (make_recipe(GetParam()).value()->table.set_pair("net=mlp").ok()) result.push_back({"net=mlp"});
    return result;
  }
};

// How far the first loss must fall; for some there is a floor that it cannot pass.
double fall_of(const std::string& family) {
  if (family == "painters") return 0.98;  // small steps, and both players take them
  if (family == "wgan-gp" || family == "improved-gan" || family == "began") return 0.98;  // the same
  if (family == "vae-gan-hybrid") return 0.9;    // its KL term weighs six times as much, and is not small
  if (family == "latent-prior-gan") return 0.9;  // in so short a run its autoencoder rests half of the time
  return 0.8;
}

// Steps until it has: infogan's discriminator does not learn for itself alone.
std::string steps_of(const std::string& family) {
  return family == "infogan" ? "epochs=300" : "epochs=60";
}

TEST_P(EveryFamily, LowersItsLossOnOneBatchRepeated) {
  if (GetParam() == "gan1d") GTEST_SKIP() << "judged by what it draws: Gan1d.MovesItsNumbersToTheData";
  if (GetParam() == "wgan") GTEST_SKIP() << "its estimate rises before it falls: WganTest";
  const data::Dataset data = small_data_of(GetParam(), 32);
  for (std::vector<std::string> pairs : variants()) {
    pairs.push_back(steps_of(GetParam()));
    pairs.push_back("timeline=0");
    pairs.push_back("lr_schedule=constant");
    const std::unique_ptr<Recipe> recipe = small_recipe(GetParam(), pairs);
    // Where there are parts, mostly the first; and nothing that a discriminator cannot learn from one batch,
    // nor one that has learnt it by heart and is most of the loss.
    for (const char* pair :
         {"encoder_share=0.9", "input_noise=0", "mismatched=false", "adversarial_weight=0.005"}) {
      const Status where_it_is_an_option = recipe->table.set_pair(pair);
      static_cast<void>(where_it_is_an_option);
    }
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    std::vector<double> losses;
    while (!trainer->done()) {
      ASSERT_TRUE(trainer->step().ok());
      losses.push_back(trainer->take_losses()->at(0).second);
    }
    std::printf("%s %s: %.4g after 1 step, %.4g after %zu\n", GetParam().c_str(), pairs[0].c_str(),
                losses.front(), losses.back(), losses.size());
    EXPECT_LT(losses.back(), fall_of(GetParam()) * losses.front());
  }
}

// Everything that goes on mattering, as the bytes that a resumed run would start from; the clock apart.
std::vector<std::uint8_t> state_bytes(Trainer& trainer) {
  Result<State> state = trainer.state();
  EXPECT_TRUE(state.ok()) << state.status().message;
  state->tensors.erase("seconds");
  return write_state(state.value());
}

TEST_P(EveryFamily, ResumesBitForBit) {
  const data::Dataset data = small_data_of(GetParam());  // 3 iterations an epoch: the break is inside one
  for (std::vector<std::string> pairs : variants()) {
    pairs.push_back("epochs=4");
    pairs.push_back("lr_schedule=cosine");
    const std::unique_ptr<Recipe> whole_recipe = small_recipe(GetParam(), pairs);
    const std::unique_ptr<Trainer> whole = small_trainer(*whole_recipe, data);
    while (!whole->done()) ASSERT_TRUE(whole->step().ok());
    const std::vector<std::uint8_t> expected = state_bytes(*whole);
    for (const std::int64_t stop : {0, 1, 5, 11}) {
      const std::unique_ptr<Recipe> first_recipe = small_recipe(GetParam(), pairs);
      const std::unique_ptr<Trainer> first = small_trainer(*first_recipe, data);
      while (first->iteration() < stop) ASSERT_TRUE(first->step().ok());
      const std::vector<std::uint8_t> bytes = write_state(first->state().value());
      const Result<State> read = read_state(Bytes(bytes), "state");
      ASSERT_TRUE(read.ok()) << read.status().message;
      const std::unique_ptr<Recipe> second_recipe = small_recipe(GetParam(), pairs);
      const std::unique_ptr<Trainer> second = small_trainer(*second_recipe, data);
      torch::manual_seed(99);  // whatever else the process has drawn
      ASSERT_TRUE(second->restore(read.value()).ok());
      while (!second->done()) ASSERT_TRUE(second->step().ok());
      EXPECT_TRUE(state_bytes(*second) == expected)
          << GetParam() << " stopped after " << stop << " iterations";
    }
    std::printf("%s %s: %zu bytes of state equal after 4 breaks\n", GetParam().c_str(), pairs[0].c_str(),
                expected.size());
  }
}

TEST_P(EveryFamily, AnotherSeedIsAnotherRun) {
  const data::Dataset data = small_data_of(GetParam());
  std::vector<std::vector<std::uint8_t>> states;
  for (const char* seed : {"seed=1", "seed=1", "seed=2"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(GetParam(), {seed});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    ASSERT_TRUE(trainer->step().ok());
    Result<State> state = trainer->state();
    state->texts.erase("option/seed");
    state->tensors.erase("seconds");
    states.push_back(write_state(state.value()));
  }
  EXPECT_TRUE(states[0] == states[1]);
  EXPECT_FALSE(states[0] == states[2]);
}

TEST_P(EveryFamily, StopsAtANanAndKeepsTheGoodState) {
  const data::Dataset data = small_data_of(GetParam());
  const std::unique_ptr<Recipe> recipe = small_recipe(GetParam());
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  ASSERT_TRUE(trainer->step().ok());
  const State good = trainer->state().take();
  {
    const torch::NoGradGuard no_grad;
    for (auto& [label, net] : trainer->live()) net->parameters()[0].view(-1)[0] = std::nanf("");
  }
  EXPECT_EQ(trainer->state().status().code, Code::diverged) << "a state with a NaN must not be saved";
  const Status status = trainer->step();
  EXPECT_EQ(status.code, Code::diverged);
  EXPECT_NE(status.message.find("at iteration 2"), std::string::npos) << status.message;
  const std::unique_ptr<Trainer> again = small_trainer(*recipe, data);
  ASSERT_TRUE(again->restore(good).ok());
  EXPECT_TRUE(again->step().ok());
}

TEST_P(EveryFamily, PriorSamplesAreNotReconstructions) {
  if (small_recipe(GetParam())->family->player().empty()) GTEST_SKIP() << GetParam() << " draws nothing";
  std::vector<torch::Tensor> samples, reconstructions;
  for (const std::uint64_t seed : {12u, 77u}) {
    data::Dataset data = small_data_of(GetParam());
    data.test = data::synthetic_split(*data.spec, 32, seed);
    const std::unique_ptr<Recipe> recipe = small_recipe(GetParam(), {"epochs=6"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
    ASSERT_TRUE(trainer->fit_prior(true, [] { return false; }).ok());
    samples.push_back(trainer->samples(9, 1));
    EXPECT_LT(max_abs(samples.back().narrow(0, 0, 4), trainer->samples(4, 1)), 1e-5)
        << "picture i depends on the count";
    EXPECT_GE(samples.back().min().item<float>(), 0);
    EXPECT_LE(samples.back().max().item<float>(), 1);
    reconstructions.push_back(trainer->reconstructions(9));
  }
  // Samples know nothing of the test images, unless they are translations; reconstructions do.
  const std::unique_ptr<Recipe> recipe = small_recipe(GetParam());
  const bool translates = recipe->family->prior().empty();
  EXPECT_EQ(max_abs(samples[0], samples[1]) > 0, translates);
  if (!reconstructions[0].defined()) return;
  EXPECT_GT(max_abs(reconstructions[0], reconstructions[1]),
            1e-4);  // far above rounding; few steps were made
  EXPECT_GT(max_abs(reconstructions[0], samples[0]), 1e-3);
}

TEST_P(EveryFamily, ExportsAFileThatSaysEverything) {
  const FamilyEntry& entry = *families().find(GetParam());
  for (const std::string& dataset :
       entry.datasets.empty() ? std::vector<std::string>{"mnist", "cifar10"} : entry.datasets) {
    const data::Dataset data = entry.datasets.empty() ? small_data(dataset) : small_data_of(GetParam());
    const std::unique_ptr<Recipe> recipe = small_recipe(
        GetParam(), {"dataset=" + dataset, "dtype=f32", "epochs=4", "timeline=3", "data_dir=/somewhere"});
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    while (!trainer->done()) ASSERT_TRUE(trainer->step().ok());
    ASSERT_TRUE(trainer->fit_prior(true, [] { return false; }).ok());
    const std::vector<format::Metric> metrics = trainer->evaluate([] { return false; });
    const Result<std::vector<std::uint8_t>> bytes = package(*trainer, metrics);
    ASSERT_TRUE(bytes.ok()) << bytes.status().message;
    const Result<format::ModelFile> file = format::read_model(Bytes(bytes.value()));
    ASSERT_TRUE(file.ok()) << file.status().message;
    const format::Header& header = file->header;
    EXPECT_EQ(header.family, GetParam());
    EXPECT_EQ(header.image.channels, data.channels);
    std::set<std::string> travelling;
    const bool plays = !recipe->family->player().empty();
    if (plays) {
      EXPECT_EQ(header.networks[0].name, recipe->family->player());
      travelling.insert(recipe->family->player());
    }
    for (const std::string& label : recipe->family->exported(trainer->averaged())) travelling.insert(label);
    EXPECT_EQ(header.networks.size(), travelling.size());
    std::uint32_t latents = 0;
    for (const format::PriorPart& part : recipe->family->prior()) latents += part.size;
    EXPECT_EQ(format::latent_size(header), latents);
    EXPECT_EQ(header.timeline.size(), plays ? 3u : 0u);
    EXPECT_FALSE(header.curve.iterations.empty());
    const std::size_t strips = 1 + (plays ? 1 : 0) + (trainer->reconstructions(1).defined() ? 1 : 0);
    EXPECT_EQ(header.strips.size(), strips);
    EXPECT_EQ(header.provenance.iterations, 12u);
    EXPECT_FALSE(header.provenance.dataset_verified);
    std::set<std::string> keys;
    for (const format::Option& option : header.provenance.options) {
      keys.insert(option.key);
      EXPECT_EQ(option.value.find("/somewhere"), std::string::npos) << option.key;
    }
    EXPECT_EQ(keys.size(), recipe->table.rows().size() - 1);
    // Each network's tensors, exactly: what was averaged, folded, and nothing else.
    double worst = 0;
    for (const format::Network& network : header.networks) {
      const ExportedNetwork expected = export_network(*trainer->averaged().at(network.name));
      for (std::size_t l = 0; l < network.layers.size(); ++l) {
        for (std::size_t t = 0; t < network.layers[l].tensors.size(); ++t) {
          const ExportedTensor& wanted = expected.tensors[expected.network.layers[l].tensors[t]];
          torch::Tensor found = torch::empty_like(wanted.values);
          format::read_tensor(file.value(), network.layers[l].tensors[t],
                              {found.data_ptr<float>(), static_cast<std::size_t>(found.numel())});
          worst = std::max(worst, max_abs(found, wanted.values));
        }
      }
    }
    EXPECT_EQ(worst, 0);
    std::printf("%s %s: %zu bytes, %zu tensors equal to the last bit\n", GetParam().c_str(), dataset.c_str(),
                bytes->size(), header.tensors.size());
  }
}

TEST_P(EveryFamily, ShipsSmallFilesInHalfFloatsAndBytes) {
  const data::Dataset data = small_data_of(GetParam());
  std::vector<std::size_t> sizes;
  for (const char* dtype : {"dtype=f32", "dtype=f16", "dtype=i8"}) {
    const std::unique_ptr<Recipe> recipe = small_recipe(GetParam(), {dtype, "timeline=0"});
    for (const char* wider : {"width=8", "hidden=64"}) {
      if (recipe->table.set_pair(wider).ok()) break;
    }
    const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
    ASSERT_TRUE(trainer->step().ok());
    ASSERT_TRUE(trainer->fit_prior(false, [] { return false; }).ok());
    const Result<std::vector<std::uint8_t>> bytes = package(*trainer, {});
    ASSERT_TRUE(bytes.ok()) << bytes.status().message;
    ASSERT_TRUE(format::read_model(Bytes(bytes.value())).ok());
    sizes.push_back(bytes->size());
  }
  std::printf("%s: %zu bytes as f32, %zu as f16, %zu as i8\n", GetParam().c_str(), sizes[0], sizes[1],
              sizes[2]);
  EXPECT_LT(sizes[1], sizes[0]);
  EXPECT_LT(sizes[2], sizes[1]);
}

TEST_P(EveryFamily, StatesItsSourceAndItsOptions) {
  const FamilyEntry& entry = *families().find(GetParam());
  EXPECT_FALSE(entry.paper.empty());
  EXPECT_FALSE(entry.sentence.empty());
  EXPECT_FALSE(entry.needs.empty());
  EXPECT_GE(entry.year, 1980);
  bool own = false;
  for (const OptionTable::Row& row : make_recipe(GetParam()).value()->table.rows()) {
    EXPECT_FALSE(row.sentence.empty()) << row.key;
    own = own || row.family;
  }
  EXPECT_TRUE(own);
}

TEST_P(EveryFamily, RefusesAStateOfOtherNetworks) {
  const data::Dataset data = small_data_of(GetParam());
  const std::unique_ptr<Recipe> recipe = small_recipe(GetParam()), other = small_recipe(GetParam());
  ASSERT_TRUE(other->table.set_pair("latent_size=5").ok() || other->table.set_pair("width=5").ok());
  const std::unique_ptr<Trainer> trainer = small_trainer(*recipe, data);
  State state = trainer->state().take();
  const std::unique_ptr<Trainer> second = small_trainer(*other, data);
  const std::vector<std::uint8_t> before = state_bytes(*second);
  EXPECT_EQ(second->restore(state).code, Code::bad_combination);
  EXPECT_TRUE(state_bytes(*second) == before) << "a refused state changed something";
  // Every record is needed but for the losses since the last line of the log, which older builds did not
  // keep; the type and shape of each are checked.
  std::size_t refused = 0;
  const State whole = state;
  for (const auto& [name, tensor] : whole.tensors) {
    State less = state;
    less.tensors.erase(name);
    State longer = state;
    longer.tensors[name] = torch::zeros({tensor.numel() + 3}, torch::kUInt8);
    refused += trainer->restore(less).ok() ? 0 : 1;
    EXPECT_FALSE(trainer->restore(longer).ok()) << name;
  }
  EXPECT_EQ(refused, state.tensors.size() - 1);
  // Of the right sizes, with numbers that no run has.
  const std::vector<std::uint8_t> good = state_bytes(*trainer);
  for (const char* name : {"rng/cpu", "counters"}) {
    State wrong = state;
    wrong.tensors[name] = torch::full_like(whole.tensors.at(name), name[0] == 'r' ? 255 : -1);
    EXPECT_EQ(trainer->restore(wrong).code, Code::data_damaged) << name;
  }
  State later = state;
  later.tensors["moments"] = torch::full({1}, 1000000, torch::kInt64);
  EXPECT_EQ(trainer->restore(later).code, Code::data_damaged) << "a moment after the last iteration";
  EXPECT_TRUE(state_bytes(*trainer) == good) << "a refused state changed something";
  state.texts["dataset_sha256"] = "other";
  EXPECT_EQ(trainer->restore(state).code, Code::bad_combination);
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryFamily, ::testing::ValuesIn(family_names()), [](const auto& row) {
  std::string name = row.param;  // GoogleTest takes letters and digits alone
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(Families, RefuseShapesTheyCannotBuild) {
  for (const std::string& name : family_names()) {
    const std::unique_ptr<Recipe> recipe = small_recipe(name);
    const Status conv = recipe->table.set_pair("net=conv");  // dense networks take any shape
    static_cast<void>(conv);
    const Result<Nets> nets = recipe->family->build({1, 30, 28});
    ASSERT_FALSE(nets.ok()) << name;
    EXPECT_EQ(nets.status().code, Code::bad_combination);
    EXPECT_NE(nets.status().message.find("30 x 28"), std::string::npos) << nets.status().message;
  }
}

TEST(Families, RefuseMoreThanThereIs) {
  const data::Dataset data = small_data("mnist", 20);
  const std::unique_ptr<Recipe> recipe = small_recipe("vae");
  EXPECT_EQ(Trainer::make(*recipe, data).status().code, Code::bad_combination);
}

}  // namespace
}  // namespace lc::train

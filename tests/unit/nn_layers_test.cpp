// Each layer kind, and whole networks, against the definition evaluated in double precision.
#include <gtest/gtest.h>

#include <cstdio>

#include "shared/nn/graph.h"
#include "tests/unit/nn_model.h"
#include "tests/unit/nn_reference.h"

namespace lc::test {
namespace {

// As in kernels_matrix_test.cpp, for a few layers behind one another.
constexpr double kTolerance = 1e-4;

// Runs network 0 of the file for `batch` random samples on both kernel sets; returns the largest difference
// from the definition.
double difference(const format::ModelFile& file, std::size_t batch) {
  const format::Network& network = file.header.networks[0];
  double worst = 0;
  for (const kernels::Kernels* set : {&kernels::plain(), &kernels::simd()}) {
    auto graph = nn::Graph::compile(file, 0, UINT32_MAX, *set);
    EXPECT_TRUE(graph.ok()) << graph.status().message;
    if (!graph.ok()) return INFINITY;
    std::vector<std::vector<float>> inputs, outputs;
    std::vector<const float*> from;
    std::vector<float*> to;
    for (const auto& port : graph->inputs())
      inputs.push_back(random_floats(batch * port.shape.size(), inputs.size() + 50));
    for (const auto& port : graph->outputs()) outputs.emplace_back(batch * port.shape.size(), NAN);
    for (auto& v : inputs) from.push_back(v.data());
    for (auto& v : outputs) to.push_back(v.data());
    nn::Workspace workspace;
    const Status status = workspace.run(graph.value(), batch, from, to);
    EXPECT_TRUE(status.ok()) << status.message;
    std::vector<ReferenceBatch> samples(inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const std::size_t size = inputs[i].size() / batch;
      for (std::size_t b = 0; b < batch; ++b) {
        samples[i].push_back(
            {network.inputs[i].shape,
             {inputs[i].begin() + long(b * size), inputs[i].begin() + long((b + 1) * size)}});
      }
    }
    const auto expected = reference_run(file, network, samples);
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const std::size_t size = outputs[o].size() / batch;
      for (std::size_t b = 0; b < batch; ++b) {
        EXPECT_EQ(size, expected[o][b].numbers.size());
        for (std::size_t i = 0; i < size; ++i) {
          const double here = std::fabs(outputs[o][b * size + i] - expected[o][b].numbers[i]);
          if (!(here <= worst)) worst = std::isnan(here) ? INFINITY : here;
        }
      }
    }
  }
  return worst;
}

// A network made by `build` agrees with the definition.
template <class Build>
void expect_agreement(const char* what, format::Role role, const char* input,
                      std::vector<std::uint32_t> shape, Build build, format::ImageSpec image = {}) {
  format::Writer writer = new_writer(role == format::Role::decoder ? shape[0] : 3, image);
  NetBuilder net(writer, role, "net", input, std::move(shape));
  build(net);
  writer.header.networks.push_back(net.network);
  const TestFile made = finish(writer);
  for (const std::size_t batch : {1, 2, 7}) {
    const double worst = difference(made.file, batch);
    EXPECT_LE(worst, kTolerance) << what << ", batch " << batch;
    if (batch == 7) std::printf("%s: max abs %.2e\n", what, worst);
  }
}

constexpr format::ImageSpec kColour = {3, 8, 8, 0, 1};

TEST(NnLayers, DenseReluAndAReshapeToAnImageOfManyChannels) {
  expect_agreement(
      "dense + relu + reshape", format::Role::decoder, "latent", {5},
      [](NetBuilder& net) {
        net.dense(5, 3 * 8 * 8);
        net.layer("relu");
        net.image(3, 8, 8);
        net.output("image");
      },
      kColour);
}

TEST(NnLayers, AReshapeWhoseInputIsALatentMovesTheNumbersItself) {
  expect_agreement(
      "latent + reshape + conv", format::Role::decoder, "latent", {2 * 8 * 8},
      [](NetBuilder& net) {
        net.image(2, 8, 8);
        net.conv2d(2, 3, 3, 1, 1);
        net.output("image");
      },
      kColour);
}

TEST(NnLayers, FeaturesBetweenReshapesKeepTheirOrderThroughActivationsAndScales) {
  expect_agreement(
      "flatten + scale_shift + tanh + dense", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        net.conv2d(3, 6, 4, 2, 1);
        net.features(6 * 4 * 4);
        net.layer("scale_shift", {}, {{6 * 4 * 4}, {6 * 4 * 4}});
        net.layer("tanh");
        net.dense(6 * 4 * 4, 3);
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, AFlattenedImageThatIsAnOutputIsChannelMajor) {
  expect_agreement(
      "flatten as output", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        net.conv2d(3, 5, 3, 1, 1);
        const std::uint32_t flat = net.features(5 * 8 * 8);
        net.output("flat");
        net.from(flat).dense(5 * 8 * 8, 3);
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, AReshapeFromOneImageToAnotherKeepsChannelMajorOrder) {
  expect_agreement(
      "image to image", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        net.image(12, 4, 4);
        net.conv2d(12, 2, 3, 1, 0);
        net.features(8);
        net.image(4, 2, 1);
        net.features(8);
        net.dense(8, 3);
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, ConvTransposeWithOutputPaddingAndWithoutBias) {
  expect_agreement(
      "conv_transpose2d output_padding", format::Role::decoder, "latent", {6},
      [](NetBuilder& net) {
        net.image(6, 1, 1);
        net.layer("conv_transpose2d", {{"stride", 1}, {"padding", 0}}, {{6, 5, 4, 4}});
        net.layer("scale_shift", {}, {{5}, {5}});
        net.layer("relu");
        net.layer("conv_transpose2d", {{"stride", 2}, {"padding", 1}, {"output_padding", 1}},
                  {{5, 3, 3, 3}, {3}});
        net.layer("tanh");
        net.output("image");
      },
      kColour);
}

TEST(NnLayers, AValueReadTwiceIsNotChangedByTheActivationOfOneReader) {
  expect_agreement("two heads on an unactivated value", format::Role::encoder, "image", {1, 28, 28},
                   [](NetBuilder& net) {
                     net.features(784);
                     const std::uint32_t trunk = net.dense(784, 16);
                     net.layer("relu");
                     net.dense(16, 3);
                     net.output("mean");
                     net.from(trunk).layer("sigmoid");
                     net.dense(16, 3);
                     net.output("log_variance");
                     net.from(trunk).output("trunk");
                   });
}

TEST(NnLayers, AnInputThatIsAnOutputComesOutUnchanged) {
  expect_agreement(
      "input as output", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        net.from(0).output("same");
        net.layer("relu");
        net.output("activated");
        net.features(3 * 8 * 8);
        net.dense(192, 3);
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, AnImageIsUpsampledPooledAndNormalised) {
  expect_agreement(
      "upsample, avg_pool, norms", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        net.conv2d(3, 19, 3, 1, 1);
        net.layer("instance_norm", {}, {{19}, {19}});
        net.layer("elu", {{"alpha", 0.5}});
        net.layer("upsample", {{"factor", 3}});
        net.layer("pixel_norm");
        net.layer("avg_pool", {{"kernel", 5}});
        net.output("pooled");
        net.layer("layer_norm", {}, {{19}, {19}});
        net.layer("instance_norm");
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, FeaturesAreNormalisedAndBecomeProbabilities) {
  expect_agreement("norms and softmax of features", format::Role::encoder, "image", {1, 28, 28},
                   [](NetBuilder& net) {
                     net.features(784);
                     net.dense(784, 37);
                     net.layer("layer_norm", {}, {{37}, {37}});
                     net.layer("softplus");
                     net.layer("pixel_norm");
                     net.output("normed");
                     net.layer("softmax");
                     net.output("mean");
                   });
}

TEST(NnLayers, FeaturesBecomeTheLogOfTheirSumOfExponentials) {
  expect_agreement("logsumexp", format::Role::discriminator, "image", {1, 28, 28}, [](NetBuilder& net) {
    net.features(784);
    net.dense(784, 11);
    net.output("classes");
    net.layer("logsumexp");
    net.output("logit");
  });
}

TEST(NnLayers, AResidualBlockAddsWhatItBeganWith) {
  expect_agreement(
      "residual block", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        const std::uint32_t begin = net.conv2d(3, 6, 3, 1, 1);
        net.layer("relu");
        const std::uint32_t end = net.conv2d(6, 6, 3, 1, 1);
        net.from(begin).layer("add", {}, {}, {end});
        net.layer("leaky_relu", {{"slope", 0.2}});
        const std::uint32_t twice = net.layer("add", {}, {}, {begin});
        net.layer("add", {}, {}, {twice});
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, FeaturesAreAddedToEachPixelAndImagesJoinedAlongChannels) {
  expect_agreement(
      "add to pixels, concat of images and of features", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        net.features(192);
        const std::uint32_t features = net.dense(192, 5);
        const std::uint32_t joined = net.layer("concat", {}, {}, {features, features});
        net.layer("tanh");
        net.output("joined");
        const std::uint32_t picture = net.from(0).conv2d(3, 5, 1, 1, 0);
        const std::uint32_t coloured = net.layer("add", {}, {}, {features});
        net.from(0).layer("concat", {}, {}, {picture, coloured, 0});
        net.output("mean");
        net.from(joined).output("joined.again");
      },
      kColour);
}

TEST(NnLayers, ADenseLayerBehindAConcatOfFlattenedImagesReadsThemInTheirOrder) {
  expect_agreement(
      "concat of flattened images", format::Role::encoder, "image", {3, 8, 8},
      [](NetBuilder& net) {
        const std::uint32_t flat = net.features(192);
        net.from(0).conv2d(3, 4, 3, 2, 1);
        net.features(64);
        net.layer("concat", {}, {}, {flat});
        net.layer("elu", {{"alpha", 1}});
        net.dense(256, 7);
        net.output("mean");
      },
      kColour);
}

TEST(NnLayers, MinibatchLayersCompareTheSamplesOfAGroup) {
  for (const double group : {1.0, 2.0, 3.0, 64.0}) {
    expect_agreement(
        "minibatch layers", format::Role::discriminator, "image", {3, 8, 8},
        [group](NetBuilder& net) {
          net.conv2d(3, 5, 4, 2, 1);
          net.layer("minibatch_stddev", {{"group", group}});
          net.output("stddev");
          net.features(6 * 4 * 4);
          net.dense(96, 11);
          net.layer("minibatch_discrimination", {{"group", group}}, {{11, 6, 3}});
          net.output("nearness");
          net.dense(17, 1);
          net.output("logit");
        },
        kColour);
  }
}

TEST(NnLayers, AGroupIsNeverCutByTheBlocksOfALargeBatch) {
  // Blocks of these layers would hold 64 samples; 60 are the largest multiple of the group.
  format::Writer writer = new_writer(3, kColour);
  NetBuilder net(writer, format::Role::discriminator, "net", "image", {3, 8, 8});
  net.layer("minibatch_stddev", {{"group", 12}});
  net.features(4 * 64);
  net.dense(256, 1);
  net.output("logit");
  writer.header.networks.push_back(net.network);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok()) << graph.status().message;
  EXPECT_EQ(graph->group(), 12u);
  EXPECT_EQ(graph->workspace_floats(1000) % 12, 0u);
  EXPECT_LE(difference(made.file, 150), kTolerance);
}

TEST(NnLayers, WholeDecodersAgreeForOneAndThreeChannels) {
  for (const std::uint32_t channels : {1u, 3u}) {
    format::Writer writer = new_writer(10, {channels, 28, 28, 0, 1});
    add_conv_decoder(writer, 10, channels);
    const TestFile made = finish(writer);
    for (const std::size_t batch : {1, 5})
      EXPECT_LE(difference(made.file, batch), kTolerance) << channels << " channels";
  }
}

TEST(NnLayers, HalvesAndBytesAreExpandedWhenPacked) {
  for (const format::DType dtype : {format::DType::f16, format::DType::i8}) {
    format::Writer writer = new_writer(4, {1, 28, 28, 0, 1});
    NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {4});
    net.dtype = dtype;
    net.dense(4, 784);
    net.layer("sigmoid");
    net.image(1, 28, 28);
    net.output("image");
    writer.header.networks.push_back(net.network);
    const TestFile made = finish(writer);
    EXPECT_LE(difference(made.file, 3), kTolerance) << "dtype " << int(dtype);
  }
}

}  // namespace
}  // namespace lc::test

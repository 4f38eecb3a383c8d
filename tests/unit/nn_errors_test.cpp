// What Graph::compile refuses: each with its own code and a message that names network, layer, expected and
// found.
#include <gtest/gtest.h>

#include <cstdio>

#include "shared/nn/graph.h"
#include "tests/unit/nn_model.h"

namespace lc::test {
namespace {

// A decoder of all layer kinds that compiles: latent 4 -> dense -> image -> conv_transpose -> conv -> scale
// -> tanh.
format::Writer good_writer() {
  format::Writer writer = new_writer(4, {1, 8, 8, -1, 1});
  NetBuilder net(writer, format::Role::decoder, "decoder", "latent", {4});
  net.dense(4, 3 * 4 * 4);                    // layer 0
  net.layer("leaky_relu", {{"slope", 0.2}});  // layer 1
  net.image(3, 4, 4);                         // layer 2
  net.conv_transpose2d(3, 2, 4, 2, 1);        // layer 3
  net.layer("scale_shift", {}, {{2}, {2}});   // layer 4
  net.conv2d(2, 1, 3, 1, 1);                  // layer 5
  net.layer("tanh");                          // layer 6
  net.output("image");
  writer.header.networks.push_back(net.network);
  return writer;
}

using Spoil = void (*)(format::ModelFile&);

format::LayerRecord& layer(format::ModelFile& file, std::size_t i) {
  return file.header.networks[0].layers[i];
}
format::TensorRecord& tensor(format::ModelFile& file, std::size_t i, std::size_t t) {
  return file.header.tensors[layer(file, i).tensors[t]];
}
void set(format::ModelFile& file, std::size_t i, const char* name, double value) {
  for (format::Attribute& a : layer(file, i).attributes) {
    if (a.name == name) a.value = value;
  }
}

struct Row {
  const char* what;
  Code code;
  const char* says;  // part of the message
  Spoil spoil;
};

const Row kRows[] = {
    {"a layer reads a later value", Code::bad_value_index, "reads value 7",
     [](auto& f) { layer(f, 2).inputs = {7}; }},
    {"an output of a value that is not there", Code::bad_value_index, "value 99",
     [](auto& f) { f.header.networks[0].outputs[0].value = 99; }},
    {"a tensor that is not there", Code::bad_tensor_index, "tensor 999",
     [](auto& f) { layer(f, 0).tensors[0] = 999; }},
    {"too many layers", Code::too_many_layers, "at most 512",
     [](auto& f) { f.header.networks[0].layers.resize(513, layer(f, 6)); }},
    {"an unknown kind near a known one", Code::unknown_layer, "did you mean 'conv2d'?",
     [](auto& f) { layer(f, 5).kind = "conv2"; }},
    {"an unknown kind lists the known ones", Code::unknown_layer, "dense, conv2d, conv_transpose2d",
     [](auto& f) { layer(f, 5).kind = "attention"; }},
    {"no stride", Code::bad_attribute, "'stride' is missing",
     [](auto& f) { layer(f, 5).attributes.erase(layer(f, 5).attributes.begin()); }},
    {"stride 0", Code::bad_attribute, "'stride' is 0", [](auto& f) { set(f, 5, "stride", 0); }},
    {"stride one and a half", Code::bad_attribute, "is 1.5", [](auto& f) { set(f, 5, "stride", 1.5); }},
    {"stride 17", Code::bad_attribute, "1 to 16", [](auto& f) { set(f, 3, "stride", 17); }},
    {"negative padding", Code::bad_attribute, "'padding' is -1", [](auto& f) { set(f, 5, "padding", -1); }},
    {"padding of 1e300", Code::bad_attribute, "'padding'", [](auto& f) { set(f, 5, "padding", 1e300); }},
    {"a stride that is not a number", Code::bad_attribute, "'stride'",
     [](auto& f) { set(f, 5, "stride", NAN); }},
    {"an attribute given twice", Code::bad_attribute, "given twice",
     [](auto& f) {
       layer(f, 5).attributes.push_back({"stride", 1});
     }},
    {"an attribute that nobody reads", Code::bad_attribute, "'dilation' is unknown",
     [](auto& f) {
       layer(f, 5).attributes.push_back({"dilation", 2});
     }},
    {"an attribute on an activation", Code::bad_attribute, "'slope' is unknown to layers of kind 'tanh'",
     [](auto& f) {
       layer(f, 6).attributes.push_back({"slope", 2});
     }},
    {"leaky_relu without slope", Code::bad_attribute, "'slope' is missing",
     [](auto& f) { layer(f, 1).attributes.clear(); }},
    {"slope 1000", Code::bad_attribute, "-100 to 100", [](auto& f) { set(f, 1, "slope", 1000); }},
    {"output_padding as large as the stride", Code::bad_attribute, "output_padding",
     [](auto& f) {
       layer(f, 3).attributes.push_back({"output_padding", 2});
     }},
    {"output_padding on conv2d", Code::bad_attribute, "output_padding",
     [](auto& f) {
       layer(f, 5).attributes.push_back({"output_padding", 0});
     }},
    {"reshape with half a shape", Code::bad_attribute, "'width' is missing",
     [](auto& f) { layer(f, 2).attributes.pop_back(); }},
    {"reshape with features and channels", Code::bad_attribute, "unknown",
     [](auto& f) {
       layer(f, 2).attributes.push_back({"features", 48});
     }},
    {"no input", Code::bad_layer_inputs, "has 0 inputs, expected 1",
     [](auto& f) { layer(f, 0).inputs.clear(); }},
    {"two inputs", Code::bad_layer_inputs, "has 2 inputs, expected 1",
     [](auto& f) {
       layer(f, 0).inputs = {0, 0};
     }},
    {"dense on an image", Code::bad_layer_inputs, "put a reshape before it",
     [](auto& f) {
       layer(f, 3) = layer(f, 0);
       layer(f, 3).inputs = {3};
     }},
    {"conv2d on features", Code::bad_layer_inputs, "48 features",
     [](auto& f) {
       layer(f, 2) = layer(f, 5);
       layer(f, 2).inputs = {2};
     }},
    {"reshape to another size", Code::bad_layer_inputs, "cannot reshape [48] of 48 numbers to [3][4][5]",
     [](auto& f) { set(f, 2, "width", 5); }},
    {"reshape to a size that overflows", Code::bad_layer_inputs, "cannot reshape",
     [](auto& f) {
       set(f, 2, "width", 1 << 24);
       set(f, 2, "height", 1 << 24);
       set(f, 2, "channels", 1 << 24);
     }},
    {"a kernel larger than its input", Code::bad_layer_inputs, "leaves an output of height",
     [](auto& f) {
       set(f, 5, "padding", 0);
       tensor(f, 5, 0).shape = {1, 2, 9, 9};
     }},
    {"padding that eats the output", Code::bad_layer_inputs, "leaves an output",
     [](auto& f) { set(f, 3, "padding", 5); }},
    {"no tensors", Code::bad_layer_tensors, "has 0 tensors, expected 1 to 2",
     [](auto& f) { layer(f, 0).tensors.clear(); }},
    {"tensors on an activation", Code::bad_layer_tensors, "has 1 tensors, expected 0",
     [](auto& f) { layer(f, 6).tensors = {0}; }},
    {"scale without shift", Code::bad_layer_tensors, "expected 2",
     [](auto& f) { layer(f, 4).tensors.pop_back(); }},
    {"dense weight of rank 1", Code::bad_layer_tensors, "has shape [48], expected 2 dimensions",
     [](auto& f) { layer(f, 0).tensors[0] = layer(f, 0).tensors[1]; }},
    {"dense weight for other inputs", Code::bad_layer_tensors, "expected [48][4]",
     [](auto& f) {
       tensor(f, 0, 0).shape = {48, 5};
     }},
    {"dense bias of another length", Code::bad_layer_tensors, "bias",
     [](auto& f) { tensor(f, 0, 1).shape = {47}; }},
    {"conv weight of rank 2", Code::bad_layer_tensors, "expected 4 dimensions",
     [](auto& f) {
       tensor(f, 5, 0).shape = {1, 18};
     }},
    {"conv weight for other channels", Code::bad_layer_tensors, "expected [1][2][3][3]",
     [](auto& f) {
       tensor(f, 5, 0).shape = {1, 3, 3, 3};
     }},
    {"conv_transpose weight in conv's order", Code::bad_layer_tensors, "expected [3][3][4][4]",
     [](auto& f) {
       tensor(f, 3, 0).shape = {2, 3, 4, 4};
     }},
    {"conv bias of another length", Code::bad_layer_tensors, "bias",
     [](auto& f) { tensor(f, 5, 1).shape = {2}; }},
    {"a kernel of 65", Code::bad_layer_tensors, "at most 64x64",
     [](auto& f) {
       tensor(f, 5, 0).shape = {1, 2, 65, 65};
     }},
    {"scale for other channels", Code::bad_layer_tensors, "expected [2]",
     [](auto& f) { tensor(f, 4, 0).shape = {3}; }},
    {"an image of another size", Code::bad_network_outputs, "the file's pictures are [1][9][8]",
     [](auto& f) { f.header.image.height = 9; }},
    {"too many numbers a picture", Code::too_much_work, "numbers in memory",
     [](auto& f) { f.header.networks[0].inputs[0].shape = {1u << 25}; }},
    {"an input of rank 2", Code::bad_network_inputs, "1 or 3 dimensions",
     [](auto& f) {
       f.header.networks[0].inputs[0].shape = {2, 2};
     }},
};

TEST(NnErrors, TheGoodFileCompiles) {
  format::Writer writer = good_writer();
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  EXPECT_TRUE(graph.ok()) << graph.status().message;
}

TEST(NnErrors, EveryKindOfBadNetworkIsRefusedWithItsCodeAndItsPlace) {
  format::Writer writer = good_writer();
  const TestFile made = finish(writer);
  for (const Row& row : kRows) {
    format::ModelFile file = made.file;
    row.spoil(file);
    const auto graph = nn::Graph::compile(file, 0, 0, kernels::simd());
    ASSERT_FALSE(graph.ok()) << row.what;
    const Status& status = graph.status();
    EXPECT_EQ(status.code, row.code) << row.what << ": " << name_of(status.code) << ": " << status.message;
    EXPECT_NE(status.message.find(row.says), std::string::npos) << row.what << ": " << status.message;
    EXPECT_NE(status.message.find("decoder"), std::string::npos) << row.what << ": " << status.message;
  }
  std::printf("%zu kinds of bad network refused\n", std::size(kRows));
}

// An encoder of [3][8][8] images and one layer of a kind under test.
struct OneLayer {
  const char* what;
  Code code;
  const char* says;
  const char* kind;
  NetBuilder::Attributes attributes;
  std::vector<NetBuilder::Shape> tensors;
  std::vector<std::uint32_t> others;  // value 1: the image as 192 features; 2: an image [3][16][4]
  std::uint32_t first = 0;
};

const std::vector<OneLayer>& bad_layers() {
  static const std::vector<OneLayer> rows = {
      {"elu without alpha", Code::bad_attribute, "'alpha' is missing", "elu", {}, {}, {}},
      {"alpha of 1000", Code::bad_attribute, "-100 to 100", "elu", {{"alpha", 1000}}, {}, {}},
      {"softplus with a slope", Code::bad_attribute, "unknown", "softplus", {{"slope", 1}}, {}, {}},
      {"softmax of an image", Code::bad_layer_inputs, "expected features", "softmax", {}, {}, {}},
      {"upsample of features",
       Code::bad_layer_inputs,
       "expected an image",
       "upsample",
       {{"factor", 2}},
       {},
       {},
       1},
      {"upsample by 0", Code::bad_attribute, "'factor' is 0", "upsample", {{"factor", 0}}, {}, {}},
      {"upsample by 65", Code::bad_attribute, "1 to 64", "upsample", {{"factor", 65}}, {}, {}},
      {"upsample by one and a half", Code::bad_attribute, "is 1.5", "upsample", {{"factor", 1.5}}, {}, {}},
      {"avg_pool of features",
       Code::bad_layer_inputs,
       "expected an image",
       "avg_pool",
       {{"kernel", 2}},
       {},
       {},
       1},
      {"avg_pool by 0", Code::bad_attribute, "'kernel' is 0", "avg_pool", {{"kernel", 0}}, {}, {}},
      {"avg_pool of more than the image",
       Code::bad_layer_inputs,
       "does not fit",
       "avg_pool",
       {{"kernel", 9}},
       {},
       {}},
      {"concat of one value", Code::bad_layer_inputs, "has 1 inputs, expected 2 to 4", "concat", {}, {}, {}},
      {"concat of five values", Code::bad_layer_inputs, "has 5 inputs", "concat", {}, {}, {0, 0, 0, 0}},
      {"concat of an image and features",
       Code::bad_layer_inputs,
       "cannot join [3][8][8] and [192]",
       "concat",
       {},
       {},
       {1}},
      {"concat of images of other sizes", Code::bad_layer_inputs, "cannot join", "concat", {}, {}, {2}},
      {"add of one value", Code::bad_layer_inputs, "has 1 inputs, expected 2", "add", {}, {}, {}},
      {"add of another image",
       Code::bad_layer_inputs,
       "cannot add [3][16][4] to [3][8][8]",
       "add",
       {},
       {},
       {2}},
      {"add of too many features",
       Code::bad_layer_inputs,
       "cannot add [192] to [3][8][8]",
       "add",
       {},
       {},
       {1}},
      {"instance_norm of features",
       Code::bad_layer_inputs,
       "expected an image",
       "instance_norm",
       {},
       {},
       {},
       1},
      {"instance_norm with half its tensors",
       Code::bad_layer_tensors,
       "a scale and a shift",
       "instance_norm",
       {},
       {{3}},
       {}},
      {"instance_norm of other channels",
       Code::bad_layer_tensors,
       "expected [3]",
       "instance_norm",
       {},
       {{3}, {4}},
       {}},
      {"layer_norm of other features",
       Code::bad_layer_tensors,
       "expected [192]",
       "layer_norm",
       {},
       {{3}, {3}},
       {},
       1},
      {"layer_norm with an eps", Code::bad_attribute, "unknown", "layer_norm", {{"eps", 1}}, {}, {}},
      {"pixel_norm with a scale", Code::bad_layer_tensors, "expected 0", "pixel_norm", {}, {{3}, {3}}, {}},
      {"minibatch_stddev without group",
       Code::bad_attribute,
       "'group' is missing",
       "minibatch_stddev",
       {},
       {},
       {}},
      {"a group of 0", Code::bad_attribute, "'group' is 0", "minibatch_stddev", {{"group", 0}}, {}, {}},
      {"a group of 65", Code::bad_attribute, "1 to 64", "minibatch_stddev", {{"group", 65}}, {}, {}},
      {"minibatch_discrimination of an image",
       Code::bad_layer_inputs,
       "expected features",
       "minibatch_discrimination",
       {{"group", 4}},
       {{3, 2, 2}},
       {}},
      {"minibatch_discrimination of rank 2",
       Code::bad_layer_tensors,
       "3 dimensions",
       "minibatch_discrimination",
       {{"group", 4}},
       {{192, 4}},
       {},
       1},
      {"minibatch_discrimination for other features",
       Code::bad_layer_tensors,
       "expected [192][2][2]",
       "minibatch_discrimination",
       {{"group", 4}},
       {{191, 2, 2}},
       {},
       1},
  };
  return rows;
}

TestFile one_layer(const OneLayer& row, format::Role role = format::Role::encoder) {
  format::Writer writer = new_writer(3, {3, 8, 8, 0, 1});
  NetBuilder net(writer, role, "net", "image", {3, 8, 8});
  net.features(192);
  net.image(3, 16, 4);
  net.from(row.first).layer(row.kind, row.attributes, row.tensors, row.others);
  net.output(role == format::Role::encoder ? "mean" : "logit");
  writer.header.networks.push_back(net.network);
  return finish(writer);
}

TEST(NnErrors, EveryKindRefusesWhatItCannotRun) {
  for (const OneLayer& row : bad_layers()) {
    const TestFile made = one_layer(row);
    const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
    ASSERT_FALSE(graph.ok()) << row.what;
    const Status& status = graph.status();
    EXPECT_EQ(status.code, row.code) << row.what << ": " << name_of(status.code) << ": " << status.message;
    EXPECT_NE(status.message.find(row.says), std::string::npos) << row.what << ": " << status.message;
    EXPECT_NE(status.message.find(std::string("net, layer 2 (") + row.kind), std::string::npos)
        << status.message;
  }
  std::printf("%zu kinds of bad layer refused\n", bad_layers().size());
}

TEST(NnErrors, PlayersMayNotLookAcrossTheBatch) {
  TestFile made =
      one_layer({"", Code::ok, "", "minibatch_stddev", {{"group", 4}}, {}, {}}, format::Role::discriminator);
  ASSERT_TRUE(nn::Graph::compile(made.file, 0, 0, kernels::simd()).ok());
  for (const format::Role role : {format::Role::decoder, format::Role::generator}) {
    made.file.header.networks[0].role = role;
    const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
    ASSERT_FALSE(graph.ok());
    EXPECT_EQ(graph.status().code, Code::bad_layer_inputs) << graph.status().message;
    EXPECT_NE(graph.status().message.find("must draw each by itself"), std::string::npos);
  }
}

TEST(NnErrors, GroupsOfTwoSizesOrOfTooMuchMemoryAreRefused) {
  format::Writer writer = new_writer(3, {1, 1024, 1024, 0, 1});
  NetBuilder net(writer, format::Role::discriminator, "net", "image", {1, 1024, 1024});
  net.layer("minibatch_stddev", {{"group", 2}});
  net.layer("avg_pool", {{"kernel", 64}});
  net.layer("minibatch_stddev", {{"group", 2}});
  net.output("logit");
  writer.header.networks.push_back(net.network);
  const TestFile made = finish(writer);
  format::ModelFile file = made.file;
  EXPECT_TRUE(nn::Graph::compile(file, 0, 0, kernels::simd()).ok());
  set(file, 2, "group", 3);
  EXPECT_EQ(nn::Graph::compile(file, 0, 0, kernels::simd()).status().code, Code::bad_attribute);
  set(file, 0, "group", 64);
  const auto graph = nn::Graph::compile(file, 0, 0, kernels::simd());
  EXPECT_EQ(graph.status().code, Code::too_much_work) << graph.status().message;
  EXPECT_NE(graph.status().message.find("a group of 64"), std::string::npos) << graph.status().message;
}

TEST(NnErrors, WorkOverTheCapIsRefusedBeforeAnythingIsPacked) {
  // 64 x 64 kernels on 256 x 256 pictures: more than 2^33 multiply-adds, from a small file.
  format::Writer writer = new_writer(1, {1, 256, 256, 0, 1});
  NetBuilder net(writer, format::Role::encoder, "encoder", "image", {1, 256, 256});
  const std::uint32_t weight = net.tensor({1, 1, 63, 63});
  for (int i = 0; i < 40; ++i) {
    net.layer("conv2d", {{"stride", 1}, {"padding", 31}});
    net.network.layers.back().tensors = {weight};
  }
  net.output("image");
  net.network.outputs[0].name = "mean";
  writer.header.networks.push_back(net.network);
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.status().code, Code::too_much_work) << graph.status().message;
  EXPECT_NE(graph.status().message.find("multiply-adds"), std::string::npos) << graph.status().message;
}

TEST(NnErrors, ANetworkThatIsNotThereIsRefused) {
  format::Writer writer = good_writer();
  const TestFile made = finish(writer);
  EXPECT_EQ(nn::Graph::compile(made.file, 5, 0, kernels::simd()).status().code, Code::bad_argument);
}

TEST(NnErrors, ARunWithTheWrongNumberOfPortsIsRefused) {
  format::Writer writer = good_writer();
  const TestFile made = finish(writer);
  const auto graph = nn::Graph::compile(made.file, 0, 0, kernels::simd());
  ASSERT_TRUE(graph.ok());
  nn::Workspace workspace;
  EXPECT_EQ(workspace.run(graph.value(), 1, {}, {}).code, Code::bad_argument);
}

}  // namespace
}  // namespace lc::test

// info, verify, export, sample and bench on a model that the test writes, and on every kind of bad file.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "native/io/npy.h"
#include "shared/format/format.h"
#include "tests/native/cli_program.h"
#include "tests/unit/format_bad_files.h"
#include "tests/unit/sample_model.h"
#include "tests/unit/session_models.h"

namespace lc::test {
namespace {

using nlohmann::json;

constexpr float kKernelTolerance = 1e-4f;  // what every engine must agree to

class Models : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    write("weights/tiny.lcw", sample::sample_bytes());
  }
  // A run that must go well; what it wrote to `raw.npy`.
  io::Array raw(std::vector<std::string> more) const {
    std::vector<std::string> words = {"sample", "--weights", "tiny", "--raw", "raw.npy"};
    words.insert(words.end(), more.begin(), more.end());
    const Outcome outcome = cli(words);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    Result<io::Array> array = io::load_npy(at("raw.npy"));
    EXPECT_TRUE(array.ok()) << array.status().message;
    return array.ok() ? array.take() : io::Array{};
  }
};

float largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return INFINITY;
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(a[i] - b[i]));
  return largest;
}

TEST_F(Models, VerifySaysOkOncePerFile) {
  const Outcome outcome = cli({"verify", "tiny", "weights/tiny.lcw"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "weights/tiny.lcw: ok\nweights/tiny.lcw: ok\n");
}

TEST_F(Models, VerifyNamesTheFaultOfEveryBadFile) {
  std::size_t count = 0;
  for (const sample::BadFile& bad : sample::bad_files()) {
    write("bad.lcw", bad.bytes);
    const Outcome outcome = cli({"verify", "bad.lcw"});
    EXPECT_EQ(outcome.code, exit_code(bad.code)) << bad.name;
    EXPECT_EQ(outcome.out.find(std::string(name_of(bad.code)) + ": bad.lcw: "), 0u)
        << bad.name << ": " << outcome.out;
    EXPECT_NE(outcome.out.find(bad.fragment), std::string::npos) << bad.name << ": " << outcome.out;
    EXPECT_NE(outcome.err.find("1 of 1 files are bad"), std::string::npos) << bad.name;
    ++count;
  }
  std::printf("%zu kinds of bad file\n", count);
  EXPECT_GT(count, 40u);
}

TEST_F(Models, VerifyGoesOnAfterABadFile) {
  write("bad.lcw", "no weights");
  const Outcome outcome = cli({"verify", "bad.lcw", "absent.lcw", "tiny"});
  EXPECT_FAILS(outcome, 4, "2 of 3 files are bad");
  EXPECT_NE(outcome.out.find("\nio_open: absent.lcw: cannot be opened"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("\nweights/tiny.lcw: ok\n"), std::string::npos) << outcome.out;
}

TEST_F(Models, EveryCommandRefusesABadFileWithExitCode4AndAMissingOneWith5) {
  write("bad.lcw", std::vector<std::uint8_t>(100, 'x'));
  for (const char* file : {"bad.lcw", "absent.lcw", "weights"}) {
    const int code = file[0] == 'b' ? 4 : file[0] == 'a' ? 5 : 2;
    const std::string part = std::string(file) + ": ";
    EXPECT_FAILS(cli({"info", file}), code, part);
    EXPECT_FAILS(cli({"sample", "--weights", file}), code, part);
    EXPECT_FAILS(cli({"export", file}), code, part);
    EXPECT_FAILS(cli({"bench", file}), code, part);
  }
}

TEST_F(Models, AMistypedNameGetsTheNearest) {
  EXPECT_FAILS(cli({"info", "tyni"}), 2, "Did you mean 'tiny'?");
  EXPECT_FAILS(cli({"info", "xyzzy"}), 2, "Known:");
}

TEST_F(Models, ARunFolderMeansItsWeights) {
  write("runs/7-vae-mnist/weights.lcw", sample::sample_bytes());
  EXPECT_EQ(cli({"verify", "runs/7-vae-mnist"}).out, "runs/7-vae-mnist/weights.lcw: ok\n");
  EXPECT_EQ(cli({"sample", "--weights", "runs/7-vae-mnist/", "--count", "2"}).code, 0);
  EXPECT_FALSE(bytes_at("7-vae-mnist.png").empty()) << "the picture is not named after the run";
}

// As the page and the viewer name a file in the command that they copy.
TEST_F(Models, ANameIsAlsoLookedForBesideUsAndAmongTheRuns) {
  write("runs/7-vae-mnist/weights.lcw", sample::sample_bytes());
  write("mine.lcw", sample::sample_bytes());
  EXPECT_EQ(cli({"verify", "7-vae-mnist"}).out, "runs/7-vae-mnist/weights.lcw: ok\n");
  EXPECT_EQ(cli({"verify", "mine"}).out, "mine.lcw: ok\n");
}

TEST_F(Models, InfoTellsPeopleWhatTheFileHolds) {
  const Outcome outcome = cli({"info", "tiny"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const char* part :
       {"family", "1 x 8 x 8", "test_loss 101.25, nats a picture", "conv_transpose2d", "stride 2",
        "NOT the pinned files", "learning_rate=0.001", "3 moments, after 1 100 iterations",
        "decoder (decoder): latent (8) -> image (1 x 8 x 8)", "blend mixture (2), 2 Gaussians"}) {
    EXPECT_NE(outcome.out.find(part), std::string::npos) << part << " is not in:\n" << outcome.out;
  }
}

TEST_F(Models, InfoAsJsonIsTheWholeHeader) {
  const Outcome outcome = cli({"info", "tiny", "--json"});
  const json parsed = json::parse(outcome.out, nullptr, false);
  ASSERT_FALSE(parsed.is_discarded()) << outcome.out;
  const format::Header header = sample::sample_writer().header;
  EXPECT_EQ(parsed["title"], header.title);
  EXPECT_EQ(parsed["bytes"], sample::sample_bytes().size());
  EXPECT_EQ(parsed["classes"], json(header.classes));
  ASSERT_EQ(parsed["networks"].size(), header.networks.size());
  for (std::size_t n = 0; n < header.networks.size(); ++n) {
    const json& network = parsed["networks"][n];
    EXPECT_EQ(network["name"], header.networks[n].name);
    ASSERT_EQ(network["layers"].size(), header.networks[n].layers.size());
    for (std::size_t i = 0; i < header.networks[n].layers.size(); ++i) {
      const format::LayerRecord& layer = header.networks[n].layers[i];
      EXPECT_EQ(network["layers"][i]["kind"], layer.kind);
      EXPECT_EQ(network["layers"][i]["inputs"], json(layer.inputs));
      EXPECT_EQ(network["layers"][i]["attributes"].size(), layer.attributes.size());
      for (std::size_t t = 0; t < layer.tensors.size(); ++t) {
        EXPECT_EQ(network["layers"][i]["tensors"][t], header.tensors[layer.tensors[t]].name);
      }
    }
  }
  ASSERT_EQ(parsed["tensors"].size(), header.tensors.size());
  for (std::size_t i = 0; i < header.tensors.size(); ++i) {
    EXPECT_EQ(parsed["tensors"][i]["shape"], json(header.tensors[i].shape));
    EXPECT_EQ(parsed["tensors"][i]["offset"], header.tensors[i].offset);
  }
  EXPECT_EQ(parsed["curve"]["series"]["kl"], json({0, 1.5, 20, 25}));
  EXPECT_EQ(parsed["provenance"]["options"]["net"], "mlp");
  EXPECT_EQ(parsed["timeline"][1]["iteration"], 100);
  // 128 bytes 0, 2, 4 ...: the first three are 00 02 04.
  EXPECT_EQ(parsed["strips"][0]["pixels_base64"].get<std::string>().substr(0, 4), "AAIE");
  EXPECT_EQ(parsed["strips"][0]["pixels_base64"].get<std::string>().size(), 172u);
}

TEST_F(Models, TheSameSeedGivesTheSamePicturesOnAnyNumberOfThreads) {
  const io::Array one = raw({"--count", "150", "--seed", "7", "--threads", "1"});
  EXPECT_EQ(one.shape, (std::vector<std::uint64_t>{150, 1, 8, 8}));
  EXPECT_GE(*std::min_element(one.values.begin(), one.values.end()), 0);
  EXPECT_LE(*std::max_element(one.values.begin(), one.values.end()), 1);
  const std::vector<std::uint8_t> bytes = bytes_at("raw.npy");
  for (const char* threads : {"1", "2", "3", "8"}) {
    raw({"--count", "150", "--seed", "7", "--threads", threads});
    EXPECT_TRUE(bytes_at("raw.npy") == bytes) << threads << " threads";
  }
  const io::Array fewer = raw({"--count", "5", "--seed", "7"});
  EXPECT_TRUE(std::equal(fewer.values.begin(), fewer.values.end(), one.values.begin()))
      << "a part differs from the whole";
  EXPECT_GT(largest_difference(one.values, raw({"--count", "150", "--seed", "8"}).values), 0.01f)
      << "the seed does nothing";
}

TEST_F(Models, PlainAndFastKernelsAgree) {
  const io::Array fast = raw({"--count", "37"});
  const io::Array plain = raw({"--count", "37", "--plain"});
  const float difference = largest_difference(fast.values, plain.values);
  std::printf("plain and fast kernels: max abs %.2g\n", static_cast<double>(difference));
  EXPECT_LE(difference, kKernelTolerance);
}

TEST_F(Models, LatentsThatWereSavedGiveTheSamePicturesAgain) {
  const io::Array drawn = raw({"--count", "9", "--seed", "3", "--save-latents", "z.npy"});
  const Result<io::Array> latents = io::load_npy(at("z.npy"));
  ASSERT_TRUE(latents.ok()) << latents.status().message;
  EXPECT_EQ(latents->shape, (std::vector<std::uint64_t>{9, 8}));
  EXPECT_EQ(raw({"--latents", "z.npy"}).values, drawn.values);
  EXPECT_FAILS(cli({"sample", "--weights", "tiny", "--latents", "z.npy", "--count", "4"}), 2,
               "9 rows, but --count is 4");
}

TEST_F(Models, AnEditedPictureTakesItsPlaceAndTheOthersStay) {
  const io::Array plain = raw({"--count", "9", "--seed", "3", "--save-latents", "z.npy"});
  const Result<io::Array> latents = io::load_npy(at("z.npy"));
  ASSERT_TRUE(latents.ok()) << latents.status().message;
  // The numbers of picture 7 in the place of picture 4.
  std::string edit = "4=";
  for (std::size_t i = 0; i < 8; ++i) {
    char number[32];
    std::snprintf(number, sizeof number, i == 0 ? "%.9g" : ",%.9g",
                  static_cast<double>(latents->values[7 * 8 + i]));
    edit += number;
  }
  const io::Array edited = raw({"--count", "9", "--seed", "3", "--edit", edit});
  io::Array expected = plain;
  constexpr std::ptrdiff_t kPixels = 64;
  std::copy_n(plain.values.begin() + 7 * kPixels, kPixels, expected.values.begin() + 4 * kPixels);
  EXPECT_LE(largest_difference(edited.values, expected.values), kKernelTolerance);
  for (const char* bad :
       {"4", "9=1,2,3,4,5,6,7,8", "4=1,2,3", "4=1,2,3,4,5,6,7,x", "x=1", "4=1,2,3,4,5,6,7,8,", "-1=1"}) {
    EXPECT_FAILS(cli({"sample", "--weights", "tiny", "--count", "9", "--raw", "bad.npy", "--edit", bad}), 2,
                 "expected PICTURE=Z1,Z2,... with a picture from 0 to 8 and 8 numbers");
  }
  EXPECT_FALSE(std::filesystem::exists(at("bad.npy")));
}

TEST_F(Models, ArraysThatDoNotFitAreRefused) {
  ASSERT_TRUE(io::save_npy(at("wide.npy"), {2, 9}, std::vector<float>(18)).ok());
  ASSERT_TRUE(io::save_npy(at("flat.npy"), {8}, std::vector<float>(8)).ok());
  ASSERT_TRUE(io::save_npy(at("none.npy"), {0, 8}, {}).ok());
  ASSERT_TRUE(io::save_npy(at("nan.npy"), {1, 8}, std::vector<float>(8, NAN)).ok());
  write("text.npy", "1 2 3");
  const auto with = [&](const char* option, const char* file) {
    return cli({"sample", "--weights", "tiny", option, file, "--raw", "raw.npy"});
  };
  EXPECT_FAILS(with("--latents", "wide.npy"), 3, "wide.npy: shape 2 x 9, this model needs N x 8");
  EXPECT_FAILS(with("--latents", "flat.npy"), 3, "flat.npy: shape 8");
  EXPECT_FAILS(with("--latents", "none.npy"), 2, "none.npy: 0 rows");
  EXPECT_FAILS(with("--latents", "text.npy"), 3, "text.npy: only 5 bytes long");
  EXPECT_FAILS(with("--latents", "absent.npy"), 5, "absent.npy: cannot be opened");
  EXPECT_FAILS(with("--encode", "wide.npy"), 3, "this model needs N x 1 x 8 x 8");
  EXPECT_FALSE(std::filesystem::exists(at("raw.npy")));
  EXPECT_NE(with("--latents", "nan.npy").code, 0);
}

TEST_F(Models, ImpossibleRequestsAreRefused) {
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> words = {"sample", "--weights", "tiny", "--raw", "raw.npy"};
    words.insert(words.end(), more.begin(), more.end());
    return cli(words);
  };
  EXPECT_FAILS(with({"--count", "0"}), 2, "--count 0: expected 1 to 65536");
  EXPECT_FAILS(with({"--count", "1000000000"}), 2, "--count 1000000000: expected 1 to 65536");
  EXPECT_FAILS(with({"--count", "-1"}), 2, "'-1' is not a whole number of 0 or more");
  EXPECT_FAILS(with({"--count", "many"}), 2, "many");
  EXPECT_FAILS(with({"--seed", "99999999999999999999"}), 2, "'99999999999999999999' is too large");
  EXPECT_FAILS(with({"--seed", "7.5"}), 2, "'7.5' is not a whole number");
  EXPECT_FAILS(with({"--moment", "4294967296"}), 2, "--moment");
  EXPECT_FAILS(with({"--threads", "1000000"}), 2, "--threads 1000000");
  EXPECT_FAILS(with({"--moment", "3"}), 2, "this file has the moments 0 to 2");
  EXPECT_FAILS(with({"--label", "1"}), 2, "this model was trained without labels");
  EXPECT_FAILS(with({"--out", "x.png", "--scale", "0"}), 2, "scale of 0");
  EXPECT_FAILS(with({"--out", "x.png", "--scale", "4000000000"}), 2, "MiB");
  EXPECT_FAILS(with({"--encode", "x.npy", "--out", "x.png"}), 2, "--encode goes with --raw alone");
  EXPECT_FAILS(with({"--temperature", "nan"}), 2, "temperature");
}

TEST_F(Models, AnEarlierMomentDrawsOtherPictures) {
  const io::Array end = raw({});
  EXPECT_EQ(raw({"--moment", "2"}).values, end.values);
  const io::Array first = raw({"--moment", "0"}), second = raw({"--moment", "1"});
  EXPECT_GT(largest_difference(first.values, end.values), 0.001f);
  EXPECT_GT(largest_difference(first.values, second.values), 0.001f);
}

TEST_F(Models, PicturesAreEncoded) {
  raw({"--count", "70"});
  std::filesystem::rename(at("raw.npy"), at("pictures.npy"));
  const io::Array codes = raw({"--encode", "pictures.npy"});
  EXPECT_EQ(codes.shape, (std::vector<std::uint64_t>{70, 8}));
  EXPECT_GT(largest_difference(codes.values, std::vector<float>(codes.values.size())), 0.001f)
      << "all codes are 0";
  EXPECT_EQ(raw({"--encode", "pictures.npy", "--threads", "1"}).values, codes.values);
}

TEST_F(Models, ResultsGoToFilesToStdoutOrToADefaultName) {
  Outcome outcome = cli({"sample", "--weights", "tiny", "--count", "4"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_NE(outcome.err.find("4 pictures by tiny"), std::string::npos) << outcome.err;
  const std::vector<std::uint8_t> png = bytes_at("tiny.png");
  ASSERT_GT(png.size(), 33u);
  EXPECT_EQ(std::memcmp(png.data(), "\x89PNG\r\n\x1a\n", 8), 0);
  const std::uint32_t side = 2 * (8 * 2) + 3 * 2;  // two columns, scale 2, padding 2
  EXPECT_EQ(png[19], side);
  EXPECT_EQ(png[23], side);
  outcome = cli({"sample", "--weights", "tiny", "--count", "4", "--out", "-", "--quiet"});
  EXPECT_EQ(std::vector<std::uint8_t>(outcome.out.begin(), outcome.out.end()), png);
  EXPECT_EQ(outcome.err, "");
  EXPECT_FAILS(cli({"sample", "--weights", "tiny", "--out", "-", "--raw", "-"}), 2, "only one of");
}

TEST_F(Models, OutputThatCannotBeWrittenIsExitCode5) {
  for (const char* option : {"--out", "--raw", "--save-latents"}) {
    EXPECT_FAILS(cli({"sample", "--weights", "tiny", option, "no/such/folder/x"}), 5, "no/such/folder/x");
    EXPECT_FAILS(cli({"sample", "--weights", "tiny", option, "weights"}), 5, "is a folder");
    EXPECT_FAILS(cli({"sample", "--weights", "tiny", option, "/dev/full"}), 5, "No space left on device");
    Invocation what;
    what.arguments = {"sample", "--weights", "tiny", option, "-"};
    what.out_path = "/dev/full";
    EXPECT_FAILS(cli(what), 5, "No space left on device");
  }
  Invocation what;
  what.arguments = {"info", "tiny", "--json"};
  what.out_path = "/dev/full";
  EXPECT_FAILS(cli(what), 5, "No space left on device");
  EXPECT_FAILS(cli({"export", "tiny", "--out", "/dev/full"}), 5, "No space left on device");
}

// Follows the format's own rules: 8 bytes of length, JSON, then tensors without a hole.
TEST_F(Models, SafetensorsHoldEveryTensorAndTheGraph) {
  for (const bool keep : {false, true}) {
    std::vector<std::string> words = {"export", "tiny", "--out", "x.safetensors"};
    if (keep) words.push_back("--keep-dtype");
    const Outcome outcome = cli(words);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const std::vector<std::uint8_t> bytes = bytes_at("x.safetensors");
    std::uint64_t length = 0;
    ASSERT_GT(bytes.size(), 8u);
    std::memcpy(&length, bytes.data(), 8);
    ASSERT_LE(length, bytes.size() - 8);
    EXPECT_EQ(length % 8, 0u);
    EXPECT_EQ(bytes[8], '{');
    const json header =
        json::parse(bytes.begin() + 8, bytes.begin() + 8 + static_cast<long>(length), nullptr, false);
    ASSERT_TRUE(header.is_object());

    const std::vector<std::uint8_t> original = sample::sample_bytes();
    const Result<format::ModelFile> file = format::read_model(original);
    ASSERT_TRUE(file.ok());
    std::map<std::uint64_t, std::uint64_t> places;
    std::size_t tensors = 0, halves = 0;
    for (std::uint32_t i = 0; i < file->header.tensors.size(); ++i) {
      const format::TensorRecord& record = file->header.tensors[i];
      if (record.name.find("timeline.") == 0) {
        EXPECT_FALSE(header.contains(record.name)) << "a tensor of an earlier moment";
        continue;
      }
      ASSERT_TRUE(header.contains(record.name)) << record.name;
      const json& entry = header[record.name];
      const bool half = keep && record.dtype == format::DType::f16;
      EXPECT_EQ(entry["dtype"], half ? "F16" : "F32") << record.name;
      EXPECT_EQ(entry["shape"], json(record.shape)) << record.name;
      const std::uint64_t first = entry["data_offsets"][0], end = entry["data_offsets"][1];
      const std::uint64_t elements = format::element_count(record);
      ASSERT_EQ(end - first, elements * (half ? 2 : 4)) << record.name;
      ASSERT_LE(8 + length + end, bytes.size()) << record.name;
      places[first] = end;
      ++tensors;
      const std::uint8_t* data = bytes.data() + 8 + length + first;
      std::vector<float> values(elements);
      format::read_tensor(file.value(), i, values);
      if (half) {
        ++halves;
        EXPECT_EQ(std::memcmp(data, file->payload.data + record.offset, 2 * elements), 0) << record.name;
      } else {
        EXPECT_EQ(std::memcmp(data, values.data(), 4 * elements), 0) << record.name;
      }
    }
    EXPECT_EQ(header.size(), tensors + 1);
    EXPECT_EQ(halves > 0, keep);
    std::uint64_t at = 0;
    for (const auto& [first, end] : places) {
      EXPECT_EQ(first, at) << "a hole or an overlap";
      at = end;
    }
    EXPECT_EQ(8 + length + at, bytes.size());

    const json& metadata = header["__metadata__"];
    for (const auto& [key, value] : metadata.items()) EXPECT_TRUE(value.is_string()) << key;
    const json graph = json::parse(metadata["graph"].get<std::string>(), nullptr, false);
    ASSERT_EQ(graph.size(), 5u);
    EXPECT_EQ(graph[2]["layers"][3]["kind"], "conv_transpose2d");
    EXPECT_EQ(graph[2]["layers"][3]["attributes"]["stride"], 2);
    EXPECT_EQ(json::parse(metadata["image"].get<std::string>())["height"], 8);
  }
}

// The export says enough for anybody to get the same numbers: a script that knows NumPy alone.
TEST_F(Models, PythonRebuildsThePicturesFromTheExport) {
  format::Writer writer = sample::sample_writer();
  writer.header.networks.erase(writer.header.networks.begin());  // then the generator draws: convolutions, i8
  writer.header.timeline.clear();
  const Result<std::vector<std::uint8_t>> bytes = writer.finish();
  ASSERT_TRUE(bytes.ok()) << bytes.status().message;
  write("weights/generator.lcw", bytes.value());
  Invocation what;
  what.program = LC_PYTHON;
  what.arguments = {LC_SOURCE_DIR "/tests/native/rebuild_in_python.py", LC_CLI_PROGRAM,
                    at("weights/tiny.lcw"), at("weights/generator.lcw")};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(LC_SOURCE_DIR "/weights", error)) {
    if (entry.path().extension() == ".lcw") what.arguments.push_back(entry.path().string());
  }
  const Outcome outcome = cli(what);
  std::printf("%s", outcome.out.c_str());
  if (outcome.code == 77 || outcome.code == 126) GTEST_SKIP() << "Python with NumPy is missing";
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
}

TEST_F(Models, ExportOfAnEarlierMomentHasItsWeightsUnderTheSameNames) {
  ASSERT_EQ(cli({"export", "tiny", "--out", "end"}).code, 0);
  ASSERT_EQ(cli({"export", "tiny", "--out", "last", "--moment", "2"}).code, 0);
  ASSERT_EQ(cli({"export", "tiny", "--out", "first", "--moment", "0"}).code, 0);
  EXPECT_TRUE(bytes_at("end") == bytes_at("last"));
  EXPECT_EQ(bytes_at("end").size(), bytes_at("first").size());
  EXPECT_FALSE(bytes_at("end") == bytes_at("first"));
  EXPECT_FAILS(cli({"export", "tiny", "--moment", "3"}), 2, "moments 0 to 2");
}

TEST_F(Models, ExportOfThePlayerGivesTheSamePicturesFromFewerBytes) {
  ASSERT_EQ(cli({"export", "tiny", "--format", "player"}).code, 0);
  ASSERT_EQ(cli({"verify", "tiny.player.lcw"}).code, 0);
  EXPECT_LT(bytes_at("tiny.player.lcw").size(), bytes_at("weights/tiny.lcw").size());
  for (const std::string seed : {"7", "41"}) {
    ASSERT_EQ(cli({"sample", "-w", "tiny", "--seed", seed, "--raw", "whole.npy"}).code, 0);
    ASSERT_EQ(cli({"sample", "-w", "tiny.player.lcw", "--seed", seed, "--raw", "player.npy"}).code, 0);
    EXPECT_TRUE(bytes_at("whole.npy") == bytes_at("player.npy")) << "seed " << seed;
  }
  const json header = json::parse(cli({"info", "tiny.player.lcw", "--json"}).out);
  EXPECT_TRUE(header["timeline"].empty());
  for (const json& network : header["networks"]) {
    EXPECT_TRUE(network["role"] == "decoder" || network["role"] == "generator") << network["role"];
  }
  EXPECT_FAILS(cli({"export", "tiny", "--format", "player", "--moment", "0"}), 2, "leave --moment");
}

TEST_F(Models, BenchMeasuresEverySetOfKernels) {
  const Outcome outcome =
      cli({"bench", "--batch", "1,16", "tiny", "--threads", "1,2", "--seconds", "0.01", "--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const json rows = json::parse(outcome.out, nullptr, false);
  ASSERT_EQ(rows.size(), 8u) << outcome.out;
  for (const json& row : rows) {
    EXPECT_GT(row["pictures_per_second"], 0);
    EXPECT_GT(row["gflop_per_second"], 0);
  }
  EXPECT_NE(rows[0]["kernels"], rows[4]["kernels"]);
  EXPECT_FAILS(cli({"bench", "tiny", "--batch", "0"}), 2, "--batch 0");
  EXPECT_FAILS(cli({"bench", "tiny", "--threads", "100000"}), 2, "--threads 100000");
  EXPECT_FAILS(cli({"bench", "tiny", "--seconds", "-1"}), 2, "--seconds");
}

TEST_F(Models, PicturesOfAnySizeAreDrawnFromCoordinates) {
  write("weights/place.lcw", coordinate_model().bytes);
  const Outcome large =
      cli({"sample", "--weights", "place", "--size", "300", "--count", "2", "--raw", "large.npy"});
  ASSERT_EQ(large.code, 0) << large.err;
  const Result<io::Array> array = io::load_npy(at("large.npy"));
  ASSERT_TRUE(array.ok()) << array.status().message;
  EXPECT_EQ(array->shape, (std::vector<std::uint64_t>{2, 3, 300, 300}));
  const auto [low, high] = std::minmax_element(array->values.begin(), array->values.end());
  EXPECT_GT(*high - *low, 0.1f) << "the pictures are flat";
  EXPECT_NE(cli({"sample", "--weights", "place", "--size", "1025"}).code, 0);
  const Outcome fixed = cli({"sample", "--weights", "tiny", "--size", "300"});
  EXPECT_NE(fixed.code, 0);
  EXPECT_NE(fixed.err.find("pictures of one size"), std::string::npos) << fixed.err;
}

TEST_F(Models, PicturesAreTranslatedInTheDirectionThatIsNamed) {
  write("weights/pair.lcw", translating_model().bytes);
  std::vector<float> pictures(130 * 12);
  for (std::size_t i = 0; i < pictures.size(); ++i) pictures[i] = float(i % 97) / 96;
  ASSERT_TRUE(io::save_npy(at("in.npy"), {130, 1, 3, 4}, pictures).ok());
  const Outcome good =
      cli({"sample", "--weights", "pair", "--input", "in.npy", "--direction", "b-to-a", "--raw", "out.npy"});
  ASSERT_EQ(good.code, 0) << good.err;
  const Result<io::Array> array = io::load_npy(at("out.npy"));
  ASSERT_TRUE(array.ok()) << array.status().message;
  ASSERT_EQ(array->shape, (std::vector<std::uint64_t>{130, 1, 3, 4}));
  for (std::size_t i = 0; i < pictures.size(); ++i) ASSERT_NEAR(array->values[i], 1 - pictures[i], 1e-6) << i;
  for (const char* words : {"", "c-to-a"}) {
    std::vector<std::string> bad = {"sample", "--weights", "pair", "--input", "in.npy", "--raw", "out.npy"};
    if (*words) bad.insert(bad.end(), {"--direction", words});
    const Outcome outcome = cli(bad);
    EXPECT_NE(outcome.code, 0) << words;
    EXPECT_NE(outcome.err.find("Known: a-to-b, b-to-a"), std::string::npos) << outcome.err;
  }
  EXPECT_NE(cli({"sample", "--weights", "tiny", "--input", "in.npy", "--raw", "out.npy"}).code, 0);
  EXPECT_NE(cli({"sample", "--weights", "tiny", "--direction", "a-to-b"}).code, 0);
}

}  // namespace
}  // namespace lc::test

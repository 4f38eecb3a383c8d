// Data sets: found where they may lie, read in both layouts, refused with their reason when damaged.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>

#include "native/data/bytes.h"
#include "native/data/dataset.h"
#include "native/data/synthetic.h"
#include "native/io/files.h"

namespace lc::data {
namespace {

namespace fs = std::filesystem;

class DataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/lc-data-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    folder_ = name;
    saved_data_ = variable("LATENT_CANVAS_DATA");
    saved_cache_ = variable("XDG_CACHE_HOME");
    setenv("LATENT_CANVAS_DATA", (folder_ + "/nothing").c_str(), 1);
    setenv("XDG_CACHE_HOME", (folder_ + "/cache").c_str(), 1);
  }
  void TearDown() override {
    restore("LATENT_CANVAS_DATA", saved_data_);
    restore("XDG_CACHE_HOME", saved_cache_);
    fs::remove_all(folder_);
  }

  static std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  }
  static void restore(const char* name, const std::string& value) {
    value.empty() ? unsetenv(name) : setenv(name, value.c_str(), 1);
  }

  std::string synthetic(const std::string& name, std::uint32_t train = 60, std::uint32_t test = 20) const {
    const std::string folder = folder_ + "/" + name;
    fs::create_directories(folder);
    const Status written = write_synthetic(name, folder, train, test, 7);
    EXPECT_TRUE(written.ok()) << written.message;
    return folder;
  }
  std::vector<std::uint8_t> bytes_of(const std::string& path) const {
    const Result<std::vector<std::uint8_t>> bytes = io::read_file(path);
    EXPECT_TRUE(bytes.ok()) << bytes.status().message;
    return bytes.value();
  }
  static void write(const std::string& path, const std::vector<std::uint8_t>& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<long>(bytes.size()));
  }
  static void write_gz(const std::string& path, const std::vector<std::uint8_t>& bytes) {
    gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
  }
  DatasetQuery query(const std::string& name, bool unverified = true) const {
    return {name, folder_, unverified};
  }

  std::string folder_, saved_data_, saved_cache_;
};

TEST_F(DataTest, ReadsPlainAndGzippedIdxAlike) {
  const std::string folder = synthetic("mnist");
  const Result<Dataset> plain = load_dataset(query("mnist"));
  ASSERT_TRUE(plain.ok()) << plain.status().message;
  EXPECT_EQ(plain->train.count, 60u);
  EXPECT_EQ(plain->test.count, 20u);
  EXPECT_EQ(plain->train.images.size(), 60u * 28 * 28);
  EXPECT_FALSE(plain->verified);
  for (const FileSpec& file : plain->spec->files) {
    const std::string path = folder + "/" + file.name;
    write_gz(path + ".gz", bytes_of(path));
    fs::remove(path);
  }
  const Result<Dataset> zipped = load_dataset(query("mnist"));
  ASSERT_TRUE(zipped.ok()) << zipped.status().message;
  EXPECT_EQ(zipped->train.images, plain->train.images);
  EXPECT_EQ(zipped->test.labels, plain->test.labels);
  EXPECT_EQ(zipped->train_sha256, plain->train_sha256);
}

TEST_F(DataTest, ReadsCifarPlanesInOrder) {
  synthetic("cifar10", 50, 10);
  const Result<Dataset> data = load_dataset(query("cifar10"));
  ASSERT_TRUE(data.ok()) << data.status().message;
  EXPECT_EQ(data->train.count, 50u);
  EXPECT_EQ(data->test.count, 10u);
  const Split expected = synthetic_split(*data->spec, 10, 8);
  EXPECT_EQ(data->test.images, expected.images);
  EXPECT_EQ(data->test.labels, expected.labels);
}

// A way to spoil one file, the code, and words of the message.
struct BadFile {
  const char* name;
  const char* file;
  std::function<void(std::vector<std::uint8_t>&)> spoil;
  std::vector<std::string> words;
};

TEST_F(DataTest, RefusesEveryKindOfBadIdxFile) {
  const char* const images = "train-images-idx3-ubyte";
  const char* const labels = "train-labels-idx1-ubyte";
  using B = std::vector<std::uint8_t>;
  const std::vector<BadFile> kinds = {
      {"empty file",
       images,
       [](B& b) { b.clear(); },
       {"expected an IDX header of 16 bytes", "found 0 bytes"}},
      {"half a header", images, [](B& b) { b.resize(10); }, {"found 10 bytes"}},
      {"wrong first byte of the magic", images, [](B& b) { b[0] = 1; }, {"0x00000803", "0x01000803"}},
      {"float elements", images, [](B& b) { b[2] = 0x0d; }, {"0x00000803", "0x00000d03"}},
      {"labels in the images' place", images, [](B& b) { b[3] = 1; }, {"0x00000803", "0x00000801"}},
      {"images in the labels' place", labels, [](B& b) { b[3] = 3; }, {"0x00000801", "0x00000803"}},
      {"no pictures", images, [](B& b) { b[7] = 0; }, {"a dimension is 0"}},
      {"one picture too many in the header", images, [](B& b) { b[7] = 61; }, {"promises", "47824", "47040"}},
      {"sizes whose product overflows 64 bits",
       images,
       [](B& b) { std::fill(b.begin() + 4, b.begin() + 16, std::uint8_t{255}); },
       {"promises"}},
      {"one byte short", images, [](B& b) { b.pop_back(); }, {"promises", "47039"}},
      {"one byte long", images, [](B& b) { b.push_back(0); }, {"promises", "47041"}},
      {"pictures of another shape",
       images,
       [](B& b) {
         b[11] = 14;
         b[15] = 56;
       },
       {"28 x 28", "14 x 56"}},
      {"labels without the last",
       labels,
       [](B& b) {
         b.pop_back();
         b[7] = 59;
       },
       {"expected 60 labels", "found 59"}},
      {"a label of 10", labels, [](B& b) { b[8 + 33] = 10; }, {"labels 0 to 9", "found 10 at picture 33"}},
      {"a label of 255", labels, [](B& b) { b.back() = 255; }, {"found 255 at picture 59"}},
      {"a damaged test file", "t10k-images-idx3-ubyte", [](B& b) { b[3] = 9; }, {"t10k-images-idx3-ubyte"}},
      {"test labels cut", "t10k-labels-idx1-ubyte", [](B& b) { b.resize(3); }, {"t10k-labels-idx1-ubyte"}},
  };
  const std::string folder = synthetic("mnist");
  for (const BadFile& kind : kinds) {
    const std::string path = folder + "/" + kind.file;
    const std::vector<std::uint8_t> good = bytes_of(path);
    std::vector<std::uint8_t> bad = good;
    kind.spoil(bad);
    for (const bool gz : {false, true}) {
      gz ? write_gz(path, bad) : write(path, bad);  // content decides, not the name
      const Result<Dataset> data = load_dataset(query("mnist"));
      ASSERT_FALSE(data.ok()) << kind.name;
      EXPECT_EQ(data.status().code, Code::data_damaged) << kind.name << ": " << data.status().message;
      EXPECT_NE(data.status().message.find(path), std::string::npos) << data.status().message;
      EXPECT_NE(data.status().message.find("latent-canvas fetch mnist"), std::string::npos)
          << data.status().message;
      for (const std::string& word : kind.words) {
        EXPECT_NE(data.status().message.find(word), std::string::npos)
            << kind.name << ": " << data.status().message;
      }
    }
    write(path, good);
  }
  std::printf("%zu kinds of bad IDX file, plain and gzipped, each refused with its reason\n", kinds.size());
}

TEST_F(DataTest, RefusesEveryTruncatedPrefixOfAGzippedFile) {
  const std::string folder = synthetic("mnist", 10, 10);
  const std::string path = folder + "/train-labels-idx1-ubyte";
  write_gz(path, bytes_of(path));
  const std::vector<std::uint8_t> whole = bytes_of(path);
  std::size_t refused = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write(path, {whole.begin(), whole.begin() + static_cast<long>(length)});
    const Result<Dataset> data = load_dataset(query("mnist"));
    EXPECT_FALSE(data.ok()) << "prefix of " << length << " bytes was taken";
    if (!data.ok() && data.status().code == Code::data_damaged) ++refused;
  }
  EXPECT_EQ(refused, whole.size());
  std::printf("%zu truncated prefixes of a .gz refused\n", refused);
}

TEST_F(DataTest, RefusesBadCifarFiles) {
  const std::string path = synthetic("cifar10", 50, 10) + "/data_batch_3.bin";
  const std::vector<std::uint8_t> good = bytes_of(path);
  std::vector<std::uint8_t> bad = good;
  bad.pop_back();
  write(path, bad);
  const Result<Dataset> cut = load_dataset(query("cifar10"));
  ASSERT_FALSE(cut.ok());
  EXPECT_NE(cut.status().message.find("records of 3073"), std::string::npos) << cut.status().message;
  bad = good;
  bad[3073] = 77;
  write(path, bad);
  const Result<Dataset> label = load_dataset(query("cifar10"));
  ASSERT_FALSE(label.ok());
  EXPECT_NE(label.status().message.find("found 77 at picture 1"), std::string::npos)
      << label.status().message;
  write(path, {});
  EXPECT_EQ(load_dataset(query("cifar10")).status().code, Code::data_damaged);
}

TEST_F(DataTest, RefusesSoundFilesOfAnotherSizeOrHashUnlessAsked) {
  synthetic("mnist");
  const Result<Dataset> small = load_dataset(query("mnist", false));
  ASSERT_FALSE(small.ok());
  EXPECT_EQ(small.status().code, Code::data_damaged);
  EXPECT_NE(small.status().message.find("expected 60000 pictures, found 60"), std::string::npos)
      << small.status().message;
  // As many pictures as the real one, other pixels: the hash alone tells.
  const DatasetSpec& spec = *find_spec("mnist").value();
  Split split;
  split.count = spec.train_count;
  split.images.assign(std::size_t{split.count} * 784, 3);
  split.labels.assign(split.count, 1);
  write(folder_ + "/mnist/train-images-idx3-ubyte", idx_image_bytes(spec, split));
  const Result<Dataset> other = load_dataset(query("mnist", false));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.status().code, Code::data_unverified);
  EXPECT_NE(other.status().message.find(spec.files[0].sha256), std::string::npos);
  EXPECT_NE(other.status().message.find("--unverified-data"), std::string::npos);
}

TEST_F(DataTest, NamesTheMissingFileThePlacesAndTheCommand) {
  const Result<Dataset> nowhere = load_dataset({"mnist", folder_, false});
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.status().code, Code::data_missing);
  for (const std::string& word :
       {folder_ + "/mnist", folder_ + "/cache/latent-canvas/mnist", std::string("/usr/share/datasets"),
        std::string("latent-canvas fetch mnist --data-dir")}) {
    EXPECT_NE(nowhere.status().message.find(word), std::string::npos) << nowhere.status().message;
  }
  const std::string folder = synthetic("mnist");
  fs::remove(folder + "/t10k-labels-idx1-ubyte");
  const Result<Dataset> partial = load_dataset(query("mnist"));
  ASSERT_FALSE(partial.ok());
  EXPECT_NE(partial.status().message.find(folder + "/t10k-labels-idx1-ubyte"), std::string::npos)
      << partial.status().message;
}

TEST_F(DataTest, LooksInTheDataFolderThenTheVariableThenTheCache) {
  std::vector<std::string> order;
  for (const char* place : {"cache/latent-canvas", "variable", "given"}) {
    const std::string base = folder_ + "/" + place;
    fs::create_directories(base + "/mnist");
    ASSERT_TRUE(write_synthetic("mnist", base + "/mnist", 10, 10, 1).ok());
    setenv("LATENT_CANVAS_DATA", (folder_ + "/variable").c_str(), 1);
    const Result<Found> found = find_dataset({"mnist", folder_ + "/given", true});
    ASSERT_TRUE(found.ok());
    order.push_back(found->folder);
  }
  EXPECT_EQ(order[0], folder_ + "/cache/latent-canvas/mnist");
  EXPECT_EQ(order[1], folder_ + "/variable/mnist");
  EXPECT_EQ(order[2], folder_ + "/given/mnist");
}

TEST_F(DataTest, SuggestsTheNearestName) {
  const Result<const DatasetSpec*> spec = find_spec("fashon-mnist");
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.status().code, Code::unknown_name);
  EXPECT_NE(spec.status().message.find("did you mean 'fashion-mnist'"), std::string::npos)
      << spec.status().message;
}

TEST_F(DataTest, HashesAsPublished) {
  const std::string text = "abc";  // FIPS 180-2, appendix B.1
  const Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  EXPECT_EQ(sha256_hex({bytes}), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex({bytes.sub(0, 1), bytes.sub(1, 2)}), sha256_hex({bytes}));
}

TEST_F(DataTest, FetchRefusesAnotherFileAndLeavesNothing) {
  const std::string far = synthetic("mnist");
  for (const FileSpec& file : find_spec("mnist").value()->files) {
    write_gz(far + "/" + file.name + ".gz", bytes_of(far + "/" + file.name));
  }
  FetchQuery fetch;
  fetch.name = "mnist";
  fetch.data_dir = folder_ + "/near";
  fetch.base_url = "file://" + far;
  fetch.quiet = true;
  const Result<Fetched> fetched = fetch_dataset(fetch);
  ASSERT_FALSE(fetched.ok());
  if (fetched.status().code == Code::io_open) GTEST_SKIP() << fetched.status().message;
  EXPECT_EQ(fetched.status().code, Code::data_unverified) << fetched.status().message;
  EXPECT_TRUE(fs::is_empty(folder_ + "/near/mnist"));
  fetch.base_url = "file://" + folder_ + "/absent";
  EXPECT_EQ(fetch_dataset(fetch).status().code, Code::io_read);
  EXPECT_TRUE(fs::is_empty(folder_ + "/near/mnist"));
}

// Real files, where this machine has them.
class RealDataTest : public ::testing::TestWithParam<const char*> {};

TEST_P(RealDataTest, LoadsWithThePinnedHashes) {
  const Result<Found> found = find_dataset({GetParam(), "", false});
  ASSERT_TRUE(found.ok());
  if (!found->complete)
    GTEST_SKIP() << GetParam() << " is not on this machine; set LATENT_CANVAS_DATA to its folder";
  const Result<Dataset> data = load_dataset({GetParam(), "", false});
  if (!data.ok() && data.status().code == Code::data_unverified) GTEST_SKIP() << data.status().message;
  ASSERT_TRUE(data.ok()) << data.status().message;
  EXPECT_TRUE(data->verified);
  EXPECT_EQ(data->train.count, data->spec->train_count);
  EXPECT_EQ(data->test.count, data->spec->test_count);
  std::vector<int> histogram(10);
  for (const std::uint8_t label : data->train.labels) ++histogram[label];
  for (const int count : histogram) EXPECT_GT(count, 5000 - 1000);
  std::printf("%s: %u + %u pictures from %s\n", GetParam(), data->train.count, data->test.count,
              data->folder.c_str());
}

INSTANTIATE_TEST_SUITE_P(All, RealDataTest, ::testing::Values("mnist", "fashion-mnist", "cifar10"));

TEST_F(DataTest, FetchBringsVerifiesAndThenFindsEverythingPresent) {
  if (!fs::exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz")) {
    GTEST_SKIP() << "Debian's package dataset-fashion-mnist is not installed";
  }
  FetchQuery fetch;
  fetch.name = "fashion-mnist";
  fetch.data_dir = folder_ + "/near";
  fetch.base_url = "file:///usr/share/datasets/fashion-mnist";
  fetch.quiet = true;
  const Result<Fetched> first = fetch_dataset(fetch);
  if (!first.ok() && first.status().code == Code::io_open) GTEST_SKIP() << first.status().message;
  ASSERT_TRUE(first.ok()) << first.status().message;
  EXPECT_EQ(first->downloaded.size(), 4u);
  const Result<Fetched> second = fetch_dataset(fetch);
  ASSERT_TRUE(second.ok()) << second.status().message;
  EXPECT_EQ(second->present.size(), 4u);
  EXPECT_TRUE(second->downloaded.empty());
  EXPECT_TRUE(load_dataset({"fashion-mnist", folder_ + "/near", false}).ok());
}

// MNIST and Fashion-MNIST use the same file names: a bare folder of the one is not the other.
TEST_F(DataTest, DoesNotTakeFashionForDigits) {
  const std::string package = "/usr/share/datasets/fashion-mnist";
  if (!fs::exists(package + "/train-images-idx3-ubyte.gz")) {
    GTEST_SKIP() << "Debian's package dataset-fashion-mnist is not installed";
  }
  setenv("LATENT_CANVAS_DATA", package.c_str(), 1);
  const Result<Found> digits = find_dataset({"mnist", "", false});
  ASSERT_TRUE(digits.ok());
  EXPECT_NE(digits->folder, package);
  const Result<Found> fashion = find_dataset({"fashion-mnist", "", false});
  ASSERT_TRUE(fashion.ok());
  EXPECT_TRUE(fashion->complete);
}

}  // namespace
}  // namespace lc::data

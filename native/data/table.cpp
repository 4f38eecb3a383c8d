// The table of data sets: files, sizes, hashes, shapes and class names.
#include "native/data/dataset.h"
#include "shared/core/class_names.h"

namespace lc::data {

namespace {

std::vector<FileSpec> idx_files(const char* train_images, const char* train_labels, const char* test_images,
                                const char* test_labels) {
  return {{"train-images-idx3-ubyte", 47040016, train_images},
          {"train-labels-idx1-ubyte", 60008, train_labels},
          {"t10k-images-idx3-ubyte", 7840016, test_images},
          {"t10k-labels-idx1-ubyte", 10008, test_labels}};
}

std::vector<DownloadSpec> idx_downloads(const std::string& base) {
  std::vector<DownloadSpec> downloads;
  for (const char* name : {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
                           "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"}) {
    downloads.push_back({base + name, name, ""});
  }
  return downloads;
}

DatasetSpec mnist() {
  DatasetSpec spec;
  spec.name = "mnist";
  spec.title = "MNIST";
  spec.classes = class_names(spec.name);
  spec.train_count = 60000;
  spec.test_count = 10000;
  spec.files = idx_files("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                         "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                         "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                         "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");
  spec.downloads = idx_downloads("https://ossci-datasets.s3.amazonaws.com/mnist/");
  spec.source = "Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits";
  return spec;
}

DatasetSpec fashion_mnist() {
  DatasetSpec spec;
  spec.name = "fashion-mnist";
  spec.title = "Fashion-MNIST";
  spec.classes = class_names(spec.name);
  spec.train_count = 60000;
  spec.test_count = 10000;
  spec.files = idx_files("c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                         "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                         "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                         "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34");
  spec.downloads = idx_downloads("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/");
  spec.source = "H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST; Debian's package dataset-fashion-mnist";
  return spec;
}

DatasetSpec cifar10() {
  DatasetSpec spec;
  spec.name = "cifar10";
  spec.title = "CIFAR-10";
  spec.layout = Layout::cifar;
  spec.channels = 3;
  spec.height = spec.width = 32;
  spec.classes = class_names(spec.name);
  spec.train_count = 50000;
  spec.test_count = 10000;
  const char* hashes[] = {"cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                          "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                          "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                          "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                          "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                          "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"};
  for (int batch = 1; batch <= 5; ++batch) {
    spec.files.push_back({"data_batch_" + std::to_string(batch) + ".bin", 30730000, hashes[batch - 1]});
  }
  spec.files.push_back({"test_batch.bin", 30730000, hashes[5]});
  spec.downloads = {{"https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz", "cifar-10-binary.tar.gz",
                     "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"}};
  spec.source = "A. Krizhevsky: Learning multiple layers of features from tiny images, binary version";
  return spec;
}

// A sample is a row of `width` numbers in [low, high].
DatasetSpec generated(const char* name, const char* title, std::uint32_t width, float low, float high,
                      const char* source) {
  DatasetSpec spec;
  spec.name = name;
  spec.title = title;
  spec.layout = Layout::generated;
  spec.height = 1;
  spec.width = width;
  spec.low = low;
  spec.high = high;
  spec.classes = {"sample"};
  spec.train_count = 20000;
  spec.test_count = 4000;
  spec.source = source;
  return spec;
}

}  // namespace

const std::vector<DatasetSpec>& datasets() {
  static const std::vector<DatasetSpec> table = {
      mnist(), fashion_mnist(), cifar10(),
      generated("gauss1d", "1-D Gaussian", 1, -5, 5, "drawn from N(0, 1)"),
      generated("parabolas", "Parabolas", 15, -1, 4,
                "drawn: y = a x^2 + (a - 1) at 15 points of [-1, 1], a ~ U(1, 2)")};
  return table;
}

Result<const DatasetSpec*> find_spec(const std::string& name) {
  std::vector<std::string> names;
  std::string list;
  for (const DatasetSpec& spec : datasets()) {
    if (spec.name == name) return &spec;
    names.push_back(spec.name);
    list += (list.empty() ? "" : ", ") + spec.name;
  }
  std::string message = "no data set is called '" + name + "'";
  const std::string_view near = nearest_name(name, names);
  message += near.empty() ? "." : ", did you mean '" + std::string(near) + "'?";
  return fail(Code::unknown_name, message + " Known: " + list + ".");
}

}  // namespace lc::data

// The data sets that the trainer knows: where their files are looked for, how they are checked, loaded and
// fetched.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/core/status.h"

namespace lc::data {

// How the files of a data set are laid out.
enum class Layout : std::uint8_t {
  idx,       // big-endian IDX: train images, train labels, test images, test labels; each plain or with .gz
  cifar,     // CIFAR-10's binary version: records of <label><red><green><blue>; the last file is the test set
  generated  // no files: drawn by generated.cpp
};

struct FileSpec {
  std::string name;         // below a data folder; for IDX without ".gz"
  std::uint64_t bytes = 0;  // uncompressed
  std::string sha256;       // of the uncompressed bytes, hex
};

// What `fetch` downloads.
struct DownloadSpec {
  std::string url;
  std::string name;    // the file's name at the far end
  std::string sha256;  // of an archive; empty for a .gz, whose content is checked against its FileSpec
};

struct DatasetSpec {
  std::string name;   // "mnist"
  std::string title;  // "MNIST"
  Layout layout = Layout::idx;
  std::uint32_t channels = 1, height = 28, width = 28;
  float low = 0, high = 1;  // what bytes 0 and 255 stand for
  std::vector<std::string> classes;
  std::uint32_t train_count = 0, test_count = 0;
  std::vector<FileSpec> files;
  std::vector<DownloadSpec> downloads;
  std::string source;  // where it comes from, for people
};

// Every data set that this build knows.
const std::vector<DatasetSpec>& datasets();

// unknown_name with the nearest name and the list.
Result<const DatasetSpec*> find_spec(const std::string& name);

struct DatasetQuery {
  std::string name;
  std::string data_dir;  // --data-dir; empty: not given
  bool allow_unverified =
      false;  // take a sound file whose hash is not the pinned one, whatever its number of pictures
};

// Images as bytes, [count][channels][height][width], 0 black to 255 white.
struct Split {
  std::uint32_t count = 0;
  std::vector<std::uint8_t> images;
  std::vector<std::uint8_t> labels;  // one a picture, below the number of classes
};

struct Dataset {
  const DatasetSpec* spec = nullptr;
  std::uint32_t channels = 1, height = 0, width = 0;
  Split train, test;
  std::string train_sha256;  // of the uncompressed training images; for CIFAR-10 of its five batches one
                             // after another
  bool verified = true;      // every file had its pinned hash
  std::string folder;        // where the files lay
};

// Folders that are searched, in this order, each with <name> below it first: --data-dir, $LATENT_CANVAS_DATA,
// the user's cache folder, /usr/share/datasets.
std::vector<std::string> search_folders(const DatasetQuery& query);

// The user's cache folder: $XDG_CACHE_HOME/latent-canvas, or ~/.cache/latent-canvas.
std::string cache_folder();

struct FoundFile {
  std::string name;
  std::string path;  // empty when missing
};
struct Found {
  const DatasetSpec* spec = nullptr;
  std::string folder;  // the first one that holds one of the files; empty when none does
  std::vector<FoundFile> files;
  bool complete = false;
};

// Where each file lies; opens nothing, except that a folder not named after the data set is passed over when
// its training images are another known data set's (MNIST and Fashion-MNIST use the same file names).
Result<Found> find_dataset(const DatasetQuery& query);

// Finds, reads and checks everything: magic, dimensions, exact byte count, label range, SHA-256.
// data_missing, data_damaged or data_unverified with the file, what was expected, what was found and the
// command that mends it.
Result<Dataset> load_dataset(const DatasetQuery& query);

struct FetchQuery {
  std::string name;
  std::string data_dir;  // empty: $LATENT_CANVAS_DATA, else the cache folder
  std::string
      base_url;        // empty: the published addresses; else the files' folder there (a mirror, or file://)
  bool quiet = false;  // no progress from the downloading program
};
struct Fetched {
  std::string folder;                   // <data folder>/<name>
  std::vector<std::string> downloaded;  // files that were fetched now
  std::vector<std::string> present;     // files that were there and sound
};

// Brings the files with the `curl` (or `wget`) program: each to a temporary file, verified, then renamed.
Result<Fetched> fetch_dataset(const FetchQuery& query);

}  // namespace lc::data

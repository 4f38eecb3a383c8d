// What a user interface asks for and what it gets back: small plain structs, and the one interface between
// them. A Session answers later: natively from a thread pool, on the page from Web Workers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::format {
struct ModelFile;
}

namespace lc::session {

constexpr std::uint32_t kMaxCount = 4096;  // pictures of one request
// Of all those pictures: 64 MiB, a quarter of the memory of a wasm module.
constexpr std::uint64_t kMaxFrameFloats = 1u << 24;

// Which network of a model a request runs.
enum class Task : std::uint8_t {
  sample = 0,        // latents -> pictures: decoder or generator
  encode = 1,        // pictures -> latents: encoder
  discriminate = 2,  // pictures -> scores: discriminator or classifier
  translate = 3,     // pictures -> pictures: a network from "image" to "image"
  classify = 4       // pictures -> a score for each class
};

// What a model's pictures are, and so how to draw them: pictures, numbers on a line (1 x 1 x 1), or values
// along a line (height 1).
enum class Figure : std::uint8_t { picture = 0, density = 1, curve = 2 };

// The part of the plane that a model without a fixed resolution draws: coordinates = centre + scale * (x, y),
// with x and y in [-1, 1] at the middles of the pixels.
struct View {
  std::uint32_t width = 0, height = 0;  // 0: the model's own
  float centre_x = 0, centre_y = 0, scale = 1;
};
inline bool operator==(const View& a, const View& b) {
  return a.width == b.width && a.height == b.height && a.centre_x == b.centre_x && a.centre_y == b.centre_y &&
         a.scale == b.scale;
}

// What a user interface may offer for a model; made from the file's header alone.
struct ModelInfo {
  std::uint32_t model = 0;                       // the session's number for it
  std::string name;                              // "vae-mnist"
  std::shared_ptr<const format::Header> header;  // never null
  std::uint32_t latent_size = 0;
  bool can_sample = false, can_encode = false, can_discriminate = false, can_classify = false;
  bool any_resolution = false;          // draws a Request's view
  std::vector<std::string> directions;  // of translation: "a-to-b"
  Figure figure = Figure::picture;
  std::uint32_t classes = 0;        // 0: unconditional
  std::uint32_t moments = 1;        // timeline positions, the end of training included
  std::uint64_t multiply_adds = 0;  // of one sampled picture
  std::uint64_t file_bytes = 0;
  // A feature network's features of its data set's test pictures: mean [n], then the Cholesky factor [n][n]
  // of their covariance. Empty for other models.
  std::vector<float> features;
};

// Pictures [first, first + count) of the infinite sequence that (model, seed) defines. A part of a request
// gives the same pictures as the whole.
struct Request {
  std::uint64_t id = 0;       // the caller's; a Frame carries it back
  std::uint32_t channel = 0;  // a newer request overtakes those of its channel that nobody draws yet
  std::uint32_t model = 0;
  Task task = Task::sample;
  std::uint32_t moment = UINT32_MAX;  // timeline position; past the end means the end of training
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  std::uint32_t count = 1;
  float temperature = 1;             // scales a normal latent, and a mixture's spread about its mean
  std::vector<std::int32_t> labels;  // empty: picture i has class i mod classes; one: for all; else `count`
  std::vector<float>
      label_weights;            // empty; or, in place of labels, how much of each class: [count][classes]
  std::vector<float> latents;   // empty: drawn from the prior; else [count][latent_size]
  std::vector<float> pictures;  // all but sample: [count][channels][height][width] in [0, 1]
  std::uint32_t direction = 0;  // translate: index of ModelInfo::directions
  View view;                    // sample, where ModelInfo::any_resolution
};

struct Frame {
  std::uint64_t id = 0;
  Status status;  // why there are no values
  std::uint32_t model = 0;
  Task task = Task::sample;
  std::uint32_t count = 0, channels = 0, height = 0, width = 0;
  std::vector<float> pictures;  // sample, translate: [count][channels][height][width] in [0, 1]
  // sample: what was drawn; encode: the means; classify: the network's features, where it has an output
  // "features"
  std::vector<float> latents;
  std::vector<float> scores;  // discriminate: [count][outputs]; classify: [count][classes], logits
  double milliseconds =
      0;  // of the arithmetic, by the clock of the worker that took longest; 0 without a clock
  std::uint32_t workers = 1;
};

struct LoadRequest {
  std::string name;
  std::vector<std::uint8_t> bytes;  // of a .lcw file
};

class Session {
 public:
  virtual ~Session() = default;
  // Checks the file whole before anything else changes; the model's number is the next free one.
  virtual Result<std::uint32_t> load(LoadRequest request) = 0;
  virtual const std::vector<ModelInfo>& models() const = 0;
  virtual void submit(Request request) = 0;
  // The next finished frame, if there is one. Overtaken requests give none.
  virtual std::optional<Frame> poll() = 0;
  virtual bool busy() const = 0;
  virtual std::uint32_t workers() const = 0;
};

// too_much_asked when so many pictures of so many numbers each are more than kMaxFrameFloats.
Status check_frame(std::uint32_t count, std::uint64_t floats_of_picture);

// What to offer for a header; `name` for people. With the file, whose header it then shares, also what its
// tensors tell: the features.
ModelInfo describe(std::shared_ptr<const format::Header> header, std::string name, std::uint64_t file_bytes);
ModelInfo describe(std::shared_ptr<const format::ModelFile> file, std::string name, std::uint64_t file_bytes);

}  // namespace lc::session

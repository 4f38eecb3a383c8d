// `sample`: draws pictures from a model, or encodes pictures, and writes a PNG grid and .npy arrays.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "native/cli/command.h"
#include "native/cli/inspect.h"
#include "native/cli/output.h"
#include "native/cli/play.h"
#include "native/cli/weights.h"
#include "native/cli/whole_number.h"
#include "native/io/images.h"
#include "native/io/npy.h"
#include "shared/session/model_store.h"
#include "shared/session/view.h"

namespace lc::cli {
namespace {

constexpr std::uint32_t kDefaultCount = 64;

struct SampleOptions {
  std::string weights, label, latents, encode, input, direction, edit, out, raw, save_latents;
  std::uint64_t count = 0;  // 0: as many as latents, else kDefaultCount
  std::uint64_t seed = 1;
  float temperature = 1;
  std::uint32_t moment = UINT32_MAX, columns = 0, scale = 2, threads = 0, size = 0;
  bool count_given = false, plain = false, quiet = false;
};

// A class by its number or its name.
Result<std::int32_t> label_of(const format::Header& header, const std::string& text) {
  bool takes_labels = false;
  const std::uint32_t player = session::network_for(header, session::Task::sample);
  if (player < header.networks.size()) {
    for (const format::NetworkInput& input : header.networks[player].inputs)
      takes_labels |= input.name == "label";
  }
  if (!takes_labels) {
    return fail(Code::bad_combination,
                "--label " + text + ": this model was trained without labels; leave --label out.");
  }
  const auto named = std::find(header.classes.begin(), header.classes.end(), text);
  char* end = nullptr;
  const unsigned long number = std::strtoul(text.c_str(), &end, 10);
  const bool is_number = !text.empty() && text[0] >= '0' && text[0] <= '9' && *end == '\0';
  if (is_number && number < header.classes.size()) return static_cast<std::int32_t>(number);
  if (named != header.classes.end()) return static_cast<std::int32_t>(named - header.classes.begin());
  std::string message = "--label " + text + ": no such class. Known:";
  for (std::size_t i = 0; i < header.classes.size(); ++i) {
    const std::string index = std::to_string(i);
    message += (i == 0 ? " " : ", ") + index;
    if (header.classes[i] != index) message += " (" + header.classes[i] + ")";
  }
  return fail(Code::unknown_name, message + ".");
}

// Reads an array of pictures or latents: one row an item, the rest of the shape as `expected`.
Status read_rows(const std::string& path, const std::vector<std::uint64_t>& expected,
                 const SampleOptions& options, std::vector<float>& values, std::uint32_t& count) {
  Result<io::Array> array = io::load_npy(path);
  if (!array.ok()) return array.status();
  const std::vector<std::uint64_t>& shape = array->shape;
  const bool fits = !shape.empty() && std::vector<std::uint64_t>(shape.begin() + 1, shape.end()) == expected;
  if (!fits) {
    return fail(Code::data_damaged, path + ": shape " + io::shape_text(shape) + ", this model needs N x " +
                                        io::shape_text(expected) + ".");
  }
  if (options.count_given && options.count != shape[0]) {
    return fail(Code::bad_combination, path + ": " + std::to_string(shape[0]) + " rows, but --count is " +
                                           std::to_string(options.count) + ". Leave --count out.");
  }
  if (shape[0] == 0 || shape[0] > kMaxPictures) {
    return fail(Code::too_much_asked, path + ": " + std::to_string(shape[0]) + " rows, expected 1 to " +
                                          std::to_string(kMaxPictures) + ".");
  }
  count = static_cast<std::uint32_t>(shape[0]);
  values = std::move(array->values);
  return {};
}

Status check(const SampleOptions& options) {
  if (options.count_given && (options.count == 0 || options.count > kMaxPictures)) {
    return fail(Code::too_much_asked, "--count " + std::to_string(options.count) + ": expected 1 to " +
                                          std::to_string(kMaxPictures) + ".");
  }
  if (options.threads > kMaxThreads) {
    return fail(Code::too_much_asked, "--threads " + std::to_string(options.threads) + ": expected at most " +
                                          std::to_string(kMaxThreads) + ".");
  }
  if (!options.encode.empty() &&
      (!options.latents.empty() || !options.label.empty() || !options.out.empty())) {
    return fail(Code::bad_combination, "--encode goes with --raw alone: codes are numbers, not pictures.");
  }
  if (!options.encode.empty() && options.raw.empty()) {
    return fail(Code::bad_combination, "--encode needs --raw FILE for the codes.");
  }
  if (options.size > session::kMaxViewSide) {
    return fail(Code::too_much_asked, "--size " + std::to_string(options.size) + ": expected at most " +
                                          std::to_string(session::kMaxViewSide) + ".");
  }
  if (!options.input.empty() && (!options.encode.empty() || !options.latents.empty())) {
    return fail(Code::bad_combination, "--input translates pictures: leave --encode and --latents out.");
  }
  if (options.input.empty() && !options.direction.empty()) {
    return fail(Code::bad_combination, "--direction needs --input FILE with the pictures to translate.");
  }
  if (!options.edit.empty() &&
      (!options.encode.empty() || !options.input.empty() || !options.latents.empty()))
    return fail(Code::bad_combination,
                "--edit changes a picture of the seed's: leave --encode, --input and --latents out.");
  const int to_stdout = (options.out == "-") + (options.raw == "-") + (options.save_latents == "-");
  if (to_stdout > 1)
    return fail(Code::bad_combination, "only one of --out, --raw and --save-latents can be '-'.");
  return {};
}

// The place of --direction among the model's; the only one may be left out.
Result<std::uint32_t> direction_of(const format::Header& header, const std::string& text) {
  const std::vector<std::string> directions = session::directions_of(header);
  if (directions.empty())
    return fail(Code::bad_combination, "--input: this model does not translate pictures.");
  const auto found = std::find(directions.begin(), directions.end(), text);
  if (found != directions.end()) return static_cast<std::uint32_t>(found - directions.begin());
  if (text.empty() && directions.size() == 1) return 0u;
  std::string message =
      text.empty() ? "--direction: say which" : "--direction " + text + ": no such direction";
  for (std::size_t i = 0; i < directions.size(); ++i)
    message += (i == 0 ? ". Known: " : ", ") + directions[i];
  return fail(Code::unknown_name, message + ".");
}

Result<session::Request> request_of(const SampleOptions& options, const format::Header& header) {
  session::Request request;
  request.seed = options.seed;
  request.temperature = options.temperature;
  request.moment = options.moment;
  request.count = options.count_given ? static_cast<std::uint32_t>(options.count) : kDefaultCount;
  if (options.moment != UINT32_MAX && options.moment > header.timeline.size()) {
    return fail(Code::bad_argument, "--moment " + std::to_string(options.moment) +
                                        ": this file has the moments 0 to " +
                                        std::to_string(header.timeline.size()) + ".");
  }
  if (!options.label.empty()) {
    const Result<std::int32_t> label = label_of(header, options.label);
    if (!label.ok()) return label.status();
    request.labels = {label.value()};
  }
  if (!options.latents.empty()) {
    LC_TRY(
        read_rows(options.latents, {format::latent_size(header)}, options, request.latents, request.count));
  }
  const format::ImageSpec& image = header.image;
  const std::string& given = options.encode.empty() ? options.input : options.encode;
  if (!given.empty()) {
    request.task = options.encode.empty() ? session::Task::translate : session::Task::encode;
    LC_TRY(read_rows(given, {image.channels, image.height, image.width}, options, request.pictures,
                     request.count));
  }
  if (!options.input.empty()) {
    const Result<std::uint32_t> direction = direction_of(header, options.direction);
    if (!direction.ok()) return direction.status();
    request.direction = direction.value();
  }
  if (options.size > 0) request.view.width = request.view.height = options.size;
  return request;
}

// --edit PICTURE=Z1,Z2,...: one picture of the grid from latent numbers of the person's own.
struct Edit {
  std::uint32_t picture = 0;
  std::vector<float> latent;
};

Result<Edit> edit_of(const std::string& text, std::uint32_t count, std::size_t latent_size) {
  const Status bad =
      fail(Code::bad_argument,
           "--edit " + text.substr(0, 40) + ": expected PICTURE=Z1,Z2,... with a picture from 0 to " +
               std::to_string(count - 1) + " and " + std::to_string(latent_size) + " numbers.");
  Edit edit;
  const std::size_t equals = text.find('=');
  char* end = nullptr;
  const unsigned long picture = std::strtoul(text.c_str(), &end, 10);
  if (equals == std::string::npos || end != text.c_str() + equals || equals == 0 || text[0] < '0' ||
      text[0] > '9' || picture >= count)
    return bad;
  edit.picture = static_cast<std::uint32_t>(picture);
  for (const char* at = end + 1;; at = end + 1) {
    const float value = std::strtof(at, &end);
    if (end == at || !std::isfinite(value)) return bad;
    edit.latent.push_back(value);
    if (*end == '\0') break;
    if (*end != ',') return bad;
  }
  return edit.latent.size() == latent_size ? Result<Edit>(std::move(edit)) : bad;
}

// Puts the picture of an edited latent vector in its place.
Status apply_edit(const std::string& text, const LoadedModel& model, PlayDesc desc, session::Frame& frame) {
  const format::Header& header = model.file.header;
  const Result<Edit> edit = edit_of(text, frame.count, format::latent_size(header));
  if (!edit.ok()) return edit.status();
  const std::uint32_t picture = edit->picture;
  session::Request& request = desc.request;
  const std::size_t classes = header.classes.size();
  // Its class is that of its place, as in the grid.
  if (classes > 0)
    request.labels = {request.labels.empty() ? static_cast<std::int32_t>(picture % classes)
                                             : request.labels[0]};
  request.latents = edit->latent;
  request.count = 1;
  const Result<session::Frame> one = play(model, desc);
  if (!one.ok()) return one.status();
  const auto put = [&](const std::vector<float>& from, std::vector<float>& to) {
    std::copy(from.begin(), from.end(), to.begin() + static_cast<std::ptrdiff_t>(picture * from.size()));
  };
  put(one->pictures, frame.pictures);
  put(edit->latent, frame.latents);
  return {};
}

Status save_rows(const std::string& path, std::uint32_t count, const std::vector<float>& values) {
  return io::save_npy(path, {count, values.size() / count}, values);
}

Status write_results(const SampleOptions& options, const session::Frame& frame,
                     const std::string& picture_path) {
  if (!options.encode.empty()) return save_rows(options.raw, frame.count, frame.latents);
  if (!options.raw.empty()) {
    LC_TRY(
        io::save_npy(options.raw, {frame.count, frame.channels, frame.height, frame.width}, frame.pictures));
  }
  if (!options.save_latents.empty()) LC_TRY(save_rows(options.save_latents, frame.count, frame.latents));
  if (picture_path.empty()) return {};
  io::BatchShape shape;
  shape.count = frame.count;
  shape.channels = frame.channels;
  shape.height = frame.height;
  shape.width = frame.width;
  io::GridOptions grid_options;
  grid_options.columns = options.columns;
  grid_options.scale = options.scale;
  const Result<io::Picture> picture = io::grid(Span<const float>(frame.pictures), shape, grid_options);
  if (!picture.ok()) return picture.status();
  return io::save_png(picture_path, picture.value());
}

Status sample(const SampleOptions& options) {
  LC_TRY(check(options));
  const Result<LoadedModel> model = load_weights(options.weights);
  if (!model.ok()) return model.status();
  Result<session::Request> request = request_of(options, model->file.header);
  if (!request.ok()) return request.status();
  PlayDesc desc;
  desc.request = request.take();
  desc.threads = options.threads;
  desc.kernels = options.plain ? &kernels::plain() : &kernels::simd();
  Result<session::Frame> frame = play(model.value(), desc);
  if (!frame.ok()) return frame.status();
  if (!options.edit.empty()) LC_TRY(apply_edit(options.edit, model.value(), desc, frame.value()));

  const bool wants_picture = options.encode.empty() && options.raw.empty() && options.save_latents.empty();
  const std::string picture_path =
      options.out.empty() && wants_picture ? name_of_weights(model->path) + ".png" : options.out;
  LC_TRY(write_results(options, frame.value(), picture_path));
  if (options.quiet) return {};
  std::string places;
  for (const std::string& path : {picture_path, options.raw, options.save_latents}) {
    if (!path.empty()) places += (places.empty() ? "" : ", ") + (path == "-" ? "standard output" : path);
  }
  char figures[96];
  std::snprintf(figures, sizeof figures, "%.1f ms, %s kernels, %u thread%s", frame->milliseconds,
                desc.kernels->name, frame->workers, frame->workers == 1 ? "" : "s");
  note(grouped(frame->count) + (frame->count == 1 ? " picture" : " pictures") +
       (!options.encode.empty()  ? " encoded"
        : !options.input.empty() ? " translated"
                                 : "") +
       " by " + name_of_weights(model->path) + " (" + figures + "): " + places);
  return {};
}

}  // namespace

Action describe_sample(CLI::App& app) {
  const auto options = std::make_shared<SampleOptions>();
  SampleOptions& o = *options;
  app.add_option("-w,--weights", o.weights, "A .lcw file, or a name such as vae-mnist")
      ->required()
      ->type_name("FILE");
  add_whole_number(app, "-n,--count", o.count, "Pictures to draw (default 64)");
  add_whole_number(app, "-s,--seed", o.seed, "The same seed gives the same pictures, here and in the browser")
      ->capture_default_str();
  app.add_option("--label", o.label,
                 "Number or name of a class, for a conditional model (default: each in turn)")
      ->type_name("CLASS");
  app.add_option("--temperature", o.temperature, "Scales the latents about their mean")
      ->type_name("T")
      ->capture_default_str();
  add_whole_number(app, "--moment", o.moment,
                   "An earlier moment of training, 0 the first (default: the end)");
  app.add_option("--latents", o.latents, "Use these latents: .npy, float32, N x latent size")
      ->type_name("FILE");
  app.add_option("--edit", o.edit,
                 "Draw one picture, counted from 0, from these latent numbers: 3=0.5,-1,...")
      ->type_name("PICTURE=Z");
  app.add_option("--encode", o.encode, "Encode these pictures instead: .npy, float32, N x C x H x W in [0,1]")
      ->type_name("FILE");
  app.add_option("--input", o.input, "Translate these pictures: .npy, float32, N x C x H x W in [0,1]")
      ->type_name("FILE");
  app.add_option("--direction", o.direction,
                 "Which way to translate, by the name of the network, as info shows it")
      ->type_name("NAME");
  add_whole_number(app, "--size", o.size,
                   "Side of the pictures, up to 1024, for a model that draws at any size (cppn)");
  app.add_option("-o,--out", o.out, "PNG grid (default: <name>.png); '-' is standard output")
      ->type_name("FILE");
  app.add_option("--raw", o.raw, "Pictures (or codes) as .npy, float32; '-' is standard output")
      ->type_name("FILE");
  app.add_option("--save-latents", o.save_latents, "The latents that were drawn as .npy")->type_name("FILE");
  add_whole_number(app, "--columns", o.columns, "Columns of the grid (default: near a square)");
  add_whole_number(app, "--scale", o.scale, "Enlarges each pixel of the grid")->capture_default_str();
  add_whole_number(app, "--threads", o.threads, "Threads (default: one a core); changes the speed alone")
      ->type_name("N");
  app.add_flag("--plain", o.plain, "Use the plain kernels that define the result, not the fast ones");
  app.add_flag("-q,--quiet", o.quiet, "No message on stderr");
  return [options, &app] {
    options->count_given = app.count("--count") > 0;
    return sample(*options);
  };
}

}  // namespace lc::cli

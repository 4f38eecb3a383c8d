// Options as structs with defaults, bound to names: set from text, refused when unknown, printed in full.
#include "native/train/options.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

namespace lc::train {

namespace {

constexpr std::int64_t kLarge = std::int64_t{1} << 40;
constexpr double kMaxBeta = 1 - 1e-6;  // Adam divides by 1 - beta^n

// As few digits as bring back the same number: a resumed run reads its options from such texts.
std::string number_text(double value) {
  for (std::size_t digits = 9;; ++digits) {
    std::string text;
    append_real(text, value, digits);
    if (digits == std::numeric_limits<double>::max_digits10 || std::strtod(text.c_str(), nullptr) == value)
      return text;
  }
}

Status bad(const OptionTable::Row& row, const std::string& text, const std::string& expected) {
  return fail(Code::bad_argument, "option " + row.key + ": expected " + expected + ", found '" + text + "'.");
}

struct Setter {
  const OptionTable::Row& row;
  const std::string& text;

  Status operator()(std::int64_t* field) const {
    char* end = nullptr;
    errno = 0;
    const long long value = std::strtoll(text.c_str(), &end, 10);
    const std::string range = number_text(row.low) + " to " + number_text(row.high);
    if (text.empty() || *end != '\0' || errno != 0 || static_cast<double>(value) < row.low ||
        static_cast<double>(value) > row.high) {
      return bad(row, text, "a whole number from " + range);
    }
    *field = value;
    return {};
  }
  Status operator()(double* field) const {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || !std::isfinite(value) || value < row.low || value > row.high) {
      return bad(row, text, "a number from " + number_text(row.low) + " to " + number_text(row.high));
    }
    *field = value;
    return {};
  }
  Status operator()(bool* field) const {
    if (text != "true" && text != "false") return bad(row, text, "true or false");
    *field = text == "true";
    return {};
  }
  Status operator()(std::string* field) const {
    std::string list;
    bool known = row.choices.empty();
    for (const std::string& choice : row.choices) {
      known = known || choice == text;
      list += (list.empty() ? "" : ", ") + choice;
    }
    if (!known) return bad(row, text, "one of " + list);
    *field = text;
    return {};
  }
};

struct Printer {
  std::string operator()(const std::int64_t* field) const { return std::to_string(*field); }
  std::string operator()(const double* field) const { return number_text(*field); }
  std::string operator()(const bool* field) const { return *field ? "true" : "false"; }
  std::string operator()(const std::string* field) const { return *field; }
};

}  // namespace

std::string value_text(const OptionTable::Row& row) {
  return std::visit(Printer{}, row.field);
}

void OptionTable::push(Row row) {
  row.family = family_;
  for (const Row& other : rows_) {
    if (other.key == row.key) {
      std::fprintf(stderr, "option %s is declared twice\n", row.key.c_str());
      std::abort();  // a mistake in this program, found by the first test that makes the family
    }
  }
  rows_.push_back(std::move(row));
}

void OptionTable::add(const std::string& key, std::int64_t& field, std::int64_t low, std::int64_t high,
                      const std::string& sentence) {
  push({key, sentence, &field, static_cast<double>(low), static_cast<double>(high), {}, false});
}
void OptionTable::add(const std::string& key, double& field, double low, double high,
                      const std::string& sentence) {
  push({key, sentence, &field, low, high, {}, false});
}
void OptionTable::add(const std::string& key, bool& field, const std::string& sentence) {
  push({key, sentence, &field, 0, 0, {}, false});
}
void OptionTable::add(const std::string& key, std::string& field, std::vector<std::string> choices,
                      const std::string& sentence) {
  push({key, sentence, &field, 0, 0, std::move(choices), false});
}

Status OptionTable::set(const std::string& key, const std::string& text) {
  std::vector<std::string> keys;
  for (const Row& row : rows_) {
    if (row.key == key) return std::visit(Setter{row, text}, row.field);
    keys.push_back(row.key);
  }
  const std::string_view near = nearest_name(key, keys);
  std::string list;
  for (const std::string& known : keys) list += (list.empty() ? "" : ", ") + known;
  return fail(Code::unknown_name, "no option is called '" + key + "'" +
                                      (near.empty() ? "." : ", did you mean '" + std::string(near) + "'?") +
                                      " Known: " + list + ".");
}

Status OptionTable::set_pair(const std::string& pair) {
  const std::size_t equals = pair.find('=');
  if (equals == std::string::npos || equals == 0) {
    return fail(Code::bad_argument, "--set " + pair + ": expected key=value.");
  }
  return set(pair.substr(0, equals), pair.substr(equals + 1));
}

Status OptionTable::set_json(const std::string& text, const std::string& where) {
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_object() && json.contains("options")) json = nlohmann::json(json["options"]);
  if (!json.is_object()) return fail(Code::bad_argument, where + ": expected a JSON object of options.");
  for (const auto& [key, value] : json.items()) {
    if (value.is_structured() || value.is_null()) {
      return fail(Code::bad_argument,
                  where + ": option " + key + ": expected a text, a number, true or false.");
    }
    const Status status = set(key, value.is_string() ? value.get<std::string>() : value.dump());
    if (!status.ok()) return fail(status.code, where + ": " + status.message);
  }
  return {};
}

std::vector<format::Option> OptionTable::values() const {
  std::vector<format::Option> values;
  for (const Row& row : rows_) values.push_back({row.key, value_text(row)});
  return values;
}

void bind(OptionTable& table, RunOptions& run) {
  table.add("model", run.model, {}, "The model family.");
  table.add("dataset", run.dataset, {}, "The data set.");
  table.add("epochs", run.epochs, 1, 1000000, "Passes over the training images.");
  table.add("batch_size", run.batch_size, 1, 65536, "Images of one step.");
  table.add("seed", run.seed, 0, kLarge, "Seed of weights, noise and shuffles.");
  table.add("device", run.device, {"auto", "cpu", "cuda"},
            "Where to train; auto takes CUDA when there is one.");
  table.add("threads", run.threads, 0, 1024,
            "CPU threads; 0 takes all. Another number may give other last digits.");
  table.add("precision", run.precision, {"fp32", "tf32", "bf16"},
            "Of matrix products and convolutions; weights stay fp32. tf32 is a GPU's, fp32 on a CPU.");
  table.add("graph_steps", run.graph_steps, 0, 64,
            "Steps that a GPU replays as one CUDA graph; 0: step by step.");
  table.add("lr", run.lr, 0, 1000, "Learning rate.");
  table.add("beta1", run.beta1, 0, kMaxBeta, "Adam's decay of the mean of gradients.");
  table.add("beta2", run.beta2, 0, kMaxBeta, "Adam's decay of the mean of squared gradients.");
  table.add("adam_eps", run.adam_eps, 0, 1, "Adam's epsilon.");
  table.add("lr_schedule", run.lr_schedule, {"constant", "cosine"}, "Cosine falls to 0 at the end.");
  table.add("warmup_images", run.warmup_images, 0, kLarge,
            "Images over which the learning rate rises from 0.");
  table.add("ema_half_life_images", run.ema_half_life_images, 0, kLarge,
            "Half-life of the averaged weights that are played and exported; 0 takes the last weights.");
  table.add("train_images", run.train_images, 0, kLarge, "Train on the first so many images; 0 takes all.");
  table.add("eval_images", run.eval_images, 1, kLarge, "Test images for the metrics.");
  table.add("log_every", run.log_every, 1, kLarge, "Iterations between two lines of metrics.jsonl.");
  table.add("sample_every", run.sample_every, 0, kLarge,
            "Iterations between two sample grids; 0: once an epoch.");
  table.add("save_seconds", run.save_seconds, 0, 86400,
            "Seconds between two saves of the state; 0: every iteration.");
  table.add("grid", run.grid, 1, 1024, "Pictures of a sample grid.");
  table.add("timeline", run.timeline, 0, 64, "Earlier moments of the playing network in the file.");
  table.add(
      "strip", run.strip, 1, 1024,
      "Pictures of the file's real, samples and reconstructions strips, as far as 192 KiB each hold them.");
  table.add("dtype", run.dtype, {"f32", "f16", "i8"}, "Number format of the exported weights.");
  table.add("data_dir", run.data_dir, {}, "Folder of the data set.");
  table.add("unverified_data", run.unverified_data,
            "Take sound data files whose hash is not the pinned one.");
}

bool may_change_on_resume(const std::string& key) {
  for (const char* free :
       {"epochs", "device", "threads", "precision", "graph_steps", "data_dir", "save_seconds", "log_every",
        "sample_every", "dtype", "timeline", "eval_images", "grid", "strip"}) {
    if (key == free) return true;
  }
  return false;
}

}  // namespace lc::train

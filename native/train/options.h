// Options as structs with defaults, bound to names: set from text, refused when unknown, printed in full.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/schema.h"

namespace lc::train {

// A struct's fields by name. The struct must outlive the table.
class OptionTable {
 public:
  struct Row {
    std::string key;
    std::string sentence;
    std::variant<std::int64_t*, double*, bool*, std::string*> field;
    double low = 0, high = 0;          // numbers: smallest and largest allowed
    std::vector<std::string> choices;  // texts: what is allowed; empty: anything
    bool family = false;               // belongs to the family, not to the run
  };

  void add(const std::string& key, std::int64_t& field, std::int64_t low, std::int64_t high,
           const std::string& sentence);
  void add(const std::string& key, double& field, double low, double high, const std::string& sentence);
  void add(const std::string& key, bool& field, const std::string& sentence);
  void add(const std::string& key, std::string& field, std::vector<std::string> choices,
           const std::string& sentence);
  void family_options_follow() { family_ = true; }

  // unknown_name with the nearest key; bad_argument with what is allowed.
  Status set(const std::string& key, const std::string& text);
  // "key=value"
  Status set_pair(const std::string& pair);
  // A JSON object of key: text, number or truth; or {"options": such an object}, as config.json has it.
  Status set_json(const std::string& text, const std::string& where);

  std::vector<format::Option> values() const;
  const std::vector<Row>& rows() const { return rows_; }

 private:
  void push(Row row);
  std::vector<Row> rows_;
  bool family_ = false;
};

std::string value_text(const OptionTable::Row& row);

// What every run has, whatever the family. A family may change the defaults.
struct RunOptions {
  std::string model;
  std::string dataset = "mnist";
  std::int64_t epochs = 20;
  std::int64_t batch_size = 128;
  std::int64_t seed = 1;
  std::string device = "auto";
  std::int64_t threads = 0;
  std::string precision = "tf32";
  std::int64_t graph_steps = 20;
  double lr = 1e-3;
  double beta1 = 0.9, beta2 = 0.999, adam_eps = 1e-8;
  std::string lr_schedule = "constant";
  std::int64_t warmup_images = 0;
  std::int64_t ema_half_life_images = 10000;
  std::int64_t train_images = 0;
  std::int64_t eval_images = 10000;
  std::int64_t log_every = 100;
  std::int64_t sample_every = 0;
  std::int64_t save_seconds = 60;
  std::int64_t grid = 64;
  std::int64_t timeline = 10;
  std::int64_t strip = 16;
  std::string dtype = "f16";
  std::string data_dir;
  bool unverified_data = false;
};

void bind(OptionTable& table, RunOptions& run);

// Keys that may differ when a run is resumed: they do not change what was learnt so far.
bool may_change_on_resume(const std::string& key);

}  // namespace lc::train

// Rules for what a file tells about its training: provenance, metrics, curve, strips of pictures, timeline.
#include <algorithm>
#include <cmath>

#include "shared/format/check.h"

namespace lc::format {

namespace {

Status check_provenance(const Provenance& provenance) {
  LC_TRY(check_name(provenance.dataset, "data set", 0));
  const std::string& hash = provenance.dataset_sha256;
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (!hash.empty() && (hash.size() != 64 || !std::all_of(hash.begin(), hash.end(), is_digit))) {
    return fail(Code::bad_hash,
                "the data set's hash {} should be 64 hexadecimal digits in lower case, or empty",
                quoted(hash));
  }
  LC_TRY(check_finite(provenance.seconds, "the seconds of training"));
  LC_TRY(check_text(provenance.trainer_version, "trainer version"));
  LC_TRY(check_text(provenance.device, "device"));
  LC_TRY(check_count(provenance.options.size(), kMaxNotes, "options"));
  std::vector<std::string_view> keys;
  for (std::size_t i = 0; i < provenance.options.size(); ++i) {
    LC_TRY(check_name(provenance.options[i].key, "option", i));
    LC_TRY(check_text(provenance.options[i].value, phrase("option '{}'", provenance.options[i].key)));
    keys.emplace_back(provenance.options[i].key);
  }
  return check_unique(std::move(keys), Code::duplicate_entry, "options");
}

Status check_metrics(const std::vector<Metric>& metrics) {
  LC_TRY(check_count(metrics.size(), kMaxNotes, "metrics"));
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    LC_TRY(check_name(metrics[i].name, "metric", i));
    LC_TRY(check_finite(metrics[i].value, phrase("metric '{}'", metrics[i].name)));
    LC_TRY(check_text(metrics[i].note, phrase("metric '{}'", metrics[i].name)));
    names.emplace_back(metrics[i].name);
  }
  return check_unique(std::move(names), Code::duplicate_entry, "metrics");
}

bool strictly_ascending(const std::vector<std::uint64_t>& numbers) {
  return std::adjacent_find(numbers.begin(), numbers.end(), [](auto a, auto b) { return a >= b; }) ==
         numbers.end();
}

Status check_curve(const Curve& curve) {
  if (!strictly_ascending(curve.iterations))
    return fail(Code::bad_curve, "the iterations of the curve do not ascend");
  LC_TRY(check_count(curve.series.size(), kMaxSeries, "series of the curve"));
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < curve.series.size(); ++i) {
    const Series& series = curve.series[i];
    LC_TRY(check_name(series.name, "series", i));
    if (series.values.size() != curve.iterations.size()) {
      return fail(Code::bad_curve, "series '{}' has {} values, expected {}", series.name,
                  series.values.size(), curve.iterations.size());
    }
    if (!std::all_of(series.values.begin(), series.values.end(), [](float x) { return std::isfinite(x); })) {
      return fail(Code::not_finite, "a value of series '{}' is infinite or not a number", series.name);
    }
    names.emplace_back(series.name);
  }
  return check_unique(std::move(names), Code::duplicate_entry, "series");
}

Status check_strips(const Header& header) {
  LC_TRY(check_count(header.strips.size(), kMaxSeries, "strips"));
  const std::uint64_t picture =
      std::uint64_t{header.image.channels} * header.image.height * header.image.width;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < header.strips.size(); ++i) {
    const Strip& strip = header.strips[i];
    LC_TRY(check_name(strip.name, "strip", i));
    if (strip.count == 0 || strip.pixels.size() != strip.count * picture) {
      return fail(Code::bad_strip, "strip '{}' has {} pixels, expected {} pictures of {}", strip.name,
                  strip.pixels.size(), strip.count, picture);
    }
    names.emplace_back(strip.name);
  }
  return check_unique(std::move(names), Code::duplicate_entry, "strips");
}

Status check_moment(const Header& header, const Moment& moment, const std::string& where) {
  if (moment.replaced.size() != moment.by.size()) {
    return fail(Code::bad_timeline, "{}: {} tensors replaced by {}", where, moment.replaced.size(),
                moment.by.size());
  }
  if (moment.replaced.size() > header.tensors.size()) {  // before anything of that size is copied
    return fail(Code::bad_timeline, "{} replaces more tensors than there are", where);
  }
  for (std::size_t i = 0; i < moment.by.size(); ++i) {
    const std::size_t last = std::max(moment.replaced[i], moment.by[i]);
    if (last >= header.tensors.size()) {
      return fail(Code::bad_tensor_index, "{}: tensor {} of {}", where, last, header.tensors.size());
    }
    const TensorRecord& old = header.tensors[moment.replaced[i]];
    if (old.shape != header.tensors[moment.by[i]].shape) {
      return fail(Code::bad_timeline, "{}: the shapes of '{}' and of '{}' differ", where, old.name,
                  header.tensors[moment.by[i]].name);
    }
  }
  std::vector<char> replaced(header.tensors.size());
  for (const std::uint32_t tensor : moment.replaced) {
    if (replaced[tensor] > 0) return fail(Code::bad_timeline, "{} replaces one tensor twice", where);
    replaced[tensor] = 1;
  }
  return {};
}

Status check_timeline(const Header& header) {
  LC_TRY(check_count(header.timeline.size(), kMaxMoments, "moments of the timeline"));
  for (std::size_t i = 0; i < header.timeline.size(); ++i) {
    const Moment& moment = header.timeline[i];
    const std::string where = phrase("moment {} of the timeline", i);
    if (i > 0 && moment.iteration <= header.timeline[i - 1].iteration) {
      return fail(Code::bad_timeline, "{}: iteration {} follows {}", where, moment.iteration,
                  header.timeline[i - 1].iteration);
    }
    if (moment.iteration > header.provenance.iterations) {
      return fail(Code::bad_timeline, "{}: iteration {} lies after the end of training, {}", where,
                  moment.iteration, header.provenance.iterations);
    }
    LC_TRY(check_moment(header, moment, where));
  }
  return {};
}

}  // namespace

Status check_records(const Header& header) {
  LC_TRY(check_provenance(header.provenance));
  LC_TRY(check_metrics(header.metrics));
  LC_TRY(check_curve(header.curve));
  LC_TRY(check_strips(header));
  return check_timeline(header);
}

}  // namespace lc::format

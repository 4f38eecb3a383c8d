// Measures a model: every metric that its networks allow, each with the protocol that defines it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "native/eval/reference.h"
#include "shared/core/status.h"
#include "shared/format/format.h"
#include "shared/session/session.h"

namespace lc::eval {

struct Protocol {
  std::uint32_t samples = 10000;  // generated, test and floor pictures; at most what there is
  std::uint32_t seeds = 3;        // 1, 2, ...: of the Fréchet distance and its floor; the rest uses seed 1
  std::uint32_t neighbours = 5;   // k of precision, recall, density and coverage
  std::uint32_t nearest = 1000;   // pictures whose nearest training picture is looked for
  std::uint32_t parzen_validation = 1000;
  std::uint32_t nll_images = 1000;
  std::uint32_t nll_draws = 5000;
  unsigned threads = 0;  // 0: one a core
};

struct Measurement {
  std::string name;
  double value = 0;
  std::string note;            // unit and protocol
  std::optional<double> real;  // the same measured on real pictures
  std::string real_note;       // how: "training pictures in place of generated ones"
};

struct Evaluation {
  std::vector<Measurement> measurements;
  std::vector<std::uint64_t> histogram;  // of the generated classes; empty when nothing was generated
  std::vector<double> kl_per_dimension;  // nats; empty for a model without a variational encoder
  std::vector<std::string> left_out;     // what could not be measured, and why
};

// Draws pictures: a Frame of request.count pictures, or the reason why there is none.
using Draw = std::function<Result<session::Frame>(const session::Request&)>;
// A frame's pictures as rows, cut to the middle of shape `to`; fails as middle() does.
Result<Matrix> pictures_of(session::Frame&& frame, const PictureShape& to);
// Told what is measured next.
using Progress = std::function<void(const std::string&)>;

Result<Evaluation> evaluate(const format::ModelFile& model, const Reference& reference, const Draw& draw,
                            const Protocol& protocol, const Progress& progress);

// As the header of a weights file keeps it: the note names the protocol and the value on real pictures.
format::Metric to_metric(const Measurement& measurement);

}  // namespace lc::eval

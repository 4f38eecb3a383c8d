#include "shared/session/view.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace lc::session {

namespace {

constexpr float kMaxExtent = 1e6f;              // of coordinates: beyond, float32 has no pixels left
constexpr std::size_t kStripFloats = 1u << 18;  // that pass together

// `row` as often as `times`.
void repeat(const std::vector<float>& rows, std::size_t row, std::size_t count, std::size_t times,
            std::vector<float>& out) {
  const std::size_t size = rows.size() / count;
  out.resize(size * times);
  for (std::size_t i = 0; i < times; ++i) std::copy_n(rows.data() + row * size, size, out.data() + i * size);
}

}  // namespace

View view_of(const format::Header& header, const Request& request) {
  View view = request.view;
  if (view.width == 0) view.width = header.image.width;
  if (view.height == 0) view.height = header.image.height;
  return view;
}

Status check_view(const format::Header& header, bool any_resolution, const Request& request) {
  if (!any_resolution) {
    if (request.view == View()) return {};
    return fail(Code::bad_combination,
                "the request has a view, and model '{}' draws pictures of one size. Leave the view out.",
                header.title);
  }
  const View view = view_of(header, request);
  if (view.width > kMaxViewSide || view.height > kMaxViewSide) {
    return fail(Code::too_much_asked, "pictures of {} x {}, at most {} a side can be drawn", view.width,
                view.height, kMaxViewSide);
  }
  if (!(std::fabs(view.centre_x) <= kMaxExtent && std::fabs(view.centre_y) <= kMaxExtent &&
        std::fabs(view.scale) <= kMaxExtent)) {
    return fail(Code::bad_argument, "a view's centre and scale: expected numbers from -1000000 to 1000000");
  }
  return {};
}

// Pixels [first, first + strips * pixels) in rows from the top; those past the end of the picture are a
// filling.
void ViewPainter::fill(const View& view, std::size_t pixels, std::size_t first, std::size_t strips) {
  coordinates_.resize(strips * 3 * pixels);
  const std::size_t last = std::size_t{view.width} * view.height - 1;
  const auto place = [](std::size_t i, std::uint32_t size) {
    return (static_cast<float>(i) + 0.5f) * (2 / static_cast<float>(size)) - 1;
  };
  for (std::size_t strip = 0; strip < strips; ++strip) {
    float* planes = &coordinates_[strip * 3 * pixels];
    for (std::size_t i = 0; i < pixels; ++i) {
      const std::size_t pixel = std::min(first + strip * pixels + i, last);
      const float x = view.centre_x + view.scale * place(pixel % view.width, view.width);
      const float y = view.centre_y + view.scale * place(pixel / view.width, view.height);
      planes[i] = x;
      planes[pixels + i] = y;
      planes[2 * pixels + i] = std::sqrt(x * x + y * y);
    }
  }
}

Status ViewPainter::paint(const nn::Graph& graph, nn::Workspace& workspace, const View& view,
                          std::uint32_t count, const std::vector<float>& latents,
                          const std::vector<float>& one_hot, std::vector<float>& out) {
  const auto& ports = graph.outputs();
  const std::size_t image = static_cast<std::size_t>(
      std::find_if(ports.begin(), ports.end(), [](const auto& port) { return port.name == "image"; }) -
      ports.begin());
  const nn::Shape& shape = ports[image].shape;
  const std::size_t pixels = std::size_t{shape.height()} * shape.width(), channels = shape.channels();
  const std::size_t all = std::size_t{view.width} * view.height;
  const std::size_t together = std::clamp<std::size_t>(
      kStripFloats / (pixels * std::max<std::size_t>(3, channels)), 1, (all + pixels - 1) / pixels);
  out.resize(count * channels * all);
  for (std::size_t picture = 0; picture < count; ++picture) {
    for (std::size_t first = 0; first < all; first += together * pixels) {
      const std::size_t strips = std::min(together, (all - first + pixels - 1) / pixels);
      fill(view, pixels, first, strips);
      repeat(latents, picture, count, strips, latents_);
      repeat(one_hot, picture, count, strips, one_hot_);
      inputs_.clear();
      for (const nn::Graph::Port& port : graph.inputs()) {
        const std::vector<float>& from = port.name == "coordinates" ? coordinates_
                                         : port.name == "label"     ? one_hot_
                                                                    : latents_;
        if (from.size() != strips * port.shape.size()) {
          return fail(Code::bad_combination,
                      "a model that draws from coordinates needs input '{}', which has no source", port.name);
        }
        inputs_.push_back(from.data());
      }
      strips_.resize(strips * channels * pixels);
      outputs_.assign(ports.size(), nullptr);
      outputs_[image] = strips_.data();
      LC_TRY(workspace.run(graph, strips, inputs_, outputs_));
      for (std::size_t strip = 0; strip < strips; ++strip) {
        const std::size_t at = first + strip * pixels, here = std::min(pixels, all - at);
        for (std::size_t c = 0; c < channels; ++c) {
          std::copy_n(&strips_[(strip * channels + c) * pixels], here,
                      &out[(picture * channels + c) * all + at]);
        }
      }
    }
  }
  return {};
}

}  // namespace lc::session

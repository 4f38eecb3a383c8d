// Pictures of any size from a network that reads coordinates.
#pragma once

#include <cstdint>
#include <vector>

#include "shared/core/status.h"
#include "shared/format/schema.h"
#include "shared/nn/graph.h"
#include "shared/session/session.h"

namespace lc::session {

constexpr std::uint32_t kMaxViewSide = 1024;

// The view with the model's own size where the request leaves it open.
View view_of(const format::Header& header, const Request& request);

// `any_resolution`: whether the network reads coordinates.
Status check_view(const format::Header& header, bool any_resolution, const Request& request);

// Draws the pictures of a view. The network sees each pixel by itself (Graph::compile holds it to that), so
// that its image of H x W is filled with any H x W pixels of the picture, one strip after another: memory
// does not grow with the picture.
class ViewPainter {
 public:
  // `latents`: [count][latent size], `one_hot`: [count][classes]; `out`: [count][channels][height][width],
  // the network's values.
  Status paint(const nn::Graph& graph, nn::Workspace& workspace, const View& view, std::uint32_t count,
               const std::vector<float>& latents, const std::vector<float>& one_hot, std::vector<float>& out);

 private:
  void fill(const View& view, std::size_t pixels, std::size_t first, std::size_t strips);

  std::vector<float> coordinates_, latents_, one_hot_, strips_;
  std::vector<const float*> inputs_;
  std::vector<float*> outputs_;
};

}  // namespace lc::session

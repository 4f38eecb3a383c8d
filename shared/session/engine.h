// Turns a Request into a Frame, now, on this thread. No GUI, no files, no clock.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "shared/core/span.h"
#include "shared/core/status.h"
#include "shared/format/format.h"
#include "shared/kernels/kernels.h"
#include "shared/session/session.h"

namespace lc::session {

class ModelStore;

class Engine {
 public:
  explicit Engine(const kernels::Kernels& kernels = kernels::simd());
  // Shares the models of `store` with other engines, each on a thread of its own; load() and models() are the
  // store's.
  explicit Engine(std::shared_ptr<ModelStore> store);
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;
  ~Engine();

  // Keeps the bytes; compiles the networks of the last moment so that every error shows here. Returns the
  // number.
  Result<std::uint32_t> load(LoadRequest request);
  const std::vector<ModelInfo>& models() const;
  // A Frame with a status and no values when the request makes no sense. Reuses `frame`'s memory: a second
  // request of the same size allocates nothing.
  void render(const Request& request, Frame& frame);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The numbers of all mixture parts of the prior, part after part: weights, means, Cholesky factors.
std::vector<float> read_mixture(const format::ModelFile& file);

// Latents of pictures [first, first + count) of the request's seed: [count][latent_size(header)]. `mixture`
// comes from read_mixture. Number j of picture i's latent vector depends on (seed, i, j) alone. Used by
// Engine; public so that trainers and tests draw the same.
Status draw_latents(const format::Header& header, Span<const float> mixture, const Request& request,
                    Span<float> out);

}  // namespace lc::session

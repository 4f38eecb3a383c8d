// The same features measured by native/eval and by a few lines of NumPy.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "native/eval/coverage.h"
#include "native/eval/kernel_distance.h"
#include "native/io/npy.h"
#include "shared/core/random.h"

namespace lc::eval {
namespace {

// Prints Fréchet distance, kernel distance, precision, recall, density, coverage; straight from the
// definitions.
constexpr const char* kScript = R"(
import sys, numpy as np
a, b = (np.load(p).astype(np.float64) for p in sys.argv[1:3])
k = 5
ca, cb = np.cov(a.T), np.cov(b.T)
roots = np.sqrt(np.clip(np.linalg.eigvals(ca @ cb).real, 0, None)).sum()
print(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * roots)
kern = lambda x, y: (x @ y.T / x.shape[1] + 1) ** 3
off = lambda m: (m.sum() - np.trace(m)) / (len(m) * (len(m) - 1))
print(off(kern(a, a)) + off(kern(b, b)) - 2 * kern(a, b).mean())
dist = lambda x, y: np.sqrt(((x[:, None] - y[None]) ** 2).sum(-1))
ra, rb = (np.sort(dist(x, x), 1)[:, k] for x in (a, b))
d = dist(a, b)
print((d < ra[:, None]).any(0).mean())
print((d < rb[None]).any(1).mean())
print((d < ra[:, None]).sum() / (k * len(b)))
print((d.min(1) < ra).mean())
)";

Matrix features(std::size_t rows, std::uint64_t seed, float scale, float shift) {
  Matrix m(rows, 6);
  fill_normal(seed, Stream::test, 0, Span<float>(m.values));
  for (std::size_t i = 0; i < rows; ++i) {
    Span<float> row = m.row(i);
    row[1] = scale * row[1] + shift;
    row[2] += 0.5f * row[0];
  }
  return m;
}

TEST(Numpy, SaysTheSameOfTheSameFeatures) {
  if (std::system(LC_PYTHON " -c 'import numpy' 2>/dev/null") != 0) GTEST_SKIP() << "no NumPy";
  const Matrix real = features(300, 1, 1, 0), fake = features(250, 2, 0.6f, 0.4f);
  const auto folder = std::filesystem::temp_directory_path() / ("lc-eval-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string a = (folder / "a.npy").string(), b = (folder / "b.npy").string();
  ASSERT_TRUE(io::save_npy(a, {real.rows, real.columns}, real.values).ok());
  ASSERT_TRUE(io::save_npy(b, {fake.rows, fake.columns}, fake.values).ok());
  const std::string command = std::string(LC_PYTHON " -c '") + kScript + "' " + a + " " + b;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  double expected[6] = {};
  for (double& value : expected) EXPECT_EQ(std::fscanf(pipe, "%lf", &value), 1);
  EXPECT_EQ(::pclose(pipe), 0);
  std::filesystem::remove_all(folder);

  const Coverage c = coverage(real, fake, 5, 2);
  const double found[6] = {frechet_distance(gaussian_of(real), gaussian_of(fake)),
                           kernel_distance(real, fake, 2),
                           c.precision,
                           c.recall,
                           c.density,
                           c.coverage};
  const char* names[6] = {"frechet", "kid", "precision", "recall", "density", "coverage"};
  for (int i = 0; i < 6; ++i) {
    std::printf("%s: %.8f, NumPy %.8f\n", names[i], found[i], expected[i]);
    EXPECT_NEAR(found[i], expected[i], 1e-5) << names[i];
  }
}

}  // namespace
}  // namespace lc::eval

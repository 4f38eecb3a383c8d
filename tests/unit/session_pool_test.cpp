// The thread pool gives what one engine gives.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

#include "shared/session/engine.h"
#include "shared/session/pool_session.h"
#include "tests/unit/session_models.h"

// Stands in for a machine without memory: blocks of so many bytes are not to be had.
static std::atomic<std::size_t> too_large = SIZE_MAX;

void* operator new(std::size_t size) {
  void* block = size < too_large ? std::malloc(size) : nullptr;
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void operator delete(void* block) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  std::free(block);
}

namespace lc::test {
namespace {

using session::Frame;
using session::Request;

double milliseconds() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::unique_ptr<session::Session> pool(std::uint32_t workers, std::uint32_t moments = 0) {
  session::PoolOptions options;
  options.workers = workers;
  options.milliseconds = milliseconds;
  auto made = session::make_pool_session(options);
  const auto number = made->load(small_model(moments));
  EXPECT_TRUE(number.ok()) << number.status().message;
  return made;
}

Frame wait_for_frame(session::Session& session) {
  for (int i = 0; i < 20'000; ++i) {
    if (auto frame = session.poll()) return std::move(*frame);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ADD_FAILURE() << "no frame within 20 s";
  return {};
}

TEST(SessionPool, AnyNumberOfWorkersDrawsTheSamePictures) {
  session::Engine engine;
  ASSERT_TRUE(engine.load(small_model()).ok());
  for (const std::uint32_t workers : {1u, 2u, 3u, 7u}) {
    const auto session = pool(workers);
    for (const std::uint32_t count : {1u, 5u, 64u, 300u}) {
      Request request;
      request.seed = count;
      request.count = count;
      Frame expected;
      engine.render(request, expected);
      session->submit(request);
      const Frame frame = wait_for_frame(*session);
      ASSERT_TRUE(frame.status.ok()) << frame.status.message;
      EXPECT_EQ(frame.pictures, expected.pictures) << workers << " workers, " << count << " pictures";
      EXPECT_EQ(frame.latents, expected.latents);
      EXPECT_GT(frame.milliseconds, 0);
    }
    EXPECT_FALSE(session->busy());
  }
}

TEST(SessionPool, OfManyRequestsOfAChannelTheLastAlwaysArrives) {
  const auto session = pool(2);
  Request request;
  request.count = 8;
  for (std::uint64_t i = 1; i <= 500; ++i) {
    request.id = i;
    session->submit(request);
  }
  std::uint64_t last = 0, frames = 0;
  while (last != 500 && frames < 500) {
    const Frame frame = wait_for_frame(*session);
    ASSERT_GT(frame.id, last) << "frames went back in time";
    last = frame.id;
    ++frames;
  }
  EXPECT_EQ(last, 500u);
  EXPECT_FALSE(session->busy());
  std::printf("500 requests of one channel gave %llu frames\n", static_cast<unsigned long long>(frames));
}

TEST(SessionPool, WorkersShareTheMomentsOfATimeline) {
  session::Engine engine;
  ASSERT_TRUE(engine.load(small_model(10)).ok());
  const auto session = pool(3, 10);
  for (std::uint32_t moment = 0; moment <= 10; ++moment) {
    Request request;
    request.moment = moment;
    request.count = 40;
    Frame expected;
    engine.render(request, expected);
    session->submit(request);
    EXPECT_EQ(wait_for_frame(*session).pictures, expected.pictures) << "moment " << moment;
  }
}

TEST(SessionPool, ModelsCanBeLoadedWhileOthersAreDrawn) {
  const auto session = pool(2);
  for (std::uint32_t i = 1; i < 20; ++i) {
    Request request;
    request.channel = i;
    request.count = 100;
    session->submit(request);
    const auto number = session->load(labelled_model());
    ASSERT_TRUE(number.ok());
    EXPECT_EQ(number.value(), i);
  }
  for (std::uint32_t i = 1; i < 20; ++i) EXPECT_TRUE(wait_for_frame(*session).status.ok());
}

TEST(SessionPool, ABadRequestComesBackWithItsMessage) {
  const auto session = pool(2);
  Request request;
  request.id = 3;
  request.labels = {1};
  request.count = 50;
  session->submit(request);
  const Frame frame = wait_for_frame(*session);
  EXPECT_EQ(frame.id, 3u);
  EXPECT_EQ(frame.status.code, Code::bad_combination);
  EXPECT_TRUE(frame.pictures.empty());
}

TEST(SessionPool, WithoutMemoryForAPartOrForTheWholeARequestFailsAndTheNextOneIsDrawn) {
  const auto session = pool(2);
  Request request;
  request.count = 1000;
  constexpr std::size_t kPicture = 784 * sizeof(float);
  for (const std::size_t limit : {kPicture, 500 * kPicture}) {
    too_large = limit;
    session->submit(request);
    const Frame frame = wait_for_frame(*session);
    too_large = SIZE_MAX;
    EXPECT_EQ(frame.status.code, Code::out_of_memory) << limit << " bytes: " << frame.status.message;
    EXPECT_TRUE(frame.pictures.empty());
    session->submit(request);
    EXPECT_EQ(wait_for_frame(*session).pictures.size(), 784'000u);
  }
}

TEST(SessionPool, EndsAtOnceWithWorkWaiting) {
  const auto session = pool(2);
  for (std::uint32_t i = 0; i < 50; ++i) {
    Request request;
    request.channel = i;
    request.count = 4000;
    session->submit(request);
  }
}

}  // namespace
}  // namespace lc::test

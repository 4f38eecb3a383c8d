// Scheduler: splitting, gathering in order, overtaking; driven by hand, without threads.
#include <gtest/gtest.h>

#include "shared/session/engine.h"
#include "shared/session/scheduler.h"
#include "tests/unit/session_models.h"

namespace lc::test {
namespace {

using session::Frame;
using session::Request;
using session::Scheduler;

Request request_of(std::uint64_t id, std::uint32_t count, std::uint32_t channel = 0) {
  Request request;
  request.id = id;
  request.count = count;
  request.channel = channel;
  return request;
}

// A frame whose pictures (one number each) are their numbers in the sequence.
Frame answer(const Request& request) {
  Frame frame;
  frame.id = request.id;
  frame.count = request.count;
  frame.channels = frame.height = frame.width = 1;
  for (std::uint32_t i = 0; i < request.count; ++i)
    frame.pictures.push_back(static_cast<float>(request.first + i));
  frame.milliseconds = 2;
  return frame;
}

TEST(SessionScheduler, ALargeRequestIsSplitAndGatheredInOrderWhoeverFinishesFirst) {
  Scheduler scheduler(3);
  Request request = request_of(5, 50);
  request.first = 100;
  scheduler.submit(request);
  std::vector<Scheduler::Part> parts;
  while (auto part = scheduler.next()) parts.push_back(std::move(*part));
  ASSERT_EQ(parts.size(), 3u);
  for (const std::size_t i : {2u, 0u, 1u}) {
    EXPECT_FALSE(scheduler.poll().has_value());
    scheduler.finish(parts[i].ticket, static_cast<std::uint32_t>(i), answer(parts[i].request));
  }
  const auto frame = scheduler.poll();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->id, 5u);
  EXPECT_EQ(frame->count, 50u);
  EXPECT_EQ(frame->workers, 3u);
  EXPECT_EQ(frame->milliseconds, 2);
  ASSERT_EQ(frame->pictures.size(), 50u);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(frame->pictures[i], 100.0f + float(i));
  EXPECT_FALSE(scheduler.busy());
}

TEST(SessionScheduler, AWholeThatNoFrameHoldsIsRefusedAtItsFirstPart) {
  Scheduler scheduler(2);
  const std::uint32_t count = 1025;
  scheduler.submit(request_of(3, count));
  const auto part = scheduler.next();
  ASSERT_TRUE(part.has_value());
  Frame frame = answer(part->request);
  frame.pictures.resize(part->request.count * (session::kMaxFrameFloats / (count - 1)));
  scheduler.finish(part->ticket, 0, std::move(frame));
  const auto refused = scheduler.poll();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->id, 3u);
  EXPECT_EQ(refused->status.code, Code::too_much_asked);
  EXPECT_NE(refused->status.message.find("1024 of them"), std::string::npos) << refused->status.message;
  EXPECT_TRUE(refused->pictures.empty());
  EXPECT_FALSE(scheduler.busy());
}

TEST(SessionScheduler, ASinglePictureGoesToOneWorkerWhole) {
  Scheduler scheduler(8);
  scheduler.submit(request_of(1, 1));
  const auto part = scheduler.next();
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->request.count, 1u);
  EXPECT_FALSE(scheduler.next().has_value());
}

TEST(SessionScheduler, LabelsLatentsAndPicturesAreCutWithTheirPictures) {
  Request request = request_of(1, 10);
  for (int i = 0; i < 10; ++i) request.labels.push_back(i);
  for (int i = 0; i < 20; ++i) request.label_weights.push_back(float(i));
  for (int i = 0; i < 30; ++i) request.latents.push_back(float(i));
  for (int i = 0; i < 40; ++i) request.pictures.push_back(float(i));
  const Request part = session::part_of(request, 4, 3);
  EXPECT_EQ(part.labels, (std::vector<std::int32_t>{4, 5, 6}));
  EXPECT_EQ(part.label_weights, (std::vector<float>{8, 9, 10, 11, 12, 13}));
  EXPECT_EQ(part.latents.front(), 12.0f);
  EXPECT_EQ(part.latents.size(), 9u);
  EXPECT_EQ(part.pictures.front(), 16.0f);
  EXPECT_EQ(part.pictures.size(), 12u);
  EXPECT_EQ(part.first, 4u);
}

TEST(SessionScheduler, ARequestThatNobodyWorksOnIsOvertakenByANewerOneOfItsChannel) {
  Scheduler scheduler(1);
  scheduler.submit(request_of(1, 1));
  const auto running = scheduler.next();
  ASSERT_TRUE(running.has_value());
  scheduler.submit(request_of(2, 1));
  scheduler.submit(request_of(3, 1, 7));  // another channel
  scheduler.submit(request_of(4, 1));     // overtakes 2
  scheduler.finish(running->ticket, 0, answer(running->request));
  std::vector<std::uint64_t> order;
  for (int i = 0; i < 5; ++i) {
    while (auto frame = scheduler.poll()) order.push_back(frame->id);
    if (auto part = scheduler.next()) scheduler.finish(part->ticket, 0, answer(part->request));
  }
  EXPECT_EQ(order, (std::vector<std::uint64_t>{1, 3, 4}));
}

TEST(SessionScheduler, TheRestOfALargeRequestIsDroppedWhenOvertaken) {
  Scheduler scheduler(2);
  scheduler.submit(request_of(1, 1000));
  const auto a = scheduler.next(), b = scheduler.next();
  ASSERT_TRUE(a && b);
  scheduler.submit(request_of(2, 1));
  const auto c = scheduler.next();
  ASSERT_TRUE(c.has_value());
  EXPECT_EQ(c->request.id, 2u);
  EXPECT_FALSE(scheduler.next().has_value());
  scheduler.finish(a->ticket, 0, answer(a->request));
  scheduler.finish(b->ticket, 1, answer(b->request));
  EXPECT_FALSE(scheduler.poll().has_value());
  scheduler.finish(c->ticket, 0, answer(c->request));
  const auto frame = scheduler.poll();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->id, 2u);
  EXPECT_FALSE(scheduler.busy());
}

TEST(SessionScheduler, FramesOfAChannelNeverGoBackInTime) {
  Scheduler scheduler(2);
  scheduler.submit(request_of(1, 1));
  const auto slow = scheduler.next();
  scheduler.submit(request_of(2, 1));
  const auto fast = scheduler.next();
  ASSERT_TRUE(slow && fast);
  scheduler.finish(fast->ticket, 1, answer(fast->request));
  scheduler.finish(slow->ticket, 0, answer(slow->request));
  const auto frame = scheduler.poll();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->id, 2u);
  EXPECT_FALSE(scheduler.poll().has_value());
}

TEST(SessionScheduler, ASmallRequestPassesTheRestOfALargeOne) {
  Scheduler scheduler(1);
  scheduler.submit(request_of(1, 1000, 1));
  ASSERT_EQ(scheduler.next()->request.id, 1u);
  ASSERT_EQ(scheduler.next()->request.id, 1u);
  scheduler.submit(request_of(2, 1, 2));
  EXPECT_EQ(scheduler.next()->request.id, 2u);
  EXPECT_EQ(scheduler.next()->request.id, 1u);
}

TEST(SessionScheduler, AFailedPartFailsItsRequestOnceAndLeavesNoValues) {
  Scheduler scheduler(2);
  scheduler.submit(request_of(9, 20));
  const auto a = scheduler.next(), b = scheduler.next();
  ASSERT_TRUE(a && b);
  scheduler.finish(a->ticket, 0, answer(a->request));
  scheduler.abandon(b->ticket, fail(Code::out_of_memory, "worker 1 ended"));
  const auto frame = scheduler.poll();
  ASSERT_TRUE(frame.has_value());
  EXPECT_EQ(frame->id, 9u);
  EXPECT_EQ(frame->status.code, Code::out_of_memory);
  EXPECT_TRUE(frame->pictures.empty());
  EXPECT_FALSE(scheduler.poll().has_value());
  EXPECT_FALSE(scheduler.busy());
}

TEST(SessionScheduler, ARequestThatCannotBeCutGoesWholeToTheEngineWhichRefusesIt) {
  session::Engine engine;
  ASSERT_TRUE(engine.load(small_model()).ok());
  Scheduler scheduler(4);
  Request odd = request_of(1, 20);
  odd.latents.assign(7, 0.0f);
  Request none = request_of(2, 0, 1);
  Request huge = request_of(3, 100000, 2);
  for (const Request& request : {odd, none, huge}) scheduler.submit(request);
  int refused = 0;
  while (auto part = scheduler.next()) {
    Frame frame;
    engine.render(part->request, frame);
    EXPECT_FALSE(frame.status.ok());
    scheduler.finish(part->ticket, 0, std::move(frame));
    refused += scheduler.poll().has_value() ? 1 : 0;
  }
  EXPECT_EQ(refused, 3);
}

}  // namespace
}  // namespace lc::test

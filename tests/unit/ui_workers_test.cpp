// The page's Session: which jobs the workers get, and what becomes of their answers.
#include <gtest/gtest.h>

#include "tests/unit/sample_model.h"
#include "wasm/app/worker_session.h"

namespace lc::app {
namespace {

struct Recorder : Courier {
  void submit(const Job& job) override { jobs.push_back(job); }
  std::vector<Job> jobs;
};

// What a worker answers: picture i of the sequence is all i.
session::Frame answer_to(const Job& job) {
  session::Frame part;
  part.count = job.request.count;
  part.channels = part.height = part.width = 1;
  for (std::uint32_t i = 0; i < part.count; ++i)
    part.pictures.push_back(static_cast<float>(job.request.first + i));
  part.milliseconds = 1;
  return part;
}

session::Request request_for(std::uint32_t count, std::uint64_t id = 1) {
  session::Request request;
  request.count = count;
  request.id = id;
  return request;
}

TEST(UiWorkers, a_good_file_becomes_a_model_and_a_bad_one_is_refused) {
  Recorder courier;
  WorkerSession session(courier, 2);
  const Result<std::uint32_t> bad = session.load({"notes", {1, 2, 3}});
  EXPECT_FALSE(bad.ok());
  EXPECT_TRUE(session.models().empty());
  const Result<std::uint32_t> good = session.load({"sample", sample::sample_bytes()});
  ASSERT_TRUE(good.ok()) << good.status().message;
  EXPECT_EQ(session.models()[0].name, "sample");
  EXPECT_TRUE(session.models()[0].can_sample);
  session.set_work(0, 123);
  session.set_work(9, 1);
  EXPECT_EQ(session.models()[0].multiply_adds, 123u);
}

TEST(UiWorkers, every_worker_has_one_job_at_most_and_pictures_keep_their_order) {
  Recorder courier;
  WorkerSession session(courier, 3);
  session.submit(request_for(30));
  ASSERT_EQ(courier.jobs.size(), 3u);
  EXPECT_TRUE(session.busy());
  for (std::size_t i = 3; i-- > 0;)
    session.answer(courier.jobs[i].worker, courier.jobs[i].id, answer_to(courier.jobs[i]));
  for (std::size_t i = 3; i < courier.jobs.size(); ++i) {
    session.answer(courier.jobs[i].worker, courier.jobs[i].id, answer_to(courier.jobs[i]));
  }
  const std::optional<session::Frame> frame = session.poll();
  ASSERT_TRUE(frame);
  ASSERT_EQ(frame->pictures.size(), 30u);
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(frame->pictures[i], static_cast<float>(i));
  EXPECT_FALSE(session.busy());
}

TEST(UiWorkers, an_answer_that_nobody_waits_for_is_passed_over) {
  Recorder courier;
  WorkerSession session(courier, 1);
  session.answer(0, 1, {});
  session.answer(7, 1, {});
  session.submit(request_for(1));
  session.answer(0, courier.jobs[0].id + 1, answer_to(courier.jobs[0]));
  EXPECT_FALSE(session.poll());
  session.answer(0, courier.jobs[0].id, answer_to(courier.jobs[0]));
  EXPECT_TRUE(session.poll());
  session.answer(0, courier.jobs[0].id, answer_to(courier.jobs[0]));
  EXPECT_FALSE(session.poll());
}

TEST(UiWorkers, a_failed_job_fails_its_request_in_words_and_frees_the_worker) {
  Recorder courier;
  WorkerSession session(courier, 1);
  session.submit(request_for(1, 5));
  session::Frame failed;
  failed.status = fail(Code::out_of_memory, "the worker stopped");
  session.answer(0, courier.jobs[0].id, failed);
  const std::optional<session::Frame> frame = session.poll();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->id, 5u);
  EXPECT_EQ(frame->status.message, "the worker stopped");
  session.submit(request_for(1, 6));
  EXPECT_EQ(courier.jobs.size(), 2u);
}

TEST(UiWorkers, fewer_workers_get_no_more_jobs_until_they_are_back) {
  Recorder courier;
  WorkerSession session(courier, 4);
  session.set_workers(0);
  session.submit(request_for(64));
  EXPECT_TRUE(courier.jobs.empty());
  session.set_workers(9);
  EXPECT_EQ(courier.jobs.size(), 4u);
}

}  // namespace
}  // namespace lc::app

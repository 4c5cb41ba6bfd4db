#include "runtime/cpu/Pool.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

using namespace tw;

namespace {
/// Counts how often each block is run, in its own cell.
void countBlocks(const tw_args *args, int64_t begin, int64_t end,
                 void *workspace, void *) {
  auto *counts = static_cast<int32_t *>(args->buffers[0]);
  for (int64_t i = begin; i < end; ++i)
    ++counts[i];
  if (workspace)
    *static_cast<int64_t *>(workspace) = begin;
}

/// Long enough for every thread to take part.
void slowBlocks(const tw_args *args, int64_t begin, int64_t end, void *,
                void *) {
  auto *owners = static_cast<pthread_t *>(args->buffers[0]);
  for (int64_t i = begin; i < end; ++i) {
    owners[i] = pthread_self();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

constexpr int64_t kLarge = 100000000;

void expectEachOnce(Pool &pool, int64_t blocks, int64_t cost) {
  std::vector<int32_t> counts(blocks);
  void *buffers[] = {counts.data()};
  tw_args args = {buffers, nullptr};
  int64_t workspace;
  pool.run({countBlocks, &args, 0, blocks, sizeof workspace, cost, nullptr},
           &workspace);
  EXPECT_EQ(counts, std::vector<int32_t>(blocks, 1));
}
} // namespace

class PoolOfThreads : public testing::TestWithParam<int32_t> {};

TEST_P(PoolOfThreads, runsEachBlockOnce) {
  Pool pool;
  ASSERT_TRUE(pool.init(GetParam()));
  EXPECT_EQ(pool.threads(), GetParam());
  for (int64_t blocks : {1, 2, 3, 7, 64, 1000, 100003})
    for (int64_t cost : {int64_t(0), int64_t(30000), kLarge})
      expectEachOnce(pool, blocks, cost);
}

TEST_P(PoolOfThreads, runsNoOthers) {
  Pool pool;
  ASSERT_TRUE(pool.init(GetParam()));
  for (int64_t cost : {int64_t(0), kLarge}) {
    std::vector<int32_t> counts(100), expected(100);
    std::fill(expected.begin() + 30, expected.begin() + 73, 1);
    void *buffers[] = {counts.data()};
    tw_args args = {buffers, nullptr};
    pool.run({countBlocks, &args, 30, 73, 0, cost, nullptr}, nullptr);
    EXPECT_EQ(counts, expected);
  }
}

TEST_P(PoolOfThreads, survivesManyShortLaunches) {
  Pool pool;
  ASSERT_TRUE(pool.init(GetParam()));
  for (int i = 0; i < 5000; ++i)
    expectEachOnce(pool, 5, 25000);
}

TEST_P(PoolOfThreads, servesManyCallers) {
  Pool pool;
  ASSERT_TRUE(pool.init(GetParam()));
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 500; ++i)
        expectEachOnce(pool, 17, kLarge);
    });
  for (std::thread &caller : callers)
    caller.join();
}

INSTANTIATE_TEST_SUITE_P(Counts, PoolOfThreads, testing::Values(1, 2, 3, 4, 8));

TEST(Pool, givesWorkToItsThreads) {
  Pool pool;
  ASSERT_TRUE(pool.init(2));
  std::vector<pthread_t> owners(20);
  void *buffers[] = {owners.data()};
  tw_args args = {buffers, nullptr};
  pool.run({slowBlocks, &args, 0, 20, 0, kLarge, nullptr}, nullptr);
  bool other = false;
  for (pthread_t owner : owners)
    other |= owner != pthread_self();
  EXPECT_TRUE(other);
}

TEST(Pool, runsSmallWorkOnTheCaller) {
  Pool pool;
  ASSERT_TRUE(pool.init(2));
  std::vector<pthread_t> owners(4);
  void *buffers[] = {owners.data()};
  tw_args args = {buffers, nullptr};
  pool.run({slowBlocks, &args, 0, 4, 0, 19999, nullptr}, nullptr);
  EXPECT_EQ(owners, std::vector<pthread_t>(4, pthread_self()));
}

TEST(Pool, doesTheWorkWhenWorkspacesDoNotFit) {
  Pool pool;
  ASSERT_TRUE(pool.init(2));
  std::vector<int32_t> counts(9);
  void *buffers[] = {counts.data()};
  tw_args args = {buffers, nullptr};
  pool.run({countBlocks, &args, 0, 9, INT64_MAX, kLarge, nullptr}, nullptr);
  EXPECT_EQ(counts, std::vector<int32_t>(9, 1));
}

#include "runtime/cpu/Pool.h"

#include <algorithm>
#include <csignal>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

using namespace tw;

/// Work below this is done before another thread has woken up.
static constexpr int64_t kInlineNanoseconds = 20000;
/// A thread woken for less than this costs more than it does.
static constexpr int64_t kShareNanoseconds = 5000;
/// A chunk should outweigh the contended counter it is taken from.
static constexpr int64_t kChunkNanoseconds = 4000;
static constexpr int64_t kChunksPerShare = 8;
/// About 15 us: longer than the host program's work between two kernels,
/// shorter than anybody else would notice.
static constexpr uint64_t kSpinCycles = 40000;
static constexpr uint32_t kOpen = 1u << 31;

static void futexWait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}
static void futexWake(std::atomic<uint32_t> &word, int32_t count) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

int32_t tw::usableCpus() {
  cpu_set_t sets[8]; // room for 8192 CPUs
  if (sched_getaffinity(0, sizeof sets, sets) != 0)
    return 1;
  return CPU_COUNT_S(sizeof sets, sets);
}

//===----------------------------------------------------------------------===//
// The caller's side
//===----------------------------------------------------------------------===//

bool Pool::init(int32_t threads) {
  threadCount = threads;
  // A spinning thread without a CPU of its own only takes one from the others.
  spinCycles = threads <= usableCpus() ? kSpinCycles : 0;
  return workers.create(threads - 1) && ranges.create(threads);
}

Pool::~Pool() {
  stopping.store(true);
  epoch.fetch_add(1);
  futexWake(epoch, INT32_MAX);
  for (int32_t i = 0; i < running; ++i)
    pthread_join(workers[i].thread, nullptr);
}

void Pool::run(const Launch &launch, void *workspace) {
  bool small = launch.cost < kInlineNanoseconds || launch.blocks() == 1;
  if (small || threadCount == 1 ||
      busy.exchange(true, std::memory_order_acquire)) {
    launch.run(launch.begin, launch.end, workspace);
    return;
  }
  if (prepare(launch)) {
    open();
    process(0, workspace);
    close();
  } else {
    launch.run(launch.begin, launch.end, workspace);
  }
  busy.store(false, std::memory_order_release);
}

/// False if no worker can help: none could be started, or there is no memory
/// for their workspaces.
bool Pool::prepare(const Launch &launch) {
  if (!startedAll)
    startWorkers();
  for (int32_t i = 0; i < running; ++i)
    if (launch.workspaceBytes > 0 &&
        !workers[i].workspace.reserve(launch.workspaceBytes))
      return false;
  if (running == 0)
    return false;
  divide(launch);
  return true;
}

/// Threads of a library leave signals to the program's own threads.
void Pool::startWorkers() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (; running < threadCount - 1; ++running) {
    Worker &worker = workers[running];
    worker.pool = this;
    worker.index = running + 1;
    if (pthread_create(&worker.thread, nullptr, workerMain, &worker) != 0)
      break;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  startedAll = true;
}

static int64_t divideUp(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Splits the blocks into one contiguous share per thread, taken in chunks.
void Pool::divide(const Launch &launch) {
  current = launch;
  int64_t blocks = launch.blocks();
  int64_t useful = std::min(blocks, launch.cost / kShareNanoseconds);
  shares = static_cast<int32_t>(std::min<int64_t>(running + 1, useful));
  int64_t perBlock = launch.cost / blocks + 1;
  int64_t balanced = blocks / (shares * kChunksPerShare);
  int64_t heavy = kChunkNanoseconds / perBlock;
  chunk = std::max({balanced, heavy, int64_t(1)});
  int64_t share = divideUp(blocks, shares);
  for (int32_t i = 0; i < shares; ++i) {
    ranges[i].next.store(launch.begin + i * share, std::memory_order_relaxed);
    ranges[i].end = launch.begin + std::min((i + 1) * share, blocks);
  }
}

void Pool::open() {
  left.store(0, std::memory_order_relaxed);
  gate.store(kOpen, std::memory_order_release);
  epoch.fetch_add(1);
  if (sleepers.load() > 0)
    futexWake(epoch, shares - 1);
}

/// Waits for those who entered; who comes later finds the gate shut.
void Pool::close() {
  uint32_t entered = gate.exchange(0, std::memory_order_acq_rel) & ~kOpen;
  uint64_t start = __rdtsc();
  while (left.load(std::memory_order_acquire) != entered) {
    if (__rdtsc() - start < spinCycles)
      _mm_pause();
    else
      sleepUntilSomebodyLeaves(entered);
  }
}

void Pool::sleepUntilSomebodyLeaves(uint32_t entered) {
  callerSleeps.store(true);
  uint32_t now = left.load();
  if (now != entered)
    futexWait(left, now);
  callerSleeps.store(false);
}

/// Takes chunks, first of share `first`, then of the others.
void Pool::process(int32_t first, void *workspace) {
  for (int32_t i = 0; i < shares; ++i) {
    Range &range = ranges[(first + i) % shares];
    while (range.next.load(std::memory_order_relaxed) < range.end) {
      int64_t begin = range.next.fetch_add(chunk, std::memory_order_relaxed);
      if (begin >= range.end)
        break;
      int64_t end = std::min(begin + chunk, range.end);
      current.run(begin, end, workspace);
    }
  }
}

//===----------------------------------------------------------------------===//
// The workers' side
//===----------------------------------------------------------------------===//

void *Pool::workerMain(void *argument) {
  auto &worker = *static_cast<Worker *>(argument);
  pthread_setname_np(pthread_self(), "tilewright");
  worker.pool->serve(worker);
  return nullptr;
}

void Pool::serve(Worker &worker) {
  uint32_t seen = 0;
  while (true) {
    seen = waitForLaunch(seen);
    if (stopping.load())
      return;
    if (!enter())
      continue;
    process(worker.index, worker.workspace.data());
    leave();
  }
}

bool Pool::enter() {
  uint32_t state = gate.load(std::memory_order_relaxed);
  while (state & kOpen)
    if (gate.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel))
      return true;
  return false;
}

void Pool::leave() {
  left.fetch_add(1);
  if (callerSleeps.load())
    futexWake(left, 1);
}

uint32_t Pool::waitForLaunch(uint32_t seen) {
  uint64_t start = __rdtsc();
  uint32_t now;
  while ((now = epoch.load(std::memory_order_acquire)) == seen) {
    if (__rdtsc() - start < spinCycles) {
      _mm_pause();
      continue;
    }
    sleepers.fetch_add(1);
    futexWait(epoch, seen);
    sleepers.fetch_sub(1);
    start = __rdtsc();
  }
  return now;
}

// The threads of a model. One launch at a time uses them; a caller who finds
// them busy does all of its work itself.
#pragma once

#include "runtime/Buffer.h"
#include "runtime/host.h"

#include <atomic>
#include <pthread.h>

namespace tw {

/// CPUs that this process may run on.
int32_t usableCpus();

/// Blocks [begin, end) of a kernel, which do not depend on each other.
struct Launch {
  tw_kernel_fn kernel;
  const tw_args *args;
  int64_t begin, end;
  int64_t workspaceBytes;
  /// Nanoseconds that one thread would need.
  int64_t cost;
  void *shared;

  int64_t blocks() const { return end - begin; }
  void run(int64_t from, int64_t to, void *workspace) const {
    kernel(args, from, to, workspace, shared);
  }
};

class Pool {
public:
  Pool() = default;
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;
  ~Pool();

  /// Prepares for `threads` threads, the caller's included. They start with the
  /// first launch that has work for them. False if there is not enough memory.
  bool init(int32_t threads);
  int32_t threads() const { return threadCount; }

  /// Runs all blocks and returns when they are done. `workspace` is the
  /// caller's, of at least launch.workspaceBytes.
  void run(const Launch &launch, void *workspace);

private:
  struct Worker {
    Pool *pool = nullptr;
    int32_t index = 0;
    pthread_t thread = {};
    Buffer workspace;
  };
  /// A share of the blocks. Each thread begins with its own, so that it meets
  /// the same data from one kernel to the next, and then helps with the rest.
  struct alignas(64) Range {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };

  bool prepare(const Launch &launch);
  void startWorkers();
  void divide(const Launch &launch);
  void open();
  void close();
  void sleepUntilSomebodyLeaves(uint32_t entered);
  void process(int32_t first, void *workspace);
  static void *workerMain(void *worker);
  void serve(Worker &worker);
  bool enter();
  void leave();
  uint32_t waitForLaunch(uint32_t seen);

  int32_t threadCount = 1;
  int32_t running = 0; // workers started
  bool startedAll = false;
  uint64_t spinCycles = 0;
  Array<Worker> workers;
  Array<Range> ranges;

  // The current launch; read by those who entered it.
  Launch current = {};
  int64_t chunk = 1;
  int32_t shares = 1;

  /// Held by the caller whose launch has the workers.
  alignas(64) std::atomic<bool> busy{false};
  /// kOpen while a launch may be entered, plus how many have entered.
  alignas(64) std::atomic<uint32_t> gate{0};
  /// How many have left the current launch again. A futex.
  alignas(64) std::atomic<uint32_t> left{0};
  std::atomic<bool> callerSleeps{false};
  /// Number of launches so far. A futex.
  alignas(64) std::atomic<uint32_t> epoch{0};
  std::atomic<int32_t> sleepers{0};
  std::atomic<bool> stopping{false};
};

} // namespace tw

// A kernel being run: blocks, clusters, and what they share.
#pragma once

#include "runtime/emulator/Counters.h"
#include "runtime/emulator/Random.h"
#include "runtime/emulator/Warp.h"

#include <functional>
#include <unordered_map>

namespace tw::emu {

/// A named barrier of a block.
struct NamedBarrier {
  uint32_t expected = 0, arrived = 0;
  uint64_t phase = 0;
  /// Of the arrivals of this phase; and of the last one, for who waited.
  Clock gathering, released;
  uint64_t reduceCount = 0;
  bool reduceAnd = true, reduceOr = false;
  uint64_t lastCount = 0;
  bool lastAnd = true, lastOr = false;
};

class Block : public Parts {
public:
  Block(Cluster &cluster, Launch &launch, uint64_t linear, uint32_t rank);

  Cluster &cluster;
  Launch &launch;
  uint32_t id[3];
  uint64_t linear;
  uint32_t rank; ///< in its cluster
  Region shared;
  std::vector<std::unique_ptr<Warp>> warps;
  NamedBarrier barriers[16];

  uint32_t liveWarps() const;
};

/// Blocks that run at once and see each other's shared memory; without
/// clusters, a single block.
class Cluster : public Parts {
public:
  Cluster(Launch &launch, uint64_t linear);

  Launch &launch;
  uint64_t linear;
  std::vector<std::unique_ptr<Block>> blocks;
  /// Counts what may end a wait. Who makes progress that others may wait for
  /// calls `notify`.
  uint64_t events = 1;
  void notify() { ++events; }

  /// Something that happens later, at a time that the schedule chooses, in any
  /// order with the others: a copy's delivery. It may notify.
  void post(std::function<void()> work) { posted.push_back(std::move(work)); }
  std::vector<std::function<void()>> posted;

  /// An actor of this cluster that is not a warp.
  Actor newActor(std::string name);
  Actor base() const;
  const std::string &actorName(Actor actor) const;
  uint32_t nextActor = 0;
  std::vector<std::string> actorNames;

  bool done() const;
  /// Runs one slice. False if nothing can run: a deadlock.
  bool step();
  void reportDeadlock();
  uint64_t executed = 0;

private:
  bool runSomeWarp();
  bool expireOne();
};

/// What atomics and fences hand on through one address.
struct SyncLocation {
  Clock released;
};

class Launch {
public:
  GlobalMemory *memory = nullptr;
  const Program *program = nullptr;
  const Function *entry = nullptr;
  uint32_t grid[3] = {1, 1, 1}, blockDim[3] = {1, 1, 1},
           clusterDim[3] = {1, 1, 1};
  uint32_t threads = 1, warpsPerBlock = 1, blocksPerCluster = 1;
  uint64_t dynamicShared = 0, sharedBytes = 0;
  bool explicitCluster = false;
  Region params;
  Region *constants = nullptr;
  Findings *findings = nullptr;
  Counters counters;
  Random random{0};
  bool checkRaces = true, checkUndef = true;
  uint64_t number = 0, instructionLimit = 0;
  /// A fatal finding: everything stops.
  bool stopped = false;

  void run();

  /// As Warp::reach, for anybody: a range of any length. `lane` and `warp` are
  /// needed for local memory only. `alignment` 0: not checked.
  Reached reach(const Origin &origin, Block *block, Space space,
                uint64_t address, uint64_t bytes, uint64_t alignment,
                Access access, const Accessor &by,
                const void *written = nullptr);
  void report(Kind kind, const Origin &origin, uint64_t address,
              std::string text);
  void stop(Kind kind, const Origin &origin, uint64_t address,
            std::string text);

  std::unordered_map<uint64_t, SyncLocation> syncs;
  static constexpr uint32_t kActorsPerCluster = 1024;
  /// "thread (1,0,0) of block (0,0,0)", or what an asynchronous actor is.
  std::string who(Epoch epoch) const;
  std::map<uint64_t, Cluster *> running;

private:
  void runClusters();
  Region *locate(const Origin &origin, Block *block, Space &space,
                 uint64_t &address, uint64_t bytes, Access access);
  bool held(const Origin &origin, const Region &region, uint64_t address,
            uint64_t bytes, Access access);
  void race(const Origin &origin, Region &region, uint64_t address,
            uint64_t bytes, Access access, const Accessor &by,
            const void *written);
};

} // namespace tw::emu

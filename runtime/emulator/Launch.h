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

  void start();
  /// Threads of the warps that have not wholly exited, 32 each: what a barrier
  /// without a count waits for.
  uint32_t liveThreads() const;
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
  bool deliverOne();
  bool expireOne();
  uint64_t lastExpiry = 0;
  uint32_t expiries = 0;
};

/// Who accesses memory, for checks and reports: a lane of a warp, or something
/// asynchronous, whose origin is where it was started.
struct Caller {
  const Warp *warp = nullptr;
  const Inst *inst = nullptr;
  unsigned lane = 0;
  Block *block = nullptr;
  Accessor by;
  Origin started;
  /// "ld.global.f32: ", where an instruction is to blame.
  std::string blame() const {
    return inst ? std::string(inst->opcode) + ": " : "";
  }
  Origin origin() const { return warp ? warp->origin(*inst, lane) : started; }
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
  Findings *findings = nullptr;
  Counters counters;
  Random random{0};
  bool checkRaces = true, checkUndef = true;
  uint64_t number = 0, instructionLimit = 0;
  /// A fatal finding: everything stops.
  bool stopped = false;

  void run();

  /// As Warp::reach, for anybody: a range of any length of any space but local.
  Reached reach(const Origin &origin, Block *block, Space space,
                uint64_t address, uint64_t bytes, uint64_t alignment,
                Access access, const Accessor &by,
                const void *written = nullptr);
  /// The same without a check of the alignment. `written`: what is about to be
  /// written, for races that do no harm; may be null.
  Reached reach(const Caller &caller, Space space, uint64_t address,
                uint64_t bytes, Access access, const void *written = nullptr);
  /// A warp's access to one region, every lane inside of it; false when the
  /// lanes must be looked at one by one.
  bool reachLanes(const Warp &warp, const Inst &inst, Space space,
                  const uint64_t *address, unsigned bytes, Access access,
                  const Accessor &first, const uint8_t (*written)[32],
                  Reached *out);
  void report(Kind kind, const Origin &origin, uint64_t address,
              std::string text);
  /// A report after which nothing runs any more.
  void stop(Kind kind, const Origin &origin, uint64_t address,
            std::string text);

  std::unordered_map<uint64_t, SyncLocation> syncs;
  /// What %nsmid says.
  static constexpr uint32_t kProcessors = 132;
  /// "thread (1,0,0) of block (0,0,0)", or what an asynchronous actor is.
  std::string who(Epoch epoch) const;
  bool isAsync(Epoch epoch) const;
  void blockId(uint64_t linear, uint32_t *id) const;
  std::vector<std::unique_ptr<Cluster>> running;
  uint64_t executed = 0;

private:
  static uint64_t &launchNumber();
  void prepare();
  void runClusters();
  Region *locate(const Caller &caller, Space space, uint64_t &address,
                 uint64_t bytes);
  void outside(const Caller &caller, Space space, uint64_t address,
               uint64_t bytes);
  bool held(const Caller &caller, const Region &region, uint64_t address,
            uint64_t bytes, Access access);
  Shadow *shadowOf(Region &region);
  void reportRace(const Caller &caller, const Region &region, uint64_t address,
                  uint64_t bytes, Access access, const Conflict &conflict);
  void race(const Caller &caller, Region &region, uint64_t address,
            uint64_t bytes, Access access, const void *written);
};

} // namespace tw::emu

// Which warp runs next: any that can, as the seed has it.
#include "runtime/emulator/Launch.h"

#include <algorithm>

using namespace tw::emu;

Block::Block(Cluster &cluster, Launch &launch, uint64_t linear, uint32_t rank)
    : cluster(cluster), launch(launch), linear(linear), rank(rank),
      shared(kSharedBase, launch.sharedBytes, Space::Shared) {
  launch.blockId(linear, id);
  shared.name = "shared memory";
}

/// Its warps begin once their block is part of its cluster.
void Block::start() {
  for (uint32_t n = 0; n < launch.warpsPerBlock; ++n) {
    uint32_t lanes = std::min(kLanes, launch.threads - n * kLanes);
    warps.push_back(std::make_unique<Warp>(*this, n, lanes));
    warps.back()->start(*launch.entry);
  }
}

uint32_t Block::liveThreads() const {
  uint32_t threads = 0;
  for (const std::unique_ptr<Warp> &warp : warps)
    threads += warp->live ? kLanes : 0;
  return threads;
}

Cluster::Cluster(Launch &launch, uint64_t linear)
    : launch(launch), linear(linear) {
  uint32_t size = launch.blocksPerCluster;
  nextActor = size * launch.warpsPerBlock;
  for (uint32_t rank = 0; rank < size; ++rank)
    blocks.push_back(
        std::make_unique<Block>(*this, launch, linear * size + rank, rank));
  for (const std::unique_ptr<Block> &block : blocks)
    block->start();
}

Actor Cluster::base() const { return Actor(linear * kActorsPerCluster); }

Actor Cluster::newActor(std::string name) {
  // Beyond the last number actors share it: less is told apart.
  uint32_t number = std::min(nextActor, kActorsPerCluster - 1);
  actorNames.push_back(std::move(name));
  nextActor = number + 1;
  return base() + number;
}

const std::string &Cluster::actorName(Actor actor) const {
  uint32_t first = nextActor - uint32_t(actorNames.size());
  size_t at = actor - base() - first;
  return actorNames[std::min(at, actorNames.size() - 1)];
}

bool Cluster::done() const {
  for (const std::unique_ptr<Block> &block : blocks)
    for (const std::unique_ptr<Warp> &warp : block->warps)
      if (warp->live)
        return false;
  return posted.empty();
}

bool Cluster::runSomeWarp() {
  uint32_t perBlock = launch.warpsPerBlock;
  uint32_t count = perBlock * uint32_t(blocks.size());
  uint32_t first = launch.random.below(count);
  for (uint32_t n = 0; n < count; ++n) {
    uint32_t at = (first + n) % count;
    Warp &warp = *blocks[at / perBlock]->warps[at % perBlock];
    uint32_t splits = uint32_t(warp.splits.size());
    uint32_t start = splits > 1 ? launch.random.below(splits) : 0;
    for (uint32_t k = 0; k < splits; ++k) {
      const Split &split = warp.splits[(start + k) % splits];
      if (split.blocked && split.since == events)
        continue;
      warp.run((start + k) % splits, 1 + launch.random.below(64));
      return true;
    }
  }
  return false;
}

bool Cluster::deliverOne() {
  if (posted.empty())
    return false;
  size_t at = launch.random.below(uint32_t(posted.size()));
  std::function<void()> work = std::move(posted[at]);
  posted.erase(posted.begin() + at);
  work();
  notify();
  return true;
}

/// Ends one wait that has a time limit. False if there is none, or if ending
/// them again and again has changed nothing.
bool Cluster::expireOne() {
  if (lastExpiry != events)
    expiries = 0;
  lastExpiry = events;
  std::vector<std::pair<Warp *, size_t>> timed;
  for (const std::unique_ptr<Block> &block : blocks)
    for (const std::unique_ptr<Warp> &warp : block->warps)
      for (size_t at = 0; at < warp->splits.size(); ++at)
        if (warp->splits[at].timed)
          timed.emplace_back(warp.get(), at);
  constexpr uint32_t kRounds = 20;
  if (timed.empty() || ++expiries > kRounds * timed.size())
    return false;
  auto [warp, at] = timed[expiries % timed.size()];
  warp->splits[at].expired = true;
  warp->splits[at].blocked = false;
  return true;
}

bool Cluster::step() {
  if (!posted.empty() && launch.random.below(8) == 0)
    return deliverOne();
  return runSomeWarp() || deliverOne() || expireOne();
}

void Cluster::reportDeadlock() {
  constexpr unsigned kTold = 16;
  std::string text = "nothing can run any more";
  unsigned waiting = 0;
  Origin origin;
  for (const std::unique_ptr<Block> &block : blocks)
    for (const std::unique_ptr<Warp> &warp : block->warps)
      for (size_t at = 0; at < warp->splits.size(); ++at) {
        const Split &split = warp->splits[at];
        const Inst &inst = split.frame->function->code[split.pc];
        unsigned lane = std::countr_zero(split.mask);
        warp->current = at;
        if (!waiting)
          origin = warp->origin(inst, lane);
        if (++waiting <= kTold)
          text +=
              format("; warp %u of block (%u,%u,%u), lanes 0x%08x, at line "
                     "%u (%s): ",
                     warp->index, block->id[0], block->id[1], block->id[2],
                     split.mask, inst.line, std::string(inst.opcode).c_str()) +
              (split.why ? split.why(*warp, inst) : "not waiting");
      }
  if (waiting > kTold)
    text += format("; and %u more", waiting - kTold);
  launch.stop(Kind::Deadlock, origin, 0, text);
}

void Launch::prepare() {
  number = ++launchNumber();
  threads = blockDim[0] * blockDim[1] * blockDim[2];
  warpsPerBlock = (threads + kLanes - 1) / kLanes;
  blocksPerCluster = clusterDim[0] * clusterDim[1] * clusterDim[2];
  counters.launches = 1;
  counters.blocks = uint64_t(grid[0]) * grid[1] * grid[2];
  counters.threads = counters.blocks * threads;
  counters.blockThreads = threads;
  counters.sharedBytes = sharedBytes;
}

uint64_t &Launch::launchNumber() {
  static uint64_t number = 0;
  return number;
}

void Launch::run() {
  prepare();
  runClusters();
  running.clear();
}

/// Few clusters run at once, in order, which is quick and kind to the cache;
/// more join when those get nowhere, as they may wait for the others.
void Launch::runClusters() {
  constexpr uint64_t kPatience = 300'000;
  constexpr unsigned kSlice = 256;
  uint64_t total = counters.blocks / blocksPerCluster, next = 0, spent = 0;
  size_t window = 2;
  while ((next < total || !running.empty()) && !stopped) {
    while (next < total && running.size() < window)
      running.push_back(std::make_unique<Cluster>(*this, next++));
    size_t at = random.below(uint32_t(running.size()));
    Cluster &cluster = *running[at];
    uint64_t before = cluster.executed;
    for (unsigned n = 0; n < kSlice && !cluster.done() && !stopped; ++n)
      if (!cluster.step())
        cluster.reportDeadlock();
    spent += cluster.executed - before;
    executed += cluster.executed - before;
    if (instructionLimit && executed > instructionLimit)
      stop(Kind::Limit, {}, 0,
           format("the launch has executed %llu warp instructions and has not "
                  "ended",
                  (unsigned long long)executed));
    if (cluster.done()) {
      running.erase(running.begin() + at);
      spent = 0;
    } else if (spent > kPatience * window) {
      window *= 2;
      spent = 0;
    }
  }
}

// Groups of asynchronous copies that a thread commits and waits for: cp.async
// and the bulk copies have one list each. What a group reads and writes belongs
// to actors of the warp, lane by lane, with the group's time.
#pragma once

#include "runtime/emulator/Launch.h"

#include <algorithm>
#include <deque>

namespace tw::emu {

/// `Copy` has finish(), which moves the bytes and may be called again, and
/// abandon(), called when its thread has ended without waiting for it.
template <class Copy>
class CopyGroups {
public:
  ~CopyGroups() {
    for (Started &one : started)
      one.copy.abandon();
  }

  /// `apart`: reads and writes are waited for separately.
  void open(Warp &warp, const std::string &what, bool apart) {
    opened = true;
    std::string whose =
        format(" of warp %u of block (%u,%u,%u)", warp.index, warp.block.id[0],
               warp.block.id[1], warp.block.id[2]);
    reader = writer = warp.block.cluster.newActor(what + whose);
    if (apart)
      writer = warp.block.cluster.newActor(what + whose);
    std::fill_n(time, kLanes, 1);
  }
  bool isOpen() const { return opened; }

  Epoch readEpoch(unsigned lane) const {
    return Epoch(reader, lane, time[lane], false);
  }
  Epoch writeEpoch(unsigned lane) const {
    return Epoch(writer, lane, time[lane], false);
  }
  void add(unsigned lane, Copy copy) {
    started.push_back({lane, time[lane], std::move(copy)});
  }

  void commit(uint32_t lanes) {
    forLanes(lanes, [&](unsigned lane) { ends[lane].push_back(mark(lane)); });
  }
  /// What the lane starts after this is later than what it has started so far.
  uint32_t mark(unsigned lane) { return time[lane]++; }

  /// Ends the copies of a lane's groups but for the last `left`, and returns
  /// what that teaches the lane.
  Clock finish(const Cluster &cluster, unsigned lane, uint32_t left,
               bool readsOnly) {
    std::deque<uint32_t> &groups = ends[lane];
    if (groups.size() <= left)
      return clockOf(cluster);
    uint32_t until = groups[groups.size() - 1 - left];
    if (!readsOnly)
      groups.erase(groups.begin(), groups.end() - left);
    return finishUntil(cluster, lane, until, readsOnly);
  }

  /// The same for all that the lane had started when `until` was marked.
  Clock finishUntil(const Cluster &cluster, unsigned lane, uint32_t until,
                    bool readsOnly) {
    std::erase_if(started, [&](Started &one) {
      bool over = one.lane == lane && one.time <= until;
      if (over)
        one.copy.finish();
      return over;
    });
    Clock learnt = clockOf(cluster);
    learnt.raiseLane(reader, lane, until);
    if (!readsOnly)
      learnt.raiseLane(writer, lane, until);
    return learnt;
  }

private:
  struct Started {
    unsigned lane;
    uint32_t time;
    Copy copy;
  };
  static Clock clockOf(const Cluster &cluster) {
    return Clock(cluster.base(), Launch::kActorsPerCluster);
  }

  bool opened = false;
  Actor reader = 0, writer = 0;
  uint32_t time[kLanes] = {};
  std::deque<uint32_t> ends[kLanes];
  std::vector<Started> started;
};

} // namespace tw::emu

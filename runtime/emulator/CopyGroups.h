// Groups of asynchronous copies that a thread commits and waits for: cp.async
// and the bulk copies have one list each. What a group reads and writes belongs
// to actors of the warp, lane by lane, with the group's time.
#pragma once

#include "runtime/emulator/Launch.h"

#include <algorithm>
#include <array>
#include <deque>

namespace tw::emu {

/// A time for each lane.
using Times = std::array<uint32_t, kLanes>;

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
    time.fill(1);
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

  /// What the lanes start after this is later than what they have started.
  Times mark(uint32_t lanes) {
    Times marked = {};
    forLanes(lanes, [&](unsigned lane) { marked[lane] = time[lane]++; });
    return marked;
  }
  void commit(uint32_t lanes) {
    Times marked = mark(lanes);
    forLanes(lanes, [&](unsigned lane) { ends[lane].push_back(marked[lane]); });
  }

  /// Ends the copies of the lanes' groups but for the last `left`; the lanes
  /// know of them from then on.
  void wait(Warp &warp, uint32_t left, bool readsOnly) {
    Times until = {};
    forLanes(warp.mask, [&](unsigned lane) {
      std::deque<uint32_t> &groups = ends[lane];
      if (groups.size() <= left)
        return;
      until[lane] = groups[groups.size() - 1 - left];
      if (!readsOnly)
        groups.erase(groups.begin(), groups.end() - left);
    });
    finish(warp.mask, until);
    if (together(warp, until))
      return warp.acquire(warp.mask,
                          knowing(warp, warp.mask, until, readsOnly));
    forLanes(warp.mask, [&](unsigned lane) {
      warp.acquire(1u << lane, knowing(warp, 1u << lane, until, readsOnly));
    });
  }

  /// Ends what the lanes had started when `until` was marked.
  void finish(uint32_t lanes, const Times &until) {
    std::erase_if(started, [&](Started &one) {
      bool over = lanes >> one.lane & 1 && one.time <= until[one.lane];
      if (over)
        one.copy.finish();
      return over;
    });
  }

  /// A clock that knows of the lanes' copies up to then. A whole warp at one
  /// time knows as one: its lanes are not told apart any more.
  Clock knowing(const Warp &warp, uint32_t lanes, const Times &until,
                bool readsOnly) const {
    Clock clock(warp.block.cluster.base(), kActorsPerCluster);
    bool whole = lanes == warp.live && together(warp, until);
    for (Actor actor : {reader, writer}) {
      if (readsOnly && actor == writer && actor != reader)
        continue;
      if (whole)
        clock.raise(actor, until[std::countr_zero(lanes)]);
      else
        forLanes(lanes, [&](unsigned lane) {
          clock.raiseLane(actor, lane, until[lane]);
        });
    }
    return clock;
  }

private:
  struct Started {
    unsigned lane;
    uint32_t time;
    Copy copy;
  };
  /// Whether all lanes of the warp are at the same time.
  static bool together(const Warp &warp, const Times &until) {
    bool same = true;
    unsigned first = static_cast<unsigned>(std::countr_zero(warp.live));
    forLanes(warp.live,
             [&](unsigned lane) { same &= until[lane] == until[first]; });
    return same && warp.mask == warp.live;
  }

  bool opened = false;
  Actor reader = 0, writer = 0;
  Times time = {};
  std::deque<uint32_t> ends[kLanes];
  std::vector<Started> started;
};

} // namespace tw::emu

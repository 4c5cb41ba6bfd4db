// Happens-before, by vector clocks. An actor is a warp, or something
// asynchronous that writes memory by itself (a bulk copy's barrier, a thread's
// copy group); each has a clock that ticks when it releases. An epoch says who
// did something last, and when. A clock says which epochs its owner has seen.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace tw::emu {

using Actor = uint32_t;
/// Numbers of a cluster's actors: its first is a multiple.
constexpr uint32_t kActorsPerCluster = 1024;
/// Lanes are told apart inside a warp; other actors use lane 0.
constexpr unsigned kEveryLane = 32;

/// Actor, lane, time; and whether the access was an atomic or otherwise strong
/// one. 0 is "never".
class Epoch {
public:
  Epoch() = default;
  Epoch(Actor actor, unsigned lane, uint32_t time, bool strong)
      : bits(uint64_t(actor + 1) << 36 | uint64_t(lane) << 31 |
             uint64_t(strong) << 30 | (time & 0x3fffffff)) {}
  explicit operator bool() const { return bits != 0; }
  /// The same time and warp, another lane.
  Epoch withLane(unsigned lane) const {
    Epoch other;
    other.bits = (bits & ~(uint64_t(31) << 31)) | uint64_t(lane) << 31;
    return other;
  }
  bool operator==(const Epoch &) const = default;
  bool sameActor(Epoch other) const { return (bits ^ other.bits) >> 36 == 0; }
  bool sameCluster(Epoch other) const {
    return actor() / kActorsPerCluster == other.actor() / kActorsPerCluster;
  }
  Actor actor() const { return Actor(bits >> 36) - 1; }
  unsigned lane() const { return bits >> 31 & 31; }
  bool strong() const { return bits >> 30 & 1; }
  uint32_t time() const { return bits & 0x3fffffff; }

  uint64_t raw() const { return bits; }

private:
  uint64_t bits = 0;
};

/// A vector clock. Actors of the owner's cluster (from `base`) are an array,
/// the few others a list; single lanes that were seen further than their warp
/// are a list too.
class Clock {
public:
  explicit Clock(Actor base = 0, uint32_t span = 0) : base(base), span(span) {}

  uint32_t of(Actor actor) const;
  void raise(Actor actor, uint32_t time);
  void raiseLane(Actor actor, unsigned lane, uint32_t time);
  void join(const Clock &other);
  bool covers(Epoch epoch) const {
    Actor at = epoch.actor() - base;
    if (at < near.size() && epoch.time() <= near[at])
      return true;
    return coversRarely(epoch);
  }
  /// Times of the owner's cluster: actors from `first()` on.
  const std::vector<uint32_t> &times() const { return near; }
  Actor first() const { return base; }
  /// Whether `times` is all that the clock knows.
  bool plain() const { return far.empty() && lanes.empty(); }
  bool empty() const { return near.empty() && far.empty() && lanes.empty(); }
  /// As unknowing as at first.
  void clear();

private:
  struct Entry {
    Actor actor;
    unsigned lane;
    uint32_t time;
  };
  bool coversRarely(Epoch epoch) const;
  static Entry &entry(std::vector<Entry> &list, Actor actor, unsigned lane);

  Actor base;
  uint32_t span;
  std::vector<uint32_t> near;
  std::vector<Entry> far, lanes;
};

/// Who accesses memory: an epoch and what its owner has seen.
struct Accessor {
  Epoch epoch;
  const Clock *seen = nullptr;
  /// Which instruction, for the report of the other side.
  uint32_t line = 0;
};

/// Sets of concurrent readers, shared by the cells that have the same: a set is
/// a number, 0 the empty one; a larger set is a smaller one and a reader.
class ReaderSets {
public:
  /// `set` and `epoch`, without what is ordered before it as far as that is
  /// soon found. One lane of a warp stands for all.
  template <class Before>
  uint32_t add(uint32_t set, Epoch epoch, const Before &isBefore);
  template <class Visit>
  void forEach(uint32_t set, const Visit &visit) const {
    for (; set; set = nodes[set - 1].rest)
      visit(nodes[set - 1].reader);
  }
  void clear();

private:
  /// How many of a set's newest readers are looked at.
  static constexpr unsigned kNewest = 16;
  static constexpr size_t kRemembered = 2048, kMostNodes = size_t(1) << 26;
  struct Node {
    Epoch reader;
    uint32_t rest;
  };
  /// What adding a reader to a set has given, for a while.
  struct Memory {
    Epoch reader;
    uint32_t from = 0, to = 0;
  };
  uint32_t extend(uint32_t set, Epoch epoch);

  std::vector<Node> nodes;
  std::vector<Memory> remembered;
};

/// The last accesses to a few bytes: `more` are readers that are concurrent
/// with the other two.
struct Cell {
  Epoch write, reads[2];
  uint32_t writeLine = 0, readLine = 0, more = 0;
};

/// An access that is not ordered after an earlier one.
struct Conflict {
  Epoch with;
  uint32_t line = 0;
  bool withWrite = false;
  explicit operator bool() const { return bool(with); }
};

/// The cells of a region, made page by page when touched.
class Shadow {
public:
  /// `isUnordered`: no access of a cluster is ordered with one of another.
  explicit Shadow(uint64_t bytes = 0, unsigned grain = 4,
                  bool isUnordered = false);
  void reset();
  Conflict read(uint64_t offset, unsigned bytes, const Accessor &by);
  /// Bytes that one cell stands for, and the cell of a byte.
  unsigned grain() const { return 1u << shift; }
  Cell cell(uint64_t offset) { return cellAt(offset >> shift); }
  /// `same`: the bytes already hold what is written, so that two writers at
  /// once do no harm.
  Conflict write(uint64_t offset, unsigned bytes, const Accessor &by,
                 bool same);
  /// A warp's read by the lanes of `mask`, all of them with the same clock. The
  /// lane of the first conflict goes to `lane`.
  Conflict readLanes(uint32_t mask, const uint64_t *offsets, unsigned bytes,
                     const Accessor &first, unsigned &lane);

private:
  static constexpr unsigned kPage = 512;
  Cell *page(uint64_t number);
  Cell &cellAt(uint64_t at) {
    Cell *cells = pages[at / kPage].get();
    return (cells ? cells : page(at / kPage))[at % kPage];
  }
  /// A step from one set of readers to a larger one, which many cells take.
  struct Step {
    uint32_t from = 0, to = 0;
  };
  template <class Order>
  void readCell(uint64_t at, Epoch epoch, uint32_t line, const Order &order,
                Step &step, Conflict &conflict);
  bool standFor(Cell &cell, Epoch epoch) const;
  template <class Order>
  void addReader(Cell &cell, Epoch epoch, const Order &order, Step &step);
  template <class Order>
  void writeCell(uint64_t at, Epoch epoch, uint32_t line, const Order &order,
                 bool same, Conflict &conflict);

  unsigned shift;
  bool isUnordered;
  uint64_t count;
  std::vector<std::unique_ptr<Cell[]>> pages;
  ReaderSets sets;
};

} // namespace tw::emu

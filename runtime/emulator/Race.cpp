#include "runtime/emulator/Race.h"

#include <algorithm>
#include <bit>

using namespace tw::emu;

Clock::Entry &Clock::entry(std::vector<Entry> &list, Actor actor,
                           unsigned lane) {
  for (Entry &entry : list)
    if (entry.actor == actor && entry.lane == lane)
      return entry;
  return list.emplace_back(Entry{actor, lane, 0});
}

uint32_t Clock::of(Actor actor) const {
  if (actor - base < near.size())
    return near[actor - base];
  for (const Entry &entry : far)
    if (entry.actor == actor)
      return entry.time;
  return 0;
}

void Clock::raise(Actor actor, uint32_t time) {
  if (actor - base >= span) {
    Entry &known = entry(far, actor, 0);
    known.time = std::max(known.time, time);
    return;
  }
  if (actor - base >= near.size())
    near.resize(actor - base + 1);
  near[actor - base] = std::max(near[actor - base], time);
  std::erase_if(lanes, [&](const Entry &entry) {
    return entry.actor == actor && entry.time <= time;
  });
}

void Clock::raiseLane(Actor actor, unsigned lane, uint32_t time) {
  if (of(actor) >= time)
    return;
  Entry &known = entry(lanes, actor, lane);
  known.time = std::max(known.time, time);
}

void Clock::join(const Clock &other) {
  if (base == other.base) {
    if (near.size() < other.near.size())
      near.resize(other.near.size());
    for (size_t i = 0; i < other.near.size(); ++i)
      near[i] = std::max(near[i], other.near[i]);
  } else {
    for (size_t i = 0; i < other.near.size(); ++i)
      if (other.near[i])
        raise(other.base + Actor(i), other.near[i]);
  }
  for (const Entry &entry : other.far)
    raise(entry.actor, entry.time);
  if (!lanes.empty())
    std::erase_if(lanes, [&](const Entry &entry) {
      return entry.time <= of(entry.actor);
    });
  for (const Entry &entry : other.lanes)
    raiseLane(entry.actor, entry.lane, entry.time);
}

bool Clock::coversRarely(Epoch epoch) const {
  if (!far.empty() && of(epoch.actor()) >= epoch.time())
    return true;
  for (const Entry &entry : lanes)
    if (entry.actor == epoch.actor() && entry.lane == epoch.lane())
      return entry.time >= epoch.time();
  return false;
}

void Clock::clear() {
  near.clear();
  far.clear();
  lanes.clear();
}

Shadow::Shadow(uint64_t bytes, unsigned grain, bool isUnordered)
    : shift(std::countr_zero(grain)), isUnordered(isUnordered),
      count((bytes + grain - 1) >> shift), pages((count + kPage - 1) / kPage) {}

void Shadow::reset() {
  for (std::unique_ptr<Cell[]> &page : pages)
    page.reset();
  sets.clear();
}

void ReaderSets::clear() {
  nodes.clear();
  remembered.clear();
}

uint32_t ReaderSets::extend(uint32_t set, Epoch epoch) {
  if (nodes.size() == kMostNodes)
    return set;
  nodes.push_back({epoch, set});
  return uint32_t(nodes.size());
}

template <class Before>
uint32_t ReaderSets::add(uint32_t set, Epoch epoch, const Before &isBefore) {
  if (remembered.empty())
    remembered.resize(kRemembered);
  uint64_t hash = (epoch.raw() ^ uint64_t(set) << 13) * 0x9e3779b97f4a7c15;
  Memory &memory = remembered[hash >> 32 & (kRemembered - 1)];
  if (memory.to && memory.from == set && memory.reader == epoch)
    return memory.to;
  Epoch kept[kNewest];
  unsigned count = 0, seen = 0;
  uint32_t result = set;
  for (; result && seen < kNewest; result = nodes[result - 1].rest, ++seen) {
    Epoch reader = nodes[result - 1].reader;
    if (reader.sameActor(epoch) && reader.time() == epoch.time() &&
        (epoch.strong() || !reader.strong()))
      return set;
    if (!isBefore(reader))
      kept[count++] = reader;
  }
  if (count == seen)
    result = set;
  else
    while (count)
      result = extend(result, kept[--count]);
  result = extend(result, epoch);
  memory = {epoch, set, result};
  return result;
}

Cell *Shadow::page(uint64_t number) {
  pages[number] = std::make_unique<Cell[]>(kPage);
  return pages[number].get();
}

namespace {
/// Whether epochs are ordered before one accessor's, with what that needs at
/// hand.
class Order {
public:
  explicit Order(const Accessor &by)
      : seen(*by.seen), times(seen.times().data()), size(seen.times().size()),
        first(seen.first()), plain(seen.plain()) {}

  /// One's own earlier access (of the same lane) is always ordered.
  [[gnu::always_inline]] bool before(Epoch epoch, Epoch mine) const {
    if (!epoch)
      return true;
    Actor at = epoch.actor() - first;
    if (at < size && epoch.time() <= times[at])
      return true;
    if (epoch.sameActor(mine) && epoch.lane() == mine.lane())
      return true;
    return !plain && seen.covers(epoch);
  }

private:
  const Clock &seen;
  const uint32_t *times;
  size_t size;
  Actor first;
  bool plain;
};
} // namespace

/// Two lanes of a warp that read at one time: a third one tells no more, as a
/// write by any lane meets one of them.
static bool isPair(Epoch x, Epoch y, Epoch epoch) {
  return x.sameActor(epoch) && y.sameActor(epoch) && x.time() == epoch.time() &&
         y.time() == epoch.time();
}

/// Readers of two clusters, where clusters are not ordered, stand for all
/// others: whoever writes meets one of them (and is no atomic, which would
/// publish). Sees to it that they do, if one of the cell's two is of another
/// cluster.
inline bool Shadow::standFor(Cell &c, Epoch epoch) const {
  auto isOther = [&](Epoch reader) {
    return reader && !reader.sameCluster(epoch);
  };
  bool first = isOther(c.reads[0]), second = isOther(c.reads[1]);
  if (!first && !second)
    return false;
  Epoch &free = c.reads[first];
  if (!free || (first && second))
    free = epoch;
  return true;
}

/// Beside the two readers that a cell has.
template <class Order>
void Shadow::addReader(Cell &c, Epoch epoch, const Order &order, Step &step) {
  if (isPair(c.reads[0], c.reads[1], epoch))
    return;
  if (!step.to || step.from != c.more) {
    step.from = c.more;
    step.to = sets.add(c.more, epoch,
                       [&](Epoch other) { return order.before(other, epoch); });
  }
  c.more = step.to;
}

template <class Order>
[[gnu::always_inline]] inline void
Shadow::readCell(uint64_t at, Epoch epoch, uint32_t line, const Order &order,
                 Step &step, Conflict &conflict) {
  Cell &c = cellAt(at);
  if (!order.before(c.write, epoch) && !(epoch.strong() && c.write.strong()) &&
      !conflict)
    conflict = {c.write, c.writeLine, true};
  Epoch *slot = c.reads;
  if (slot[0] == epoch || slot[1] == epoch)
    return;
  c.readLine = line;
  if (isUnordered && standFor(c, epoch))
    return;
  // A reader that is ordered before this one stands for nothing that this one
  // does not; the others stay, so that a write meets each of them.
  if (order.before(slot[0], epoch)) {
    slot[0] = epoch;
    return;
  }
  if (order.before(slot[1], epoch))
    slot[1] = epoch;
  else if (!step.to || c.more != step.to)
    addReader(c, epoch, order, step);
}

template <class Order>
inline void Shadow::writeCell(uint64_t at, Epoch epoch, uint32_t line,
                              const Order &order, bool same,
                              Conflict &conflict) {
  Cell &c = cellAt(at);
  auto check = [&](Epoch before, uint32_t beforeLine, bool isWrite) {
    if (order.before(before, epoch) || same || conflict ||
        (epoch.strong() && before.strong()))
      return;
    conflict = {before, beforeLine, isWrite};
  };
  check(c.write, c.writeLine, true);
  for (Epoch &reader : c.reads) {
    check(reader, c.readLine, false);
    reader = Epoch();
  }
  sets.forEach(c.more, [&](Epoch reader) {
    if (!reader.sameActor(epoch))
      check(reader, c.readLine, false);
  });
  c.more = 0;
  c.write = epoch;
  c.writeLine = line;
}

Conflict Shadow::read(uint64_t offset, unsigned bytes, const Accessor &by) {
  Conflict conflict;
  Order order(by);
  Step step;
  uint64_t last = std::min((offset + bytes - 1) >> shift, count - 1);
  for (uint64_t at = offset >> shift; at <= last; ++at)
    readCell(at, by.epoch, by.line, order, step, conflict);
  return conflict;
}

Conflict Shadow::write(uint64_t offset, unsigned bytes, const Accessor &by,
                       bool same) {
  Conflict conflict;
  Order order(by);
  uint64_t last = std::min((offset + bytes - 1) >> shift, count - 1);
  for (uint64_t at = offset >> shift; at <= last; ++at)
    writeCell(at, by.epoch, by.line, order, same, conflict);
  return conflict;
}

Conflict Shadow::readLanes(uint32_t mask, const uint64_t *offsets,
                           unsigned bytes, const Accessor &first,
                           unsigned &lane) {
  Conflict conflict;
  Order order(first);
  Step step;
  uint64_t last = ~uint64_t(0);
  unsigned again = 0;
  for (; mask; mask &= mask - 1) {
    unsigned l = unsigned(std::countr_zero(mask));
    // Two readers of the same bytes are enough to find any other lane's write.
    again = offsets[l] == last ? again + 1 : 0;
    if (again > 1)
      continue;
    last = offsets[l];
    Epoch epoch = first.epoch.withLane(l);
    uint64_t end = (last + bytes - 1) >> shift;
    bool before = bool(conflict);
    for (uint64_t at = last >> shift; at <= end; ++at)
      readCell(at, epoch, first.line, order, step, conflict);
    if (conflict && !before)
      lane = l;
  }
  return conflict;
}

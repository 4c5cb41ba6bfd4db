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

Shadow::Shadow(uint64_t bytes, unsigned grain)
    : shift(std::countr_zero(grain)), count((bytes + grain - 1) >> shift),
      pages((count + kPage - 1) / kPage) {}

void Shadow::reset() {
  for (std::unique_ptr<Cell[]> &page : pages)
    page.reset();
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

template <class Order>
[[gnu::always_inline]] inline void
Shadow::readCell(uint64_t at, Epoch epoch, uint32_t line, const Order &order,
                 Conflict &conflict) {
  Cell &c = cellAt(at);
  if (!order.before(c.write, epoch) && !(epoch.strong() && c.write.strong()) &&
      !conflict)
    conflict = {c.write, c.writeLine, true};
  Epoch *slot = c.reads;
  if (slot[0] == epoch || slot[1] == epoch)
    return;
  // Two readers that are concurrent with this one are remembered beside it, of
  // two warps if there are: any other writer then meets one of them.
  if (!order.before(slot[0], epoch)) {
    bool wanted = order.before(slot[1], epoch) ||
                  (slot[0].sameActor(slot[1]) && !slot[0].sameActor(epoch));
    if (!wanted)
      return;
    ++slot;
  }
  *slot = epoch;
  c.readLine = line;
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
  c.write = epoch;
  c.writeLine = line;
}

Conflict Shadow::read(uint64_t offset, unsigned bytes, const Accessor &by) {
  Conflict conflict;
  Order order(by);
  uint64_t last = std::min((offset + bytes - 1) >> shift, count - 1);
  for (uint64_t at = offset >> shift; at <= last; ++at)
    readCell(at, by.epoch, by.line, order, conflict);
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
      readCell(at, epoch, first.line, order, conflict);
    if (conflict && !before)
      lane = l;
  }
  return conflict;
}

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

Cell *Shadow::cells(uint64_t at) {
  std::unique_ptr<Cell[]> &page = pages[at / kPage];
  if (!page)
    page = std::make_unique<Cell[]>(kPage);
  return &page[at % kPage];
}

/// One's own earlier access (of the same lane) is always ordered.
static inline bool ordered(Epoch before, const Accessor &by) {
  if (!before)
    return true;
  if (before.actor() == by.epoch.actor() && before.lane() == by.epoch.lane())
    return true;
  return by.seen->covers(before);
}

/// Remembers a reader beside others that are concurrent with it.
static void remember(Cell &cell, const Accessor &by) {
  cell.readLine = by.line;
  for (Epoch &slot : cell.reads)
    if (ordered(slot, by)) {
      slot = by.epoch;
      return;
    }
  cell.reads[by.epoch.time() & 1] = by.epoch;
}

Conflict Shadow::read(uint64_t offset, unsigned bytes, const Accessor &by) {
  Conflict conflict;
  uint64_t last = (offset + bytes - 1) >> shift;
  for (uint64_t at = offset >> shift; at <= last && at < count; ++at) {
    Cell &cell = *cells(at);
    bool strong = by.epoch.strong() && cell.write.strong();
    if (!strong && !ordered(cell.write, by) && !conflict)
      conflict = {cell.write, cell.writeLine, true};
    if (cell.reads[0] != by.epoch)
      remember(cell, by);
  }
  return conflict;
}

Conflict Shadow::write(uint64_t offset, unsigned bytes, const Accessor &by,
                       bool same) {
  Conflict conflict;
  uint64_t last = (offset + bytes - 1) >> shift;
  for (uint64_t at = offset >> shift; at <= last && at < count; ++at) {
    Cell &cell = *cells(at);
    bool strong = by.epoch.strong() && cell.write.strong();
    if (!same && !strong && !ordered(cell.write, by) && !conflict)
      conflict = {cell.write, cell.writeLine, true};
    for (Epoch &reader : cell.reads) {
      bool both = by.epoch.strong() && reader.strong();
      if (!same && !both && !ordered(reader, by) && !conflict)
        conflict = {reader, cell.readLine, false};
      reader = Epoch();
    }
    cell.write = by.epoch;
    cell.writeLine = by.line;
  }
  return conflict;
}

Conflict Shadow::readLanes(uint32_t mask, const uint64_t *offsets,
                           unsigned bytes, const Accessor &first,
                           unsigned &lane) {
  Conflict conflict;
  Accessor by = first;
  uint64_t last = ~uint64_t(0);
  unsigned again = 0;
  for (; mask; mask &= mask - 1) {
    unsigned l = unsigned(std::countr_zero(mask));
    // Two readers of the same bytes are enough to find any other lane's write.
    again = offsets[l] == last ? again + 1 : 0;
    if (again > 1)
      continue;
    last = offsets[l];
    by.epoch = first.epoch.withLane(l);
    Conflict one = read(last, bytes, by);
    if (one && !conflict) {
      conflict = one;
      lane = l;
    }
  }
  return conflict;
}

// cp.async.bulk.tensor and its relatives: boxes of a tensor between global and
// shared memory.
#include "runtime/emulator/BulkCopy.h"
#include "runtime/emulator/TensorMap.h"

#include <cstring>

using namespace tw::emu;

namespace {

constexpr uint64_t kMapBytes = 128, kMapAlign = 64, kBoxAlign = 128;
constexpr uint32_t kChunk = 16;

enum Flags : uint64_t {
  kRank = 7,
  kIm2col = 8,
  kMulticast = 16,
  kElementShift = 8, ///< a reduction's operation
};

/// A box: its map and rows, and where it lies in shared memory.
struct Box {
  TensorMap map;
  std::vector<BoxRow> rows;
};

std::optional<TensorMap> readMap(const BulkCaller &caller, uint64_t address) {
  Accessor by = caller.warp.accessor(caller.inst, caller.lane);
  Reached bytes = caller.warp.launch.reach(caller.origin(), &caller.warp.block,
                                           Space::Generic, address, kMapBytes,
                                           kMapAlign, Access::Read, by);
  if (!bytes)
    return std::nullopt;
  std::optional<TensorMap> map = TensorMap::decode(bytes.data);
  uint64_t rank = caller.inst.aux & kRank;
  bool im2col = caller.inst.aux & kIm2col;
  if (!map)
    caller.report(Kind::IllegalDescriptor, address,
                  "the 128 bytes are not an encoded tensor map");
  else if (map->rank != rank || map->im2col != im2col)
    caller.report(Kind::IllegalDescriptor, address,
                  format("the tensor map is %s of rank %u",
                         map->im2col ? "im2col" : "tiled", map->rank));
  else
    return map;
  return std::nullopt;
}

/// The address operand of a tensor: the map and the coordinates.
std::optional<Box> boxOf(const BulkCaller &caller, const Operand &tensor,
                         const Operand *offsets) {
  uint64_t addresses[kLanes];
  caller.warp.addresses(caller.inst, tensor, addresses);
  std::optional<TensorMap> map = readMap(caller, addresses[caller.lane]);
  if (!map)
    return std::nullopt;
  std::array<int32_t, kMaxRank> at = {};
  std::array<uint16_t, 3> shift = {};
  for (uint32_t d = 0; d < map->rank; ++d) {
    const Operand &coordinate = tensor.elements[d];
    caller.warp.demand(caller.inst, coordinate, "the coordinate");
    at[d] = static_cast<int32_t>(caller.warp.row(coordinate)[caller.lane]);
  }
  for (uint32_t d = 0; offsets && d + 2 < map->rank; ++d)
    shift[d] = static_cast<uint16_t>(caller.warp.row(
        offsets->kind == Operand::Vector ? offsets->elements[d]
                                         : *offsets)[caller.lane]);
  return Box{*map, rowsOfBox(*map, at, shift)};
}

/// Cuts the elements [begin, end) of a row into runs that stay together in
/// shared memory, and calls visit(shared offset, global address or 0, bytes).
template <typename Fn>
void forEachRun(const TensorMap &map, const BoxRow &row, uint64_t base,
                uint32_t begin, uint32_t end, Fn &&visit) {
  uint32_t size = bytesOf(map.type);
  uint32_t first = row.shared + begin * size, last = row.shared + end * size;
  for (uint32_t at = first; at < last;) {
    uint32_t next = std::min(last, (at / kChunk + 1) * kChunk);
    uint64_t place =
        swizzled(map.swizzle, static_cast<uint32_t>(base + at)) - base;
    visit(static_cast<uint32_t>(place),
          row.global + (at - row.shared - row.begin * size), next - at);
    at = next;
  }
}

Reached at(const Reached &range, uint64_t offset) {
  return {range.data + offset, range.state + offset};
}

uint32_t fillPattern(const TensorMap &map) {
  if (!map.nanFill)
    return 0;
  return bytesOf(map.type) == 2 ? 0x7fff : 0x7fffffff;
}

void countRows(Launch &launch, const Box &box, bool write) {
  uint64_t bytes = 0, sectors = 0;
  for (const BoxRow &row : box.rows) {
    uint64_t size = uint64_t{row.end - row.begin} * bytesOf(box.map.type);
    bytes += size;
    if (size)
      sectors += (row.global + size + 31) / 32 - row.global / 32;
  }
  Counters &counters = launch.counters;
  (write ? counters.globalWriteBytes : counters.globalReadBytes) += bytes;
  (write ? counters.globalWriteSectors : counters.globalReadSectors) += sectors;
}

/// The pieces that fill the box at `shared`, a range of the box's bytes that
/// begins at the address `base`.
void addLoads(const BulkCaller &caller, const Box &box, uint64_t base,
              const Reached &shared, Epoch epoch, Transfer &transfer) {
  const TensorMap &map = box.map;
  uint32_t size = bytesOf(map.type);
  uint32_t pattern = fillPattern(map);
  auto outside = [&](const BoxRow &row, uint32_t begin, uint32_t end) {
    forEachRun(
        map, row, base, begin, end,
        [&](uint32_t place, uint64_t, uint32_t bytes) {
          transfer.pieces.push_back(
              {at(shared, place), {}, bytes, pattern, std::min(size, 4u)});
        });
  };
  for (const BoxRow &row : box.rows) {
    Reached global;
    if (row.begin < row.end)
      global = caller.reach(Space::Global, row.global,
                            uint64_t{row.end - row.begin} * size, 0,
                            Access::Read, epoch);
    outside(row, 0, row.begin);
    outside(row, row.end, row.count);
    if (!global)
      continue;
    forEachRun(map, row, base, row.begin, row.end,
               [&](uint32_t place, uint64_t from, uint32_t bytes) {
                 transfer.pieces.push_back(
                     {at(shared, place), at(global, from - row.global), bytes});
               });
  }
}

void load(const BulkCaller &caller, uint64_t to, uint64_t mbarrier,
          const uint32_t *mask, const Operand *offsets) {
  std::optional<Box> box = boxOf(caller, caller.inst.op(1), offsets);
  if (!box)
    return;
  uint32_t bytes = box->map.boxBytes();
  countRows(caller.warp.launch, *box, false);
  for (const Delivery &one :
       deliveries(caller, Space::Shared, to, mbarrier, mask)) {
    Epoch epoch = BulkCaller::epochOf(one.at);
    Transfer transfer;
    uint64_t base = one.to % kSharedStride;
    if (Reached shared = caller.reach(Space::Shared, one.to, bytes, kBoxAlign,
                                      Access::Write, epoch))
      addLoads(caller, *box, base, shared, epoch, transfer);
    startForMbarrier(caller, one.at, std::move(transfer), bytes);
  }
}

Step loads(Warp &warp, const Inst &inst) {
  uint64_t to[kLanes], mbarrier[kLanes];
  warp.addresses(inst, inst.op(0), to);
  warp.addresses(inst, inst.op(2), mbarrier);
  bool multicast = inst.aux & kMulticast, im2col = inst.aux & kIm2col;
  const Operand *offsets = im2col ? &inst.op(3) : nullptr;
  const Operand *masks = multicast ? &inst.op(im2col ? 4 : 3) : nullptr;
  forLanes(warp.mask, [&](unsigned lane) {
    uint32_t mask = masks ? static_cast<uint16_t>(warp.row(*masks)[lane]) : 0;
    load({warp, inst, lane}, to[lane], mbarrier[lane], masks ? &mask : nullptr,
         offsets);
  });
  return Step::Next;
}

constexpr const char *kReductions[] = {"add", "min", "max", "inc",
                                       "dec", "and", "or",  "xor"};

/// The names of the types as reductions know them.
const char *typeOf(TensorType type) {
  constexpr const char *kNames[] = {"u8",  "u16", "u32", "s32", "u64",
                                    "s64", "f16", "f32", "f64", "bf16",
                                    "f32", "f32", "f32"};
  return kNames[static_cast<unsigned>(type)];
}

/// False after a report.
bool findReduction(const BulkCaller &caller, const TensorMap &map,
                   Reduction &reduction) {
  uint64_t op = caller.inst.aux >> kElementShift;
  if (!op)
    return true;
  reduction = reductionOf(kReductions[op - 1], typeOf(map.type));
  if (reduction.apply)
    return true;
  caller.report(Kind::IllegalDescriptor, 0,
                format("the tensor map's type %s has no operation %s",
                       typeOf(map.type), kReductions[op - 1]));
  return false;
}

void store(const BulkCaller &caller, uint64_t from) {
  std::optional<Box> box = boxOf(caller, caller.inst.op(0), nullptr);
  Transfer transfer;
  if (!box || !findReduction(caller, box->map, transfer.reduction))
    return;
  BulkGroups &groups = bulkGroupsOf(caller.warp);
  countRows(caller.warp.launch, *box, true);
  Reached shared =
      caller.reach(Space::Shared, from, box->map.boxBytes(), kBoxAlign,
                   Access::Read, groups.readEpoch(caller.lane));
  Access access = transfer.reduction.apply ? Access::Atomic : Access::Write;
  for (const BoxRow &row : box->rows) {
    if (!shared || row.begin >= row.end)
      continue;
    Reached global =
        caller.reach(Space::Global, row.global,
                     uint64_t{row.end - row.begin} * bytesOf(box->map.type), 0,
                     access, groups.writeEpoch(caller.lane));
    if (!global)
      continue;
    forEachRun(box->map, row, from % kSharedStride, row.begin, row.end,
               [&](uint32_t place, uint64_t to, uint32_t bytes) {
                 transfer.pieces.push_back(
                     {at(global, to - row.global), at(shared, place), bytes});
               });
  }
  startInGroup(caller, std::move(transfer));
}

Step stores(Warp &warp, const Inst &inst) {
  uint64_t from[kLanes];
  warp.addresses(inst, inst.op(1), from);
  forLanes(warp.mask,
           [&](unsigned lane) { store({warp, inst, lane}, from[lane]); });
  return Step::Next;
}

/// A hint, but its tensor map must be one.
Step prefetch(Warp &warp, const Inst &inst) {
  forLanes(warp.mask, [&](unsigned lane) {
    uint64_t addresses[kLanes];
    warp.addresses(inst, inst.op(0), addresses);
    readMap({warp, inst, lane}, addresses[lane]);
  });
  return Step::Next;
}

Step prefetchMap(Warp &, const Inst &) { return Step::Next; }

template <Handler kHandler>
Handler select(const Match &match, Inst &inst) {
  uint64_t rank = 0;
  for (std::string_view mod : match.mods)
    if (mod.size() == 2 && mod[1] == 'd')
      rank = static_cast<uint64_t>(mod[0] - '0');
  int op = match.which({"add", "min", "max", "inc", "dec", "and", "or", "xor"});
  bool im2col = match.has("im2col") || match.has("im2col_no_offs");
  inst.aux = rank | (im2col ? kIm2col : 0) |
             (match.has("multicast::cluster") ? kMulticast : 0) |
             static_cast<uint64_t>(op + 1) << kElementShift;
  return kHandler;
}

#define DIM "<.1d|.2d|.3d|.4d|.5d>"
#define SPATIAL "<.3d|.4d|.5d>"
#define TO "<.shared::cluster|.shared::cta>.global"
#define TX ".mbarrier::complete_tx::bytes"
#define CAST ".multicast::cluster"
#define HINT "{.L2::cache_hint}"
#define OUT ".global.shared::cta{.tile|.im2col_no_offs}.bulk_group" HINT

const Registration kForms({
    {"cp.async.bulk.tensor" DIM TO "{.tile}" TX HINT, "[b8],[b8],[b64],b64?",
     Class::Async, select<loads>},
    {"cp.async.bulk.tensor" DIM TO "{.tile}" TX CAST HINT,
     "[b8],[b8],[b64],b16,b64?", Class::Async, select<loads>},
    {"cp.async.bulk.tensor" SPATIAL TO ".im2col" TX HINT,
     "[b8],[b8],[b64],b16*,b64?", Class::Async, select<loads>},
    {"cp.async.bulk.tensor" SPATIAL TO ".im2col" TX CAST HINT,
     "[b8],[b8],[b64],b16*,b16,b64?", Class::Async, select<loads>},
    {"cp.async.bulk.tensor" DIM OUT, "[b8],[b8],b64?", Class::Async,
     select<stores>},
    {"cp.reduce.async.bulk.tensor" DIM ".global.shared::cta"
     "<.add|.min|.max|.inc|.dec|.and|.or|.xor>{.tile|.im2col_no_offs}"
     ".bulk_group" HINT,
     "[b8],[b8],b64?", Class::Async, select<stores>},
    {"cp.async.bulk.prefetch.tensor" DIM ".L2.global{.tile}" HINT, "[b8],b64?",
     Class::Async, select<prefetch>},
    {"cp.async.bulk.prefetch.tensor" SPATIAL ".L2.global.im2col" HINT,
     "[b8],b16*,b64?", Class::Async, select<prefetch>},
    {"prefetch{.const|.param}.tensormap", "[b8]", Class::Async,
     select<prefetchMap>},
});

} // namespace

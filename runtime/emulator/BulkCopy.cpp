#include "runtime/emulator/BulkCopy.h"

#include "runtime/emulator/Element.h"
#include "runtime/emulator/Proxy.h"

#include <cstring>

using namespace tw::emu;

static void move(const Piece &piece) {
  std::memcpy(piece.to.data, piece.from.data, piece.bytes);
  for (uint32_t i = 0; i < piece.bytes; ++i)
    piece.to.state[i] = piece.from.state[i] & kWritten;
}

static void fill(const Piece &piece) {
  for (uint32_t i = 0; i < piece.bytes; i += piece.fillBytes)
    std::memcpy(piece.to.data + i, &piece.fill, piece.fillBytes);
  std::memset(piece.to.state, kWritten, piece.bytes);
}

static void reduce(const Piece &piece, const Reduction &reduction) {
  for (uint32_t i = 0; i < piece.bytes; i += reduction.bytes)
    reduction.apply(piece.to.data + i, piece.from.data + i);
  for (uint32_t i = 0; i < piece.bytes; ++i)
    piece.to.state[i] &= piece.from.state[i] & kWritten;
}

void Transfer::claim() {
  for (const Piece &piece : pieces)
    for (uint32_t i = 0; i < piece.bytes; ++i)
      piece.to.state[i] |= kAsyncWrite;
}

void Transfer::finish() {
  if (done)
    return;
  done = true;
  for (const Piece &piece : pieces)
    if (reduction.apply)
      reduce(piece, reduction);
    else if (piece.from)
      move(piece);
    else
      fill(piece);
}

void Transfer::abandon() {
  finish();
  launch->report(Kind::AsyncNotWaited, origin, 0,
                 "the thread has ended without cp.async.bulk.wait_group: its "
                 "shared memory may be given away while the copy reads it");
}

BulkGroups &tw::emu::bulkGroupsOf(Warp &warp) {
  BulkGroups &groups = warp.part<BulkGroups>();
  if (!groups.isOpen())
    groups.open(warp, "a bulk copy", true);
  return groups;
}

void tw::emu::startInGroup(const BulkCaller &caller, Transfer transfer) {
  Warp &warp = caller.warp;
  transfer.launch = &warp.launch;
  transfer.origin = caller.origin();
  for (const Piece &piece : transfer.pieces)
    warp.launch.counters.asyncBytes += piece.bytes;
  auto shared = std::make_shared<Transfer>(std::move(transfer));
  warp.block.cluster.post([shared] { shared->finish(); });
  bulkGroupsOf(warp).add(caller.lane, {shared});
}

void tw::emu::startForMbarrier(const BulkCaller &caller, const MbarrierAt &at,
                               Transfer transfer, uint32_t bytes) {
  transfer.claim();
  transfer.launch = &caller.warp.launch;
  transfer.origin = caller.origin();
  at.block->launch.counters.asyncBytes += bytes;
  auto shared = std::make_shared<Transfer>(std::move(transfer));
  at.block->cluster.post([shared, at, bytes] {
    if (!at.block->liveThreads())
      shared->launch->report(Kind::AsyncNotWaited, shared->origin, at.address,
                             "the block that the copy writes to has ended "
                             "before it arrived: its shared memory may be "
                             "another's");
    shared->finish();
    completeBytes(at, bytes);
  });
}

Reached BulkCaller::reach(Space space, uint64_t address, uint64_t bytes,
                          uint64_t alignment, Access access,
                          Epoch epoch) const {
  Reached reached = warp.launch.reach(origin(), &warp.block, space, address,
                                      bytes, alignment, access, as(epoch));
  if (!reached || access != Access::Read)
    return reached;
  if (space == Space::Shared) {
    SharedPlace place = placeOfShared(warp.block, space, address);
    demandProxyFence(*place.block, origin(), space, place.address, bytes);
  } else {
    demandProxyFence(warp.block, origin(), Space::Global, address, bytes);
  }
  return reached;
}

std::vector<Delivery> tw::emu::deliveries(const BulkCaller &caller, Space space,
                                          uint64_t to, uint64_t mbarrier,
                                          const uint32_t *multicastMask) {
  Block &block = caller.warp.block;
  SharedPlace target = placeOfShared(block, space, to);
  SharedPlace signal = placeOfShared(block, space, mbarrier);
  std::vector<Delivery> result;
  auto deliver = [&](uint64_t toThere, uint64_t barrierThere) {
    if (MbarrierAt at = findMbarrier(caller.warp, caller.inst, caller.lane,
                                     Space::Shared, barrierThere)) {
      demandMbarrierFence(block, caller.origin(), at.address, *at.barrier);
      result.push_back({toThere, at});
    }
  };
  if (!target.block || target.block != signal.block) {
    caller.report(Kind::IllegalInstruction, to,
                  "destination and mbarrier must lie in the shared memory of "
                  "one block of the cluster");
    return {};
  }
  if (!multicastMask) {
    uint64_t window = (target.block->rank + 1) * kSharedStride;
    uint64_t base = target.block == &block ? 0 : window;
    deliver(base + target.address, base + signal.address);
    return result;
  }
  uint32_t size = static_cast<uint32_t>(block.cluster.blocks.size());
  if (*multicastMask >> size || !*multicastMask)
    caller.report(Kind::IllegalInstruction, to,
                  format("the multicast mask 0x%x for a cluster of %u blocks",
                         *multicastMask, size));
  for (uint32_t rank = 0; rank < size; ++rank)
    if (*multicastMask >> rank & 1)
      deliver((rank + 1) * kSharedStride + target.address,
              (rank + 1) * kSharedStride + signal.address);
  return result;
}

// Reductions. -----------------------------------------------------------------

namespace {

template <class T, class Fn>
void combine(uint8_t *to, const uint8_t *from, Fn &&fn) {
  T a, b;
  std::memcpy(&a, to, sizeof a);
  std::memcpy(&b, from, sizeof b);
  a = static_cast<T>(fn(a, b));
  std::memcpy(to, &a, sizeof a);
}

template <class T>
Reduce integerReduce(std::string_view op) {
#define OP(name, expression)                                                   \
  if (op == name)                                                              \
    return [](uint8_t *to, const uint8_t *from) {                              \
      combine<T>(to, from, [](T a, T b) { return expression; });               \
    };
  OP("add", static_cast<std::make_unsigned_t<T>>(a) +
                static_cast<std::make_unsigned_t<T>>(b))
  OP("min", b < a ? b : a)
  OP("max", a < b ? b : a)
  OP("and", a & b)
  OP("or", a | b)
  OP("xor", a ^ b)
  OP("inc", a >= b ? T(0) : T(a + 1))
  OP("dec", a == 0 || a > b ? b : T(a - 1))
#undef OP
  return nullptr;
}

float fromHalf(uint16_t bits) { return decodeHalf(bits); }
float fromBrain(uint16_t bits) { return decodeFloat(Element::BF16, bits); }
uint16_t toBrain(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return 0x7fff;
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/// Halves are added in f32 and rounded once; an exact f32 sum exists for both.
template <float (*kDecode)(uint16_t), uint16_t (*kRound)(float)>
Reduce halfReduce(std::string_view op) {
#define OP(name, expression)                                                   \
  if (op == name)                                                              \
    return [](uint8_t *to, const uint8_t *from) {                              \
      combine<uint16_t>(to, from, [](uint16_t x, uint16_t y) {                 \
        float a = kDecode(x), b = kDecode(y);                                  \
        return kRound(expression);                                             \
      });                                                                      \
    };
  OP("add", a + b)
  OP("min", b < a || a != a ? b : a)
  OP("max", a < b || a != a ? b : a)
#undef OP
  return nullptr;
}

template <class T>
Reduce floatReduce(std::string_view op) {
  if (op != "add")
    return nullptr;
  return [](uint8_t *to, const uint8_t *from) {
    combine<T>(to, from, [](T a, T b) { return a + b; });
  };
}

Reduce applyOf(std::string_view op, std::string_view type) {
  if (type == "u32" || type == "b32")
    return integerReduce<uint32_t>(op);
  if (type == "s32")
    return integerReduce<int32_t>(op);
  if (type == "u64" || type == "b64")
    return integerReduce<uint64_t>(op);
  if (type == "s64")
    return integerReduce<int64_t>(op);
  if (type == "f16")
    return halfReduce<fromHalf, roundToHalf>(op);
  if (type == "bf16")
    return halfReduce<fromBrain, toBrain>(op);
  if (type == "f32")
    return floatReduce<float>(op);
  if (type == "f64")
    return floatReduce<double>(op);
  return nullptr;
}

} // namespace

Reduction tw::emu::reductionOf(std::string_view operation,
                               std::string_view type) {
  unsigned bytes = type.ends_with("64") ? 8 : type.ends_with("32") ? 4 : 2;
  return {applyOf(operation, type), bytes};
}

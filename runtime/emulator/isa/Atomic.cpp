// atom and red.
#include "runtime/emulator/isa/Access.h"
#include "runtime/emulator/isa/Formats.h"
#include "runtime/emulator/isa/Pick.h"

#include <algorithm>

using namespace tw::emu;

namespace {
enum Op : uint8_t { And, Or, Xor, Add, Inc, Dec, Min, Max, Exch, Cas };
constexpr uint64_t kAcquire = 1, kRelease = 2;

/// inst.aux: op, bytes of one element, elements, ordering.
struct Shape {
  Op op;
  unsigned bytes, count;
  uint64_t order;
};
} // namespace

static Shape shapeOf(const Inst &inst) {
  return {Op(inst.aux & 255), unsigned(inst.aux >> 8 & 255),
          unsigned(inst.aux >> 16 & 255), inst.aux >> 24};
}

template <class T>
static T combineInteger(Op op, T old, T b, T c) {
  switch (op) {
  case And:
    return old & b;
  case Or:
    return old | b;
  case Xor:
    return old ^ b;
  case Add:
    return wrapAdd(old, b);
  case Inc:
    return old >= b ? T(0) : T(old + 1);
  case Dec:
    return old == 0 || old > b ? b : T(old - 1);
  case Min:
    return std::min(old, b);
  case Max:
    return std::max(old, b);
  case Exch:
    return b;
  default:
    return old == b ? c : old;
  }
}

/// f16 and bf16 halves of a word; min and max give the number where one is NaN.
static uint16_t combineHalf(Op op, const FloatFormat &format, uint16_t old,
                            uint16_t b) {
  double x = decodeFloat(old, format), y = decodeFloat(b, format);
  double out = op == Add   ? addOdd(x, y)
               : op == Min ? std::fmin(x, y)
                           : std::fmax(x, y);
  return uint16_t(encodeFloat(out, format, Rounding::Nearest));
}

static uint64_t combineHalves(Op op, Type type, uint64_t old, uint64_t b) {
  const FloatFormat &format = formatOf(type);
  uint64_t out = combineHalf(op, format, uint16_t(old), uint16_t(b));
  if (type == Type::F16x2 || type == Type::BF16x2)
    out |= uint64_t(
               combineHalf(op, format, uint16_t(old >> 16), uint16_t(b >> 16)))
           << 16;
  return out;
}

static uint64_t combine(Op op, Type type, uint64_t old, uint64_t b,
                        uint64_t c) {
  switch (type) {
  case Type::B16:
    return toRow(
        combineInteger<uint16_t>(op, uint16_t(old), uint16_t(b), uint16_t(c)));
  case Type::S32:
    return toRow(
        combineInteger<int32_t>(op, int32_t(old), int32_t(b), int32_t(c)));
  case Type::S64:
    return toRow(
        combineInteger<int64_t>(op, int64_t(old), int64_t(b), int64_t(c)));
  case Type::F32:
    return toRow(canonical(fromRow<float>(old) + fromRow<float>(b)));
  case Type::F64:
    return toRow(fromRow<double>(old) + fromRow<double>(b));
  case Type::F16:
  case Type::F16x2:
  case Type::BF16:
  case Type::BF16x2:
    return combineHalves(op, type, old, b);
  case Type::B32:
  case Type::U32:
    return combineInteger<uint32_t>(op, uint32_t(old), uint32_t(b),
                                    uint32_t(c));
  default:
    return combineInteger<uint64_t>(op, old, b, c);
  }
}

namespace {
/// The operands of atom (with a destination) or red (without).
struct Operands {
  const Operand *to, *address, *b, *c;
};
} // namespace

static Operands operandsOf(const Inst &inst) {
  if (inst.aux2)
    return {&inst.op(0), &inst.op(1), &inst.op(2),
            inst.count > 3 ? &inst.op(3) : nullptr};
  return {nullptr, &inst.op(0), &inst.op(1), nullptr};
}

static const Operand &elementOf(const Operand &o, unsigned n) {
  return o.kind == Operand::Vector ? o.elements[n] : o;
}

/// One lane: old values out, new values in.
static bool updateLane(Warp &w, const Inst &inst, Space space, unsigned lane,
                       uint64_t address, uint64_t *old) {
  Shape shape = shapeOf(inst);
  Operands ops = operandsOf(inst);
  unsigned total = shape.bytes * shape.count;
  Reached at = w.reach(inst, lane, space, address, total, Access::Atomic, true);
  if (!at)
    return true;
  for (unsigned n = 0; n < shape.count; ++n) {
    uint8_t *place = at.data + n * shape.bytes;
    std::memcpy(&old[n], place, shape.bytes);
    uint64_t b = w.row(elementOf(*ops.b, n))[lane];
    uint64_t c = ops.c && ops.c->kind == Operand::Reg ? w.row(*ops.c)[lane] : 0;
    uint64_t made = combine(shape.op, inst.type, old[n], b, c);
    std::memcpy(place, &made, shape.bytes);
  }
  bool defined = at.written(total);
  std::memset(at.state, kWritten | kGenericProxy, total);
  return defined || shape.op == Exch;
}

static void demandSources(Warp &w, const Inst &inst) {
  Operands ops = operandsOf(inst);
  for (unsigned n = 0; n < shapeOf(inst).count; ++n)
    w.demand(inst, elementOf(*ops.b, n), "the value");
  if (ops.c && ops.c->kind == Operand::Reg)
    w.demand(inst, *ops.c, "the value");
}

static Step atomic(Warp &w, const Inst &inst) {
  Shape shape = shapeOf(inst);
  Operands ops = operandsOf(inst);
  Space space = Space(inst.accessSpace);
  uint64_t address[kLanes];
  uint64_t old[8][kLanes] = {};
  w.addresses(inst, *ops.address, address);
  demandSources(w, inst);
  countAccess(w, space, address, shape.bytes * shape.count, Access::Atomic);
  w.launch.counters.atomics += unsigned(std::popcount(w.mask));
  publish(w, inst, address, w.mask, shape.order & kRelease);
  uint32_t undef = 0;
  forLanes(w.mask, [&](unsigned l) {
    uint64_t one[8] = {};
    undef |= uint32_t(!updateLane(w, inst, space, l, address[l], one)) << l;
    for (unsigned n = 0; n < shape.count; ++n)
      old[n][l] = one[n];
  });
  observe(w, inst, address, w.mask, shape.order & kAcquire);
  if (undef)
    w.report(Kind::Uninitialised, inst, unsigned(std::countr_zero(undef)),
             address[std::countr_zero(undef)],
             "an atomic operation on memory that nobody has written");
  if (ops.to)
    for (unsigned n = 0; n < shape.count; ++n) {
      w.put(elementOf(*ops.to, n), old[n]);
      w.define(inst, elementOf(*ops.to, n), 0);
    }
  w.block.cluster.notify();
  return Step::Next;
}

template <bool returns>
static Handler selectAtomic(const Match &match, Inst &inst) {
  int op = match.which(
      {"and", "or", "xor", "add", "inc", "dec", "min", "max", "exch", "cas"});
  unsigned bytes = bitsOf(match.type()) / 8;
  unsigned count = match.has("v2")   ? 2
                   : match.has("v4") ? 4
                   : match.has("v8") ? 8
                                     : 1;
  bool both = match.has("acq_rel");
  uint64_t order = (both || match.has("acquire") ? kAcquire : 0) |
                   (both || match.has("release") ? kRelease : 0);
  inst.aux = uint64_t(op) | bytes << 8 | count << 16 | order << 24;
  inst.aux2 = returns;
  Operands ops = operandsOf(inst);
  for (const Operand *operand : {ops.to, ops.b})
    if (operand &&
        (operand->kind == Operand::Vector ? operand->count : 1) != count)
      throw PtxError(0, 0, format("expected %u elements", count));
  inst.accessSpace = memorySpace(match, *ops.address);
  if (inst.accessSpace == Space::Param || inst.accessSpace == Space::Local)
    throw PtxError(0, 0, "atomics work on global and shared memory");
  inst.accessBytes = uint8_t(std::min(bytes * count, 4u));
  inst.publishes = inst.accessSpace != Space::Shared;
  return atomic;
}

// 128 bits: the registers are two rows. ---------------------------------------

static Step atomic128(Warp &w, const Inst &inst) {
  bool swaps = Op(inst.aux) == Cas;
  uint64_t address[kLanes], low[kLanes] = {}, high[kLanes] = {};
  w.addresses(inst, inst.op(1), address);
  w.launch.counters.atomics += unsigned(std::popcount(w.mask));
  publish(w, inst, address, w.mask, inst.aux2 & kRelease);
  const uint64_t *b = w.row(inst.op(2));
  const uint64_t *c = swaps ? w.row(inst.op(3)) : b;
  forLanes(w.mask, [&](unsigned l) {
    Reached at = w.reach(inst, l, Space(inst.accessSpace), address[l], 16,
                         Access::Atomic, true);
    if (!at)
      return;
    std::memcpy(&low[l], at.data, 8);
    std::memcpy(&high[l], at.data + 8, 8);
    if (swaps && (low[l] != b[l] || high[l] != b[l + kLanes]))
      return;
    std::memcpy(at.data, &c[l], 8);
    std::memcpy(at.data + 8, &c[l + kLanes], 8);
    std::memset(at.state, kWritten | kGenericProxy, 16);
  });
  observe(w, inst, address, w.mask, inst.aux2 & kAcquire);
  Operand upper = inst.op(0);
  upper.row += upper.row ? 1 : 0;
  w.put(inst.op(0), low);
  w.put(upper, high);
  w.define(inst, inst.op(0), 0);
  w.define(inst, upper, 0);
  return Step::Next;
}

static Handler selectAtomic128(const Match &match, Inst &inst) {
  bool both = match.has("acq_rel");
  inst.aux = match.has("cas") ? Cas : Exch;
  inst.aux2 = (both || match.has("acquire") ? kAcquire : 0) |
              (both || match.has("release") ? kRelease : 0);
  inst.accessSpace = memorySpace(match, inst.op(1));
  inst.accessBytes = 4;
  inst.publishes = inst.accessSpace != Space::Shared;
  return atomic128;
}

#define ORDER "{.relaxed|.acquire|.release|.acq_rel}"
#define SCOPE "{.cta|.cluster|.gpu|.sys}"
#define SPACE "{.global|.shared|.shared::cta|.shared::cluster}"
#define BEFORE ORDER SCOPE SPACE
#define HINT "{.L2::cache_hint}"

static const Registration kForms({
    {"atom" BEFORE "<.and|.or|.xor>" HINT "<.b32|.b64>", "=t,[t],t,b64?",
     Class::Atomic, selectAtomic<true>},
    {"atom" BEFORE "<.add|.min|.max>" HINT "<.u32|.s32|.u64|.s64>",
     "=t,[t],t,b64?", Class::Atomic, selectAtomic<true>},
    {"atom" BEFORE "<.inc|.dec>" HINT ".u32", "=t,[t],t,b64?", Class::Atomic,
     selectAtomic<true>},
    {"atom" BEFORE ".exch" HINT "<.b32|.b64>", "=t,[t],t,b64?", Class::Atomic,
     selectAtomic<true>},
    {"atom" BEFORE ".cas" HINT "<.b16|.b32|.b64>", "=t,[t],t,t,b64?",
     Class::Atomic, selectAtomic<true>},
    {"atom" BEFORE ".add" HINT "<.f32|.f64>", "=t,[t],t,b64?", Class::Atomic,
     selectAtomic<true>},
    {"atom" BEFORE "<.add>{.noftz}" HINT "<.f16|.f16x2|.bf16|.bf16x2>",
     "=t,[t],t,b64?", Class::Atomic, selectAtomic<true>},
    {"atom" BEFORE "<.add|.min|.max>{.noftz}" HINT
     "<.v2|.v4|.v8><.f16|.f16x2|.bf16|.bf16x2|.f32>",
     "=t*,[t],t*,b64?", Class::Atomic, selectAtomic<true>},
    {"atom" BEFORE "<.exch>" HINT ".b128", "=t,[t],t,b64?", Class::Atomic,
     selectAtomic128},
    {"atom" BEFORE "<.cas>" HINT ".b128", "=t,[t],t,t,b64?", Class::Atomic,
     selectAtomic128},
    {"red" BEFORE "<.and|.or|.xor>" HINT "<.b32|.b64>", "[t],t,b64?",
     Class::Atomic, selectAtomic<false>},
    {"red" BEFORE "<.add|.min|.max>" HINT "<.u32|.s32|.u64|.s64>", "[t],t,b64?",
     Class::Atomic, selectAtomic<false>},
    {"red" BEFORE "<.inc|.dec>" HINT ".u32", "[t],t,b64?", Class::Atomic,
     selectAtomic<false>},
    {"red" BEFORE ".add" HINT "<.f32|.f64>", "[t],t,b64?", Class::Atomic,
     selectAtomic<false>},
    {"red" BEFORE "<.add>{.noftz}" HINT "<.f16|.f16x2|.bf16|.bf16x2>",
     "[t],t,b64?", Class::Atomic, selectAtomic<false>},
    {"red" BEFORE "<.add|.min|.max>{.noftz}" HINT
     "<.v2|.v4|.v8><.f16|.f16x2|.bf16|.bf16x2|.f32>",
     "[t],t*,b64?", Class::Atomic, selectAtomic<false>},
});

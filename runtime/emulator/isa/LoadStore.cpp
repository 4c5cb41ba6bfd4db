// ld, st, ldu and their like.
#include "runtime/emulator/isa/Access.h"
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

#define ORDER "{.weak|.relaxed|.acquire|.volatile|.mmio}"
#define STORE_ORDER "{.weak|.relaxed|.release|.volatile|.mmio}"
#define SCOPE "{.cta|.cluster|.gpu|.sys}"
#define SPACE                                                                  \
  "{.const|.global|.local|.param|.param::entry|.param::func|.shared|"          \
  ".shared::cta|.shared::cluster}"
#define HINTS                                                                  \
  "{.ca|.cg|.cs|.lu|.cv|.wb|.wt}{.nc}"                                         \
  "{.L1::evict_normal|.L1::evict_unchanged|.L1::evict_first|"                  \
  ".L1::evict_last|.L1::no_allocate}{.L2::evict_normal|.L2::evict_first|"      \
  ".L2::evict_last}{.L2::cache_hint}{.L2::64B|.L2::128B|.L2::256B}"            \
  "{.unified}"
#define VECTOR "{.v2|.v4|.v8}"
#define TYPES                                                                  \
  "<.b8|.b16|.b32|.b64|.b128|.u8|.u16|.u32|.u64|.s8|.s16|.s32|.s64|.f16|"      \
  ".bf16|.f16x2|.bf16x2|.f32|.f64>"

namespace {
/// inst.aux: flags of the access.
constexpr uint64_t kStrong = 1, kAcquire = 2, kRelease = 4, kNonCoherent = 8;

/// What an instruction moves: `count` elements of `bytes` each.
struct Shape {
  unsigned bytes, count;
  unsigned total() const { return bytes * count; }
};
} // namespace

static Shape shapeOf(const Inst &inst) {
  return {unsigned(inst.aux2 & 255), unsigned(inst.aux2 >> 8 & 255)};
}
static Space spaceOfInst(const Inst &inst) {
  return Space(inst.aux2 >> 16 & 255);
}

static const Operand &elementOf(const Operand &o, unsigned n) {
  return o.kind == Operand::Vector ? o.elements[n] : o;
}

/// Element n of a loaded vector for all lanes: extended to the register, and
/// which lanes got bytes that nobody has written.
template <class T>
static void putElement(Warp &w, const Inst &inst, const Operand &to,
                       const Reached *from, unsigned at) {
  using Bits = Unsigned<T>;
  uint64_t out[kLanes] = {};
  uint32_t bad = 0;
  Bits ones = Bits(0x0101010101010101);
  uint64_t keep =
      to.bits && to.bits < 64 ? (uint64_t(1) << to.bits) - 1 : ~0ull;
  forLanes(w.mask, [&](unsigned l) {
    if (!from[l])
      return;
    T value;
    Bits state;
    std::memcpy(&value, from[l].data + at, sizeof value);
    std::memcpy(&state, from[l].state + at, sizeof state);
    out[l] = uint64_t(int64_t(value)) & keep;
    if constexpr (!std::is_signed_v<T>)
      out[l] = value;
    bad |= uint32_t((state & ones) != ones) << l;
  });
  w.put(to, out);
  if (bad)
    w.frame->undefLine[to.row] = inst.line;
  w.undef[to.row] = (w.undef[to.row] & ~w.mask) | bad;
}

/// The loaded bytes of every lane into the destination registers.
static void putLoaded(Warp &w, const Inst &inst, const Reached *from) {
  Shape shape = shapeOf(inst);
  bool sign = isSigned(inst.type);
  for (unsigned n = 0; n < shape.count; ++n) {
    const Operand &to = elementOf(inst.op(0), n);
    unsigned at = n * shape.bytes;
    Operand upper = to;
    switch (shape.bytes) {
    case 1:
      sign ? putElement<int8_t>(w, inst, to, from, at)
           : putElement<uint8_t>(w, inst, to, from, at);
      break;
    case 2:
      sign ? putElement<int16_t>(w, inst, to, from, at)
           : putElement<uint16_t>(w, inst, to, from, at);
      break;
    case 4:
      sign ? putElement<int32_t>(w, inst, to, from, at)
           : putElement<uint32_t>(w, inst, to, from, at);
      break;
    case 8:
      putElement<uint64_t>(w, inst, to, from, at);
      break;
    default: // 128 bits: two rows
      upper.row += upper.row ? 1 : 0;
      putElement<uint64_t>(w, inst, to, from, at);
      putElement<uint64_t>(w, inst, upper, from, at + 8);
    }
  }
}

static Step load(Warp &w, const Inst &inst) {
  unsigned bytes = shapeOf(inst).total();
  Space space = spaceOfInst(inst);
  bool strong = inst.aux & kStrong;
  uint64_t address[kLanes];
  Reached from[kLanes];
  w.addresses(inst, inst.op(1), address);
  countAccess(w, space, address, bytes, Access::Read);
  w.reachAll(inst, space, address, bytes, Access::Read, strong, nullptr, from);
  if (strong)
    observe(w, inst, address, w.mask, inst.aux & kAcquire);
  putLoaded(w, inst, from);
  return Step::Next;
}

/// A kernel's parameter at a fixed place: the same for all lanes.
static Step loadParam(Warp &w, const Inst &inst) {
  Shape shape = shapeOf(inst);
  const Region &params = w.launch.params;
  uint64_t at = w.rows[inst.op(1).row * kLanes] + uint64_t(inst.op(1).offset);
  if (!params.holds(at, shape.total()) || at % shape.total())
    return load(w, inst);
  Reached from[kLanes];
  std::fill_n(from, kLanes, Reached{params.at(at), params.stateAt(at)});
  putLoaded(w, inst, from);
  return Step::Next;
}

/// A function's parameter, in the frame.
static Step loadSlot(Warp &w, const Inst &inst) {
  Frame &frame = *w.frame;
  Reached from[kLanes];
  for (unsigned l = 0; l < kLanes; ++l) {
    uint64_t at = l * frame.function->paramBytes + uint64_t(inst.op(1).offset);
    from[l] = {&frame.params[at], &frame.paramState[at]};
  }
  putLoaded(w, inst, from);
  return Step::Next;
}

/// The bytes to store of each lane, and which of them are undefined.
static void collect(Warp &w, const Inst &inst, const Operand &from,
                    uint8_t (*data)[32], uint32_t *bad) {
  Shape shape = shapeOf(inst);
  std::memset(bad, 0, kLanes * sizeof *bad);
  for (unsigned n = 0; n < shape.count; ++n) {
    const Operand &element = elementOf(from, n);
    const uint64_t *row = w.row(element);
    uint32_t undef = w.undefOf(element);
    unsigned at = n * shape.bytes;
    uint32_t ones = ((1u << shape.bytes) - 1) << at;
    for (unsigned l = 0; l < kLanes; ++l) {
      std::memcpy(&data[l][at], &row[l], shape.bytes < 8 ? shape.bytes : 8);
      if (shape.bytes == 16)
        std::memcpy(&data[l][at + 8], &row[l + kLanes], 8);
      bad[l] |= undef >> l & 1 ? ones : 0;
    }
  }
}

static void markWritten(uint8_t *state, unsigned bytes, uint32_t bad) {
  constexpr uint8_t kPlain = kWritten | kGenericProxy;
  if (!bad) {
    std::memset(state, kPlain, bytes);
    return;
  }
  for (unsigned n = 0; n < bytes; ++n)
    state[n] = bad >> n & 1 ? kGenericProxy : kPlain;
}

/// What goes to global memory must be defined; elsewhere the bytes become
/// undefined, and their use is reported.
static void demandDefined(Warp &w, const Inst &inst, const Operand &from,
                          unsigned lane, uint64_t address) {
  uint64_t within;
  Space space = spaceOfInst(inst);
  if (space == Space::Generic)
    space = spaceOf(address, within);
  if (space != Space::Global)
    return;
  uint32_t mask = w.mask;
  w.mask = 1u << lane;
  for (unsigned n = 0; n < shapeOf(inst).count; ++n)
    w.demand(inst, elementOf(from, n), "the stored value");
  w.mask = mask;
}

static Step store(Warp &w, const Inst &inst) {
  unsigned bytes = shapeOf(inst).total();
  Space space = spaceOfInst(inst);
  bool strong = inst.aux & kStrong;
  const Operand &from = inst.op(1);
  uint64_t address[kLanes];
  uint8_t data[kLanes][32];
  uint32_t bad[kLanes];
  Reached to[kLanes];
  w.addresses(inst, inst.op(0), address);
  collect(w, inst, from, data, bad);
  countAccess(w, space, address, bytes, Access::Write);
  if (strong)
    publish(w, inst, address, w.mask, inst.aux & kRelease);
  w.reachAll(inst, space, address, bytes, Access::Write, strong, data, to);
  forLanes(w.mask, [&](unsigned l) {
    if (bad[l])
      demandDefined(w, inst, from, l, address[l]);
    if (to[l])
      markWritten(to[l].state, bytes, bad[l]);
  });
  return Step::Next;
}

static Step storeSlot(Warp &w, const Inst &inst) {
  unsigned bytes = shapeOf(inst).total();
  Frame &frame = *w.frame;
  uint8_t data[kLanes][32];
  uint32_t bad[kLanes];
  collect(w, inst, inst.op(1), data, bad);
  forLanes(w.mask, [&](unsigned l) {
    uint64_t at = l * frame.function->paramBytes + uint64_t(inst.op(0).offset);
    std::memcpy(&frame.params[at], data[l], bytes);
    markWritten(&frame.paramState[at], bytes, bad[l]);
  });
  return Step::Next;
}

static void prepare(const Match &match, Inst &inst, const Operand &value,
                    const Operand &address) {
  unsigned bytes = bitsOf(match.type()) / 8;
  unsigned count = match.has("v2")   ? 2
                   : match.has("v4") ? 4
                   : match.has("v8") ? 8
                                     : 1;
  unsigned given = value.kind == Operand::Vector ? value.count : 1;
  if (given != count || (count > 1 && value.kind != Operand::Vector))
    throw PtxError(0, 0,
                   format("expected %u elements, found %u", count, given));
  if (bytes * count > 32)
    throw PtxError(0, 0, "an access has 32 bytes at most");
  Space space = memorySpace(match, address);
  if (address.kind == Operand::ParamSlot && bytes * count > address.count)
    throw PtxError(0, 0, "the access lies outside of the parameter");
  inst.aux2 = bytes | count << 8 | uint64_t(space) << 16;
  inst.accessBytes = space == Space::Global || space == Space::Shared ||
                             space == Space::Generic
                         ? uint8_t(std::min(bytes * count, 4u))
                         : 0;
  inst.aux =
      (match.has("relaxed") || match.has("volatile") || match.has("acquire") ||
               match.has("release") || match.has("mmio")
           ? kStrong
           : 0) |
      (match.has("acquire") ? kAcquire : 0) |
      (match.has("release") ? kRelease : 0) |
      (match.has("nc") ? kNonCoherent : 0);
}

static Handler selectLoad(const Match &match, Inst &inst) {
  const Operand &address = inst.op(1);
  prepare(match, inst, inst.op(0), address);
  if (address.kind == Operand::ParamSlot)
    return loadSlot;
  // The row of a parameter's name is a constant.
  if (spaceOfInst(inst) == Space::Param && address.constant)
    return loadParam;
  return load;
}

static Handler selectStore(const Match &match, Inst &inst) {
  const Operand &address = inst.op(0);
  prepare(match, inst, inst.op(1), address);
  inst.publishes = inst.aux & kStrong && spaceOfInst(inst) != Space::Shared;
  return address.kind == Operand::ParamSlot ? storeSlot : store;
}

static const Registration kForms({
    {"ld" ORDER SCOPE SPACE HINTS VECTOR TYPES, "=t~*,[t],b64?", Class::Load,
     selectLoad},
    {"ldu{.global}" VECTOR TYPES, "=t~*,[t]", Class::Load, selectLoad},
    {"st" STORE_ORDER SCOPE SPACE HINTS VECTOR TYPES, "[t],t~*,b64?",
     Class::Store, selectStore},
});

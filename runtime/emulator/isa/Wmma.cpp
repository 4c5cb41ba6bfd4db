// wmma: products of whole matrices whose fragments are nobody's business; loads
// and stores know the layout. Here the lanes hold the row-major matrix one
// after the other, over again where a fragment has more room than the matrix.
#include "runtime/emulator/isa/Access.h"
#include "runtime/emulator/isa/MmaPlan.h"

#include <cstring>

using namespace tw::emu;

namespace {

/// Elements of A's or B's fragment in a lane: f16 has 16 whatever the shape.
int elementsOf(Element type, int rows, int columns) {
  return type == Element::F16 ? 16 : rows * columns / static_cast<int>(kLanes);
}

void fillFragment(MmaFragment &fragment, Element type, int rows, int columns,
                  bool accumulator) {
  int each = accumulator ? rows * columns / static_cast<int>(kLanes)
                         : elementsOf(type, rows, columns);
  placeFragment(fragment, type, each, columns, [&](int lane, int i) {
    int at = (lane * each + i) % (rows * columns);
    return Place{at / columns, at % columns};
  });
}

/// "m16n16k16" and the types; f16 names only those of D and C.
MmaPlan makePlan(const Match &match) {
  MmaPlan plan;
  std::vector<Element> types = elementTypes(match);
  if (types.size() == 2)
    types = {types[0], Element::F16, Element::F16, types[1]};
  for (std::string_view mod : match.mods)
    if (mod[0] == 'm')
      plan.shape = parseShape(mod);
  auto [m, n, k] = plan.shape;
  plan.saturate = match.has("satfinite");
  fillFragment(plan.d, types[0], m, n, true);
  fillFragment(plan.a, types[1], m, k, false);
  fillFragment(plan.b, types[2], k, n, false);
  fillFragment(plan.c, types[3], m, n, true);
  return plan;
}

Handler selectMma(const Match &match, Inst &inst) {
  return selectProduct(keepPlan(std::string(inst.opcode), makePlan, match),
                       inst);
}

// Loads and stores. -----------------------------------------------------------

enum Flags : uint64_t { kColumns = 1, kSpaceShift = 8 };

/// A fragment alone, as the plan's A.
MmaPlan makeFragment(const Match &match) {
  MmaPlan plan;
  for (std::string_view mod : match.mods)
    if (mod[0] == 'm')
      plan.shape = parseShape(mod);
  auto [m, n, k] = plan.shape;
  Element type = elementTypes(match)[0];
  if (match.has("a"))
    fillFragment(plan.a, type, m, k, false);
  else if (match.has("b"))
    fillFragment(plan.a, type, k, n, false);
  else
    fillFragment(plan.a, type, m, n, true);
  return plan;
}

int columnsOf(const MmaPlan &plan, const Match &match) {
  return match.has("a") ? plan.shape.k : plan.shape.n;
}

/// Calls visit(lane, register, element, address) for a fragment's elements.
template <typename Fn>
void forEachElement(Warp &warp, const Inst &inst, const Operand &address,
                    const Operand &stride, Fn &&visit) {
  const auto &f = reinterpret_cast<const MmaPlan *>(inst.aux)->a;
  uint64_t base[kLanes];
  warp.addresses(inst, address, base);
  unsigned columns = inst.aux2 >> 16 & 0xffff, rows = inst.aux2 >> 32 & 0xffff;
  bool byColumn = inst.aux2 & kColumns;
  uint64_t bytes = static_cast<uint64_t>(bitsOf(f.type)) / 8;
  forLanes(warp.mask, [&](unsigned lane) {
    uint64_t step = stride.kind == Operand::None
                        ? (byColumn ? rows : columns)
                        : static_cast<uint32_t>(warp.row(stride)[lane]);
    for (unsigned i = 0; i < f.perLane; ++i) {
      unsigned at = f.index[lane * f.perLane + i];
      uint64_t row = at / columns, column = at % columns;
      uint64_t offset = byColumn ? column * step + row : row * step + column;
      visit(lane, i / f.perRegister, i % f.perRegister,
            base[lane] + offset * bytes);
    }
  });
}

Space spaceOf(const Inst &inst) {
  return static_cast<Space>(inst.aux2 >> kSpaceShift & 0xff);
}

Step load(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  const auto &f = reinterpret_cast<const MmaPlan *>(inst.aux)->a;
  unsigned bits = static_cast<unsigned>(bitsOf(f.type)), bytes = bits / 8;
  std::vector<uint64_t> rows(f.registers() * kLanes);
  std::vector<uint32_t> bad(f.registers());
  forEachElement(warp, inst, inst.op(1), inst.op(2),
                 [&](unsigned lane, unsigned r, unsigned e, uint64_t address) {
                   Reached reached = warp.reach(inst, lane, spaceOf(inst),
                                                address, bytes, Access::Read);
                   uint64_t value = 0;
                   if (!reached)
                     return;
                   std::memcpy(&value, reached.data, bytes);
                   rows[r * kLanes + lane] |= value << (e * bits);
                   bad[r] |= uint32_t{!reached.written(bytes)} << lane;
                 });
  for (unsigned r = 0; r < f.registers(); ++r) {
    warp.put(element(inst.op(0), r), &rows[r * kLanes]);
    warp.define(inst, element(inst.op(0), r), bad[r]);
  }
  return Step::Next;
}

Step store(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  const auto &f = reinterpret_cast<const MmaPlan *>(inst.aux)->a;
  unsigned bits = static_cast<unsigned>(bitsOf(f.type)), bytes = bits / 8;
  for (unsigned r = 0; r < f.registers(); ++r)
    warp.demand(inst, element(inst.op(1), r), "the stored value");
  forEachElement(warp, inst, inst.op(0), inst.op(2),
                 [&](unsigned lane, unsigned r, unsigned e, uint64_t address) {
                   uint64_t value =
                       warp.row(element(inst.op(1), r))[lane] >> (e * bits);
                   Reached reached =
                       warp.reach(inst, lane, spaceOf(inst), address, bytes,
                                  Access::Write, false, &value);
                   if (!reached)
                     return;
                   std::memcpy(reached.data, &value, bytes);
                   std::memset(reached.state, kWritten, bytes);
                 });
  return Step::Next;
}

template <unsigned kVector, Handler kHandler>
Handler select(const Match &match, Inst &inst) {
  const MmaPlan *plan = keepPlan(std::string(inst.opcode), makeFragment, match);
  const Operand &vector = inst.op(kVector);
  unsigned found = vector.kind == Operand::Vector ? vector.count : 1;
  if (found != plan->a.registers())
    throw PtxError(
        inst.line, 0,
        format("expected %u registers, found %u", plan->a.registers(), found));
  auto rows =
      static_cast<uint64_t>(match.has("b") ? plan->shape.k : plan->shape.m);
  Space space = memorySpace(match, inst.op(1 - kVector));
  inst.aux = reinterpret_cast<uint64_t>(plan);
  inst.accessBytes = static_cast<uint8_t>(bitsOf(plan->a.type) / 8);
  inst.aux2 = (match.has("col") ? kColumns : 0) |
              static_cast<uint64_t>(space) << kSpaceShift |
              static_cast<uint64_t>(columnsOf(*plan, match)) << 16 | rows << 32;
  return kHandler;
}

#define LAYOUT "<.row|.col>"
#define SHAPE "<.m16n16k16|.m8n32k16|.m32n8k16>"
#define SPACE "{.global|.shared|.shared::cta}"
#define LOAD "=b32*,[b32],b32?", Class::Load, select<0, load>
#define STORE "[b32],b32*,b32?", Class::Store, select<1, store>
#define MMA "=b32*,b32*,b32*,b32*", Class::Matrix, selectMma

const Registration kForms({
    {"wmma.load<.a|.b>.sync.aligned" LAYOUT SHAPE SPACE "<.f16|.bf16|.s8|.u8>",
     LOAD},
    {"wmma.load.c.sync.aligned" LAYOUT SHAPE SPACE "<.f16|.f32|.s32>", LOAD},
    {"wmma.store.d.sync.aligned" LAYOUT SHAPE SPACE "<.f16|.f32|.s32>", STORE},
    {"wmma.load<.a|.b>.sync.aligned" LAYOUT ".m16n16k8" SPACE ".tf32", LOAD},
    {"wmma.load.c.sync.aligned" LAYOUT ".m16n16k8" SPACE ".f32", LOAD},
    {"wmma.store.d.sync.aligned" LAYOUT ".m16n16k8" SPACE ".f32", STORE},
    {"wmma.load<.a|.b|.c>.sync.aligned" LAYOUT ".m8n8k4" SPACE ".f64",
     "=f64*,[b64],b32?", Class::Load, select<0, load>},
    {"wmma.store.d.sync.aligned" LAYOUT ".m8n8k4" SPACE ".f64",
     "[b64],f64*,b32?", Class::Store, select<1, store>},
    {"wmma.mma.sync.aligned" LAYOUT LAYOUT SHAPE "<.f16|.f32><.f16|.f32>", MMA},
    {"wmma.mma.sync.aligned" LAYOUT LAYOUT SHAPE ".f32.bf16.bf16.f32", MMA},
    {"wmma.mma.sync.aligned" LAYOUT LAYOUT SHAPE
     ".s32<.s8|.u8><.s8|.u8>.s32{.satfinite}",
     MMA},
    {"wmma.mma.sync.aligned" LAYOUT LAYOUT ".m16n16k8.f32.tf32.tf32.f32", MMA},
    {"wmma.mma.sync.aligned" LAYOUT LAYOUT ".m8n8k4{.rn}.f64.f64.f64.f64",
     "=f64*,f64*,f64*,f64*", Class::Matrix, selectMma},
});

} // namespace

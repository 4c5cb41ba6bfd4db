// wgmma.mma_async, its groups and its fence.
#include "runtime/emulator/Proxy.h"
#include "runtime/emulator/WgmmaRegisters.h"

#include <algorithm>
#include <charconv>
#include <mutex>

using namespace tw::emu;

namespace {

struct Warpgroup {
  Actor actor = 0;
  bool opened = false;
  uint32_t issued[kWarpsOfGroup] = {};
  /// Products that have not been waited for by all; the first one's number.
  std::deque<std::shared_ptr<WgmmaProduct>> products;
  uint32_t first = 1;
  uint32_t waited[kWarpsOfGroup] = {};
};

struct Warpgroups {
  std::map<uint32_t, Warpgroup> at;
};

Warpgroup &groupOf(Warp &warp) {
  uint32_t index = warp.index / kWarpsOfGroup;
  Warpgroup &group = warp.block.part<Warpgroups>().at[index];
  if (!group.opened) {
    group.opened = true;
    group.actor = warp.block.cluster.newActor(
        format("wgmma of warpgroup %u of block (%u,%u,%u)", index,
               warp.block.id[0], warp.block.id[1], warp.block.id[2]));
  }
  return group;
}

// Starting a product. ---------------------------------------------------------

const WgmmaPlan &planOf(const Inst &inst) {
  return *reinterpret_cast<const WgmmaPlan *>(inst.aux);
}

void complain(Warp &warp, const Inst &inst, Kind kind,
              const std::string &text) {
  warp.report(kind, inst, static_cast<unsigned>(std::countr_zero(warp.mask)), 0,
              text);
}

/// A descriptor must be the same in all lanes.
uint64_t descriptorOf(Warp &warp, const Inst &inst, const Operand &o,
                      Major major, WgmmaProduct &product) {
  warp.demand(inst, o, "the matrix descriptor");
  const uint64_t *row = warp.row(o);
  uint64_t bits = row[std::countr_zero(warp.mask)];
  std::string problem = problemOfDescriptor(bits, major);
  forLanes(warp.mask, [&](unsigned lane) {
    if (row[lane] != bits)
      problem = "the matrix descriptor differs between lanes";
  });
  if (!problem.empty()) {
    complain(warp, inst, Kind::IllegalDescriptor, problem);
    product.reachable = false;
  }
  return bits;
}

bool isMinusOne(Warp &warp, const Inst &inst, const Operand &o) {
  auto value = static_cast<int32_t>(warp.row(o)[0]);
  if (value != 1 && value != -1)
    complain(warp, inst, Kind::IllegalInstruction,
             format("a scale of %d; it must be 1 or -1", value));
  return value == -1;
}

/// Reads the operands that all warps have in common.
void readOperands(Warp &warp, const Inst &inst, WgmmaProduct &product) {
  const WgmmaPlan &plan = planOf(inst);
  warp.demand(inst, inst.op(3), "scale-d");
  uint32_t holds = warp.holds(inst.op(3)) & warp.mask;
  if (holds && holds != warp.mask)
    complain(warp, inst, Kind::IllegalInstruction,
             "scale-d differs between lanes");
  product.accumulates = holds;
  unsigned next = 4;
  if (plan.hasScales) {
    product.negateA = isMinusOne(warp, inst, inst.op(next++));
    product.negateB = isMinusOne(warp, inst, inst.op(next++));
  }
  auto major = [&](unsigned n) {
    return warp.row(inst.op(n))[0] & 1 ? Major::MN : Major::K;
  };
  if (plan.hasTransposes && !plan.registerA)
    product.majorA = major(next++);
  if (plan.hasTransposes)
    product.majorB = major(next++);
  if (!plan.registerA)
    product.descriptorA =
        descriptorOf(warp, inst, inst.op(1), product.majorA, product);
  product.descriptorB =
      descriptorOf(warp, inst, inst.op(2), product.majorB, product);
}

/// The warpgroup's next product for this warp: made by the first of its warps,
/// the same for the others.
std::shared_ptr<WgmmaProduct> join(Warp &warp, const Inst &inst,
                                   Warpgroup &group, uint32_t number) {
  auto fresh = std::make_shared<WgmmaProduct>();
  fresh->plan = &planOf(inst);
  fresh->inst = &inst;
  fresh->number = number;
  readOperands(warp, inst, *fresh);
  if (number == group.first + group.products.size()) {
    group.products.push_back(fresh);
    warp.launch.counters.countTensor(
        nameOf(fresh->plan->a), uint64_t{64} * fresh->plan->n * fresh->plan->k);
    return fresh;
  }
  auto &known = group.products[number - group.first];
  if (known->inst != &inst || known->descriptorA != fresh->descriptorA ||
      known->descriptorB != fresh->descriptorB ||
      known->accumulates != fresh->accumulates)
    complain(warp, inst, Kind::DivergentSync,
             format("another warp of the warpgroup executes the wgmma of line "
                    "%u, or with other descriptors",
                    known->inst->line));
  known->reachable &= fresh->reachable;
  return known;
}

/// Checks the shared memory that an operand's rows lie in. False after a report
/// of memory that cannot be read at all.
bool check(Warp &warp, const Inst &inst, const WgmmaProduct &product,
           Accessor by, uint64_t descriptor, Major major, Element type,
           unsigned begin, unsigned end) {
  bool good = true;
  Origin origin = warp.origin(inst, 0);
  forEachChunk(
      MatrixDescriptor::decode(descriptor), major, bytesOf(type),
      product.plan->k, begin, end, [&](unsigned, unsigned, uint32_t address) {
        if (!good)
          return;
        good = bool(warp.launch.reach(origin, &warp.block, Space::Shared,
                                      address, 16, 16, Access::Read, by));
        if (good)
          demandProxyFence(warp.block, origin, Space::Shared, address, 16);
      });
  return good;
}

/// Each warp checks its rows of A and every fourth eight columns of B.
bool checkShared(Warp &warp, const Inst &inst, const Warpgroup &group,
                 const WgmmaProduct &product) {
  Accessor by = warp.accessor(inst, 0);
  by.epoch = Epoch(group.actor, 0, product.number, false);
  unsigned quarter = warp.index % kWarpsOfGroup;
  const WgmmaPlan &plan = *product.plan;
  if (!plan.registerA &&
      !check(warp, inst, product, by, product.descriptorA, product.majorA,
             plan.a, quarter * 16, quarter * 16 + 16))
    return false;
  for (unsigned n = quarter * 8; n < plan.n; n += 8 * kWarpsOfGroup)
    if (!check(warp, inst, product, by, product.descriptorB, product.majorB,
               plan.b, n, n + 8))
      return false;
  return true;
}

void demandFence(Warp &warp, const Inst &inst, const WarpProducts &mine,
                 const Operand &vector, const char *what) {
  for (unsigned i = 0; i < vector.count; ++i)
    if (!mine.held.contains(vector.elements[i].row) &&
        !warp.isFenced(vector.elements[i])) {
      complain(
          warp, inst, Kind::MissingFence,
          format("register %s of %s has been written since the last "
                 "wgmma.fence",
                 warp.frame->function->rowNames[vector.elements[i].row].c_str(),
                 what));
      return;
    }
}

/// Captures A's registers; they must stay as they are until the wait.
void takeA(Warp &warp, const Inst &inst, WarpProducts &mine,
           const std::shared_ptr<WgmmaProduct> &product,
           WgmmaQuarter &quarter) {
  const Operand &vector = inst.op(1);
  demandFence(warp, inst, mine, vector, "A");
  quarter.a.resize(4 * kLanes);
  for (unsigned r = 0; r < 4; ++r) {
    const Operand &o = vector.elements[r];
    auto found = mine.held.find(o.row);
    if (found != mine.held.end() && !found->second.reads)
      reportHeld(warp, inst, o.row, false, found->second);
    std::copy_n(warp.row(o), kLanes, &quarter.a[r * kLanes]);
    quarter.undefinedA[r] = warp.undefOf(o);
    hold(warp, mine, o.row, {product, 0, true});
  }
}

/// Notes where the accumulator comes from, and holds its registers.
void takeD(Warp &warp, const Inst &inst, WarpProducts &mine,
           const std::shared_ptr<WgmmaProduct> &product,
           WgmmaQuarter &quarter) {
  const Operand &vector = inst.op(0);
  if (product->accumulates)
    demandFence(warp, inst, mine, vector, "the accumulator");
  quarter.d.resize(size_t{vector.count} * kLanes);
  quarter.undefined.resize(vector.count);
  quarter.sources.resize(vector.count);
  for (unsigned r = 0; r < vector.count; ++r) {
    const Operand &o = vector.elements[r];
    auto found = mine.held.find(o.row);
    if (found != mine.held.end() && !found->second.reads) {
      quarter.sources[r] = {found->second.product, found->second.reg};
    } else {
      std::copy_n(warp.row(o), kLanes, &quarter.d[r * kLanes]);
      quarter.undefined[r] = warp.undefOf(o);
    }
    hold(warp, mine, o.row, {product, r, false});
  }
}

Step start(Warp &warp, const Inst &inst) {
  uint32_t first = warp.index / kWarpsOfGroup * kWarpsOfGroup;
  if (first + kWarpsOfGroup > warp.block.warps.size()) {
    complain(warp, inst, Kind::IllegalInstruction,
             "the warp is in no whole warpgroup: the block's last warps are "
             "fewer than four");
    return Step::Next;
  }
  warp.converged(inst);
  auto &mine = warp.part<WarpProducts>();
  Warpgroup &group = groupOf(warp);
  mine.frame = warp.frame;
  warp.pendingTouched = touchHeld;
  if (!mine.fenced)
    complain(warp, inst, Kind::MissingFence,
             "no wgmma.fence comes before the first wgmma");
  mine.fenced = true;
  unsigned index = warp.index % kWarpsOfGroup;
  uint32_t number = ++group.issued[index];
  mine.issued = number;
  std::shared_ptr<WgmmaProduct> product = join(warp, inst, group, number);
  if (product->reachable)
    product->reachable = checkShared(warp, inst, group, *product);
  WgmmaQuarter &quarter = product->quarters[index];
  quarter.issued = true;
  if (product->plan->registerA)
    takeA(warp, inst, mine, product, quarter);
  takeD(warp, inst, mine, product, quarter);
  warp.block.cluster.notify();
  return Step::Next;
}

// Waiting. --------------------------------------------------------------------

Step commit(Warp &warp, const Inst &) {
  auto &mine = warp.part<WarpProducts>();
  mine.groups.push_back(mine.issued);
  return Step::Next;
}

std::string describeWait(Warp &warp, const Inst &) {
  Warpgroup &group = groupOf(warp);
  std::string text = "the other warps of its warpgroup, which have started";
  for (unsigned index = 0; index < kWarpsOfGroup; ++index)
    text += format("%s %u", index ? "," : "", group.issued[index]);
  return text + " products";
}

/// Products that all four warps have waited for are not needed any more.
void forget(Warpgroup &group) {
  uint32_t all = *std::ranges::min_element(group.waited);
  while (!group.products.empty() && group.first <= all) {
    group.products.pop_front();
    ++group.first;
  }
}

Step wait(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  auto &mine = warp.part<WarpProducts>();
  auto left = static_cast<size_t>(warp.row(inst.op(0))[0]);
  if (mine.groups.size() <= left)
    return Step::Next;
  Warpgroup &group = groupOf(warp);
  uint32_t last = mine.groups[mine.groups.size() - 1 - left];
  if (*std::ranges::min_element(group.issued) < last)
    return warp.wait(describeWait);
  for (const std::shared_ptr<WgmmaProduct> &product : group.products)
    if (product->number <= last)
      compute(*product, warp.block);
  if (mine.frame)
    settleHeld(warp, inst, mine, last);
  mine.groups.erase(mine.groups.begin(), mine.groups.end() - left);
  group.waited[warp.index % kWarpsOfGroup] = last;
  forget(group);
  Clock clock(warp.block.cluster.base(), kActorsPerCluster);
  clock.raise(group.actor, last);
  warp.acquire(warp.mask, clock);
  return Step::Next;
}

Step fence(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  warp.part<WarpProducts>().fenced = true;
  warp.fenceRegisters();
  return Step::Next;
}

// Forms. ----------------------------------------------------------------------

/// Plans live as long as the process: there are as many as opcodes.
const WgmmaPlan *keep(const WgmmaPlan &plan, const std::string &opcode) {
  static std::mutex lock;
  static std::map<std::string, WgmmaPlan> plans;
  std::lock_guard guard(lock);
  return &plans.emplace(opcode, plan).first->second;
}

void expectLength(const Inst &inst, const Operand &o, unsigned expected,
                  const char *what) {
  unsigned found = o.kind == Operand::Vector ? o.count : 1;
  if (found != expected || o.kind != Operand::Vector)
    throw PtxError(inst.line, 0,
                   format("%s needs a vector of %u registers, found %u", what,
                          expected, found));
}

/// A is a descriptor or a vector of registers; it has no transposition there.
void checkImmediates(const WgmmaPlan &plan, const Inst &inst) {
  unsigned expected = 4 + 2 * plan.hasScales + 2 * plan.hasTransposes -
                      (plan.hasTransposes && plan.registerA);
  unsigned found = 0;
  while (found < inst.count && inst.op(found).kind != Operand::None)
    ++found;
  if (found != expected)
    throw PtxError(inst.line, 0,
                   format("expected %u operands, found %u", expected, found));
}

Handler select(const Match &match, Inst &inst) {
  WgmmaPlan plan;
  std::vector<Element> types;
  for (std::string_view mod : match.mods) {
    if (Element type = elementOf(mod); type != Element::None)
      types.push_back(type);
    if (!mod.starts_with("m64n"))
      continue;
    const char *end = mod.data() + mod.size();
    auto [k, error] = std::from_chars(mod.data() + 4, end, plan.n);
    std::from_chars(k + 1, end, plan.k);
  }
  plan.d = types[0];
  plan.a = types[1];
  plan.b = types[2];
  plan.registerA = inst.op(1).kind == Operand::Vector;
  plan.saturate = match.has("satfinite");
  plan.hasScales = plan.d != Element::S32;
  plan.hasTransposes = plan.a == Element::F16 || plan.a == Element::BF16;
  expectLength(inst, inst.op(0), plan.registers(), "D");
  if (plan.registerA)
    expectLength(inst, inst.op(1), 4, "A");
  checkImmediates(plan, inst);
  std::string key = std::string(inst.opcode) + (plan.registerA ? "/r" : "/s");
  inst.aux = reinterpret_cast<uint64_t>(keep(plan, key));
  return start;
}

template <Handler kHandler>
Handler only(const Match &, Inst &) {
  return kHandler;
}

/// "<.m64n8k16|.m64n16k16|…>"; integers know fewer widths.
std::string shapes(unsigned k, bool integer) {
  std::string list;
  for (unsigned n = 8; n <= 256; n += 8)
    if (!integer || n <= 32 || n % 16 == 0)
      list += format("%s.m64n%uk%u", list.empty() ? "<" : "|", n, k);
  return list + ">";
}

/// The pattern's text must outlive the table.
const char *pattern(unsigned k, const char *types) {
  static std::deque<std::string> texts;
  bool integer = std::string_view(types).find("s32") != std::string::npos;
  texts.push_back("wgmma.mma_async.sync.aligned" + shapes(k, integer) + types);
  return texts.back().c_str();
}

std::vector<Form> makeForms() {
  std::vector<Form> forms = {
      {"wgmma.fence.sync.aligned", "", Class::Matrix, only<fence>},
      {"wgmma.commit_group.sync.aligned", "", Class::Matrix, only<commit>},
      {"wgmma.wait_group.sync.aligned", "b32", Class::Matrix, only<wait>},
  };
  auto add = [&](unsigned k, const char *types, const char *operands) {
    forms.push_back({pattern(k, types), operands, Class::Matrix, select});
  };
  constexpr const char *kTransposed = "=b32*,r,b64,p,b32,b32,b32,b32?";
  constexpr const char *kScaled = "=b32*,r,b64,p,b32,b32";
  add(16, "<.f16|.f32>.f16.f16", kTransposed);
  add(16, ".f32.bf16.bf16", kTransposed);
  add(8, ".f32.tf32.tf32", kScaled);
  add(32, "<.f16|.f32><.e4m3|.e5m2><.e4m3|.e5m2>", kScaled);
  add(32, "{.satfinite}.s32<.s8|.u8><.s8|.u8>", "=b32*,r,b64,p");
  return forms;
}

const Registration kForms(makeForms());

} // namespace

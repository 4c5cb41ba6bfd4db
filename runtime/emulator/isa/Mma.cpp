// mma.sync: a warp's matrix product D = A * B + C, fragments in registers.
#include "runtime/emulator/MatrixProduct.h"
#include "runtime/emulator/isa/MmaPlan.h"

#include <charconv>
#include <map>
#include <mutex>

using namespace tw::emu;

namespace {

void planQuads(MmaPlan &plan, const Match &match,
               const std::vector<Element> &types) {
  plan.quads = true;
  bool rowA = match.mods[3] == "row", rowB = match.mods[4] == "row";
  // Each product has matrices of its own, one after the other.
  auto shifted = [](Place p, int lane, int rows) {
    return Place{p.row + quadPairOf(lane) * rows, p.col};
  };
  placeFragment(plan.a, types[1], 4, 4, [&](int lane, int i) {
    return shifted(placeOfQuadA(rowA, lane, i), lane, 8);
  });
  placeFragment(plan.b, types[2], 4, 8, [&](int lane, int i) {
    return shifted(placeOfQuadB(rowB, lane, i), lane, 4);
  });
  auto accumulator = [&](MmaFragment &fragment, Element type) {
    placeFragment(fragment, type, 8, 8, [&](int lane, int i) {
      return shifted(type == Element::F16 ? placeOfQuadHalfC(lane, i)
                                          : placeOfQuadFloatC(lane, i),
                     lane, 8);
    });
  };
  accumulator(plan.d, types[0]);
  accumulator(plan.c, types[3]);
}

void planProduct(MmaPlan &plan, const std::vector<Element> &types) {
  MmaShape s = plan.shape;
  auto per = [](Element type) {
    return bitsOf(type) >= 32 ? 1 : 32 / bitsOf(type);
  };
  int lanes = static_cast<int>(kLanes);
  placeFragment(plan.a, types[1], s.m * s.k / lanes, s.k,
                [&](int l, int i) { return placeOfA(s, per(types[1]), l, i); });
  placeFragment(plan.b, types[2], s.k * s.n / lanes, s.n,
                [&](int l, int i) { return placeOfB(per(types[2]), l, i); });
  placeFragment(plan.d, types[0], s.m * s.n / lanes, s.n, placeOfC);
  placeFragment(plan.c, types[3], s.m * s.n / lanes, s.n, placeOfC);
}

MmaPlan makePlan(const Match &match) {
  MmaPlan plan;
  for (std::string_view mod : match.mods)
    if (mod[0] == 'm')
      plan.shape = parseShape(mod);
  plan.saturate = match.has("satfinite");
  plan.xorBits = match.has("xor");
  std::vector<Element> types = elementTypes(match);
  if (plan.shape == MmaShape{8, 8, 4} && types[1] == Element::F16)
    planQuads(plan, match, types);
  else
    planProduct(plan, types);
  return plan;
}

/// Marks the matrix positions of registers that nobody has written. False if
/// there are none.
bool gatherUndefined(Warp &warp, const Operand &o, const MmaFragment &f,
                     std::vector<bool> &undefined) {
  uint32_t any = 0;
  for (unsigned r = 0; r < f.registers(); ++r)
    any |= warp.undefOf(element(o, r));
  if (!any)
    return false;
  for (unsigned r = 0; r < f.registers(); ++r)
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned e = 0; e < f.perRegister; ++e)
        if (warp.undefOf(element(o, r)) >> lane & 1)
          undefined[f.index[lane * f.perLane + r * f.perRegister + e]] = true;
  return true;
}

/// An undefined element of A spoils its row of D, one of B its column. Products
/// of a quad instruction lie below each other.
std::vector<bool> undefinedResults(Warp &warp, const Inst &inst,
                                   const MmaPlan &plan) {
  auto [m, n, k] = plan.shape;
  int products = plan.quads ? 4 : 1;
  auto size = [&](int rows, int cols) {
    return static_cast<size_t>(products * rows * cols);
  };
  std::vector<bool> a(size(m, k)), b(size(k, n)), d(size(m, n));
  bool any = gatherUndefined(warp, inst.op(1), plan.a, a);
  any |= gatherUndefined(warp, inst.op(2), plan.b, b);
  any |= gatherUndefined(warp, inst.op(3), plan.c, d);
  if (!any)
    return {};
  for (int row = 0; row < products * m; ++row)
    for (int col = 0; col < n; ++col)
      for (int l = 0; l < k; ++l)
        if (a[static_cast<size_t>(row * k + l)] ||
            b[static_cast<size_t>((row / m * k + l) * n + col)])
          d[static_cast<size_t>(row * n + col)] = true;
  return d;
}

void defineResults(Warp &warp, const Inst &inst, const MmaFragment &f,
                   const std::vector<bool> &undefined) {
  for (unsigned r = 0; r < f.registers(); ++r) {
    uint32_t bad = 0;
    for (unsigned lane = 0; !undefined.empty() && lane < kLanes; ++lane)
      for (unsigned e = 0; e < f.perRegister; ++e)
        if (undefined[f.index[lane * f.perLane + r * f.perRegister + e]])
          bad |= 1u << lane;
    warp.define(inst, element(inst.op(0), r), bad);
  }
}

void count(Warp &warp, const MmaPlan &plan) {
  auto [m, n, k] = plan.shape;
  warp.launch.counters.countTensor(
      nameOf(plan.a.type),
      static_cast<uint64_t>(m * n * k * (plan.quads ? 4 : 1)));
}

/// Before and after each kind of arithmetic.
template <typename Arithmetic>
Step runMma(Warp &warp, const Inst &inst) {
  const MmaPlan &plan = *reinterpret_cast<const MmaPlan *>(inst.aux);
  warp.converged(inst);
  std::vector<bool> undefined = undefinedResults(warp, inst, plan);
  Arithmetic::run(warp, inst, plan);
  defineResults(warp, inst, plan.d, undefined);
  count(warp, plan);
  return Step::Next;
}

struct Floats {
  static void run(Warp &warp, const Inst &inst, const MmaPlan &plan) {
    auto [m, n, k] = plan.shape;
    int products = plan.quads ? 4 : 1;
    float a[32 * 16], b[16 * 32], c[16 * 16];
    gather(warp, inst.op(1), plan.a,
           [&](unsigned at, uint64_t bits) { a[at] = decode(plan.a, bits); });
    gather(warp, inst.op(2), plan.b,
           [&](unsigned at, uint64_t bits) { b[at] = decode(plan.b, bits); });
    gather(warp, inst.op(3), plan.c,
           [&](unsigned at, uint64_t bits) { c[at] = decode(plan.c, bits); });
    for (int p = 0; p < products; ++p)
      multiplyAdd(m, n, k, a + p * m * k, b + p * k * n, c + p * m * n);
    bool half = plan.d.type == Element::F16;
    scatter(warp, inst.op(0), plan.d, [&](unsigned at) -> uint64_t {
      return half ? roundToHalf(c[at]) : std::bit_cast<uint32_t>(c[at]);
    });
  }
  static float decode(const MmaFragment &f, uint64_t bits) {
    return decodeFloat(f.type, static_cast<uint32_t>(bits));
  }
};

struct Doubles {
  static void run(Warp &warp, const Inst &inst, const MmaPlan &plan) {
    auto [m, n, k] = plan.shape;
    double a[16 * 16], b[16 * 8], c[16 * 8];
    gather(warp, inst.op(1), plan.a, [&](unsigned at, uint64_t bits) {
      a[at] = std::bit_cast<double>(bits);
    });
    gather(warp, inst.op(2), plan.b, [&](unsigned at, uint64_t bits) {
      b[at] = std::bit_cast<double>(bits);
    });
    gather(warp, inst.op(3), plan.c, [&](unsigned at, uint64_t bits) {
      c[at] = std::bit_cast<double>(bits);
    });
    multiplyAdd(m, n, k, a, b, c);
    scatter(warp, inst.op(0), plan.d,
            [&](unsigned at) { return std::bit_cast<uint64_t>(c[at]); });
  }
};

struct Integers {
  static void run(Warp &warp, const Inst &inst, const MmaPlan &plan) {
    auto [m, n, k] = plan.shape;
    int32_t a[16 * 64], b[64 * 8];
    int64_t c[16 * 16];
    auto decode = [](Element type, uint64_t bits) {
      return decodeInteger(type, static_cast<uint32_t>(bits));
    };
    gather(warp, inst.op(1), plan.a, [&](unsigned at, uint64_t bits) {
      a[at] = decode(plan.a.type, bits);
    });
    gather(warp, inst.op(2), plan.b, [&](unsigned at, uint64_t bits) {
      b[at] = decode(plan.b.type, bits);
    });
    gather(warp, inst.op(3), plan.c, [&](unsigned at, uint64_t bits) {
      c[at] = static_cast<int32_t>(bits);
    });
    multiplyAdd(m, n, k, a, b, c);
    scatter(warp, inst.op(0), plan.d, [&](unsigned at) -> uint64_t {
      return static_cast<uint32_t>(narrow(c[at], plan.saturate));
    });
  }
};

/// Single bits: the operation of A and B, and the number of ones added to C.
struct Bits {
  static void run(Warp &warp, const Inst &inst, const MmaPlan &plan) {
    auto [m, n, k] = plan.shape;
    uint8_t a[16 * 256], b[256 * 8];
    int64_t c[16 * 8];
    gather(warp, inst.op(1), plan.a,
           [&](unsigned at, uint64_t bits) { a[at] = bits & 1; });
    gather(warp, inst.op(2), plan.b,
           [&](unsigned at, uint64_t bits) { b[at] = bits & 1; });
    gather(warp, inst.op(3), plan.c, [&](unsigned at, uint64_t bits) {
      c[at] = static_cast<int32_t>(bits);
    });
    for (int i = 0; i < m; ++i)
      for (int l = 0; l < k; ++l)
        for (int j = 0; j < n; ++j)
          c[i * n + j] += plan.xorBits ? a[i * k + l] ^ b[l * n + j]
                                       : a[i * k + l] & b[l * n + j];
    scatter(warp, inst.op(0), plan.d, [&](unsigned at) -> uint64_t {
      return static_cast<uint32_t>(narrow(c[at], false));
    });
  }
};

/// Operands must be as long as the fragments are.
void checkLengths(const MmaPlan &plan, const Inst &inst) {
  const MmaFragment *fragments[] = {&plan.d, &plan.a, &plan.b, &plan.c};
  const char *names[] = {"D", "A", "B", "C"};
  for (unsigned i = 0; i < 4; ++i) {
    unsigned found = inst.op(i).kind == Operand::Vector ? inst.op(i).count : 1;
    if (found != fragments[i]->registers())
      throw PtxError(inst.line, 0,
                     format("%s of %.*s is %u registers, found %u", names[i],
                            static_cast<int>(inst.opcode.size()),
                            inst.opcode.data(), fragments[i]->registers(),
                            found));
  }
}

Handler select(const Match &match, Inst &inst) {
  return selectProduct(keepPlan(std::string(inst.opcode), makePlan, match),
                       inst);
}

constexpr const char *kWords = "=b32*,b32*,b32*,b32*";

const Registration kForms({
    {"mma.sync.aligned.m8n8k4<.row|.col><.row|.col><.f16|.f32>.f16.f16<.f16|."
     "f32>",
     kWords, Class::Matrix, select},
    {"mma.sync.aligned<.m16n8k8|.m16n8k16>.row.col<.f16|.f32>.f16.f16<.f16|."
     "f32>",
     kWords, Class::Matrix, select},
    {"mma.sync.aligned<.m16n8k8|.m16n8k16>.row.col.f32.bf16.bf16.f32", kWords,
     Class::Matrix, select},
    {"mma.sync.aligned<.m16n8k4|.m16n8k8>.row.col.f32.tf32.tf32.f32", kWords,
     Class::Matrix, select},
    {"mma.sync.aligned<.m16n8k16|.m16n8k32>.row.col<.f16|.f32><.e4m3|.e5m2><."
     "e4m3|.e5m2><.f16|.f32>",
     kWords, Class::Matrix, select},
    {"mma.sync.aligned<.m8n8k4|.m16n8k4|.m16n8k8|.m16n8k16>.row.col.f64.f64."
     "f64.f64",
     "=f64*,f64*,f64*,f64*", Class::Matrix, select},
    {"mma.sync.aligned<.m8n8k16|.m16n8k16|.m16n8k32>.row.col{.satfinite}.s32<."
     "s8|.u8><.s8|.u8>.s32",
     kWords, Class::Matrix, select},
    {"mma.sync.aligned<.m8n8k32|.m16n8k32|.m16n8k64>.row.col{.satfinite}.s32<."
     "s4|.u4><.s4|.u4>.s32",
     kWords, Class::Matrix, select},
    {"mma.sync.aligned<.m8n8k128|.m16n8k128|.m16n8k256>.row.col.s32.b1.b1.s32<."
     "xor|.and>.popc",
     kWords, Class::Matrix, select},
});

} // namespace

MmaShape tw::emu::parseShape(std::string_view text) {
  MmaShape shape = {};
  const char *at = text.data() + 1, *end = text.data() + text.size();
  at = std::from_chars(at, end, shape.m).ptr + 1;
  at = std::from_chars(at, end, shape.n).ptr + 1;
  std::from_chars(at, end, shape.k);
  return shape;
}

std::vector<Element> tw::emu::elementTypes(const Match &match) {
  std::vector<Element> found;
  for (std::string_view mod : match.mods)
    if (Element type = elementOf(mod); type != Element::None)
      found.push_back(type);
  return found;
}

const MmaPlan *tw::emu::keepPlan(const std::string &key,
                                 MmaPlan (*make)(const Match &),
                                 const Match &match) {
  static std::mutex lock;
  static std::map<std::string, MmaPlan> plans;
  std::lock_guard guard(lock);
  auto known = plans.find(key);
  if (known == plans.end())
    known = plans.emplace(key, make(match)).first;
  return &known->second;
}

Handler tw::emu::selectProduct(const MmaPlan *plan, Inst &inst) {
  checkLengths(*plan, inst);
  inst.aux = reinterpret_cast<uint64_t>(plan);
  if (plan->a.type == Element::B1)
    return runMma<Bits>;
  if (isInteger(plan->a.type))
    return runMma<Integers>;
  return plan->a.type == Element::F64 ? runMma<Doubles> : runMma<Floats>;
}

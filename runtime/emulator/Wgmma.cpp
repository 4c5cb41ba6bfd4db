#include "runtime/emulator/Wgmma.h"

#include "runtime/emulator/Fragment.h"
#include "runtime/emulator/MatrixProduct.h"

#include <cstring>

using namespace tw::emu;

unsigned tw::emu::bytesOf(Element type) {
  return static_cast<unsigned>(bitsOf(type)) / 8;
}

namespace {

constexpr unsigned kRows = 16; // of a quarter

/// What the arithmetic of floats and of integers differ in.
struct FloatMath {
  using Value = float;
  using Sum = float;
  static float decode(Element type, uint32_t bits) {
    return decodeFloat(type, bits);
  }
  static float accumulator(Element type, uint32_t bits) {
    return decodeFloat(type, bits);
  }
  static uint32_t encode(const WgmmaPlan &plan, float value) {
    return plan.d == Element::F16 ? roundToHalf(value)
                                  : std::bit_cast<uint32_t>(value);
  }
};

struct IntegerMath {
  using Value = int32_t;
  using Sum = int64_t;
  static int32_t decode(Element type, uint32_t bits) {
    return decodeInteger(type, bits);
  }
  static int64_t accumulator(Element, uint32_t bits) {
    return static_cast<int32_t>(bits);
  }
  static uint32_t encode(const WgmmaPlan &plan, int64_t value) {
    return static_cast<uint32_t>(narrow(value, plan.saturate));
  }
};

/// A dense operand, and which of its rows (or columns) have an element that
/// nobody wrote.
template <class Value>
struct Dense {
  std::vector<Value> values;
  std::vector<bool> undefined;
};

bool written(const uint8_t *state) {
  uint8_t all = kWritten;
  for (unsigned i = 0; i < 16; ++i)
    all &= state[i];
  return all & kWritten;
}

uint32_t load(const uint8_t *data, unsigned bytes) {
  uint32_t bits = 0;
  std::memcpy(&bits, data, bytes);
  return bits;
}

/// Rows [begin, end) from shared memory, stored at place(mn - begin, k).
template <class Math, typename Fn>
void gatherShared(const WgmmaProduct &product, const Block &block,
                  uint64_t descriptorBits, Major major, Element type,
                  bool negate, unsigned begin, unsigned end,
                  Dense<typename Math::Value> &out, Fn &&place) {
  unsigned bytes = bytesOf(type), per = 16 / bytes;
  auto descriptor = MatrixDescriptor::decode(descriptorBits);
  auto visit = [&](unsigned mn, unsigned k, uint32_t address) {
    const uint8_t *data = block.shared.at(address);
    bool known = written(block.shared.stateAt(address));
    for (unsigned i = 0; i < per; ++i) {
      unsigned row = mn - begin + (major == Major::K ? 0 : i);
      unsigned depth = k + (major == Major::K ? i : 0);
      typename Math::Value value =
          Math::decode(type, load(data + i * bytes, bytes));
      out.values[place(row, depth)] = negate ? -value : value;
      if (!known)
        out.undefined[row] = true;
    }
  };
  forEachChunk(descriptor, major, bytes, product.plan->k, begin, end, visit);
}

template <class Math>
void gatherRegisters(const WgmmaProduct &product, const WgmmaQuarter &quarter,
                     Dense<typename Math::Value> &out) {
  const WgmmaPlan &plan = *product.plan;
  unsigned bits = static_cast<unsigned>(bitsOf(plan.a)), per = 32 / bits;
  for (unsigned r = 0; r < 4; ++r)
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned e = 0; e < per; ++e) {
        Place p =
            placeOfA({16, 8, static_cast<int>(plan.k)}, static_cast<int>(per),
                     static_cast<int>(lane), static_cast<int>(r * per + e));
        uint32_t raw = quarter.a[r * kLanes + lane] >> (e * bits);
        typename Math::Value value = Math::decode(plan.a, raw);
        out.values[static_cast<unsigned>(p.row) * plan.k +
                   static_cast<unsigned>(p.col)] =
            product.negateA ? -value : value;
        if (quarter.undefinedA[r] >> lane & 1)
          out.undefined[static_cast<unsigned>(p.row)] = true;
      }
}

template <class Math>
Dense<typename Math::Value> denseA(const WgmmaProduct &product,
                                   const Block &block, unsigned quarter) {
  const WgmmaPlan &plan = *product.plan;
  Dense<typename Math::Value> a{
      std::vector<typename Math::Value>(kRows * plan.k),
      std::vector<bool>(kRows)};
  if (plan.registerA)
    gatherRegisters<Math>(product, product.quarters[quarter], a);
  else if (product.reachable)
    gatherShared<Math>(
        product, block, product.descriptorA, product.majorA, plan.a,
        product.negateA, quarter * kRows, (quarter + 1) * kRows, a,
        [&](unsigned row, unsigned k) { return row * plan.k + k; });
  return a;
}

template <class Math>
Dense<typename Math::Value> denseB(const WgmmaProduct &product,
                                   const Block &block) {
  const WgmmaPlan &plan = *product.plan;
  Dense<typename Math::Value> b{
      std::vector<typename Math::Value>(plan.k * plan.n),
      std::vector<bool>(plan.n)};
  if (product.reachable)
    gatherShared<Math>(
        product, block, product.descriptorB, product.majorB, plan.b,
        product.negateB, 0, plan.n, b,
        [&](unsigned column, unsigned k) { return k * plan.n + column; });
  return b;
}

/// Takes over accumulators from the products that they come from.
void resolveSources(WgmmaQuarter &quarter, unsigned index) {
  for (unsigned r = 0; r < quarter.sources.size(); ++r) {
    const WgmmaSource &source = quarter.sources[r];
    if (!source.product)
      continue;
    const WgmmaQuarter &before = source.product->quarters[index];
    std::copy_n(&before.d[source.reg * kLanes], kLanes, &quarter.d[r * kLanes]);
    quarter.undefined[r] = before.undefined[source.reg];
  }
  quarter.sources.clear();
}

/// Calls visit(register, lane, shift, row, column) for a quarter's elements.
template <typename Fn>
void forEachElement(const WgmmaPlan &plan, Fn &&visit) {
  unsigned per = plan.perRegister(), bits = 32 / per;
  for (unsigned r = 0; r < plan.registers(); ++r)
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned e = 0; e < per; ++e) {
        Place p = placeOfWarpgroupD(static_cast<int>(lane),
                                    static_cast<int>(r * per + e));
        visit(r, lane, e * bits, static_cast<unsigned>(p.row),
              static_cast<unsigned>(p.col));
      }
}

template <class Math>
void computeQuarter(WgmmaProduct &product, const Block &block, unsigned index,
                    const Dense<typename Math::Value> &b) {
  const WgmmaPlan &plan = *product.plan;
  WgmmaQuarter &quarter = product.quarters[index];
  resolveSources(quarter, index);
  auto a = denseA<Math>(product, block, index);
  std::vector<typename Math::Sum> c(kRows * plan.n);
  if (product.accumulates)
    forEachElement(plan, [&](unsigned r, unsigned lane, unsigned shift,
                             unsigned row, unsigned column) {
      uint32_t bits = quarter.d[r * kLanes + lane] >> shift;
      c[row * plan.n + column] = Math::accumulator(plan.d, bits);
    });
  else
    std::fill(quarter.undefined.begin(), quarter.undefined.end(), 0);
  multiplyAdd(kRows, static_cast<int>(plan.n), static_cast<int>(plan.k),
              a.values.data(), b.values.data(), c.data());
  std::fill(quarter.d.begin(), quarter.d.end(), 0);
  forEachElement(plan, [&](unsigned r, unsigned lane, unsigned shift,
                           unsigned row, unsigned column) {
    quarter.d[r * kLanes + lane] |= Math::encode(plan, c[row * plan.n + column])
                                    << shift;
    if (a.undefined[row] || b.undefined[column])
      quarter.undefined[r] |= 1u << lane;
  });
}

template <class Math>
void computeAs(WgmmaProduct &product, const Block &block) {
  auto b = denseB<Math>(product, block);
  for (unsigned index = 0; index < kWarpsOfGroup; ++index)
    if (product.quarters[index].issued)
      computeQuarter<Math>(product, block, index, b);
}

} // namespace

void tw::emu::compute(WgmmaProduct &product, Block &block) {
  if (product.done)
    return;
  product.done = true;
  if (isInteger(product.plan->d))
    computeAs<IntegerMath>(product, block);
  else
    computeAs<FloatMath>(product, block);
}

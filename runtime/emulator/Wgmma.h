// wgmma: matrix products that a warpgroup starts and waits for later. A product
// is computed as late as allowed, when the first of its warps waits for it;
// what it reads from shared memory belongs to the warpgroup's actor until then,
// and its accumulators are pending registers until their own warp has waited.
#pragma once

#include "runtime/emulator/Element.h"
#include "runtime/emulator/Launch.h"
#include "runtime/emulator/MatrixDescriptor.h"

#include <deque>

namespace tw::emu {

constexpr unsigned kWarpsOfGroup = 4;

/// What an opcode says.
struct WgmmaPlan {
  unsigned n = 0, k = 0;
  Element a = Element::None, b = Element::None, d = Element::None;
  bool registerA = false, saturate = false;
  /// The number of operands after B that give a sign, and a transposition.
  bool hasScales = false, hasTransposes = false;

  unsigned perRegister() const { return d == Element::F16 ? 2 : 1; }
  unsigned registers() const { return n / 2 / perRegister(); }
};

struct WgmmaProduct;

/// Where a register of an accumulator comes from: an earlier product that has
/// not been waited for, or values known at the start.
struct WgmmaSource {
  std::shared_ptr<WgmmaProduct> product;
  unsigned reg = 0;
};

/// One warp's part of a product: 16 rows of A and D.
struct WgmmaQuarter {
  bool issued = false;
  std::vector<WgmmaSource> sources; // per register; without a product, in d
  std::vector<uint32_t> d;          // [register][lane], first C, then D
  std::vector<uint32_t> undefined;  // [register], lanes
  std::vector<uint32_t> a;          // [register][lane], A in registers
  uint32_t undefinedA[4] = {};
};

struct WgmmaProduct {
  const WgmmaPlan *plan = nullptr;
  const Inst *inst = nullptr;
  uint32_t number = 0; ///< in its warpgroup, from 1
  uint64_t descriptorA = 0, descriptorB = 0;
  bool accumulates = false, negateA = false, negateB = false;
  Major majorA = Major::K, majorB = Major::K;
  bool reachable = true; ///< false after a report: nothing is read
  bool done = false;
  WgmmaQuarter quarters[kWarpsOfGroup];
};

/// Computes all four quarters, whose sources have been computed.
void compute(WgmmaProduct &product, Block &block);

/// The size of A's (or B's) elements in bytes.
unsigned bytesOf(Element type);

/// Calls visit(row or column, first k, address) for every 16 bytes that rows
/// [begin, end) of an operand occupy. For MN-major operands the 16 bytes hold
/// neighbours of the row.
template <typename Fn>
void forEachChunk(const MatrixDescriptor &descriptor, Major major,
                  unsigned bytes, unsigned k, unsigned begin, unsigned end,
                  Fn &&visit) {
  unsigned per = 16 / bytes;
  unsigned stepMn = major == Major::K ? 1 : per;
  unsigned stepK = major == Major::K ? per : 1;
  for (unsigned mn = begin; mn < end; mn += stepMn)
    for (unsigned l = 0; l < k; l += stepK)
      visit(mn, l,
            descriptor.addressOf(major, static_cast<int>(bytes),
                                 static_cast<int>(mn), static_cast<int>(l)));
}

} // namespace tw::emu

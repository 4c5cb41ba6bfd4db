// What mma.sync and wmma have in common: fragments as tables, and the products.
#pragma once

#include "runtime/emulator/Element.h"
#include "runtime/emulator/Fragment.h"
#include "runtime/emulator/Launch.h"

namespace tw::emu {

/// One operand: how its elements lie in a lane's registers, and for each
/// (lane, element) where in the dense matrix it belongs.
struct MmaFragment {
  Element type = Element::None;
  unsigned perRegister = 1, perLane = 0;
  std::vector<uint16_t> index; // [lane * perLane + element]

  unsigned registers() const { return perLane / perRegister; }
};

/// What an opcode says, once and for all.
struct MmaPlan {
  MmaShape shape;
  MmaFragment a, b, c, d;
  bool saturate = false;
  bool xorBits = false;
  /// mma.m8n8k4 of f16: four products side by side.
  bool quads = false;
};

/// "m16n8k16".
MmaShape parseShape(std::string_view text);
/// The words that name element types, in order.
std::vector<Element> elementTypes(const Match &match);

/// The plan under the key, made once: plans live as long as the process, as
/// there are no more than opcodes.
const MmaPlan *keepPlan(const std::string &key, MmaPlan (*make)(const Match &),
                        const Match &match);
/// Checks the lengths of D, A, B and C and leaves the plan in inst.aux.
Handler selectProduct(const MmaPlan *plan, Inst &inst);

template <typename Fn>
void placeFragment(MmaFragment &fragment, Element type, int elements,
                   int columns, Fn &&placeOf) {
  fragment.type = type;
  fragment.perRegister =
      bitsOf(type) >= 32 ? 1 : 32 / static_cast<unsigned>(bitsOf(type));
  fragment.perLane = static_cast<unsigned>(elements);
  for (int lane = 0; lane < static_cast<int>(kLanes); ++lane)
    for (int i = 0; i < elements; ++i) {
      Place p = placeOf(lane, i);
      fragment.index.push_back(static_cast<uint16_t>(p.row * columns + p.col));
    }
}

inline const Operand &element(const Operand &o, unsigned i) {
  return o.kind == Operand::Vector ? o.elements[i] : o;
}

/// Calls take(position in the matrix, bits of the element).
template <typename Fn>
void gather(Warp &warp, const Operand &o, const MmaFragment &f, Fn &&take) {
  unsigned bits = static_cast<unsigned>(bitsOf(f.type));
  for (unsigned r = 0; r < f.registers(); ++r) {
    const uint64_t *row = warp.row(element(o, r));
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned e = 0; e < f.perRegister; ++e)
        take(f.index[lane * f.perLane + r * f.perRegister + e],
             row[lane] >> (e * bits));
  }
}

/// Calls give(position in the matrix), which returns the element's bits.
template <typename Fn>
void scatter(Warp &warp, const Operand &o, const MmaFragment &f, Fn &&give) {
  unsigned bits = static_cast<unsigned>(bitsOf(f.type));
  for (unsigned r = 0; r < f.registers(); ++r) {
    uint64_t row[kLanes] = {};
    for (unsigned lane = 0; lane < kLanes; ++lane)
      for (unsigned e = 0; e < f.perRegister; ++e)
        row[lane] |= give(f.index[lane * f.perLane + r * f.perRegister + e])
                     << (e * bits);
    warp.put(element(o, r), row);
  }
}

} // namespace tw::emu

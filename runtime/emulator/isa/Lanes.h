// Handlers from functions of one lane: the loops run over all 32 lanes, so that
// the compiler can vectorise them, and the results are written under the mask.
#pragma once

#include "runtime/emulator/Launch.h"

#include <bit>
#include <cstring>
#include <type_traits>

namespace tw::emu {

/// A lane's 64 bits as T, and back.
template <class T>
inline T fromRow(uint64_t bits) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<float>(uint32_t(bits));
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<double>(bits);
  else
    return T(bits);
}

template <class T>
inline uint64_t toRow(T value) {
  if constexpr (std::is_same_v<T, float>)
    return std::bit_cast<uint32_t>(value);
  else if constexpr (std::is_same_v<T, double>)
    return std::bit_cast<uint64_t>(value);
  else
    return std::make_unsigned_t<T>(value);
}

/// Lanes 0 to 31 with `value`.
inline void fill(uint64_t *row, uint64_t value) {
  for (unsigned l = 0; l < kLanes; ++l)
    row[l] = value;
}

/// op 0 = f(op 1), and so on. R is what f returns.
template <class T, class F>
inline Step map1(Warp &w, const Inst &inst, F &&f) {
  const uint64_t *a = w.row(inst.op(1));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = toRow(f(fromRow<T>(a[l])));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), w.undefOf(inst.op(1)));
  return Step::Next;
}

template <class T, class F>
inline Step map2(Warp &w, const Inst &inst, F &&f) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = toRow(f(fromRow<T>(a[l]), fromRow<T>(b[l])));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0), w.undefOf(inst.op(1)) | w.undefOf(inst.op(2)));
  return Step::Next;
}

template <class T, class F>
inline Step map3(Warp &w, const Inst &inst, F &&f) {
  const uint64_t *a = w.row(inst.op(1)), *b = w.row(inst.op(2)),
                 *c = w.row(inst.op(3));
  uint64_t out[kLanes];
  for (unsigned l = 0; l < kLanes; ++l)
    out[l] = toRow(f(fromRow<T>(a[l]), fromRow<T>(b[l]), fromRow<T>(c[l])));
  w.put(inst.op(0), out);
  w.define(inst, inst.op(0),
           w.undefOf(inst.op(1)) | w.undefOf(inst.op(2)) |
               w.undefOf(inst.op(3)));
  return Step::Next;
}

/// The union of the undefined lanes of operands [first, last).
inline uint32_t undefOf(const Warp &w, const Inst &inst, unsigned first,
                        unsigned last) {
  uint32_t bad = 0;
  for (unsigned n = first; n < last; ++n)
    bad |= w.undefOf(inst.op(n));
  return bad;
}

} // namespace tw::emu

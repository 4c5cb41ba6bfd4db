// Chooses the instance of a lane function for a type.
#pragma once

#include "runtime/emulator/isa/Lanes.h"

namespace tw::emu {

template <class T, class Op>
Step unary(Warp &w, const Inst &inst) {
  return map1<T>(w, inst, Op{});
}
template <class T, class Op>
Step binary(Warp &w, const Inst &inst) {
  return map2<T>(w, inst, Op{});
}
template <class T, class Op>
Step ternary(Warp &w, const Inst &inst) {
  return map3<T>(w, inst, Op{});
}

/// The handler of the integer type: Map<T>::run.
template <template <class, class> class Map, class Op>
Handler pickInteger(Type type) {
  switch (type) {
  case Type::B16:
  case Type::U16:
    return Map<uint16_t, Op>::run;
  case Type::S16:
    return Map<int16_t, Op>::run;
  case Type::B32:
  case Type::U32:
    return Map<uint32_t, Op>::run;
  case Type::S32:
    return Map<int32_t, Op>::run;
  case Type::S64:
    return Map<int64_t, Op>::run;
  default:
    return Map<uint64_t, Op>::run;
  }
}

template <class T, class Op>
struct Unary {
  static constexpr Handler run = unary<T, Op>;
};
template <class T, class Op>
struct Binary {
  static constexpr Handler run = binary<T, Op>;
};
template <class T, class Op>
struct Ternary {
  static constexpr Handler run = ternary<T, Op>;
};

/// Selectors for a table's rows: by the first type among the modifiers.
template <class Op>
Handler integer1(const Match &match, Inst &) {
  return pickInteger<Unary, Op>(match.type());
}
template <class Op>
Handler integer2(const Match &match, Inst &) {
  return pickInteger<Binary, Op>(match.type());
}
template <class Op>
Handler integer3(const Match &match, Inst &) {
  return pickInteger<Ternary, Op>(match.type());
}

/// One handler for every form of the row.
template <Handler run>
Handler always(const Match &, Inst &) {
  return run;
}

/// Two's complement arithmetic without undefined behaviour.
template <class T>
using Unsigned = std::make_unsigned_t<T>;
template <class T>
T wrapAdd(T a, T b) {
  return T(uint64_t(Unsigned<T>(a)) + uint64_t(Unsigned<T>(b)));
}
template <class T>
T wrapSub(T a, T b) {
  return T(uint64_t(Unsigned<T>(a)) - uint64_t(Unsigned<T>(b)));
}
template <class T>
T wrapMul(T a, T b) {
  return T(uint64_t(Unsigned<T>(a)) * uint64_t(Unsigned<T>(b)));
}

} // namespace tw::emu

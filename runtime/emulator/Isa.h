// The instruction table. A form is one row: the opcode with its modifiers in
// the notation of the PTX manual, its operands, and what selects the function
// that executes it. A family of instructions is one file in isa/ that registers
// its rows; nothing else knows which instructions exist.
#pragma once

#include "runtime/emulator/Types.h"

#include <span>
#include <vector>

namespace tw::emu {

struct Inst;
class Warp;

/// What executing an instruction did to the lanes that ran it.
enum class Step : uint8_t {
  Next, ///< they go on with the next instruction
  Jump, ///< the handler has moved them (branches, calls, exits)
  Wait, ///< not done: they run it again when something has happened
};

/// Executes one instruction for the lanes of warp.mask, which is never empty.
using Handler = Step (*)(Warp &warp, const Inst &inst);

/// What the counters call an instruction.
enum class Class : uint8_t {
  Integer,
  Float,
  Double,
  Half,
  Special,
  Convert,
  Logic,
  Compare,
  Move,
  Load,
  Store,
  Atomic,
  Warp,
  Barrier,
  Control,
  Async,
  Matrix,
  Other,
};
constexpr unsigned kClasses = unsigned(Class::Other) + 1;
const char *className(Class cls);

/// A concrete opcode taken apart by the form that it matches.
struct Match {
  /// Modifiers in order, without dots; the first word is not among them.
  std::vector<std::string_view> mods;
  /// Those of the modifiers that are types, in order.
  std::vector<Type> types;

  bool has(std::string_view mod) const;
  /// The one of the candidates that is there, or -1.
  int which(std::initializer_list<std::string_view> candidates) const;
  /// Type::None where there are fewer.
  Type type(unsigned n = 0) const {
    return n < types.size() ? types[n] : Type::None;
  }
};

/// One row of the table.
///
/// `opcode`: ".x" must be there, "<.x|.y>" is one of them, "{.x|.y}" is one of
/// them or nothing. "add{.sat}.s32", "mul<.lo|.hi|.wide><.u32|.s32>".
///
/// `operands`, separated by commas; a trailing "?" makes the rest optional:
///   t, u, v      of the first, second, third type among the modifiers
///   w            twice as wide as t (mul.wide)
///   b32, f64, …  of that type
///   =…           written          +…  read and written
///   p, =p, =p|p  predicate; sources may be negated
///   =t|p         a register and, after |, a predicate or nothing
///   t~           the register may be wider than the type (ld, st, cvt)
///   t*           a vector {a, b, …} of t, or one t
///   [t]          an address; what lies there is t
///   x            as t; or a vector of registers of any width
///   r            any register or immediate, whatever its width (32 bits if an
///                immediate)
///   label, sym, list   a branch target, a name, a call's (a, b)
struct Form {
  const char *opcode;
  const char *operands;
  Class cls;
  /// Chooses the handler, and may leave facts in `inst.aux`. It may throw
  /// PtxError. Null (for a form that is told apart later) is not allowed.
  Handler (*select)(const Match &match, Inst &inst);
};

/// Adds rows; call it from a static initialiser:
///   static const Registration kForms({ {"add…", …}, … });
struct Registration {
  explicit Registration(std::vector<Form> forms);
};

/// All rows whose opcode begins with this word.
std::span<const Form *const> formsOf(std::string_view word);
/// Every row, in the order of registration.
std::vector<const Form *> allForms();
/// Remembers that some text has used the form; the tests ask which are unused.
void noteUsed(const Form &form);
bool wasUsed(const Form &form);

/// Whether the opcode, such as "add.rn.f32", has this form.
bool matches(const Form &form, std::string_view opcode, Match &match);

} // namespace tw::emu

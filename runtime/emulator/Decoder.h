// One function's syntax becomes code. Decode.cpp goes through instructions,
// DecodeNames.cpp and DecodeOperands.cpp through what they name.
#pragma once

#include "runtime/emulator/Syntax.h"
#include "runtime/emulator/Warp.h"

#include <unordered_map>

namespace tw::emu {

/// What one operand of a form must be.
struct Spec {
  bool optional = false, relaxed = false, vector = false, address = false;
  bool paired = false; ///< "=p|p", "=t|p"
  bool any = false;
  std::string_view word; ///< "t", "b32", "p", "label", …
};

/// Turns one function's syntax into code.
class Decoder {
public:
  Decoder(Program &program, syntax::Function &from, Function &out)
      : program(program), from(from), out(out) {}
  void run();

private:
  void instruction(const syntax::Instruction &written);
  void addTimers();
  void placeLabels();
  bool fits(const syntax::Instruction &written, const Form &form,
            const Match &match, Inst &inst);
  std::vector<Spec> specs(const char *text);
  void operand(const syntax::Operand &written, const Spec &spec, Type type,
               std::vector<Operand> &made);
  Operand value(const syntax::Operand &written, Type type, bool relaxed);
  Operand name(const syntax::Operand &written, Type type, bool relaxed);
  Operand vector(const syntax::Operand &written, Operand::Kind kind, Type type,
                 bool relaxed);
  Operand address(const syntax::Operand &written);
  Operand predicate(const syntax::Operand &written);
  Operand label(const syntax::Operand &written);
  Operand callee(const syntax::Operand &written);
  Operand immediate(const syntax::Operand &written, Type type);
  Operand constant(uint64_t value, unsigned bits, Space space);
  Operand variable(const syntax::Symbol *symbol,
                   const syntax::Operand &written);
  Operand sharedAddress(const std::string &name, uint64_t offset);
  Operand special(const syntax::Operand &written);
  Operand reg(syntax::Symbol &symbol, std::string_view name);
  syntax::Symbol *find(std::string_view name);
  syntax::Symbol *findInRanges(syntax::Scope &scope, std::string_view name);
  uint32_t newRow(std::string name, unsigned count = 1);
  uint32_t labelIndex(const syntax::Operand &at, std::string_view name);
  const Operand *keep(std::vector<Operand> operands);
  [[noreturn]] void fail(const syntax::Operand &at, const std::string &text) {
    throw PtxError(at.line, at.column, text);
  }

  Program &program;
  syntax::Function &from;
  Function &out;
  uint32_t scope = 0;
  const syntax::Instruction *now = nullptr;
  std::unordered_map<uint64_t, uint32_t> constants;
  std::unordered_map<uint32_t, uint32_t> specials;
  std::map<std::pair<std::string, uint64_t>, uint32_t> sharedRows;
  /// Rows of timers that the next instruction reads.
  std::vector<std::pair<uint32_t, Special>> timers;
  /// Where each written instruction begins in the code.
  std::vector<uint32_t> places;
};

inline std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

} // namespace tw::emu

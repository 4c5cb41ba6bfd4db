// A module as it is written: names are not resolved yet.
#pragma once

#include "runtime/emulator/Lexer.h"
#include "runtime/emulator/Memory.h"
#include "runtime/emulator/Program.h"

#include <map>

namespace tw::emu::syntax {

struct Operand {
  enum Kind : uint8_t { Name, Number, Float32, Float64, Vector, Address, List };
  Kind kind = Name;
  bool negate = false;
  std::string_view name; ///< Name; Address: the base, or empty
  uint64_t value = 0;    ///< numbers; Address and Name: what is added
  /// Of Vector and List; Address: further coordinates, as of tensors.
  std::vector<Operand> elements;
  /// After "|".
  std::vector<Operand> second;
  uint32_t line = 0, column = 0;
};

struct Instruction {
  std::string_view opcode;
  std::string_view guard;
  bool guardNot = false;
  std::vector<Operand> operands;
  uint32_t scope = 0;
  uint32_t line = 0, column = 0;
};

/// What a name stands for.
struct Symbol {
  enum Kind : uint8_t {
    Register,
    KernelParam, ///< of an entry; lies in the launch's parameters
    Param,       ///< of a function or a call; lies in the frame
    Local,
    Module, ///< a module's variable, under the name in `text`
    Label,
    Targets,
    Prototype,
  };
  Kind kind = Register;
  Type type = Type::None;
  uint64_t offset = 0, bytes = 0; ///< Param, Local
  uint32_t index = 0;             ///< Label: of the next instruction
  std::string text;
  std::vector<std::string_view> targets;
  uint32_t row = 0; ///< Register, once used
};

struct Range {
  std::string_view prefix;
  uint64_t count;
  Type type;
};

/// Names declared between one pair of braces.
struct Scope {
  int32_t parent = -1;
  std::map<std::string, Symbol, std::less<>> symbols;
  std::vector<Range> ranges;
};

struct Function {
  /// What is known already: name, parameters, directives, sizes.
  std::unique_ptr<tw::emu::Function> made;
  bool hasBody = false;
  uint32_t line = 0, column = 0;
  std::vector<Scope> scopes;
  std::vector<Instruction> instructions;
};

struct Module {
  std::map<std::string, Variable, std::less<>> variables;
  std::vector<Function> functions;
  std::string version, target;
  unsigned smVersion = 0;
};

} // namespace tw::emu::syntax

namespace tw::emu {

/// Throws PtxError.
syntax::Module parse(std::string_view text);

/// Resolves names, chooses handlers, finds where lanes meet. Throws PtxError.
/// Module variables are allocated in `memory`, which must outlive the program.
std::unique_ptr<Program> decode(std::string name, std::string text,
                                GlobalMemory &memory);

/// Gives shared variables their addresses and fills the rows that hold them.
void placeShared(Program &program);

/// Fills Inst::reconverge of every branch.
void findReconvergence(Function &function);

} // namespace tw::emu

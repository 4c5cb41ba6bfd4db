// A module made ready to run: functions as arrays of compact instructions.
#pragma once

#include "runtime/emulator/Isa.h"

#include "runtime/emulator/Memory.h"

#include <deque>
#include <map>
#include <memory>

namespace tw::emu {

struct Function;

struct Operand {
  enum Kind : uint8_t {
    None,
    Reg,       ///< row `row`; immediates are rows too, filled by a new frame
    Pred,      ///< predicate `row`
    Address,   ///< [row + offset]
    Vector,    ///< `count` operands from `elements`
    Label,     ///< `row` is an instruction's index
    Labels,    ///< of an indirect branch: elements are Label
    Callee,    ///< `function`
    List,      ///< a call's arguments: as Vector
    ParamSlot, ///< a function's parameter in memory: `offset`, `count` bytes
  };
  Kind kind = None;
  bool negate = false;
  /// Source of an immediate, or of a name's address.
  bool constant = false;
  uint8_t bits = 0;
  /// The state space that a name's address lies in; Generic otherwise.
  Space space = Space::Generic;
  uint32_t row = 0;
  uint32_t count = 0;
  int64_t offset = 0;
  /// Of Vector, List and Labels; of an Address: further coordinates.
  const Operand *elements = nullptr;
  const Function *function = nullptr;
};

enum class Flow : uint8_t { Next, Branch, Return };

struct Inst {
  Handler run = nullptr;
  const Operand *ops = nullptr;
  const Form *form = nullptr;
  /// Where lanes that part here meet again, or kNowhere.
  uint32_t reconverge = 0;
  uint32_t line = 0;
  /// Predicate of "@p", or -1.
  int32_t guard = -1;
  bool guardNot = false;
  uint8_t count = 0; ///< of operands
  /// What select says about where control goes.
  Flow flow = Flow::Next;
  /// Of an instruction that accesses memory, what select says: bytes at once.
  uint8_t accessBytes = 0;
  Space accessSpace = Space::Generic;
  /// Whether it may hand on to other clusters what its thread has seen.
  bool publishes = false;
  /// Floating-point operations of a lane, for the counters.
  uint8_t floatOps = 0;
  Class cls = Class::Other;
  Type type = Type::None; ///< first of the opcode's types
  /// Facts that the form's select left for its handler.
  uint64_t aux = 0, aux2 = 0;
  /// The opcode as written.
  std::string_view opcode;

  const Operand &op(unsigned n) const { return ops[n]; }
};

constexpr uint32_t kNowhere = ~0u;

/// A value that a row holds from a frame's start.
struct ConstantRow {
  uint32_t row;
  uint64_t value;
};

/// Special registers. Those with axes come first, four values each.
enum class Special : uint32_t {
  Tid,
  TidZ = Tid + 2,
  Ntid = 4,
  NtidZ = Ntid + 2,
  Ctaid = 8,
  CtaidZ = Ctaid + 2,
  Nctaid = 12,
  NctaidZ = Nctaid + 2,
  ClusterId = 16,
  ClusterIdZ = ClusterId + 2,
  NclusterId = 20,
  NclusterIdZ = NclusterId + 2,
  ClusterCtaid = 24,
  ClusterCtaidZ = ClusterCtaid + 2,
  ClusterNctaid = 28,
  ClusterNctaidZ = ClusterNctaid + 2,
  LaneId = 32,
  WarpId,
  NwarpId,
  SmId,
  NsmId,
  GridId,
  ClusterCtaRank,
  ClusterNctaRank,
  IsExplicitCluster,
  LaneMaskEq,
  LaneMaskLt,
  LaneMaskLe,
  LaneMaskGt,
  LaneMaskGe,
  DynamicSharedSize,
  TotalSharedSize,
  Clock,
  ClockHi,
  Clock64,
  GlobalTimer,
};

/// Whether it changes while a thread runs, so that a row filled once will not
/// do.
inline bool isTimer(Special special) { return special >= Special::Clock; }

/// %tid.x and so on; the warp fills the row when a frame opens.
struct SpecialRow {
  uint32_t row;
  uint32_t special; ///< index into Special
};

struct Parameter {
  std::string name;
  Type type = Type::B8;
  uint64_t bytes = 0, align = 1, offset = 0;
  bool isArray = false;
  bool isRegister = false;
  uint32_t row = 0; ///< of a register parameter
};

/// Performance directives; 0 where absent.
struct Limits {
  uint32_t maxThreads[3] = {}, requiredThreads[3] = {}, cluster[3] = {};
  uint32_t maxRegisters = 0, minBlocks = 0;
  bool explicitCluster = false;
};

struct Function {
  std::string name;
  bool isEntry = false;
  uint32_t line = 0;
  std::vector<Parameter> params, results;
  uint64_t paramBytes = 0; ///< of params, results and a call's .param variables
  uint64_t localBytes = 0;
  /// Static shared memory of an entry and all that it calls, up to where the
  /// dynamic one begins.
  uint64_t sharedBytes = 0;
  Limits limits;
  uint32_t rows = 1, preds = 1; ///< row 0 and predicate 0 are sinks
  std::vector<ConstantRow> constants;
  std::vector<SpecialRow> specials;
  /// Rows that hold the address of a local variable: offset in the frame.
  std::vector<ConstantRow> localAddresses;
  /// Rows that hold the address of a shared variable, plus an offset. Which
  /// address that is follows from the entries that use the variable.
  struct SharedRow {
    uint32_t row;
    std::string variable;
    uint64_t offset;
  };
  std::vector<SharedRow> sharedAddresses;
  /// Predicates that are always true.
  std::vector<uint32_t> truePreds;
  std::vector<Inst> code;
  std::deque<std::vector<Operand>> operands;
  /// Names of the rows, for messages.
  std::vector<std::string> rowNames, predNames;
  /// Bytes of the narrowest access to shared and to global memory: race
  /// detection needs no finer grain.
  uint8_t grain = 4;
  /// No access of one cluster is ordered with one of another: nothing of the
  /// module publishes.
  bool isUnordered = true;
};

/// A module's variable.
struct Variable {
  std::string name;
  Space space = Space::Global;
  uint64_t bytes = 0, align = 1;
  /// Empty: undefined (shared) or zero.
  std::vector<uint8_t> init;
  /// Addresses of other variables inside the initialiser.
  struct Fixup {
    uint64_t at;
    unsigned bytes;
    std::string name;
    int64_t offset;
    bool generic;
    unsigned shift;
  };
  std::vector<Fixup> fixups;
  bool isDynamicShared = false;
  uint64_t address = 0; ///< given when the module is loaded
};

struct Program {
  std::string name;
  std::string text;
  std::string version, target;
  unsigned smVersion = 0;
  std::map<std::string, Variable, std::less<>> variables;
  std::map<std::string, std::unique_ptr<Function>, std::less<>> functions;

  explicit Program(GlobalMemory &memory) : memory(memory) {}
  ~Program();
  Program(const Program &) = delete;
  GlobalMemory &memory;
};

} // namespace tw::emu

// Which parts of a kernel depend on each other through memory.
#pragma once

#include "passes/Passes.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"

namespace tw {

/// Wraps what has effects on the kernel's own level, outside of foralls, into
/// foralls of one trip, marked with `kSerialAttr`. False, and nothing changed,
/// where a later part needs a value (not memory) of it.
bool wrapSerialParts(func::FuncOp kernel);

/// On a forall of one trip that was not one.
constexpr StringLiteral kSerialAttr = "tile.serial";

/// Who reads and writes the memory that foralls of a kernel may share: its
/// arguments and what its own level allocates.
class PartAccesses {
public:
  explicit PartAccesses(func::FuncOp kernel);

  /// False where an address is taken as a number outside of foralls: it may be
  /// used in any.
  bool areKnown() const { return known; }
  /// Whether `later` must not begin before `earlier` has ended: it reads what
  /// that writes, or writes what it reads or, if `ordered`, writes.
  bool depend(scf::ForallOp earlier, scf::ForallOp later, bool ordered) const;
  /// Temporaries that more than one forall uses.
  SmallVector<Operation *> sharedTemporaries() const;

private:
  struct Access {
    bool reads = false, writes = false;
  };
  using Users = llvm::MapVector<Operation *, Access>;

  void collect(Value memory);
  void note(Operation *user, Value memory, Users &users);

  func::FuncOp kernel;
  llvm::MapVector<Value, Users> accesses;
  bool known = true;
};

} // namespace tw

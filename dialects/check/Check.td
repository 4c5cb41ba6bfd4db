// The check dialect: assert numbers inside the IR. For tests only.
#ifndef TW_CHECK_TD
#define TW_CHECK_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Check_Dialect : Dialect {
  let name = "check";
  let cppNamespace = "::tw::check";
  let summary = "Assertions on tensors' numbers, for tests.";
}

class Check_Op<string mnemonic, list<Trait> traits = []> : Op<Check_Dialect, mnemonic, traits>;

#endif

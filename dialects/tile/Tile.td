// The tile dialect: how a kernel is split. Only what linalg, scf, vector, gpu and nvvm cannot say.
#ifndef TW_TILE_TD
#define TW_TILE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::tw::tile";
  let summary = "How a kernel is split: target-neutral tile programs.";
}

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

#endif

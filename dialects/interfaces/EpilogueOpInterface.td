// Heavy tile ops that finish each element before storing it.
#ifndef TW_EPILOGUE_OP_INTERFACE
#define TW_EPILOGUE_OP_INTERFACE

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"

def EpilogueOpInterface : OpInterface<"EpilogueOpInterface", [DestinationStyleOpInterface]> {
  let cppNamespace = "::tw";
  let description = [{
    The op accumulates one scalar per result element; its region `^bb0(%acc, %extra...)` turns it into the stored element and
    ends in `tile.yield`. `extras` are read at the places that `extra_maps` give: maps from the result's dims, each result
    a dim or the constant 0. So `(m, n) -> (n)` is a bias per column, `(m, n) -> (m, n)` a residual, `(m, n) -> ()` a scalar.
    Region bodies are elementwise-mappable ops and constants: lowering clones them on vectors.
    `tw::tile::fuseIntoEpilogue` (dialects/tile/Epilogue.h) appends a following elementwise linalg.generic.
  }];
  let methods = [
    InterfaceMethod<"", "::mlir::Region &", "getEpilogue", (ins)>,
    InterfaceMethod<"", "::mlir::OperandRange", "getExtras", (ins)>,
    InterfaceMethod<"", "::mlir::MutableOperandRange", "getExtrasMutable", (ins)>,
    InterfaceMethod<"", "::mlir::ArrayAttr", "getExtraMaps", (ins)>,
    InterfaceMethod<"", "void", "setExtraMapsAttr", (ins "::mlir::ArrayAttr":$maps)>,
    InterfaceMethod<[{
      Builds what the op accumulates for the result element at `at`, on buffers: scalar loops in order, without the epilogue.
      Fails, having built nothing, where the op computes many elements at once only.
    }], "::llvm::FailureOr<::mlir::Value>", "buildSum", (ins "::mlir::OpBuilder &":$b, "::mlir::ValueRange":$at)>,
    InterfaceMethod<[{
      As buildSum for `lanes` neighbours along the result's last dim, from `at` on, as one vector. All of
      getNeighbourOperands are read in whole vectors, which are aligned.
    }], "::llvm::FailureOr<::mlir::Value>", "buildSums",
        (ins "::mlir::OpBuilder &":$b, "::mlir::ValueRange":$at, "int64_t":$lanes), "", [{ return ::mlir::failure(); }]>,
    InterfaceMethod<[{
      The operands whose elements along their last dim belong to the result's elements along its last dim; none where
      neighbours cannot be computed at once.
    }], "::llvm::SmallVector<::mlir::Value>", "getNeighbourOperands", (ins), "", [{ return {}; }]>,
    InterfaceMethod<"The type that is summed in: the region's first argument.", "::mlir::Type", "getAccumulatorType", (ins), [{
      return $_op.getEpilogue().getArgument(0).getType();
    }]>
  ];
}

#endif

// Asked by sink-transposes.
#ifndef TW_TRANSPOSE_OP_INTERFACE
#define TW_TRANSPOSE_OP_INTERFACE

include "mlir/IR/OpBase.td"

def TransposeOpInterface : OpInterface<"TransposeOpInterface"> {
  let cppNamespace = "::tw";
  let description = [{
    An op that can be computed in another order of its dims: op(transpose(x, perm)) = transpose(op'(x), perm).
  }];
  let methods = [
    InterfaceMethod<"The operands that would have to come transposed.", "::llvm::SmallVector<::mlir::Value>",
                    "getTransposableOperands", (ins)>,
    InterfaceMethod<[{
      Builds op' at the op, on its transposable operands before `perm` (see nn::undoTranspose), and returns its results. Fails,
      having built nothing, where that cannot be done.
    }], "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>>", "sinkTranspose",
    (ins "::mlir::OpBuilder &":$b, "::llvm::ArrayRef<int64_t>":$perm)>
  ];
}

#endif

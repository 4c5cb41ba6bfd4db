// Asked by expand-ops.
#ifndef TW_EXPAND_OP_INTERFACE
#define TW_EXPAND_OP_INTERFACE

include "mlir/IR/OpBase.td"

def ExpandOpInterface : OpInterface<"ExpandOpInterface"> {
  let cppNamespace = "::tw";
  let description = "An op that other nn ops can be written for: its meaning, and what it becomes where it has no kernel.";
  let methods = [
    InterfaceMethod<"Whether there is a kernel for it with these operands, on GPUs or on CPUs.", "bool", "hasKernel",
                    (ins "bool":$gpu)>,
    InterfaceMethod<[{
      Builds, at the op, the nn ops that it stands for and returns what replaces its results.
    }], "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>>", "expand", (ins "::mlir::RewriterBase &":$rewriter)>
  ];
}

#endif

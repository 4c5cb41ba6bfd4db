// Asked by pack-weights.
#ifndef TW_PACK_OP_INTERFACE
#define TW_PACK_OP_INTERFACE

include "mlir/IR/OpBase.td"

def PackOpInterface : OpInterface<"PackOpInterface"> {
  let cppNamespace = "::tw";
  let description = [{
    An op whose weights are read faster in another order than ONNX's. The new order is made with ordinary `nn` ops on the
    weights, which are constants and so are computed while compiling.
  }];
  let methods = [InterfaceMethod<
      [{
      Builds, at the op, its packed form and returns the values that replace its results. Fails, having built nothing, where
      there is nothing to gain (the weights are not constants, for one).
    }],
      "::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>>", "pack",
      (ins "::mlir::RewriterBase &":$rewriter,
          "const ::tw::PackTarget &":$target)>];
}

#endif

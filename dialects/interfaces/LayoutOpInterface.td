// An op on [N, C, spatial...] that computes faster on [N, spatial..., C].
#ifndef TW_LAYOUT_OP_INTERFACE
#define TW_LAYOUT_OP_INTERFACE

include "mlir/IR/OpBase.td"

def LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::tw";
  let description = [{
    Vector lanes are channels: with channels last, neighbouring lanes are neighbours in memory at every position of a
    window.
  }];
  let methods = [
    InterfaceMethod<[{
      Replaces the op by a channels-last form between two transposes, which later passes cancel against each other. Fails,
      with nothing changed, where the op has no such form (rank, element type, windows known only at run time). `gpu`: the
      kernels are for GPUs, which compute on images of f16, bf16 and bytes as well.
    }], "::llvm::LogicalResult", "makeChannelsLast", (ins "::mlir::RewriterBase &":$rewriter, "bool":$gpu)>
  ];
}

#endif

// Asked by form-kernels.
#ifndef TW_FUSION_OP_INTERFACE
#define TW_FUSION_OP_INTERFACE

include "mlir/IR/OpBase.td"

def FusionOpInterface : OpInterface<"FusionOpInterface"> {
  let cppNamespace = "::tw";
  let description = "Says how an op may share a kernel with its neighbours.";
  let methods = [InterfaceMethod<"", "::tw::FusionKind", "getFusionKind", (ins)>];
}

#endif

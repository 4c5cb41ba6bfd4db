// Asked by fold-channel-affine.
#ifndef TW_CHANNEL_AFFINE_OP_INTERFACE
#define TW_CHANNEL_AFFINE_OP_INTERFACE

include "mlir/IR/OpBase.td"

def ChannelAffineOpInterface : OpInterface<"ChannelAffineOpInterface"> {
  let cppNamespace = "::tw";
  let description = [{
    An op that is linear in a constant weight and may add a bias per output channel (dim 1 of its result): a factor per channel
    can go into the weight, a summand into the bias.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds, at the op, the same with each output channel times `factors` and plus `summands` (vectors with an element per
      channel; either may be null). Fails, having built nothing, where the weight is no constant.
    }], "::llvm::FailureOr<::mlir::Value>", "foldChannelAffine",
    (ins "::mlir::OpBuilder &":$b, "::mlir::Value":$factors, "::mlir::Value":$summands)>
  ];
}

#endif

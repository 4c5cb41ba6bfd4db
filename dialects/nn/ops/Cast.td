#ifndef TW_NN_CAST
#define TW_NN_CAST

include "dialects/nn/ops/Elementwise.td"

def NN_CastOp : NN_Elementwise<"cast", "Cast,CastLike", (ins AnyRankedTensor:$input, TypeAttr:$to,
      DefaultValuedAttr<I64Attr, "1">:$saturate, DefaultValuedAttr<StrAttr, "\"up\"">:$round_mode),
    "return castScalar(b, loc, args[0], element, op.getTo(), {op.getSaturate() != 0, op.getRoundMode()});", "op.getTo()"> {
  let summary = "result = input converted to type `to`, element by element";
  let description = [{
    ONNX Cast, and CastLike, whose second input's type is `to`. Floats become integers rounding towards zero, integers wrap;
    floats of 8 bits saturate or, with `saturate = 0`, overflow to infinity or NaN; `round_mode` is for f8E8M0FNU.
    `%y = nn.cast %x {to = i64} : (tensor<4xf32>) -> tensor<4xi64>`
  }];
  let hasVerifier = 1;
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif

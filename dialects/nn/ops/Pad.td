#ifndef TW_NN_PAD
#define TW_NN_PAD

include "dialects/nn/NN.td"

def NN_PadOp : NN_Op<"pad", [AttrSizedOperandSegments]> {
  let summary = "grows or shrinks dims at both ends";
  let description = [{
    `pads` holds what is added before each of `axes`, then what is added after; negative values take away. Modes: `constant`
    (with `constant_value`, 0 where absent), `reflect`, `edge`, `wrap`. All operands may be known at run time only.
    `%y = nn.pad %x, %pads {mode = "edge"} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>`
  }];
  let onnx = "Pad";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$data, AnyTensor:$pads, Optional<AnyTensor>:$constant_value, Optional<AnyTensor>:$axes,
                       DefaultValuedAttr<StrAttr, "\"constant\"">:$mode);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    /// Before opset 11 the padding was attribute `value`, in opset 1 `pads` was called `paddings`.
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif

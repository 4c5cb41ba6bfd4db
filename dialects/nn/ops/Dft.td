#ifndef TW_NN_DFT
#define TW_NN_DFT

include "dialects/nn/ops/Elementwise.td"

def NN_DftOp : NN_Op<"dft", [AttrSizedOperandSegments]> {
  let summary = "discrete Fourier transform along an axis";
  let description = [{
    ONNX DFT: the last dim holds a number's real part, and its imaginary part if it has size 2. `dft_length` elements count,
    cut off or filled up with zeros; `onesided` gives the first half of a real signal's transform, and with `inverse` takes it.
    `%y = nn.dft %x {operandSegmentSizes = array<i32: 1, 0, 0>} : (tensor<1x8x1xf32>) -> tensor<1x8x2xf32>`
  }];
  let onnx = "DFT";
  let arguments = (ins NN_Floats:$input, Optional<AnyRankedTensor>:$dft_length, Optional<AnyRankedTensor>:$axis,
                       DefaultValuedAttr<I64Attr, "0">:$inverse, DefaultValuedAttr<I64Attr, "0">:$onesided);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

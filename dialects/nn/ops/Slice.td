#ifndef TW_NN_SLICE
#define TW_NN_SLICE

include "dialects/nn/NN.td"

def NN_SliceOp : NN_Op<"slice", [AttrSizedOperandSegments]> {
  let summary = "every `steps`-th element from `starts` to `ends` along `axes`";
  let description = [{
    Python's slices: negative positions count from the end, then positions are clamped. All operands after the first may be
    known at run time only.
    `%y = nn.slice %x, %starts, %ends : (tensor<5xf32>, tensor<1xi64>, tensor<1xi64>) -> tensor<2xf32>`
  }];
  let onnx = "Slice";
  let fusion = "Strided";
  let arguments = (ins AnyTensor:$data, AnyTensor:$starts, AnyTensor:$ends,
                       Optional<AnyTensor>:$axes, Optional<AnyTensor>:$steps);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

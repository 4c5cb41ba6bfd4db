#ifndef TW_NN_SPLIT
#define TW_NN_SPLIT

include "dialects/nn/NN.td"

def NN_SplitOp : NN_Op<"split"> {
  let summary = "parts of a tensor along `axis`";
  let description = [{
    Sizes are in `split`, or equal with the last one smaller.
    `%a, %b = nn.split %x {axis = 0 : i64} : (tensor<5x3xf32>) -> (tensor<3x3xf32>, tensor<2x3xf32>)`
  }];
  let onnx = "Split";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, Optional<AnyTensor>:$split,
                       DefaultValuedAttr<I64Attr, "0">:$axis, OptionalAttr<I64Attr>:$num_outputs);
  let results = (outs Variadic<AnyTensor>:$outputs);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

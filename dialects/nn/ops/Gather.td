#ifndef TW_NN_GATHER
#define TW_NN_GATHER

include "dialects/nn/NN.td"

def NN_GatherOp : NN_Op<"gather"> {
  let summary = "slices of `data` along `axis`, chosen by `indices`";
  let description = [{
    Negative indices count from the end. What is outside after that reads the nearest slice.
    `%y = nn.gather %x, %i {axis = 1 : i64} : (tensor<2x9xf32>, tensor<3xi64>) -> tensor<2x3xf32>`
  }];
  let onnx = "Gather";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$data, AnyTensor:$indices, DefaultValuedAttr<I64Attr, "0">:$axis);
  let results = (outs AnyTensor:$output);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

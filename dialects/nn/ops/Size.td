#ifndef TW_NN_SIZE
#define TW_NN_SIZE

include "dialects/nn/NN.td"

def NN_SizeOp : NN_Op<"size"> {
  let summary = "the number of elements of a tensor";
  let description = [{
    `%n = nn.size %x : (tensor<2x?xf32>) -> tensor<i64>`
  }];
  let onnx = "Size";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$data);
  let results = (outs AnyTensor:$size);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

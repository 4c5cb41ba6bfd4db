#ifndef TW_NN_MATMUL
#define TW_NN_MATMUL

include "dialects/nn/NN.td"
include "dialects/interfaces/PackOpInterface.td"

def NN_MatmulOp : NN_Op<"matmul", [DeclareOpInterfaceMethods<PackOpInterface>]> {
  let summary = "matrix product with NumPy's rules for vectors and batch dims";
  let description = [{
    `%y = nn.matmul %a, %b : (tensor<2x?x64xf32>, tensor<64x32xf32>) -> tensor<2x?x32xf32>`
  }];
  let onnx = "MatMul";
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$a, AnyTensor:$b);
  let results = (outs AnyTensor:$product);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

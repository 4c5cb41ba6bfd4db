#ifndef TW_NN_GEMM
#define TW_NN_GEMM

include "dialects/nn/NN.td"
include "dialects/interfaces/PackOpInterface.td"

def NN_GemmOp : NN_Op<"gemm", [DeclareOpInterfaceMethods<PackOpInterface>]> {
  let summary = "alpha * A * B + beta * C on matrices, A and B transposed where asked; C broadcasts";
  let description = [{
    `%y = nn.gemm %a, %b, %c {transB = 1 : i64} : (tensor<?x64xf32>, tensor<32x64xf32>, tensor<32xf32>) -> tensor<?x32xf32>`
  }];
  let onnx = "Gemm";
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$a, AnyTensor:$b, Optional<AnyTensor>:$c, DefaultValuedAttr<F32Attr, "1.0">:$alpha,
                       DefaultValuedAttr<F32Attr, "1.0">:$beta, DefaultValuedAttr<I64Attr, "0">:$transA,
                       DefaultValuedAttr<I64Attr, "0">:$transB);
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

#ifndef TW_NN_MATMUL_INTEGER
#define TW_NN_MATMUL_INTEGER

include "dialects/nn/NN.td"
include "dialects/interfaces/ExpandOpInterface.td"
include "dialects/interfaces/PackOpInterface.td"

def NN_MatmulIntegerOp : NN_Op<"matmul_integer", [AttrSizedOperandSegments, DeclareOpInterfaceMethods<ExpandOpInterface>,
                                                  DeclareOpInterfaceMethods<PackOpInterface>]> {
  let summary = "(a - a_zero) @ (b - b_zero) of bytes, as i32 or f32";
  let description = [{
    ONNX MatMulInteger; QLinearMatMul's product. `a_zero` is a scalar, holds one number per row of `a` ([M] or [..., M, 1]), `b_zero`
    one per column of `b` ([N] or [..., 1, N]). With `transposed` b is [..., N, K]. The result has type `to`: i32, or f32 for what
    is scaled next.

    Kernels for GPUs multiply the bytes as they are; what zero points add are sums of rows and columns, in i32, which wraps.
    ```
    %y = nn.matmul_integer %a, %b, %z {operandSegmentSizes = array<i32: 1, 1, 1, 0>, to = i32}
      : (tensor<?x64xui8>, tensor<64x32xi8>, tensor<ui8>) -> tensor<?x32xi32>
    ```
  }];
  let onnx = "MatMulInteger,QLinearMatMul";
  let fusion = "Contraction";
  let arguments = (ins AnyTensor:$a, AnyTensor:$b, Optional<AnyTensor>:$a_zero, Optional<AnyTensor>:$b_zero,
                       UnitAttr:$transposed, TypeAttr:$to);
  let results = (outs AnyTensor:$product);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif

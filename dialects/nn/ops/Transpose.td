#ifndef TW_NN_TRANSPOSE
#define TW_NN_TRANSPOSE

include "dialects/nn/NN.td"

def NN_TransposeOp : NN_Op<"transpose"> {
  let summary = "result dim i is input dim perm[i]";
  let description = [{
    Without `perm` the dims are reversed.
    `%y = nn.transpose %x {perm = array<i64: 0, 2, 1>} : (tensor<2x3x4xf32>) -> tensor<2x4x3xf32>`
  }];
  let onnx = "Transpose";
  let fusion = "Strided";
  let arguments = (ins AnyTensor:$data, OptionalAttr<DenseI64ArrayAttr>:$perm);
  let results = (outs AnyTensor:$transposed);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasCanonicalizer = 1;
  let cpp = [{
    /// The permutation, the default one written out.
    ::llvm::SmallVector<int64_t> getPermutation();
  }];
}

#endif

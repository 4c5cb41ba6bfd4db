#ifndef TW_NN_ROTARY_EMBEDDING
#define TW_NN_ROTARY_EMBEDDING

include "dialects/nn/NN.td"

def NN_RotaryEmbeddingOp : NN_Op<"rotary_embedding"> {
  let summary = "pairs of components rotated by angles that depend on the position";
  let description = [{
    x is [batch, heads, length, size], or [batch, length, heads, size] with `length_first`. The first `rotary_dim` components
    (0: all) are rotated: component i with i + rotary_dim / 2, or 2i with 2i + 1 where `interleaved`. Cosines and sines are rows
    of `cos` and `sin`: [positions, pairs] read at `position_ids` ([batch, length], or one number, the first position's), or
    [batch, length, pairs] without it. Positions beyond the last one read it.
    `%y = nn.rotary_embedding %x, %c, %s, %p : (tensor<1x2x3x8xf32>, tensor<50x4xf32>, tensor<50x4xf32>, tensor<1x3xi64>) -> tensor<1x2x3x8xf32>`
  }];
  let onnx = "RotaryEmbedding,com.microsoft:RotaryEmbedding";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$x, AnyTensor:$cos, AnyTensor:$sin, Optional<AnyTensor>:$position_ids,
                       DefaultValuedAttr<I64Attr, "0">:$interleaved, DefaultValuedAttr<I64Attr, "0">:$rotary_dim,
                       UnitAttr:$length_first);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif

#ifndef TW_NN_PACKED_ATTENTION
#define TW_NN_PACKED_ATTENTION

include "dialects/nn/NN.td"

def NN_PackedAttentionOp : NN_Op<"packed_attention", [AttrSizedOperandSegments]> {
  let summary = "attention of sequences of different lengths, one after the other without padding";
  let description = [{
    q and the result are [1, tokens, heads, size]: the queries of sequence b are rows query_starts[b] to query_starts[b + 1] - 1.
    Its keys and values are one of these:

    - rows key_starts[b] to key_starts[b + 1] - 1 of k and v, [1, keys, heads, size];
    - in pages: k and v are [pages, page size, heads, size], key j is row j % (page size) of page
      block_table[b, j / (page size)], and there are lengths[b] of them.

    With `causal`, query i of sequence b stands at key offsets[b] + i (offsets are 0 where absent) and sees keys up to its own;
    with `window` > 0 only the `window` keys that end there. `bias` broadcasts to [sequences, heads, queries, keys], rows and
    columns counted from a sequence's first one. `scale`, `softcap` and groups of heads are nn.attention's. A query that sees
    nothing is 0; a row that belongs to no sequence, or to two, holds any number. Starts, lengths and page numbers may be
    anything: they are clamped to what exists.
    `%y = nn.packed_attention %q, %k, %v, %s, %s {operandSegmentSizes = array<i32: 1, 1, 1, 1, 1, 0, 0, 0, 0>} : (tensor<1x?x4x64xf32>, tensor<1x?x2x64xf32>, tensor<1x?x2x64xf32>, tensor<?xi32>, tensor<?xi32>) -> tensor<1x?x4x64xf32>`
  }];
  let onnx = "com.microsoft:PackedMultiHeadAttention,com.microsoft:PagedAttention";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$q, AnyTensor:$k, AnyTensor:$v, AnyTensor:$query_starts, Optional<AnyTensor>:$key_starts,
                       Optional<AnyTensor>:$block_table, Optional<AnyTensor>:$lengths, Optional<AnyTensor>:$offsets,
                       Optional<AnyTensor>:$bias, OptionalAttr<F32Attr>:$scale, DefaultValuedAttr<F32Attr, "0.0f">:$softcap,
                       UnitAttr:$causal, DefaultValuedAttr<I64Attr, "0">:$window);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif

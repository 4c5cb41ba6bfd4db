#ifndef TW_NN_ATTENTION
#define TW_NN_ATTENTION

include "dialects/nn/NN.td"
include "dialects/interfaces/ExpandOpInterface.td"

// What attention and its scores have in common.
class NN_AttentionLike<string mnemonic, dag ownOperands, dag ownAttributes>
    : NN_Op<mnemonic, [AttrSizedOperandSegments, DeclareOpInterfaceMethods<ExpandOpInterface>]> {
  let fusion = "Opaque";
  let arguments = !con((ins AnyTensor:$q, AnyTensor:$k), ownOperands,
                       (ins Optional<AnyTensor>:$bias, Optional<AnyTensor>:$mask, Optional<AnyTensor>:$lengths,
                        Optional<AnyTensor>:$offsets,
                        OptionalAttr<F32Attr>:$scale, DefaultValuedAttr<F32Attr, "0.0f">:$softcap,
                        DefaultValuedAttr<StrAttr, "\"none\"">:$causal, DefaultValuedAttr<I64Attr, "0">:$window,
                        OptionalAttr<F32Attr>:$mask_value, UnitAttr:$mask_last,
                        DefaultValuedAttr<StrAttr, "\"zero\"">:$dead_rows,
                        DefaultValuedAttr<StrArrayAttr, "{}">:$interleaved),
                       ownAttributes);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def NN_AttentionOp : NN_AttentionLike<"attention", (ins AnyTensor:$v), (ins)> {
  let summary = "softmax(softcap(scale * q k^T) + bias, where allowed) v, the scores never in memory";
  let description = [{
    Operands and result are [batch, heads, length, size]; those that `interleaved` names are [batch, length, heads, size].
    The head count of k and v divides q's: head h reads head h / (H / Hk). `scale` is 1 / sqrt(size) where absent, `softcap`
    c > 0 makes c tanh(s / c) of a score s; `bias` is added to it: floats that broadcast as `mask` does, after the mask or,
    with `mask_last`, before it. A batch of either that is a divisor of q's repeats. Allowed are the keys that all of these allow:

    - `mask`, booleans that broadcast to [batch, heads, queries, keys], true keeps. With `mask_value` the others are not
      forbidden: their score is that number. Keys beyond the last column do not exist (a last dim of static size 1 broadcasts).
    - `lengths`: key j of batch b exists where j < lengths[b].
    - `causal` "top_left": query i stands at key i + offset, offset = offsets[b] or offsets[0], 0 where absent, and sees keys
      up to its own. "bottom_right": the last query stands at the last key.
    - `window` > 0: of those, only the last `window` keys.

    A row that may see nothing is 0 (ONNX Attention), or NaN where `dead_rows` is "nan" (a plain Softmax). Scores and sums
    are f32 (f64 for f64). Of the operators' KV caches only the length remains here: past keys are concatenated before.
    `%y = nn.attention %q, %k, %v {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>, causal = "top_left"} : (tensor<1x4x?x64xf32>, tensor<1x2x?x64xf32>, tensor<1x2x?x64xf32>) -> tensor<1x4x?x64xf32>`
  }];
  let onnx = "Attention,com.microsoft:Attention,com.microsoft:MultiHeadAttention,com.microsoft:GroupQueryAttention";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

def NN_AttentionScoresOp : NN_AttentionLike<"attention_scores", (ins), (ins DefaultValuedAttr<I64Attr, "0">:$stage)> {
  let summary = "what nn.attention does not keep: its scores, for who asks for them";
  let description = [{
    `stage` 0: scale * q k^T; 1: after softcap; 2: with bias and masks; 3: after softmax. Operands and attributes as in
    nn.attention.
    `%s = nn.attention_scores %q, %k {operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>, stage = 3 : i64} : (tensor<1x4x8x64xf32>, tensor<1x2x9x64xf32>) -> tensor<1x4x8x9xf32>`
  }];
}

#endif

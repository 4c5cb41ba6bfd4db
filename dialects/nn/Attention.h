// What nn.attention and nn.attention_scores share: how their operands lie, and
// what they mean in other nn ops.
#pragma once

#include "dialects/nn/Build.h"

namespace tw::nn {

/// An operand or result of attention in the order [batch, heads, length, size].
struct HeadDims {
  Dim batch, heads, length, size;
};

/// Whether `interleaved` says that `name` is [batch, length, heads, size].
bool isInterleaved(ArrayAttr interleaved, StringRef name);
/// The dims of `tensor`, which has rank 4.
HeadDims headDims(ShapeBuilder &shapes, Value tensor, bool interleaved);

/// A bias or mask, if there is one, with leading dims of 1 up to rank 4.
Value withRankFour(OpBuilder &b, Location loc, Value extra);

/// One attention, whichever op it comes from.
struct AttentionSpec {
  /// What a block of threads of every device has room for.
  static constexpr int64_t kMaxHeadSize = 512;

  Operation *op;
  Value q, k, v; ///< v may be null
  Value bias, mask, lengths, offsets;
  std::optional<float> scale, maskValue;
  bool maskLast;
  float softcap;
  StringRef causal;
  int64_t window;
  StringRef deadRows;
  ArrayAttr interleaved;

  template <typename OpT>
  static AttentionSpec of(OpT op) {
    AttentionSpec spec{op,
                       op.getQ(),
                       op.getK(),
                       {},
                       op.getBias(),
                       op.getMask(),
                       op.getLengths(),
                       op.getOffsets(),
                       {},
                       {},
                       op.getMaskLast(),
                       op.getSoftcap().convertToFloat(),
                       op.getCausal(),
                       static_cast<int64_t>(op.getWindow()),
                       op.getDeadRows(),
                       op.getInterleaved()};
    if (auto scale = op.getScale())
      spec.scale = scale->convertToFloat();
    if (auto value = op.getMaskValue())
      spec.maskValue = value->convertToFloat();
    return spec;
  }
};

/// An error at the op where operands or attributes do not go together.
LogicalResult checkAttention(const AttentionSpec &spec, ShapeBuilder &shapes);

/// Builds what an attention stands for with nn ops, where a rewriter is.
class AttentionExpansion {
public:
  AttentionExpansion(RewriterBase &rewriter, const AttentionSpec &spec);

  /// Scores [batch, heads, queries, keys] after `stage` (see
  /// nn.attention_scores).
  Value scores(int64_t stage);
  /// The result, in the order of its op's.
  Value result();

private:
  template <typename OpT, typename... Args>
  Value make(Args &&...args);
  Value plain(Value tensor, StringRef name);
  Value shared(Value tensor);
  Value like(double number, Value tensor);
  Value positions(Dim count, int64_t dim);
  Value reshape(Value tensor, ArrayRef<OpFoldResult> dims);
  Value offset();
  Value allowed();
  Value padded(Value bias, Value fill);
  Value biased(Value scores);
  Value keep(Value both, Value condition);
  Value masked(Value scores);

  RewriterBase &b;
  AttentionSpec spec;
  ShapeBuilder shapes;
  Location loc;
  HeadDims query, key;
};

class OnnxNode;
/// nn.attention for com.microsoft's Attention, MultiHeadAttention and
/// GroupQueryAttention.
FailureOr<SmallVector<Value>> importContribAttention(OnnxNode &node);

} // namespace tw::nn

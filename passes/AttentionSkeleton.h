// One attention as exporters write it: matmul, optional parts, softmax,
// optional parts, matmul.
#pragma once

#include "dialects/nn/NN.h"

namespace tw {

/// The parts of an attention, read from the softmax outwards. All tensors are
/// as the graph has them; `lead` says how the scores' leading dims were grouped
/// where a tensor joined.
struct AttentionSkeleton {
  struct Extra {
    Value tensor;
    Dims lead; ///< the scores' dims but the last two, where it joins
    bool isNegated = false;
    float factor = 1; ///< what it is multiplied with on the way to the softmax
  };

  nn::SoftmaxOp softmax;
  nn::MatmulOp first, second;
  SmallVector<Extra> biases;
  std::optional<Extra> mask;
  bool maskKeepsWhereFalse = false;
  float maskValue = 0;
  bool maskLast = false;
  float scale = 1, softcap = 0;
  SmallVector<Value> scaleTensors; ///< one element each, for the queries
  bool hasGuard = false;           ///< rows that see nothing become 0
  SmallVector<Operation *> ops;    ///< all of the above
  /// Dims of the scores but the last two: at the first product, at the second,
  /// and the one of rank 4 on the way that they are regrouped to.
  Dims firstLead, secondLead, lead;
  Dim queries, keys;
};

/// On a function: what fuse-attention found, an array of {fused, nodes,
/// options, reason}.
constexpr StringLiteral kAttentionSitesAttr = "nn.attention_sites";
/// The names of the ONNX nodes that these come from, each once.
ArrayAttr nodeNames(MLIRContext *context, ArrayRef<Location> locations);

/// Why a softmax between two products is no attention that can be fused.
struct FusionMiss {
  Operation *op;
  std::string reason;
};

/// Reads skeletons. `shapes` must know the dims of the block's tensors.
class SkeletonReader {
public:
  explicit SkeletonReader(ShapeBuilder &shapes) : shapes(shapes) {}

  /// Whether a softmax lies between two products, fusable or not.
  static bool isSite(nn::SoftmaxOp softmax);
  /// Fills `skeleton`, or `miss` with the first condition that does not hold.
  LogicalResult read(nn::SoftmaxOp softmax, AttentionSkeleton &skeleton,
                     FusionMiss &miss);

private:
  LogicalResult fail(Operation *op, const llvm::Twine &reason);
  LogicalResult readUp();
  LogicalResult step(Operation *op);
  LogicalResult stepScale(Operation *op, Value factor, bool divides);
  LogicalResult stepBias(Operation *op, Value bias, bool isNegated);
  LogicalResult stepWhere(nn::WhereOp op);
  LogicalResult stepTanh(nn::TanhOp op);
  LogicalResult stepReshape(nn::ReshapeOp op);
  LogicalResult stepMatmul(nn::MatmulOp op);
  LogicalResult readDown();
  LogicalResult checkUsers(Value value);
  bool takeGuard(Value &probabilities);
  void collectSources(Value v, llvm::SmallPtrSetImpl<Value> &sources,
                      int depth);
  bool areSameSize(Dim x, Dim y);
  bool sameMatrix(Value x, Value y);
  bool joins(Value extra);
  bool keepsShape(Value scores, Value result);
  Dims leadOf(Value scores);
  void noteLead(Value scores);

  ShapeBuilder &shapes;
  AttentionSkeleton *s = nullptr;
  FusionMiss *miss = nullptr;
  Value at; ///< the scores as far as they have been read
  /// Whether scores must keep their number of columns, the keys, for the rest
  /// to be right.
  bool assumesKeys = false;
  float outer = 1; ///< product of the factors between `at` and the softmax
};

} // namespace tw

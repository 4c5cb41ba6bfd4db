#include "passes/cpu/AttentionPlan.h"

using namespace tw;

RegisterTile tw::attentionTile(const CpuTarget &target) {
  return target.registerTileOfWidth(target.registers >= 32 ? 4 : 2);
}

/// Enough sums for two pipelines of latency 4, and no more addresses than there
/// are registers for.
RegisterTile tw::narrowAttentionTile(const CpuTarget &) { return {8, 1}; }

/// A block's keys and values take an eighth of the second-level cache, half of
/// that where the diagonal cuts blocks; the scores of a panel fit beside them.
static int64_t keysPerStep(tile::AttentionOp op, const CpuTarget &target) {
  int64_t sizes = tile::dimOf(op.getK(), 3) + tile::dimOf(op.getV(), 3);
  int64_t floats = target.l2Bytes / 8 / int64_t(sizeof(float));
  if (op.getCausal())
    floats /= 2;
  int64_t tile = attentionTile(target).rows;
  int64_t keys =
      std::clamp<int64_t>(floats / std::max<int64_t>(sizes, 1), 64, 256);
  return llvm::alignTo(keys, tile);
}

AttentionPlan::AttentionPlan(tile::AttentionOp op, const CpuTarget &target)
    : width(attentionTile(target).vectors *
            target.lanes(Float32Type::get(op.getContext()))),
      keys(keysPerStep(op, target)) {
  auto shape = cast<RankedTensorType>(op.getQ().getType()).getShape();
  bool interleaved = llvm::is_contained(
      op.getInterleaved().getAsValueRange<StringAttr>(), "q");
  int64_t length = shape[interleaved ? 1 : 2];
  int64_t most = 4 * 64 / width;
  panels = ShapedType::isDynamic(length)
               ? most
               : std::clamp<int64_t>(llvm::divideCeil(length, width), 1, most);
}

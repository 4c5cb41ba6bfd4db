#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

/// The dims of heads and of the length in an operand called `name`.
static std::pair<unsigned, unsigned> headAndLength(AttentionOp op,
                                                   StringRef name) {
  for (StringRef other : op.getInterleaved().getAsValueRange<StringAttr>())
    if (other == name)
      return {2, 1};
  return {1, 2};
}

/// Sequences one after the other, or keys in pages.
static LogicalResult verifyPacked(AttentionOp op) {
  bool isPacked = op.getQueryStarts() != nullptr;
  if (!isPacked && (op.getKeyStarts() || op.getBlockTable()))
    return op.emitOpError("expected query_starts beside key_starts or a "
                          "block_table");
  if (!isPacked)
    return success();
  if (bool(op.getKeyStarts()) == bool(op.getBlockTable()))
    return op.emitOpError("expected key_starts or a block_table, and not both");
  if (op.getInterleaved().size() != 4)
    return op.emitOpError("expected q, k, v and y interleaved where there are "
                          "query_starts");
  if (op.getBlockTable() && dimOf(op.getK(), 1) < 1)
    return op.emitOpError("expected pages of static size, found ")
           << op.getK().getType();
  return success();
}

LogicalResult AttentionOp::verify() {
  for (Value operand : {getQ(), getK(), getV(), getInit()})
    if (cast<ShapedType>(operand.getType()).getRank() != 4)
      return emitOpError("expected operands of rank 4, found ")
             << operand.getType();
  if (dimOf(getQ(), 3) < 0 || dimOf(getV(), 3) < 0)
    return emitOpError("expected heads of static size, found ")
           << getQ().getType() << " and " << getV().getType();
  if (failed(verifyEqual(*this, "size of k's heads", dimOf(getK(), 3),
                         dimOf(getQ(), 3))) ||
      failed(verifyEqual(*this, "size of the result's heads",
                         dimOf(getInit(), 3), dimOf(getV(), 3))))
    return failure();
  auto [qHead, qLength] = headAndLength(*this, "q");
  auto [kHead, kLength] = headAndLength(*this, "k");
  auto [vHead, vLength] = headAndLength(*this, "v");
  if (failed(verifyEqual(*this, "heads of v", dimOf(getV(), vHead),
                         dimOf(getK(), kHead))) ||
      failed(verifyEqual(*this, "length of v", dimOf(getV(), vLength),
                         dimOf(getK(), kLength))))
    return failure();
  int64_t heads = dimOf(getQ(), qHead), shared = dimOf(getK(), kHead);
  if (heads >= 0 && shared > 0 && heads % shared)
    return emitOpError("heads of k: expected a divisor of ")
           << heads << ", found " << shared;
  for (Value extra : {getBias(), getMask()})
    if (extra && cast<ShapedType>(extra.getType()).getRank() != 4)
      return emitOpError("bias and mask: expected rank 4, found ")
             << extra.getType();
  if (getDeadRows() != "zero" && getDeadRows() != "nan")
    return emitOpError("dead_rows: expected zero or nan, found ")
           << getDeadRows();
  return verifyPacked(*this);
}

LogicalResult AttentionStepOp::verify() {
  auto queries = cast<ShapedType>(getQueries().getType()),
       state = cast<ShapedType>(getAccumulator().getType());
  if (queries.getRank() != 3 || !queries.hasStaticShape() ||
      state.getRank() != 3 || !state.hasStaticShape())
    return emitOpError("expected packed queries and accumulators of static "
                       "shape [panels, size, width], found ")
           << queries << " and " << state;
  if (failed(verifyEqual(*this, "size of k", dimOf(getK(), 1),
                         queries.getDimSize(1))) ||
      failed(verifyEqual(*this, "size of v", dimOf(getV(), 1),
                         state.getDimSize(1))))
    return failure();
  return verifyEqual(*this, "width of the accumulator", state.getDimSize(2),
                     queries.getDimSize(2));
}

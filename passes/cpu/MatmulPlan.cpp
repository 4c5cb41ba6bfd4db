#include "passes/cpu/MatmulPlan.h"

#include "passes/cpu/VectorEmitter.h"

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

#include <set>

using namespace tw;

/// A block should take some tens of microseconds, and read its panel of the
/// right side for enough rows to hide the reading.
static constexpr int64_t kBlockOperations = 4000000;
static constexpr int64_t kFewestBlockRows = 96;

MatmulPlan::MatmulPlan(OpBuilder &b, tile::MatmulOp op, const CpuTarget &target)
    : op(op), shapes(b, op.getLoc()) {
  auto epilogue = cast<EpilogueOpInterface>(op.getOperation());
  accumulator = epilogue.getAccumulatorType();
  lanes = target.lanes(accumulator);
  int64_t rank = cast<MemRefType>(op.getInit().getType()).getRank();
  for (int64_t i = 0; i < rank - 2; ++i)
    batch.push_back(bufferDim(shapes, op.getInit(), i));
  rows = bufferDim(shapes, op.getInit(), rank - 2);
  columns = bufferDim(shapes, op.getInit(), rank - 1);
  int64_t leftRank = cast<MemRefType>(op.getLhs().getType()).getRank();
  depth = bufferDim(shapes, op.getLhs(), leftRank - 1);
  chooseTile(target);
  chooseBlocks();
  estimateTime();
}

void MatmulPlan::chooseTile(const CpuTarget &target) {
  packsPanels = false;
  if (op.getPacked()) {
    int64_t packedWidth =
        cast<MemRefType>(op.getRhs().getType()).getShape().back();
    tile = target.registerTileOfWidth(packedWidth / lanes);
    return;
  }
  tile = target.registerTile(ShapeBuilder::known(columns), accumulator);
  // A panel is worth its copying where it serves several tiles, or where
  // columns would have to be read under masks that cost something.
  auto few = ShapeBuilder::known(rows);
  packsPanels = op.getTransposed() || !few || *few > tile.rows ||
                (hasColumnTail() && !target.hasCheapMasks);
}

void MatmulPlan::chooseBlocks() {
  panels = shapes.ceilDiv(columns, shapes.constant(width()));
  Dim perRow = shapes.max(shapes.mul(depth, shapes.constant(2 * width())),
                          shapes.constant(1));
  Dim most =
      shapes.max(shapes.floorDiv(shapes.constant(kBlockOperations), perRow),
                 shapes.constant(kFewestBlockRows));
  rowBlocks = shapes.ceilDiv(rows, most);
  Dim share = shapes.ceilDiv(rows, shapes.max(rowBlocks, shapes.constant(1)));
  Dim height = shapes.constant(tile.rows);
  blockRows = shapes.mul(shapes.ceilDiv(share, height), height);
  rowBlocks = shapes.ceilDiv(rows, shapes.max(blockRows, shapes.constant(1)));
}

/// Multiply-adds at half of what a core can do, or reading the panel from
/// memory.
void MatmulPlan::estimateTime() {
  Dim elements = shapes.mul(depth, shapes.constant(width()));
  Dim work = shapes.mul(elements, shapes.min(blockRows, rows));
  Dim computing = shapes.ceilDiv(work, shapes.constant(lanes * 3));
  Dim reading = shapes.ceilDiv(elements, shapes.constant(3));
  nanoseconds = shapes.max(computing, reading);
}

bool MatmulPlan::hasColumnTail() const {
  auto known = ShapeBuilder::known(columns);
  return !known || *known % width() != 0;
}

/// Heights of the tiles of one block of `count` rows.
static void addHeights(std::set<int64_t> &heights, int64_t count,
                       int64_t most) {
  if (count == 0)
    return;
  int64_t tiles = llvm::divideCeilSigned(count, most);
  heights.insert(count / tiles);
  if (count % tiles)
    heights.insert(count / tiles + 1);
}

SmallVector<int64_t> MatmulPlan::heights() const {
  auto all = ShapeBuilder::known(rows), block = ShapeBuilder::known(blockRows);
  if (!all || !block)
    return llvm::to_vector(llvm::seq_inclusive<int64_t>(1, tile.rows));
  std::set<int64_t> heights;
  if (*all >= *block)
    addHeights(heights, *block, tile.rows);
  if (*block > 0)
    addHeights(heights, *all % *block, tile.rows);
  return SmallVector<int64_t>(heights.begin(), heights.end());
}

Dim MatmulPlan::panelRows() {
  if (!op.getTransposed())
    return depth;
  Dim step = shapes.constant(lanes);
  return shapes.mul(shapes.ceilDiv(depth, step), step);
}

/// Dims [0, last) and dim `last` as one group, the remaining ones alone.
static SmallVector<ReassociationIndices> mergeLeading(int64_t last,
                                                      int64_t rank) {
  SmallVector<ReassociationIndices> groups(1);
  for (int64_t i = 0; i <= last; ++i)
    groups[0].push_back(i);
  for (int64_t i = last + 1; i < rank; ++i)
    groups.push_back({i});
  return groups;
}

namespace {
/// An extra seen from dims (row, column) in place of (batch..., row, column).
struct CollapsedExtra {
  int64_t rowDims; ///< how many of its leading dims are batch and row
  AffineMap map;
};
} // namespace

/// Fails where the extra distinguishes the dims that would be merged.
static FailureOr<CollapsedExtra> collapseExtra(AffineMap map, Type type) {
  unsigned rank = map.getNumDims();
  SmallVector<AffineExpr> exprs;
  int64_t rowDims = 0;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      exprs.push_back(expr);
    else if (dim.getPosition() == rank - 1)
      exprs.push_back(getAffineDimExpr(1, map.getContext()));
    else if (dim.getPosition() == exprs.size() + rowDims && exprs.size() == 0)
      ++rowDims;
    else
      return failure();
  }
  if (rowDims != 0 && rowDims != rank - 1)
    return failure();
  if (rowDims) {
    exprs.insert(exprs.begin(), getAffineDimExpr(0, map.getContext()));
    auto buffer = cast<MemRefType>(type);
    if (!memref::CollapseShapeOp::isGuaranteedCollapsible(
            buffer, mergeLeading(rowDims - 1, buffer.getRank())))
      return failure();
  }
  return CollapsedExtra{rowDims, AffineMap::get(2, 0, exprs, map.getContext())};
}

/// The right side is one matrix for the whole batch, and rows of all batches
/// lie one after the other.
static bool isCollapsible(tile::MatmulOp op) {
  auto left = cast<MemRefType>(op.getLhs().getType()),
       right = cast<MemRefType>(op.getRhs().getType()),
       init = cast<MemRefType>(op.getInit().getType());
  int64_t rank = init.getRank(), matrixRank = op.getPacked() ? 3 : 2;
  auto groups = mergeLeading(rank - 2, rank);
  return rank > 2 && right.getRank() == matrixRank && left.getRank() == rank &&
         memref::CollapseShapeOp::isGuaranteedCollapsible(left, groups) &&
         memref::CollapseShapeOp::isGuaranteedCollapsible(init, groups);
}

static Value mergeRows(OpBuilder &b, Location loc, Value buffer,
                       int64_t rowDims) {
  int64_t rank = cast<MemRefType>(buffer.getType()).getRank();
  return memref::CollapseShapeOp::create(b, loc, buffer,
                                         mergeLeading(rowDims - 1, rank));
}

tile::MatmulOp tw::collapseBatch(RewriterBase &rewriter, tile::MatmulOp op) {
  if (!isCollapsible(op))
    return op;
  SmallVector<CollapsedExtra> extras;
  for (auto [extra, map] :
       llvm::zip(op.getExtras(),
                 op.getExtraMaps().getAsValueRange<AffineMapAttr>())) {
    auto collapsed = collapseExtra(map, extra.getType());
    if (failed(collapsed))
      return op;
    extras.push_back(*collapsed);
  }
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  int64_t rowDims = cast<MemRefType>(op.getInit().getType()).getRank() - 1;
  SmallVector<Value> operands(op->getOperands());
  operands.front() = mergeRows(rewriter, loc, op.getLhs(), rowDims);
  operands.back() = mergeRows(rewriter, loc, op.getInit(), rowDims);
  SmallVector<AffineMap> maps;
  for (auto [i, extra] : llvm::enumerate(extras)) {
    if (extra.rowDims)
      operands[2 + i] = mergeRows(rewriter, loc, op.getExtras()[i], rowDims);
    maps.push_back(extra.map);
  }
  auto merged =
      cast<tile::MatmulOp>(clone(rewriter, op, TypeRange(), operands));
  merged.setExtraMapsAttr(rewriter.getAffineMapArrayAttr(maps));
  rewriter.eraseOp(op);
  return merged;
}

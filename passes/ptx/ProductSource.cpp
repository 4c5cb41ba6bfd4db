#include "passes/ptx/ProductSource.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace tw;

namespace {

int64_t perChunk(Type element) {
  return StagedOperand::kChunk * 8 / element.getIntOrFloatBitWidth();
}

/// How many of a chunk's elements, from `at` on, lie before `end` (i32).
Value countBefore(ThreadEmitter &e, Value at, Value end, int64_t most) {
  Value left = e.sub(end, at);
  return e.max(e.min(left, e.i32(most)), e.i32(0));
}

Value zeroUnless(ThreadEmitter &e, Value condition, Value count) {
  return e.select(condition, count, e.i32(0));
}

class MatmulSource : public ProductSource {
public:
  MatmulSource(OpBuilder &b, tile::MatmulOp op) : op(op) {
    ShapeBuilder shapes(b, op.getLoc());
    sizes = memref::getMixedSizes(b, op.getLoc(), op.getInit());
    batchSize = shapes.product(ArrayRef(sizes).drop_back(2));
  }

  Dim batch() override { return batchSize; }
  Dim rows() override { return sizes[sizes.size() - 2]; }
  Dim columns() override { return sizes.back(); }
  bool rightRunsAlongColumns() override { return !op.getTransposed(); }

  void enter(ThreadEmitter &emitter, const ProductTile &t, Value batch,
             Value row, Value column) override {
    e = &emitter;
    tile = t;
    firstRow = row;
    firstColumn = column;
    lhs.emplace(emitter, op.getLhs());
    rhs.emplace(emitter, op.getRhs());
    init.emplace(emitter, op.getInit());
    size_t count = init->sizes.size() - 2;
    batchIndices.assign(count, Value());
    for (size_t i = count; i-- > 0;) {
      Value rest = e->div(batch, init->sizes[i]);
      batchIndices[i] = e->sub(batch, e->mul(rest, init->sizes[i]));
      batch = rest;
    }
    depth = e->toI32(lhs->sizes.back());
  }

  ProductOperand left() override {
    size_t rank = lhs->sizes.size();
    Value base = e->at(lhs->pointer, lhs->element, batchOffset(*lhs, 2));
    auto prepare = [=, this](Value row, Value column) {
      return alongDepth(*lhs, base, e->add(firstRow, e->toI64(row)), rank - 2,
                        column);
    };
    return {op.getLhs(), prepare, lhs->isAligned(*e, outerDims(*lhs))};
  }

  ProductOperand right() override {
    Value aligned = rhs->isAligned(*e, outerDims(*rhs));
    int64_t matrixRank = op.getPacked() ? 3 : 2;
    Value base =
        e->at(rhs->pointer, rhs->element, batchOffset(*rhs, matrixRank));
    if (op.getTransposed()) {
      auto prepare = [=, this](Value row, Value column) {
        return alongDepth(*rhs, base, e->add(firstColumn, e->toI64(row)),
                          rhs->sizes.size() - 2, column);
      };
      return {op.getRhs(), prepare, aligned};
    }
    auto prepare = [=, this](Value row, Value column) {
      return alongColumns(base, row, e->add(firstColumn, e->toI64(column)));
    };
    return {op.getRhs(), prepare, aligned};
  }

  std::optional<BoxedOperand> leftBoxes(const ProductTile &of) override {
    auto at = [this](Value t) {
      return Places(1, boxPlace(*lhs, 2, {firstRow, e->mul(t, tile.depth)}));
    };
    return boxed(op.getLhs(), {of.rows, of.depth}, false, at);
  }

  std::optional<BoxedOperand> rightBoxes(const ProductTile &of) override {
    if (op.getTransposed()) {
      auto at = [this](Value t) {
        return Places(1,
                      boxPlace(*rhs, 2, {firstColumn, e->mul(t, tile.depth)}));
      };
      return boxed(op.getRhs(), {of.columns, of.depth}, false, at);
    }
    int64_t width = cast<MemRefType>(op.getRhs().getType()).getShape().back(),
            line = lineOf(of, width);
    if (line < kShortestLine)
      return std::nullopt;
    auto at = [=, this](Value t) {
      Places places;
      for (int64_t c = 0; c < tile.columns; c += line)
        places.push_back(boxAlongColumns(t, c, width));
      return places;
    };
    SmallVector<int64_t> box{of.depth, line};
    if (op.getPacked())
      box.insert(box.begin(), 1);
    return boxed(op.getRhs(), box, true, at);
  }

  std::optional<int64_t> knownSteps(const ProductTile &of) override {
    int64_t size = cast<MemRefType>(op.getLhs().getType()).getShape().back();
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    return llvm::divideCeil(size, of.depth);
  }

  Value steps() override {
    return e->div(e->add(depth, tile.depth - 1), tile.depth);
  }

  SmallVector<Value> resultIndices(Value row, Value column) override {
    SmallVector<Value> at(batchIndices);
    at.push_back(e->add(firstRow, e->toI64(row)));
    at.push_back(e->add(firstColumn, e->toI64(column)));
    return at;
  }

private:
  static SmallVector<int64_t> outerDims(const GlobalView &view) {
    return llvm::to_vector(llvm::seq<int64_t>(0, view.sizes.size() - 1));
  }

  using Places = SmallVector<SmallVector<Value>>;

  /// Of 16-bit elements along n: 32 bytes.
  static constexpr int64_t kShortestLine = 16;

  /// How many columns a line of a box has: no warpgroup starts inside of one.
  int64_t lineOf(const ProductTile &of, int64_t width) {
    int64_t line = of.rows > 64 ? 64 : std::min<int64_t>(64, of.columns / 2);
    while (op.getPacked() && line >= kShortestLine && width % line)
      line /= 2;
    return line;
  }

  static std::optional<BoxedOperand> boxed(Value buffer,
                                           ArrayRef<int64_t> inner,
                                           bool isAlongRows,
                                           std::function<Places(Value)> at) {
    int64_t rank = cast<MemRefType>(buffer.getType()).getRank();
    if (rank > 5)
      return std::nullopt;
    SmallVector<int64_t> box(rank - inner.size(), 1);
    llvm::append_range(box, inner);
    return BoxedOperand{buffer, box, isAlongRows, at};
  }

  /// The batch's index in each dim, then `inner`, as i32.
  SmallVector<Value> boxPlace(const GlobalView &view, int64_t matrixRank,
                              ArrayRef<Value> inner) {
    SmallVector<Value> place = batchPlace(view, matrixRank);
    llvm::append_range(place, inner);
    for (Value &index : place)
      index = e->toI32(index);
    return place;
  }

  /// The box that starts `c` columns into the tile.
  SmallVector<Value> boxAlongColumns(Value t, int64_t c, int64_t width) {
    Value k = e->mul(t, tile.depth), column = e->add(firstColumn, c);
    if (!op.getPacked())
      return boxPlace(*rhs, 2, {k, column});
    return boxPlace(*rhs, 3, {e->div(column, width), k, e->rem(column, width)});
  }

  /// The indices of an operand's matrices of this batch: dims of size 1
  /// stretch.
  SmallVector<Value> batchPlace(const GlobalView &view, int64_t matrixRank) {
    SmallVector<Value> place;
    int64_t count = view.sizes.size() - matrixRank;
    for (int64_t i = 0; i < count; ++i) {
      Value index = batchIndices[batchIndices.size() - count + i];
      Value isOne = e->isZero(e->add(view.sizes[i], -1));
      place.push_back(e->select(isOne, e->i64(0), index));
    }
    return place;
  }

  /// Where an operand's matrices of this batch start.
  Value batchOffset(const GlobalView &view, int64_t matrixRank) {
    Value offset = e->i64(0);
    for (auto [i, index] : llvm::enumerate(batchPlace(view, matrixRank)))
      offset = e->add(offset, e->mul(index, view.strides[i]));
    return offset;
  }

  /// Rows that run along k.
  ChunkAt alongDepth(const GlobalView &view, Value base, Value row,
                     int64_t rowDim, Value column) {
    Value isInside = e->isLess(row, view.sizes[rowDim]);
    Value start = e->at(base, view.element, e->mul(row, view.strides[rowDim]));
    Type element = view.element;
    return [=, this](Value t) {
      Value k = e->add(e->mul(t, tile.depth), column);
      Value count = countBefore(*e, k, depth, perChunk(element));
      return Chunk{e->at(start, element, e->toI64(k)),
                   zeroUnless(*e, isInside, count)};
    };
  }

  /// Rows that run along n; packed ones in panels of the rows' width.
  ChunkAt alongColumns(Value base, Value row, Value column) {
    Type element = rhs->element;
    Value count, start, step = rhs->strides[rhs->strides.size() - 2];
    if (op.getPacked()) {
      size_t panelDim = rhs->sizes.size() - 3;
      int64_t width = rhs->type.getShape().back();
      Value panel = e->div(column, width);
      Value isInside = e->isLess(panel, rhs->sizes[panelDim]);
      count = zeroUnless(*e, isInside, e->i32(perChunk(element)));
      start = e->at(
          base, element,
          e->add(e->mul(panel, rhs->strides[panelDim]), e->rem(column, width)));
    } else {
      // A chunk's distance from the end fits 32 bits once it is clamped.
      Value left = e->sub(rhs->sizes.back(), column);
      Value most = e->i64(perChunk(element));
      count = e->toI32(e->max(e->min(left, most), e->i64(0)));
      start = e->at(base, element, column);
    }
    return [=, this](Value t) {
      Value k = e->add(e->mul(t, tile.depth), row);
      Value pointer = e->at(start, element, e->mul(e->toI64(k), step));
      return Chunk{pointer, zeroUnless(*e, e->isLess(k, depth), count)};
    };
  }

  tile::MatmulOp op;
  Dims sizes;
  Dim batchSize;
  ThreadEmitter *e = nullptr;
  ProductTile tile;
  std::optional<GlobalView> lhs, rhs, init;
  Value firstRow, firstColumn, depth;
  SmallVector<Value> batchIndices;
};

Type inputType(tile::Conv2dOp op) {
  return cast<MemRefType>(op.getInput().getType()).getElementType();
}

/// A convolution: rows are output positions, columns a group's channels. The
/// depth is the window positions' channels, one position after the other where
/// no chunk is of two of them; else each position's are padded to whole steps.
/// The matrix of windows exists only as addresses.
class Conv2dSource : public ProductSource {
public:
  Conv2dSource(OpBuilder &b, tile::Conv2dOp op)
      : op(op), group(op.getGroup()),
        weightShape(cast<MemRefType>(op.getWeights().getType()).getShape()),
        channels(weightShape[3]), width(weightShape[4]),
        taps(weightShape[1] * weightShape[2]), element(inputType(op)),
        isDense(isDenseConv2d(op)) {
    ShapeBuilder shapes(b, op.getLoc());
    sizes = memref::getMixedSizes(b, op.getLoc(), op.getInit());
    rowCount = shapes.product(ArrayRef(sizes).drop_back());
    columnCount = shapes.floorDiv(sizes.back(), shapes.constant(group));
    batchCount = shapes.constant(group);
  }

  Dim batch() override { return batchCount; }
  Dim rows() override { return rowCount; }
  Dim columns() override { return columnCount; }
  bool rightRunsAlongColumns() override { return width > 1; }

  void enter(ThreadEmitter &emitter, const ProductTile &t, Value batch,
             Value row, Value column) override {
    e = &emitter;
    tile = t;
    groupIndex = batch;
    firstRow = row;
    firstColumn = column;
    input.emplace(emitter, op.getInput());
    weights.emplace(emitter, op.getWeights());
    init.emplace(emitter, op.getInit());
  }

  ProductOperand left() override {
    auto prepare = [this](Value row, Value column) {
      return window(row, column);
    };
    Value aligned = input->isAligned(*e, {0, 1, 2});
    if (group > 1 && !isDense)
      aligned = arith::ConstantIntOp::create(e->b, e->loc, 0, 1);
    return {op.getInput(), prepare, aligned};
  }

  ProductOperand right() override {
    if (width == 1) {
      auto prepare = [this](Value row, Value column) {
        return filter(e->add(firstColumn, e->toI64(row)), column);
      };
      return {op.getWeights(), prepare, weights->isAligned(*e, {0, 1, 2})};
    }
    auto prepare = [this](Value row, Value column) {
      return panelRow(row, e->add(firstColumn, e->toI64(column)));
    };
    return {op.getWeights(), prepare, weights->isAligned(*e, {0, 1, 2, 3})};
  }

  std::optional<int64_t> knownSteps(const ProductTile &of) override {
    if (isDense)
      return llvm::divideCeil(taps * channels, of.depth);
    return taps * llvm::divideCeil(channels, of.depth);
  }

  Value steps() override { return e->i32(*knownSteps(tile)); }

  SmallVector<Value> resultIndices(Value row, Value column) override {
    SmallVector<Value> at = position(row);
    int64_t perGroup = init->type.getShape()[3] / group;
    Value k = e->add(firstColumn, e->toI64(column));
    at.push_back(e->add(e->mul(groupIndex, perGroup), k));
    return at;
  }

private:
  /// The output position (n, y, x) of a row of the tile.
  SmallVector<Value> position(Value row) {
    Value at = e->add(firstRow, e->toI64(row));
    Value rest = e->div(at, init->sizes[2]);
    Value x = e->sub(at, e->mul(rest, init->sizes[2]));
    Value n = e->div(rest, init->sizes[1]);
    Value y = e->sub(rest, e->mul(n, init->sizes[1]));
    return {n, y, x};
  }

  Value windowStart(unsigned dim, Value at) {
    return e->toI32(
        e->add(e->mul(at, op.getStrides()[dim]), -op.getPads()[dim]));
  }

  /// Where in the window a chunk lies: position (i, j), first channel, and how
  /// many of its elements there are.
  struct Place {
    Value i, j, channel, count;
  };

  /// The chunk at `column` of step t.
  Place placeOf(Value t, Value column) {
    Value k = e->add(e->mul(t, tile.depth), column), tap, channel, count;
    if (isDense && channels % tile.depth) {
      tap = e->div(k, channels);
      channel = e->sub(k, e->mul(tap, channels));
      Value isReal = e->isLess(k, e->i32(taps * channels));
      count = zeroUnless(*e, isReal, e->i32(perChunk(element)));
    } else {
      int64_t blocks = llvm::divideCeil(channels, tile.depth);
      tap = e->div(t, blocks);
      Value block = e->sub(t, e->mul(tap, blocks));
      channel = e->add(e->mul(block, tile.depth), column);
      count = countBefore(*e, channel, e->i32(channels), perChunk(element));
    }
    return {e->div(tap, weightShape[2]), e->rem(tap, weightShape[2]), channel,
            count};
  }

  ChunkAt window(Value row, Value column) {
    SmallVector<Value> at = position(row);
    Value isRow = e->isLess(at[0], init->sizes[0]);
    Value top = windowStart(0, at[1]), left = windowStart(1, at[2]);
    Value start = e->at(
        input->pointer, element,
        e->add(e->mul(at[0], input->strides[0]), e->mul(groupIndex, channels)));
    Value height = e->toI32(input->sizes[1]), width = e->toI32(input->sizes[2]);
    return [=, this](Value t) {
      Place place = placeOf(t, column);
      Value y = e->add(top, e->mul(place.i, op.getDilations()[0]));
      Value x = e->add(left, e->mul(place.j, op.getDilations()[1]));
      Value isInside =
          e->both(isRow, e->both(e->isBelow(y, height), e->isBelow(x, width)));
      Value offset = e->add(e->mul(e->toI64(y), input->strides[1]),
                            e->mul(e->toI64(x), input->strides[2]));
      offset = e->add(offset, e->toI64(place.channel));
      return Chunk{e->at(start, element, offset),
                   zeroUnless(*e, isInside, place.count)};
    };
  }

  /// Weights in rows along the output channels: `row` is of the depth.
  ChunkAt panelRow(Value row, Value column) {
    int64_t perGroup = weightShape[0] / group;
    Value local = e->div(column, width);
    Value isInside = e->isLess(local, e->i64(perGroup));
    Value panel = e->add(e->mul(groupIndex, perGroup), local);
    Value start = e->at(
        weights->pointer, element,
        e->add(e->mul(panel, weights->strides[0]), e->rem(column, width)));
    return [=, this](Value t) {
      Value at = e->add(e->mul(t, tile.depth), row), isRow;
      if (isDense) {
        isRow = e->isLess(at, e->i32(taps * channels));
      } else {
        int64_t blocks = llvm::divideCeil(channels, tile.depth);
        Value tap = e->div(t, blocks);
        Value c = e->sub(at, e->mul(tap, blocks * tile.depth));
        isRow = e->isLess(c, e->i32(channels));
        at = e->add(e->mul(tap, channels), c);
      }
      return Chunk{
          e->at(start, element, e->toI64(e->mul(at, width))),
          zeroUnless(*e, e->both(isInside, isRow), e->i32(perChunk(element)))};
    };
  }

  /// Weights in rows along the depth, one for each output channel.
  ChunkAt filter(Value number, Value column) {
    int64_t perGroup = weightShape[0] / group;
    Value isInside = e->isLess(number, e->i64(perGroup));
    Value row = e->add(e->mul(groupIndex, perGroup), number);
    Value start =
        e->at(weights->pointer, element, e->mul(row, weights->strides[0]));
    return [=, this](Value t) {
      Value k = e->add(e->mul(t, tile.depth), column);
      Value count =
          countBefore(*e, k, e->i32(taps * channels), perChunk(element));
      return Chunk{e->at(start, element, e->toI64(k)),
                   zeroUnless(*e, isInside, count)};
    };
  }

  tile::Conv2dOp op;
  int64_t group;
  ArrayRef<int64_t> weightShape;
  int64_t channels, width, taps;
  Type element;
  bool isDense;
  Dims sizes;
  Dim rowCount, columnCount, batchCount;
  ThreadEmitter *e = nullptr;
  ProductTile tile;
  std::optional<GlobalView> input, weights, init;
  Value groupIndex, firstRow, firstColumn;
};

} // namespace

std::unique_ptr<ProductSource> tw::matmulSource(OpBuilder &b,
                                                tile::MatmulOp op) {
  return std::make_unique<MatmulSource>(b, op);
}

bool tw::isDenseConv2d(tile::Conv2dOp op) {
  return cast<MemRefType>(op.getWeights().getType()).getDimSize(3) %
             perChunk(inputType(op)) ==
         0;
}

std::unique_ptr<ProductSource> tw::conv2dSource(OpBuilder &b,
                                                tile::Conv2dOp op) {
  return std::make_unique<Conv2dSource>(b, op);
}

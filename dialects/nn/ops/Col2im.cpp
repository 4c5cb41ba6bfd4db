#include "dialects/nn/Expr.h"
#include "dialects/nn/Index.h"
#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

LogicalResult Col2imOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  auto image = hostElements(*this, shapes, getImageShape(), "image_shape");
  auto block = hostElements(*this, shapes, getBlockShape(), "block_shape");
  if (failed(image) || failed(block))
    return failure();
  Dims input = shapes.dims(getInput());
  if (input.size() != 3 || image->size() != block->size())
    return emitOpError("expected an input of 3 dims and as many block as image "
                       "dims, found ")
           << describe(input) << ", " << block->size() << " and "
           << image->size();
  Dims dims{input[0], shapes.floorDiv(input[1], shapes.product(*block))};
  llvm::append_range(dims, *image);
  results.push_back({dims, ShapeBuilder::elementType(getInput())});
  return success();
}

namespace {

/// Gathers what is added up in one pixel.
class PixelSum {
public:
  PixelSum(Col2imOp op, Value source, ArrayRef<OpFoldResult> image,
           ArrayRef<OpFoldResult> block, OpBuilder &b, Location loc)
      : op(op), source(source), block(block), b(b), loc(loc), shapes(b, loc) {
    for (auto [d, size] : llvm::enumerate(image))
      positions.push_back(blockPositions(d, size));
  }

  Value run(ValueRange at) {
    Value zero = constantLikeInt(b, loc, ShapeBuilder::elementType(source), 0);
    return loopNest(b, loc, block, zero,
                    [&](OpBuilder &, Location, ValueRange k, ValueRange state) {
                      return addTap(at, k, state);
                    })
        .front();
  }

private:
  static int64_t entry(std::optional<ArrayRef<int64_t>> list, size_t i,
                       int64_t otherwise) {
    return list ? (*list)[i] : otherwise;
  }
  int64_t stride(size_t d) { return entry(op.getStrides(), d, 1); }
  int64_t dilation(size_t d) { return entry(op.getDilations(), d, 1); }
  int64_t pad(size_t i) { return entry(op.getPads(), i, 0); }

  /// How many blocks there are along a dim.
  Dim blockPositions(size_t d, Dim size) {
    Dim one = shapes.constant(1);
    Dim extent = shapes.add(
        shapes.mul(shapes.sub(block[d], one), shapes.constant(dilation(d))),
        one);
    Dim padded =
        shapes.add(size, shapes.constant(pad(d) + pad(d + block.size())));
    return shapes.add(
        shapes.floorDiv(shapes.sub(padded, extent), shapes.constant(stride(d))),
        one);
  }

  /// Adds the element that tap `k` of a block adds here, if any does.
  SmallVector<Value> addTap(ValueRange at, ValueRange k, ValueRange state) {
    std::optional<Expr> fits;
    SmallVector<Value> from;
    ShapeBuilder local(b, loc);
    for (size_t d = 0; d < block.size(); ++d) {
      Expr offset = Expr(b, loc, at[2 + d]) + static_cast<double>(pad(d)) -
                    Expr(b, loc, k[d]) * static_cast<double>(dilation(d));
      Expr step = offset.constant(stride(d)), position = offset / step;
      Expr inside = both(both(offset >= 0.0, offset % step == 0.0),
                         position < offset.with(local.value(positions[d])));
      fits = fits ? both(*fits, inside) : inside;
      from.push_back(position);
    }
    return when(*fits, state, [&](OpBuilder &, Location) {
      ShapeBuilder s(b, loc);
      Dim taps = s.mul(getAsOpFoldResult(at[1]), s.product(block));
      Value channel = s.value(s.add(taps, linearize(s, k, block)));
      Value column = s.value(linearize(s, from, positions));
      Expr x = Expr::read(b, loc, source, {at[0], channel, column});
      return SmallVector<Value>{Expr(b, loc, state[0]) + x};
    });
  }

  Col2imOp op;
  Value source;
  ArrayRef<OpFoldResult> block;
  OpBuilder &b;
  Location loc;
  ShapeBuilder shapes;
  Dims positions;
};

} // namespace

FailureOr<SmallVector<Value>> Col2imOp::decomposeOperation(OpBuilder &b) {
  ShapeBuilder shapes(b, getLoc());
  Value source = signless(b, getLoc(), getInput());
  Dims dims = resultDims(b, *this), block = *shapes.elements(getBlockShape());
  Value result =
      generate(b, getLoc(), dims, ShapeBuilder::elementType(source),
               [&](OpBuilder &n, Location l, ValueRange at) {
                 return PixelSum(*this, source, ArrayRef(dims).drop_front(2),
                                 block, n, l)
                     .run(at);
               });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

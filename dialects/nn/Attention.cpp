#include "dialects/nn/Attention.h"

#include "dialects/nn/NN.h"

using namespace tw;
using namespace tw::nn;

bool tw::nn::isInterleaved(ArrayAttr interleaved, StringRef name) {
  return llvm::is_contained(interleaved.getAsValueRange<StringAttr>(), name);
}

HeadDims tw::nn::headDims(ShapeBuilder &shapes, Value tensor,
                          bool interleaved) {
  Dims d = shapes.dims(tensor);
  if (interleaved)
    std::swap(d[1], d[2]);
  return {d[0], d[1], d[2], d[3]};
}

Value tw::nn::withRankFour(OpBuilder &b, Location loc, Value extra) {
  if (!extra)
    return extra;
  ShapeBuilder shapes(b, loc);
  Dims dims = shapes.dims(extra);
  if (dims.size() == 4)
    return extra;
  dims.insert(dims.begin(), 4 - dims.size(), shapes.constant(1));
  return reshaped(b, loc, extra, dims);
}

static LogicalResult checkSame(Operation *op, ShapeBuilder &shapes,
                               StringRef what, Dim found, Dim expected) {
  if (shapes.demandEqual(found, expected))
    return success();
  return op->emitOpError(what)
         << ": expected " << *ShapeBuilder::known(expected) << ", found "
         << *ShapeBuilder::known(found);
}

static LogicalResult checkHeads(const AttentionSpec &spec, Dim heads,
                                Dim shared) {
  auto all = ShapeBuilder::known(heads), keys = ShapeBuilder::known(shared);
  if (!all || !keys || (*keys > 0 && *all % *keys == 0))
    return success();
  return spec.op->emitOpError("heads of keys and values: expected a divisor "
                              "of the ")
         << *all << " heads of queries, found " << *keys;
}

/// Bias and mask align with the scores at the right; a last dim of more than 1
/// may end before the keys do, a batch may repeat.
static LogicalResult checkExtra(const AttentionSpec &spec, StringRef name,
                                Value extra, ShapeBuilder &shapes,
                                const Dims &scores) {
  if (!extra)
    return success();
  Type element = ShapeBuilder::elementType(extra);
  if (name == "mask" && !element.isInteger(1))
    return spec.op->emitOpError("mask: expected booleans, found ") << element;
  if (name == "bias" && !isa<FloatType>(element))
    return spec.op->emitOpError("bias: expected floats, found ") << element;
  Dims dims = shapes.dims(extra);
  auto error = [&] {
    return spec.op->emitOpError(name)
           << ": expected a shape that broadcasts to " << describe(scores)
           << ", found " << describe(dims);
  };
  if (dims.size() > 4)
    return error();
  for (auto [i, pair] :
       llvm::enumerate(llvm::zip(llvm::reverse(dims), llvm::reverse(scores)))) {
    auto found = ShapeBuilder::known(std::get<0>(pair)),
         wanted = ShapeBuilder::known(std::get<1>(pair));
    bool fits = !found || *found == 1 || !wanted || *found == *wanted ||
                (i == 0 && *found < *wanted) ||
                (i == 3 && *found > 0 && *wanted % *found == 0);
    if (!fits)
      return error();
    // Columns may end before the keys do, and a batch may repeat.
    if (i == 1 || i == 2)
      (void)shapes.broadcast(std::get<0>(pair), std::get<1>(pair));
  }
  return success();
}

static LogicalResult checkPerBatch(const AttentionSpec &spec,
                                   ShapeBuilder &shapes, StringRef name,
                                   Value tensor, Dim batch) {
  if (!tensor)
    return success();
  Type element = ShapeBuilder::elementType(tensor);
  if (ShapeBuilder::rank(tensor) != 1 || !element.isSignlessInteger() ||
      element.isInteger(1))
    return spec.op->emitOpError(name)
           << ": expected one integer per batch, found " << tensor.getType();
  if (ShapeBuilder::known(shapes.dim(tensor, 0)) == 1)
    return success();
  return checkSame(spec.op, shapes, name, shapes.dim(tensor, 0), batch);
}

static LogicalResult checkAttributes(const AttentionSpec &spec) {
  if (!llvm::is_contained({"none", "top_left", "bottom_right"}, spec.causal))
    return spec.op->emitOpError("attribute 'causal': expected none, top_left "
                                "or bottom_right, found ")
           << spec.causal;
  if (spec.window < 0 || (spec.window > 0 && spec.causal == "none"))
    return spec.op->emitOpError("attribute 'window': expected 0, or more for "
                                "a causal one, found ")
           << spec.window;
  if (spec.softcap < 0)
    return spec.op->emitOpError("attribute 'softcap': expected 0 or more");
  if (spec.deadRows != "zero" && spec.deadRows != "nan")
    return spec.op->emitOpError("attribute 'dead_rows': expected zero or nan, "
                                "found ")
           << spec.deadRows;
  return success();
}

static LogicalResult checkRanks(const AttentionSpec &spec) {
  Type element = ShapeBuilder::elementType(spec.q);
  for (Value operand : {spec.q, spec.k, spec.v}) {
    if (!operand)
      continue;
    if (ShapeBuilder::rank(operand) != 4)
      return spec.op->emitOpError("expected operands of rank 4, found ")
             << operand.getType();
    if (!isa<FloatType>(element) ||
        ShapeBuilder::elementType(operand) != element)
      return spec.op->emitOpError("expected operands of one float type, "
                                  "found ")
             << spec.q.getType() << " and " << operand.getType();
  }
  return success();
}

LogicalResult tw::nn::checkAttention(const AttentionSpec &spec,
                                     ShapeBuilder &shapes) {
  if (failed(checkRanks(spec)) || failed(checkAttributes(spec)))
    return failure();
  HeadDims q = headDims(shapes, spec.q, isInterleaved(spec.interleaved, "q")),
           k = headDims(shapes, spec.k, isInterleaved(spec.interleaved, "k"));
  Dims scores{q.batch, q.heads, q.length, k.length};
  Operation *op = spec.op;
  if (failed(
          checkSame(op, shapes, "size of the keys' heads", k.size, q.size)) ||
      failed(checkSame(op, shapes, "batch of keys", k.batch, q.batch)) ||
      failed(checkHeads(spec, q.heads, k.heads)) ||
      failed(checkExtra(spec, "bias", spec.bias, shapes, scores)) ||
      failed(checkExtra(spec, "mask", spec.mask, shapes, scores)) ||
      failed(checkPerBatch(spec, shapes, "lengths", spec.lengths, q.batch)) ||
      failed(checkPerBatch(spec, shapes, "offsets", spec.offsets, q.batch)))
    return failure();
  if (!spec.v)
    return success();
  HeadDims v = headDims(shapes, spec.v, isInterleaved(spec.interleaved, "v"));
  if (failed(checkSame(op, shapes, "batch of values", v.batch, q.batch)) ||
      failed(checkSame(op, shapes, "heads of values", v.heads, k.heads)))
    return failure();
  return checkSame(op, shapes, "length of values", v.length, k.length);
}

AttentionExpansion::AttentionExpansion(RewriterBase &rewriter,
                                       const AttentionSpec &spec)
    : b(rewriter), spec(spec), shapes(rewriter, spec.op->getLoc()),
      loc(spec.op->getLoc()),
      query(headDims(shapes, spec.q, isInterleaved(spec.interleaved, "q"))),
      key(headDims(shapes, spec.k, isInterleaved(spec.interleaved, "k"))) {}

/// An op whose result type is what its shape rule says.
template <typename OpT, typename... Args>
Value AttentionExpansion::make(Args &&...args) {
  auto op = OpT::create(b, loc, UnrankedTensorType::get(b.getF32Type()),
                        std::forward<Args>(args)...);
  (void)refineResults(shapes, op);
  return op->getResult(0);
}

Value AttentionExpansion::plain(Value tensor, StringRef name) {
  if (!isInterleaved(spec.interleaved, name))
    return tensor;
  return make<TransposeOp>(tensor, b.getDenseI64ArrayAttr({0, 2, 1, 3}));
}

Value AttentionExpansion::reshape(Value tensor, ArrayRef<OpFoldResult> dims) {
  return make<ReshapeOp>(tensor, shapeTensor(b, loc, dims), /*allowzero=*/1);
}

/// Keys or values with as many heads as there are of queries.
Value AttentionExpansion::shared(Value tensor) {
  Dims d = shapes.dims(tensor);
  if (ShapeBuilder::equal(d[1], query.heads))
    return tensor;
  Dim group = shapes.floorDiv(query.heads, d[1]), one = shapes.constant(1);
  Value single = reshape(tensor, {d[0], d[1], one, d[2], d[3]});
  Value repeated = make<ExpandOp>(
      single, shapeTensor(b, loc, {d[0], d[1], group, d[2], d[3]}));
  return reshape(repeated, {d[0], query.heads, d[2], d[3]});
}

Value AttentionExpansion::like(double number, Value tensor) {
  auto type = RankedTensorType::get({}, ShapeBuilder::elementType(tensor));
  bool lossy = false;
  APFloat value(number);
  value.convert(cast<FloatType>(type.getElementType()).getFloatSemantics(),
                APFloat::rmNearestTiesToEven, &lossy);
  return ConstantOp::create(b, loc, type, DenseElementsAttr::get(type, value));
}

/// 0, 1, ... along dim `dim` of scores.
Value AttentionExpansion::positions(Dim count, int64_t dim) {
  auto scalar = [&](Dim d) -> Value {
    auto type = RankedTensorType::get({}, b.getI64Type());
    if (auto known = ShapeBuilder::known(d))
      return ConstantOp::create(b, loc, type,
                                DenseElementsAttr::get(type, *known));
    Value element =
        arith::IndexCastOp::create(b, loc, b.getI64Type(), shapes.value(d));
    return tensor::FromElementsOp::create(b, loc, type, element);
  };
  Value range = make<RangeOp>(scalar(shapes.constant(0)), scalar(count),
                              scalar(shapes.constant(1)));
  Dims dims(4, shapes.constant(1));
  dims[dim] = count;
  return reshape(range, dims);
}

/// Where query 0 stands, per batch; null for key 0.
Value AttentionExpansion::offset() {
  Dim one = shapes.constant(1);
  Value sum;
  if (spec.causal == "bottom_right")
    sum = shapeTensor(b, loc, {shapes.sub(key.length, query.length)});
  if (spec.offsets) {
    Value given = make<CastOp>(spec.offsets, TypeAttr::get(b.getI64Type()),
                               b.getI64IntegerAttr(1), b.getStringAttr("up"));
    sum = sum ? make<AddOp>(sum, given) : given;
  }
  if (!sum)
    return {};
  return reshape(sum, {shapes.dim(sum, 0), one, one, one});
}

Value AttentionExpansion::keep(Value both, Value condition) {
  return both ? make<AndOp>(both, condition) : condition;
}

/// What lengths, causality and window allow; null where that is everything.
Value AttentionExpansion::allowed() {
  Value all, keys = positions(key.length, 3);
  Dim one = shapes.constant(1);
  if (spec.lengths) {
    Value lengths = make<CastOp>(spec.lengths, TypeAttr::get(b.getI64Type()),
                                 b.getI64IntegerAttr(1), b.getStringAttr("up"));
    lengths = reshape(lengths, {shapes.dim(lengths, 0), one, one, one});
    all = keep(all, make<LessOp>(keys, lengths));
  }
  if (spec.causal == "none")
    return all;
  Value places = positions(query.length, 2);
  if (Value start = offset())
    places = make<AddOp>(places, start);
  all = keep(all, make<LessOrEqualOp>(keys, places));
  if (spec.window == 0)
    return all;
  Value window = shapeTensor(b, loc, {shapes.constant(spec.window)});
  return keep(all, make<GreaterOp>(make<AddOp>(keys, window), places));
}

/// `bias` or a mask with a column for each key, new ones `fill`, and with a
/// batch for each batch.
Value AttentionExpansion::padded(Value bias, Value fill) {
  Dims d = shapes.dims(bias);
  if (d.size() == 4 && ShapeBuilder::known(d[0]) != 1 &&
      !ShapeBuilder::equal(d[0], query.batch)) {
    Dims repeats(4, shapes.constant(1));
    repeats[0] = shapes.floorDiv(query.batch, d[0]);
    bias = make<TileOp>(bias, shapeTensor(b, loc, repeats));
  }
  if (d.empty() || ShapeBuilder::known(d.back()) == 1 ||
      ShapeBuilder::equal(d.back(), key.length))
    return bias;
  Dims pads(2 * d.size(), shapes.constant(0));
  pads.back() = shapes.sub(key.length, d.back());
  return make<PadOp>(bias, shapeTensor(b, loc, pads), fill, Value(),
                     b.getStringAttr("constant"));
}

Value AttentionExpansion::biased(Value scores) {
  if (!spec.bias)
    return scores;
  Value bias = spec.bias;
  Type element = ShapeBuilder::elementType(scores);
  if (ShapeBuilder::elementType(bias) != element)
    bias = make<CastOp>(bias, TypeAttr::get(element), b.getI64IntegerAttr(1),
                        b.getStringAttr("up"));
  Value lowest = like(-std::numeric_limits<double>::infinity(), scores);
  return make<AddOp>(scores, padded(bias, lowest));
}

Value AttentionExpansion::masked(Value scores) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (spec.maskLast)
    scores = biased(scores);
  if (spec.mask) {
    auto type = RankedTensorType::get({}, b.getI1Type());
    Value no =
        ConstantOp::create(b, loc, type, DenseElementsAttr::get(type, false));
    Value other = like(spec.maskValue.value_or(-kInfinity), scores);
    scores = make<WhereOp>(padded(spec.mask, no), scores, other);
  }
  if (!spec.maskLast)
    scores = biased(scores);
  Value all = allowed();
  return all ? make<WhereOp>(all, scores, like(-kInfinity, scores)) : scores;
}

Value AttentionExpansion::scores(int64_t stage) {
  Value q = plain(spec.q, "q"), k = shared(plain(spec.k, "k"));
  double size = ShapeBuilder::known(query.size).value_or(0);
  Value scale;
  if (spec.scale || size > 0) {
    scale = like(spec.scale ? *spec.scale : 1.0 / std::sqrt(size), q);
  } else {
    Value root = make<CastOp>(shapeTensor(b, loc, {query.size}),
                              TypeAttr::get(ShapeBuilder::elementType(q)),
                              b.getI64IntegerAttr(1), b.getStringAttr("up"));
    scale = make<ReciprocalOp>(make<SqrtOp>(root));
  }
  Value turned = make<TransposeOp>(k, b.getDenseI64ArrayAttr({0, 1, 3, 2}));
  Value s = make<MatmulOp>(make<MulOp>(q, scale), turned);
  if (stage >= 1 && spec.softcap > 0) {
    Value cap = like(spec.softcap, s);
    s = make<MulOp>(make<TanhOp>(make<DivOp>(s, cap)), cap);
  }
  if (stage >= 2)
    s = masked(s);
  if (stage < 3)
    return s;
  Value p = make<SoftmaxOp>(s, b.getI64IntegerAttr(-1), UnitAttr());
  if (spec.deadRows == "nan")
    return p;
  auto axes = RankedTensorType::get({1}, b.getI64Type());
  Value last = ConstantOp::create(b, loc, axes,
                                  DenseElementsAttr::get(axes, int64_t(-1)));
  Value largest = make<ReduceMaxOp>(s, last, b.getI64IntegerAttr(1),
                                    b.getI64IntegerAttr(0));
  Value lowest = like(-std::numeric_limits<double>::infinity(), s);
  return make<WhereOp>(make<EqualOp>(largest, lowest), like(0, p), p);
}

Value AttentionExpansion::result() {
  Value y = make<MatmulOp>(scores(3), shared(plain(spec.v, "v")));
  return plain(y, "y");
}

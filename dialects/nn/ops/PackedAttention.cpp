#include "dialects/nn/Attention.h"
#include "dialects/nn/AttentionImport.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

static ArrayRef<int64_t> shapeOf(Value tensor) {
  return cast<RankedTensorType>(tensor.getType()).getShape();
}

static LogicalResult checkIntegers(PackedAttentionOp op, StringRef name,
                                   Value tensor, int64_t rank) {
  if (!tensor)
    return success();
  Type element = ShapeBuilder::elementType(tensor);
  if (ShapeBuilder::rank(tensor) == rank &&
      (element.isSignlessInteger(32) || element.isSignlessInteger(64)))
    return success();
  return op.emitOpError(name) << ": expected i32 or i64 of rank " << rank
                              << ", found " << tensor.getType();
}

static LogicalResult checkIntegers(PackedAttentionOp op) {
  if (failed(checkIntegers(op, "query_starts", op.getQueryStarts(), 1)) ||
      failed(checkIntegers(op, "key_starts", op.getKeyStarts(), 1)) ||
      failed(checkIntegers(op, "block_table", op.getBlockTable(), 2)) ||
      failed(checkIntegers(op, "lengths", op.getLengths(), 1)) ||
      failed(checkIntegers(op, "offsets", op.getOffsets(), 1)))
    return failure();
  if (bool(op.getKeyStarts()) == bool(op.getBlockTable()))
    return op.emitOpError("expected key_starts or a block_table, and not both");
  if (op.getBlockTable() && !op.getLengths())
    return op.emitOpError("expected lengths, since keys are in pages");
  return success();
}

/// Sequences that two operands disagree about.
static LogicalResult checkCounts(PackedAttentionOp op) {
  int64_t starts = shapeOf(op.getQueryStarts())[0];
  if (starts == 0)
    return op.emitOpError("query_starts: expected a number more than there are "
                          "sequences, found none");
  auto check = [&](StringRef name, Value tensor, int64_t more) {
    if (!tensor || ShapedType::isDynamic(starts) ||
        ShapedType::isDynamic(shapeOf(tensor)[0]) ||
        shapeOf(tensor)[0] == starts - 1 + more)
      return success();
    return LogicalResult(op.emitOpError(name)
                         << ": expected " << starts - 1 + more << " for "
                         << starts - 1 << " sequences, found "
                         << shapeOf(tensor)[0]);
  };
  return success(succeeded(check("key_starts", op.getKeyStarts(), 1)) &&
                 succeeded(check("block_table", op.getBlockTable(), 0)) &&
                 succeeded(check("lengths", op.getLengths(), 0)) &&
                 succeeded(check("offsets", op.getOffsets(), 0)));
}

/// There is a kernel for narrow floats, and sizes that are known.
static LogicalResult checkHeads(PackedAttentionOp op) {
  Type element = ShapeBuilder::elementType(op.getQ());
  for (Value operand : {op.getQ(), op.getK(), op.getV()}) {
    if (ShapeBuilder::rank(operand) != 4 ||
        (!element.isF32() && !element.isF16() && !element.isBF16()) ||
        ShapeBuilder::elementType(operand) != element)
      return op.emitOpError("expected q, k and v of rank 4 and of one type, "
                            "f32, f16 or bf16, found ")
             << operand.getType();
    int64_t size = shapeOf(operand)[3];
    if (ShapedType::isDynamic(size) || size > AttentionSpec::kMaxHeadSize)
      return op.emitOpError("expected heads of a size that is known and at "
                            "most ")
             << AttentionSpec::kMaxHeadSize << ", found " << operand.getType();
  }
  int64_t heads = shapeOf(op.getQ())[2], shared = shapeOf(op.getK())[2];
  if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(shared) &&
      (shared < 1 || heads % shared))
    return op.emitOpError("heads of keys and values: expected a divisor of "
                          "the ")
           << heads << " heads of queries, found " << shared;
  if (shapeOf(op.getK())[3] != shapeOf(op.getQ())[3])
    return op.emitOpError("size of the keys' heads: expected ")
           << shapeOf(op.getQ())[3] << ", found " << shapeOf(op.getK())[3];
  if (op.getBlockTable() && (ShapedType::isDynamic(shapeOf(op.getK())[1]) ||
                             shapeOf(op.getK())[1] < 1))
    return op.emitOpError("page size: expected one that is known and at least "
                          "1, found ")
           << op.getK().getType();
  return success();
}

LogicalResult
PackedAttentionOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  if (failed(checkHeads(*this)) || failed(checkIntegers(*this)) ||
      failed(checkCounts(*this)))
    return failure();
  if (getWindow() < 0 || (getWindow() > 0 && !getCausal()))
    return emitOpError("attribute 'window': expected 0, or more for a causal "
                       "one, found ")
           << static_cast<int64_t>(getWindow());
  Dims dims = shapes.dims(getQ());
  dims[3] = shapes.dim(getV(), 3);
  results.push_back({std::move(dims), ShapeBuilder::elementType(getQ())});
  return success();
}

FailureOr<SmallVector<Value>>
PackedAttentionOp::decomposeOperation(OpBuilder &b) {
  auto size = static_cast<float>(shapeOf(getQ())[3]);
  float scale = getScale() ? getScale()->convertToFloat() : 1 / std::sqrt(size);
  Value init = emptyResult(b, *this);
  auto op = tile::AttentionOp::create(
      b, getLoc(), init.getType(), getQ(), getK(), getV(),
      withRankFour(b, getLoc(), getBias()), /*mask=*/Value(), getLengths(),
      getOffsets(), getQueryStarts(), getKeyStarts(), getBlockTable(), init,
      b.getF32FloatAttr(scale), getSoftcapAttr(), getCausalAttr(),
      getWindowAttr(), /*mask_value=*/FloatAttr(), /*mask_last=*/UnitAttr(),
      b.getStringAttr("zero"), b.getStrArrayAttr({"q", "k", "v", "y"}));
  return SmallVector<Value>{op.getResult(0)};
}

namespace {

/// A node while it is imported. A value that could not be built is null, and an
/// error has been emitted; what is built from null is null.
class PackedImport : AttentionImport {
public:
  using AttentionImport::AttentionImport;

  FailureOr<SmallVector<Value>> multiHead();
  FailureOr<SmallVector<Value>> paged();

private:
  static constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

  Value split(Value x, int64_t count, StringRef attribute);
  LogicalResult splitPacked(Value packed);
  LogicalResult addBias(Value bias);
  LogicalResult checkPaged();
  void placeTokens();
  Value slots(Value cache);
  Value written(Value cache, Value own);
  Value rotated(Value x);
  FailureOr<Value> build(ArrayRef<Value> operands, NamedAttrList attributes);

  // Of paged attention, i64: past lengths and starts of the sequences; of each
  // token its sequence and its position.
  Value past, starts, sequences, positions;
};

} // namespace

/// [tokens, count * size] => [1, tokens, count, size]
Value PackedImport::split(Value x, int64_t count, StringRef attribute) {
  if (!x)
    return {};
  int64_t columns = shapeOf(x).back();
  if (ShapeBuilder::rank(x) != 2 || ShapedType::isDynamic(columns))
    return fail("expected queries, keys and values [tokens, columns] with a "
                "known number of columns, found rank " +
                llvm::Twine(ShapeBuilder::rank(x)));
  if (!areOfHeads(columns, count, attribute))
    return {};
  return reshape(x, {1, -1, count, columns / count});
}

/// q, k and v beside each other in the columns of one tensor.
LogicalResult PackedImport::splitPacked(Value packed) {
  int64_t columns = shapeOf(packed).back(), all = heads + 2 * keyHeads;
  if (ShapedType::isDynamic(columns) || columns % all)
    return node.error() << "input 'query': expected a multiple of " << all
                        << " columns, since keys and values are packed with "
                           "it, found "
                        << columns;
  int64_t size = columns / all, first = heads * size,
          second = first + keyHeads * size;
  q = split(slice(packed, 0, first, 1), heads, "num_heads");
  k = split(slice(packed, first, second, 1), keyHeads, "kv_num_heads");
  v = split(slice(packed, second, kEnd, 1), keyHeads, "kv_num_heads");
  return success(q && k && v);
}

FailureOr<Value> PackedImport::build(ArrayRef<Value> operands,
                                     NamedAttrList attributes) {
  if (auto scale = node.number("scale"); scale && *scale != 0)
    attributes.set("scale", b.getF32FloatAttr(*scale));
  auto y = node.build<PackedAttentionOp>(operands, attributes.getAttrs());
  if (failed(y))
    return failure();
  return node.build<ReshapeOp>(
      {*y, node.constant({-1, heads * shapeOf(*y).back()})});
}

/// A bias of the columns of q, k and v.
LogicalResult PackedImport::addBias(Value bias) {
  int64_t first = heads * shapeOf(q).back(), second = 2 * first;
  auto added = [&](Value x, int64_t from, int64_t to) {
    return make<AddOp>(
        {x, reshape(slice(bias, from, to, 0), {heads, shapeOf(x).back()})});
  };
  q = added(q, 0, first), k = added(k, first, second),
  v = added(v, second, kEnd);
  return success(q && k && v);
}

/// Inputs: query, key, value, bias, token_offset (which says where tokens are
/// in the padded form, and so nothing here), cumulative_sequence_length,
/// attention_bias. A query of rank 4 is [tokens, heads, 3, size].
FailureOr<SmallVector<Value>> PackedImport::multiHead() {
  node.inputs.resize(7);
  Value query = node.input(0);
  if (ShapeBuilder::rank(query) == 4) {
    auto part = [&](int64_t i) {
      return reshape(slice(query, i, i + 1, 2),
                     {1, -1, heads, shapeOf(query).back()});
    };
    q = part(0), k = part(1), v = part(2);
  } else {
    q = split(query, heads, "num_heads");
    k = split(node.input(1), heads, "num_heads");
    v = split(node.input(2), heads, "num_heads");
    if (!node.input(1) || !node.input(2))
      return node.error() << "inputs 'key' and 'value': expected both, since "
                             "the query is not packed, found less";
  }
  if (!q || !k || !v || (node.input(3) && failed(addBias(node.input(3)))))
    return failure();
  Value starts = node.input(5);
  auto y = build(
      {q, k, v, starts, starts, Value(), Value(), Value(), node.input(6)}, {});
  if (failed(y))
    return failure();
  return SmallVector<Value>{*y};
}

/// What the operator has, and we have not.
LogicalResult PackedImport::checkPaged() {
  for (StringRef name : {"k_quant_type", "v_quant_type"})
    if (StringRef kind = node.string(name); !kind.empty() && kind != "NONE")
      return node.error() << "attribute '" << name << "': expected NONE, found "
                          << kind << ", which is not supported yet";
  if (StringRef layout = node.string("kv_cache_layout");
      !layout.empty() && layout != "SEPARATE")
    return node.error() << "attribute 'kv_cache_layout': expected SEPARATE, "
                           "found "
                        << layout << ", which is not supported yet";
  if (int64_t offset = node.integer("rotary_offset").value_or(0))
    return node.error() << "attribute 'rotary_offset': expected 0, found "
                        << offset << ", which is not supported yet";
  constexpr std::pair<unsigned, StringLiteral> kInputs[] = {
      {11, "head_sink"}, {12, "q_norm_weight"}, {13, "k_norm_weight"}};
  for (auto [i, name] : kInputs)
    if (node.input(i))
      return node.error() << "input '" << name
                          << "': expected none, found one, which is not "
                             "supported yet";
  constexpr std::pair<unsigned, StringLiteral> kNeeded[] = {
      {3, "key_cache"},
      {4, "value_cache"},
      {5, "cumulative_sequence_length"},
      {6, "past_seqlens"},
      {7, "block_table"}};
  for (auto [i, name] : kNeeded)
    if (!node.input(i) || ShapeBuilder::rank(node.input(i)) == 0)
      return node.error() << "input '" << name << "': expected one, found none";
  int64_t starts = shapeOf(node.input(5)).front();
  for (unsigned i : {6, 7})
    if (int64_t found = shapeOf(node.input(i)).front();
        !ShapedType::isDynamic(starts) && !ShapedType::isDynamic(found) &&
        found != starts - 1)
      return node.error() << "input '" << kNeeded[i - 3].second
                          << "': expected " << starts - 1 << " for "
                          << starts - 1 << " sequences, found " << found;
  Type element = ShapeBuilder::elementType(node.input(0));
  for (unsigned i : {3, 4})
    if (ShapeBuilder::rank(node.input(i)) != 4 ||
        ShapeBuilder::elementType(node.input(i)) != element)
      return node.error() << "caches: expected [pages, page size, heads, size] "
                             "of "
                          << element << ", found " << node.input(i).getType();
  return success();
}

/// Token t belongs to the sequence s with starts[s] <= t < starts[s + 1], and
/// stands at past[s] + t - starts[s].
void PackedImport::placeTokens() {
  past = toI64(node.input(6));
  starts = toI64(node.input(5));
  Value count = reshape(lengthOf(q, 1), {});
  Value tokens = make<RangeOp>(
      {node.scalar(b.getI64Type(), 0), count, node.scalar(b.getI64Type(), 1)});
  Value isLater = make<GreaterOrEqualOp>(
      {reshape(tokens, {-1, 1}), reshape(slice(starts, 1, kEnd, 0), {1, -1})});
  Value later = make<ReduceSumOp>({toI64(isLater), node.constant({1})},
                                  {integer("keepdims", 0)});
  Value last = make<SubOp>({lengthOf(past, 0), node.constant({1})});
  sequences = make<MinOp>({later, last});
  Value shift = make<SubOp>({past, slice(starts, 0, -1, 0)});
  positions = make<AddOp>(
      {tokens, make<GatherOp>({shift, sequences}, {integer("axis", 0)})});
}

/// The row of each token in all pages' rows; one beyond the last row where it
/// is not kept.
Value PackedImport::slots(Value cache) {
  Value size = lengthOf(cache, 1);
  if (Value given = node.input(10)) {
    Value rows = make<MulOp>({lengthOf(cache, 0), size});
    given = toI64(given);
    Value isKept = make<GreaterOrEqualOp>({given, node.constant({0})});
    return make<WhereOp>({isKept, given, rows});
  }
  Value pages = make<DivOp>({positions, size});
  Value place =
      make<ConcatOp>({reshape(sequences, {-1, 1}), reshape(pages, {-1, 1})},
                     {integer("axis", 1)});
  Value page = make<GatherNdOp>({toI64(node.input(7)), place});
  return make<AddOp>(
      {make<MulOp>({page, size}), make<ModOp>({positions, size})});
}

/// `cache` with the new tokens' rows.
Value PackedImport::written(Value cache, Value own) {
  if (!own)
    return {};
  ArrayRef<int64_t> shape = shapeOf(cache);
  int64_t count = shapeOf(own)[2], size = shapeOf(own)[3];
  Value rows = make<ScatterNdOp>({reshape(cache, {-1, count, size}),
                                  reshape(slots(cache), {-1, 1}),
                                  reshape(own, {-1, count, size})});
  return reshape(rows, {-1, shape[1], count, size});
}

Value PackedImport::rotated(Value x) {
  return make<RotaryEmbeddingOp>(
      {x, node.input(8), node.input(9), reshape(positions, {1, -1})},
      {integer("interleaved", node.integer("rotary_interleaved").value_or(0)),
       integer("rotary_dim", 2 * shapeOf(node.input(8)).back()),
       node.attribute("length_first", b.getUnitAttr())});
}

/// Inputs: query, key, value, key_cache, value_cache,
/// cumulative_sequence_length, past_seqlens, block_table, cos_cache, sin_cache,
/// slot_mapping, head_sink, q_norm_weight, k_norm_weight, k_scale, v_scale,
/// attention_metadata (bounds that nothing here needs).
FailureOr<SmallVector<Value>> PackedImport::paged() {
  node.inputs.resize(17);
  if (keyHeads < 1 || heads % keyHeads)
    return node.error()
           << "attribute 'kv_num_heads': expected a divisor of num_heads ("
           << heads << "), found " << keyHeads;
  if (failed(checkPaged()))
    return failure();
  if (!node.input(1)) {
    if (failed(splitPacked(node.input(0))))
      return failure();
  } else {
    q = split(node.input(0), heads, "num_heads");
    k = split(node.input(1), keyHeads, "kv_num_heads");
    v = split(node.input(2), keyHeads, "kv_num_heads");
  }
  if (!q || !k || !v)
    return failure();
  placeTokens();
  if (node.integer("do_rotary").value_or(0)) {
    if (!node.input(8) || !node.input(9))
      return node.error() << "inputs 'cos_cache' and 'sin_cache': expected "
                             "both for do_rotary, found less";
    q = rotated(q), k = rotated(k);
  }
  k = written(node.input(3), k), v = written(node.input(4), v);
  if (!q || !k || !v)
    return failure();
  Value own = make<SubOp>({slice(starts, 1, kEnd, 0), slice(starts, 0, -1, 0)});
  NamedAttrList attributes;
  if (node.integer("is_causal").value_or(1))
    attributes.set("causal", b.getUnitAttr());
  if (int64_t window = node.integer("local_window_size").value_or(-1);
      window > 0)
    attributes.set("window", b.getI64IntegerAttr(window));
  if (auto softcap = node.number("softcap"))
    attributes.set("softcap", b.getF32FloatAttr(*softcap));
  auto y = build({q, k, v, starts, Value(), toI64(node.input(7)),
                  make<AddOp>({past, own}), past},
                 attributes);
  if (failed(y))
    return failure();
  SmallVector<Value> results{*y, k, v};
  results.resize(node.numOutputs);
  return results;
}

FailureOr<SmallVector<Value>> PackedAttentionOp::importOnnx(OnnxNode &node) {
  if (node.integer("num_heads").value_or(0) < 1)
    return node.error() << "attribute 'num_heads': expected 1 or more, found "
                        << node.integer("num_heads").value_or(0);
  PackedImport import(node);
  return node.type == "PagedAttention" ? import.paged() : import.multiHead();
}

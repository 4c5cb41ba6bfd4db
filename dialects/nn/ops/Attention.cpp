#include "dialects/nn/Attention.h"
#include "dialects/nn/NN.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::nn;

LogicalResult AttentionOp::inferResults(ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  AttentionSpec spec = AttentionSpec::of(*this);
  spec.v = getV();
  if (failed(checkAttention(spec, shapes)))
    return failure();
  HeadDims q = headDims(shapes, getQ(), isInterleaved(getInterleaved(), "q")),
           v = headDims(shapes, getV(), isInterleaved(getInterleaved(), "v"));
  Dims dims{q.batch, q.heads, q.length, v.size};
  if (isInterleaved(getInterleaved(), "y"))
    std::swap(dims[1], dims[2]);
  results.push_back({dims, ShapeBuilder::elementType(getQ())});
  return success();
}

LogicalResult
AttentionScoresOp::inferResults(ShapeBuilder &shapes,
                                SmallVectorImpl<ResultShape> &results) {
  if (failed(checkAttention(AttentionSpec::of(*this), shapes)))
    return failure();
  if (getStage() > 3)
    return emitOpError("attribute 'stage': expected 0, 1, 2 or 3, found ")
           << static_cast<int64_t>(getStage());
  HeadDims q = headDims(shapes, getQ(), isInterleaved(getInterleaved(), "q")),
           k = headDims(shapes, getK(), isInterleaved(getInterleaved(), "k"));
  results.push_back({{q.batch, q.heads, q.length, k.length},
                     ShapeBuilder::elementType(getQ())});
  return success();
}

/// Up to f32, with heads whose size is known and not excessive.
bool AttentionOp::hasKernel(bool gpu) {
  auto isKnown = [](Value v) {
    return !ShapedType::isDynamic(
        cast<RankedTensorType>(v.getType()).getShape().back());
  };
  Type element = ShapeBuilder::elementType(getQ());
  bool isNarrow = element.isF32() || element.isF16() || element.isBF16();
  if (getBias()) {
    Type bias = ShapeBuilder::elementType(getBias());
    isNarrow = isNarrow && (bias.isF32() || bias.isF16() || bias.isBF16());
  }
  return isNarrow && isKnown(getQ()) && isKnown(getV()) &&
         cast<RankedTensorType>(getQ().getType()).getShape().back() <=
             AttentionSpec::kMaxHeadSize;
}

bool AttentionScoresOp::hasKernel(bool gpu) { return false; }

FailureOr<SmallVector<Value>> AttentionOp::expand(RewriterBase &rewriter) {
  AttentionSpec spec = AttentionSpec::of(*this);
  spec.v = getV();
  return SmallVector<Value>{AttentionExpansion(rewriter, spec).result()};
}

FailureOr<SmallVector<Value>>
AttentionScoresOp::expand(RewriterBase &rewriter) {
  AttentionExpansion expansion(rewriter, AttentionSpec::of(*this));
  return SmallVector<Value>{expansion.scores(getStage())};
}

FailureOr<SmallVector<Value>>
AttentionScoresOp::decomposeOperation(OpBuilder &b) {
  return failure();
}

FailureOr<SmallVector<Value>> AttentionOp::decomposeOperation(OpBuilder &b) {
  if (!hasKernel(/*gpu=*/false))
    return failure();
  Location loc = getLoc();
  ShapeBuilder shapes(b, loc);
  auto size = cast<RankedTensorType>(getQ().getType()).getShape().back();
  float scale = getScale() ? getScale()->convertToFloat()
                           : 1.0f / std::sqrt(static_cast<float>(size));
  Value bias = withRankFour(b, loc, getBias()),
        mask = withRankFour(b, loc, getMask());
  Value offsets = getOffsets();
  if (getCausal() == "bottom_right") {
    HeadDims q = headDims(shapes, getQ(), isInterleaved(getInterleaved(), "q")),
             k = headDims(shapes, getK(), isInterleaved(getInterleaved(), "k"));
    Value shift = arith::IndexCastOp::create(
        b, loc, b.getI64Type(), shapes.value(shapes.sub(k.length, q.length)));
    offsets = tensor::FromElementsOp::create(b, loc, shift);
  }
  UnitAttr causal = getCausal() == "none" ? UnitAttr() : b.getUnitAttr();
  Value init = emptyResult(b, *this);
  auto op = tile::AttentionOp::create(
      b, loc, init.getType(), getQ(), getK(), getV(), bias, mask, getLengths(),
      offsets, /*query_starts=*/Value(), /*key_starts=*/Value(),
      /*block_table=*/Value(), init, b.getF32FloatAttr(scale), getSoftcapAttr(),
      causal, getWindowAttr(), getMaskValueAttr(), getMaskLastAttr(),
      getDeadRowsAttr(), getInterleavedAttr());
  return SmallVector<Value>{op.getResult(0)};
}

namespace {

/// An ONNX Attention while it is imported.
class AttentionImport {
public:
  explicit AttentionImport(OnnxNode &node) : node(node), b(node.builder) {}

  FailureOr<SmallVector<Value>> run();

private:
  LogicalResult readInputs();
  LogicalResult splitHeads(unsigned input, StringRef attribute, StringRef name);
  LogicalResult appendToPast(unsigned input, unsigned past, StringRef name);
  LogicalResult readMask();
  FailureOr<Value> inOrder(Value tensor, StringRef name);
  FailureOr<Value> attention();
  FailureOr<Value> scores();

  OnnxNode &node;
  OpBuilder &b;
  SmallVector<Attribute> interleaved;
  NamedAttrList attributes;
  Value bias, mask, offsets;
  bool isFlat = false;
};

/// [batch, length, heads * size] => [batch, length, heads, size]
LogicalResult AttentionImport::splitHeads(unsigned input, StringRef attribute,
                                          StringRef name) {
  auto heads = node.integer(attribute);
  if (!heads || *heads < 1)
    return node.error() << "attribute '" << attribute
                        << "': expected the number of heads, which inputs of "
                           "rank 3 need, found none";
  Value tensor = node.input(input);
  int64_t width = cast<RankedTensorType>(tensor.getType()).getShape().back();
  if (!ShapedType::isDynamic(width) && width % *heads)
    return node.error() << "attribute '" << attribute
                        << "': expected a divisor of the " << width
                        << " columns of input '" << name.upper() << "', found "
                        << *heads;
  auto split =
      node.build<ReshapeOp>({tensor, node.constant({0, 0, *heads, -1})});
  if (failed(split))
    return failure();
  interleaved.push_back(b.getStringAttr(name));
  node.inputs[input] = *split;
  return success();
}

/// The tensor as [batch, heads, length, size].
FailureOr<Value> AttentionImport::inOrder(Value tensor, StringRef name) {
  if (!llvm::is_contained(interleaved, b.getStringAttr(name)))
    return tensor;
  llvm::erase(interleaved, b.getStringAttr(name));
  return node.build<TransposeOp>(
      {tensor}, {node.attribute("perm", b.getDenseI64ArrayAttr({0, 2, 1, 3}))});
}

LogicalResult AttentionImport::appendToPast(unsigned input, unsigned past,
                                            StringRef name) {
  bool isPresent = node.numOutputs > 1;
  if (!node.input(past) && !isPresent)
    return success();
  auto own = inOrder(node.input(input), name);
  if (failed(own))
    return failure();
  node.inputs[input] = *own;
  if (!node.input(past))
    return success();
  auto all =
      node.build<ConcatOp>({node.input(past), *own},
                           {node.attribute("axis", b.getI64IntegerAttr(2))});
  if (failed(all))
    return failure();
  node.inputs[input] = *all;
  return success();
}

LogicalResult AttentionImport::readMask() {
  Value given = node.input(3);
  if (!given)
    return success();
  Type element = ShapeBuilder::elementType(given),
       wanted = ShapeBuilder::elementType(node.input(0));
  if (element.isInteger(1)) {
    mask = given;
    return success();
  }
  bias = given;
  if (element == wanted)
    return success();
  auto converted = node.build<CastOp>(
      {given}, {node.attribute("to", TypeAttr::get(wanted))});
  if (failed(converted))
    return failure();
  bias = *converted;
  return success();
}

LogicalResult AttentionImport::readInputs() {
  isFlat = ShapeBuilder::rank(node.input(0)) == 3;
  constexpr StringLiteral kNames[] = {"q", "k", "v"};
  for (auto [i, name] : llvm::enumerate(kNames)) {
    int64_t rank = ShapeBuilder::rank(node.input(i));
    if (rank != (isFlat ? 3 : 4))
      return node.error() << "input '" << name.upper() << "': expected "
                          << (isFlat ? 3 : 4) << " dims, found " << rank;
    if (isFlat &&
        failed(splitHeads(i, i == 0 ? "q_num_heads" : "kv_num_heads", name)))
      return failure();
  }
  if (bool(node.input(4)) != bool(node.input(5)))
    return node.error() << "inputs 'past_key' and 'past_value': expected both "
                           "or none, found one";
  if (failed(appendToPast(1, 4, "k")) || failed(appendToPast(2, 5, "v")))
    return failure();
  return readMask();
}

FailureOr<Value> AttentionImport::scores() {
  NamedAttrList all = attributes;
  all.set("stage", b.getI64IntegerAttr(
                       node.integer("qk_matmul_output_mode").value_or(0)));
  return node.build<AttentionScoresOp>(
      {node.input(0), node.input(1), bias, mask, node.input(6), offsets},
      all.getAttrs());
}

FailureOr<Value> AttentionImport::attention() {
  NamedAttrList all = attributes;
  if (isFlat) {
    SmallVector<Attribute> names(interleaved);
    names.push_back(b.getStringAttr("y"));
    all.set("interleaved", b.getArrayAttr(names));
  }
  auto y = node.build<AttentionOp>({node.input(0), node.input(1), node.input(2),
                                    bias, mask, node.input(6), offsets},
                                   all.getAttrs());
  if (failed(y) || !isFlat)
    return y;
  return node.build<ReshapeOp>({*y, node.constant({0, 0, -1})});
}

FailureOr<SmallVector<Value>> AttentionImport::run() {
  node.inputs.resize(7);
  Value past = node.input(4);
  if (failed(readInputs()))
    return failure();
  if (node.integer("is_causal").value_or(0)) {
    attributes.set("causal", b.getStringAttr("top_left"));
    if (past) {
      auto length = node.build<ShapeOp>(
          {past}, {node.attribute("start", b.getI64IntegerAttr(2)),
                   node.attribute("end", b.getI64IntegerAttr(3))});
      if (failed(length))
        return failure();
      offsets = *length;
    }
  }
  if (auto scale = node.number("scale"))
    attributes.set("scale", b.getF32FloatAttr(*scale));
  if (auto softcap = node.number("softcap"))
    attributes.set("softcap", b.getF32FloatAttr(*softcap));
  attributes.set("interleaved", b.getArrayAttr(interleaved));
  auto y = attention();
  if (failed(y))
    return failure();
  SmallVector<Value> results{*y, node.input(1), node.input(2)};
  results.resize(node.numOutputs);
  if (node.numOutputs < 4)
    return results;
  auto s = scores();
  if (failed(s))
    return failure();
  results[3] = *s;
  return results;
}

} // namespace

FailureOr<SmallVector<Value>> AttentionOp::importOnnx(OnnxNode &node) {
  if (!node.domain.empty())
    return importContribAttention(node);
  return AttentionImport(node).run();
}

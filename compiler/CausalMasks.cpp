#include "compiler/CausalMasks.h"

#include "dialects/nn/Attention.h"
#include "passes/MaskReader.h"

using namespace tw;

namespace {

enum class Effect { Keeps, Hides, Other };

Effect effectOf(double number) {
  if (number == 0)
    return Effect::Keeps;
  return number <= kHides ? Effect::Hides : Effect::Other;
}

/// The tensor whose elements, in the same order, are seen through reshapes.
Value withoutViews(Value tensor) {
  while (auto view = tensor.getDefiningOp<FusionOpInterface>()) {
    if (view.getFusionKind() != FusionKind::View)
      break;
    tensor = view->getOperand(0);
  }
  return tensor;
}

/// What each element of a bias or mask does to its score; nothing where its
/// numbers are not known, or of a type that is neither f32 nor boolean.
std::optional<std::vector<Effect>> effects(Value extra,
                                           const Weights &weights) {
  std::vector<Effect> result;
  auto addFlag = [&](bool keeps) {
    result.push_back(keeps ? Effect::Keeps : Effect::Hides);
  };
  extra = withoutViews(extra);
  Type element = ShapeBuilder::elementType(extra);
  if (auto constant = extra.getDefiningOp<nn::ConstantOp>()) {
    auto elements = dyn_cast<DenseElementsAttr>(constant.getValue());
    if (!elements)
      return std::nullopt;
    if (element.isInteger(1))
      llvm::for_each(elements.getValues<bool>(), addFlag);
    else if (element.isF32())
      for (float number : elements.getValues<float>())
        result.push_back(effectOf(number));
    return result;
  }
  auto weight = extra.getDefiningOp<nn::WeightOp>();
  if (!weight)
    return std::nullopt;
  StringRef bytes = weights.bytes(weight.getId());
  if (element.isInteger(1))
    llvm::for_each(bytes, addFlag);
  for (size_t i = 0; element.isF32() && i < bytes.size(); i += sizeof(float)) {
    float number;
    memcpy(&number, bytes.data() + i, sizeof(float));
    result.push_back(effectOf(number));
  }
  return result;
}

/// How many keys the first query sees, where each further query sees one more,
/// in each of the matrices that a table has for batches and heads; nothing
/// where they do not. At least one: no row is without keys.
std::optional<int64_t> triangle(ArrayRef<Effect> table, int64_t queries,
                                int64_t keys) {
  if (table.empty() || table.size() % (queries * keys) != 0)
    return std::nullopt;
  auto first = table.take_front(keys);
  int64_t seen =
      llvm::find_if(first, [](Effect e) { return e != Effect::Keeps; }) -
      first.begin();
  if (seen == 0)
    return std::nullopt;
  for (auto [place, effect] : llvm::enumerate(table)) {
    int64_t j = place % keys, i = place / keys % queries;
    if (effect != (j < seen + i ? Effect::Keeps : Effect::Hides))
      return std::nullopt;
  }
  return seen;
}

/// The only bias or mask of an attention without other limits; null where there
/// is none or more.
Value onlyExtra(nn::AttentionOp op) {
  bool hidesByNumber =
      !op.getMaskValue() || op.getMaskValue()->convertToDouble() <= kHides;
  bool isPlain = op.getCausal() == "none" && !op.getLengths() &&
                 !op.getOffsets() && hidesByNumber;
  if (!isPlain || (op.getBias() && op.getMask()))
    return {};
  return op.getBias() ? op.getBias() : op.getMask();
}

void visit(nn::AttentionOp op, const Weights &weights) {
  Value extra = onlyExtra(op);
  if (!extra)
    return;
  auto length = [&](Value tensor, StringRef name) {
    auto shape = cast<RankedTensorType>(tensor.getType()).getShape();
    return shape[nn::isInterleaved(op.getInterleaved(), name) ? 1 : 2];
  };
  int64_t queries = length(op.getQ(), "q"), keys = length(op.getK(), "k");
  auto shape = cast<RankedTensorType>(extra.getType()).getShape();
  if (shape.size() < 2 || shape.take_back(2) != ArrayRef({queries, keys}))
    return;
  auto table = effects(extra, weights);
  auto seen = table ? triangle(*table, queries, keys) : std::nullopt;
  if (!seen)
    return;
  op.getBiasMutable().clear();
  op.getMaskMutable().clear();
  op.removeMaskValueAttr();
  op.setMaskLast(false);
  if (*seen >= keys)
    return;
  op.setCausal("top_left");
  OpBuilder b(op);
  auto type = RankedTensorType::get({1}, b.getI64Type());
  auto offset = DenseElementsAttr::get(type, *seen - 1);
  op.getOffsetsMutable().assign(
      nn::ConstantOp::create(b, op.getLoc(), type, offset).getResult());
}

} // namespace

void tw::findCausalMasks(ModuleOp module, const Weights &weights) {
  module.walk([&](nn::AttentionOp op) { visit(op, weights); });
}

void tw::markTriangles(ModuleOp module, const Weights &weights) {
  Builder b(module.getContext());
  module.walk([&](nn::WeightOp op) {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    StringRef bytes = weights.bytes(op.getId());
    if (!type || !type.hasStaticShape())
      return;
    std::optional<Triangle> found;
    size_t count = type.getNumElements();
    if (type.getElementType().isInteger(1) && bytes.size() == count)
      found = readTriangle(type, [&](int64_t i) { return bytes[i] != 0; });
    if (type.getElementType().isF32() && bytes.size() == count * sizeof(float))
      found = readTriangle(type, [&](int64_t i) {
        float number;
        memcpy(&number, bytes.data() + i * sizeof(float), sizeof(float));
        return number;
      });
    if (found)
      op->setAttr(kTriangleAttr, triangleAttr(b, *found));
  });
}

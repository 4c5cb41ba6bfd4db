#include "passes/MaskReader.h"

#include "dialects/interfaces/DimAlgebra.h"

#include "mlir/IR/Matchers.h"

using namespace tw;

/// The number that all elements of a constant are, if it is one.
static std::optional<double> splatNumber(Value tensor) {
  DenseElementsAttr elements;
  if (!matchPattern(tensor, m_Constant(&elements)) || !elements.isSplat())
    return std::nullopt;
  Type type = elements.getElementType();
  if (isa<FloatType>(type))
    return elements.getSplatValue<APFloat>().convertToDouble();
  if (type.isInteger(1))
    return elements.getSplatValue<bool>() ? 1 : 0;
  return std::nullopt;
}

std::optional<Triangle>
tw::readTriangle(RankedTensorType type,
                 llvm::function_ref<double(int64_t)> at) {
  if (type.getRank() < 2 || !type.hasStaticShape() ||
      type.getNumElements() == 0)
    return std::nullopt;
  int64_t rows = type.getShape().end()[-2], columns = type.getShape().back(),
          seen = 1;
  double shown = at(0);
  while (seen < columns && at(seen) == shown)
    ++seen;
  if (seen == columns)
    return std::nullopt;
  double hidden = at(seen);
  for (int64_t place = 0; place < type.getNumElements(); ++place) {
    int64_t j = place % columns, i = place / columns % rows;
    if (at(place) != (j < seen + i ? shown : hidden))
      return std::nullopt;
  }
  return Triangle{seen - 1, shown, hidden};
}

DictionaryAttr tw::triangleAttr(Builder &b, const Triangle &triangle) {
  return b.getDictionaryAttr(
      {b.getNamedAttr("last", b.getI64IntegerAttr(triangle.last)),
       b.getNamedAttr("shown", b.getF64FloatAttr(triangle.shown)),
       b.getNamedAttr("hidden", b.getF64FloatAttr(triangle.hidden))});
}

static Triangle triangleOf(DictionaryAttr attr) {
  return {attr.getAs<IntegerAttr>("last").getInt(),
          attr.getAs<FloatAttr>("shown").getValueAsDouble(),
          attr.getAs<FloatAttr>("hidden").getValueAsDouble()};
}

static bool isUniform(const Choice &c) {
  return !c.visible.last && c.visible.flags.empty();
}

static Choice uniform(double number) { return {{}, number, number}; }

/// The index from the end of dim `d` of a tensor of this rank.
static int64_t fromEnd(int64_t rank, int64_t d) { return rank - 1 - d; }

/// Whether a tensor that is broadcast to another keeps the places that it
/// counts.
static bool keepsPlaces(const Positions &p, Value from, Value to,
                        ShapeBuilder &shapes) {
  for (auto [d, step] : llvm::enumerate(p.steps))
    if (step != 0 && !equalSizes(shapes.dim(from, -1 - static_cast<int64_t>(d)),
                                 shapes.dim(to, -1 - static_cast<int64_t>(d))))
      return false;
  return true;
}

std::optional<Choice> MaskReader::choice(Value tensor) {
  MaskContent content = read(tensor);
  if (auto *c = std::get_if<Choice>(&content))
    return *c;
  if (ShapeBuilder::elementType(tensor).isInteger(1))
    return flag(tensor);
  return std::nullopt;
}

std::optional<Positions> MaskReader::positions(Value tensor) {
  MaskContent content = read(tensor);
  if (auto *p = std::get_if<Positions>(&content))
    return *p;
  return std::nullopt;
}

Choice MaskReader::flag(Value tensor) {
  Choice c{{}, 1, 0};
  c.visible.flags.push_back({tensor, false});
  return c;
}

MaskContent MaskReader::read(Value tensor) {
  if (auto it = known.find(tensor); it != known.end())
    return it->second;
  MaskContent content;
  if (isa<RankedTensorType>(tensor.getType()))
    content = compute(tensor);
  known[tensor] = content;
  return content;
}

MaskContent MaskReader::compute(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return {};
  if (op->hasTrait<OpTrait::ConstantLike>() || isa<tensor::FromElementsOp>(op))
    return constant(tensor);
  if (auto found = op->getAttrOfType<DictionaryAttr>(kTriangleAttr))
    return table(tensor, triangleOf(found));
  if (auto slice = dyn_cast<nn::SliceOp>(op))
    return sliced(slice);
  if (auto range = dyn_cast<nn::RangeOp>(op))
    return this->range(range);
  if (auto unsqueeze = dyn_cast<nn::UnsqueezeOp>(op))
    return unsqueezed(unsqueeze);
  if (auto expand = dyn_cast<nn::ExpandOp>(op))
    return expanded(expand);
  if (auto reshape = dyn_cast<nn::ReshapeOp>(op))
    return reshaped(reshape);
  if (auto trilu = dyn_cast<nn::TriluOp>(op))
    return triangle(trilu);
  if (auto cast = dyn_cast<nn::CastOp>(op))
    return converted(cast);
  if (isa<nn::AddOp>(op))
    return sum(op, 1);
  if (isa<nn::SubOp>(op))
    return sum(op, -1);
  if (isa<nn::MulOp>(op))
    return product(op->getOperand(0), op->getOperand(1));
  if (isa<nn::LessOp, nn::LessOrEqualOp, nn::GreaterOp, nn::GreaterOrEqualOp,
          nn::EqualOp>(op))
    return compared(op);
  if (isa<nn::AndOp, nn::OrOp>(op))
    return conjunction(op->getOperand(0), op->getOperand(1),
                       isa<nn::AndOp>(op));
  if (isa<nn::NotOp>(op))
    return mapped(*choice(op->getOperand(0)),
                  [](double v) { return v == 0 ? 1 : 0; });
  if (auto where = dyn_cast<nn::WhereOp>(op))
    return this->where(where);
  return {};
}

/// e0, e0 + step, ... along the only dim that is not 1.
static std::optional<Positions> counted(RankedTensorType type,
                                        ArrayRef<OpFoldResult> elements) {
  Positions result{{}, elements.front()};
  if (elements.size() == 1)
    return result;
  SmallVector<uint64_t> numbers;
  for (Dim d : elements) {
    if (!ShapeBuilder::known(d))
      return std::nullopt;
    numbers.push_back(*ShapeBuilder::known(d));
  }
  uint64_t step = numbers[1] - numbers[0];
  for (auto [i, number] : llvm::enumerate(numbers))
    if (number != numbers[0] + step * i)
      return std::nullopt;
  for (int64_t size : llvm::reverse(type.getShape())) {
    if (size != 1 && size != type.getNumElements())
      return std::nullopt;
    result.steps.push_back(size == 1 ? 0 : static_cast<int64_t>(step));
  }
  return result;
}

MaskContent MaskReader::constant(Value tensor) {
  if (auto number = splatNumber(tensor))
    return uniform(*number);
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.hasStaticShape() || type.getNumElements() == 0)
    return {};
  if (type.getElementType().isF32() || type.getElementType().isInteger(1))
    return constantTable(tensor);
  if (!type.getElementType().isSignlessInteger(64))
    return {};
  auto elements = shapes.elements(tensor);
  auto positions = elements ? counted(type, *elements) : std::nullopt;
  return positions ? MaskContent(*positions) : MaskContent();
}

MaskContent MaskReader::constantTable(Value tensor) {
  DenseElementsAttr elements;
  if (!matchPattern(tensor, m_Constant(&elements)))
    return {};
  std::optional<Triangle> found;
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getElementType().isF32()) {
    auto numbers = elements.getValues<float>();
    found = readTriangle(type, [&](int64_t i) { return numbers[i]; });
  } else {
    auto flags = elements.getValues<bool>();
    found = readTriangle(type, [&](int64_t i) { return flags[i]; });
  }
  return found ? table(tensor, *found) : MaskContent();
}

MaskContent MaskReader::table(Value tensor, const Triangle &triangle) {
  Choice result{{}, triangle.shown, triangle.hidden};
  result.visible.last = shapes.constant(triangle.last);
  result.visible.queries = shapes.dim(tensor, -2);
  result.visible.keys = shapes.dim(tensor, -1);
  return result;
}

/// Rows from r on and columns from c on: query i was i + r, and key j was j +
/// c.
MaskContent MaskReader::sliced(nn::SliceOp op) {
  MaskContent content = read(op.getData());
  auto *c = std::get_if<Choice>(&content);
  if (!c || isUniform(*c))
    return c ? content : MaskContent();
  int64_t rank = ShapeBuilder::rank(op.getData());
  auto starts = shapes.elements(op.getStarts());
  auto axes = op.getAxes() ? ShapeBuilder::constants(op.getAxes())
                           : llvm::to_vector(llvm::seq<int64_t>(rank));
  auto steps = op.getSteps() ? ShapeBuilder::constants(op.getSteps())
                             : SmallVector<int64_t>{1};
  if (!c->visible.last || !c->visible.flags.empty() || !starts || !axes ||
      !steps || llvm::any_of(*steps, [](int64_t s) { return s != 1; }))
    return {};
  Visible &v = c->visible;
  for (auto [start, axis] : llvm::zip(*starts, *axes)) {
    int64_t d = fromEnd(rank, axis < 0 ? axis + rank : axis);
    if (!isSurelyNonNegative(start))
      return {};
    if (d == 0)
      v.last = shapes.sub(*v.last, start);
    if (d == 1)
      v.last = shapes.add(*v.last, start);
  }
  v.queries = shapes.dim(op.getResult(), -2);
  v.keys = shapes.dim(op.getResult(), -1);
  return content;
}

/// What `choice` chooses between, changed by a function.
MaskContent MaskReader::mapped(Choice choice,
                               llvm::function_ref<double(double)> function) {
  choice.shown = function(choice.shown);
  choice.hidden = function(choice.hidden);
  if (std::isnan(choice.shown) || std::isnan(choice.hidden))
    return {};
  return choice;
}

MaskContent MaskReader::converted(nn::CastOp op) {
  MaskContent content = read(op.getInput());
  Type from = ShapeBuilder::elementType(op.getInput()), to = op.getTo();
  if (std::holds_alternative<Positions>(content))
    return from == to ? content : MaskContent();
  if (from.isInteger(1) && !std::get_if<Choice>(&content))
    content = flag(op.getInput());
  auto *c = std::get_if<Choice>(&content);
  if (!c)
    return {};
  if (to.isInteger(1))
    return mapped(*c, [](double v) { return v != 0 ? 1 : 0; });
  // Numbers that both types have.
  bool isNumber = from.isInteger(1) || (from.isF32() && to.isF32());
  return isNumber ? content : MaskContent();
}

MaskContent MaskReader::range(nn::RangeOp op) {
  auto start = positions(op.getStart()), step = positions(op.getDelta());
  if (!start || !step || ShapeBuilder::known(step->offset) != 1)
    return {};
  return Positions{{1}, start->offset};
}

MaskContent MaskReader::unsqueezed(nn::UnsqueezeOp op) {
  MaskContent content = read(op.getData());
  auto axes = ShapeBuilder::constants(op.getAxes());
  if (std::holds_alternative<std::monostate>(content) || !axes)
    return {};
  int64_t rank = ShapeBuilder::rank(op.getResult());
  llvm::SmallDenseSet<int64_t> added;
  for (int64_t axis : *axes)
    added.insert(fromEnd(rank, axis < 0 ? axis + rank : axis));
  if (auto *p = std::get_if<Positions>(&content)) {
    Positions result{{}, p->offset};
    for (int64_t d = 0, own = 0; d < rank; ++d) {
      bool isOwn =
          !added.contains(d) && own < static_cast<int64_t>(p->steps.size());
      result.steps.push_back(isOwn ? p->steps[own] : 0);
      own += added.contains(d) ? 0 : 1;
    }
    return result;
  }
  Choice result = std::get<Choice>(content);
  bool movesMatrix = added.contains(0) || added.contains(1);
  if (movesMatrix && result.visible.last)
    return {};
  int64_t dataRank = ShapeBuilder::rank(op.getData());
  for (Visible::Flag &flag : result.visible.flags) {
    // Aligned at the end, a matrix stays where it is.
    int64_t flagRank = ShapeBuilder::rank(flag.tensor);
    if (flagRank <= 2 && !movesMatrix)
      continue;
    if (flagRank != dataRank)
      return {};
    flag.tensor = make<nn::UnsqueezeOp>(op.getLoc(), flag.tensor, op.getAxes());
  }
  return result;
}

MaskContent MaskReader::expanded(nn::ExpandOp op) {
  MaskContent content = read(op.getInput());
  if (auto *p = std::get_if<Positions>(&content))
    return keepsPlaces(*p, op.getInput(), op.getResult(), shapes)
               ? content
               : MaskContent();
  return content;
}

/// Leading dims of 1 come or go.
MaskContent MaskReader::reshaped(nn::ReshapeOp op) {
  MaskContent content = read(op.getData());
  auto *c = std::get_if<Choice>(&content);
  if (!c || isUniform(*c))
    return c ? content : MaskContent();
  Dims from = shapes.dims(op.getData()), to = shapes.dims(op.getResult());
  while (!from.empty() && !to.empty() && equalSizes(from.back(), to.back()))
    from.pop_back(), to.pop_back();
  auto isOne = [](Dim d) { return ShapeBuilder::known(d) == 1; };
  return llvm::all_of(from, isOne) && llvm::all_of(to, isOne) ? content
                                                              : MaskContent();
}

MaskContent MaskReader::triangle(nn::TriluOp op) {
  auto filled = choice(op.getInput());
  std::optional<Positions> shift =
      op.getK() ? positions(op.getK()) : Positions{{}, shapes.constant(0)};
  if (!filled || !isUniform(*filled) || !shift || !shift->steps.empty())
    return {};
  Choice result;
  result.visible.queries = shapes.dim(op.getResult(), -2);
  result.visible.keys = shapes.dim(op.getResult(), -1);
  bool isUpper = op.getUpper() != 0;
  result.visible.last =
      isUpper ? shapes.sub(shift->offset, shapes.constant(1)) : shift->offset;
  result.shown = isUpper ? 0 : filled->shown;
  result.hidden = isUpper ? filled->shown : 0;
  return result;
}

/// x + sign * y
MaskContent MaskReader::sum(Operation *op, int sign) {
  Value x = op->getOperand(0), y = op->getOperand(1);
  auto px = positions(x), py = positions(y);
  if (px && py) {
    if (!keepsPlaces(*px, x, op->getResult(0), shapes) ||
        !keepsPlaces(*py, y, op->getResult(0), shapes))
      return {};
    Positions result{px->steps, sign > 0 ? shapes.add(px->offset, py->offset)
                                         : shapes.sub(px->offset, py->offset)};
    result.steps.resize(std::max(px->steps.size(), py->steps.size()));
    for (auto [d, step] : llvm::enumerate(py->steps))
      result.steps[d] += sign * step;
    return result;
  }
  if (!isa<FloatType>(ShapeBuilder::elementType(x)))
    return {};
  auto cx = choice(x), cy = choice(y);
  if (!cx || !cy)
    return {};
  if (isUniform(*cy))
    return mapped(*cx, [&](double v) { return v + sign * cy->shown; });
  if (isUniform(*cx))
    return mapped(*cy, [&](double v) { return cx->shown + sign * v; });
  if (sign < 0)
    return {};
  // What one or both hide is hidden: the weakest of the three counts.
  double hidden = std::max({cx->shown + cy->hidden, cx->hidden + cy->shown,
                            cx->hidden + cy->hidden});
  if (!(hidden <= kHides))
    return {};
  return both(*cx, *cy, cx->shown + cy->shown, hidden);
}

/// Visible where both say so.
MaskContent MaskReader::both(const Choice &x, const Choice &y, double shown,
                             double hidden) {
  Choice result{x.visible, shown, hidden};
  Visible &v = result.visible;
  v.flags.append(y.visible.flags);
  if (!y.visible.last)
    return result;
  if (!v.last) {
    v.last = y.visible.last;
    v.queries = y.visible.queries, v.keys = y.visible.keys;
    return result;
  }
  if (!equalSizes(v.queries, y.visible.queries) ||
      !equalSizes(v.keys, y.visible.keys))
    return {};
  v.last = shapes.min(*v.last, *y.visible.last);
  return result;
}

/// Visible where one says so: known for diagonals only.
MaskContent MaskReader::either(const Choice &x, const Choice &y, double shown,
                               double hidden) {
  const Visible &v = x.visible, &w = y.visible;
  if (!v.flags.empty() || !w.flags.empty() || !v.last || !w.last ||
      !equalSizes(v.queries, w.queries) || !equalSizes(v.keys, w.keys))
    return {};
  Choice result{v, shown, hidden};
  result.visible.last = shapes.max(*v.last, *w.last);
  return result;
}

/// A choice that shows the boolean `shown`; nothing where keys would be visible
/// where none of several things holds.
std::optional<Choice> MaskReader::withShown(Choice c, bool shown) {
  if ((c.shown != 0) == shown)
    return c;
  if (c.visible.last || c.visible.flags.size() != 1)
    return std::nullopt;
  c.visible.flags[0].isNegated ^= true;
  std::swap(c.shown, c.hidden);
  return c;
}

/// x and y, whose parts show true; x or y, whose parts show false.
MaskContent MaskReader::conjunction(Value x, Value y, bool isAnd) {
  auto cx = choice(x), cy = choice(y);
  if (isUniform(*cx))
    return (cx->shown != 0) == isAnd ? *cy : *cx;
  if (isUniform(*cy))
    return (cy->shown != 0) == isAnd ? *cx : *cy;
  auto part = [&](const Choice &c, Value tensor) {
    if (auto same = withShown(c, isAnd))
      return *same;
    return *withShown(flag(tensor), isAnd);
  };
  return both(part(*cx, x), part(*cy, y), isAnd, !isAnd);
}

MaskContent MaskReader::product(Value x, Value y) {
  auto cx = choice(x), cy = choice(y);
  if (!cx || !cy)
    return {};
  if (isUniform(*cy))
    return mapped(*cx, [&](double v) { return v * cy->shown; });
  if (isUniform(*cx))
    return mapped(*cy, [&](double v) { return v * cx->shown; });
  double shown = cx->shown * cy->shown, onlyX = cx->shown * cy->hidden,
         onlyY = cx->hidden * cy->shown, hidden = cx->hidden * cy->hidden;
  if (onlyX == hidden && onlyY == hidden)
    return both(*cx, *cy, shown, hidden);
  if (onlyX == shown && onlyY == shown)
    return either(*cx, *cy, shown, hidden);
  return {};
}

MaskContent MaskReader::where(nn::WhereOp op) {
  auto condition = choice(op.getCondition()), x = choice(op.getX()),
       y = choice(op.getY());
  if (!condition || !x || !y)
    return {};
  if (isUniform(*condition))
    return condition->shown != 0 ? *x : *y;
  // The inner choice is to be made where the condition shows.
  bool xInside = condition->shown != 0;
  if (isUniform(xInside ? *x : *y) && !isUniform(xInside ? *y : *x)) {
    condition = withShown(*condition, !xInside);
    if (!condition)
      return {};
    xInside = !xInside;
  }
  const Choice &inside = xInside ? *x : *y, &outside = xInside ? *y : *x;
  if (!isUniform(outside))
    return {};
  if (isUniform(inside))
    return Choice{condition->visible, inside.shown, outside.shown};
  if (inside.hidden == outside.shown)
    return both(*condition, inside, inside.shown, inside.hidden);
  double hidden = std::max(inside.hidden, outside.shown);
  return hidden <= kHides ? both(*condition, inside, inside.shown, hidden)
                          : MaskContent();
}

static bool holds(Operation *op, double x, double y) {
  if (isa<nn::LessOp>(op))
    return x < y;
  if (isa<nn::LessOrEqualOp>(op))
    return x <= y;
  if (isa<nn::GreaterOp>(op))
    return x > y;
  if (isa<nn::GreaterOrEqualOp>(op))
    return x >= y;
  return x == y;
}

MaskContent MaskReader::compared(Operation *op) {
  Value x = op->getOperand(0), y = op->getOperand(1);
  auto px = positions(x), py = positions(y);
  if (px && py && !isa<nn::EqualOp>(op) &&
      keepsPlaces(*px, x, op->getResult(0), shapes) &&
      keepsPlaces(*py, y, op->getResult(0), shapes))
    return comparedPositions(*px, *py, op);
  MaskContent cx = read(x), cy = read(y);
  auto *chosen = std::get_if<Choice>(&cx), *other = std::get_if<Choice>(&cy);
  if (!chosen || !other)
    return {};
  if (isUniform(*other))
    return mapped(*chosen,
                  [&](double v) { return holds(op, v, other->shown); });
  if (isUniform(*chosen))
    return mapped(*other,
                  [&](double v) { return holds(op, chosen->shown, v); });
  return {};
}

/// j + a <= i + b is j <= i + (b - a), and what is no diagonal stays a flag.
MaskContent MaskReader::comparedPositions(const Positions &x,
                                          const Positions &y, Operation *op) {
  SmallVector<int64_t> steps(x.steps);
  steps.resize(std::max<size_t>({x.steps.size(), y.steps.size(), 2}));
  for (auto [d, step] : llvm::enumerate(y.steps))
    steps[d] -= step;
  bool isDiagonal = std::abs(steps[0]) == 1 && steps[1] == -steps[0] &&
                    llvm::all_of(ArrayRef(steps).drop_front(2),
                                 [](int64_t step) { return step == 0; });
  Value result = op->getResult(0);
  if (!isDiagonal || ShapeBuilder::rank(result) < 2)
    return {};
  // Written with the keys on the left: j - i + ... < 0.
  bool keysLeft = steps[0] == 1;
  bool isLess = isa<nn::LessOp, nn::LessOrEqualOp>(op) == keysLeft;
  bool isStrict = isa<nn::LessOp, nn::GreaterOp>(op);
  Choice c{{}, isLess ? 1.0 : 0.0, isLess ? 0.0 : 1.0};
  c.visible.queries = shapes.dim(result, -2);
  c.visible.keys = shapes.dim(result, -1);
  Dim last = keysLeft ? shapes.sub(y.offset, x.offset)
                      : shapes.sub(x.offset, y.offset);
  // j < i + n, and not (j >= i + n), end one key earlier.
  if (isStrict == isLess)
    last = shapes.sub(last, shapes.constant(1));
  c.visible.last = last;
  return c;
}

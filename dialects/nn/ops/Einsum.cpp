#include "dialects/nn/NN.h"

#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

#include <map>

using namespace tw;
using namespace tw::nn;

namespace {
/// An equation for operands of known ranks. A dim is a letter, or a negative
/// number counted from the end where it is covered by an ellipsis.
struct Equation {
  using Label = int;
  using Labels = SmallVector<Label>;

  /// Letters are their codes; the i-th dim from the end of an ellipsis is -i-1.
  static FailureOr<Labels> parse(StringRef term, int64_t ellipsisRank) {
    Labels labels;
    while (!term.empty()) {
      if (term.consume_front("...")) {
        for (int64_t i = ellipsisRank; i-- > 0;)
          labels.push_back(-1 - i);
        continue;
      }
      if (!llvm::isAlpha(term.front()))
        return failure();
      labels.push_back(term.front());
      term = term.drop_front();
    }
    return labels;
  }

  static FailureOr<Equation> get(StringRef text, OperandRange inputs);
  void addDefaultOutput();

  std::vector<Labels> inputs;
  Labels output;
};
} // namespace

/// How many dims an ellipsis stands for.
static int64_t ellipsisRank(StringRef term, int64_t rank) {
  int64_t letters = llvm::count_if(term, llvm::isAlpha);
  return term.contains("...") ? rank - letters : 0;
}

FailureOr<Equation> Equation::get(StringRef text, OperandRange operands) {
  std::string compact;
  llvm::copy_if(text, std::back_inserter(compact),
                [](char c) { return c != ' '; });
  auto [left, right] = StringRef(compact).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != operands.size())
    return failure();
  Equation equation;
  int64_t widest = 0;
  for (auto [term, operand] : llvm::zip_equal(terms, operands)) {
    int64_t rank = ShapeBuilder::rank(operand);
    auto labels = parse(term, ellipsisRank(term, rank));
    if (failed(labels) || static_cast<int64_t>(labels->size()) != rank)
      return failure();
    widest = std::max(widest, ellipsisRank(term, rank));
    equation.inputs.push_back(*labels);
  }
  if (!StringRef(compact).contains("->")) {
    equation.addDefaultOutput();
    return equation;
  }
  auto labels = parse(right, widest);
  if (failed(labels))
    return failure();
  equation.output = *labels;
  return equation;
}

/// The ellipsis, then the letters that occur once, in the alphabet's order.
void Equation::addDefaultOutput() {
  std::map<Label, int> counts;
  for (const Labels &labels : inputs)
    for (Label label : labels)
      ++counts[label];
  for (auto [label, count] : counts)
    if (label < 0 || count == 1)
      output.push_back(label);
}

/// The size of each label's dim; ellipsis dims broadcast.
static FailureOr<std::map<int, Dim>>
sizesOf(EinsumOp op, const Equation &equation, ShapeBuilder &shapes) {
  std::map<int, Dim> sizes;
  for (auto [labels, operand] :
       llvm::zip_equal(equation.inputs, op.getInputs()))
    for (auto [i, label] : llvm::enumerate(labels)) {
      Dim size = shapes.dim(operand, i);
      auto [slot, isNew] = sizes.try_emplace(label, size);
      auto joined = shapes.broadcast(slot->second, size);
      if (failed(joined))
        return op.emitOpError("attribute 'equation': dims of one name differ: ")
               << describe({slot->second}) << " and " << describe({size});
      slot->second = *joined;
    }
  return sizes;
}

LogicalResult EinsumOp::inferResults(ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  auto equation = Equation::get(getEquation(), getInputs());
  if (failed(equation))
    return emitOpError("attribute 'equation': expected a term of the right "
                       "rank for each input, found ")
           << getEquation();
  auto sizes = sizesOf(*this, *equation, shapes);
  if (failed(sizes))
    return failure();
  Dims dims;
  for (int label : equation->output) {
    auto size = sizes->find(label);
    if (size == sizes->end())
      return emitOpError("attribute 'equation': expected the result's dims "
                         "among the inputs', found ")
             << getEquation();
    dims.push_back(size->second);
  }
  results.push_back(
      {std::move(dims), ShapeBuilder::elementType(getInputs().front())});
  return success();
}

namespace {
/// The loops of an equation: the result's dims, then what is summed up.
struct EinsumLoops {
  explicit EinsumLoops(const Equation &equation)
      : parallel(equation.output.size()) {
    for (int label : equation.output)
      position.try_emplace(label, position.size());
    for (const auto &labels : equation.inputs)
      for (int label : labels)
        position.try_emplace(label, position.size());
  }
  AffineMap map(OpBuilder &b, ArrayRef<int> labels, Value operand) const {
    SmallVector<AffineExpr> exprs;
    for (auto [i, label] : llvm::enumerate(labels)) {
      bool stretches =
          operand && label < 0 &&
          cast<RankedTensorType>(operand.getType()).getDimSize(i) == 1;
      exprs.push_back(stretches ? b.getAffineConstantExpr(0)
                                : b.getAffineDimExpr(position.at(label)));
    }
    return AffineMap::get(position.size(), 0, exprs, b.getContext());
  }
  SmallVector<utils::IteratorType> iterators() const {
    SmallVector<utils::IteratorType> types(position.size(),
                                           utils::IteratorType::reduction);
    std::fill_n(types.begin(), parallel, utils::IteratorType::parallel);
    return types;
  }

  std::map<int, unsigned> position;
  size_t parallel;
};
} // namespace

/// A name that an operand has twice means its diagonal: as an operand in which
/// each name occurs once.
static Value withoutRepeats(OpBuilder &b, Location loc, Value input,
                            SmallVector<int> &labels) {
  llvm::SmallSetVector<int, 8> names(labels.begin(), labels.end());
  if (names.size() == labels.size())
    return input;
  ShapeBuilder shapes(b, loc);
  Dims dims;
  for (int name : names)
    dims.push_back(
        shapes.dim(input, llvm::find(labels, name) - labels.begin()));
  Value result =
      generate(b, loc, dims, ShapeBuilder::elementType(input),
               [&](OpBuilder &n, Location l, ValueRange at) {
                 SmallVector<Value> from;
                 for (int label : labels)
                   from.push_back(at[llvm::find(names, label) - names.begin()]);
                 return extract(n, l, input, from);
               });
  labels.assign(names.begin(), names.end());
  return result;
}

FailureOr<SmallVector<Value>> EinsumOp::decomposeOperation(OpBuilder &b) {
  Location loc = getLoc();
  auto equation = Equation::get(getEquation(), getInputs());
  Type element = ShapeBuilder::elementType(getInputs().front());
  Type wide = signless(wideElement(element));
  EinsumLoops loops(*equation);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (auto [labels, operand] :
       llvm::zip_equal(equation->inputs, getInputs())) {
    Value input = withoutRepeats(b, loc, signless(b, loc, operand), labels);
    inputs.push_back(input);
    maps.push_back(loops.map(b, labels, input));
  }
  maps.push_back(loops.map(b, equation->output, {}));
  Value acc =
      filled(b, loc, resultDims(b, *this), constantLike(b, loc, wide, 0));
  auto generic = linalg::GenericOp::create(
      b, loc, acc.getType(), inputs, acc, maps, loops.iterators(),
      [&](OpBuilder &n, Location l, ValueRange args) {
        WideArgs factors(n, l, args.drop_back());
        Scalar product = factors[0];
        for (size_t i = 1; i < factors.size(); ++i)
          product = product * factors[i];
        linalg::YieldOp::create(n, l,
                                Value(product + product.with(args.back())));
      });
  Value result = generic.getResult(0);
  if (wide != signless(element))
    result = mapReal(b, loc, result, resultDims(b, *this), element,
                     [](ArrayRef<Scalar> x) { return x[0]; });
  return SmallVector<Value>{asResult(b, *this, 0, result)};
}

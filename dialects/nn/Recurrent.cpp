#include "dialects/nn/Recurrent.h"

#include "dialects/nn/Index.h"

using namespace tw;
using namespace tw::nn;

/// Activations of one direction where the attribute is absent.
static ArrayRef<StringRef> defaultActivations(const RecurrentNet &net) {
  static constexpr StringRef rnn[] = {"Tanh"}, gru[] = {"Sigmoid", "Tanh"},
                             lstm[] = {"Sigmoid", "Tanh", "Tanh"};
  if (net.gates == 1)
    return rnn;
  if (net.gates == 3)
    return gru;
  return lstm;
}

StringRef tw::nn::activationName(const RecurrentNet &net, unsigned index) {
  ArrayRef<StringRef> defaults = defaultActivations(net);
  if (!net.activations || net.activations->size() <= index)
    return defaults[index % defaults.size()];
  return cast<StringAttr>((*net.activations)[index]).getValue();
}

static LogicalResult checkNet(const RecurrentNet &net) {
  if (!llvm::is_contained({"forward", "reverse", "bidirectional"},
                          net.direction))
    return net.op->emitOpError("attribute 'direction': expected forward, "
                               "reverse or bidirectional, found ")
           << net.direction;
  size_t expected = defaultActivations(net).size() * net.directions();
  // ONNX's default for RNN names the activations of two directions.
  if (net.activations && net.activations->size() < expected)
    return net.op->emitOpError("attribute 'activations': expected at least ")
           << expected << " names, found " << net.activations->size();
  for (unsigned i = 0; i < expected; ++i)
    if (StringRef name = activationName(net, i);
        !llvm::is_contained({"Relu", "Tanh", "Sigmoid", "Affine", "LeakyRelu",
                             "ThresholdedRelu", "ScaledTanh", "HardSigmoid",
                             "Elu", "Softsign", "Softplus"},
                            name))
      return net.op->emitOpError("attribute 'activations': expected one of "
                                 "ONNX's activation functions, found ")
             << name;
  for (Value operand : {net.x, net.w, net.r})
    if (ShapeBuilder::rank(operand) != 3)
      return net.op->emitOpError("expected X, W and R of 3 dims, found ")
             << operand.getType();
  return success();
}

LogicalResult tw::nn::inferRecurrent(const RecurrentNet &net,
                                     ShapeBuilder &shapes,
                                     SmallVectorImpl<ResultShape> &results) {
  if (failed(checkNet(net)))
    return failure();
  Dim time = shapes.dim(net.x, net.batchFirst ? 1 : 0),
      batch = shapes.dim(net.x, net.batchFirst ? 0 : 1),
      hidden = shapes.dim(net.r, 2),
      directions = shapes.constant(net.directions());
  Type element = ShapeBuilder::elementType(net.x);
  Dims all{time, directions, batch, hidden}, last{directions, batch, hidden};
  if (net.batchFirst) {
    all = {batch, time, directions, hidden};
    last = {batch, directions, hidden};
  }
  results.push_back({all, element});
  for (size_t i = 0; i < net.initial.size(); ++i)
    results.push_back({last, element});
  return success();
}

Expr RecurrentStep::read(Value tensor, ValueRange indices) {
  Expr value = Expr::read(b, loc, tensor, indices);
  return value.type().isF64() ? value : value.toFloat(b.getF32Type());
}

Expr RecurrentStep::number(double value) {
  bool isDouble = ShapeBuilder::elementType(net.x).isF64();
  Type type = isDouble ? Type(b.getF64Type()) : Type(b.getF32Type());
  return {b, loc, constantLike(b, loc, type, value)};
}

Value RecurrentStep::at(int64_t i) {
  return arith::ConstantIndexOp::create(b, loc, i);
}

Value RecurrentStep::part(int64_t gate, Value k) {
  ShapeBuilder shapes(b, loc);
  Dim start = shapes.mul(shapes.constant(gate), shapes.dim(net.r, 2));
  return shapes.value(shapes.add(start, getAsOpFoldResult(k)));
}

Expr RecurrentStep::sumOver(Value count, llvm::function_ref<Expr(Value)> term) {
  return sum(number(0), count,
             [&](OpBuilder &, Location, Value i) { return term(i); });
}

Expr RecurrentStep::input(int64_t gate, Value k) {
  ShapeBuilder shapes(b, loc);
  Value d = at(direction), unit = part(gate, k);
  Expr total = sumOver(shapes.value(shapes.dim(net.x, 2)), [&](Value i) {
    SmallVector<Value> from = net.batchFirst ? SmallVector<Value>{row, time, i}
                                             : SmallVector<Value>{time, row, i};
    return read(net.x, from) * read(net.w, {d, unit, i});
  });
  return net.bias ? total + read(net.bias, {d, unit}) : total;
}

Expr RecurrentStep::recurrent(int64_t gate, Value k,
                              llvm::function_ref<Expr(Value)> factor) {
  ShapeBuilder shapes(b, loc);
  Value d = at(direction), unit = part(gate, k);
  Expr total = sumOver(shapes.value(shapes.dim(net.r, 2)), [&](Value j) {
    return factor(j) * read(net.r, {d, unit, j});
  });
  return net.bias ? total + read(net.bias, {d, part(net.gates + gate, k)})
                  : total;
}

Expr RecurrentStep::recurrent(int64_t gate, Value k) {
  return recurrent(gate, k, [&](Value j) { return previous(0, j); });
}

SmallVector<Value> RecurrentStep::stateIndex(Value k) {
  if (net.batchFirst)
    return {row, at(direction), k};
  return {at(direction), row, k};
}

Expr RecurrentStep::previous(unsigned which, Value k) {
  return read(state[1 + which], stateIndex(k));
}

void RecurrentStep::setState(unsigned which, Value k, Expr value) {
  Type element = ShapeBuilder::elementType(state[0]);
  Value narrow = value.toFloat(element);
  Value &tensor = state[1 + which];
  tensor = tensor::InsertOp::create(b, loc, narrow, tensor, stateIndex(k));
  if (which != 0)
    return;
  SmallVector<Value> to{time, at(direction), row, k};
  if (net.batchFirst)
    to = {row, time, at(direction), k};
  state[0] = tensor::InsertOp::create(b, loc, narrow, state[0], to);
}

Expr RecurrentStep::scratch(int64_t slot, Value k) {
  return {b, loc, extract(b, loc, state.back(), part(slot, k))};
}

void RecurrentStep::setScratch(int64_t slot, Value k, Expr value) {
  state.back() = tensor::InsertOp::create(b, loc, value.value(), state.back(),
                                          part(slot, k));
}

Expr RecurrentStep::vectorElement(Value tensor, int64_t gate, Value k) {
  return read(tensor, {at(direction), part(gate, k)});
}

void RecurrentStep::forEach(llvm::function_ref<void(Value)> body) {
  ShapeBuilder shapes(b, loc);
  state = loop(b, loc, shapes.value(shapes.dim(net.r, 2)), state,
               [&](OpBuilder &, Location, Value k, ValueRange carried) {
                 state.assign(carried.begin(), carried.end());
                 body(k);
                 return state;
               });
}

static Expr sigmoid(Expr x) {
  Expr one = x.constant(1);
  return one / (one + exp(x.constant(0) - x));
}
static Expr tanh(Expr x) {
  return x.with(
      math::TanhOp::create(x.builder(), x.location(), x.value()).getResult());
}

/// ONNX's table of activation functions, with their default alpha and beta.
static Expr applyActivation(StringRef name, Expr x, std::optional<double> alpha,
                            std::optional<double> beta) {
  Expr zero = x.constant(0), one = x.constant(1);
  if (name == "Relu")
    return max(x, zero);
  if (name == "Sigmoid")
    return sigmoid(x);
  if (name == "Affine")
    return x * alpha.value_or(1) + beta.value_or(0);
  if (name == "LeakyRelu")
    return select(x < 0.0, x * alpha.value_or(0.01), x);
  if (name == "ThresholdedRelu")
    return select(x > alpha.value_or(1), x, zero);
  if (name == "ScaledTanh")
    return tanh(x * beta.value_or(1)) * alpha.value_or(1);
  if (name == "HardSigmoid")
    return clamp(x * alpha.value_or(0.2) + beta.value_or(0.5), zero, one);
  if (name == "Elu")
    return select(x < 0.0, (exp(x) - one) * alpha.value_or(1), x);
  if (name == "Softsign")
    return x / (one + abs(x));
  if (name == "Softplus")
    return x.with(
        math::Log1pOp::create(x.builder(), x.location(), exp(x).value())
            .getResult());
  return tanh(x);
}

Expr RecurrentStep::activate(unsigned index, Expr x) {
  unsigned all = direction * defaultActivations(net).size() + index;
  auto entry = [&](std::optional<ArrayRef<float>> list) {
    return list && all < list->size() ? std::optional<double>((*list)[all])
                                      : std::nullopt;
  };
  if (net.clip) {
    double bound = net.clip->convertToFloat();
    x = clamp(x, x.constant(-bound), x.constant(bound));
  }
  return applyActivation(activationName(net, all), x, entry(net.alpha),
                         entry(net.beta));
}

namespace tw::nn {

class RecurrentLoops {
public:
  RecurrentLoops(const RecurrentNet &net, OpBuilder &b,
                 llvm::function_ref<void(RecurrentStep &)> cell)
      : net(net), b(b), loc(net.op->getLoc()), shapes(b, loc), cell(cell) {}

  SmallVector<Value> run() {
    SmallVector<Value> state = start();
    for (int64_t d = 0; d < net.directions(); ++d)
      state = runDirection(d, state);
    state.pop_back();
    return state;
  }

private:
  SmallVector<Value> start() {
    Type element = ShapeBuilder::elementType(net.x);
    Value zero = constantLike(b, loc, element, 0);
    SmallVector<Value> state{
        filledByLoop(b, loc, resultDims(b, net.op, 0), zero)};
    for (auto [i, initial] : llvm::enumerate(net.initial))
      state.push_back(
          initial ? copied(b, loc, initial)
                  : filledByLoop(b, loc, resultDims(b, net.op, i + 1), zero));
    Dim size = shapes.mul(shapes.dim(net.r, 2), shapes.constant(net.scratch));
    Type wide = element.isF64() ? element : Type(b.getF32Type());
    state.push_back(emptyTensor(b, loc, size, wide));
    return state;
  }

  SmallVector<Value> runDirection(int64_t d, ValueRange state) {
    Dim time = shapes.dim(net.x, net.batchFirst ? 1 : 0),
        batch = shapes.dim(net.x, net.batchFirst ? 0 : 1);
    bool isBackward = net.direction == "reverse" || d == 1;
    return loopNest(
        b, loc, {time, batch}, state,
        [&](OpBuilder &, Location, ValueRange at, ValueRange carried) {
          Expr step(b, loc, at[0]), length = step.with(shapes.value(time));
          if (net.lengths)
            length =
                min(length, Expr::read(b, loc, net.lengths, at[1]).toIndex());
          Value now = isBackward ? length - 1.0 - step : step;
          return when(step < length, carried, [&](OpBuilder &, Location) {
            RecurrentStep one(net, b, loc, d, now, at[1],
                              llvm::to_vector(carried));
            cell(one);
            return one.take();
          });
        });
  }

  const RecurrentNet &net;
  OpBuilder &b;
  Location loc;
  ShapeBuilder shapes;
  llvm::function_ref<void(RecurrentStep &)> cell;
};

} // namespace tw::nn

FailureOr<SmallVector<Value>>
tw::nn::decomposeRecurrent(const RecurrentNet &net, OpBuilder &b,
                           llvm::function_ref<void(RecurrentStep &)> cell) {
  SmallVector<Value> results = RecurrentLoops(net, b, cell).run();
  for (auto [i, result] : llvm::enumerate(results))
    result = asResult(b, net.op, i, result);
  return results;
}

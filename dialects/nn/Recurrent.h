// What RNN, GRU and LSTM share: shapes, and the loops over directions, time
// steps and sequences.
#pragma once

#include "dialects/nn/Expr.h"
#include "dialects/nn/NN.h"

namespace tw::nn {

/// The operands and attributes that the three have in common.
struct RecurrentNet {
  Operation *op;
  Value x, w, r, bias, lengths;
  /// Where h, and the cell where there is one, start; null is 0.
  SmallVector<Value> initial;
  StringRef direction;
  bool batchFirst;
  std::optional<APFloat> clip;
  std::optional<ArrayAttr> activations;
  std::optional<ArrayRef<float>> alpha, beta;
  /// Rows of W a hidden element, and of the scratch row.
  int64_t gates, scratch;

  template <typename OpT>
  static RecurrentNet of(OpT op, int64_t gates, int64_t scratch) {
    return {op,
            op.getX(),
            op.getW(),
            op.getR(),
            op.getB(),
            op.getSequenceLens(),
            {op.getInitialH()},
            op.getDirection(),
            op.getLayout() == 1,
            op.getClip(),
            op.getActivations(),
            op.getActivationAlpha(),
            op.getActivationBeta(),
            gates,
            scratch};
  }

  int64_t directions() const { return direction == "bidirectional" ? 2 : 1; }
};

/// The shape rule of all three: Y, and a last state each.
LogicalResult inferRecurrent(const RecurrentNet &net, ShapeBuilder &shapes,
                             SmallVectorImpl<ResultShape> &results);

/// One time step of one sequence in one direction, as a cell sees it.
class RecurrentStep {
public:
  RecurrentStep(const RecurrentNet &net, OpBuilder &b, Location loc,
                int64_t direction, Value time, Value row,
                SmallVector<Value> state)
      : net(net), b(b), loc(loc), direction(direction), time(time), row(row),
        state(std::move(state)) {}

  /// W[gate] x for hidden element k, with its bias.
  Expr input(int64_t gate, Value k);
  /// sum over j of R[gate][k, j] * factor(j), with its bias.
  Expr recurrent(int64_t gate, Value k, llvm::function_ref<Expr(Value)> factor);
  /// R[gate] h.
  Expr recurrent(int64_t gate, Value k);
  /// Element k of h (0) or of the cell (1) before this step.
  Expr previous(unsigned which, Value k);
  void setState(unsigned which, Value k, Expr value);
  /// A scratch value for hidden element k.
  Expr scratch(int64_t slot, Value k);
  void setScratch(int64_t slot, Value k, Expr value);
  /// Activation `index` (in the order of the attribute) of `x`, clipped first.
  Expr activate(unsigned index, Expr x);
  /// Element k of a row of `tensor` (peepholes), part `gate`.
  Expr vectorElement(Value tensor, int64_t gate, Value k);
  /// body(k) for all hidden elements.
  void forEach(llvm::function_ref<void(Value)> body);
  /// A constant of the type that is computed with.
  Expr number(double value);

  /// The tensors as they are now: Y, states, scratch.
  SmallVector<Value> take() { return state; }

private:
  Expr read(Value tensor, ValueRange at);
  Value at(int64_t i);
  /// gate * hidden size + k.
  Value part(int64_t gate, Value k);
  Expr sumOver(Value count, llvm::function_ref<Expr(Value)> term);
  SmallVector<Value> stateIndex(Value k);

  const RecurrentNet &net;
  OpBuilder &b;
  Location loc;
  int64_t direction;
  Value time, row;
  SmallVector<Value> state;
};

/// Runs `cell` over everything. The cell sets the new states; Y follows h.
FailureOr<SmallVector<Value>>
decomposeRecurrent(const RecurrentNet &net, OpBuilder &b,
                   llvm::function_ref<void(RecurrentStep &)> cell);

/// Activation `index` by the attribute, or the default one.
StringRef activationName(const RecurrentNet &net, unsigned index);

} // namespace tw::nn

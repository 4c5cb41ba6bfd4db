// What If, Loop and Scan have in common.
//
//   If    scf.if, or the one branch that is taken where that is known
//   Loop  scf.while over (iteration, condition, carried values, outputs so far)
//   Scan  a Loop over the slices of its scanned inputs
//
// Dims of carried values that change from one iteration to the next become
// dynamic.
#pragma once

#include "compiler/import/Importer.h"

namespace tw::onnx {

/// A subgraph attribute of the node, or null.
const tw_onnx::GraphProto *graphOf(const NodeAt &node, StringRef name);

/// The only element of a tensor.
Value elementOf(OpBuilder &b, Location loc, Value tensor);

/// An error where a tensor may have more or fewer elements than one.
llvm::Error checkSingle(Value tensor, const char *name);

/// An error where one of the inputs from `first` on is absent.
llvm::Error checkPresent(ArrayRef<Value> inputs, size_t first);

/// The most precise types that values of both types have.
llvm::Expected<SmallVector<Type>> join(TypeRange first, TypeRange second);

SmallVector<Value> castTo(OpBuilder &b, Location loc, ValueRange values,
                          TypeRange types);

/// A region while it is imported: inside an op that only holds it, so that the
/// values around it are seen. The builder is moved into its block.
class RegionInProgress {
public:
  RegionInProgress(OpBuilder &b, TypeRange arguments, Location loc);

  Block &block();
  /// Moves the finished region out.
  std::unique_ptr<Region> take();
  /// Not wanted any more; it goes when the import ends, as shape inference
  /// remembers its values.
  void discard(Importer &importer) { importer.discard(holder); }

private:
  Operation *holder;
};

/// What one iteration does: from the iteration's number, the condition and the
/// carried values to the next condition, the next carried values, and a slice
/// of each output that is gathered.
struct Iteration {
  Value condition;
  SmallVector<Value> carried;
  SmallVector<Value> slices;
};
using Body = llvm::function_ref<llvm::Expected<Iteration>(
    Value number, Value condition, ArrayRef<Value> carried)>;

/// How an output gathers its slices.
struct Gathering {
  int64_t axis = 0;
  bool backwards = false;
};

class LoopBuilder {
public:
  LoopBuilder(Importer &importer, const NodeAt &node,
              ArrayRef<Gathering> gatherings, Body body)
      : importer(importer), node(node), b(importer.builder), loc(node.loc),
        gatherings(gatherings), body(body) {}

  llvm::Expected<SmallVector<Value>> build(Value tripCount, Value condition,
                                           ArrayRef<Value> carried);

private:
  /// Finds types that hold in every iteration.
  llvm::Error findTypes(ArrayRef<Value> carried);
  llvm::Expected<bool> refineTypes();
  SmallVector<Value> noSlices();
  llvm::Expected<std::unique_ptr<Region>> step();
  llvm::Expected<SmallVector<Value>> iterate(Block &block);
  llvm::Expected<Value> withDimsOf(Value slice, Value sofar, Gathering how);
  llvm::Expected<Value> append(Value gathered, Value slice, Gathering how);
  llvm::Expected<RankedTensorType> gatheredType(Type slice, Gathering how);
  std::unique_ptr<Region> test(Value tripCount);
  SmallVector<Type> types() const;

  Importer &importer;
  const NodeAt &node;
  OpBuilder &b;
  Location loc;
  ArrayRef<Gathering> gatherings;
  Body body;
  SmallVector<Type> carriedTypes;
  SmallVector<Type> gatheredTypes;
};

} // namespace tw::onnx

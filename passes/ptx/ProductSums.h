// The sums of a product's tile, in the registers of a block's threads.
#pragma once

#include "passes/ptx/ProductTile.h"
#include "passes/ptx/ThreadEmitter.h"

namespace tw {

/// The staged operands of a tile and what they hold.
struct Stage {
  StagedOperand left, right;
  Type element;
  /// Whether the right operand's rows run along n (false: along k).
  bool rightAlongColumns;
  int64_t bytes = 0; ///< in all
};

/// The byte offset (i32) of a chunk of a staged operand.
Value chunkOffset(ThreadEmitter &e, const StagedOperand &operand, Value row,
                  Value chunk);

class ProductSums {
public:
  ProductSums(ThreadEmitter &e, const ProductTile &tile, const Stage &stage,
              Value thread)
      : e(e), tile(tile), stage(stage), thread(thread) {}
  virtual ~ProductSums() = default;

  virtual SmallVector<Value> zeros() = 0;
  /// The sums after adding the step that lies at `memory`.
  virtual SmallVector<Value> add(Value memory, ValueRange sums) = 0;
  /// Writes them to `memory` as rows of f32 at a distance of `pitch` elements.
  virtual void store(ValueRange sums, Value memory, int64_t pitch) = 0;

protected:
  Value at(Value memory, Value offset) {
    return e.at(memory, e.b.getI8Type(), offset);
  }

  ThreadEmitter &e;
  const ProductTile &tile;
  const Stage &stage;
  Value thread;
};

/// f32 by fused multiply-adds: 16 x 16 threads.
std::unique_ptr<ProductSums> fmaSums(ThreadEmitter &e, const ProductTile &tile,
                                     const Stage &stage, Value thread);
/// f16 and bf16 by tensor cores.
std::unique_ptr<ProductSums> mmaSums(ThreadEmitter &e, const ProductTile &tile,
                                     const Stage &stage, Value thread);

} // namespace tw

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
  int64_t bytes; ///< in all
  Type sum;      ///< f32, or i32 for bytes
  /// Bytes that are numbers from 0 to 255.
  bool leftUnsigned = false, rightUnsigned = false;
};

/// The byte offset (i32) of a chunk of a staged operand.
Value chunkOffset(ThreadEmitter &e, const StagedOperand &operand, Value row,
                  Value chunk);

/// Which of a tile's results are in a thread's registers.
class ProductFragment {
public:
  virtual ~ProductFragment() = default;

  /// The rows and columns of the tile (i32) that a thread has sums of, and
  /// where the sum of its i-th row and j-th column is among them.
  virtual SmallVector<Value> rows() = 0;
  virtual SmallVector<Value> columns() = 0;
  virtual int64_t place(int64_t i, int64_t j) const = 0;
  /// How many neighbouring threads have the same rows.
  virtual int64_t sharers() const = 0;
  /// Writes sums to `memory` as rows of their type at a distance of `pitch`
  /// elements.
  virtual void store(ValueRange sums, Value memory, int64_t pitch) = 0;
};

class ProductSums : public ProductFragment {
public:
  ProductSums(ThreadEmitter &e, const ProductTile &tile, const Stage &stage,
              Value thread)
      : e(e), tile(tile), stage(stage), thread(thread) {}

  virtual SmallVector<Value> zeros() = 0;
  /// Step t's copies of this thread have arrived; the others' have after the
  /// barrier that follows.
  virtual void beginStep(Value t) {}
  /// The sums after adding the step that lies at `memory`.
  virtual SmallVector<Value> add(Value memory, ValueRange sums) = 0;
  /// How many of the steps before may still be read when `add` returns.
  virtual int64_t unfinished() const { return 0; }
  /// The sums when nothing is read any more.
  virtual SmallVector<Value> finish(ValueRange sums) {
    return SmallVector<Value>(sums);
  }
  /// As `add`, where the left side is what another product's sums have become,
  /// of the same rows. For tensor cores only, which take it from registers.
  virtual SmallVector<Value> addProduct(ValueRange left, Value memory,
                                        ValueRange sums) {
    llvm_unreachable("the left side of these products is in shared memory");
  }

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
/// f16, bf16, f32 as tf32, and bytes by tensor cores.
std::unique_ptr<ProductSums> mmaSums(ThreadEmitter &e, const ProductTile &tile,
                                     const Stage &stage, Value thread);
/// The same on sm_90a, by warpgroups; `hasSteps`: there is at least one step.
std::unique_ptr<ProductSums> wgmmaSums(ThreadEmitter &e,
                                       const ProductTile &tile,
                                       const Stage &stage, Value thread,
                                       bool hasSteps);

} // namespace tw

// What code of a thread on sm_90a is written with, beyond ThreadEmitter:
// asynchronous copies of boxes, barriers in memory that they complete, and
// products of a warpgroup.
#pragma once

#include "passes/ptx/ThreadEmitter.h"

namespace tw {

/// One operand of wgmma in shared memory, of 16-bit elements in swizzled lines
/// as a tensor map's boxes leave them.
struct MatrixLines {
  /// 32, 64 or 128 bytes, and so is the swizzle.
  int64_t lineBytes = 128;
  /// Whether lines run along m or n, and k counts them (false: along k).
  bool alongRows = false;
  /// With lines along m or n: bytes from one line's worth of m or n to the
  /// next.
  int64_t blockBytes = 0;

  /// What descriptors count in, in bytes.
  static constexpr int64_t kUnit = 16;

  /// Bytes from one product's 16 elements of k to the next ones.
  int64_t stepBytes() const { return alongRows ? 16 * lineBytes : 32; }
};

class HopperEmitter : public ThreadEmitter {
public:
  using ThreadEmitter::ThreadEmitter;

  // Barriers in shared memory, eight bytes each, of alternating phases.

  void initBarrier(Value barrier, int64_t arrivals);
  /// After the last initBarrier, before a barrier of the whole block.
  void fenceBarrierInit();
  void arrive(Value barrier);
  /// Arrives; the phase completes with so many more bytes of copies.
  void arriveExpecting(Value barrier, int64_t bytes);
  /// Waits for the end of a phase, numbered from 0; only its lowest bit (i32)
  /// matters. The phase before the first one has ended.
  void waitBarrier(Value barrier, Value phase);

  /// Copies a tensor map's box from `at` (i32, the outermost dim first).
  void copyBox(Value toShared, Value map, ArrayRef<Value> at, Value barrier);

  /// i64: where an operand's first 16 elements of k start, 16 bytes apart from
  /// what swizzles count from.
  Value descriptor(Value shared, const MatrixLines &lines);
  /// The descriptor of what lies so many bytes further.
  Value advance(Value descriptor, int64_t bytes);

  /// `sums` (f32) are a warpgroup's 64 rows of 2 * sums.size() columns; what
  /// they were counts where `isAdded` (i32) is not 0. They may not be touched
  /// before finishProducts.
  SmallVector<Value> multiply(ValueRange sums, Value left, Value right,
                              Value isAdded, Type element, bool rightAlongRows);
  /// The same where the left operand's 64 x 16 elements are in registers.
  SmallVector<Value> multiplyRegisters(ValueRange sums, ValueRange left,
                                       Value right, Value isAdded, Type element,
                                       bool rightAlongRows);
  /// Before the first product after a change of registers.
  void fenceProducts();
  /// What has been started since is a group.
  void commitProducts();
  /// Waits until so many groups are not finished. Registers stay out of reach.
  void waitProducts(int64_t pending);
  /// Waits until so many groups are not finished, these sums' not among them:
  /// they are those that it returns. `held` (i32) are registers that a product
  /// reads until then.
  SmallVector<Value> finishProducts(ValueRange sums, int64_t pending = 0,
                                    ValueRange held = {});

  /// For all of a warpgroup.
  void takeRegisters(int64_t count);
  void giveRegisters(int64_t count);
  /// A barrier of so many threads; 0 is barrier()'s.
  void namedBarrier(Value number, int64_t threads);
  /// Arrives there and does not wait.
  void arriveNamed(Value number, int64_t threads);
  /// What this thread wrote to shared memory is there for copies of boxes and
  /// products, too, after a barrier.
  void fenceProxy();
  /// i1: in one lane of the warp.
  Value elect();

private:
  SmallVector<Value> assemble(StringRef code, ValueRange sums,
                              ArrayRef<Value> inputs, StringRef constraints);
  SmallVector<Value> product(ValueRange sums, ArrayRef<Value> inputs,
                             unsigned leftWords, Type element,
                             bool rightAlongRows);
};

} // namespace tw

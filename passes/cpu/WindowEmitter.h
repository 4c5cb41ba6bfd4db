// Ops that slide a window over each channel by itself (depthwise convolution,
// pools): lanes are channels, a tile is some columns of two rows.
#pragma once

#include "passes/cpu/PointerEmitter.h"

#include <functional>

namespace tw {

/// What is done under a window.
struct WindowBody {
  /// What sums start from, and what lies outside of the image.
  float neutral = 0;
  /// `sum` combined with `element` of the input; `factor` is what loadFactor
  /// gave.
  std::function<Value(Value sum, Value element, Value factor)> combine;
  /// What belongs to element `tap` of the window, numbered row by row, at the
  /// channels from `channel` on. May be null.
  std::function<Value(Value tap, Value channel)> loadFactor;
  /// The value of the result's pixel (y, x), before the epilogue. May be null.
  std::function<Value(Value sum, Value y, Value x)> finish;
};

struct WindowGeometry {
  /// A size of 0 is the image's.
  ArrayRef<int64_t> kernel, strides, dilations, pads;
};

/// Writes the loops of one op on images [N, H, W, C].
class WindowEmitter {
public:
  WindowEmitter(OpBuilder &b, EpilogueOpInterface op, Value input,
                const WindowGeometry &geometry, const CpuTarget &target);

  PointerEmitter e;
  BufferView input;
  const BufferView &output() const { return epilogue.result(); }
  /// How many of the window's elements lie inside of the image, for the
  /// result's position `at` along `dim` (0: rows, 1: columns).
  Value countInside(unsigned dim, Value at);

  void emit(const WindowBody &body);

private:
  bool isUnrolled() const;
  void emitUnrolled();
  void emitRows(Value image, Value firstRow);
  void emitRest(Value from, Value to);
  void emitInside(Value x, int64_t columns);
  void emitEdge(Value x);
  void emitChannels(Value x, int64_t columns,
                    llvm::function_ref<Value(int64_t row, int64_t column)> at);
  void emitVector(Value x, int64_t columns, Value channel, int64_t count,
                  llvm::function_ref<Value(int64_t row, int64_t column)> at);
  void storeTile(ArrayRef<Value> sums, Value x, int64_t columns, Value channel,
                 int64_t count);
  void emitLooped();
  void emitPixel(Value image, Value y, Value x, Value channel,
                 ArrayRef<int64_t> counts);

  /// Distances from the tile's first row (column) at which the input is read,
  /// ascending.
  SmallVector<int64_t> distances(unsigned dim, int64_t count) const;
  Value windowStart(unsigned dim, Value at);
  std::pair<Value, Value> tapRange(unsigned dim, Value at);
  Value kernelSize(unsigned dim);
  Value neutralRun(int64_t pixels);

  VectorEpilogue epilogue;
  WindowGeometry g;
  const WindowBody *body = nullptr;
  int64_t channels;
  // Of the rows that are being written.
  Value image, row;
  SmallVector<Value> rowPointers, rowInside; ///< by index in distances(0)
};

} // namespace tw

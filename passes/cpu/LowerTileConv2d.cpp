// Direct convolution: for each tile of pixels x channels that fits the
// registers, a loop over the window's elements around a loop over input
// channels. Each pixel of the tile has a pointer of its own, which points to
// zeros where the window element lies outside of the image; so borders need
// neither a padded copy nor code of their own, and a tile may span rows.
#include "passes/Passes.h"
#include "passes/cpu/PointerEmitter.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILECONV2D
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Pointers, counters and bounds of a tile fit the general registers.
constexpr int64_t kMaxPixels = 8;
/// Multiply-adds of one trip: some microseconds.
constexpr int64_t kTripWork = 1 << 18;
/// Below this many channels a row of the window is read as one run where it
/// lies inside of the image.
constexpr int64_t kFewChannels = 16;

class DirectConvolution {
public:
  DirectConvolution(tile::Conv2dOp op, OpBuilder &b, const CpuTarget &target)
      : op(op), e(b, op, target), epilogue(e, op), input(e.view(op.getInput())),
        weights(e.view(op.getWeights()).pointer) {
    auto shape = cast<MemRefType>(op.getWeights().getType()).getShape();
    panels = shape[0], kh = shape[1], kw = shape[2], channels = shape[3],
    width = shape[4];
    vectors = width / e.lanes;
    groupOutputs =
        tile::dimOf(op.getInit(), 3) / static_cast<int64_t>(op.getGroup());
    panelsPerGroup = panels / static_cast<int64_t>(op.getGroup());
    rows = std::min(kMaxPixels, target.registerTileOfWidth(vectors).rows);
  }

  void emit() {
    const BufferView &out = epilogue.result();
    Value pixels = e.mul(out.sizes[1], out.sizes[2]);
    int64_t perPixel = kh * kw * channels * width;
    int64_t perTrip =
        llvm::alignTo(std::clamp<int64_t>(kTripWork / perPixel, 1, 512), rows);
    Value trips = e.ceilDiv(pixels, perTrip), all = e.index(panels);
    bool panelsOutside =
        panels * perPixel * int64_t(sizeof(float)) > e.target.l2Bytes / 2;
    SmallVector<Value> sizes{out.sizes[0], trips, all};
    if (panelsOutside)
      sizes = {all, out.sizes[0], trips};
    Value time = e.timeFor(e.index(perTrip * perPixel));
    e.forall(sizes, time, [&](ValueRange at) {
      image = at[panelsOutside ? 1 : 0];
      panel = at[panelsOutside ? 0 : 2];
      Value first = e.mul(at[panelsOutside ? 2 : 1], perTrip);
      emitTrip(first, e.min(e.add(first, perTrip), pixels), pixels, perTrip);
    });
  }

private:
  struct Pixel {
    Value y, x;      ///< in the result
    Value top, left; ///< of its window, in the input; may lie outside
  };

  /// Tiles of `rows` pixels, and one of what is left.
  void emitTrip(Value first, Value end, Value pixels, int64_t perTrip) {
    setUpPanel();
    Value left = e.rem(e.sub(end, first), e.index(rows));
    Value full = e.sub(end, left);
    e.loop(first, full, rows, [&](Value p) { emitTile(p, rows); });
    SmallVector<int64_t> rests;
    if (auto known = getConstantIntValue(pixels)) {
      if (*known % perTrip % rows)
        rests.push_back(*known % perTrip % rows);
    } else {
      llvm::append_range(rests, llvm::seq<int64_t>(1, rows));
    }
    if (!rests.empty())
      e.choose(left, rests, [&](int64_t r) { emitTile(full, r); });
  }

  void setUpPanel() {
    Value perGroup = e.index(panelsPerGroup);
    Value group = e.div(panel, perGroup);
    panelInGroup = e.rem(panel, perGroup);
    firstOutput = e.add(e.mul(group, groupOutputs), e.mul(panelInGroup, width));
    Value imageOffset = e.mul(image, input.strides[0]);
    source = e.at(input.pointer, e.add(imageOffset, e.mul(group, channels)));
    panelWeights = e.at(weights, e.mul(panel, kh * kw * channels * width));
  }

  SmallVector<Pixel> pixelsFrom(Value p, int64_t count) {
    const BufferView &out = epilogue.result();
    SmallVector<Pixel> pixels;
    Value y = e.div(p, out.sizes[2]), x = e.rem(p, out.sizes[2]);
    for (int64_t i = 0; i < count; ++i) {
      if (i > 0) {
        x = e.add(x, 1);
        Value wraps = e.isEqual(x, out.sizes[2]);
        y = e.add(y, e.select(wraps, e.index(1), e.index(0)));
        x = e.select(wraps, e.index(0), x);
      }
      pixels.push_back({y, x,
                        e.sub(e.mul(y, op.getStrides()[0]), op.getPads()[0]),
                        e.sub(e.mul(x, op.getStrides()[1]), op.getPads()[1])});
    }
    return pixels;
  }

  void emitTile(Value p, int64_t count) {
    SmallVector<Pixel> pixels = pixelsFrom(p, count);
    SmallVector<Value> zero(count * vectors, e.splat(0));
    if (!readsRuns()) {
      finish(pixels, sumWindow(pixels, zero));
      return;
    }
    Value inside = isInside(pixels);
    e.when(
        inside, [&] { finish(pixels, sumRuns(pixels, zero)); },
        [&] { finish(pixels, sumWindow(pixels, zero)); });
  }

  bool readsRuns() {
    return channels < kFewChannels && op.getDilations()[1] == 1 && kw > 1 &&
           op.getGroup() == 1;
  }

  bool isPadded() {
    return llvm::any_of(op.getPads(), [](int64_t p) { return p != 0; });
  }

  /// Whether no window of the tile crosses the image's left or right border.
  Value isInside(ArrayRef<Pixel> pixels) {
    Value limit = e.sub(input.sizes[2], kw - 1), all;
    for (const Pixel &pixel : pixels) {
      Value inside = e.both(e.isBelow(pixel.left, limit),
                            e.isBelow(e.index(kw - 2), input.sizes[2]));
      all = all ? e.both(all, inside) : inside;
    }
    return all;
  }

  /// Pixels' row offsets in the window's row `i`, and whether they lie inside.
  void windowRow(ArrayRef<Pixel> pixels, Value i, SmallVector<Value> &offsets,
                 SmallVector<Value> &inside) {
    Value step = e.mul(i, op.getDilations()[0]);
    for (const Pixel &pixel : pixels) {
      Value y = e.add(pixel.top, step);
      offsets.push_back(e.mul(y, input.strides[1]));
      inside.push_back(e.isBelow(y, input.sizes[1]));
    }
  }

  Value pointerOrZeros(Value offset, Value inside, int64_t run) {
    Value pointer = e.at(source, offset);
    if (!isPadded())
      return pointer;
    return e.select(inside, pointer, e.constants(0, run));
  }

  /// One step per row of the window: kw * channels elements are contiguous.
  SmallVector<Value> sumRuns(ArrayRef<Pixel> pixels, ValueRange zero) {
    return e.loop(
        e.index(0), e.index(kh), 1, zero, [&](Value i, ValueRange accs) {
          SmallVector<Value> offsets, inside, pointers;
          windowRow(pixels, i, offsets, inside);
          for (auto [q, pixel] : llvm::enumerate(pixels))
            pointers.push_back(pointerOrZeros(
                e.add(offsets[q], e.mul(pixel.left, input.strides[2])),
                inside[q], kw * channels));
          return multiply(pointers, e.mul(i, kw * channels * width),
                          kw * channels, accs);
        });
  }

  SmallVector<Value> sumWindow(ArrayRef<Pixel> pixels, ValueRange zero) {
    return e.loop(e.index(0), e.index(kh), 1, zero,
                  [&](Value i, ValueRange rowAccs) {
                    SmallVector<Value> offsets, inside;
                    windowRow(pixels, i, offsets, inside);
                    return e.loop(e.index(0), e.index(kw), 1, rowAccs,
                                  [&](Value j, ValueRange accs) {
                                    return sumElement(pixels, i, j, offsets,
                                                      inside, accs);
                                  });
                  });
  }

  SmallVector<Value> sumElement(ArrayRef<Pixel> pixels, Value i, Value j,
                                ArrayRef<Value> offsets,
                                ArrayRef<Value> insideRow, ValueRange accs) {
    Value step = e.mul(j, op.getDilations()[1]);
    SmallVector<Value> pointers;
    for (auto [q, pixel] : llvm::enumerate(pixels)) {
      Value x = e.add(pixel.left, step);
      Value inside = e.both(insideRow[q], e.isBelow(x, input.sizes[2]));
      Value offset = e.add(offsets[q], e.mul(x, input.strides[2]));
      pointers.push_back(pointerOrZeros(offset, inside, channels));
    }
    Value element = e.add(e.mul(i, kw), j);
    return multiply(pointers, e.mul(element, channels * width), channels, accs);
  }

  /// accs[q, v] += pointers[q][c] * weights[offset + c, v] for c < count.
  SmallVector<Value> multiply(ArrayRef<Value> pointers, Value offset,
                              int64_t count, ValueRange accs) {
    int64_t unroll = count <= 8       ? count
                     : count % 4 == 0 ? 4
                     : count % 3 == 0 ? 3
                     : count % 2 == 0 ? 2
                                      : 1;
    Value from = e.at(panelWeights, offset);
    return e.loop(e.index(0), e.index(count), unroll, accs,
                  [&](Value c, ValueRange carried) {
                    SmallVector<Value> sums(carried);
                    Value row = e.at(from, e.mul(c, width));
                    SmallVector<Value> at;
                    for (Value pointer : pointers)
                      at.push_back(e.at(pointer, c));
                    for (int64_t u = 0; u < unroll; ++u)
                      step(at, row, u, sums);
                    return sums;
                  });
  }

  void step(ArrayRef<Value> at, Value row, int64_t u,
            SmallVector<Value> &sums) {
    SmallVector<Value> columns;
    for (int64_t v = 0; v < vectors; ++v)
      columns.push_back(e.load(e.at(row, u * width + v * e.lanes), e.lanes));
    for (auto [q, pointer] : llvm::enumerate(at)) {
      Value x = e.broadcast(e.loadScalar(e.at(pointer, u)));
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = sums[q * vectors + v];
        sum = e.multiplyAdd(x, columns[v], sum);
      }
    }
  }

  /// The last panel of a group may be narrower.
  void finish(ArrayRef<Pixel> pixels, ArrayRef<Value> sums) {
    int64_t last = groupOutputs - (panelsPerGroup - 1) * width;
    if (last == width)
      return store(pixels, sums, width);
    Value isLast = e.isEqual(panelInGroup, e.index(panelsPerGroup - 1));
    e.when(
        isLast, [&] { store(pixels, sums, last); },
        [&] { store(pixels, sums, width); });
  }

  void store(ArrayRef<Pixel> pixels, ArrayRef<Value> sums, int64_t outputs) {
    for (auto [q, pixel] : llvm::enumerate(pixels))
      for (int64_t v = 0; v * e.lanes < outputs; ++v) {
        Value k = e.add(firstOutput, v * e.lanes);
        epilogue.store(sums[q * vectors + v], {image, pixel.y, pixel.x, k},
                       std::min(e.lanes, outputs - v * e.lanes));
      }
  }

  tile::Conv2dOp op;
  PointerEmitter e;
  VectorEpilogue epilogue;
  BufferView input;
  Value weights;
  int64_t panels, kh, kw, channels, width, vectors, groupOutputs,
      panelsPerGroup, rows;
  // Of the trip that is being written.
  Value image, panel, panelInGroup, firstOutput, source, panelWeights;
};

struct LowerTileConv2dPass
    : tw::impl::LowerTileConv2dBase<LowerTileConv2dPass> {
  using LowerTileConv2dBase::LowerTileConv2dBase;

  void runOnOperation() override {
    auto lower = [](tile::Conv2dOp op, OpBuilder &b, const CpuTarget &target) {
      DirectConvolution(op, b, target).emit();
    };
    if (failed(lowerTileOps<tile::Conv2dOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};

} // namespace

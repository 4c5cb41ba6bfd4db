#include "passes/cpu/WindowEmitter.h"

#include <map>
#include <set>

using namespace tw;

/// Rows of a tile: each row of the input serves both.
static constexpr int64_t kRows = 2;
/// Larger windows are loops, smaller ones are written out.
static constexpr int64_t kMaxUnrolled = 30;
/// Vectors of channels that a looped window sums at once.
static constexpr int64_t kLoopedVectors = 4;

WindowEmitter::WindowEmitter(OpBuilder &b, EpilogueOpInterface op, Value image,
                             const WindowGeometry &geometry,
                             const CpuTarget &target)
    : e(b, op, target), input(e.view(image)), epilogue(e, op), g(geometry),
      channels(tile::dimOf(image, 3)) {}

bool WindowEmitter::isUnrolled() const {
  int64_t taps = g.kernel[0] * g.kernel[1];
  return taps > 0 && taps <= kMaxUnrolled;
}

void WindowEmitter::emit(const WindowBody &what) {
  body = &what;
  if (isUnrolled())
    emitUnrolled();
  else
    emitLooped();
}

Value WindowEmitter::kernelSize(unsigned dim) {
  return g.kernel[dim] ? e.index(g.kernel[dim]) : input.sizes[dim + 1];
}

Value WindowEmitter::windowStart(unsigned dim, Value at) {
  return e.sub(e.mul(at, g.strides[dim]), g.pads[dim]);
}

/// The elements of a window that lie inside: [first, second).
std::pair<Value, Value> WindowEmitter::tapRange(unsigned dim, Value at) {
  Value start = windowStart(dim, at), zero = e.index(0);
  Value skipped = e.ceilDiv(e.max(e.sub(zero, start), zero), g.dilations[dim]);
  Value room = e.max(e.sub(input.sizes[dim + 1], start), zero);
  Value end = e.min(kernelSize(dim), e.ceilDiv(room, g.dilations[dim]));
  return {skipped, e.max(end, skipped)};
}

Value WindowEmitter::countInside(unsigned dim, Value at) {
  auto [from, to] = tapRange(dim, at);
  return e.sub(to, from);
}

SmallVector<int64_t> WindowEmitter::distances(unsigned dim,
                                              int64_t count) const {
  std::set<int64_t> all;
  for (int64_t i = 0; i < count; ++i)
    for (int64_t k = 0; k < g.kernel[dim]; ++k)
      all.insert(i * g.strides[dim] + k * g.dilations[dim]);
  return SmallVector<int64_t>(all.begin(), all.end());
}

void WindowEmitter::emitUnrolled() {
  Value pairs = e.ceilDiv(output().sizes[1], kRows);
  int64_t work = kRows * g.kernel[0] * g.kernel[1] * channels;
  Value time = e.timeFor(e.mul(output().sizes[2], work));
  e.forall({output().sizes[0], pairs}, time,
           [&](ValueRange at) { emitRows(at[0], e.mul(at[1], kRows)); });
}

/// Columns whose windows lie inside are tiles, the others one by one.
void WindowEmitter::emitRows(Value n, Value firstRow) {
  image = n, row = firstRow;
  rowPointers.clear(), rowInside.clear();
  Value top = windowStart(0, row);
  for (int64_t d : distances(0, kRows)) {
    Value y = e.add(top, d);
    rowInside.push_back(e.isBelow(y, input.sizes[1]));
    rowPointers.push_back(e.at(input, {image, y, e.index(0), e.index(0)}));
  }
  Value zero = e.index(0), width = output().sizes[2];
  int64_t stride = g.strides[1];
  Value first = e.min(e.index(llvm::divideCeil(g.pads[1], stride)), width);
  Value slack = e.sub(e.add(input.sizes[2], g.pads[1] + stride - 1),
                      (g.kernel[1] - 1) * g.dilations[1]);
  Value end = e.div(e.max(slack, zero), e.index(stride));
  end = e.max(first, e.min(end, width));
  e.loop(zero, first, 1, [&](Value x) { emitEdge(x); });
  emitRest(first, end);
  e.loop(end, width, 1, [&](Value x) { emitEdge(x); });
}

/// Tiles as wide as the registers allow, then what is left: by its exact width
/// where that is known.
void WindowEmitter::emitRest(Value from, Value to) {
  int64_t columns = e.target.registers >= 32 ? (g.kernel[1] <= 3 ? 6 : 4) : 2;
  Value rest = e.rem(e.sub(to, from), e.index(columns)), end = e.sub(to, rest);
  e.loop(from, end, columns, [&](Value x) { emitInside(x, columns); });
  if (auto known = getConstantIntValue(rest)) {
    if (*known)
      emitInside(end, *known);
    return;
  }
  Value single = e.sub(to, e.rem(rest, e.index(2)));
  if (columns > 2)
    e.loop(end, single, 2, [&](Value x) { emitInside(x, 2); });
  e.loop(single, to, 1, [&](Value x) { emitInside(x, 1); });
}

Value WindowEmitter::neutralRun(int64_t pixels) {
  return e.constants(body->neutral, llvm::alignTo(pixels * channels, e.lanes));
}

/// Rows outside of the image are read from a run of neutral elements.
void WindowEmitter::emitInside(Value x, int64_t columns) {
  Value left = e.mul(windowStart(1, x), input.strides[2]);
  Value outside = neutralRun(distances(1, columns).back() + 1);
  SmallVector<Value> rows;
  for (auto [pointer, inside] : llvm::zip_equal(rowPointers, rowInside))
    rows.push_back(e.select(inside, e.at(pointer, left), outside));
  emitChannels(x, columns, [&](int64_t r, int64_t distance) {
    return e.at(rows[r], distance * channels);
  });
}

/// One column, each of whose elements may lie outside.
void WindowEmitter::emitEdge(Value x) {
  Value left = windowStart(1, x), outside = neutralRun(1);
  SmallVector<int64_t> columns = distances(1, 1);
  std::map<std::pair<int64_t, int64_t>, Value> pointers;
  for (auto [r, pointer] : llvm::enumerate(rowPointers))
    for (int64_t distance : columns) {
      Value column = e.add(left, distance);
      Value inside = e.both(rowInside[r], e.isBelow(column, input.sizes[2]));
      Value at = e.at(pointer, e.mul(column, input.strides[2]));
      pointers[{r, distance}] = e.select(inside, at, outside);
    }
  emitChannels(x, 1, [&](int64_t r, int64_t distance) {
    return pointers[{r, distance}];
  });
}

void WindowEmitter::emitChannels(
    Value x, int64_t columns, llvm::function_ref<Value(int64_t, int64_t)> at) {
  int64_t rest = channels % e.lanes, full = channels - rest;
  e.loop(e.index(0), e.index(full), e.lanes,
         [&](Value c) { emitVector(x, columns, c, e.lanes, at); });
  if (rest)
    emitVector(x, columns, e.index(full), rest, at);
}

/// Each input element is loaded once for all windows that it lies under.
void WindowEmitter::emitVector(Value x, int64_t columns, Value channel,
                               int64_t count,
                               llvm::function_ref<Value(int64_t, int64_t)> at) {
  SmallVector<Value> sums(kRows * columns, e.splat(body->neutral));
  SmallVector<int64_t> across = distances(1, columns);
  std::map<int64_t, Value> factors;
  auto factor = [&](int64_t tap) {
    Value &known = factors[tap];
    if (!known && body->loadFactor)
      known = body->loadFactor(e.index(tap), channel);
    return known;
  };
  auto under = [&](int64_t dim, int64_t distance, int64_t at) {
    int64_t offset = distance - at * g.strides[dim];
    bool hits = offset >= 0 && offset % g.dilations[dim] == 0 &&
                offset / g.dilations[dim] < g.kernel[dim];
    return hits ? offset / g.dilations[dim] : int64_t(-1);
  };
  for (auto [r, down] : llvm::enumerate(distances(0, kRows)))
    for (int64_t distance : across) {
      Value element = e.load(e.at(at(r, distance), channel), count);
      for (int64_t y = 0; y < kRows; ++y)
        for (int64_t q = 0; q < columns; ++q) {
          int64_t i = under(0, down, y), j = under(1, distance, q);
          if (i < 0 || j < 0)
            continue;
          Value &sum = sums[y * columns + q];
          sum = body->combine(sum, element, factor(i * g.kernel[1] + j));
        }
    }
  storeTile(sums, x, columns, channel, count);
}

void WindowEmitter::storeTile(ArrayRef<Value> sums, Value x, int64_t columns,
                              Value channel, int64_t count) {
  for (int64_t y = 0; y < kRows; ++y) {
    Value at = e.add(row, y);
    auto store = [&] {
      for (int64_t q = 0; q < columns; ++q) {
        Value column = e.add(x, q), sum = sums[y * columns + q];
        if (body->finish)
          sum = body->finish(sum, at, column);
        epilogue.store(sum, {image, at, column, channel}, count);
      }
    };
    if (y == 0)
      store();
    else
      e.when(e.isBelow(at, output().sizes[1]), store);
  }
}

/// One pixel after the other, some vectors of channels at a time.
void WindowEmitter::emitLooped() {
  int64_t step = kLoopedVectors * e.lanes;
  SmallVector<Value> sizes{output().sizes[0], output().sizes[1],
                           e.index(llvm::divideCeil(channels, step))};
  Value taps = e.mul(kernelSize(0), kernelSize(1));
  Value time = e.timeFor(e.mul(e.mul(taps, output().sizes[2]), step));
  e.forall(sizes, time, [&](ValueRange at) {
    Value channel = e.mul(at[2], step);
    auto pixels = [&](ArrayRef<int64_t> counts) {
      e.loop(e.index(0), output().sizes[2], 1,
             [&](Value x) { emitPixel(at[0], at[1], x, channel, counts); });
    };
    SmallVector<int64_t> full(kLoopedVectors, e.lanes), rest;
    for (int64_t c = channels % step; c > 0; c -= e.lanes)
      rest.push_back(std::min(c, e.lanes));
    if (rest.empty())
      return pixels(full);
    e.when(
        e.isEqual(at[2], e.index(channels / step)), [&] { pixels(rest); },
        [&] { pixels(full); });
  });
}

void WindowEmitter::emitPixel(Value n, Value y, Value x, Value channel,
                              ArrayRef<int64_t> counts) {
  auto [top, bottom] = tapRange(0, y);
  auto [left, right] = tapRange(1, x);
  Value startY = windowStart(0, y), startX = windowStart(1, x);
  SmallVector<Value> sums(counts.size(), e.splat(body->neutral));
  auto add = [&](Value i, Value j, ValueRange carried) {
    SmallVector<Value> next;
    Value at = e.at(input, {n, e.add(startY, e.mul(i, g.dilations[0])),
                            e.add(startX, e.mul(j, g.dilations[1])), channel});
    Value tap = e.add(e.mul(i, kernelSize(1)), j);
    for (auto [v, count] : llvm::enumerate(counts)) {
      Value factor;
      if (body->loadFactor)
        factor = body->loadFactor(tap, e.add(channel, v * e.lanes));
      Value element = e.load(e.at(at, v * e.lanes), count);
      next.push_back(body->combine(carried[v], element, factor));
    }
    return next;
  };
  sums = e.loop(top, bottom, 1, sums, [&](Value i, ValueRange outer) {
    return e.loop(left, right, 1, outer,
                  [&](Value j, ValueRange inner) { return add(i, j, inner); });
  });
  for (auto [v, count] : llvm::enumerate(counts)) {
    Value sum = sums[v];
    if (body->finish)
      sum = body->finish(sum, y, x);
    epilogue.store(sum, {n, y, x, e.add(channel, v * e.lanes)}, count);
  }
}

// Winograd's convolution, block by block: a block of tiles is transformed into
// one matrix per product, the matrices are multiplied with the transformed
// weights, and the products are transformed back. Only a block's matrices
// exist, in the thread's workspace.
#include "dialects/tile/WinogradPoints.h"
#include "passes/Passes.h"
#include "passes/cpu/PointerEmitter.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_LOWERTILEWINOGRAD
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Blocks of tiles: the matrices of one stay in the second-level cache.
constexpr int64_t kWideBlock = 48, kNarrowBlock = 24;
/// Multiply-adds that make a trip worth a thread.
constexpr int64_t kTripWork = 1 << 20;

/// One-dimensional transforms of vectors.
struct Transforms {
  PointerEmitter &e;
  int64_t size;
  static constexpr double a = tile::kWinogradA, b = tile::kWinogradB;

  using Row = SmallVector<Value>;

  Value add(Value x, Value y) {
    return arith::AddFOp::create(e.b, e.loc, x, y);
  }
  Value sub(Value x, Value y) {
    return arith::SubFOp::create(e.b, e.loc, x, y);
  }
  /// c * x + y.
  Value scaleAdd(double c, Value x, Value y) {
    return e.multiplyAdd(e.splat(static_cast<float>(c)), x, y);
  }
  Value scale(double c, Value x) {
    return arith::MulFOp::create(e.b, e.loc, e.splat(static_cast<float>(c)), x);
  }

  /// size + 2 inputs to as many factors.
  Row in(const Row &d) {
    if (size == 2)
      return {sub(d[0], d[2]), add(d[1], d[2]), sub(d[2], d[1]),
              sub(d[3], d[1])};
    constexpr double a2 = a * a, b2 = b * b;
    Value p = scaleAdd(-b2, d[2], d[4]),
          q = scaleAdd(a, d[3], scale(-a * b2, d[1])),
          r = scaleAdd(-a2, d[2], d[4]),
          s = scaleAdd(b, d[3], scale(-b * a2, d[1]));
    return {scaleAdd(a2 * b2, d[0], scaleAdd(-(a2 + b2), d[2], d[4])),
            add(p, q),
            sub(p, q),
            add(r, s),
            sub(r, s),
            scaleAdd(a2 * b2, d[1], scaleAdd(-(a2 + b2), d[3], d[5]))};
  }

  /// size + 2 products to size outputs.
  Row out(const Row &m) {
    Value s = add(m[1], m[2]), t = sub(m[1], m[2]);
    if (size == 2)
      return {add(m[0], s), add(t, m[3])};
    constexpr double a2 = a * a, b2 = b * b;
    Value u = add(m[3], m[4]), w = sub(m[3], m[4]);
    return {add(add(m[0], s), u), scaleAdd(a, t, scale(b, w)),
            scaleAdd(a2, s, scale(b2, u)),
            scaleAdd(a2 * a, t, scaleAdd(b2 * b, w, m[5]))};
  }

  /// Columns, then rows.
  std::vector<Row> both(llvm::function_ref<Row(const Row &)> transform,
                        const std::vector<Row> &columns) {
    std::vector<Row> turned;
    for (const Row &column : columns)
      turned.push_back(transform(column));
    std::vector<Row> result;
    for (size_t y = 0; y < turned[0].size(); ++y) {
      Row row;
      for (const Row &column : turned)
        row.push_back(column[y]);
      result.push_back(transform(row));
    }
    return result;
  }
};

class Winograd {
public:
  Winograd(tile::WinogradOp op, OpBuilder &b, const CpuTarget &target)
      : op(op), e(b, op, target), epilogue(e, op), input(e.view(op.getInput())),
        weights(e.view(op.getWeights()).pointer),
        size(static_cast<int64_t>(op.getSize())), reach(size + 2),
        transforms{e, size} {
    auto shape = cast<MemRefType>(op.getWeights().getType()).getShape();
    products = shape[0], panels = shape[1], channels = shape[2],
    width = shape[3];
    vectors = width / e.lanes;
    outputs = tile::dimOf(op.getInit(), 3);
    rows = target.registerTileOfWidth(vectors).rows;
    padded = llvm::alignTo(channels, e.lanes);
  }

  void emit() {
    const BufferView &out = epilogue.result();
    across = e.ceilDiv(out.sizes[2], size);
    tiles = e.mul(across, e.ceilDiv(out.sizes[1], size));
    chooseBlocks();
    allocate();
    SmallVector<Value> sizes{out.sizes[0], blocks, e.index(chunks)};
    e.forall(sizes, tripTime(), [&](ValueRange at) {
      image = at[0], firstPanel = e.mul(at[2], chunkPanels);
      Value first = e.mul(at[1], blockTiles);
      emitBlock(first, e.min(e.sub(tiles, first), blockTiles));
    });
  }

private:
  /// Tiles per block are balanced. Where there are few blocks, the panels are
  /// cut into chunks, which transform the input again: little work against
  /// theirs.
  void chooseBlocks() {
    int64_t most = e.target.registers >= 32 ? kWideBlock : kNarrowBlock;
    blocks = e.ceilDiv(tiles, most);
    blockTiles = e.div(e.sub(e.add(tiles, blocks), 1), blocks);
    maxTiles = getConstantIntValue(blockTiles).value_or(most);
    int64_t panelWork = products * maxTiles * channels * width;
    chunkPanels =
        std::clamp<int64_t>(llvm::divideCeil(kTripWork, panelWork), 1, panels);
    // Transforming must stay small: about four products per channel and tile.
    chunkPanels = std::clamp<int64_t>(llvm::divideCeil(4 * e.lanes, width),
                                      chunkPanels, panels);
    chunks = llvm::divideCeil(panels, chunkPanels);
  }

  /// Transforms cost like some products per channel.
  Value tripTime() {
    int64_t perTile =
        products * (channels * chunkPanels * width +
                    kTransformWork * (channels + chunkPanels * width));
    return e.timeFor(e.index(maxTiles * perTile));
  }
  static constexpr int64_t kTransformWork = 6;

  void allocate() {
    // A vector more than needed keeps the matrices off the same cache sets.
    factorPitch = maxTiles * padded + e.lanes;
    productPitch = maxTiles * chunkPanels * width + e.lanes;
    int64_t factors =
        llvm::alignTo(products * factorPitch * int64_t(sizeof(float)), 64);
    int64_t sums =
        llvm::alignTo(products * productPitch * int64_t(sizeof(float)), 64);
    auto bytes = MemRefType::get({ShapedType::kDynamic}, e.b.getI8Type());
    Value memory = tile::WorkspaceOp::create(e.b, e.loc, bytes, e.index(0),
                                             e.index(factors + sums));
    factorMemory = e.view(memory).pointer;
    productMemory = e.at(factorMemory, factors, e.b.getI8Type());
  }

  void emitBlock(Value first, Value count) {
    e.loop(e.index(0), count, 1, [&](Value t) { transformIn(first, t); });
    e.loop(e.index(0), e.index(products), 1, [&](Value q) {
      Value end = e.min(e.add(firstPanel, chunkPanels), e.index(panels));
      e.loop(firstPanel, end, 1,
             [&](Value panel) { multiply(q, panel, count); });
    });
    e.loop(e.index(0), count, 1, [&](Value t) { transformOut(first, t); });
  }

  std::pair<Value, Value> corner(Value first, Value t) {
    Value tile = e.add(first, t);
    return {e.mul(e.div(tile, across), size), e.mul(e.rem(tile, across), size)};
  }

  /// Whether `extent` positions from `from` on lie below `limit`; negative
  /// positions do not.
  Value fits(Value from, int64_t extent, Value limit) {
    Value room = e.max(e.sub(limit, extent - 1), e.index(0));
    return e.isBelow(from, room);
  }

  void transformIn(Value first, Value t) {
    auto [y, x] = corner(first, t);
    Value top = e.sub(y, op.getPads()[0]), left = e.sub(x, op.getPads()[1]);
    Value inside = e.both(fits(top, reach, input.sizes[1]),
                          fits(left, reach, input.sizes[2]));
    Value to = e.at(factorMemory, e.mul(t, padded));
    e.when(
        inside, [&] { transformInside(top, left, to); },
        [&] { transformBorder(top, left, to); });
  }

  void transformInside(Value top, Value left, Value to) {
    std::vector<Value> pointers;
    Value corner = e.at(input, {image, top, left, e.index(0)});
    for (int64_t y = 0; y < reach; ++y) {
      Value row = e.at(corner, e.mul(input.strides[1], y));
      for (int64_t x = 0; x < reach; ++x)
        pointers.push_back(e.at(row, e.mul(input.strides[2], x)));
    }
    transformChannels(pointers, to);
  }

  /// What lies outside is read from zeros.
  void transformBorder(Value top, Value left, Value to) {
    Value zeros = e.constants(0, padded);
    std::vector<Value> pointers;
    for (int64_t y = 0; y < reach; ++y) {
      Value row = e.add(top, y), insideRow = e.isBelow(row, input.sizes[1]);
      for (int64_t x = 0; x < reach; ++x) {
        Value column = e.add(left, x);
        Value inside = e.both(insideRow, e.isBelow(column, input.sizes[2]));
        Value pointer = e.at(input, {image, row, column, e.index(0)});
        pointers.push_back(e.select(inside, pointer, zeros));
      }
    }
    transformChannels(pointers, to);
  }

  void transformChannels(ArrayRef<Value> pointers, Value to) {
    int64_t rest = channels % e.lanes, full = channels - rest;
    e.loop(e.index(0), e.index(full), e.lanes,
           [&](Value c) { transformVector(pointers, to, c, e.lanes); });
    if (rest)
      transformVector(pointers, to, e.index(full), rest);
  }

  void transformVector(ArrayRef<Value> pointers, Value to, Value c,
                       int64_t count) {
    std::vector<Transforms::Row> columns(reach);
    for (int64_t x = 0; x < reach; ++x)
      for (int64_t y = 0; y < reach; ++y)
        columns[x].push_back(e.load(e.at(pointers[y * reach + x], c), count));
    auto factors = transforms.both(
        [&](const Transforms::Row &d) { return transforms.in(d); }, columns);
    for (int64_t y = 0; y < reach; ++y)
      for (int64_t x = 0; x < reach; ++x) {
        Value place = e.at(to, e.add(c, (y * reach + x) * factorPitch));
        e.store(factors[y][x], place, e.lanes);
      }
  }

  /// One product's panel: [tiles][channels] x [channels][width].
  void multiply(Value q, Value panel, Value count) {
    Value from = e.at(factorMemory, e.mul(q, factorPitch));
    Value matrix =
        e.at(weights, e.mul(e.add(e.mul(q, panels), panel), channels * width));
    Value local = e.mul(e.sub(panel, firstPanel), width);
    Value to = e.at(productMemory, e.add(e.mul(q, productPitch), local));
    auto tile = [&](Value row, int64_t height) {
      multiplyRows(e.at(from, e.mul(row, padded)), matrix,
                   e.at(to, e.mul(row, chunkPanels * width)), height);
    };
    // Heights are balanced: the first `tall` tiles are one row higher.
    Value trips = e.ceilDiv(count, rows), height = e.div(count, trips),
          tall = e.rem(count, trips);
    e.loop(e.index(0), trips, 1, [&](Value i) {
      Value row = e.add(e.mul(i, height), e.min(i, tall));
      Value higher = e.select(e.isBelow(i, tall), e.index(1), e.index(0));
      e.choose(e.add(height, higher), possibleHeights(),
               [&](int64_t h) { tile(row, h); });
    });
  }

  SmallVector<int64_t> possibleHeights() {
    auto all = getConstantIntValue(tiles);
    if (!all)
      return llvm::to_vector(llvm::seq_inclusive<int64_t>(1, rows));
    SmallVector<int64_t> heights;
    int64_t rest = *all % maxTiles ? *all % maxTiles : maxTiles;
    for (int64_t count : {maxTiles, rest}) {
      int64_t trips = llvm::divideCeil(count, rows);
      for (int64_t height :
           {count / trips, llvm::divideCeilSigned(count, trips)})
        if (!llvm::is_contained(heights, height))
          heights.push_back(height);
    }
    return heights;
  }

  void multiplyRows(Value from, Value matrix, Value to, int64_t height) {
    SmallVector<Value> zero(height * vectors, e.splat(0));
    int64_t unroll = channels % 4 == 0 ? 4 : channels % 2 == 0 ? 2 : 1;
    SmallVector<Value> sums =
        e.loop(e.index(0), e.index(channels), unroll, zero,
               [&](Value c, ValueRange carried) {
                 SmallVector<Value> next(carried);
                 Value at = e.at(from, c), line = e.at(matrix, e.mul(c, width));
                 for (int64_t u = 0; u < unroll; ++u)
                   step(e.at(at, u), e.at(line, u * width), height, next);
                 return next;
               });
    for (int64_t r = 0; r < height; ++r)
      for (int64_t v = 0; v < vectors; ++v)
        e.store(sums[r * vectors + v],
                e.at(to, r * chunkPanels * width + v * e.lanes), e.lanes);
  }

  void step(Value at, Value line, int64_t height, SmallVector<Value> &sums) {
    SmallVector<Value> columns;
    for (int64_t v = 0; v < vectors; ++v) {
      Value place = e.at(line, v * e.lanes);
      columns.push_back(e.load(place, e.lanes));
      if (streamsWeights())
        e.prefetch(e.at(place, kPrefetchDistance));
    }
    for (int64_t r = 0; r < height; ++r) {
      Value x = e.broadcast(e.loadScalar(e.at(at, r * padded)));
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = sums[r * vectors + v];
        sum = e.multiplyAdd(x, columns[v], sum);
      }
    }
  }

  /// With few tiles each weight is used a few times only, and comes from far.
  bool streamsWeights() const { return maxTiles <= 28; }
  static constexpr int64_t kPrefetchDistance = 16384;

  void transformOut(Value first, Value t) {
    auto [y, x] = corner(first, t);
    const BufferView &out = epilogue.result();
    Value inside =
        e.both(fits(y, size, out.sizes[1]), fits(x, size, out.sizes[2]));
    Value from = e.at(productMemory, e.mul(t, chunkPanels * width));
    Value firstOutput = e.mul(firstPanel, width);
    Value real = e.min(e.sub(e.index(outputs), firstOutput),
                       e.index(chunkPanels * width));
    Value rest = e.rem(real, e.index(e.lanes));
    e.loop(e.index(0), e.sub(real, rest), e.lanes, [&](Value k) {
      transformOutVector(from, y, x, k, firstOutput, e.lanes, inside);
    });
    if (int64_t tail = outputs % e.lanes)
      e.when(e.isEqual(rest, e.index(tail)), [&] {
        transformOutVector(from, y, x, e.sub(real, rest), firstOutput, tail,
                           inside);
      });
  }

  void transformOutVector(Value from, Value y, Value x, Value k,
                          Value firstOutput, int64_t count, Value inside) {
    std::vector<Transforms::Row> columns(reach);
    for (int64_t i = 0; i < reach; ++i)
      for (int64_t j = 0; j < reach; ++j) {
        Value place = e.at(from, e.add(k, (j * reach + i) * productPitch));
        columns[i].push_back(e.load(place, e.lanes));
      }
    auto sums = transforms.both(
        [&](const Transforms::Row &m) { return transforms.out(m); }, columns);
    Value channel = e.add(firstOutput, k);
    e.when(
        inside, [&] { storeTile(sums, y, x, channel, count, false); },
        [&] { storeTile(sums, y, x, channel, count, true); });
  }

  void storeTile(const std::vector<Transforms::Row> &sums, Value y, Value x,
                 Value channel, int64_t count, bool isBorder) {
    const BufferView &out = epilogue.result();
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        Value row = e.add(y, i), column = e.add(x, j);
        auto store = [&] {
          epilogue.store(sums[i][j], {image, row, column, channel}, count);
        };
        if (isBorder)
          e.when(e.both(e.isBelow(row, out.sizes[1]),
                        e.isBelow(column, out.sizes[2])),
                 store);
        else
          store();
      }
  }

  tile::WinogradOp op;
  PointerEmitter e;
  VectorEpilogue epilogue;
  BufferView input;
  Value weights;
  int64_t size, reach;
  Transforms transforms;
  int64_t products, panels, channels, width, vectors, outputs, rows;
  int64_t padded; ///< channels in whole vectors
  int64_t maxTiles, chunkPanels, chunks, factorPitch, productPitch;
  Value across, tiles, blocks, blockTiles, factorMemory, productMemory;
  Value image, firstPanel; // of the trip that is being written
};

struct LowerTileWinogradPass
    : tw::impl::LowerTileWinogradBase<LowerTileWinogradPass> {
  using LowerTileWinogradBase::LowerTileWinogradBase;

  void runOnOperation() override {
    auto lower = [](tile::WinogradOp op, OpBuilder &b,
                    const CpuTarget &target) {
      Winograd(op, b, target).emit();
    };
    if (failed(lowerTileOps<tile::WinogradOp>(getOperation(), cpu, lower)))
      signalPassFailure();
  }
};

} // namespace

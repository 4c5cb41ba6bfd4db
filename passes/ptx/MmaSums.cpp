#include "passes/ptx/ProductSums.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace tw;

namespace {

constexpr int64_t kWarp = 32;
/// mma.m16n8k16 on 16-bit floats, m16n8k8 on tf32, m16n8k32 on bytes: 32 bytes
/// deep.
constexpr int64_t kRows = 16, kColumns = 8, kDepthBytes = 32;

/// Each warp has an equal part of the tile; a thread's sums are what mma.sync
/// gives it: of each 16 x 8 results two neighbours in one row, and two eight
/// rows below. ldmatrix moves words of 32 bits: whatever lies along the depth
/// gets to where mma.sync expects it, be it two, four or one elements a word.
class MmaSums : public ProductSums {
public:
  MmaSums(ThreadEmitter &e, const ProductTile &tile, const Stage &stage,
          Value thread)
      : ProductSums(e, tile, stage, thread),
        height(tile.rows / tile.warpRows / kRows),
        width(tile.columns / warpColumns() / kColumns),
        depth(kDepthBytes * 8 / stage.element.getIntOrFloatBitWidth()),
        lane(e.rem(thread, kWarp)) {
    Value warp = e.div(thread, kWarp);
    firstRow = e.mul(e.div(warp, warpColumns()), height * kRows);
    firstColumn = e.mul(e.rem(warp, warpColumns()), width * kColumns);
  }

  SmallVector<Value> zeros() override {
    return SmallVector<Value>(height * width * 4, e.zero(stage.sum));
  }

  SmallVector<Value> add(Value memory, ValueRange sums) override {
    SmallVector<Value> next(sums);
    for (int64_t k = 0; k < tile.depth; k += depth) {
      SmallVector<SmallVector<Value>> left;
      for (int64_t i = 0; i < height; ++i)
        left.push_back(leftWords(memory, i, k));
      addStep(memory, k, left, next);
    }
    return next;
  }

  void store(ValueRange sums, Value memory, int64_t pitch) override {
    auto pair = VectorType::get(2, stage.sum);
    Value row = e.add(firstRow, e.div(lane, 4)),
          column = e.add(firstColumn, e.mul(e.rem(lane, 4), 2));
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j)
        for (int64_t half = 0; half < 2; ++half) {
          ValueRange two = sums.slice((i * width + j) * 4 + half * 2, 2);
          Value value = vector::FromElementsOp::create(e.b, e.loc, pair, two);
          Value start = e.mul(e.add(row, i * kRows + half * kColumns), pitch);
          Value offset =
              e.mul(e.add(e.add(start, column), j * kColumns), sizeof(float));
          e.store(value, at(memory, offset), 8);
        }
  }

  /// Two rows of each tile, eight apart, and two neighbouring columns.
  SmallVector<Value> rows() override {
    SmallVector<Value> result;
    for (int64_t i = 0; i < 2 * height; ++i)
      result.push_back(e.add(e.add(firstRow, e.div(lane, 4)), i * (kRows / 2)));
    return result;
  }
  SmallVector<Value> columns() override {
    SmallVector<Value> result;
    Value first = e.add(firstColumn, e.mul(e.rem(lane, 4), 2));
    for (int64_t j = 0; j < width; ++j)
      for (int64_t c = 0; c < 2; ++c)
        result.push_back(e.add(first, j * kColumns + c));
    return result;
  }
  int64_t place(int64_t i, int64_t j) const override {
    return (i / 2 * width + j / 2) * 4 + i % 2 * 2 + j % 2;
  }
  int64_t sharers() const override { return 4; }

  /// The sums of two tiles beside each other are in the places where a left
  /// side of 16 x 16 elements is expected.
  SmallVector<Value> addProduct(ValueRange left, Value memory,
                                ValueRange sums) override {
    SmallVector<Value> next(sums);
    int64_t leftWidth = tile.depth / kColumns;
    for (int64_t k = 0; k < tile.depth; k += depth) {
      SmallVector<SmallVector<Value>> words;
      for (int64_t i = 0; i < height; ++i)
        words.push_back(
            narrow(left.slice((i * leftWidth + k / kColumns) * 4, 8)));
      addStep(memory, k, words, next);
    }
    return next;
  }

private:
  int64_t warpColumns() const { return tile.threads / kWarp / tile.warpRows; }

  /// Four 8 x 8 matrices; lanes 8i to 8i + 7 give the rows of the i-th one.
  /// `below` rows further down, a multiple of eight: a constant distance, which
  /// costs no register.
  SmallVector<Value> loadMatrices(Value memory, const StagedOperand &operand,
                                  Value row, int64_t below, Value chunk,
                                  bool transposed) {
    MLIRContext *context = e.b.getContext();
    Value offset = e.add(chunkOffset(e, operand, row, chunk), operand.offset);
    Value from =
        e.at(at(memory, offset), e.b.getI8Type(), below * operand.pitch());
    Type i32 = e.b.getI32Type();
    auto type =
        LLVM::LLVMStructType::getLiteral(context, SmallVector<Type>(4, i32));
    auto layout = transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row;
    auto loaded =
        NVVM::LdMatrixOp::create(e.b, e.loc, type, from, 4, layout,
                                 NVVM::LdStMatrixShapeAttr::get(context, 8, 8),
                                 NVVM::LdStMatrixEltType::B16);
    SmallVector<Value> words;
    for (int64_t i = 0; i < 4; ++i)
      words.push_back(
          LLVM::ExtractValueOp::create(e.b, e.loc, loaded.getRes(), i));
    return words;
  }

  /// 16 x 16 elements of the left side: rows on lanes 0-15, the right half on
  /// lanes 16-31.
  SmallVector<Value> leftWords(Value memory, int64_t i, int64_t k) {
    Value row = e.add(firstRow, e.rem(lane, kRows));
    Value chunk = e.add(e.div(lane, kRows), k / stage.left.perChunk());
    return rounded(loadMatrices(memory, stage.left, row, i * kRows, chunk,
                                /*transposed=*/false));
  }

  /// One instruction's depth of two columns' eights: two words for each eight.
  SmallVector<Value> rightWords(Value memory, int64_t j, int64_t k) {
    if (stage.rightAlongColumns && stage.element.isF32())
      return rounded(rightSingles(memory, j, k));
    if (stage.rightAlongColumns) {
      Value column = e.add(firstColumn, j * kColumns);
      Value chunk = e.add(e.div(column, 8), e.div(lane, 16));
      return loadMatrices(memory, stage.right, e.rem(lane, 16), k, chunk,
                          /*transposed=*/true);
    }
    Value row =
        e.add(firstColumn, e.add(e.rem(lane, 8), e.mul(e.div(lane, 16), 8)));
    Value chunk = e.add(e.rem(e.div(lane, 8), 2), k / stage.right.perChunk());
    return rounded(loadMatrices(memory, stage.right, row, j * kColumns, chunk,
                                /*transposed=*/false));
  }

  /// The same of f32 in rows along the columns, which ldmatrix does not
  /// transpose.
  SmallVector<Value> rightSingles(Value memory, int64_t j, int64_t k) {
    SmallVector<Value> words;
    Value row = e.rem(lane, 4), column = e.add(firstColumn, e.div(lane, 4));
    Value offset =
        e.add(e.mul(row, stage.right.pitch()),
              e.add(e.mul(column, sizeof(float)), e.i32(stage.right.offset)));
    Value from = at(memory, offset);
    for (int64_t i = 0; i < 4; ++i) {
      int64_t below = k + i % 2 * 4, beside = (j + i / 2) * kColumns;
      Value word = e.at(from, e.b.getI8Type(),
                        below * stage.right.pitch() + beside * sizeof(float));
      words.push_back(e.load(word, e.b.getI32Type()));
    }
    return words;
  }

  /// f32 as tf32, to nearest; other words as they are.
  SmallVector<Value> rounded(SmallVector<Value> words) {
    if (stage.element.isF32())
      for (Value &word : words) {
        Value number =
            LLVM::BitcastOp::create(e.b, e.loc, e.b.getF32Type(), word);
        word = NVVM::ConvertFloatToTF32Op::create(
            e.b, e.loc, e.b.getI32Type(), number, NVVM::FPRoundingMode::RNA);
      }
    return words;
  }

  /// Pairs of f32 as words of two 16-bit floats.
  SmallVector<Value> narrow(ValueRange sums) {
    SmallVector<Value> words;
    for (size_t i = 0; i < sums.size(); i += 2)
      words.push_back(e.pack(sums[i], sums[i + 1], stage.element));
    return words;
  }

  void addStep(Value memory, int64_t k, ArrayRef<SmallVector<Value>> left,
               MutableArrayRef<Value> sums) {
    SmallVector<SmallVector<Value>> right;
    for (int64_t j = 0; j < width; j += 2)
      right.push_back(rightWords(memory, j, k));
    for (int64_t i = 0; i < height; ++i)
      for (int64_t j = 0; j < width; ++j)
        multiply(left[i], ArrayRef(right[j / 2]).slice(j % 2 * 2, 2),
                 sums.slice((i * width + j) * 4, 4));
  }

  /// f16 comes as pairs, bf16 as words.
  SmallVector<Value> asOperands(ArrayRef<Value> words) {
    if (!stage.element.isF16())
      return SmallVector<Value>(words);
    SmallVector<Value> pairs;
    auto pair = VectorType::get(2, stage.element);
    for (Value word : words)
      pairs.push_back(LLVM::BitcastOp::create(e.b, e.loc, pair, word));
    return pairs;
  }

  NVVM::MMATypes operandType(bool isUnsigned) {
    if (stage.element.isInteger(8))
      return isUnsigned ? NVVM::MMATypes::u8 : NVVM::MMATypes::s8;
    if (stage.element.isF32())
      return NVVM::MMATypes::tf32;
    return stage.element.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
  }

  void multiply(ArrayRef<Value> left, ArrayRef<Value> right,
                MutableArrayRef<Value> sums) {
    std::optional<NVVM::MMAIntOverflow> overflow;
    if (stage.element.isInteger(8))
      overflow = NVVM::MMAIntOverflow::wrapped;
    auto type = LLVM::LLVMStructType::getLiteral(
        e.b.getContext(), SmallVector<Type>(4, stage.sum));
    Value result = NVVM::MmaOp::create(
        e.b, e.loc, type, asOperands(left), asOperands(right), ValueRange(sums),
        {kRows, kColumns, depth}, std::nullopt, overflow,
        std::array<NVVM::MMATypes, 2>{operandType(stage.leftUnsigned),
                                      operandType(stage.rightUnsigned)},
        std::array<NVVM::MMALayout, 2>{NVVM::MMALayout::row,
                                       NVVM::MMALayout::col});
    for (int64_t i = 0; i < 4; ++i)
      sums[i] = LLVM::ExtractValueOp::create(e.b, e.loc, result, i);
  }

  int64_t height, width;
  int64_t depth; ///< of an instruction, in elements
  Value lane, firstRow, firstColumn;
};

} // namespace

std::unique_ptr<ProductSums> tw::mmaSums(ThreadEmitter &e,
                                         const ProductTile &tile,
                                         const Stage &stage, Value thread) {
  return std::make_unique<MmaSums>(e, tile, stage, thread);
}

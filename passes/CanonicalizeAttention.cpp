#include "passes/Passes.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_CANONICALIZEATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

template <typename OpT, typename... Args>
Value make(PatternRewriter &b, ShapeBuilder &shapes, Location loc,
           Args &&...args) {
  auto op = OpT::create(b, loc, UnrankedTensorType::get(b.getF32Type()),
                        std::forward<Args>(args)...);
  (void)nn::refineResults(shapes, op);
  return op->getResult(0);
}

/// The letters of an einsum that is one matrix product per batch.
struct ProductLetters {
  std::string batch;
  char row = 0, column = 0, summed = 0;

  /// Fails where a letter repeats, is summed on one side only, or there is more
  /// than one of a kind.
  static std::optional<ProductLetters> of(StringRef left, StringRef right,
                                          StringRef result) {
    ProductLetters letters;
    for (StringRef term : {left, right, result})
      for (char c : term)
        if (!isalpha(c) || term.count(c) != 1)
          return std::nullopt;
    for (char c : result) {
      bool isLeft = left.contains(c), isRight = right.contains(c);
      if (isLeft && isRight)
        letters.batch += c;
      else if (isLeft != isRight && !(isLeft ? letters.row : letters.column))
        (isLeft ? letters.row : letters.column) = c;
      else
        return std::nullopt;
    }
    for (char c : left)
      if (!result.contains(c)) {
        if (letters.summed || !right.contains(c))
          return std::nullopt;
        letters.summed = c;
      }
    bool all = letters.row && letters.column && letters.summed &&
               right.size() == letters.batch.size() + 2;
    return all ? std::optional(letters) : std::nullopt;
  }
};

/// einsum => transpose(matmul(transpose(x), transpose(y)))
struct EinsumToMatmul : OpRewritePattern<nn::EinsumOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::EinsumOp op,
                                PatternRewriter &rewriter) const override {
    std::string text;
    llvm::copy_if(op.getEquation(), std::back_inserter(text),
                  [](char c) { return c != ' '; });
    auto [terms, result] = StringRef(text).split("->");
    auto [left, right] = terms.split(',');
    if (op.getInputs().size() != 2 || result.empty())
      return failure();
    Value x = op.getInputs()[0], y = op.getInputs()[1];
    auto letters = ProductLetters::of(left, right, result);
    if (!letters || !isa<FloatType>(ShapeBuilder::elementType(x)))
      return failure();
    // The side whose letter comes first in the result gives the rows.
    if (result.find(letters->row) > result.find(letters->column)) {
      std::swap(x, y), std::swap(left, right);
      std::swap(letters->row, letters->column);
    }
    ShapeBuilder shapes(rewriter, op.getLoc());
    std::string rows = letters->batch + letters->row + letters->summed,
                columns = letters->batch + letters->summed + letters->column,
                product = letters->batch + letters->row + letters->column;
    Value a = ordered(rewriter, shapes, x, left, rows),
          c = ordered(rewriter, shapes, y, right, columns);
    Value p = make<nn::MatmulOp>(rewriter, shapes, op.getLoc(), a, c);
    rewriter.replaceOp(op, ordered(rewriter, shapes, p, product, result));
    return success();
  }

  static Value ordered(PatternRewriter &b, ShapeBuilder &shapes, Value tensor,
                       StringRef from, StringRef to) {
    if (from == to)
      return tensor;
    SmallVector<int64_t> perm;
    for (char c : to)
      perm.push_back(from.find(c));
    return make<nn::TransposeOp>(b, shapes, tensor.getLoc(), tensor,
                                 b.getDenseI64ArrayAttr(perm));
  }
};

/// reshape(transpose(reshape(x : [b, h, n, d] to [b * h, n, d]), [0, 2, 1])
///         to [b, h, d, n]) => transpose(x, [0, 1, 3, 2])
struct UngroupTransposedKeys : OpRewritePattern<nn::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nn::ReshapeOp op,
                                PatternRewriter &rewriter) const override {
    auto turned = op.getData().getDefiningOp<nn::TransposeOp>();
    auto flat =
        turned ? turned.getData().getDefiningOp<nn::ReshapeOp>() : nullptr;
    if (!flat || turned.getPermutation() != ArrayRef<int64_t>{0, 2, 1} ||
        ShapeBuilder::rank(flat.getData()) != 4 ||
        ShapeBuilder::rank(op.getResult()) != 4)
      return failure();
    auto from = cast<RankedTensorType>(flat.getData().getType()).getShape();
    auto to = cast<RankedTensorType>(op.getType()).getShape();
    auto middle = cast<RankedTensorType>(flat.getType()).getShape();
    // Where batch or length is not known, the number of elements says that it
    // is the same.
    if (ShapedType::isDynamic(from[1]) || from[1] != to[1] ||
        ShapedType::isDynamic(from[3]) || from[3] != to[2] ||
        middle[2] != from[3] || from[0] != to[0] || from[2] != to[3] ||
        (ShapedType::isDynamic(from[0]) && ShapedType::isDynamic(from[2])))
      return failure();
    rewriter.replaceOpWithNewOp<nn::TransposeOp>(
        op, op.getType(), flat.getData(),
        rewriter.getDenseI64ArrayAttr({0, 1, 3, 2}));
    return success();
  }
};

struct CanonicalizeAttentionPass
    : tw::impl::CanonicalizeAttentionBase<CanonicalizeAttentionPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<EinsumToMatmul, UngroupTransposedKeys>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

#include "passes/Passes.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FASTMATH
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// A function of one f32 as one instruction, with factors before and after it.
struct Approximation {
  StringRef instruction;
  double before = 1, after = 1;
};

Value scale(OpBuilder &b, Location loc, Value x, double factor) {
  if (factor == 1)
    return x;
  Value by = arith::ConstantOp::create(
      b, loc, b.getF32FloatAttr(static_cast<float>(factor)));
  return arith::MulFOp::create(b, loc, x, by);
}

Value approximate(OpBuilder &b, Location loc, Value x,
                  const Approximation &with) {
  std::string text = (with.instruction + " $0, $1;").str();
  auto op = LLVM::InlineAsmOp::create(
      b, loc, x.getType(), ValueRange{scale(b, loc, x, with.before)}, text,
      "=f,f", /*has_side_effects=*/false, /*is_align_stack=*/false,
      LLVM::TailCallKind::None,
      LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT),
      ArrayAttr());
  return scale(b, loc, op.getResult(0), with.after);
}

template <typename OpT>
struct UseInstruction : OpRewritePattern<OpT> {
  UseInstruction(MLIRContext *context, Approximation with)
      : OpRewritePattern<OpT>(context), with(with) {}

  LogicalResult matchAndRewrite(OpT op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return failure();
    rewriter.replaceOp(
        op, approximate(rewriter, op.getLoc(), op.getOperand(), with));
    return success();
  }

  Approximation with;
};

/// x / y  =>  x * (1 / y)
struct UseReciprocal : OpRewritePattern<arith::DivFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getType().isF32())
      return failure();
    Value inverse =
        approximate(rewriter, op.getLoc(), op.getRhs(), {"rcp.approx.ftz.f32"});
    rewriter.replaceOpWithNewOp<arith::MulFOp>(op, op.getLhs(), inverse);
    return success();
  }
};

struct FastMathPass : tw::impl::FastMathBase<FastMathPass> {
  void runOnOperation() override {
    constexpr double ln2 = 0.69314718055994530942;
    constexpr StringRef ex2 = "ex2.approx.ftz.f32", lg2 = "lg2.approx.ftz.f32";
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<UseInstruction<math::ExpOp>>(context,
                                              Approximation{ex2, 1 / ln2});
    patterns.add<UseInstruction<math::Exp2Op>>(context, Approximation{ex2});
    patterns.add<UseInstruction<math::LogOp>>(context,
                                              Approximation{lg2, 1, ln2});
    patterns.add<UseInstruction<math::Log2Op>>(context, Approximation{lg2});
    patterns.add<UseInstruction<math::TanhOp>>(
        context, Approximation{"tanh.approx.f32"});
    patterns.add<UseInstruction<math::SinOp>>(
        context, Approximation{"sin.approx.ftz.f32"});
    patterns.add<UseInstruction<math::CosOp>>(
        context, Approximation{"cos.approx.ftz.f32"});
    patterns.add<UseInstruction<math::SqrtOp>>(
        context, Approximation{"sqrt.approx.ftz.f32"});
    patterns.add<UseInstruction<math::RsqrtOp>>(
        context, Approximation{"rsqrt.approx.ftz.f32"});
    patterns.add<UseReciprocal>(context);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

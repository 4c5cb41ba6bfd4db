// Reductions over axes.
#ifndef TW_NN_REDUCE
#define TW_NN_REDUCE

include "dialects/nn/ops/Elementwise.td"

class NN_ReduceBase<string mnemonic, string onnxName> : NN_Op<"reduce_" # mnemonic> {
  let summary = mnemonic # " over axes";
  let description = [{
    ONNX }] # onnxName # [{. Without `axes` all are reduced, or none with `noop_with_empty_axes`.
    `%r = nn.reduce_}] # mnemonic # [{ %x, %axes : (tensor<2x3xf32>, tensor<1xi64>) -> tensor<2x1xf32>`
  }];
  let onnx = onnxName;
  let fusion = "Reduction";
  let arguments = (ins AnyRankedTensor:$data, Optional<AnyRankedTensor>:$axes, DefaultValuedAttr<I64Attr, "1">:$keepdims,
                       DefaultValuedAttr<I64Attr, "0">:$noop_with_empty_axes);
  let results = (outs AnyTensor:$reduced);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  code definition = "";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferResults(::tw::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::tw::ResultShape> &results) {
      return ::tw::nn::inferReduction(*this, shapes, results);
    }
  }] # definition;
}

// finish(combine(... combine(init, prepare(x0)), prepare(x1) ...)): C++ expressions over Scalars. `init` is over `x`, any value
// of the accumulator's type; `combine` over `sum` and `x`; `finish` over `x` and `count`, the number of elements reduced.
// Narrow floats accumulate in f32; integers in their own type or, if `real`, in f64.
class NN_Reduce<string mnemonic, string onnxName, string init, string combine, string prepare = "x", string finish = "",
                bit real = 0> : NN_ReduceBase<mnemonic, onnxName> {
  let definition = [{
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::decomposeOperation(::mlir::OpBuilder &b) {
      using ::tw::nn::Scalar;
      ::tw::nn::Reduction reduction;
      reduction.init = [](Scalar x) -> Scalar { return }] # init # [{; };
      reduction.prepare = [](Scalar x) -> Scalar { return }] # prepare # [{; };
      reduction.combine = [](Scalar sum, Scalar x) -> Scalar { return }] # combine # [{; };
      }] # !if(!empty(finish), "", "reduction.finish = [](Scalar x, Scalar count) -> Scalar { return " # finish # "; };") # [{
      reduction.real = }] # real # [{;
      return ::tw::nn::decomposeReduction(*this, b, reduction);
    }
  }];
}

def NN_ReduceSumOp : NN_Reduce<"sum", "ReduceSum", "x.like(0)", "sum + x">;
def NN_ReduceMeanOp : NN_Reduce<"mean", "ReduceMean", "x.like(0)", "sum + x", "x", "x / count">;
def NN_ReduceProdOp : NN_Reduce<"prod", "ReduceProd", "x.like(1)", "sum * x">;
def NN_ReduceMaxOp : NN_Reduce<"max", "ReduceMax", "lowest(x)", "max(sum, x)">;
def NN_ReduceMinOp : NN_Reduce<"min", "ReduceMin", "highest(x)", "min(sum, x)">;
def NN_ReduceL1Op : NN_Reduce<"l1", "ReduceL1", "x.like(0)", "sum + x", "abs(x)">;
def NN_ReduceL2Op : NN_Reduce<"l2", "ReduceL2", "x.like(0)", "sum + x", "x * x", "sqrt(x)", 1>;
def NN_ReduceSumSquareOp : NN_Reduce<"sum_square", "ReduceSumSquare", "x.like(0)", "sum + x", "x * x">;
def NN_ReduceLogSumOp : NN_Reduce<"log_sum", "ReduceLogSum", "x.like(0)", "sum + x", "x", "log(x)", 1>;
// The largest element is taken out first, so that no exponential overflows.
def NN_ReduceLogSumExpOp : NN_ReduceBase<"log_sum_exp", "ReduceLogSumExp">;

#endif

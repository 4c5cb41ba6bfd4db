// Running sums and products along an axis.
#ifndef TW_NN_CUMULATIVE
#define TW_NN_CUMULATIVE

include "dialects/nn/ops/Elementwise.td"

// `kind` is that of tile.scan.
class NN_Cumulative<string mnemonic, string onnxName, string kind> : NN_Op<mnemonic> {
  let summary = "result[i] = x[0] through x[i] combined along an axis";
  let description = [{
    ONNX }] # onnxName # [{: `exclusive` leaves x[i] out, `reverse` goes from the last element to x[i].
    `%y = nn.}] # mnemonic # [{ %x, %axis : (tensor<2x3xf32>, tensor<i64>) -> tensor<2x3xf32>`
  }];
  let onnx = onnxName;
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$axis, DefaultValuedAttr<I64Attr, "0">:$exclusive,
                       DefaultValuedAttr<I64Attr, "0">:$reverse);
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferResults(::tw::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::tw::ResultShape> &results) {
      return ::tw::nn::inferCumulative(*this, shapes, results);
    }
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::decomposeOperation(::mlir::OpBuilder &b) {
      return ::tw::nn::decomposeCumulative(*this, b, "}] # kind # [{", getExclusive(), getReverse());
    }
  }];
}

def NN_CumSumOp : NN_Cumulative<"cum_sum", "CumSum", "add">;
def NN_CumProdOp : NN_Cumulative<"cum_prod", "CumProd", "mul">;

#endif

// Where the extreme elements are.
#ifndef TW_NN_ARG
#define TW_NN_ARG

include "dialects/nn/ops/Elementwise.td"

class NN_Arg<string mnemonic, string onnxName, bit largest> : NN_Op<mnemonic> {
  let summary = "position along an axis of its " # !if(largest, "largest", "smallest") # " element";
  let description = [{
    ONNX }] # onnxName # [{: of equal elements the first counts, or with `select_last_index` the last; NaN is more extreme
    than any number. `%i = nn.}] # mnemonic # [{ %x {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x1xi64>`
  }];
  let onnx = onnxName;
  let fusion = "Reduction";
  let arguments = (ins AnyRankedTensor:$data, DefaultValuedAttr<I64Attr, "0">:$axis, DefaultValuedAttr<I64Attr, "1">:$keepdims,
                       DefaultValuedAttr<I64Attr, "0">:$select_last_index);
  let results = (outs AnyTensor:$reduced);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferResults(::tw::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::tw::ResultShape> &results) {
      return ::tw::nn::inferArg(*this, getAxis(), getKeepdims(), shapes, results);
    }
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::decomposeOperation(::mlir::OpBuilder &b) {
      ::mlir::Value data = ::tw::nn::signless(b, getLoc(), getData());
      ::mlir::Type element = ::tw::ShapeBuilder::elementType(getData());
      int64_t axis = *::tw::nn::normalizeAxis(*this, getAxis(), ::tw::ShapeBuilder::rank(data));
      ::mlir::Value position = ::tw::nn::extremePosition(b, getLoc(), data, element, {axis}, getKeepdims(), }] # largest # [{,
                                                         getSelectLastIndex());
      return ::llvm::SmallVector<::mlir::Value>{::tw::nn::asResult(b, *this, 0, position)};
    }
  }];
}

def NN_ArgMaxOp : NN_Arg<"arg_max", "ArgMax", 1>;
def NN_ArgMinOp : NN_Arg<"arg_min", "ArgMin", 0>;

#endif

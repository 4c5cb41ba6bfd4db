// Numbers as small integers or floats with a scale, and back.
#ifndef TW_NN_QUANTIZE
#define TW_NN_QUANTIZE

include "dialects/nn/ops/Elementwise.td"

class NN_Quantization<string mnemonic, string onnxName, string formula> : NN_Op<mnemonic, [DeclareOpInterfaceMethods<TransposeOpInterface>]> {
  let summary = formula;
  let description = [{
    ONNX }] # onnxName # [{. `scale` and `zero_point` are scalars, hold one number for each index of `axis`, or have `x`'s rank
    and hold one for each `block_size` indices of it.
    `%y = nn.}] # mnemonic # [{ %x, %scale : (tensor<4xf32>, tensor<f32>) -> tensor<4xui8>`
  }];
  let fusion = "Injective";
  let results = (outs AnyTensor:$y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    /// The result's element type.
    ::mlir::Type target();
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferResults(::tw::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::tw::ResultShape> &results) {
      return ::tw::nn::inferQuantization(*this, getAxis(), getBlockSize(), target(), shapes, results);
    }
    ::llvm::SmallVector<::mlir::Value> $cppClass::getTransposableOperands() {
      return ::tw::nn::transposableParameters(*this);
    }
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::sinkTranspose(::mlir::OpBuilder &b, ::llvm::ArrayRef<int64_t> perm) {
      return ::tw::nn::sinkTransposeThrough(*this, b, perm, [&](::mlir::Operation *op) {
        int64_t axis = getAxis(), rank = perm.size();
        axis = axis < 0 ? axis + rank : axis;
        if (axis >= 0 && axis < rank)
          op->setAttr("axis", b.getI64IntegerAttr(perm[axis]));
      });
    }
  }];
}

def NN_QuantizeLinearOp : NN_Quantization<"quantize_linear", "QuantizeLinear", "y = saturate(round(x / scale) + zero_point)"> {
  let onnx = "QuantizeLinear";
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$scale, Optional<AnyRankedTensor>:$zero_point,
                       DefaultValuedAttr<I64Attr, "1">:$axis, DefaultValuedAttr<I64Attr, "0">:$block_size,
                       OptionalAttr<TypeAttr>:$output_dtype, DefaultValuedAttr<I64Attr, "1">:$saturate);
}

def NN_DequantizeLinearOp : NN_Quantization<"dequantize_linear", "DequantizeLinear", "y = (x - zero_point) * scale"> {
  let onnx = "DequantizeLinear";
  let arguments = (ins AnyRankedTensor:$x, AnyRankedTensor:$scale, Optional<AnyRankedTensor>:$zero_point,
                       DefaultValuedAttr<I64Attr, "1">:$axis, DefaultValuedAttr<I64Attr, "0">:$block_size,
                       OptionalAttr<TypeAttr>:$output_dtype);
}

#endif

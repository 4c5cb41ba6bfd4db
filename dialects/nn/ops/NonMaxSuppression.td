#ifndef TW_NN_NON_MAX_SUPPRESSION
#define TW_NN_NON_MAX_SUPPRESSION

include "dialects/nn/NN.td"

def NN_NonMaxSuppressionOp : NN_Op<"non_max_suppression"> {
  let summary = "boxes that overlap no better one, as (batch, class, box)";
  let description = [{
    Rows of what nn.select_boxes chose; `count` rows.
    `%y = nn.non_max_suppression %order, %n : (tensor<1x1x6xi64>, tensor<i64>) -> tensor<?x3xi64>`
  }];
  let onnx = "NonMaxSuppression";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$order, AnyTensor:$count);
  let results = (outs AnyTensor:$selected_indices);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let cpp = [{
    static ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> importOnnx(::tw::nn::OnnxNode &node);
  }];
}

#endif

#ifndef TW_NN_SELECT_BOXES
#define TW_NN_SELECT_BOXES

include "dialects/nn/NN.td"

def NN_SelectBoxesOp : NN_Op<"select_boxes", [AttrSizedOperandSegments]> {
  let summary = "which boxes non-maximum suppression keeps, best first";
  let description = [{
    Per batch and class: indices of the chosen boxes by falling score, -1 behind them; and how many there are in all. Options
    are those of nn.non_max_suppression.
    `%order, %n = nn.select_boxes %boxes, %scores, %max {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0>} : (tensor<1x6x4xf32>, tensor<1x1x6xf32>, tensor<1xi64>) -> (tensor<1x1x6xi64>, tensor<i64>)`
  }];
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$boxes, AnyTensor:$scores, Optional<AnyTensor>:$max_output_boxes_per_class,
                       Optional<AnyTensor>:$iou_threshold, Optional<AnyTensor>:$score_threshold,
                       DefaultValuedAttr<I64Attr, "0">:$center_point_box);
  let results = (outs AnyTensor:$order, AnyTensor:$count);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

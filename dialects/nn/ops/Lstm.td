#ifndef TW_NN_LSTM
#define TW_NN_LSTM

include "dialects/nn/NN.td"

def NN_LstmOp : NN_Op<"lstm", [AttrSizedOperandSegments]> {
  let summary = "a recurrent net with a cell and input, output and forget gates";
  let description = [{
    Dims of X: time, batch, input (`layout` 1: batch first). Time steps run one after the other. Elements of Y past a sequence's
    length are 0.
    `%y, %h, %c = nn.lstm %x, %w, %r {operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0, 0>} : (tensor<5x2x3xf32>, tensor<1x16x3xf32>, tensor<1x16x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>)`
  }];
  let onnx = "LSTM";
  let fusion = "Opaque";
  let arguments = (ins AnyTensor:$X, AnyTensor:$W, AnyTensor:$R, Optional<AnyTensor>:$B, Optional<AnyTensor>:$sequence_lens,
                       Optional<AnyTensor>:$initial_h, Optional<AnyTensor>:$initial_c,
                       Optional<AnyTensor>:$P, DefaultValuedAttr<I64Attr, "0">:$input_forget,
                       DefaultValuedAttr<StrAttr, "\"forward\"">:$direction, OptionalAttr<I64Attr>:$hidden_size,
                       DefaultValuedAttr<I64Attr, "0">:$layout, OptionalAttr<F32Attr>:$clip,
                       OptionalAttr<StrArrayAttr>:$activations, OptionalAttr<DenseF32ArrayAttr>:$activation_alpha,
                       OptionalAttr<DenseF32ArrayAttr>:$activation_beta);
  let results = (outs AnyTensor:$Y, AnyTensor:$Y_h, AnyTensor:$Y_c);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

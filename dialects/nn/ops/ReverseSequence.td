#ifndef TW_NN_REVERSE_SEQUENCE
#define TW_NN_REVERSE_SEQUENCE

include "dialects/nn/NN.td"

def NN_ReverseSequenceOp : NN_Op<"reverse_sequence"> {
  let summary = "the first elements of each sequence in reverse order";
  let description = [{
    `sequence_lens` says how many, one for each index of `batch_axis`; lengths beyond the dim are clamped.
    `%y = nn.reverse_sequence %x, %n {batch_axis = 0 : i64, time_axis = 1 : i64} : (tensor<2x5xf32>, tensor<2xi64>) -> tensor<2x5xf32>`
  }];
  let onnx = "ReverseSequence";
  let fusion = "Injective";
  let arguments = (ins AnyTensor:$input, AnyTensor:$sequence_lens, DefaultValuedAttr<I64Attr, "1">:$batch_axis,
                       DefaultValuedAttr<I64Attr, "0">:$time_axis);
  let results = (outs AnyTensor:$Y);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif

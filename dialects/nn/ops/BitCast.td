#ifndef TW_NN_BIT_CAST
#define TW_NN_BIT_CAST

include "dialects/nn/ops/Elementwise.td"

def NN_BitCastOp : NN_Elementwise<"bit_cast", "BitCast", (ins AnyRankedTensor:$input, TypeAttr:$to), [{
    Type target = ::tw::nn::signless(op.getTo());
    if (::tw::nn::signless(element) == target)
      return args[0];
    // A truth value is a byte in memory.
    if (element.isInteger(1) || target.isInteger(1))
      return ::tw::nn::convertScalar(b, loc, args[0], element, op.getTo());
    return arith::BitcastOp::create(b, loc, ::tw::nn::withElement(type, target), args[0]);
  }], "op.getTo()"> {
  let summary = "each element's bits as another type";
  let description = "ONNX BitCast. `%y = nn.bit_cast %x {to = i32} : (tensor<4xf32>) -> tensor<4xi32>`";
  let hasVerifier = 1;
}

#endif

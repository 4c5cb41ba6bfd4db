// An op that computes each result element from the operand elements at the same (broadcast) position.
#ifndef TW_ELEMENTWISE_OP_INTERFACE
#define TW_ELEMENTWISE_OP_INTERFACE

include "mlir/IR/OpBase.td"

def ElementwiseOpInterface : OpInterface<"ElementwiseOpInterface"> {
  let cppNamespace = "::tw";
  let description = [{
    `result[i...] = scalar(operand0[i...], operand1[i...], ...)` with NumPy's broadcasting. The body must be written with
    elementwise-mappable ops (arith, math), so that it is right for scalars and for vectors alike.
  }];
  let methods = [
    InterfaceMethod<[{
      Computes one result element, or a vector of them, from `args`. Integer `args` are signless; signedness is read from
      the op's own types.
    }], "::mlir::Value", "buildScalar", (ins "::mlir::OpBuilder &":$b, "::mlir::Location":$loc, "::mlir::ValueRange":$args)>,
    InterfaceMethod<"The element type of the result, given the operands' element types.", "::mlir::Type", "inferElementType", (ins)>
  ];
}

#endif

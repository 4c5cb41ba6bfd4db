// One shape rule per op: it serves static inference, the host program's dynamic dims and the kernels' buffers.
#ifndef TW_SHAPE_OP_INTERFACE
#define TW_SHAPE_OP_INTERFACE

include "mlir/IR/OpBase.td"

def ShapeOpInterface : OpInterface<"ShapeOpInterface"> {
  let cppNamespace = "::tw";
  let description = [{
    The rule is written on `OpFoldResult`s: a static dim is an attribute, a dynamic one an SSA value of type index. Where all
    inputs are static the arithmetic folds, and the result type is static.
  }];
  let methods = [
    InterfaceMethod<[{
      Appends one `ResultShape` per result. On failure an error has been emitted at the op that says what was expected and
      what was found.
    }], "::llvm::LogicalResult", "inferResults",
    (ins "::tw::ShapeBuilder &":$shapes, "::llvm::SmallVectorImpl<::tw::ResultShape> &":$results)>
  ];
}

#endif

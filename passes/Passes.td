// The registry of passes. A pass `FooBar` is --foo-bar, passes/FooBar.cpp (or passes/cpu/FooBar.cpp) and test/passes/foo-bar.mlir.
#ifndef TW_PASSES_TD
#define TW_PASSES_TD

include "mlir/Pass/PassBase.td"

def InferShapes : Pass<"infer-shapes", "::mlir::func::FuncOp"> {
  let summary = "y = op(x : tensor<2x3>) : tensor<?x?>  =>  y : tensor<2x3>; small integer tensors become host scalars";
  let description = [{
    Runs each op's shape rule once, in order. A small tensor computed from host scalars only (shape arithmetic) is replaced
    by `tensor.from_elements` of scalar arithmetic, by evaluating the op's own decomposition element by element.
  }];
}

def FormKernels : Pass<"form-kernels", "::mlir::ModuleOp"> {
  let summary = "y = relu(conv(x, w))  =>  y = rt.launch @k(x, w), @k = { relu(conv(x, w)) }";
  let description = [{
    Groups ops of the host function by their `FusionOpInterface` kind; each group becomes one kernel in a module of its own,
    shared by all groups with the same IR. Dims are computed on the host and passed as index arguments. Views become
    `rt.view`. What remains in the host function is scalar arithmetic, launches, views and control flow.
  }];
  let dependentDialects = ["::tw::rt::RTDialect"];
}

#endif

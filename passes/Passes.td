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

def SinkTransposes : Pass<"sink-transposes", "::mlir::func::FuncOp"> {
  let summary = "op(transpose(x, p))  =>  transpose(op(x), p), so that transposes meet and cancel";
  let description = [{
    Asks `TransposeOpInterface`. An operand that is not transposed gets the inverse transpose: done where it is a constant or
    where more operands lose a transpose than gain one.
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

def HoistShapeArithmetic : Pass<"hoist-shape-arithmetic", "::mlir::func::FuncOp"> {
  let summary = "launch; d = f(dim x)  =>  d = f(dim x); launch";
  let description = [{
    Moves scalar arithmetic that depends on the function's arguments only to the start of the function, so that sizes known
    before the first launch are known as such to memory planning.
  }];
}

def LowerHostProgram : Pass<"lower-host-program", "::mlir::ModuleOp"> {
  let summary = "@main on tensors  =>  i32 @tw_main(context, inputs, outputs) on pointers, calling the runtime's services";
  let description = [{
    Each tensor becomes a pointer and its dims. Intermediate results live in one arena: a plan by liveness, static where the
    sizes are, computed at the start of a run where they depend on the inputs' dims. Sizes known only in mid-run are
    allocated by themselves. A result that is returned is written to its output at once. Kernels are called by name; their
    modules, which must have been compiled before, are dropped.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect"];
}

def ChooseLayout : Pass<"choose-layout", "::mlir::func::FuncOp"> {
  let summary = "conv(x : NCHW)  =>  transpose(conv_nhwc(transpose(x)))";
  let description = [{
    Asks each op for its channels-last form. The transposes around neighbours are inverse to each other and are cancelled
    by later passes.
  }];
}

def PackWeights : Pass<"pack-weights", "::mlir::func::FuncOp"> {
  let summary = "matmul(x, weight)  =>  matmul_packed(x, pack_matmul(weight))";
  let description = [{
    Asks `PackOpInterface`: weights get the order in which the target's kernels read them. Packing ops have constant operands
    only and are folded afterwards.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU that is compiled for">,
                 Option<"fastConv", "fast-conv", "bool", "true", "Allow convolution algorithms that round differently">];
}

def LowerTileMatmul : Pass<"lower-tile-matmul", "::mlir::func::FuncOp"> {
  let summary = "tile.matmul on buffers  =>  scf.forall over blocks { vector.fma on register tiles }";
  let description = [{
    A block is one panel of columns times some rows; blocks depend on shapes only. The right side is read in panels: packed
    ones as they are, others copied (or transposed) into workspace block by block, or read in place for few rows. Row tiles
    are balanced, so that no tile is much lower than the others.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU that is compiled for">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect"];
}

#endif

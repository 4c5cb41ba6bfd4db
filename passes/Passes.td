// The registry of passes. A pass `FooBar` is --foo-bar, passes/FooBar.cpp (or passes/cpu/FooBar.cpp, passes/ptx/FooBar.cpp) and test/passes/foo-bar.mlir.
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

def SimplifyDims : Pass<"simplify-dims", "::mlir::func::FuncOp"> {
  let summary = "select(n == k, f(n), g(n))  =>  g(n), where f(k) = g(k); and what cannot be of sizes";
  let description = [{
    Exporters ask of sizes whether they are -1, 0 or 1, because ONNX's reshapes and broadcasts do. `n == -1` is false for a
    size n, and most choices come to the same: where n is 1, min(n, 64) is n. What remains are plain sizes, which can be
    told to be equal.
  }];
}

def FoldChannelAffine : Pass<"fold-channel-affine", "::mlir::func::FuncOp"> {
  let summary = "conv(x, w) * s + t  =>  conv(x, w * s) + t, s and t constants per channel";
  let description = [{
    Asks `ChannelAffineOpInterface`. What batch normalization has become disappears into the weights and the bias, which are
    computed while compiling.
  }];
}

def SinkTransposes : Pass<"sink-transposes", "::mlir::func::FuncOp"> {
  let summary = "op(transpose(x, p))  =>  transpose(op(x), p), so that transposes meet and cancel";
  let description = [{
    Asks `TransposeOpInterface`. An operand that is not transposed gets the inverse transpose: done where it is a constant or
    where more operands lose a transpose than gain one.
  }];
}

def SinkReshapes : Pass<"sink-reshapes", "::mlir::func::FuncOp"> {
  let summary = "elementwise(reshape(matmul(x, w)), y)  =>  reshape(elementwise(matmul(x, w), y'))";
  let description = [{
    A reshape costs nothing, but a kernel ends there: below it, biases, activations and residuals join the product. `y'` is `y`
    where it broadcasts along dims that the reshape keeps, else `y` under the product's shape.
  }];
}

def CanonicalizeAttention : Pass<"canonicalize-attention", "::mlir::func::FuncOp"> {
  let summary = "einsum(bhqd,bhkd->bhqk)  =>  matmul(q, transpose(k)); reshape, transpose, reshape of keys  =>  transpose";
  let description = [{
    Normal forms of what surrounds an attention, so that fuse-attention has one skeleton to look for.
  }];
}

def FuseAttention : Pass<"fuse-attention", "::mlir::func::FuncOp"> {
  let summary = "matmul(softmax(matmul(q, k^T) * scale + bias), v)  =>  nn.attention(q, k, v, bias)";
  let description = [{
    One skeleton with optional parts: scale, soft cap, summands, a mask, casts, regrouped batch dims, a guard against rows that
    see nothing, heads of keys and values that are repeated for groups of queries' heads. What it finds, and the first
    condition that fails where it does not fuse, is left in the function's attribute `nn.attention_sites`: an array of
    {fused, nodes, options, reason}.

    With `keep-originals` what was fused stays: its ops have the site's number in `nn.site`, the op that computes the same
    in `nn.fused_site`.
  }];
  let options = [Option<"keepOriginals", "keep-originals", "bool", "false", "Keep what was fused beside the fused op">];
}

def FindCausality : Pass<"find-causality", "::mlir::func::FuncOp"> {
  let summary = "attention(mask = and(range(m) <= range(n)^T + o, x))  =>  attention(mask = x, causal, offsets = o)";
  let description = [{
    Exporters write causal masks as comparisons of positions, whose number is known at run time only. What such a mask hides
    is skipped once it is an attribute of the attention. Masks and biases are read through the ops that make them (`MaskReader`);
    what is not understood stays a mask. A bias that hides with a finite number is taken where every query sees a key: where
    none does, such numbers cancel out and all keys count.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::tensor::TensorDialect"];
}

def ExpandOps : Pass<"expand-ops", "::mlir::func::FuncOp"> {
  let summary = "op that has no kernel  =>  the nn ops that it stands for";
  let description = [{
    Asks `ExpandOpInterface`. With `all`, ops that have a kernel are expanded too: their meaning, to compare with.
  }];
  let options = [Option<"all", "all", "bool", "false", "Expand ops that have a kernel as well">,
                 Option<"gpu", "gpu", "bool", "false", "Kernels are for GPUs, too">];
}

def FormKernels : Pass<"form-kernels", "::mlir::ModuleOp"> {
  let summary = "y = relu(conv(x, w))  =>  y = rt.launch @k(x, w), @k = { relu(conv(x, w)) }";
  let description = [{
    Groups ops of the host function by their `FusionOpInterface` kind; each group becomes one kernel in a module of its own,
    shared by all groups with the same IR. Dims are computed on the host and passed as index arguments. Views become
    `rt.view`. What remains in the host function is scalar arithmetic, launches, views and control flow. What uses a reduction
    over innermost dims on the rows that were reduced goes with it, up to `row-elements`.
  }];
  let options = [Option<"rowElements", "row-elements", "int64_t", /*default=*/"0",
                        "Reductions go with what uses them on rows of up to so many elements; -1: of any, known or not">];
  let dependentDialects = ["::tw::rt::RTDialect"];
}

def HoistShapeArithmetic : Pass<"hoist-shape-arithmetic", "::mlir::func::FuncOp"> {
  let summary = "launch; d = f(dim x)  =>  d = f(dim x); launch";
  let description = [{
    Moves scalar arithmetic that depends on the function's arguments only to the start of the function, so that sizes known
    before the first launch are known as such to memory planning. Checks of such sizes go there too.
  }];
}

def LowerHostProgram : Pass<"lower-host-program", "::mlir::ModuleOp"> {
  let summary = "@main on tensors  =>  i32 @tw_main(context, inputs, outputs) on pointers, calling the runtime's services";
  let description = [{
    Each tensor becomes a pointer and its dims. Intermediate results live in one arena: a plan by liveness, static where the
    sizes are, computed at the start of a run where they depend on the inputs' dims. Sizes known only in mid-run are
    allocated by themselves. A result that is returned is written to its output at once. Kernels are called by name; their
    modules, which must have been compiled before, are dropped.

    With `device`, tensors lie in a device's memory: the program hands their addresses on, reads and writes through
    services, launches kernels by number, and finds constants among the weights.
  }];
  let options = [
    Option<"device", "device", "bool", "false", "the kernels run on a device with memory of its own">,
    Option<"entry", "entry", "std::string", "\"tw_main\"", "name of the function to make">,
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::cf::ControlFlowDialect"];
}

def ChooseLayout : Pass<"choose-layout", "::mlir::func::FuncOp"> {
  let summary = "conv(x : NCHW)  =>  transpose(conv_nhwc(transpose(x)))";
  let description = [{
    Asks each op for its channels-last form. The transposes around neighbours are inverse to each other and are cancelled
    by later passes.
  }];
  let options = [Option<"gpu", "gpu", "bool", "false", "Kernels are for GPUs: more element types have such a form">];
}

def PackWeights : Pass<"pack-weights", "::mlir::func::FuncOp"> {
  let summary = "matmul(x, weight)  =>  matmul_packed(x, pack_matmul(weight))";
  let description = [{
    Asks `PackOpInterface`: weights get the order in which the target's kernels read them. Packing ops have constant operands
    only and are folded afterwards.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU that is compiled for">,
                 Option<"fastConv", "fast-conv", "bool", "true", "Allow convolution algorithms that round differently">,
                 Option<"panelColumns", "panel-columns", "int64_t", "0",
                        "Columns that a matrix's panels have at most, for GPUs; 0: what the CPU's registers want">,
                 Option<"gpu", "gpu", "bool", "false", "Kernels are for GPUs, too: channels are padded to chunks of 16 bytes">];
}

def LowerTileConv2d : Pass<"lower-tile-conv2d", "::mlir::ModuleOp"> {
  let summary = "tile.conv2d on buffers  =>  scf.forall (n, pixels, panels) { register tiles of pixels x channels }";
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

// The kernel pipeline (KernelPipeline.cpp), in order.

def DecomposeOps : Pass<"decompose-ops", "::mlir::func::FuncOp"> {
  let summary = "nn.op  =>  the linalg, tensor, arith and tile ops that it stands for";
  let description = [{
    Asks each op's `linalg::AggregatedOpInterface`. Arguments and results become signless.
  }];
}

def SinkConcats : Pass<"sink-concats", "::mlir::func::FuncOp"> {
  let summary = "f(concat(a, b), c)  =>  concat(f(a, c[of a]), f(b, c[of b])); f(x)[slice]  =>  f(x[slice])";
  let description = [{
    Parts are computed in their places of a kernel's result, and slices are taken of what lies in memory: where halves of heads
    change places (rotary positions) nothing is copied. A concat that cannot go down to the results is put together in memory.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect", "::mlir::affine::AffineDialect"];
}

def FuseElementwise : Pass<"fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "f(g(x))  =>  (f . g)(x) inside one linalg.generic; extract(f(x), at)  =>  f(extract(x, at))";
  let description = [{
    Nothing expensive is computed twice: a body with other readers, or one that is broadcast, is fused only if it is cheap.
  }];
}

def MergeParts : Pass<"merge-parts", "::mlir::func::FuncOp"> {
  let summary = "concat(f(x), g(x)), parts of one shape  =>  one linalg.generic with both results";
  let description = [{
    What both parts read is read once, and a GPU has one launch for both.
  }];
}

def FuseTileEpilogues : Pass<"fuse-tile-epilogues", "::mlir::func::FuncOp"> {
  let summary = "relu(tile.matmul(a, b) + bias)  =>  tile.matmul(a, b) { relu(acc + bias) }";
  let description = [{
    Asks `EpilogueOpInterface`: an elementwise linalg.generic that alone reads the result of a heavy op moves into its region.
  }];
}

def CollapseDims : Pass<"collapse-dims", "::mlir::func::FuncOp"> {
  let summary = "loops i, j that every operand walks through in order  =>  one loop of length i * j";
  let description = [{
    Dims of size 1 go first. Producers and consumers agree on what is collapsed, so that no reshape is left between them.
  }];
}

def ResolveDims : Pass<"resolve-dims", "::mlir::func::FuncOp"> {
  let summary = "dim(view of x : tensor<?xf32>)  =>  the index argument that stands for it";
  let description = [{
    Follows views, slices, destinations and loops to where a size comes from.
  }];
}

def FormDestinations : Pass<"form-destinations", "::mlir::func::FuncOp"> {
  let summary = "f(x : tensor) -> tensor  =>  f(x : pointer, result : pointer), computed in place";
  let description = [{
    Buffers are passed as memrefs of rank 0 (bare pointers) and given their shapes by the kernel's index arguments. Views at
    the end of the kernel turn into views of the result's buffer.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def TileAttention : Pass<"tile-attention", "::mlir::func::FuncOp"> {
  let summary = "tile.attention  =>  scf.forall (batch, head, block of queries) { scf.for blocks of keys { tile.attention_step } }";
  let description = [{
    The loop over keys carries maximum, sum and accumulator of each query. It runs over the blocks of keys that some query of
    the block may see, so that causality and windows save the rest. No buffer grows with queries times keys.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU that is compiled for">];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::linalg::LinalgDialect"];
}

def TileKernels : Pass<"tile-kernels", "::mlir::func::FuncOp"> {
  let summary = "result = f(g(x))  =>  scf.forall tiles { f(g(slice of x)) }";
  let description = [{
    Splits what computes each result along the loops that all ops leading to it share, by TilingInterface, and computes
    producers tile by tile. Tile sizes follow shapes. A kernel that cannot be split stays whole: it is one block.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect", "::tw::tile::TileDialect"];
}

def BufferizeKernel : Pass<"bufferize-kernel", "::mlir::ModuleOp"> {
  let summary = "tensors  =>  memrefs, by upstream's one-shot bufferization";
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def LowerLinalg : Pass<"lower-linalg", "::mlir::func::FuncOp"> {
  let summary = "linalg on buffers  =>  loops; innermost reductions are carried in registers";
  let description = [{
    Sums along innermost loops may be reassociated, so that they vectorise. Elsewhere this is upstream's lowering.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::affine::AffineDialect"];
}

def PlaceTemporaries : Pass<"place-temporaries", "::mlir::func::FuncOp"> {
  let summary = "memref.alloc  =>  memref.alloca where it is small, tile.workspace where not";
  let options = [Option<"stackBytes", "stack-bytes", "int64_t", "65536", "Room for small temporaries on the stack">];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::affine::AffineDialect", "::tw::tile::TileDialect"];
}

def WidenBools : Pass<"widen-bools", "::mlir::ModuleOp"> {
  let summary = "memref<xi1>  =>  memref<xi8>; an element of less than a byte takes a byte in memory";
}

def LinearizeGrid : Pass<"linearize-grid", "::mlir::ModuleOp"> {
  let summary = "scf.forall (i, j)  =>  scf.for t = begin to end; NAME_grid computes workspace bytes and each phase's blocks and cost";
  let description = [{
    Foralls that do not depend on each other share a phase: their blocks, one forall's after the other's, run in any order. What
    reads what an earlier phase wrote is a later phase; what is between them is memory of the launch in place of the thread's
    (`tile.workspace ... {shared}`). What is outside of foralls becomes one of one trip. A block is as many trips as are worth a
    thread's while, by `tile.cost` and the shapes alone. A kernel whose foralls need a value (not memory) that an earlier op read
    is one block.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ExpandArith : Pass<"expand-arith"> {
  let summary = "arith.ceildivsi, arith.floordivsi, bf16 casts  =>  arithmetic that LLVM has";
  let description = [{
    Upstream's arith-expand would also spell out minima and maxima as comparisons, in which LLVM's vectoriser no longer
    sees a reduction.
  }];
}

def ApproximateMath : Pass<"approximate-math", "::mlir::ModuleOp"> {
  let summary = "math.exp, math.tanh, ... : f32  =>  polynomials, which vectorise; : f64  =>  libm's functions";
  let dependentDialects = ["::mlir::vector::VectorDialect"];
}

def FastMath : Pass<"fast-math", "::mlir::ModuleOp"> {
  let summary = "math.exp, math.tanh, x / y, ... : f32  =>  the GPU's approximate instructions, which flush denormals";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def LowerToLlvm : Pass<"lower-to-llvm", "::mlir::ModuleOp"> {
  let summary = "arith, cf, func, index, math, memref, ub, vector  =>  llvm, in one conversion with bare pointers";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ExportKernels : Pass<"export-kernels", "::mlir::ModuleOp"> {
  let summary = "NAME, NAME_grid and NAME_maps with the C interface of runtime/host.h around a kernel's body, its grid and tensor maps";
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
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

def LowerTileAttention : Pass<"lower-tile-attention", "::mlir::ModuleOp"> {
  let summary = "tile.attention_step on buffers  =>  products, exponentials and products on register tiles, lanes are queries";
  let description = [{
    Keys and values are read where they lie, an element at a time, and multiplied with vectors of queries and of
    probabilities; narrow floats and rows that do not follow each other are copied to workspace first. Panels of queries with
    one vector of rows or less have narrower tiles.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::math::MathDialect"];
}

def LowerTileWinograd : Pass<"lower-tile-winograd", "::mlir::ModuleOp"> {
  let summary = "tile.winograd on buffers  =>  scf.forall (n, tiles, panels) { transform; products; transform back }";
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerTileDepthwiseConv2d : Pass<"lower-tile-depthwise-conv2d", "::mlir::ModuleOp"> {
  let summary = "tile.depthwise_conv2d on buffers  =>  scf.forall (n, row pairs) { tiles of columns x vectors of channels }";
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerTilePool2d : Pass<"lower-tile-pool2d", "::mlir::ModuleOp"> {
  let summary = "tile.pool2d on buffers  =>  scf.forall (n, row pairs) { tiles of columns x vectors of channels }";
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def LowerTileScan : Pass<"lower-tile-scan", "::mlir::ModuleOp"> {
  let summary = "tile.scan on buffers  =>  scf.forall over lines, or over groups of neighbouring ones { scf.for along them }";
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect"];
}

def LowerTileCompact : Pass<"lower-tile-compact", "::mlir::ModuleOp"> {
  let summary = "tile.compact on buffers  =>  scf.for over the flags { a position is stored where one is set }";
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect"];
}

def LowerTileSort : Pass<"lower-tile-sort", "::mlir::ModuleOp"> {
  let summary = "tile.sort on buffers  =>  scf.forall over lines { runs of 1, 2, 4, ... records are merged, in workspace }";
  let description = [{
    A record is an element's sort key above its place, so that records differ and order is that of integers; keys of 64 bits
    have their places beside them. No run grows longer than the results, so that the largest few of many take one pass and
    a little more.
  }];
  let options = [Option<"cpu", "cpu", "std::string", "\"native\"", "The CPU: native, x86-64-v2, x86-64-v3 or x86-64-v4">];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::math::MathDialect"];
}

// The kernel pipeline for PTX, where it differs.

def BlockProducts : Pass<"block-products", "::mlir::ModuleOp"> {
  let summary = "tile.matmul, tile.conv2d on buffers  =>  scf.forall over tiles of results, each the code of a block of threads";
  let description = [{
    Operands go through shared memory in several stages by cp.async; sums are fused multiply-adds in f32, or tensor-core
    products of f16, bf16, bytes (the right side transposed) and, with `allow-tf32`, f32. A convolution's matrix of windows
    exists as addresses only. Rows of any distance and alignment: what is not aligned to 16 bytes is copied by elements. Small
    products, and other types, are left to form-points.
    On sm_90a matrices of 16-bit floats have blocks of their own, of three warpgroups: one copies boxes through tensor maps
    into a ring of stages, two multiply them; barriers in shared memory say when a stage is full or empty. Addresses and sizes
    of the launch decide between these blocks and those above (`tile.otherwise`), which multiply by wgmma there, too.
  }];
  let options = [Option<"arch", "arch", "std::string", "\"sm_80\"", "The GPU that is compiled for: sm_80 or sm_90a">,
                 Option<"allowTf32", "allow-tf32", "bool", "false", "Products of f32 on tensor cores, operands rounded to tf32">];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect", "::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect",
                           "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect", "::mlir::math::MathDialect"];
}

def BlockAttention : Pass<"block-attention", "::mlir::ModuleOp"> {
  let summary = "tile.attention on buffers  =>  scf.forall over (batch, head, queries), each the code of a block of threads";
  let description = [{
    A loop over blocks of keys carries each row's maximum and sum and the results in registers; scores exist for one block of
    keys only. Keys and values go through shared memory by cp.async, values while scores are computed, the next keys while
    values are added. Both products are fused multiply-adds in f32, with probabilities handed over in shared memory, or
    tensor-core products of f16 and bf16, with probabilities in registers. Keys that no row of the block sees are not visited.
    Where there are few blocks for many keys, several share the keys and leave results, maxima and sums in workspace, which
    points merge.
    On sm_90a attention of 16-bit floats has blocks of its own, of three warpgroups: one copies boxes through tensor maps into
    rings of keys and of values, two have 64 queries each and take turns, so that one's products run while the other is at its
    softmax; within one, the products of keys run beside the softmax of the keys before. Addresses and sizes of the launch
    decide between these blocks and those above (`tile.otherwise`).
  }];
  let options = [Option<"arch", "arch", "std::string", "\"sm_80\"", "The GPU that is compiled for: sm_80 or sm_90a">];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect", "::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect",
                           "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect", "::mlir::math::MathDialect"];
}

def BlockRows : Pass<"block-rows", "::mlir::ModuleOp"> {
  let summary = "linalg ops on the same rows, with reductions over columns  =>  scf.forall over rows, each the code of a block of threads";
  let description = [{
    Ops whose outer loops are the same rows and whose inner loops, where they have them, are the same columns become one: a row's
    elements are read once, in 16-byte accesses where they are aligned, and stay in registers; sums are made by shuffles and,
    where a block has a row, through shared memory. A few lanes, a warp or a block have a row, by its length. Along a row that
    does not fit registers a block goes once for each sum, and once more for what is stored. Where the length is known at run
    time only, there are blocks for each case, of which those have trips that the length is for.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect", "::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect",
                           "::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect", "::mlir::affine::AffineDialect"];
}

def BlockScans : Pass<"block-scans", "::mlir::ModuleOp"> {
  let summary = "tile.scan, tile.compact on buffers  =>  scf.forall over lines, each the code of a block of threads";
  let description = [{
    A warp scans 256 neighbouring elements of a line by shuffles, or 8 elements of 32 neighbouring lines each; its block's
    warps tell each other their totals, and the block goes along the line with the total so far. Few long lines are shared
    among blocks: a launch for the totals of pieces, one that scans those, and one that scans the pieces (launches that a
    line's length makes needless have no blocks). Totals are combined in one order, whatever the launch.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect", "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def BlockSorts : Pass<"block-sorts", "::mlir::ModuleOp"> {
  let summary = "tile.sort on buffers  =>  scf.forall over pieces of lines { bitonic network }, then points that merge eight runs";
  let description = [{
    A record is an element's sort key above its place, so that records differ and order is that of integers; keys of 64 bits
    have their places beside them. A block sorts a piece in shared memory. A point finds the place of its record in a merged
    run by searching in the seven other runs. No run grows longer than the results; passes that a line's length makes
    needless have no points.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect", "::mlir::LLVM::LLVMDialect", "::mlir::scf::SCFDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ShareLoops : Pass<"share-loops", "::mlir::func::FuncOp"> {
  let summary = "scf.for (i) { scf.for (j) { y[i, j] = x[j, i] } }  =>  scf.forall points (i, j) { y[i, j] = x[j, i] }";
  let description = [{
    Loops whose trips write elements of their own and read nothing that another trip writes: copies, fills, what is computed
    in place. Loops around or between them that come back to an element go inside, in order: a scatter is shared along the dims
    that memory has no say in. Buffers are different memory unless one is a view of the other.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect"];
}

def FormPoints : Pass<"form-points", "::mlir::func::FuncOp"> {
  let summary = "linalg and tile ops on buffers  =>  scf.forall over result elements, each computed by scalar code";
  let description = [{
    What is reduced stays in registers: initial values are read once, results written once. Where all operands run along the
    innermost loop, a thread computes the neighbours that fill 16 bytes, if they are aligned at run time. Rows of neighbours
    are summed by a warp with shuffles. Tile ops are asked for their sums through `EpilogueOpInterface`.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::memref::MemRefDialect", "::mlir::math::MathDialect",
                           "::mlir::affine::AffineDialect", "::mlir::vector::VectorDialect", "::mlir::NVVM::NVVMDialect"];
}

def SplitParts : Pass<"split-parts", "::mlir::ModuleOp"> {
  let summary = "kernel @k { a; b }  =>  launches @k_p0 { a }, @k_p1 { b }, and @k_grid that computes their sizes";
  let description = [{
    Launches run one after the other, so that a part may read what an earlier one wrote. Points on the kernel's own level are
    a grid of threads; everything else is one block. What needs a value (not memory) of an earlier part is in the same part.
    Temporaries are in the workspace, which all parts share. Tensor maps (`tile.tensor_map`) become parameters behind it, and
    @k_maps says what the host encodes; with them the host's functions get the buffers' addresses too.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
}

def DistributePoints : Pass<"distribute-points", "::mlir::ModuleOp"> {
  let summary = "scf.forall points  =>  scf.for p = thread to points step threads; barriers between what depends on each other";
  let description = [{
    In a part of one block all threads run loops and conditions together, share the points inside of them and leave other
    writes to the first thread, whose results the others read from shared memory.
  }];
  let dependentDialects = ["::mlir::NVVM::NVVMDialect", "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ExportParts : Pass<"export-parts", "::mlir::ModuleOp"> {
  let summary = "llvm.func @k_p0 with tile.threads  =>  a kernel entry: nvvm.kernel, nvvm.reqntid; tensor maps are parameters";
  let dependentDialects = ["::mlir::NVVM::NVVMDialect"];
}

def UnifyConstants : Pass<"unify-constants", "::mlir::func::FuncOp"> {
  let summary = "arith.constant dense<[1, 2]>  =>  nn.constant dense<[1, 2]>";
  let description = [{
    Upstream folds host tensors (`tensor.from_elements`) into constants of its own; later passes and the host program know
    those of `nn`.
  }];
  let dependentDialects = ["::tw::nn::NNDialect"];
}

#endif

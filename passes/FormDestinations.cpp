#include "passes/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FORMDESTINATIONS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Rewrites one kernel.
class Former {
public:
  explicit Former(func::FuncOp function)
      : function(function), b(function.getContext()) {}

  void run() {
    Block &entry = function.front();
    auto terminator = cast<func::ReturnOp>(entry.getTerminator());
    unsigned tensors = 0;
    while (tensors < entry.getNumArguments() &&
           isa<TensorType>(entry.getArgument(tensors).getType()))
      ++tensors;
    // Dims are read off the tensors' annotations, before their types change.
    b.setInsertionPointToStart(&entry);
    ShapeBuilder early(b, function.getLoc());
    SmallVector<Dims> argumentDims;
    for (BlockArgument argument : entry.getArguments().take_front(tensors))
      argumentDims.push_back(early.dims(argument));
    for (unsigned i = 0; i < tensors; ++i)
      bindInput(early, entry.getArgument(i), argumentDims[i]);
    // Only now: a result may be an argument, as a tensor.
    SmallVector<Value> results(terminator.getOperands());
    b.setInsertionPoint(terminator);
    ShapeBuilder late(b, function.getLoc());
    SmallVector<Dims> resultDims;
    for (Value result : results) {
      resultDims.push_back(dimsOf(late, result));
      late.setDims(result, resultDims.back());
    }
    for (auto [i, result] : llvm::enumerate(results)) {
      auto type = cast<RankedTensorType>(result.getType());
      entry.insertArgument(tensors + i, pointer(type), function.getLoc());
      Value buffer =
          bind(late, entry.getArgument(tensors + i), type, resultDims[i]);
      assign(late, result, buffer);
    }
    b.setInsertionPoint(terminator);
    func::ReturnOp::create(b, terminator.getLoc());
    terminator.erase();
    finish(tensors + results.size());
  }

private:
  /// Buffers are passed as bare pointers: a memref of rank 0.
  static MemRefType pointer(RankedTensorType type) {
    return MemRefType::get({}, type.getElementType());
  }

  Value bind(ShapeBuilder &shapes, Value pointer, RankedTensorType type,
             ArrayRef<OpFoldResult> dims) {
    if (type.getRank() == 0)
      return pointer;
    Dims strides(dims.size());
    Dim stride = shapes.constant(1);
    for (size_t i = dims.size(); i-- > 0;) {
      strides[i] = stride;
      stride = shapes.mul(stride, dims[i]);
    }
    Location loc = function.getLoc();
    auto contiguous = MemRefType::get(type.getShape(), type.getElementType());
    return memref::ReinterpretCastOp::create(
        b, loc, contiguous, pointer, Dim(b.getIndexAttr(0)), dims, strides);
  }

  void bindInput(ShapeBuilder &shapes, BlockArgument argument,
                 ArrayRef<OpFoldResult> dims) {
    auto type = cast<RankedTensorType>(argument.getType());
    argument.setType(pointer(type));
    Value buffer = bind(shapes, argument, type, dims);
    Value tensor = readable(type, buffer, /*isWritable=*/false);
    argument.replaceUsesWithIf(tensor, [](OpOperand &use) {
      return !isa<memref::ReinterpretCastOp>(use.getOwner()) &&
             !isa<bufferization::ToTensorOp>(use.getOwner());
    });
  }

  Value readable(Type type, Value buffer, bool isWritable) {
    return bufferization::ToTensorOp::create(b, function.getLoc(), type, buffer,
                                             /*restrict=*/true, isWritable);
  }

  /// Makes `value` be computed in `buffer`.
  void assign(ShapeBuilder &shapes, Value value, Value buffer) {
    Location loc = value.getLoc();
    if (auto cast = value.getDefiningOp<tensor::CastOp>()) {
      Value source = cast.getSource();
      auto type = MemRefType::get(
          mlir::cast<RankedTensorType>(source.getType()).getShape(),
          mlir::cast<MemRefType>(buffer.getType()).getElementType());
      return assign(shapes, source,
                    memref::CastOp::create(b, loc, type, buffer));
    }
    if (auto expand = value.getDefiningOp<tensor::ExpandShapeOp>();
        expand && memref::CollapseShapeOp::isGuaranteedCollapsible(
                      cast<MemRefType>(buffer.getType()),
                      expand.getReassociationIndices()))
      return assign(shapes, expand.getSrc(),
                    memref::CollapseShapeOp::create(
                        b, loc, buffer, expand.getReassociationIndices()));
    if (auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>();
        collapse && cast<MemRefType>(buffer.getType()).getLayout().isIdentity())
      return assign(shapes, collapse.getSrc(),
                    expanded(shapes, collapse, buffer));
    if (auto concat = value.getDefiningOp<tensor::ConcatOp>())
      return assignParts(shapes, concat, buffer);
    if (!taken.insert(value).second || !hasOwnInit(value))
      value = copyOf(shapes, value);
    setInit(value, buffer);
    bufferization::MaterializeInDestinationOp::create(
        b, loc, TypeRange(), value, buffer, /*restrict=*/true,
        /*writable=*/true);
  }

  /// Dims from what a value is made of, not from the value itself, which comes
  /// after the places that it is computed in.
  static Dims dimsOf(ShapeBuilder &shapes, Value value) {
    Dims dims;
    if (auto concat = value.getDefiningOp<tensor::ConcatOp>())
      dims = concatDims(shapes, concat);
    else if (auto wider = value.getDefiningOp<tensor::CastOp>())
      dims = dimsOf(shapes, wider.getSource());
    else if (OpOperand *init = initOf(value))
      dims = dimsOf(shapes, init->get());
    else
      return shapes.dims(value);
    for (auto [d, size] : llvm::zip_equal(
             dims, cast<RankedTensorType>(value.getType()).getShape()))
      if (!ShapedType::isDynamic(size))
        d = shapes.constant(size);
    return dims;
  }

  static Dims concatDims(ShapeBuilder &shapes, tensor::ConcatOp concat) {
    Dims dims;
    for (Value part : concat.getInputs()) {
      Dims own = dimsOf(shapes, part);
      if (dims.empty()) {
        dims = std::move(own);
        continue;
      }
      Dim &total = dims[concat.getDim()];
      total = shapes.add(total, own[concat.getDim()]);
    }
    return dims;
  }

  /// Each part is computed in, or copied to, its own piece of the buffer.
  void assignParts(ShapeBuilder &shapes, tensor::ConcatOp concat,
                   Value buffer) {
    int64_t rank = ShapeBuilder::rank(concat), axis = concat.getDim();
    Dims offsets(rank, shapes.constant(0)), strides(rank, shapes.constant(1));
    for (Value part : concat.getInputs()) {
      b.setInsertionPoint(function.front().getTerminator());
      Dims sizes = dimsOf(shapes, part);
      Value piece = memref::SubViewOp::create(b, concat.getLoc(), buffer,
                                              offsets, sizes, strides);
      assign(shapes, part, piece);
      offsets[axis] = shapes.add(offsets[axis], sizes[axis]);
    }
  }

  Value expanded(ShapeBuilder &shapes, tensor::CollapseShapeOp collapse,
                 Value buffer) {
    auto type = cast<RankedTensorType>(collapse.getSrc().getType());
    auto expandedType = MemRefType::get(
        type.getShape(), cast<MemRefType>(buffer.getType()).getElementType());
    return memref::ExpandShapeOp::create(
        b, collapse.getLoc(), expandedType, buffer,
        collapse.getReassociationIndices(), shapes.dims(collapse.getSrc()));
  }

  /// The operand that an op or a loop changes to give `value`, or null.
  static OpOperand *initOf(Value value) {
    auto result = dyn_cast<OpResult>(value);
    if (!result)
      return nullptr;
    if (auto op = value.getDefiningOp<DestinationStyleOpInterface>())
      return op.getTiedOpOperand(result);
    if (auto loop = value.getDefiningOp<scf::ForOp>())
      return &loop.getInitArgsMutable()[result.getResultNumber()];
    return nullptr;
  }

  /// The uninitialised tensor that `value` starts from, through ops that write
  /// all of it in place and that nobody else reads.
  static OpOperand *emptyInit(Value value) {
    OpOperand *init = initOf(value);
    if (!init)
      return nullptr;
    if (init->get().getDefiningOp<tensor::EmptyOp>())
      return init;
    return init->get().hasOneUse() ? emptyInit(init->get()) : nullptr;
  }
  static bool hasOwnInit(Value value) { return emptyInit(value) != nullptr; }

  /// linalg.generic { yield x }
  Value copyOf(ShapeBuilder &shapes, Value value) {
    auto type = cast<RankedTensorType>(value.getType());
    Value empty = nn::emptyTensor(b, value.getLoc(), dimsOf(shapes, value),
                                  type.getElementType());
    AffineMap map = b.getMultiDimIdentityMap(type.getRank());
    SmallVector<utils::IteratorType> iterators(type.getRank(),
                                               utils::IteratorType::parallel);
    return linalg::GenericOp::create(
               b, value.getLoc(), empty.getType(), value, empty,
               ArrayRef<AffineMap>{map, map}, iterators,
               [](OpBuilder &nested, Location loc, ValueRange args) {
                 linalg::YieldOp::create(nested, loc, args[0]);
               })
        .getResult(0);
  }

  void setInit(Value value, Value buffer) {
    OpOperand *init = emptyInit(value);
    OpBuilder::InsertionGuard guard(b);
    // The views of `buffer` were made at the end of the block.
    hoist(buffer, init->getOwner());
    b.setInsertionPoint(init->getOwner());
    init->set(readable(init->get().getType(), buffer, /*isWritable=*/true));
  }

  /// Moves the ops that compute `value` before `user`.
  static void hoist(Value value, Operation *user) {
    Operation *op = value.getDefiningOp();
    if (!op || op->isBeforeInBlock(user))
      return;
    op->moveBefore(user);
    for (Value operand : op->getOperands())
      hoist(operand, op);
  }

  void finish(unsigned buffers) {
    Block &entry = function.front();
    function.removeResAttrsAttr();
    function->removeAttr(kDimsAttr);
    function.setType(b.getFunctionType(entry.getArgumentTypes(), {}));
    SmallVector<Attribute> attrs(entry.getNumArguments(),
                                 b.getDictionaryAttr({}));
    auto noalias =
        b.getDictionaryAttr(b.getNamedAttr("llvm.noalias", b.getUnitAttr()));
    std::fill_n(attrs.begin(), buffers, noalias);
    function.setArgAttrsAttr(b.getArrayAttr(attrs));
  }

  func::FuncOp function;
  OpBuilder b;
  llvm::SmallDenseSet<Value, 8> taken;
};

struct FormDestinationsPass
    : tw::impl::FormDestinationsBase<FormDestinationsPass> {
  void runOnOperation() override { Former(getOperation()).run(); }
};

} // namespace

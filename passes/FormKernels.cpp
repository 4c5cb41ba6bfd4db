#include "dialects/rt/RT.h"
#include "passes/KernelGroups.h"
#include "passes/Passes.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FORMKERNELS
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// What a kernel takes, as it is found out while its body is built.
struct KernelArguments {
  llvm::SetVector<Value> tensors;
  llvm::SetVector<Value> scalars;
  llvm::SetVector<Value> dims;
};

/// One array per value: which entry of `dims` each dynamic dim is.
DenseI64ArrayAttr dimsOf(OpBuilder &b, ShapeBuilder &shapes, Value tensor,
                         llvm::SetVector<Value> &dims) {
  SmallVector<int64_t> entries;
  for (Dim d : shapes.dims(tensor)) {
    if (ShapeBuilder::known(d)) {
      entries.push_back(-1);
      continue;
    }
    Value value = cast<Value>(d);
    dims.insert(value);
    entries.push_back(llvm::find(dims, value) - dims.begin());
  }
  return b.getDenseI64ArrayAttr(entries);
}

/// A tensor of host scalars or a small constant is built again inside the
/// kernel.
bool isRebuilt(Value tensor) {
  return tensor.getDefiningOp<tensor::FromElementsOp>() ||
         tensor.getDefiningOp<nn::ConstantOp>();
}

/// Turns the groups of one function into kernels.
class Former {
public:
  Former(ModuleOp module, OpBuilder &b, int64_t rowElements)
      : module(module), b(b), shapes(b, b.getUnknownLoc()),
        rowElements(rowElements) {}

  LogicalResult run(Region &region) {
    for (Block &block : region)
      if (failed(run(block)))
        return failure();
    return success();
  }

private:
  LogicalResult run(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block))
      if (failed(computeDims(&op)))
        return failure();
    SmallVector<KernelGroup> groups = groupKernels(
        block, [&](Value x, Value y) { return haveSameDims(x, y); },
        rowElements);
    DenseMap<Operation *, KernelGroup *> lastOps;
    for (KernelGroup &group : groups)
      lastOps[group.ops.back()] = &group;
    for (Operation &op : llvm::make_early_inc_range(block)) {
      for (Region &nested : op.getRegions())
        if (!isKernelOp(&op) && failed(run(nested)))
          return failure();
      if (auto it = lastOps.find(&op); it != lastOps.end())
        launch(*it->second);
      else if (auto fusion = dyn_cast<FusionOpInterface>(op);
               fusion && fusion.getFusionKind() == FusionKind::View)
        view(&op);
    }
    return success();
  }

  LogicalResult computeDims(Operation *op) {
    auto rule = dyn_cast<ShapeOpInterface>(op);
    if (!rule)
      return success();
    b.setInsertionPoint(op);
    // Read here, the dims of operands are known wherever `op` is.
    for (Value operand : op->getOperands())
      if (isa<RankedTensorType>(operand.getType()))
        shapes.dims(operand);
    return nn::refineResults(shapes, op);
  }

  /// Dims that only may be equal (one of them may be 1) are not the same.
  bool haveSameDims(Value x, Value y) {
    Dims dx = shapes.dims(x), dy = shapes.dims(y);
    return dx.size() == dy.size() && llvm::equal(dx, dy, ShapeBuilder::equal);
  }

  void view(Operation *op) {
    b.setInsertionPoint(op);
    auto view =
        rt::ViewOp::create(b, op->getLoc(), op->getResult(0).getType(),
                           op->getOperand(0), dynamicDims(op->getResult(0)));
    replace(op->getResult(0), view.getResult());
    op->erase();
  }

  SmallVector<Value> dynamicDims(Value tensor) {
    SmallVector<Value> result;
    for (Dim d : shapes.dims(tensor))
      if (auto v = dyn_cast<Value>(d))
        result.push_back(v);
    return result;
  }

  void replace(Value from, Value to) {
    shapes.setDims(to, shapes.dims(from));
    from.replaceAllUsesWith(to);
  }

  void launch(KernelGroup &group) {
    Operation *last = group.ops.back();
    b.setInsertionPoint(last);
    KernelArguments arguments;
    OwningOpRef<ModuleOp> kernel = build(group, arguments);
    StringAttr name = share(std::move(kernel), last);
    SmallVector<Value> resultDims;
    for (Value result : last->getResults())
      llvm::append_range(resultDims, dynamicDims(result));
    SmallVector<Location> locations;
    for (Operation *op : group.ops)
      locations.push_back(op->getLoc());
    auto launch = rt::LaunchOp::create(
        b, b.getFusedLoc(locations), last->getResultTypes(),
        FlatSymbolRefAttr::get(name), arguments.tensors.getArrayRef(),
        arguments.scalars.getArrayRef(), arguments.dims.getArrayRef(),
        resultDims);
    for (auto [from, to] :
         llvm::zip_equal(last->getResults(), launch.getResults()))
      replace(from, to);
    for (Operation *op : llvm::reverse(group.ops))
      op->erase();
  }

  void collect(KernelGroup &group, KernelArguments &arguments) {
    for (Operation *op : group.ops) {
      llvm::SetVector<Value> operands(op->operand_begin(), op->operand_end());
      op->walk([&](Operation *inner) {
        operands.insert_range(inner->getOperands());
      });
      for (Value operand : operands) {
        Operation *producer = operand.getDefiningOp();
        bool inside = false;
        for (Operation *p = producer; p && !inside; p = p->getParentOp())
          inside = group.ops.contains(p);
        if (auto argument = dyn_cast<BlockArgument>(operand))
          inside = op->isProperAncestor(argument.getOwner()->getParentOp()) ||
                   argument.getOwner()->getParentOp() == op;
        if (inside)
          continue;
        if (auto from = operand.getDefiningOp<tensor::FromElementsOp>())
          for (Value element : from.getElements())
            if (!matchPattern(element, m_Constant()))
              arguments.scalars.insert(element);
        if (!isRebuilt(operand)) {
          if (isa<TensorType>(operand.getType()))
            arguments.tensors.insert(operand);
          else
            arguments.scalars.insert(operand);
        }
      }
    }
  }

  OwningOpRef<ModuleOp> build(KernelGroup &group, KernelArguments &arguments) {
    collect(group, arguments);
    SmallVector<Attribute> argumentDims;
    for (Value tensor : arguments.tensors)
      argumentDims.push_back(dimsOf(b, shapes, tensor, arguments.dims));
    SmallVector<SmallVector<Attribute>> resultDims;
    for (Operation *op : group.ops) {
      resultDims.emplace_back();
      for (Value result : op->getResults())
        resultDims.back().push_back(dimsOf(b, shapes, result, arguments.dims));
    }
    argumentDims.append(arguments.scalars.size() + arguments.dims.size(),
                        b.getDenseI64ArrayAttr({}));

    SmallVector<Type> inputs;
    for (auto *set : {&arguments.tensors, &arguments.scalars, &arguments.dims})
      for (Value v : *set)
        inputs.push_back(v.getType());
    Operation *last = group.ops.back();
    OwningOpRef<ModuleOp> kernel = ModuleOp::create(last->getLoc());
    OpBuilder k(kernel->getBodyRegion());
    auto function =
        func::FuncOp::create(k, last->getLoc(), "kernel",
                             k.getFunctionType(inputs, last->getResultTypes()));
    function->setAttr("tile.kernel", k.getUnitAttr());
    function->setAttr(kDimsAttr, k.getArrayAttr(argumentDims));
    fill(function, group, arguments, resultDims);
    return kernel;
  }

  void fill(func::FuncOp function, KernelGroup &group,
            KernelArguments &arguments,
            ArrayRef<SmallVector<Attribute>> resultDims) {
    Block *entry = function.addEntryBlock();
    OpBuilder k = OpBuilder::atBlockEnd(entry);
    IRMapping mapping;
    unsigned next = 0;
    for (auto *set : {&arguments.tensors, &arguments.scalars, &arguments.dims})
      for (Value v : *set)
        if (BlockArgument argument = entry->getArgument(next++);
            !mapping.contains(v))
          mapping.map(v, argument);
    for (auto [op, dims] : llvm::zip_equal(group.ops, resultDims)) {
      op->walk([&](Operation *inner) {
        for (Value operand : inner->getOperands())
          if (isRebuilt(operand) && !mapping.contains(operand))
            rebuild(k, operand, mapping);
      });
      Operation *clone = k.clone(*op, mapping);
      clone->setAttr(kDimsAttr, k.getArrayAttr(dims));
    }
    SmallVector<Value> results;
    for (Value result : group.ops.back()->getResults())
      results.push_back(mapping.lookup(result));
    func::ReturnOp::create(k, function.getLoc(), results);
  }

  static void rebuild(OpBuilder &k, Value tensor, IRMapping &mapping) {
    if (auto from = tensor.getDefiningOp<tensor::FromElementsOp>())
      for (Value element : from.getElements())
        if (!mapping.contains(element))
          mapping.map(element, k.clone(*element.getDefiningOp())->getResult(0));
    k.clone(*tensor.getDefiningOp(), mapping);
  }

  /// The name of an equal kernel, or that of this one, newly added to the
  /// module.
  StringAttr share(OwningOpRef<ModuleOp> kernel, Operation *last) {
    std::string text;
    llvm::raw_string_ostream os(text);
    kernel->print(os, OpPrintingFlags().useLocalScope());
    auto [it, isNew] = names.try_emplace(text);
    if (!isNew)
      return it->second;
    // Named by what it computes, so that equal kernels of different models
    // have one name, and compiled ones can be kept.
    std::string name =
        last->getName().stripDialect().str() + "_" +
        llvm::utohexstr(llvm::xxh3_64bits(text), /*LowerCase=*/true);
    it->second = b.getStringAttr(name);
    auto function = *kernel->getOps<func::FuncOp>().begin();
    function.setName(name);
    kernel->setName(name);
    module.push_back(kernel.release());
    return it->second;
  }

  ModuleOp module;
  OpBuilder &b;
  ShapeBuilder shapes;
  int64_t rowElements;
  llvm::StringMap<StringAttr> names;
};

struct FormKernelsPass : tw::impl::FormKernelsBase<FormKernelsPass> {
  using FormKernelsBase::FormKernelsBase;
  void runOnOperation() override {
    auto main = getOperation().lookupSymbol<func::FuncOp>("main");
    if (!main)
      return;
    OpBuilder b(&getContext());
    int64_t limit = rowElements < 0 ? kAnyRow : rowElements;
    if (failed(Former(getOperation(), b, limit).run(main.getBody())))
      signalPassFailure();
  }
};

} // namespace

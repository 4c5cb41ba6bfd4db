#include "compiler/FoldConstants.h"

#include "compiler/Errors.h"
#include "compiler/HostSignature.h"
#include "compiler/NativeProgram.h"
#include "passes/HostEmitter.h"
#include "runtime/tilewright.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;

namespace {

/// Results up to this size are constants in the IR again, so that patterns see
/// them.
constexpr int64_t kMaxInlineBytes = 1024;

bool isData(Value v) {
  return v.getDefiningOp<nn::WeightOp>() || v.getDefiningOp<nn::ConstantOp>();
}

bool isView(Operation *op) {
  auto fusion = dyn_cast<FusionOpInterface>(op);
  return fusion && fusion.getFusionKind() == FusionKind::View;
}

bool isStatic(Value v) {
  auto type = dyn_cast<RankedTensorType>(v.getType());
  return type && type.hasStaticShape() && type.getElementType().isIntOrFloat();
}

int64_t byteCount(Value v) {
  auto type = cast<RankedTensorType>(v.getType());
  return type.getNumElements() * bytesInMemory(type.getElementType());
}

/// The ops of a block that depend on weights and constants only, in order.
llvm::SetVector<Operation *> constantOps(Block &block) {
  llvm::SetVector<Operation *> ops;
  auto isConstant = [&](Value v) {
    return isData(v) || ops.contains(v.getDefiningOp());
  };
  for (Operation &op : block)
    if (isa<FusionOpInterface>(op) && op.getNumRegions() == 0 && isPure(&op) &&
        llvm::all_of(op.getResults(), isStatic) &&
        llvm::all_of(op.getOperands(), isConstant))
      ops.insert(&op);
  // A view that nothing here computes with costs nothing at run time.
  SmallVector<Operation *> inOrder(ops.begin(), ops.end());
  for (Operation *op : llvm::reverse(inOrder))
    if (isView(op) && llvm::none_of(op->getUsers(), [&](Operation *user) {
          return ops.contains(user);
        }))
      ops.remove(op);
  return ops;
}

/// Values that the rest of the program needs.
SmallVector<Value> frontier(const llvm::SetVector<Operation *> &ops) {
  SmallVector<Value> values;
  for (Operation *op : ops)
    for (Value result : op->getResults())
      if (llvm::any_of(result.getUsers(),
                       [&](Operation *user) { return !ops.contains(user); }))
        values.push_back(result);
  return values;
}

/// A module whose @main computes `results` from the weights, which become its
/// arguments.
OwningOpRef<ModuleOp> outline(const llvm::SetVector<Operation *> &ops,
                              ArrayRef<Value> results,
                              llvm::SetVector<Operation *> &inputs) {
  for (Operation *op : ops)
    for (Value operand : op->getOperands())
      if (operand.getDefiningOp<nn::WeightOp>())
        inputs.insert(operand.getDefiningOp());
  Location loc = ops.front()->getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  OpBuilder b(module->getBodyRegion());
  SmallVector<Type> types;
  for (Operation *input : inputs)
    types.push_back(input->getResult(0).getType());
  auto main = func::FuncOp::create(
      b, loc, "main", b.getFunctionType(types, ValueRange(results).getTypes()));
  b.setInsertionPointToEnd(main.addEntryBlock());
  IRMapping mapping;
  for (auto [input, argument] : llvm::zip_equal(inputs, main.getArguments()))
    mapping.map(input->getResult(0), argument);
  for (Operation *op : ops) {
    for (Value operand : op->getOperands())
      if (operand.getDefiningOp<nn::ConstantOp>() && !mapping.contains(operand))
        b.clone(*operand.getDefiningOp(), mapping);
    b.clone(*op, mapping);
  }
  SmallVector<Value> returned;
  for (Value result : results)
    returned.push_back(mapping.lookup(result));
  func::ReturnOp::create(b, loc, returned);
  return module;
}

/// A run of a compiled model in this process.
class Run {
public:
  ~Run() {
    if (context)
      tw_context_destroy(context);
    tw_model_close(model);
  }

  llvm::Error open(const std::string &path) {
    char error[512];
    if (tw_model_open(path.c_str(), nullptr, &model, error, sizeof error))
      return compilerBug("a program that computes constants cannot be loaded: ",
                         error);
    if (tw_context_create(model, &context))
      return compilerBug("no memory to compute constants");
    return llvm::Error::success();
  }

  llvm::Error run(ArrayRef<tw_tensor> inputs,
                  MutableArrayRef<tw_tensor> outputs) {
    if (tw_context_run(context, inputs.data(), inputs.size(), outputs.data(),
                       outputs.size()))
      return compilerBug("computing constants failed: ",
                         tw_context_error(context));
    return llvm::Error::success();
  }

private:
  tw_model *model = nullptr;
  tw_context *context = nullptr;
};

tw_tensor asArgument(Value value, char *data) {
  auto type = cast<RankedTensorType>(value.getType());
  tw_tensor tensor = {};
  tensor.data = data;
  tensor.dtype = dtypeOf(type.getElementType());
  tensor.rank = type.getRank();
  tensor.dims = type.getShape().data();
  tensor.capacity = byteCount(value);
  return tensor;
}

/// The computed tensor in the IR: a constant where it is small, else a weight.
Value materialise(OpBuilder &b, Value value, int64_t id,
                  const Weights &weights) {
  auto type = cast<RankedTensorType>(value.getType());
  bool isPlain = type.getElementTypeBitWidth() >= 8 &&
                 isa<FloatType, IntegerType>(type.getElementType());
  llvm::StringRef bytes = weights.bytes(id);
  if (byteCount(value) <= kMaxInlineBytes && isPlain &&
      type.getNumElements() > 0) {
    auto data = DenseElementsAttr::getFromRawBuffer(
        type, ArrayRef<char>(bytes.data(), bytes.size()));
    return nn::ConstantOp::create(b, value.getLoc(), type, data);
  }
  return nn::WeightOp::create(b, value.getLoc(), type, b.getI64IntegerAttr(id));
}

} // namespace

llvm::Error tw::foldConstants(ModuleOp module, Weights &weights,
                              const CompileOptions &options,
                              Reporter &reporter) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  llvm::SetVector<Operation *> ops = constantOps(main.getBody().front());
  SmallVector<Value> results = frontier(ops);
  if (results.empty())
    return llvm::Error::success();
  llvm::SetVector<Operation *> inputs;
  OwningOpRef<ModuleOp> program = outline(ops, results, inputs);
  auto cpu = CpuTarget::get("native");
  if (!cpu)
    return cpu.takeError();
  auto native =
      buildNativeProgram(*program, weights, {{true, {}}, *cpu, "constants", {}},
                         options, reporter);
  if (!native)
    return native.takeError();
  SmallVector<StringRef> objects(native->objects.begin(),
                                 native->objects.end());
  auto image = writeArtifactToMemory(
      objects, {ArtifactKind::SharedLibrary, "constants", ""}, native->weights);
  if (!image)
    return image.takeError();
  Run run;
  if (llvm::Error error = run.open(image->path()))
    return error;
  SmallVector<tw_tensor> given, computed;
  for (Operation *input : inputs) {
    StringRef bytes = weights.bytes(cast<nn::WeightOp>(input).getId());
    given.push_back(
        asArgument(input->getResult(0), const_cast<char *>(bytes.data())));
  }
  int64_t firstId = weights.size();
  for (Value result : results)
    computed.push_back(
        asArgument(result, weights.add(byteCount(result)).data()));
  if (llvm::Error error = run.run(given, computed))
    return error;
  OpBuilder b(module.getContext());
  for (auto [i, result] : llvm::enumerate(results)) {
    b.setInsertionPointAfterValue(result);
    result.replaceAllUsesWith(materialise(b, result, firstId + i, weights));
  }
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty())
      op->erase();
  return llvm::Error::success();
}

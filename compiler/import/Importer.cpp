#include "compiler/import/Importer.h"

#include "compiler/Errors.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/Types.h"
#include "compiler/import/wire/ElementType.h"
#include "dialects/rt/RT.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"

using namespace tw_onnx;

namespace tw::onnx {

std::optional<Value> Scope::find(const std::string &name) const {
  auto it = values.find(name);
  if (it != values.end())
    return it->second;
  return outer ? outer->find(name) : std::nullopt;
}

template <typename Kind>
static llvm::Error
addContext(const Kind &error,
           llvm::function_ref<std::string(StringRef)> context) {
  std::string text;
  llvm::raw_string_ostream os(text);
  error.log(os);
  return makeError<Kind>(context(text), text);
}

llvm::Error withContext(llvm::Error error,
                        llvm::function_ref<std::string(StringRef)> context) {
  return llvm::handleErrors(
      std::move(error),
      [&](const UserError &e) { return addContext(e, context); },
      [&](const CompilerBug &e) { return addContext(e, context); });
}

llvm::Error withContext(llvm::Error error, const std::string &context) {
  return withContext(std::move(error), [&](StringRef) { return context; });
}

Importer::Importer(const wire::Model &model, MLIRContext *context,
                   const ImportOptions &options)
    : model(model), context(context), builder(context), inference(builder),
      options(options) {
  context->loadDialect<nn::NNDialect, rt::RTDialect, func::FuncDialect>();
}

static const TensorProto *findInitializer(const Scope &scope,
                                          const std::string &name) {
  auto it = scope.initializers.find(name);
  if (it != scope.initializers.end())
    return it->second;
  return scope.outer ? findInitializer(*scope.outer, name) : nullptr;
}

llvm::Expected<Value> Importer::value(Scope &scope, const std::string &name) {
  if (name.empty())
    return Value();
  if (std::optional<Value> known = scope.find(name))
    return *known;
  const TensorProto *tensor = findInitializer(scope, name);
  if (!tensor)
    return userError(
        "value '", name,
        "': expected a value of the graph, found none of this name");
  auto made = constant(*tensor, NameLoc::get(builder.getStringAttr(name)));
  if (!made)
    return withContext(made.takeError(), "initializer '" + name + "': ");
  scope.set(name, *made);
  return made;
}

template <typename OpT, typename... Args>
Value Importer::createConstant(Args &&...args) {
  OpBuilder::InsertionGuard guard(builder);
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(&function->getRegion(0).front());
  auto op = OpT::create(builder, std::forward<Args>(args)...);
  lastConstant = op;
  return op.getResult();
}

Value Importer::constant(DenseElementsAttr value, Location loc) {
  return createConstant<nn::ConstantOp>(loc, value.getType(), value);
}

llvm::Expected<Value> Importer::constant(const TensorProto &tensor,
                                         Location loc) {
  llvm::Expected<RankedTensorType> type = typeOf(context, tensor);
  if (!type)
    return type.takeError();
  wire::Result<wire::Data> data = wire::tensorData(model, tensor);
  if (!data)
    return userError(data.message());
  if (data->range.length <= kMaxConstantBytes)
    return constant(denseAttr(*type, StringRef(data->bytes())), loc);
  auto id = static_cast<int64_t>(result.weights.size());
  result.weights.push_back(std::move(*data));
  return createConstant<nn::WeightOp>(loc, *type, id);
}

llvm::Error Importer::checkOpsets() const {
  if (result.opsets.empty())
    return userError("opset_import: expected an opset, found none");
  for (auto &[domain, version] : result.opsets) {
    auto known = schema::knownOpsets(domain);
    if (known && (version < known->first || version > known->second))
      return userError("opset of domain ", schema::domainName(domain),
                       ": expected ", known->first, " to ", known->second,
                       ", found ", version);
  }
  return llvm::Error::success();
}

llvm::Error Importer::prepare() {
  result.producer = model.proto.producer_name();
  if (!model.proto.producer_version().empty())
    result.producer += " " + model.proto.producer_version();
  result.irVersion = model.proto.ir_version();
  for (const auto &entry : model.proto.metadata_props())
    result.metadata[entry.key()] = entry.value();
  for (const auto &opset : model.proto.opset_import())
    result.opsets[schema::canonicalDomain(opset.domain())] = opset.version();
  result.module = ModuleOp::create(
      NameLoc::get(builder.getStringAttr(model.proto.graph().name())));
  return checkOpsets();
}

llvm::Expected<RankedTensorType>
Importer::argumentType(const ValueInfoProto &input,
                       SmallVectorImpl<Attribute> &dims) {
  const TypeProto &type = input.type();
  if (!type.has_tensor_type())
    return userError(
        "expected a tensor, found another type, which is not supported");
  Type element = elementType(context, type.tensor_type().elem_type());
  if (!element)
    return userError("expected numbers, found ",
                     wire::elementName(type.tensor_type().elem_type()),
                     ", which is not supported");
  if (!type.tensor_type().has_shape())
    return userError("expected a shape, found none");
  TensorShapeProto shape = type.tensor_type().shape();
  for (auto &dim : *shape.mutable_dim()) {
    std::string symbol = dimSymbol(dim);
    if (!symbol.empty())
      symbols.insert(symbol);
    for (auto &[name, size] : options.dims)
      if (!symbol.empty() && name == symbol)
        dim.set_dim_value(size);
    bool isStatic = dim.has_dim_value() && dim.dim_value() >= 0;
    dims.push_back(builder.getStringAttr(
        isStatic ? std::to_string(dim.dim_value()) : symbol));
  }
  RankedTensorType result = tensorType(element, shape);
  if (!fitsInMemory(result))
    return userError("expected a tensor that fits in memory, found ",
                     typeText(result));
  return result;
}

/// A size for a dim that the model has not is more likely a slip than a wish.
llvm::Error Importer::checkDims() const {
  for (auto &[name, size] : options.dims) {
    if (size < 0)
      return userError("dim '", name,
                       "': expected a size of at least 0, found ", size);
    if (!symbols.contains(name))
      return userError("dim '", name, "': expected one of [",
                       llvm::join(symbols, ", "), "], found none of this name");
  }
  return llvm::Error::success();
}

llvm::Error Importer::arguments(Scope &scope) {
  auto main = cast<func::FuncOp>(function);
  Block &block = main.getBody().front();
  for (const ValueInfoProto &input : model.proto.graph().input()) {
    if (scope.initializers.contains(input.name()))
      continue;
    SmallVector<Attribute> dims;
    auto type = argumentType(input, dims);
    if (!type)
      return withContext(type.takeError(), "input '" + input.name() + "': ");
    if (scope.find(input.name()))
      return userError("input '", input.name(),
                       "': expected a new name, found that of another input");
    unsigned index = block.getNumArguments();
    StringAttr name = builder.getStringAttr(input.name());
    scope.set(input.name(), block.addArgument(*type, NameLoc::get(name)));
    main.setType(builder.getFunctionType(block.getArgumentTypes(), {}));
    main.setArgAttr(index, "nn.name", name);
    main.setArgAttr(index, "nn.dims", builder.getArrayAttr(dims));
  }
  return checkDims();
}

llvm::Error Importer::bindInitializers(const GraphProto &graph, Scope &scope) {
  if (graph.sparse_initializer_size())
    return userError("initializer '",
                     graph.sparse_initializer(0).values().name(),
                     "': expected a dense tensor, found a sparse one, which is "
                     "not supported");
  for (const TensorProto &tensor : graph.initializer())
    if (!scope.initializers.try_emplace(tensor.name(), &tensor).second)
      return userError("initializer '", tensor.name(),
                       "': expected a new name, found that of another "
                       "initializer");
  for (const ValueInfoProto &info : graph.value_info())
    scope.declared[info.name()] = &info;
  return llvm::Error::success();
}

/// Whether a declared type can not be that of the value. Exporters often get
/// ranks and sizes of outputs wrong where they are dynamic; what they declare
/// is held against static facts only.
static bool contradicts(RankedTensorType declared, RankedTensorType found) {
  if (declared.getElementType() != found.getElementType())
    return true;
  if (declared.getRank() != found.getRank())
    return declared.hasStaticShape() && found.hasStaticShape();
  return llvm::any_of(
      llvm::zip(declared.getShape(), found.getShape()), [](auto sizes) {
        auto [x, y] = sizes;
        return !ShapedType::isDynamic(x) && !ShapedType::isDynamic(y) && x != y;
      });
}

llvm::Error Importer::checkOutput(const ValueInfoProto &output, Value value) {
  const auto &declared = output.type().tensor_type();
  Type element = elementType(context, declared.elem_type());
  if (!element || !declared.has_shape())
    return llvm::Error::success();
  RankedTensorType type = tensorType(element, declared.shape());
  if (!contradicts(type, cast<RankedTensorType>(value.getType())))
    return llvm::Error::success();
  return userError("value '", output.name(), "': declared as ", typeText(type),
                   ", but it is ", typeText(value.getType()));
}

/// The symbols that an output shares with the inputs, "" for its other dims;
/// null if there are none.
ArrayAttr Importer::outputDims(const ValueInfoProto &output, Type type) {
  const auto &shape = output.type().tensor_type().shape();
  auto found = dyn_cast<RankedTensorType>(type);
  if (!found || found.getRank() != shape.dim_size())
    return {};
  bool any = false;
  SmallVector<Attribute> dims;
  for (auto [i, dim] : llvm::enumerate(shape.dim())) {
    std::string symbol = found.isDynamicDim(i) ? dimSymbol(dim) : "";
    bool shared = symbols.contains(symbol);
    any |= shared;
    dims.push_back(builder.getStringAttr(shared ? symbol : ""));
  }
  return any ? builder.getArrayAttr(dims) : ArrayAttr();
}

llvm::Error Importer::main() {
  const GraphProto &graph = model.proto.graph();
  builder.setInsertionPointToEnd(result.module->getBody());
  auto main = func::FuncOp::create(builder, result.module->getLoc(), "main",
                                   builder.getFunctionType({}, {}));
  function = main;
  builder.setInsertionPointToStart(main.addEntryBlock());
  Scope scope;
  if (llvm::Error error = bindInitializers(graph, scope))
    return error;
  if (llvm::Error error = arguments(scope))
    return error;
  std::vector<std::string> names;
  for (const ValueInfoProto &output : graph.output())
    names.push_back(output.name());
  Frame frame;
  frame.opsets = result.opsets;
  auto outputs = nodes(graph.node(), names, scope, frame);
  if (!outputs)
    return outputs.takeError();
  func::ReturnOp::create(builder, main.getLoc(), *outputs);
  main.setType(builder.getFunctionType(main.getArgumentTypes(),
                                       TypeRange(ValueRange(*outputs))));
  for (auto [i, output] : llvm::enumerate(graph.output())) {
    main.setResultAttr(i, "nn.name", builder.getStringAttr(output.name()));
    if (ArrayAttr dims = outputDims(output, (*outputs)[i].getType()))
      main.setResultAttr(i, "nn.dims", dims);
    if (llvm::Error error = checkOutput(output, (*outputs)[i]))
      return error;
  }
  return llvm::Error::success();
}

/// Removes what shape inference built and did not need in the end.
static void eraseUnused(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

llvm::Error Importer::finish() {
  for (Operation *op : discarded)
    op->erase();
  eraseUnused(function->getRegion(0).front());
  std::string text;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    text += diagnostic.str() + "\n";
    return success();
  });
  if (failed(verify(*result.module)))
    return compilerBug("the imported module is invalid: ", text);
  return llvm::Error::success();
}

llvm::Expected<ImportedModel> Importer::run() {
  for (auto step : {&Importer::prepare, &Importer::main, &Importer::finish})
    if (llvm::Error error = (this->*step)())
      return withContext(std::move(error), model.name + ": ");
  return std::move(result);
}

} // namespace tw::onnx

llvm::Expected<tw::ImportedModel> tw::importOnnx(const wire::Model &model,
                                                 mlir::MLIRContext *context,
                                                 const ImportOptions &options) {
  return onnx::Importer(model, context, options).run();
}

llvm::Expected<tw::ImportedModel> tw::importOnnx(const std::string &path,
                                                 mlir::MLIRContext *context,
                                                 const ImportOptions &options) {
  wire::Result<wire::Model> model = wire::readModel(path);
  if (!model)
    return userError(model.message());
  return importOnnx(*model, context, options);
}

// One node as one nn op, brought to the operator's newest form on the way.
#include "compiler/Errors.h"
#include "compiler/import/Attributes.h"
#include "compiler/import/Importer.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/Types.h"
#include "dialects/rt/RT.h"

#include "mlir/IR/Verifier.h"

using namespace tw_onnx;

namespace tw::onnx {
namespace {

class NodeImport : public nn::OnnxNode {
public:
  NodeImport(Importer &importer, const std::optional<schema::Operator> &form,
             const NodeProto &node, Location loc)
      : OnnxNode(importer.builder, loc), importer(importer), form(form),
        node(node) {
    type = node.op_type();
    domain = schema::canonicalDomain(node.domain());
    since = form ? form->since() : 1;
    numOutputs = node.output_size();
  }

  llvm::Error readAttributes();
  /// What changed in the same way for many operators.
  LogicalResult modernise();

  using OnnxNode::build;
  FailureOr<SmallVector<Value>> importAs(StringRef name) override;
  FailureOr<SmallVector<Value>>
  build(StringRef name, ArrayRef<Value> operands,
        ArrayRef<NamedAttribute> attributes) override;
  Value constant(ArrayRef<int64_t> values) override;
  Value scalar(Type elementType, double value) override;

private:
  LogicalResult stretchSecondInput();
  void attributesToInputs();
  void attributeToInput(StringRef name, unsigned index, Type elementType);
  LogicalResult dropDefaults(RegisteredOperationName op);
  Operation *create(const nn::OpInfo &info, ArrayRef<Value> operands);
  void check(const SizeDemand &demand);
  FailureOr<SmallVector<Value>> infer(Operation *op);

  Importer &importer;
  const std::optional<schema::Operator> &form;
  const NodeProto &node;
};

Value tensorConstant(Importer &importer, Location loc, Type element,
                     ArrayRef<int64_t> shape, ArrayRef<Attribute> values) {
  auto type = RankedTensorType::get(shape, element);
  return importer.constant(DenseElementsAttr::get(type, values), loc);
}

/// A number as an attribute of an element type.
Attribute numberAttr(Builder &b, Type element, double value) {
  if (isa<FloatType>(element))
    return b.getFloatAttr(element, value);
  return b.getIntegerAttr(element, static_cast<int64_t>(value));
}

bool hasAttribute(RegisteredOperationName op, StringRef name) {
  return llvm::any_of(op.getAttributeNames(),
                      [&](StringAttr attr) { return attr == name; });
}

const nn::OpInfo &infoOf(StringRef name) {
  for (const nn::OpInfo &info : nn::opTable())
    if (info.name == name)
      return info;
  llvm_unreachable("no nn op of this name");
}

RegisteredOperationName registered(StringRef name, MLIRContext *context) {
  return *RegisteredOperationName::lookup(name, context);
}

llvm::Error NodeImport::readAttributes() {
  std::vector<AttributeProto> all(node.attribute().begin(),
                                  node.attribute().end());
  if (form)
    for (AttributeProto &attribute : form->defaults())
      if (llvm::none_of(all, [&](const AttributeProto &given) {
            return given.name() == attribute.name();
          }))
        all.push_back(std::move(attribute));
  for (const AttributeProto &attribute : all) {
    auto value = convertAttribute(importer.model, importer.context, attribute);
    if (!value)
      return withContext(value.takeError(),
                         "attribute '" + attribute.name() + "': ");
    if (*value)
      attributes.set(attribute.name(), *value);
  }
  return llvm::Error::success();
}

LogicalResult NodeImport::modernise() {
  if (form && since < 7 && form->hasAttribute("broadcast") &&
      failed(stretchSecondInput()))
    return failure();
  attributesToInputs();
  return success();
}

/// Up to opset 6 `axis` said where the second input's dims lie in the first's:
/// dims of size 1 are appended until they align at the end.
LogicalResult NodeImport::stretchSecondInput() {
  std::optional<int64_t> axis = integer("axis");
  bool aligned = take("broadcast") == builder.getI64IntegerAttr(0) || !axis;
  take("axis");
  if (aligned || !input(0) || !input(1))
    return success();
  int64_t rank = ShapeBuilder::rank(input(0));
  int64_t inner = ShapeBuilder::rank(input(1));
  int64_t start = *axis < 0 ? *axis + rank : *axis;
  if (start < 0 || start + inner > rank)
    return error() << "attribute 'axis': expected a dim of the first input ("
                   << rank << " dims) where " << inner << " dims fit, found "
                   << *axis;
  SmallVector<int64_t> shape(inner, 0);
  shape.resize(rank - start, 1);
  auto stretched = build<nn::ReshapeOp>({input(1), constant(shape)});
  if (failed(stretched))
    return failure();
  inputs[1] = *stretched;
  return success();
}

/// Attributes that an operator's newest form has as inputs (axes, starts, k,
/// min, ...) become constants there.
void NodeImport::attributesToInputs() {
  auto newest = schema::Operator::newest(node.domain(), node.op_type());
  if (!newest)
    return;
  auto parameters = newest->inputs();
  for (auto [i, parameter] : llvm::enumerate(parameters)) {
    if (newest->hasAttribute(parameter.name) || input(i))
      continue;
    bool isLikeFirst = parameter.type == parameters.front().type;
    for (NamedAttribute attr : llvm::to_vector(attributes.getAttrs()))
      if (attr.getName().getValue().equals_insensitive(parameter.name))
        attributeToInput(attr.getName(), i,
                         isLikeFirst && input(0)
                             ? ShapeBuilder::elementType(input(0))
                             : Type());
  }
}

void NodeImport::attributeToInput(StringRef name, unsigned index,
                                  Type elementType) {
  Attribute value = attributes.get(name);
  if (auto integers = dyn_cast<DenseI64ArrayAttr>(value))
    setInput(index, constant(integers.asArrayRef()));
  else if (auto integer = dyn_cast<IntegerAttr>(value))
    setInput(index, constant({integer.getInt()}));
  else if (auto number = dyn_cast<FloatAttr>(value))
    setInput(index, scalar(elementType ? elementType : number.getType(),
                           number.getValueAsDouble()));
  else if (auto numbers = dyn_cast<DenseF32ArrayAttr>(value)) {
    SmallVector<Attribute> elements;
    for (float number : numbers.asArrayRef())
      elements.push_back(builder.getF32FloatAttr(number));
    setInput(index,
             tensorConstant(importer, loc, builder.getF32Type(),
                            {static_cast<int64_t>(elements.size())}, elements));
  } else
    return;
  attributes.erase(name);
}

Value NodeImport::constant(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI64Type());
  return importer.constant(DenseElementsAttr::get(type, values), loc);
}

Value NodeImport::scalar(Type elementType, double value) {
  return tensorConstant(importer, loc, elementType, {},
                        {numberAttr(builder, elementType, value)});
}

/// Attributes that the op has no room for are fine where they say what holds
/// anyway.
LogicalResult NodeImport::dropDefaults(RegisteredOperationName op) {
  take("consumed_inputs"); // opset 1: a hint about memory
  std::vector<AttributeProto> defaults;
  if (form)
    defaults = form->defaults();
  for (NamedAttribute attr : llvm::to_vector(attributes.getAttrs())) {
    StringRef name = attr.getName();
    if (hasAttribute(op, name))
      continue;
    auto known = llvm::find_if(
        defaults, [&](const AttributeProto &d) { return d.name() == name; });
    Attribute expected;
    if (known != defaults.end())
      expected = llvm::cantFail(
          convertAttribute(importer.model, importer.context, *known));
    if (expected != attr.getValue())
      return error() << "attribute '" << name << "': expected "
                     << (expected ? attributeText(expected) : "none")
                     << ", found " << attributeText(attr.getValue())
                     << ", which is not supported yet";
    attributes.erase(name);
  }
  return success();
}

/// How many of `operands` belong to each operand that the op's definition
/// names; what is left over belongs to the last.
SmallVector<int32_t> segmentSizes(unsigned segments, ArrayRef<Value> operands) {
  SmallVector<int32_t> sizes(segments);
  for (auto [i, operand] : llvm::enumerate(operands))
    if (operand)
      ++sizes[std::min<size_t>(i, segments - 1)];
  return sizes;
}

Operation *NodeImport::create(const nn::OpInfo &info,
                              ArrayRef<Value> operands) {
  OperationState state(loc, info.name);
  for (Value operand : operands)
    if (operand)
      state.addOperands(operand);
  // Shape inference replaces these.
  state.types.assign(info.results.value_or(numOutputs),
                     UnrankedTensorType::get(builder.getF32Type()));
  if (info.operandSegments)
    state.addAttribute("operandSegmentSizes",
                       builder.getDenseI32ArrayAttr(
                           segmentSizes(info.operandSegments, operands)));
  return builder.create(state);
}

/// "node 'NAME' (OPERATOR)", as a format has it.
std::string nodeText(Location loc) {
  auto node = dyn_cast<NameLoc>(loc);
  auto op = node ? dyn_cast<NameLoc>(node.getChildLoc()) : NameLoc();
  std::string text;
  for (char c : node ? node.getName().getValue() : "")
    text += c == '%' ? "%%" : std::string(1, c);
  return "node '" + text + "' (" + (op ? op.getName().str() : "") + ")";
}

/// What shape rules can not know is checked when the model runs.
void NodeImport::check(const SizeDemand &demand) {
  ShapeBuilder &shapes = importer.inference.shapes();
  Value x = shapes.value(demand.x), y = shapes.value(demand.y);
  std::tuple key(builder.getBlock(), x.getAsOpaquePointer(),
                 y.getAsOpaquePointer(), demand.stretches);
  if (!importer.checkedSizes.insert(key).second)
    return;
  Value holds = shapes.value(shapes.isEqual(demand.x, demand.y));
  if (demand.stretches)
    for (Dim size : {demand.x, demand.y})
      holds = builder.createOrFold<arith::OrIOp>(
          loc, holds, shapes.value(shapes.isEqual(size, shapes.constant(1))));
  std::string message = nodeText(loc) + ": expected sizes that are equal" +
                        (demand.stretches ? " or 1" : "") +
                        ", found %ld and %ld";
  rt::CheckOp::create(builder, loc, holds, builder.getStringAttr(message),
                      ValueRange{x, y});
}

FailureOr<SmallVector<Value>> NodeImport::infer(Operation *op) {
  if (failed(verify(op, /*verifyRecursively=*/false)))
    return failure();
  ShapeBuilder &shapes = importer.inference.shapes();
  OpBuilder::InsertPoint after = builder.saveInsertionPoint();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(op);
  shapes.takeDemands();
  auto results = importer.inference.visit(op);
  if (failed(results))
    return failure();
  for (Value result : *results) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      return error() << "expected an output of known rank, found one of "
                     << result.getType();
    if (!fitsInMemory(type))
      return error() << "expected an output that fits in memory, found "
                     << typeText(type);
  }
  // The host may have computed the result, and the op is gone.
  if (results->empty() || results->front().getDefiningOp() != op)
    builder.restoreInsertionPoint(after);
  for (const SizeDemand &demand : shapes.takeDemands())
    check(demand);
  return results;
}

FailureOr<SmallVector<Value>> NodeImport::importAs(StringRef name) {
  RegisteredOperationName op = registered(name, importer.context);
  if (failed(dropDefaults(op)))
    return failure();
  SmallVector<NamedAttribute> all(attributes.begin(), attributes.end());
  return build(name, inputs, all);
}

FailureOr<SmallVector<Value>>
NodeImport::build(StringRef name, ArrayRef<Value> operands,
                  ArrayRef<NamedAttribute> attrs) {
  while (!operands.empty() && !operands.back())
    operands = operands.drop_back();
  Operation *op = create(infoOf(name), operands);
  for (NamedAttribute attr : attrs)
    if (failed(setInherent(op, attr.getName(), attr.getValue())))
      return error() << "attribute '" << attr.getName().getValue()
                     << "': found " << attributeText(attr.getValue())
                     << ", which " << name << " cannot hold";
  return infer(op);
}

/// Whether the operator is in an op's list of them.
bool names(const nn::OpInfo &info, StringRef domain, StringRef operatorName) {
  SmallVector<StringRef> all;
  info.onnx.split(all, ',', -1, false);
  return llvm::any_of(all, [&](StringRef listed) {
    auto [prefix, name] = listed.split(':');
    if (name.empty())
      std::swap(prefix, name);
    return name == operatorName &&
           domain == (prefix.empty() ? info.onnxDomain : prefix);
  });
}

/// The first error that is emitted while this object lives, as text about a
/// node: without the op's name, which the user does not know.
class FirstError {
public:
  explicit FirstError(MLIRContext *context)
      : handler(context, [this](Diagnostic &diagnostic) {
          if (text.empty())
            text = diagnostic.str();
          return success();
        }) {}

  std::string take() const {
    StringRef rest = text;
    size_t end = rest.find("' op ");
    return rest.starts_with("'") && end != StringRef::npos
               ? rest.drop_front(end + 5).str()
               : text;
  }

private:
  std::string text;
  ScopedDiagnosticHandler handler;
};

} // namespace

const nn::OpInfo *findOp(const std::string &domain, const std::string &name) {
  for (const nn::OpInfo &info : nn::opTable())
    if (names(info, domain, name))
      return &info;
  return nullptr;
}

llvm::Expected<SmallVector<Value>>
importAsOp(Importer &importer, const nn::OpInfo &info,
           const std::optional<schema::Operator> &form, const NodeAt &node) {
  NodeImport building(importer, form, node.proto, node.loc);
  building.inputs.assign(node.inputs.begin(), node.inputs.end());
  if (llvm::Error error = building.readAttributes())
    return std::move(error);
  FirstError error(importer.context);
  if (failed(building.modernise()))
    return userError(error.take());
  auto results = info.importOnnx ? info.importOnnx(building)
                                 : building.importAs(info.name);
  if (succeeded(results))
    return std::move(*results);
  if (error.take().empty())
    return compilerBug(info.name,
                       " could not be imported and does not say why");
  return userError(error.take());
}

} // namespace tw::onnx

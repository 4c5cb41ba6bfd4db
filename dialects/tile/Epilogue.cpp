#include "dialects/tile/Epilogue.h"

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;
using namespace tw::tile;

static LogicalResult verifyExtra(EpilogueOpInterface op, unsigned index,
                                 int64_t rank) {
  auto map = cast<AffineMapAttr>(op.getExtraMaps()[index]).getValue();
  Type type = op.getExtras()[index].getType();
  auto shaped = dyn_cast<ShapedType>(type);
  int64_t extraRank = shaped ? shaped.getRank() : 0;
  if (map.getNumDims() != rank || map.getNumSymbols() != 0 ||
      !map.isProjectedPermutation(/*allowZeroInResults=*/true))
    return op->emitOpError("extra_maps[")
           << index << "]: expected a projected permutation of " << rank
           << " dims, found " << AffineMapAttr::get(map);
  if (map.getNumResults() != extraRank)
    return op->emitOpError("extra_maps[")
           << index << "]: expected " << extraRank
           << " results for an extra of type " << type << ", found "
           << AffineMapAttr::get(map);
  if (getElementTypeOrSelf(type) !=
      op.getEpilogue().getArgument(index + 1).getType())
    return op->emitOpError("extra ")
           << index
           << ": expected a region argument of its element type, found "
           << op.getEpilogue().getArgument(index + 1).getType() << " for "
           << type;
  return success();
}

LogicalResult tw::tile::verifyEpilogue(EpilogueOpInterface op) {
  Block &body = op.getEpilogue().front();
  size_t extras = op.getExtras().size();
  if (op.getExtraMaps().size() != extras)
    return op->emitOpError("expected one map in extra_maps for each of ")
           << extras << " extras, found " << op.getExtraMaps().size();
  if (body.getNumArguments() != extras + 1)
    return op->emitOpError("expected a region with ")
           << extras + 1 << " arguments (accumulator, extras), found "
           << body.getNumArguments();
  auto init = cast<ShapedType>(op.getDpsInits()[0].getType());
  for (size_t i = 0; i < extras; ++i)
    if (failed(verifyExtra(op, i, init.getRank())))
      return failure();
  auto yield = dyn_cast<YieldOp>(body.getTerminator());
  if (!yield || yield.getValue().getType() != init.getElementType())
    return op->emitOpError("expected the region to yield one ")
           << init.getElementType();
  return success();
}

void tw::tile::buildPlainEpilogue(OpBuilder &b, Location loc, Region &region,
                                  Type accumulator, Type element) {
  OpBuilder::InsertionGuard guard(b);
  Block *body = b.createBlock(&region, {}, accumulator, loc);
  Value result = body->getArgument(0);
  if (element != accumulator)
    result = arith::TruncFOp::create(b, loc, element, result);
  YieldOp::create(b, loc, result);
}

/// Booleans are a byte in memory and a bit in vectors: they stay out.
static bool isBoolean(Value v) {
  return getElementTypeOrSelf(v.getType()).isInteger(1);
}

/// The op that makes an input of `consumer`, where its epilogue can take
/// `consumer` in.
static EpilogueOpInterface findProducer(linalg::GenericOp consumer) {
  for (OpOperand *input : consumer.getDpsInputOperands()) {
    auto producer = input->get().getDefiningOp<EpilogueOpInterface>();
    if (!producer || producer->getBlock() != consumer->getBlock())
      continue;
    bool only = llvm::all_of(input->get().getUses(), [&](OpOperand &use) {
      return use.getOwner() == consumer && !consumer.isDpsInit(&use) &&
             consumer.getMatchingIndexingMap(&use).isIdentity();
    });
    if (only)
      return producer;
  }
  return {};
}

static bool isElementwise(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 ||
      op.getNumLoops() != op.getNumParallelLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
      op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)) ||
      llvm::any_of(op->getOperands(), isBoolean))
    return false;
  if (llvm::any_of(op.getIndexingMapsArray(), [](AffineMap map) {
        return !map.isProjectedPermutation(/*allowZeroInResults=*/true);
      }))
    return false;
  return llvm::all_of(op.getBody()->without_terminator(), [](Operation &inner) {
    return inner.hasTrait<OpTrait::ConstantLike>() ||
           OpTrait::hasElementwiseMappableTraits(&inner);
  });
}

/// A copy of `producer` that writes what `consumer` writes.
static EpilogueOpInterface cloneFor(RewriterBase &rewriter,
                                    EpilogueOpInterface producer,
                                    linalg::GenericOp consumer) {
  SmallVector<Value> operands(producer->getOperands());
  MutableOperandRange inits = producer.getDpsInitsMutable();
  operands[inits[0].getOperandNumber()] = consumer.getDpsInits()[0];
  return cast<EpilogueOpInterface>(
      clone(rewriter, producer, consumer.getResultTypes(), operands));
}

/// Makes `value`, read by `map`, an extra of `op`; returns the region's new
/// argument.
static Value addExtra(EpilogueOpInterface op, Value value, AffineMap map) {
  SmallVector<Attribute> maps(op.getExtraMaps().getValue());
  maps.push_back(AffineMapAttr::get(map));
  op.getExtrasMutable().append(value);
  op.setExtraMapsAttr(ArrayAttr::get(op->getContext(), maps));
  return op.getEpilogue().addArgument(getElementTypeOrSelf(value.getType()),
                                      op->getLoc());
}

FailureOr<Operation *> tw::tile::fuseIntoEpilogue(RewriterBase &rewriter,
                                                  linalg::GenericOp consumer) {
  EpilogueOpInterface producer = findProducer(consumer);
  if (!producer || !isElementwise(consumer))
    return failure();
  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(consumer);
  EpilogueOpInterface fused = cloneFor(rewriter, producer, consumer);
  Operation *yield = fused.getEpilogue().front().getTerminator();
  IRMapping mapping;
  for (OpOperand *input : consumer.getDpsInputOperands()) {
    bool own = input->get().getDefiningOp() == producer;
    mapping.map(consumer.getMatchingBlockArgument(input),
                own ? yield->getOperand(0)
                    : addExtra(fused, input->get(),
                               consumer.getMatchingIndexingMap(input)));
  }
  rewriter.setInsertionPoint(yield);
  for (Operation &inner : consumer.getBody()->without_terminator())
    rewriter.clone(inner, mapping);
  Value stored = consumer.getBody()->getTerminator()->getOperand(0);
  yield->setOperand(0, mapping.lookupOrDefault(stored));
  rewriter.replaceOp(consumer, fused);
  rewriter.eraseOp(producer);
  return fused.getOperation();
}

bool overwriting::readsMemory(Operation *op, OpOperand &operand) {
  return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
}

bool overwriting::writesMemory(Operation *op, OpOperand &operand) {
  return cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
}

bufferization::AliasingValueList overwriting::aliases(Operation *op,
                                                      OpOperand &operand) {
  auto dps = cast<DestinationStyleOpInterface>(op);
  if (!dps.isDpsInit(&operand))
    return {};
  return {{dps.getTiedOpResult(&operand),
           bufferization::BufferRelation::Equivalent}};
}

LogicalResult
overwriting::bufferize(Operation *op, RewriterBase &rewriter,
                       const bufferization::BufferizationOptions &options,
                       bufferization::BufferizationState &state) {
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (isa<TensorType>(operand.getType())) {
      FailureOr<Value> buffer =
          bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operand = *buffer;
    }
    operands.push_back(operand);
  }
  Operation *onBuffers = clone(rewriter, op, TypeRange(), operands);
  bufferization::replaceOpWithBufferizedValues(
      rewriter, op, cast<DestinationStyleOpInterface>(onBuffers).getDpsInits());
  return success();
}

void tw::tile::bufferEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects,
    bool readsInits) {
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isa<MemRefType>(operand.get().getType()))
      continue;
    bool isInit = op.isDpsInit(&operand);
    if (!isInit || readsInits)
      effects.emplace_back(MemoryEffects::Read::get(), &operand);
    if (isInit)
      effects.emplace_back(MemoryEffects::Write::get(), &operand);
  }
}

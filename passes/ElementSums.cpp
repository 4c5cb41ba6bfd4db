#include "passes/ElementSums.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace tw;

/// Elements of extras, read where their maps say.
static Value loadExtra(OpBuilder &b, Location loc, Value extra, AffineMap map,
                       ValueRange at) {
  if (!isa<MemRefType>(extra.getType()))
    return extra;
  SmallVector<Value> indices;
  for (AffineExpr e : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(e);
    indices.push_back(dim ? at[dim.getPosition()]
                          : arith::ConstantIndexOp::create(b, loc, 0));
  }
  return memref::LoadOp::create(b, loc, extra, indices);
}

Value tw::finishElement(OpBuilder &b, EpilogueOpInterface op, Value sum,
                        ValueRange at) {
  Block &block = op.getEpilogue().front();
  IRMapping mapping;
  mapping.map(block.getArgument(0), sum);
  for (auto [i, extra, map] : llvm::enumerate(
           op.getExtras(), op.getExtraMaps().getAsValueRange<AffineMapAttr>()))
    mapping.map(block.getArgument(i + 1),
                loadExtra(b, op.getLoc(), extra, map, at));
  for (Operation &inner : block.without_terminator())
    b.clone(inner, mapping);
  return mapping.lookupOrDefault(block.getTerminator()->getOperand(0));
}

LogicalResult tw::storeElement(OpBuilder &b, EpilogueOpInterface op,
                               ValueRange at) {
  FailureOr<Value> sum = op.buildSum(b, at);
  if (failed(sum))
    return op.emitOpError("is not computed element by element, which is all "
                          "that this target can do");
  memref::StoreOp::create(b, op.getLoc(), finishElement(b, op, *sum, at),
                          op.getDpsInits()[0], at);
  return success();
}

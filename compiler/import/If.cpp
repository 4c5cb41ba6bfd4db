#include "compiler/import/ControlFlow.h"

#include "compiler/Errors.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace tw::onnx {
namespace {

struct Branch {
  std::unique_ptr<Region> region;
  SmallVector<Value> values;
};

llvm::Expected<Branch> importBranch(Importer &importer, const NodeAt &node,
                                    StringRef name) {
  OpBuilder::InsertionGuard guard(importer.builder);
  RegionInProgress region(importer.builder, {}, node.loc);
  auto values = importer.subgraph(*graphOf(node, name), {}, node);
  if (!values)
    return values.takeError();
  return Branch{region.take(), std::move(*values)};
}

void yield(OpBuilder &b, Location loc, Branch &branch, TypeRange types) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToEnd(&branch.region->front());
  scf::YieldOp::create(b, loc, castTo(b, loc, branch.values, types));
}

} // namespace

llvm::Expected<SmallVector<Value>> importIf(Importer &importer,
                                            const NodeAt &node) {
  OpBuilder &b = importer.builder;
  Value condition = node.inputs.front();
  if (llvm::Error error = checkSingle(condition, "input 'cond'"))
    return std::move(error);
  if (auto known = ShapeBuilder::constants(condition))
    return importer.subgraph(
        *graphOf(node, known->front() ? "then_branch" : "else_branch"), {},
        node);
  auto thenBranch = importBranch(importer, node, "then_branch");
  if (!thenBranch)
    return thenBranch.takeError();
  auto elseBranch = importBranch(importer, node, "else_branch");
  if (!elseBranch)
    return elseBranch.takeError();
  if (thenBranch->values.size() != elseBranch->values.size())
    return userError("expected as many outputs of both branches, found ",
                     thenBranch->values.size(), " and ",
                     elseBranch->values.size());
  auto types = join(ValueRange(thenBranch->values).getTypes(),
                    ValueRange(elseBranch->values).getTypes());
  if (!types)
    return types.takeError();
  yield(b, node.loc, *thenBranch, *types);
  yield(b, node.loc, *elseBranch, *types);
  OperationState state(node.loc, scf::IfOp::getOperationName());
  state.addOperands(elementOf(b, node.loc, condition));
  state.addTypes(*types);
  state.addRegion(std::move(thenBranch->region));
  state.addRegion(std::move(elseBranch->region));
  return SmallVector<Value>(b.create(state)->getResults());
}

} // namespace tw::onnx

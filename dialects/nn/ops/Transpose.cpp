#include "dialects/nn/NN.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace tw;
using namespace tw::nn;

SmallVector<int64_t> TransposeOp::getPermutation() {
  if (getPerm())
    return SmallVector<int64_t>(*getPerm());
  int64_t rank = ShapeBuilder::rank(getData());
  return llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(rank)));
}

LogicalResult TransposeOp::inferResults(ShapeBuilder &shapes,
                                        SmallVectorImpl<ResultShape> &results) {
  SmallVector<int64_t> perm = getPermutation();
  int64_t rank = ShapeBuilder::rank(getData());
  if (static_cast<int64_t>(perm.size()) != rank || !isPermutationVector(perm))
    return emitOpError("attribute 'perm': expected a permutation of 0..")
           << rank - 1 << ", found [" << perm << "]";
  Dims dims;
  for (int64_t p : perm)
    dims.push_back(shapes.dim(getData(), p));
  results.push_back({std::move(dims), ShapeBuilder::elementType(getData())});
  return success();
}

FailureOr<SmallVector<Value>> TransposeOp::decomposeOperation(OpBuilder &b) {
  Value source = signless(b, getLoc(), getData());
  auto transposed = linalg::TransposeOp::create(
      b, getLoc(), source, emptyResult(b, *this), getPermutation());
  return SmallVector<Value>{asResult(b, *this, 0, transposed->getResult(0))};
}

#include "dialects/nn/OpWriter.h"

#include "mlir/IR/Matchers.h"

using namespace tw;
using namespace tw::nn;

Value OpWriter::numbers(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    b.getI64Type());
  return ConstantOp::create(b, loc, type, DenseElementsAttr::get(type, values));
}

Value OpWriter::cast(Value x, Type to) {
  if (ShapeBuilder::elementType(x) == to)
    return x;
  return make<CastOp>(x, TypeAttr::get(to), b.getI64IntegerAttr(1),
                      b.getStringAttr("up"));
}

Value OpWriter::transpose(Value x, ArrayRef<int64_t> perm) {
  return make<TransposeOp>(x, b.getDenseI64ArrayAttr(perm));
}

Value OpWriter::transposeMatrix(Value x) {
  auto perm = llvm::to_vector(llvm::seq<int64_t>(0, ShapeBuilder::rank(x)));
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return transpose(x, perm);
}

Value OpWriter::sum(Value x, ArrayRef<int64_t> axes) {
  return make<ReduceSumOp>(x, numbers(axes), b.getI64IntegerAttr(1),
                           b.getI64IntegerAttr(0));
}

bool tw::nn::isZero(Value v) {
  DenseElementsAttr elements;
  if (!v)
    return true;
  if (!matchPattern(v, m_Constant(&elements)))
    return false;
  return llvm::all_of(rawElements(elements),
                      [](const APInt &bits) { return bits.isZero(); });
}

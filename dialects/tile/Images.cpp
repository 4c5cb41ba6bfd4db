#include "dialects/tile/Images.h"

#include "dialects/tile/Epilogue.h"

using namespace tw;
using namespace tw::tile;

LogicalResult tw::tile::verifyEqual(Operation *op, StringRef what,
                                    int64_t found, int64_t expected) {
  if (ShapedType::isDynamic(found) || ShapedType::isDynamic(expected) ||
      found == expected)
    return success();
  return op->emitOpError() << what << ": expected " << expected << ", found "
                           << found;
}

LogicalResult tw::tile::verifyNumbers(Operation *op, StringRef name,
                                      ArrayRef<int64_t> values, size_t count,
                                      int64_t least) {
  if (values.size() != count)
    return op->emitOpError() << name << ": expected " << count
                             << " values, found " << values.size();
  for (int64_t v : values)
    if (v < least)
      return op->emitOpError() << name << ": expected values of at least "
                               << least << ", found " << v;
  return success();
}

LogicalResult tw::tile::verifyImages(EpilogueOpInterface op, Value input) {
  auto from = cast<ShapedType>(input.getType()),
       to = cast<ShapedType>(op.getDpsInits()[0].getType());
  if (from.getRank() != 4 || to.getRank() != 4)
    return op->emitOpError("expected images of rank 4, found ")
           << from << " and " << to;
  Type element = from.getElementType(), sum = op.getAccumulatorType();
  bool isFloat = element.isF32() || element.isF16() || element.isBF16();
  if (!(isFloat && sum.isF32()) && !(element.isInteger(8) && sum.isInteger(32)))
    return op->emitOpError("expected f32, f16 or bf16 summed in f32, or bytes "
                           "summed in i32, found ")
           << from << " and " << sum;
  if (from.isDynamicDim(3) || to.isDynamicDim(3))
    return op->emitOpError("expected a static number of channels, found ")
           << from << " and " << to;
  if (failed(verifyEqual(op, "images in init", to.getDimSize(0),
                         from.getDimSize(0))))
    return failure();
  return verifyEpilogue(op);
}

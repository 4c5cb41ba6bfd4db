#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

LogicalResult SortOp::verify() {
  auto from = cast<ShapedType>(getX().getType()),
       values = cast<ShapedType>(getValues().getType()),
       places = cast<ShapedType>(getPlaces().getType());
  if (from.getRank() != 3 || values.getRank() != 3 || places.getRank() != 3)
    return emitOpError("expected operands of rank 3, found ")
           << from << ", " << values << " and " << places;
  if (from.getElementType() != values.getElementType())
    return emitOpError("element type of values: expected ")
           << from.getElementType() << ", found " << values.getElementType();
  if (!places.getElementType().isInteger(64))
    return emitOpError("element type of places: expected i64, found ")
           << places.getElementType();
  for (unsigned i = 0; i < 3; ++i)
    if (failed(verifyEqual(*this, "dim " + std::to_string(i) + " of places",
                           dimOf(getPlaces(), i), dimOf(getValues(), i))) ||
        (i != 1 &&
         failed(verifyEqual(*this, "dim " + std::to_string(i) + " of values",
                            dimOf(getValues(), i), dimOf(getX(), i)))))
      return failure();
  return success();
}

#include "dialects/tile/Images.h"
#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

LogicalResult ScanOp::verify() {
  if (!llvm::is_contained({"add", "mul"}, getKind()))
    return emitOpError("kind: expected add or mul, found ") << getKind();
  auto from = cast<ShapedType>(getX().getType()),
       to = cast<ShapedType>(getInit().getType());
  if (from.getRank() != 3 || to.getRank() != 3)
    return emitOpError("expected operands of rank 3, found ")
           << from << " and " << to;
  if (from.getElementType() != to.getElementType())
    return emitOpError("element type of init: expected ")
           << from.getElementType() << ", found " << to.getElementType();
  for (unsigned i = 0; i < 3; ++i)
    if (failed(verifyEqual(*this, "dim " + std::to_string(i) + " of init",
                           dimOf(getInit(), i), dimOf(getX(), i))))
      return failure();
  return success();
}

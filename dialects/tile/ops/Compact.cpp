#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

LogicalResult CompactOp::verify() {
  auto flags = cast<ShapedType>(getFlags().getType()),
       init = cast<ShapedType>(getInit().getType());
  if (flags.getRank() != 1 || !flags.getElementType().isInteger(1))
    return emitOpError("flags: expected rank 1 and i1, found ") << flags;
  if (init.getRank() != 1 || !init.getElementType().isInteger(64))
    return emitOpError("init: expected rank 1 and i64, found ") << init;
  return success();
}

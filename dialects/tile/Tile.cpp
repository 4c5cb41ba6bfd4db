#include "dialects/tile/Tile.h"

using namespace tw;
using namespace tw::tile;

#include "dialects/tile/Dialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/tile/Ops.cpp.inc"

void TileDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/tile/Ops.cpp.inc"
      >();
}

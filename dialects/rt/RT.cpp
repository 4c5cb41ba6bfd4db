#include "dialects/rt/RT.h"

using namespace tw;
using namespace tw::rt;

#include "dialects/rt/Dialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/rt/Ops.cpp.inc"

void RTDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/rt/Ops.cpp.inc"
      >();
}

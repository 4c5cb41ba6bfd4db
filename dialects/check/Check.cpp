#include "dialects/check/Check.h"

using namespace tw;
using namespace tw::check;

#include "dialects/check/Dialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/check/Ops.cpp.inc"

void CheckDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/check/Ops.cpp.inc"
      >();
}

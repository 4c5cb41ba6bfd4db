// The rt dialect.
#pragma once

#include "dialects/interfaces/Interfaces.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/rt/Dialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/rt/Ops.h.inc"

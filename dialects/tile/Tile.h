// The tile dialect.
#pragma once

#include "dialects/interfaces/Interfaces.h"
#include "dialects/tile/Epilogue.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Dialect.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/tile/Dialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/tile/Ops.h.inc"

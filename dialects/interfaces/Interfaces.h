// All interfaces of ours.
#pragma once

#include "dialects/interfaces/Base.h"
#include "dialects/interfaces/FusionKind.h"
#include "dialects/interfaces/PackTarget.h"
#include "dialects/interfaces/ShapeBuilder.h"

#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

#include "dialects/interfaces/ChannelAffineOpInterface.h.inc"
#include "dialects/interfaces/ElementwiseOpInterface.h.inc"
#include "dialects/interfaces/EpilogueOpInterface.h.inc"
#include "dialects/interfaces/ExpandOpInterface.h.inc"
#include "dialects/interfaces/FusionOpInterface.h.inc"
#include "dialects/interfaces/LayoutOpInterface.h.inc"
#include "dialects/interfaces/PackOpInterface.h.inc"
#include "dialects/interfaces/ShapeOpInterface.h.inc"
#include "dialects/interfaces/TransposeOpInterface.h.inc"

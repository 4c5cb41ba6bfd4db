#include "dialects/interfaces/Interfaces.h"

#include "dialects/interfaces/ElementwiseOpInterface.cpp.inc"
#include "dialects/interfaces/EpilogueOpInterface.cpp.inc"
#include "dialects/interfaces/FusionOpInterface.cpp.inc"
#include "dialects/interfaces/PackOpInterface.cpp.inc"
#include "dialects/interfaces/LayoutOpInterface.cpp.inc"
#include "dialects/interfaces/ShapeOpInterface.cpp.inc"
#include "dialects/interfaces/TransposeOpInterface.cpp.inc"

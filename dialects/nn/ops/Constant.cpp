#include "dialects/nn/NN.h"

using namespace tw::nn;

mlir::OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

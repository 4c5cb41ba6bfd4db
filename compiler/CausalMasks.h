// Causal attention that was written as a table of numbers.
#pragma once

#include "compiler/Weights.h"

namespace tw {

/// attention(q, k, v, bias = [[0, -inf, -inf], [0, 0, -inf]])
///   =>  attention(q, k, v) {causal, offset 0}
///
/// for biases and masks whose numbers are known and leave each query the keys
/// up to one further than the query before: what is hidden is then not
/// computed. Numbers down to -1e9 count as hiding.
void findCausalMasks(ModuleOp module, const Weights &weights);

/// Says of weights that are tables of causal masks which ones they are
/// (`kTriangleAttr`): find-causality sees no numbers.
void markTriangles(ModuleOp module, const Weights &weights);

} // namespace tw

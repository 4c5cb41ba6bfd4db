// Heavy ops (EpilogueOpInterface) on buffers, element by element.
#pragma once

#include "dialects/interfaces/Interfaces.h"

namespace tw {

/// The element that a heavy op stores at `at`, from what it accumulated.
Value finishElement(OpBuilder &b, EpilogueOpInterface op, Value sum,
                    ValueRange at);

/// Computes and stores the element at `at`; an error where the op has no sums
/// of single elements.
LogicalResult storeElement(OpBuilder &b, EpilogueOpInterface op, ValueRange at);

} // namespace tw

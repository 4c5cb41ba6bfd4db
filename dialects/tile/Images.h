// What ops on images [N, H, W, C] share.
#pragma once

#include "dialects/interfaces/Interfaces.h"

namespace tw::tile {

/// input and init are images of the same batch, f32; extras and region agree.
LogicalResult verifyImages(EpilogueOpInterface op, Value input);
/// `values` holds `count` numbers of at least `least`.
LogicalResult verifyNumbers(Operation *op, StringRef name,
                            ArrayRef<int64_t> values, size_t count,
                            int64_t least);
/// An error unless both are known and equal, or one is not known.
LogicalResult verifyEqual(Operation *op, StringRef what, int64_t found,
                          int64_t expected);

inline int64_t dimOf(Value v, unsigned i) {
  return cast<ShapedType>(v.getType()).getDimSize(i);
}

} // namespace tw::tile

// Where intermediate results live in the arena.
#pragma once

#include "dialects/interfaces/Interfaces.h"

namespace tw {

/// A buffer that is needed from op number `begin` (where it is written) to op
/// number `end` (its last use), both included.
struct PlannedBuffer {
  Value tensor;
  Dim bytes;
  int64_t begin;
  int64_t end;
};

struct MemoryPlan {
  DenseMap<Value, Dim> offsets;
  Dim arenaBytes;
};

/// Places buffers so that none that are needed at the same time overlap; all
/// offsets are multiples of 64. Static sizes are packed (largest first, lowest
/// gap that fits); sizes that depend on the inputs share slots, each as large
/// as the largest of its buffers. Arithmetic goes where `shapes`' builder
/// stands.
MemoryPlan planMemory(ShapeBuilder &shapes, ArrayRef<PlannedBuffer> buffers);

} // namespace tw

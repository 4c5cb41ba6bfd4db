#include "passes/MemoryPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

#include <algorithm>
#include <cmath>

using namespace tw;

namespace {
constexpr int64_t kAlignment = 64;
/// What an unknown dim counts as when sizes are compared to choose a slot.
constexpr double kTypicalDim = 64;

int64_t aligned(int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

bool overlap(const PlannedBuffer &x, const PlannedBuffer &y) {
  return x.begin <= y.end && y.begin <= x.end;
}

/// A guess at a size whose dims are unknown.
double estimate(Dim d) {
  if (auto k = ShapeBuilder::known(d))
    return static_cast<double>(*k);
  Operation *op = cast<Value>(d).getDefiningOp();
  if (!op || op->getNumOperands() != 2)
    return kTypicalDim;
  double x = estimate(getAsOpFoldResult(op->getOperand(0))),
         y = estimate(getAsOpFoldResult(op->getOperand(1)));
  return llvm::TypeSwitch<Operation *, double>(op)
      .Case<arith::AddIOp>([&](auto) { return x + y; })
      .Case<arith::SubIOp>([&](auto) { return x - y; })
      .Case<arith::MulIOp>([&](auto) { return x * y; })
      .Case<arith::FloorDivSIOp, arith::CeilDivSIOp>(
          [&](auto) { return y ? x / y : 0; })
      .Default([&](auto) { return std::max(x, y); });
}

/// Lowest offset at which `buffer` fits between those placed already.
int64_t firstFit(const PlannedBuffer &buffer, int64_t bytes,
                 ArrayRef<std::pair<const PlannedBuffer *, int64_t>> placed) {
  SmallVector<std::pair<int64_t, int64_t>> taken;
  for (auto [other, offset] : placed)
    if (overlap(buffer, *other))
      taken.push_back(
          {offset, offset + aligned(*ShapeBuilder::known(other->bytes))});
  llvm::sort(taken);
  int64_t offset = 0;
  for (auto [from, to] : taken) {
    if (offset + bytes <= from)
      break;
    offset = std::max(offset, to);
  }
  return offset;
}

/// Returns the bytes used.
int64_t placeStatic(ShapeBuilder &shapes,
                    SmallVector<const PlannedBuffer *> buffers,
                    MemoryPlan &plan) {
  llvm::sort(buffers, [](const PlannedBuffer *x, const PlannedBuffer *y) {
    return std::pair(-*ShapeBuilder::known(x->bytes), x) <
           std::pair(-*ShapeBuilder::known(y->bytes), y);
  });
  SmallVector<std::pair<const PlannedBuffer *, int64_t>> placed;
  int64_t total = 0;
  for (const PlannedBuffer *buffer : buffers) {
    int64_t bytes = aligned(*ShapeBuilder::known(buffer->bytes));
    int64_t offset = firstFit(*buffer, bytes, placed);
    placed.push_back({buffer, offset});
    plan.offsets[buffer->tensor] = shapes.constant(offset);
    total = std::max(total, offset + bytes);
  }
  return total;
}

/// Memory that buffers use one after another.
struct Slot {
  SmallVector<const PlannedBuffer *> buffers;
  double size = 0;

  bool isFree(const PlannedBuffer &next) const {
    return llvm::none_of(
        buffers, [&](const PlannedBuffer *b) { return overlap(*b, next); });
  }
};

SmallVector<Slot> assignSlots(ArrayRef<const PlannedBuffer *> buffers) {
  SmallVector<Slot> slots;
  for (const PlannedBuffer *buffer : buffers) {
    double size = std::max(estimate(buffer->bytes), 1.0);
    Slot *best = nullptr;
    for (Slot &slot : slots)
      if (slot.isFree(*buffer) &&
          (!best || std::abs(std::log(slot.size / size)) <
                        std::abs(std::log(best->size / size))))
        best = &slot;
    if (!best)
      best = &slots.emplace_back();
    best->buffers.push_back(buffer);
    best->size = std::max(best->size, size);
  }
  return slots;
}

} // namespace

MemoryPlan tw::planMemory(ShapeBuilder &shapes,
                          ArrayRef<PlannedBuffer> buffers) {
  MemoryPlan plan;
  SmallVector<const PlannedBuffer *> fixed, dynamic;
  for (const PlannedBuffer &buffer : buffers)
    (ShapeBuilder::known(buffer.bytes) ? fixed : dynamic).push_back(&buffer);
  Dim end = shapes.constant(placeStatic(shapes, fixed, plan));
  for (const Slot &slot : assignSlots(dynamic)) {
    Dim bytes = shapes.constant(0);
    for (const PlannedBuffer *buffer : slot.buffers) {
      plan.offsets[buffer->tensor] = end;
      bytes = shapes.max(bytes, buffer->bytes);
    }
    Dim lines = shapes.ceilDiv(bytes, shapes.constant(kAlignment));
    end = shapes.add(end, shapes.mul(lines, shapes.constant(kAlignment)));
  }
  plan.arenaBytes = end;
  return plan;
}

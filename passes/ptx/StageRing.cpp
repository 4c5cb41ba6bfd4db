#include "passes/ptx/StageRing.h"

using namespace tw;

void StageRing::initBarriers() {
  for (int64_t s = 0; s < stages; ++s) {
    e.initBarrier(full(e.i32(s)), 1);
    e.initBarrier(empty(e.i32(s)),
                  hopper::kConsumers * hopper::kGroup / hopper::kWarp);
  }
}

Value StageRing::stage(Value t) {
  return at(e.add(e.mul(number(t), stageBytes), offset));
}

Value StageRing::startCopies(Value t) {
  // The first round's stages are empty: their phase before the first.
  e.waitBarrier(empty(t), e.add(round(t), 1));
  Value barrier = full(t);
  e.arriveExpecting(barrier, stageBytes);
  return barrier;
}

void StageRing::waitForCopies(Value t) { e.waitBarrier(full(t), round(t)); }

void StageRing::release(Value t, Value thread, Value condition) {
  Value isOne = e.isZero(e.rem(thread, hopper::kWarp));
  if (condition)
    isOne = e.both(isOne, condition);
  e.ifThen(isOne, [&] { e.arrive(empty(t)); });
}

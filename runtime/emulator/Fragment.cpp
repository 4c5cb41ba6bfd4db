#include "runtime/emulator/Fragment.h"

namespace tw::emu {

// The manual's groupID and threadID_in_group.
static int groupOf(int lane) { return lane >> 2; }
static int inGroup(int lane) { return lane & 3; }

Place placeOfA(MmaShape shape, int perRegister, int lane, int index) {
  // Registers walk first down the blocks of eight rows, then along k.
  int blocks = shape.m / 8, reg = index / perRegister;
  return {groupOf(lane) + 8 * (reg % blocks),
          inGroup(lane) * perRegister + index % perRegister +
              4 * perRegister * (reg / blocks)};
}

Place placeOfB(int perRegister, int lane, int index) {
  int reg = index / perRegister;
  return {inGroup(lane) * perRegister + index % perRegister +
              4 * perRegister * reg,
          groupOf(lane)};
}

Place placeOfC(int lane, int index) {
  return {groupOf(lane) + 8 * (index / 2), inGroup(lane) * 2 + index % 2};
}

int quadPairOf(int lane) { return lane / 4 % 4; }

// The upper half of the warp holds rows (or columns) 4 to 7.
static int upperHalf(int lane) { return lane < 16 ? 0 : 4; }

Place placeOfQuadA(bool rowMajor, int lane, int index) {
  if (rowMajor)
    return {lane % 4 + upperHalf(lane), index};
  return {index + upperHalf(lane), lane % 4};
}

Place placeOfQuadB(bool rowMajor, int lane, int index) {
  if (rowMajor)
    return {lane % 4, index + upperHalf(lane)};
  return {index, lane % 4 + upperHalf(lane)};
}

Place placeOfQuadHalfC(int lane, int index) {
  return {lane % 4 + upperHalf(lane), index};
}

Place placeOfQuadFloatC(int lane, int index) {
  return {(lane & 1) + (index & 2) + upperHalf(lane),
          (index & 4) + (lane & 2) + (index & 1)};
}

Place placeOfWarpgroupA(int k, int perRegister, int thread, int index) {
  Place place = placeOfA({16, 8, k}, perRegister, thread % 32, index);
  place.row += 16 * (thread / 32);
  return place;
}

Place placeOfWarpgroupD(int thread, int index) {
  Place place = placeOfC(thread % 32, index % 4);
  return {place.row + 16 * (thread / 32), place.col + 8 * (index / 4)};
}

} // namespace tw::emu

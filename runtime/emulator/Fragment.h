// Which element of a matrix each lane of a warp holds: the fragment layouts of
// the PTX manual's chapters on mma.sync and wgmma.mma_async.
//
// A lane's elements are numbered as in the manual (a0, a1, …); element i of a
// type of b bits lies in register i * b / 32, low bits first.
#pragma once

namespace tw::emu {

struct Place {
  int row, col;
  bool operator==(const Place &) const = default;
};

struct MmaShape {
  int m, n, k;
  bool operator==(const MmaShape &) const = default;
};

/// `perRegister` is the number of A's (or B's) elements in a register: 1 for
/// f64 and tf32, 2 for f16 and bf16, 4 for 8 bits, 8 for 4 bits, 32 for b1.
/// A's place is (m, k), B's is (k, n), C's and D's is (m, n).
Place placeOfA(MmaShape shape, int perRegister, int lane, int index);
Place placeOfB(int perRegister, int lane, int index);
Place placeOfC(int lane, int index);

/// mma.m8n8k4 of f16: four products side by side; lane L works on product
/// quadPairOf(L).
int quadPairOf(int lane);
Place placeOfQuadA(bool rowMajor, int lane, int index);
Place placeOfQuadB(bool rowMajor, int lane, int index);
Place placeOfQuadHalfC(int lane, int index);
Place placeOfQuadFloatC(int lane, int index);

/// wgmma: `thread` is 0 … 127 in the warpgroup.
Place placeOfWarpgroupA(int k, int perRegister, int thread, int index);
Place placeOfWarpgroupD(int thread, int index);

} // namespace tw::emu

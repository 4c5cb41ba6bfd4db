// Fragment layouts against the formulas of the PTX manual, and each of them a
// bijection between (lane, element) and the matrix.
#include "runtime/emulator/Fragment.h"

#include <gtest/gtest.h>
#include <set>
#include <tuple>

using namespace tw::emu;

namespace {

struct ShapeCase {
  MmaShape shape;
  int perRegister;
};

// Every shape of mma.sync with the types that it exists for, by elements per
// register.
const ShapeCase kShapes[] = {
    {{8, 8, 4}, 1},    {{16, 8, 4}, 1},    {{16, 8, 8}, 1},    {{16, 8, 16}, 1},
    {{16, 8, 8}, 2},   {{16, 8, 16}, 2},   {{8, 8, 16}, 4},    {{16, 8, 16}, 4},
    {{16, 8, 32}, 4},  {{8, 8, 32}, 8},    {{16, 8, 32}, 8},   {{16, 8, 64}, 8},
    {{8, 8, 128}, 32}, {{16, 8, 128}, 32}, {{16, 8, 256}, 32},
};

template <typename Fn>
void expectBijection(int lanes, int rows, int cols, Fn &&place) {
  std::set<std::pair<int, int>> seen;
  int perLane = rows * cols / lanes;
  for (int lane = 0; lane < lanes; ++lane)
    for (int i = 0; i < perLane; ++i) {
      Place p = place(lane, i);
      ASSERT_TRUE(p.row >= 0 && p.row < rows && p.col >= 0 && p.col < cols)
          << lane << " " << i;
      ASSERT_TRUE(seen.insert({p.row, p.col}).second) << lane << " " << i;
    }
  EXPECT_EQ(static_cast<int>(seen.size()), rows * cols);
}

TEST(Fragment, EveryShapeIsABijection) {
  for (auto [s, per] : kShapes) {
    SCOPED_TRACE(testing::Message() << "m" << s.m << "n" << s.n << "k" << s.k
                                    << " per register " << per);
    expectBijection(32, s.m, s.k,
                    [&](int lane, int i) { return placeOfA(s, per, lane, i); });
    expectBijection(32, s.k, s.n,
                    [&](int lane, int i) { return placeOfB(per, lane, i); });
    expectBijection(32, s.m, s.n,
                    [&](int lane, int i) { return placeOfC(lane, i); });
  }
}

TEST(Fragment, HalfM16N8K16FollowsTheManual) {
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 8; ++i) {
      int row = (i < 2 || (i >= 4 && i < 6)) ? lane / 4 : lane / 4 + 8;
      int col = lane % 4 * 2 + (i & 1) + (i >= 4 ? 8 : 0);
      EXPECT_EQ(placeOfA({16, 8, 16}, 2, lane, i), (Place{row, col}));
    }
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(placeOfB(2, lane, i),
                (Place{lane % 4 * 2 + (i & 1) + (i >= 2 ? 8 : 0), lane / 4}));
}

TEST(Fragment, ByteM16N8K32FollowsTheManual) {
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 16; ++i) {
      int row = (i < 4 || (i >= 8 && i < 12)) ? lane / 4 : lane / 4 + 8;
      int col = lane % 4 * 4 + (i & 3) + (i >= 8 ? 16 : 0);
      EXPECT_EQ(placeOfA({16, 8, 32}, 4, lane, i), (Place{row, col}));
    }
}

TEST(Fragment, TF32M16N8K8FollowsTheManual) {
  for (int lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(placeOfA({16, 8, 8}, 1, lane, 0), (Place{lane / 4, lane % 4}));
    EXPECT_EQ(placeOfA({16, 8, 8}, 1, lane, 1),
              (Place{lane / 4 + 8, lane % 4}));
    EXPECT_EQ(placeOfA({16, 8, 8}, 1, lane, 2),
              (Place{lane / 4, lane % 4 + 4}));
    EXPECT_EQ(placeOfA({16, 8, 8}, 1, lane, 3),
              (Place{lane / 4 + 8, lane % 4 + 4}));
  }
}

TEST(Fragment, AccumulatorFollowsTheManual) {
  EXPECT_EQ(placeOfC(0, 0), (Place{0, 0}));
  EXPECT_EQ(placeOfC(0, 1), (Place{0, 1}));
  EXPECT_EQ(placeOfC(0, 2), (Place{8, 0}));
  EXPECT_EQ(placeOfC(31, 3), (Place{15, 7}));
}

TEST(Fragment, QuadPairsCoverFourProducts) {
  for (bool rowMajor : {false, true})
    for (int pair = 0; pair < 4; ++pair) {
      // A quad pair's eight lanes, in order.
      auto laneOf = [&](int t) {
        return t < 4 ? 4 * pair + t : 16 + 4 * pair + t - 4;
      };
      for (int t = 0; t < 8; ++t)
        EXPECT_EQ(quadPairOf(laneOf(t)), pair);
      expectBijection(8, 8, 4, [&](int t, int i) {
        return placeOfQuadA(rowMajor, laneOf(t), i);
      });
      expectBijection(8, 4, 8, [&](int t, int i) {
        return placeOfQuadB(rowMajor, laneOf(t), i);
      });
      expectBijection(8, 8, 8, [&](int t, int i) {
        return placeOfQuadHalfC(laneOf(t), i);
      });
      expectBijection(8, 8, 8, [&](int t, int i) {
        return placeOfQuadFloatC(laneOf(t), i);
      });
    }
}

TEST(Fragment, WarpgroupCoversSixtyFourRows) {
  for (auto [k, per] : {std::pair{8, 1}, {16, 2}, {32, 4}})
    expectBijection(128, 64, k, [&](int t, int i) {
      return placeOfWarpgroupA(k, per, t, i);
    });
  for (int n = 8; n <= 256; n += 8)
    expectBijection(128, 64, n, placeOfWarpgroupD);
  // Figure of D: thread 33 is lane 1 of warp 1; d6 is row +8 of the second
  // eight columns.
  EXPECT_EQ(placeOfWarpgroupD(33, 6), (Place{16 + 0 + 8, 8 + 2}));
  EXPECT_EQ(placeOfWarpgroupD(127, 3), (Place{63, 7}));
}

} // namespace

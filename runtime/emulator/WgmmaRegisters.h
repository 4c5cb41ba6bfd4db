// The registers of products under way: a warp's accumulators, and A's
// registers.
#pragma once

#include "runtime/emulator/Wgmma.h"

namespace tw::emu {

/// A register that a product will write, or (`reads`) still reads.
struct Held {
  std::shared_ptr<WgmmaProduct> product;
  unsigned reg = 0;
  bool reads = false;
};

/// A warp's view of its products.
struct WarpProducts {
  uint32_t issued = 0;
  /// The last product of each group that has not been waited for.
  std::deque<uint32_t> groups;
  bool fenced = false;
  Frame *frame = nullptr;
  std::map<uint32_t, Held> held; // by row
};

/// Makes a row pending for what it holds.
void hold(Warp &warp, WarpProducts &mine, uint32_t row, Held held);
void reportHeld(Warp &warp, const Inst &inst, uint32_t row, bool write,
                const Held &held);
/// Called before each instruction while rows are pending.
void touchHeld(Warp &warp, const Inst &inst);
/// Gives the warp the registers of products up to `last`.
void settleHeld(Warp &warp, const Inst &inst, WarpProducts &mine,
                uint32_t last);

} // namespace tw::emu

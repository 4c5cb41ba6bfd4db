// ldmatrix, stmatrix and movmatrix: 8x8 matrices of 16-bit elements between
// shared memory and fragments. Lane l holds the elements (l / 4, l % 4 * 2) and
// the next; lanes 8 i … 8 i + 7 give the addresses of matrix i's rows.
#include "runtime/emulator/Launch.h"

#include <algorithm>
#include <cstring>

using namespace tw::emu;

namespace {

constexpr unsigned kRows = 8, kRowBytes = 16;

struct Matrix {
  uint16_t at[kRows][kRows] = {};
  bool undefined[kRows][kRows] = {};
};

enum Flags : uint64_t { kTranspose = 1, kGeneric = 2 };

const Operand &element(const Operand &o, unsigned i) {
  return o.kind == Operand::Vector ? o.elements[i] : o;
}
unsigned matrices(const Operand &o) {
  return o.kind == Operand::Vector ? o.count : 1;
}
Space spaceOf(const Inst &inst) {
  return inst.aux & kGeneric ? Space::Generic : Space::Shared;
}

/// The addresses of all rows; lanes beyond them give none.
void rowAddresses(Warp &warp, const Inst &inst, const Operand &o,
                  unsigned count, uint64_t *out) {
  uint32_t all = warp.mask;
  if (count < 4)
    warp.mask &= (1u << count * kRows) - 1;
  warp.addresses(inst, o, out);
  warp.mask = all;
}

/// Eight rows go in one wavefront when they lie in different groups of four
/// banks, or in the same row.
unsigned wavefronts(const uint64_t *rows) {
  unsigned most = 1;
  for (unsigned group = 0; group < kRows; ++group) {
    std::vector<uint64_t> distinct;
    for (unsigned r = 0; r < kRows; ++r)
      if (rows[r] / kRowBytes % kRows == group &&
          std::find(distinct.begin(), distinct.end(), rows[r]) ==
              distinct.end())
        distinct.push_back(rows[r]);
    most = std::max(most, static_cast<unsigned>(distinct.size()));
  }
  return most;
}

void count(Warp &warp, unsigned matrices, const uint64_t *rows) {
  Counters &counters = warp.launch.counters;
  unsigned needed = 0;
  for (unsigned m = 0; m < matrices; ++m)
    needed += wavefronts(rows + m * kRows);
  ++counters.sharedAccesses;
  counters.sharedWavefronts += needed;
  counters.bankConflicts += needed - matrices;
}

void loadRow(Warp &warp, const Inst &inst, unsigned lane, uint64_t address,
             Matrix &matrix) {
  Reached reached =
      warp.reach(inst, lane, spaceOf(inst), address, kRowBytes, Access::Read);
  if (!reached)
    return;
  unsigned row = lane % kRows;
  std::memcpy(matrix.at[row], reached.data, kRowBytes);
  if (reached.written(kRowBytes))
    return;
  for (unsigned col = 0; col < kRows; ++col)
    matrix.undefined[row][col] =
        !(reached.state[2 * col] & reached.state[2 * col + 1] & kWritten);
}

/// Calls visit(lane, half, row, column) for a fragment's elements.
template <typename Fn>
void forEachElement(bool transpose, Fn &&visit) {
  for (unsigned lane = 0; lane < kLanes; ++lane)
    for (unsigned half = 0; half < 2; ++half) {
      unsigned row = lane / 4, col = lane % 4 * 2 + half;
      if (transpose)
        std::swap(row, col);
      visit(lane, half, row, col);
    }
}

void toFragment(Warp &warp, const Inst &inst, const Operand &o,
                const Matrix &matrix, bool transpose) {
  uint64_t values[kLanes] = {};
  uint32_t bad = 0;
  forEachElement(transpose,
                 [&](unsigned lane, unsigned half, unsigned row, unsigned col) {
                   values[lane] |= uint64_t{matrix.at[row][col]} << (16 * half);
                   bad |= uint32_t{matrix.undefined[row][col]} << lane;
                 });
  warp.put(o, values);
  warp.define(inst, o, bad);
}

Matrix fromFragment(Warp &warp, const Operand &o, bool transpose) {
  Matrix matrix;
  const uint64_t *values = warp.row(o);
  uint32_t bad = warp.undefOf(o);
  forEachElement(transpose, [&](unsigned lane, unsigned half, unsigned row,
                                unsigned col) {
    matrix.at[row][col] = static_cast<uint16_t>(values[lane] >> (16 * half));
    matrix.undefined[row][col] = bad >> lane & 1;
  });
  return matrix;
}

Step load(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  unsigned number = matrices(inst.op(0));
  uint64_t rows[kLanes];
  rowAddresses(warp, inst, inst.op(1), number, rows);
  count(warp, number, rows);
  // All reads come before the first write: a destination may hold addresses.
  Matrix loaded[4];
  for (unsigned lane = 0; lane < number * kRows; ++lane)
    if (warp.mask >> lane & 1)
      loadRow(warp, inst, lane, rows[lane], loaded[lane / kRows]);
  for (unsigned m = 0; m < number; ++m)
    toFragment(warp, inst, element(inst.op(0), m), loaded[m],
               inst.aux & kTranspose);
  return Step::Next;
}

void storeRow(Warp &warp, const Inst &inst, unsigned lane, uint64_t address,
              const Matrix &matrix) {
  unsigned row = lane % kRows;
  Reached reached = warp.reach(inst, lane, spaceOf(inst), address, kRowBytes,
                               Access::Write, false, matrix.at[row]);
  if (!reached)
    return;
  std::memcpy(reached.data, matrix.at[row], kRowBytes);
  for (unsigned byte = 0; byte < kRowBytes; ++byte) {
    uint8_t &state = reached.state[byte];
    state =
        matrix.undefined[row][byte / 2] ? state & ~kWritten : state | kWritten;
  }
}

Step store(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  unsigned number = matrices(inst.op(1));
  uint64_t rows[kLanes];
  rowAddresses(warp, inst, inst.op(0), number, rows);
  count(warp, number, rows);
  for (unsigned m = 0; m < number; ++m) {
    Matrix matrix =
        fromFragment(warp, element(inst.op(1), m), inst.aux & kTranspose);
    for (unsigned lane = m * kRows; lane < (m + 1) * kRows; ++lane)
      if (warp.mask >> lane & 1)
        storeRow(warp, inst, lane, rows[lane], matrix);
  }
  return Step::Next;
}

Step transpose(Warp &warp, const Inst &inst) {
  warp.converged(inst);
  toFragment(warp, inst, inst.op(0), fromFragment(warp, inst.op(1), false),
             true);
  return Step::Next;
}

void checkLength(const Match &match, const Inst &inst, const Operand &o) {
  unsigned expected = match.has("x4") ? 4 : match.has("x2") ? 2 : 1;
  if (matrices(o) != expected)
    throw PtxError(inst.line, 0,
                   format("%.*s needs %u registers, found %u",
                          static_cast<int>(inst.opcode.size()),
                          inst.opcode.data(), expected, matrices(o)));
}

template <unsigned kRegisters, Handler kHandler>
Handler select(const Match &match, Inst &inst) {
  checkLength(match, inst, inst.op(kRegisters));
  bool shared = match.has("shared") || match.has("shared::cta");
  inst.aux = (match.has("trans") ? kTranspose : 0) | (shared ? 0 : kGeneric);
  return kHandler;
}

const Registration kForms({
    {"ldmatrix.sync.aligned.m8n8<.x1|.x2|.x4>{.trans}{.shared|.shared::cta}"
     ".b16",
     "=b32*,[b128]", Class::Load, select<0, load>},
    {"stmatrix.sync.aligned.m8n8<.x1|.x2|.x4>{.trans}{.shared|.shared::cta}"
     ".b16",
     "[b128],b32*", Class::Store, select<1, store>},
    {"movmatrix.sync.aligned.m8n8.trans.b16", "=b32,b32", Class::Warp,
     [](const Match &, Inst &) -> Handler { return transpose; }},
});

} // namespace

// Tensor maps: 128 opaque bytes that describe a tensor in global memory and the
// box that one TMA instruction copies. The encoding is the emulator's own; the
// parameters and their rules are cuTensorMapEncodeTiled's and …Im2col's.
#pragma once

#include "runtime/emulator/Swizzle.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tw::emu {

/// The driver's numbers of CUtensorMapDataType.
enum class TensorType : uint32_t {
  U8,
  U16,
  U32,
  S32,
  U64,
  S64,
  F16,
  F32,
  F64,
  BF16,
  F32Ftz,
  TF32,
  TF32Ftz
};

uint32_t bytesOf(TensorType type);
bool isFloat(TensorType type);

constexpr uint32_t kMaxRank = 5;

/// What the driver's two functions take; dimension 0 is the innermost.
struct TensorMap {
  TensorType type = TensorType::U8;
  uint32_t rank = 0;
  uint64_t address = 0;
  std::array<uint64_t, kMaxRank> dim = {};
  std::array<uint64_t, kMaxRank> stride =
      {}; // bytes; [0] is the size of an element
  std::array<uint32_t, kMaxRank> elementStride = {};
  Swizzle swizzle = Swizzle::None;
  uint32_t interleave = 0;
  bool nanFill = false;

  // Tiled.
  std::array<uint32_t, kMaxRank> box = {};

  // Im2col: the box of base pixels in the spatial dimensions (1 … rank-2).
  bool im2col = false;
  std::array<int32_t, 3> lowerCorner = {}, upperCorner = {};
  uint32_t channels = 0, pixels = 0;

  /// The rule of the driver that the parameters break; empty if none.
  std::string problem() const;

  std::array<uint8_t, 128> encode() const;
  /// Nothing when the bytes were not made by encode().
  static std::optional<TensorMap> decode(const uint8_t *bytes);

  /// Elements of the box in dimension `d` once element strides are applied.
  uint32_t boxExtent(uint32_t d) const;
  /// Bytes that one instruction moves.
  uint32_t boxBytes() const;
};

/// A run of elements along dimension 0: `count` of them lie at `shared` bytes
/// from the start of the unswizzled box. Elements [begin, end) exist in the
/// tensor, the first of them at the address `global`; the others are filled.
struct BoxRow {
  uint32_t shared = 0;
  uint32_t count = 0;
  uint32_t begin = 0, end = 0;
  uint64_t global = 0;
};

/// The rows of the box at `coordinates`, in the order of shared memory.
/// `offsets` are the im2col offsets of the spatial dimensions.
std::vector<BoxRow> rowsOfBox(const TensorMap &map,
                              const std::array<int32_t, kMaxRank> &coordinates,
                              const std::array<uint16_t, 3> &offsets);

} // namespace tw::emu

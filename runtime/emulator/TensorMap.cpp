#include "runtime/emulator/TensorMap.h"

#include <cstring>

namespace tw::emu {
namespace {

constexpr uint64_t kMagic =
    0x70616d2d65772d74; // tells a tensor map from 128 other bytes

/// The encoding: sizes as the hardware limits them, so that all fits.
struct Packed {
  uint64_t magic;
  uint64_t address;
  uint32_t lastIndex[kMaxRank];    // dim - 1
  uint32_t stride16[kMaxRank - 1]; // in 16 bytes
  uint8_t lastBox[kMaxRank];       // box - 1
  uint8_t elementStride[kMaxRank];
  int16_t lower[3], upper[3];
  uint16_t channels, pixels;
  uint8_t type, rank, swizzle, flags;
};
static_assert(sizeof(Packed) <= 128);

enum Flags : uint8_t { kIm2col = 1, kNanFill = 2, kInterleaveShift = 2 };

struct TypeRow {
  uint8_t bytes;
  bool isFloat;
};
constexpr TypeRow kTypes[] = {{1, false}, {2, false}, {4, false}, {4, false},
                              {8, false}, {8, false}, {2, true},  {4, true},
                              {8, true},  {2, true},  {4, true},  {4, true},
                              {4, true}};

std::string range(const char *what, uint32_t d, uint64_t found,
                  const char *rule) {
  return std::string(what) + "[" + std::to_string(d) + "] is " +
         std::to_string(found) + ", must be " + rule;
}

std::string problemOfTensor(const TensorMap &map) {
  if (static_cast<uint32_t>(map.type) >= std::size(kTypes))
    return "unknown data type " +
           std::to_string(static_cast<uint32_t>(map.type));
  if (map.rank < (map.im2col ? 3u : 1u) || map.rank > kMaxRank)
    return "rank " + std::to_string(map.rank) + " is not " +
           (map.im2col ? "3 to 5" : "1 to 5");
  if (map.swizzle > Swizzle::Bytes128)
    return "unknown swizzle " + std::to_string(static_cast<int>(map.swizzle));
  if (map.interleave)
    return "interleaved layouts are not supported";
  if (map.address % 16)
    return "the global address is not a multiple of 16";
  for (uint32_t d = 0; d < map.rank; ++d) {
    if (map.dim[d] == 0 || map.dim[d] > uint64_t{1} << 32)
      return range("globalDim", d, map.dim[d], "1 to 2^32");
    if (d && (map.stride[d] % 16 || map.stride[d] >= uint64_t{1} << 40))
      return range("globalStrides", d - 1, map.stride[d],
                   "a multiple of 16 below 2^40");
    if (map.elementStride[d] == 0 || map.elementStride[d] > 8)
      return range("elementStrides", d, map.elementStride[d], "1 to 8");
  }
  if (map.nanFill && !isFloat(map.type))
    return "NaN fill needs a floating-point type";
  return "";
}

std::string problemOfInner(const TensorMap &map, uint32_t elements) {
  uint32_t bytes = elements * bytesOf(map.type),
           width = swizzleWidth(map.swizzle);
  if (bytes % 16)
    return "the box is " + std::to_string(bytes) +
           " bytes wide, must be a multiple of 16";
  if (map.swizzle == Swizzle::None || bytes == width)
    return "";
  if (bytes > width)
    return "the box is " + std::to_string(bytes) +
           " bytes wide, the swizzle allows " + std::to_string(width);
  return "a box narrower than its swizzle (" + std::to_string(bytes) + " of " +
         std::to_string(width) + " bytes) is not supported";
}

std::string problemOfIm2col(const TensorMap &map) {
  if (map.channels == 0 || map.channels > 256)
    return "channelsPerPixel is " + std::to_string(map.channels) +
           ", must be 1 to 256";
  if (map.pixels == 0 || map.pixels > 1024)
    return "pixelsPerColumn is " + std::to_string(map.pixels) +
           ", must be 1 to 1024";
  // The fewer the spatial dimensions, the more bits has a corner.
  int32_t limit = map.rank == 3 ? 1 << 15 : map.rank == 4 ? 1 << 7 : 1 << 4;
  for (uint32_t d = 0; d + 2 < map.rank; ++d)
    for (int32_t corner : {map.lowerCorner[d], map.upperCorner[d]})
      if (corner < -limit || corner >= limit)
        return "a corner of the pixel box, " + std::to_string(corner) +
               ", is outside [-" + std::to_string(limit) + ", " +
               std::to_string(limit - 1) + "]";
  return problemOfInner(map, map.channels);
}

int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/// Cuts a row that starts at element `x` of dimension 0 to the tensor.
BoxRow cutRow(const TensorMap &map, int64_t x, uint32_t count, uint32_t shared,
              bool outside, uint64_t base) {
  BoxRow row;
  row.shared = shared;
  row.count = count;
  if (outside)
    return row;
  int64_t extent = static_cast<int64_t>(map.dim[0]);
  int64_t begin = x < 0 ? -x : 0, end = std::min<int64_t>(count, extent - x);
  if (begin >= end)
    return row;
  row.begin = static_cast<uint32_t>(begin);
  row.end = static_cast<uint32_t>(end);
  row.global = base + static_cast<uint64_t>(x + begin) * bytesOf(map.type);
  return row;
}

std::vector<BoxRow>
rowsOfTile(const TensorMap &map,
           const std::array<int32_t, kMaxRank> &coordinates) {
  uint32_t rows = 1;
  for (uint32_t d = 1; d < map.rank; ++d)
    rows *= map.boxExtent(d);
  std::vector<BoxRow> result;
  result.reserve(rows);
  uint32_t width = map.box[0] * bytesOf(map.type);
  for (uint32_t r = 0; r < rows; ++r) {
    bool outside = false;
    uint64_t base = map.address;
    for (uint32_t d = 1, rest = r; d < map.rank;
         rest /= map.boxExtent(d), ++d) {
      int64_t x = int64_t{coordinates[d]} +
                  int64_t{rest % map.boxExtent(d)} * map.elementStride[d];
      outside |= x < 0 || x >= static_cast<int64_t>(map.dim[d]);
      base += static_cast<uint64_t>(x) * map.stride[d];
    }
    result.push_back(
        cutRow(map, coordinates[0], map.box[0], r * width, outside, base));
  }
  return result;
}

/// The base pixel `pixel` steps after the start: the innermost spatial
/// dimension runs first, each within its side of the pixel box, the image last.
std::array<int64_t, kMaxRank>
basePixel(const TensorMap &map, const std::array<int32_t, kMaxRank> &start,
          int64_t pixel) {
  std::array<int64_t, kMaxRank> at = {};
  int64_t carry = pixel;
  for (uint32_t d = 1; d + 1 < map.rank; ++d) {
    int64_t lower = map.lowerCorner[d - 1],
            upper =
                static_cast<int64_t>(map.dim[d]) - 1 + map.upperCorner[d - 1];
    int64_t step = map.elementStride[d],
            steps = std::max<int64_t>(floorDivide(upper - lower, step) + 1, 1);
    int64_t index = floorDivide(start[d] - lower, step) + carry;
    at[d] =
        start[d] + (index % steps - floorDivide(start[d] - lower, step)) * step;
    carry = index / steps;
  }
  at[map.rank - 1] = start[map.rank - 1] + carry;
  return at;
}

std::vector<BoxRow> rowsOfColumn(const TensorMap &map,
                                 const std::array<int32_t, kMaxRank> &start,
                                 const std::array<uint16_t, 3> &offsets) {
  std::vector<BoxRow> result;
  uint32_t width = map.channels * bytesOf(map.type);
  for (uint32_t p = 0; p < map.pixels; ++p) {
    std::array<int64_t, kMaxRank> at = basePixel(map, start, p);
    bool outside = false;
    uint64_t base = map.address;
    for (uint32_t d = 1; d < map.rank; ++d) {
      int64_t x = at[d] + (d + 1 < map.rank ? offsets[d - 1] : 0);
      outside |= x < 0 || x >= static_cast<int64_t>(map.dim[d]);
      base += static_cast<uint64_t>(x) * map.stride[d];
    }
    result.push_back(
        cutRow(map, start[0], map.channels, p * width, outside, base));
  }
  return result;
}

} // namespace

uint32_t bytesOf(TensorType type) {
  return kTypes[static_cast<uint32_t>(type)].bytes;
}
bool isFloat(TensorType type) {
  return kTypes[static_cast<uint32_t>(type)].isFloat;
}

std::string TensorMap::problem() const {
  if (std::string text = problemOfTensor(*this); !text.empty())
    return text;
  if (im2col)
    return problemOfIm2col(*this);
  for (uint32_t d = 0; d < rank; ++d)
    if (box[d] == 0 || box[d] > 256)
      return range("boxDim", d, box[d], "1 to 256");
  return problemOfInner(*this, box[0]);
}

std::array<uint8_t, 128> TensorMap::encode() const {
  Packed packed = {};
  packed.magic = kMagic;
  packed.address = address;
  for (uint32_t d = 0; d < rank; ++d) {
    packed.lastIndex[d] = static_cast<uint32_t>(dim[d] - 1);
    packed.lastBox[d] = static_cast<uint8_t>(box[d] - 1);
    packed.elementStride[d] = static_cast<uint8_t>(elementStride[d]);
    if (d)
      packed.stride16[d - 1] = static_cast<uint32_t>(stride[d] / 16);
  }
  for (int d = 0; d < 3; ++d) {
    packed.lower[d] = static_cast<int16_t>(lowerCorner[d]);
    packed.upper[d] = static_cast<int16_t>(upperCorner[d]);
  }
  packed.channels = static_cast<uint16_t>(channels);
  packed.pixels = static_cast<uint16_t>(pixels);
  packed.type = static_cast<uint8_t>(type);
  packed.rank = static_cast<uint8_t>(rank);
  packed.swizzle = static_cast<uint8_t>(swizzle);
  packed.flags =
      static_cast<uint8_t>((im2col ? kIm2col : 0) | (nanFill ? kNanFill : 0));
  std::array<uint8_t, 128> bytes = {};
  std::memcpy(bytes.data(), &packed, sizeof(packed));
  return bytes;
}

std::optional<TensorMap> TensorMap::decode(const uint8_t *bytes) {
  Packed packed;
  std::memcpy(&packed, bytes, sizeof(packed));
  if (packed.magic != kMagic || packed.rank < 1 || packed.rank > kMaxRank ||
      packed.type >= std::size(kTypes) ||
      packed.swizzle > static_cast<uint8_t>(Swizzle::Bytes128))
    return std::nullopt;
  TensorMap map;
  map.type = static_cast<TensorType>(packed.type);
  map.rank = packed.rank;
  map.address = packed.address;
  map.swizzle = static_cast<Swizzle>(packed.swizzle);
  map.im2col = packed.flags & kIm2col;
  map.nanFill = packed.flags & kNanFill;
  map.stride[0] = bytesOf(map.type);
  for (uint32_t d = 0; d < map.rank; ++d) {
    map.dim[d] = uint64_t{packed.lastIndex[d]} + 1;
    map.box[d] = packed.lastBox[d] + 1u;
    map.elementStride[d] = packed.elementStride[d];
    if (d)
      map.stride[d] = uint64_t{packed.stride16[d - 1]} * 16;
  }
  for (int d = 0; d < 3; ++d) {
    map.lowerCorner[d] = packed.lower[d];
    map.upperCorner[d] = packed.upper[d];
  }
  map.channels = packed.channels;
  map.pixels = packed.pixels;
  // A damaged map must not divide by zero or copy without end.
  return map.problem().empty() ? std::optional(map) : std::nullopt;
}

uint32_t TensorMap::boxExtent(uint32_t d) const {
  // The element stride of dimension 0 is ignored without interleaving.
  uint32_t step = d ? elementStride[d] : 1;
  return (box[d] + step - 1) / step;
}

uint32_t TensorMap::boxBytes() const {
  if (im2col)
    return channels * pixels * bytesOf(type);
  uint32_t elements = 1;
  for (uint32_t d = 0; d < rank; ++d)
    elements *= boxExtent(d);
  return elements * bytesOf(type);
}

std::vector<BoxRow> rowsOfBox(const TensorMap &map,
                              const std::array<int32_t, kMaxRank> &coordinates,
                              const std::array<uint16_t, 3> &offsets) {
  return map.im2col ? rowsOfColumn(map, coordinates, offsets)
                    : rowsOfTile(map, coordinates);
}

} // namespace tw::emu

// The C interface's functions that encode tensor maps.
#include "runtime/emulator/Device.h"
#include "runtime/emulator/TensorMap.h"

#include <algorithm>
#include <cstring>

using namespace tw::emu;

/// How many elements of the caller's arrays are looked at: none if the rank
/// cannot be.
static uint32_t readable(uint32_t rank) { return rank <= kMaxRank ? rank : 0; }

/// What both kinds of map have in common.
static TensorMap common(int32_t type, uint32_t rank, uint64_t address,
                        const uint64_t *dims, const uint64_t *strides,
                        const uint32_t *elementStrides, int32_t interleave,
                        int32_t swizzle, int32_t fill) {
  TensorMap map;
  map.type = static_cast<TensorType>(type);
  map.rank = rank;
  map.address = address;
  for (uint32_t d = 0; d < readable(rank); ++d) {
    map.dim[d] = dims[d];
    map.stride[d] = d ? strides[d - 1] : 0;
    map.elementStride[d] = elementStrides[d];
  }
  map.interleave = static_cast<uint32_t>(interleave);
  map.swizzle = static_cast<Swizzle>(swizzle);
  map.nanFill = fill;
  return map;
}

static tw_emulator_status encode(tw_emulator *device, const TensorMap &map,
                                 void *out) {
  device->error = map.problem();
  if (!device->error.empty()) {
    device->error = "tensor map: " + device->error;
    return TW_EMULATOR_INVALID;
  }
  std::array<uint8_t, 128> bytes = map.encode();
  std::memcpy(out, bytes.data(), bytes.size());
  return TW_EMULATOR_OK;
}

tw_emulator_status tw_emulator_encode_tiled(
    tw_emulator *device, void *map, int32_t data_type, uint32_t rank,
    uint64_t address, const uint64_t *dims, const uint64_t *strides,
    const uint32_t *box, const uint32_t *element_strides, int32_t interleave,
    int32_t swizzle, int32_t l2_promotion, int32_t oob_fill) {
  (void)l2_promotion; // a hint
  TensorMap tiled = common(data_type, rank, address, dims, strides,
                           element_strides, interleave, swizzle, oob_fill);
  std::copy_n(box, readable(rank), tiled.box.begin());
  return encode(device, tiled, map);
}

tw_emulator_status tw_emulator_encode_im2col(
    tw_emulator *device, void *map, int32_t data_type, uint32_t rank,
    uint64_t address, const uint64_t *dims, const uint64_t *strides,
    const int32_t *lower_corner, const int32_t *upper_corner,
    uint32_t channels_per_pixel, uint32_t pixels_per_column,
    const uint32_t *element_strides, int32_t interleave, int32_t swizzle,
    int32_t l2_promotion, int32_t oob_fill) {
  (void)l2_promotion;
  TensorMap column = common(data_type, rank, address, dims, strides,
                            element_strides, interleave, swizzle, oob_fill);
  column.im2col = true;
  for (uint32_t d = 0; d + 2 < readable(rank); ++d) {
    column.lowerCorner[d] = lower_corner[d];
    column.upperCorner[d] = upper_corner[d];
  }
  column.channels = channels_per_pixel;
  column.pixels = pixels_per_column;
  return encode(device, column, map);
}

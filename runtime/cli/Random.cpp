#include "runtime/cli/Random.h"

#include "runtime/Check.h"

#include <cmath>

using namespace tw;

static constexpr int kRounds = 10;

void tw::philox(const uint32_t counter[4], const uint32_t key[2],
                uint32_t result[4]) {
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]};
  uint32_t k0 = key[0], k1 = key[1];
  for (int round = 0; round < kRounds; ++round) {
    uint64_t p0 = UINT64_C(0xD2511F53) * c[0];
    uint64_t p1 = UINT64_C(0xCD9E8D57) * c[2];
    uint32_t next[4] = {uint32_t(p1 >> 32) ^ c[1] ^ k0, uint32_t(p1),
                        uint32_t(p0 >> 32) ^ c[3] ^ k1, uint32_t(p0)};
    for (int i = 0; i < 4; ++i)
      c[i] = next[i];
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  for (int i = 0; i < 4; ++i)
    result[i] = c[i];
}

namespace {
/// 64 random bits for each index.
class Bits {
public:
  Bits(uint64_t seed, uint32_t stream)
      : key{uint32_t(seed), uint32_t(seed >> 32)}, stream(stream) {}

  uint64_t at(int64_t index) {
    if (index / 2 != block) {
      block = index / 2;
      uint32_t counter[4] = {uint32_t(block), uint32_t(block >> 32), stream, 0};
      philox(counter, key, words);
    }
    const uint32_t *half = words + index % 2 * 2;
    return uint64_t(half[1]) << 32 | half[0];
  }

private:
  uint32_t key[2];
  uint32_t stream;
  int64_t block = -1;
  uint32_t words[4] = {};
};
} // namespace

template <typename T>
static void fillReal(T *data, int64_t count, RandomRange range, Bits bits) {
  for (int64_t i = 0; i < count; ++i) {
    double unit = double(bits.at(i) >> 11) * 0x1p-53;
    data[i] = T(range.low + (range.high - range.low) * unit);
  }
}

template <typename T>
static void fillInteger(T *data, int64_t count, RandomRange range, Bits bits) {
  auto low = int64_t(range.low);
  auto width = uint64_t(int64_t(range.high) - low);
  for (int64_t i = 0; i < count; ++i) {
    auto scaled = static_cast<unsigned __int128>(bits.at(i)) * width;
    data[i] = T(low + int64_t(scaled >> 64));
  }
}

static bool isReal(int32_t dtype) {
  return dtype == TW_FLOAT || dtype == TW_DOUBLE || dtype == TW_FLOAT16 ||
         dtype == TW_BFLOAT16;
}

RandomRange tw::defaultRange(int32_t dtype) {
  return isReal(dtype) ? RandomRange{0, 1} : RandomRange{0, 2};
}

bool tw::fillRandom(const tw_tensor &tensor, RandomRange range, uint64_t seed,
                    uint32_t stream) {
  int64_t count = elementCount(tensor.rank, tensor.dims);
  Bits bits(seed, stream);
  auto real = [&](auto *data) { fillReal(data, count, range, bits); };
  auto integer = [&](auto *data) { fillInteger(data, count, range, bits); };
  switch (tensor.dtype) {
  case TW_FLOAT:
    return real(static_cast<float *>(tensor.data)), true;
  case TW_DOUBLE:
    return real(static_cast<double *>(tensor.data)), true;
  case TW_FLOAT16:
    return real(static_cast<_Float16 *>(tensor.data)), true;
  case TW_BFLOAT16:
    return real(static_cast<__bf16 *>(tensor.data)), true;
  case TW_BOOL:
  case TW_UINT8:
  case TW_INT8:
  case TW_UINT4:
  case TW_INT4:
  case TW_UINT2:
  case TW_INT2:
    return integer(static_cast<int8_t *>(tensor.data)), true;
  case TW_UINT16:
  case TW_INT16:
    return integer(static_cast<int16_t *>(tensor.data)), true;
  case TW_UINT32:
  case TW_INT32:
    return integer(static_cast<int32_t *>(tensor.data)), true;
  case TW_UINT64:
  case TW_INT64:
    return integer(static_cast<int64_t *>(tensor.data)), true;
  default:
    return false;
  }
}

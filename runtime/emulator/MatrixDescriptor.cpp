#include "runtime/emulator/MatrixDescriptor.h"

namespace tw::emu {
namespace {

constexpr uint32_t kRow = 16; // a row of a core matrix, in bytes
constexpr uint64_t kReserved = uint64_t{3} << 14 | uint64_t{3} << 30 |
                               uint64_t{7} << 46 | uint64_t{0x3ff} << 52;

/// Core matrices of 8 rows of 16 bytes. Without a swizzle each is contiguous
/// and the leading offset leads to the next one along k; with one, up to eight
/// lie side by side in a line, and 8 lines further (the stride offset) begin
/// the next 8 of m or n.
uint32_t offsetOfKMajor(const MatrixDescriptor &d, uint32_t mn,
                        uint32_t kByte) {
  uint32_t line = mn % 8, block = mn / 8;
  if (d.swizzle == Swizzle::None)
    return line * kRow + block * d.strideOffset + kByte % kRow +
           kByte / kRow * d.leadingOffset;
  return line * swizzleWidth(d.swizzle) + block * d.strideOffset + kByte;
}

/// A line holds m or n, and k counts the lines. Without a swizzle the stride
/// offset leads to the next 16 bytes of m or n and the leading offset to the
/// next 8 of k; with one, the roles change: the leading offset leads to the
/// next line's worth of m or n, the stride offset to the next 8 of k.
uint32_t offsetOfMnMajor(const MatrixDescriptor &d, uint32_t mnByte,
                         uint32_t k) {
  uint32_t width = swizzleWidth(d.swizzle);
  uint32_t inLine = mnByte % width + k % 8 * width;
  if (d.swizzle == Swizzle::None)
    return inLine + mnByte / width * d.strideOffset + k / 8 * d.leadingOffset;
  return inLine + mnByte / width * d.leadingOffset + k / 8 * d.strideOffset;
}

} // namespace

MatrixDescriptor MatrixDescriptor::decode(uint64_t bits) {
  constexpr Swizzle modes[] = {Swizzle::None, Swizzle::Bytes128,
                               Swizzle::Bytes64, Swizzle::Bytes32};
  auto field = [&](int low) {
    return static_cast<uint32_t>(bits >> low & 0x3fff) * 16;
  };
  return {field(0), field(16), field(32), static_cast<uint32_t>(bits >> 49 & 7),
          modes[bits >> 62]};
}

uint32_t MatrixDescriptor::addressOf(Major major, int bytes, int mn,
                                     int k) const {
  uint32_t size = static_cast<uint32_t>(bytes), row = static_cast<uint32_t>(mn),
           depth = static_cast<uint32_t>(k);
  uint32_t offset = major == Major::K
                        ? offsetOfKMajor(*this, row, depth * size)
                        : offsetOfMnMajor(*this, row * size, depth);
  return swizzled(swizzle, start + offset, baseOffset);
}

std::string problemOfDescriptor(uint64_t bits, Major major) {
  if (bits & kReserved)
    return "reserved bits of the matrix descriptor are set";
  MatrixDescriptor d = MatrixDescriptor::decode(bits);
  uint32_t inLine = d.start % swizzleWidth(d.swizzle);
  if (d.swizzle == Swizzle::None)
    return d.baseOffset ? "a base offset without a swizzle" : "";
  // One instruction reads 32 bytes along k; they must not run over the line.
  if (major == Major::K && inLine + 32 > swizzleWidth(d.swizzle))
    return "the start address " + std::to_string(d.start) +
           " leaves less than 32 bytes of a swizzled line of " +
           std::to_string(swizzleWidth(d.swizzle)) + " bytes";
  if (major == Major::MN && inLine)
    return "the start address " + std::to_string(d.start) +
           " is inside a swizzled line of " +
           std::to_string(swizzleWidth(d.swizzle)) +
           " bytes of an MN-major operand";
  return "";
}

} // namespace tw::emu

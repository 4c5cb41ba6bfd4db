#include "dialects/tile/Tile.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"

using namespace tw;
using namespace tw::tile;

/// What the hardware can describe.
static constexpr int64_t kMaxRank = 5, kMaxBox = 256;

int64_t TensorMapOp::getLineBytes() {
  auto type = cast<MemRefType>(getBuffer().getType());
  return getBox().back() * type.getElementType().getIntOrFloatBitWidth() / 8;
}

LogicalResult TensorMapOp::verify() {
  auto type = cast<MemRefType>(getBuffer().getType());
  if (!isa<LLVM::LLVMPointerType>(getMap().getType()))
    return emitOpError("map: expected an LLVM pointer, found ")
           << getMap().getType();
  if (type.getRank() < 1 || type.getRank() > kMaxRank)
    return emitOpError("buffer: expected a rank of 1 to 5, found ")
           << type.getRank();
  Type element = type.getElementType();
  if (!element.isF16() && !element.isBF16() && !element.isF32())
    return emitOpError("buffer: expected elements of f16, bf16 or f32, found ")
           << element;
  if (static_cast<int64_t>(getBox().size()) != type.getRank())
    return emitOpError("box: expected one size for each of ")
           << type.getRank() << " dims, found " << getBox().size();
  for (int64_t size : getBox())
    if (size < 1 || size > kMaxBox)
      return emitOpError("box: expected sizes of 1 to 256, found ") << size;
  if (int64_t bytes = getLineBytes();
      bytes != 32 && bytes != 64 && bytes != 128)
    return emitOpError("box: expected an innermost size of 32, 64 or 128 "
                       "bytes, found ")
           << bytes;
  return success();
}

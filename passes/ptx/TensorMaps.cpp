#include "passes/ptx/TensorMaps.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace tw;

/// What a tensor map's addresses and distances are multiples of, in bytes.
static constexpr int64_t kUnit = 16;

bool tw::mayHaveTensorMap(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto [strides, offset] = type.getStridesAndOffset();
  int64_t bytes = type.getElementType().getIntOrFloatBitWidth() / 8;
  for (int64_t stride : ArrayRef(strides).drop_back())
    if (!ShapedType::isDynamic(stride) &&
        (stride <= 0 || stride * bytes % kUnit))
      return false;
  if (offset != 0 || llvm::is_contained(type.getShape(), 0))
    return false;
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return isa<BlockArgument>(buffer);
}

Value tw::fitsTensorMap(OpBuilder &b, Location loc, Value buffer) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto isMultiple = [&](Value value, int64_t of) -> Value {
    Value rest = b.createOrFold<arith::RemUIOp>(loc, value, index(of));
    return b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rest,
                                         index(0));
  };
  auto type = cast<MemRefType>(buffer.getType());
  int64_t bytes = type.getElementType().getIntOrFloatBitWidth() / 8;
  auto view = memref::ExtractStridedMetadataOp::create(b, loc, buffer);
  Value result = isMultiple(
      memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer), kUnit);
  auto demand = [&](Value condition) {
    result = b.createOrFold<arith::AndIOp>(loc, result, condition);
  };
  SmallVector<int64_t> strides = type.getStridesAndOffset().first;
  for (auto [i, stride] : llvm::enumerate(strides)) {
    if (ShapedType::isDynamic(stride))
      demand(isMultiple(view.getStrides()[i], kUnit / bytes));
    if (type.isDynamicDim(i))
      demand(b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::sgt,
                                           view.getSizes()[i], index(0)));
  }
  return result;
}

#include "tools/check/Elements.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>

using namespace tw;

namespace {
constexpr int kMaxReports = 5;

APInt bitsAt(const char *at, unsigned width) {
  uint64_t word = 0;
  std::memcpy(&word, at, llvm::divideCeil(width, 8));
  return APInt(64, word).zextOrTrunc(width);
}

double toDouble(APFloat value) {
  bool losesInfo;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven,
                &losesInfo);
  return value.convertToDouble();
}

bool isClose(double actual, double expected, check::ExpectCloseOp op) {
  if (std::isnan(expected) || std::isnan(actual))
    return std::isnan(expected) && std::isnan(actual);
  if (actual == expected)
    return true;
  return std::abs(actual - expected) <=
         op.getAtol().convertToDouble() +
             op.getRtol().convertToDouble() * std::abs(expected);
}

std::string text(Type element, const APInt &bits) {
  if (auto type = dyn_cast<FloatType>(element))
    return llvm::formatv("{0}",
                         toDouble(APFloat(type.getFloatSemantics(), bits)));
  return llvm::toString(bits, 10,
                        !element.isUnsignedInteger() && !element.isInteger(1));
}

bool isEqual(Type element, const APInt &actual, const APInt &expected,
             check::ExpectCloseOp op) {
  auto type = dyn_cast<FloatType>(element);
  if (!type)
    return actual == expected;
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  return isClose(toDouble(APFloat(semantics, actual)),
                 toDouble(APFloat(semantics, expected)), op);
}

APInt bitsOf(Attribute element) {
  if (auto number = dyn_cast<FloatAttr>(element))
    return number.getValue().bitcastToAPInt();
  return cast<IntegerAttr>(element).getValue();
}

/// Row-major position as indices: "[1, 0, 2]".
std::string indices(ArrayRef<int64_t> shape, int64_t position) {
  SmallVector<int64_t> at(shape.size());
  for (size_t d = shape.size(); d-- > 0; position /= shape[d])
    at[d] = position % shape[d];
  std::string result;
  llvm::raw_string_ostream os(result);
  os << "[";
  llvm::interleaveComma(at, os);
  os << "]";
  return result;
}
} // namespace

int64_t tw::elementBytes(Type element) {
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

std::vector<char> tw::toBytes(DenseElementsAttr elements) {
  int64_t width = elementBytes(elements.getElementType());
  std::vector<char> bytes(elements.getNumElements() * width);
  for (auto [i, element] : llvm::enumerate(elements.getValues<Attribute>())) {
    uint64_t word = bitsOf(element).getZExtValue();
    std::memcpy(bytes.data() + i * width, &word, width);
  }
  return bytes;
}

LogicalResult tw::compare(check::ExpectCloseOp op, ArrayRef<char> bytes) {
  auto expected = cast<DenseElementsAttr>(op.getExpected());
  Type element = expected.getElementType();
  int64_t width = elementBytes(element);
  int failures = 0;
  for (auto [i, attr] : llvm::enumerate(expected.getValues<Attribute>())) {
    APInt actual =
        bitsAt(bytes.data() + i * width, element.getIntOrFloatBitWidth());
    APInt wanted = bitsOf(attr);
    if (isEqual(element, actual, wanted, op) || ++failures > kMaxReports)
      continue;
    op.emitError() << "element " << indices(expected.getType().getShape(), i)
                   << ": expected " << text(element, wanted) << ", found "
                   << text(element, actual);
  }
  if (failures > kMaxReports)
    op.emitRemark() << failures << " of " << expected.getNumElements()
                    << " elements differ";
  return success(failures == 0);
}

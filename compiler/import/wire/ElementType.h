// What ONNX's element types are called and how many bits they take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tw::wire {

/// Bits of one element in raw_data; 0 for strings and for numbers that are no
/// element type.
unsigned elementBits(int32_t type);

/// As people write it: "float32", "int64"; "element type 99" for what is none.
std::string elementName(int32_t type);

/// The number of elements of a shape, or nothing where a size is negative or
/// the product does not fit.
std::optional<uint64_t> elementCount(const std::vector<int64_t> &dims);

/// "[2, 3]".
std::string shapeText(const std::vector<int64_t> &dims);

} // namespace tw::wire

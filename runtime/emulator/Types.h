// PTX's types and state spaces, and the errors of a text that cannot be run.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tw::emu {

constexpr unsigned kLanes = 32;
constexpr uint32_t kAllLanes = ~0u;

enum class Type : uint8_t {
  None,
  Pred,
  B8,
  B16,
  B32,
  B64,
  B128,
  U8,
  U16,
  U32,
  U64,
  S8,
  S16,
  S32,
  S64,
  F16,
  F16x2,
  BF16,
  BF16x2,
  F32,
  F32x2,
  F64,
  TF32,
  E4M3,
  E5M2,
  E4M3x2,
  E5M2x2,
  U16x2,
  S16x2,
};

/// "f32" and so on, without the dot.
std::optional<Type> parseType(std::string_view name);
const char *typeName(Type type);
/// 1 for a predicate.
unsigned bitsOf(Type type);
bool isFloat(Type type);
bool isSigned(Type type);

enum class Space : uint8_t {
  Generic,
  Global,
  Shared,
  Local,
  Param,
  Const,
};

const char *spaceName(Space space);

/// A text that is damaged, or that holds what the emulator does not know.
struct PtxError : std::runtime_error {
  PtxError(uint32_t line, uint32_t column, const std::string &text)
      : std::runtime_error(text), line(line), column(column) {}
  uint32_t line, column;
};

/// printf into a string.
__attribute__((format(printf, 1, 2))) std::string format(const char *text, ...);

} // namespace tw::emu

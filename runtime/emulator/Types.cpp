#include "runtime/emulator/Types.h"

#include <cstdarg>
#include <cstdio>

using namespace tw::emu;

namespace {
struct TypeInfo {
  Type type;
  const char *name;
  unsigned bits;
};
constexpr TypeInfo kTypes[] = {
    {Type::None, "none", 0},      {Type::Pred, "pred", 1},
    {Type::B8, "b8", 8},          {Type::B16, "b16", 16},
    {Type::B32, "b32", 32},       {Type::B64, "b64", 64},
    {Type::B128, "b128", 128},    {Type::U8, "u8", 8},
    {Type::U16, "u16", 16},       {Type::U32, "u32", 32},
    {Type::U64, "u64", 64},       {Type::S8, "s8", 8},
    {Type::S16, "s16", 16},       {Type::S32, "s32", 32},
    {Type::S64, "s64", 64},       {Type::F16, "f16", 16},
    {Type::F16x2, "f16x2", 32},   {Type::BF16, "bf16", 16},
    {Type::BF16x2, "bf16x2", 32}, {Type::F32, "f32", 32},
    {Type::F32x2, "f32x2", 64},   {Type::F64, "f64", 64},
    {Type::TF32, "tf32", 32},     {Type::E4M3, "e4m3", 8},
    {Type::E5M2, "e5m2", 8},      {Type::E4M3x2, "e4m3x2", 16},
    {Type::E5M2x2, "e5m2x2", 16}, {Type::U16x2, "u16x2", 32},
    {Type::S16x2, "s16x2", 32},
};
} // namespace

std::optional<Type> tw::emu::parseType(std::string_view name) {
  for (const TypeInfo &info : kTypes)
    if (info.type != Type::None && name == info.name)
      return info.type;
  return std::nullopt;
}

const char *tw::emu::typeName(Type type) { return kTypes[unsigned(type)].name; }
unsigned tw::emu::bitsOf(Type type) { return kTypes[unsigned(type)].bits; }

bool tw::emu::isFloat(Type type) {
  return type >= Type::F16 && type <= Type::E5M2x2;
}

bool tw::emu::isSigned(Type type) {
  return (type >= Type::S8 && type <= Type::S64) || type == Type::S16x2;
}

const char *tw::emu::spaceName(Space space) {
  constexpr const char *kNames[] = {"generic", "global", "shared",
                                    "local",   "param",  "const"};
  return kNames[unsigned(space)];
}

std::string tw::emu::format(const char *text, ...) {
  char buffer[1024];
  va_list values;
  va_start(values, text);
  vsnprintf(buffer, sizeof buffer, text, values);
  va_end(values);
  return buffer;
}

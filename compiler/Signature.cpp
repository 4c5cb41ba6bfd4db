#include "compiler/Signature.h"

#include "runtime/tilewright.h"

using namespace tw;

static llvm::json::Value toJson(const SignatureDim &dim) {
  if (dim.size >= 0)
    return dim.size;
  if (!dim.symbol.empty())
    return dim.symbol;
  return nullptr;
}

static llvm::json::Object toJson(const SignatureValue &value) {
  llvm::json::Object object{{"name", value.name},
                            {"dtype", tw_dtype_name(value.dtype)}};
  if (!value.ranked)
    return object;
  llvm::json::Array shape;
  for (const SignatureDim &dim : value.dims)
    shape.push_back(toJson(dim));
  object["shape"] = std::move(shape);
  return object;
}

static llvm::json::Array toJson(const std::vector<SignatureValue> &values) {
  llvm::json::Array array;
  for (const SignatureValue &value : values)
    array.push_back(toJson(value));
  return array;
}

llvm::json::Object tw::toJson(const Signature &signature) {
  return llvm::json::Object{{"name", signature.name},
                            {"inputs", ::toJson(signature.inputs)},
                            {"outputs", ::toJson(signature.outputs)}};
}

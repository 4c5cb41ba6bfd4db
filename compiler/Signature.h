// What goes into a model and comes out of it, in words that every artifact,
// header and report shares.
#pragma once

#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace tw {

struct SignatureDim {
  /// -1: known only at run time.
  int64_t size = -1;
  /// Name of such a dimension; empty if it has none.
  std::string symbol;
};

struct SignatureValue {
  std::string name;
  /// ONNX TensorProto.DataType (tw_dtype).
  int32_t dtype = 0;
  /// False: any rank; `dims` is empty then.
  bool ranked = true;
  std::vector<SignatureDim> dims;
};

struct Signature {
  std::string name;
  std::vector<SignatureValue> inputs, outputs;
};

/// {"name": ..., "inputs": [{"name": ..., "dtype": "float32", "shape":
/// ["batch", 3, null]}], "outputs": [...]}.
llvm::json::Object toJson(const Signature &signature);

} // namespace tw

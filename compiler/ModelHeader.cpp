#include "compiler/ModelHeader.h"

#include "compiler/Link.h"
#include "runtime/tilewright.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace tw;
using llvm::StringRef;

/// The C type of an element; types that C lacks travel as bits.
static StringRef cType(int32_t dtype) {
  switch (dtype) {
  case TW_FLOAT:
    return "float";
  case TW_DOUBLE:
    return "double";
  case TW_INT8:
  case TW_INT4:
  case TW_INT2:
    return "int8_t";
  case TW_INT16:
    return "int16_t";
  case TW_INT32:
    return "int32_t";
  case TW_INT64:
    return "int64_t";
  case TW_UINT32:
    return "uint32_t";
  case TW_UINT64:
    return "uint64_t";
  case TW_UINT16:
  case TW_FLOAT16:
  case TW_BFLOAT16:
    return "uint16_t";
  default:
    break;
  }
  return tw_dtype_size(dtype) == 1 ? "uint8_t" : "void";
}

namespace {
class HeaderWriter {
public:
  HeaderWriter(const Signature &signature, StringRef identifier,
               llvm::raw_ostream &os)
      : signature(signature), id(identifier),
        upper(StringRef(identifier).upper()), os(os) {}

  void write() {
    nameValues(signature.inputs, "in_", inputNames);
    nameValues(signature.outputs, "out_", outputNames);
    writePreamble();
    writeFacts("INPUT", signature.inputs);
    writeFacts("OUTPUT", signature.outputs);
    writeProgram();
    writeRun();
    os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  }

private:
  /// Unique parameter names from the values' names.
  void nameValues(const std::vector<SignatureValue> &values, StringRef prefix,
                  std::vector<std::string> &names) {
    llvm::StringSet<> taken;
    for (auto [index, value] : llvm::enumerate(values)) {
      std::string name = (prefix + toIdentifier(value.name)).str();
      if (!taken.insert(name).second)
        name += "_" + std::to_string(index);
      names.push_back(name);
    }
  }

  void writePreamble() {
    os << "// Model '" << quoted(signature.name)
       << "', compiled by Tilewright. Needs tilewright.h.\n"
       << "#ifndef TILEWRIGHT_MODEL_" << upper
       << "_H\n#define TILEWRIGHT_MODEL_" << upper << "_H\n\n"
       << "#include \"tilewright.h\"\n\n#ifdef __cplusplus\nextern \"C\" "
          "{\n#endif\n\n";
  }

  /// Names are free text; in a comment or a string they must stay harmless.
  static std::string quoted(StringRef text) {
    std::string result;
    for (char c : text)
      result += llvm::isPrint(c) && c != '"' && c != '\\' ? c : '?';
    return result;
  }

  void writeFacts(StringRef kind, const std::vector<SignatureValue> &values) {
    os << "#define " << upper << "_" << kind << "_COUNT " << values.size()
       << "\n";
    for (auto [index, value] : llvm::enumerate(values)) {
      os << "// " << kind.lower() << " " << index << ": "
         << tw_dtype_name(value.dtype) << " " << shapeText(value)
         << "\n#define " << upper << "_" << kind << "_" << index << "_NAME \""
         << quoted(value.name) << "\"\n";
      for (auto [axis, dim] : llvm::enumerate(value.dims))
        if (dim.size >= 0)
          os << "#define " << upper << "_" << kind << "_" << index << "_DIM_"
             << axis << " " << dim.size << "\n";
    }
    os << "\n";
  }

  static std::string shapeText(const SignatureValue &value) {
    if (!value.ranked)
      return "of any rank";
    std::string text = "[";
    for (const SignatureDim &dim : value.dims) {
      text += text.size() > 1 ? ", " : "";
      text += dim.size >= 0        ? std::to_string(dim.size)
              : dim.symbol.empty() ? "?"
                                   : quoted(dim.symbol);
    }
    return text + "]";
  }

  void writeProgram() {
    os << "/// The model as linked into this program: give it to "
          "tw_model_create, or open the file with tw_model_open.\n"
       << "const tw_program *tw_program_" << id << "(void);\n\n";
  }

  void writeRun() {
    os << "/// Runs the model. A value with dynamic dimensions comes with its "
          "dims. A pointer of an output that is NULL\n"
       << "/// leaves the result with the context; the tensor in `results` "
          "says where it is, and its shape.\n"
       << "static inline tw_status " << id << "_run(tw_context *context";
    for (auto [name, value] : llvm::zip_equal(inputNames, signature.inputs)) {
      os << ",\n    const " << cType(value.dtype) << " *" << name;
      if (isDynamic(value))
        os << ", const int64_t " << name << "_dims[" << value.dims.size()
           << "]";
    }
    for (auto [name, value] : llvm::zip_equal(outputNames, signature.outputs))
      os << ",\n    " << cType(value.dtype) << " *" << name << ", int64_t "
         << name << "_bytes";
    os << ",\n    tw_tensor results["
       << std::max<size_t>(signature.outputs.size(), 1) << "]) {\n";
    writeInputs();
    writeOutputs();
    os << "  return tw_context_run(context, inputs, " << signature.inputs.size()
       << ", results, " << signature.outputs.size() << ");\n}\n";
  }

  static bool isDynamic(const SignatureValue &value) {
    return llvm::any_of(value.dims,
                        [](const SignatureDim &dim) { return dim.size < 0; });
  }

  void writeInputs() {
    for (auto [name, value] : llvm::zip_equal(inputNames, signature.inputs)) {
      if (isDynamic(value))
        continue;
      os << "  static const int64_t " << name << "_dims[] = {";
      llvm::interleaveComma(value.dims, os,
                            [&](const SignatureDim &dim) { os << dim.size; });
      os << (value.dims.empty() ? "0" : "") << "};\n";
    }
    os << "  tw_tensor inputs[" << std::max<size_t>(signature.inputs.size(), 1)
       << "] = {";
    for (auto [name, value] : llvm::zip_equal(inputNames, signature.inputs))
      os << "\n    {(void *)" << name << ", " << value.dtype << ", "
         << value.dims.size() << ", " << name << "_dims, 0, 0, 0},";
    os << (signature.inputs.empty() ? "{0, 0, 0, 0, 0, 0, 0}" : "\n  ")
       << "};\n";
  }

  void writeOutputs() {
    for (auto [index, name] : llvm::enumerate(outputNames))
      os << "  results[" << index << "].data = " << name << ";\n  results["
         << index << "].capacity = " << name << "_bytes;\n  results[" << index
         << "].memory = TW_HOST;\n";
  }

  const Signature &signature;
  std::string id, upper;
  llvm::raw_ostream &os;
  std::vector<std::string> inputNames, outputNames;
};
} // namespace

void tw::writeModelHeader(const Signature &signature, StringRef identifier,
                          llvm::raw_ostream &os) {
  HeaderWriter(signature, identifier, os).write();
}

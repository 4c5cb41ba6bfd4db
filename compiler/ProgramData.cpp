#include "compiler/ProgramData.h"

#include "runtime/Weights.h"
#include "runtime/host.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

using namespace tw;
using llvm::Constant;
using llvm::StringRef;

namespace {
class Emitter {
public:
  Emitter(llvm::Module &module, const ProgramData &program)
      : module(module), program(program), context(module.getContext()),
        pointer(llvm::PointerType::getUnqual(context)),
        i32(llvm::Type::getInt32Ty(context)),
        i64(llvm::Type::getInt64Ty(context)) {}

  /// Fields in tw_program's order.
  void emit() {
    const Signature &signature = program.signature;
    Constant *inputs = values(signature.inputs);
    Constant *outputs = values(signature.outputs);
    auto *data = llvm::ConstantStruct::getAnon(
        {int32(TW_ABI_VERSION), int32(0), external("tw_runtime_functions"),
         text(signature.name), metadata(), inputs, outputs,
         texts(symbolNames()), texts(program.features), texts(program.nodes),
         external(program.entry), count(signature.inputs),
         count(signature.outputs), count(symbols), count(program.features),
         count(program.nodes), int32(0), null(),
         llvm::ConstantInt::getSigned(i64, program.weightsSize)});
    auto *global =
        define(data, "tw_program_data", llvm::GlobalValue::ExternalLinkage);
    global->setVisibility(llvm::GlobalValue::HiddenVisibility);
  }

private:
  Constant *int32(int64_t value) {
    return llvm::ConstantInt::getSigned(i32, value);
  }
  template <typename T>
  Constant *count(const T &list) {
    return int32(list.size());
  }
  Constant *null() { return llvm::ConstantPointerNull::get(pointer); }

  llvm::GlobalVariable *define(Constant *value, const llvm::Twine &name = "",
                               llvm::GlobalValue::LinkageTypes linkage =
                                   llvm::GlobalValue::PrivateLinkage) {
    return new llvm::GlobalVariable(module, value->getType(),
                                    /*isConstant=*/true, linkage, value, name);
  }

  Constant *text(StringRef value) {
    return define(llvm::ConstantDataArray::getString(context, value));
  }

  Constant *metadata() {
    auto *global =
        define(llvm::ConstantDataArray::getString(context, program.metadata));
    global->setSection(TW_METADATA_SECTION);
    return global;
  }

  Constant *array(llvm::Type *element, llvm::ArrayRef<Constant *> items) {
    if (items.empty())
      return null();
    return define(llvm::ConstantArray::get(
        llvm::ArrayType::get(element, items.size()), items));
  }

  Constant *texts(const std::vector<std::string> &list) {
    std::vector<Constant *> items;
    for (const std::string &item : list)
      items.push_back(text(item));
    return array(pointer, items);
  }

  /// A function or variable that is defined elsewhere, here or in the runtime.
  Constant *external(StringRef name) {
    if (auto *known = module.getNamedValue(name))
      return known;
    auto *global = new llvm::GlobalVariable(
        module, llvm::Type::getInt8Ty(context), /*isConstant=*/true,
        llvm::GlobalValue::ExternalLinkage, nullptr, name);
    global->setVisibility(llvm::GlobalValue::HiddenVisibility);
    return global;
  }

  /// Index of a dimension's symbol; -1 if it has none.
  int64_t symbolOf(const SignatureDim &dim) {
    if (dim.size >= 0 || dim.symbol.empty())
      return -1;
    return symbols.try_emplace(dim.symbol, symbols.size()).first->second;
  }

  Constant *value(const SignatureValue &value) {
    std::vector<Constant *> dims, indices;
    for (const SignatureDim &dim : value.dims) {
      dims.push_back(llvm::ConstantInt::getSigned(i64, dim.size));
      indices.push_back(int32(symbolOf(dim)));
    }
    int64_t rank = value.ranked ? int64_t(value.dims.size()) : -1;
    return llvm::ConstantStruct::getAnon({text(value.name), int32(value.dtype),
                                          int32(rank), array(i64, dims),
                                          array(i32, indices)});
  }

  Constant *values(const std::vector<SignatureValue> &list) {
    std::vector<Constant *> items;
    for (const SignatureValue &item : list)
      items.push_back(value(item));
    return array(items.empty() ? pointer : items[0]->getType(), items);
  }

  std::vector<std::string> symbolNames() {
    std::vector<std::string> names;
    for (auto &[name, index] : symbols)
      names.push_back(name.str());
    return names;
  }

  llvm::Module &module;
  const ProgramData &program;
  llvm::LLVMContext &context;
  llvm::PointerType *pointer;
  llvm::Type *i32, *i64;
  llvm::MapVector<StringRef, int64_t> symbols;
};
} // namespace

void tw::addProgramData(llvm::Module &module, const ProgramData &program) {
  Emitter(module, program).emit();
}

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
  explicit Emitter(llvm::Module &module)
      : module(module), context(module.getContext()),
        pointer(llvm::PointerType::getUnqual(context)),
        i32(llvm::Type::getInt32Ty(context)),
        i64(llvm::Type::getInt64Ty(context)) {}

  void emit(llvm::ArrayRef<ProgramData> programs) {
    describe(programs.front());
    Constant *alternative = null();
    for (const ProgramData &program : llvm::reverse(programs.drop_front()))
      alternative = define(this->program(program, alternative));
    auto *global =
        define(program(programs.front(), alternative), "tw_program_data",
               llvm::GlobalValue::ExternalLinkage);
    global->setVisibility(llvm::GlobalValue::HiddenVisibility);
  }

private:
  /// What all programs of a model share.
  void describe(const ProgramData &program) {
    signature = &program.signature;
    name = text(signature->name);
    inputs = values(signature->inputs);
    outputs = values(signature->outputs);
    symbolTexts = texts(symbolNames());
    metadataText =
        define(llvm::ConstantDataArray::getString(context, program.metadata));
    metadataText->setSection(TW_METADATA_SECTION);
  }

  /// Fields in tw_program's order.
  Constant *program(const ProgramData &program, Constant *alternative) {
    return llvm::ConstantStruct::getAnon(
        {int32(TW_ABI_VERSION),
         int32(0),
         external("tw_runtime_functions"),
         name,
         metadataText,
         inputs,
         outputs,
         symbolTexts,
         texts(program.features),
         texts(program.nodes),
         external(program.entry),
         count(signature->inputs),
         count(signature->outputs),
         count(symbols),
         count(program.features),
         count(program.nodes),
         int32(0),
         null(),
         int64(program.weightsSize),
         targets(program.devices),
         count(program.devices),
         int32(program.devices.empty() ? 0 : program.devices[0].kernels.size()),
         alternative});
  }

  //===--------------------------------------------------------------------===//
  // Devices
  //===--------------------------------------------------------------------===//

  /// Bytes for an ELF or text file; NULL for none.
  Constant *bytes(StringRef value) {
    return value.empty() ? null() : text(value);
  }

  Constant *kernel(const DeviceKernelData &kernel) {
    return llvm::ConstantStruct::getAnon(
        {text(kernel.name), bytes(kernel.ptx), int64(kernel.ptx.size()),
         bytes(kernel.cubin), int64(kernel.cubin.size()),
         external(kernel.name + "_grid"), int32(kernel.parts),
         int32(kernel.buffers), int32(kernel.ints), int32(0),
         kernel.maps ? external(kernel.name + "_maps") : null(),
         int32(kernel.maps), int32(0)});
  }

  Constant *target(const DeviceTargetData &target) {
    std::vector<Constant *> kernels;
    for (const DeviceKernelData &item : target.kernels)
      kernels.push_back(kernel(item));
    StringRef number = StringRef(target.architecture).drop_front(3);
    int64_t capability = 0;
    number.consumeInteger(10, capability);
    return llvm::ConstantStruct::getAnon(
        {text(target.architecture), int32(capability / 10),
         int32(capability % 10), int32(!number.empty()), int32(0),
         structs(kernels)});
  }

  Constant *targets(const std::vector<DeviceTargetData> &list) {
    std::vector<Constant *> items;
    for (const DeviceTargetData &item : list)
      items.push_back(target(item));
    return structs(items);
  }

  //===--------------------------------------------------------------------===//
  // Building blocks
  //===--------------------------------------------------------------------===//

  Constant *int32(int64_t value) {
    return llvm::ConstantInt::getSigned(i32, value);
  }
  Constant *int64(int64_t value) {
    return llvm::ConstantInt::getSigned(i64, value);
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

  Constant *array(llvm::Type *element, llvm::ArrayRef<Constant *> items) {
    if (items.empty())
      return null();
    return define(llvm::ConstantArray::get(
        llvm::ArrayType::get(element, items.size()), items));
  }

  /// An array of constants that are of one type.
  Constant *structs(llvm::ArrayRef<Constant *> items) {
    return array(items.empty() ? pointer : items[0]->getType(), items);
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
    return structs(items);
  }

  std::vector<std::string> symbolNames() {
    std::vector<std::string> names;
    for (auto &[name, index] : symbols)
      names.push_back(name.str());
    return names;
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::PointerType *pointer;
  llvm::Type *i32, *i64;
  llvm::MapVector<StringRef, int64_t> symbols;
  const Signature *signature = nullptr;
  Constant *name = nullptr, *inputs = nullptr, *outputs = nullptr,
           *symbolTexts = nullptr;
  llvm::GlobalVariable *metadataText = nullptr;
};
} // namespace

void tw::addProgramData(llvm::Module &module,
                        llvm::ArrayRef<ProgramData> programs) {
  Emitter(module).emit(programs);
}

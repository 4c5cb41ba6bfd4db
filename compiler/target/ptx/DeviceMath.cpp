#include "compiler/target/ptx/DeviceMath.h"

#include "compiler/Errors.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Linker/Linker.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace tw;

extern "C" {
extern const char tw_embedded_device_math[], tw_embedded_device_math_end[];
}

/// x % y  =>  fmod(x, y): the target would compute x - trunc(x / y) * y.
static void replaceRemainders(llvm::Module &module) {
  llvm::SmallVector<llvm::Instruction *> remainders;
  for (llvm::Function &function : module)
    for (llvm::Instruction &instruction : llvm::instructions(function))
      if (instruction.getOpcode() == llvm::Instruction::FRem)
        remainders.push_back(&instruction);
  for (llvm::Instruction *remainder : remainders) {
    llvm::Type *type = remainder->getType();
    llvm::FunctionCallee callee = module.getOrInsertFunction(
        type->isDoubleTy() ? "fmod" : "fmodf", type, type, type);
    llvm::IRBuilder<> b(remainder);
    remainder->replaceAllUsesWith(b.CreateCall(
        callee, {remainder->getOperand(0), remainder->getOperand(1)}));
    remainder->eraseFromParent();
  }
}

llvm::Error tw::linkDeviceMath(llvm::Module &module) {
  replaceRemainders(module);
  llvm::StringRef bytes(tw_embedded_device_math,
                        tw_embedded_device_math_end - tw_embedded_device_math);
  auto library =
      llvm::parseBitcodeFile({bytes, "device-math"}, module.getContext());
  if (!library)
    return library.takeError();
  (*library)->setTargetTriple(module.getTargetTriple());
  (*library)->setDataLayout(module.getDataLayout());
  llvm::SmallVector<std::string> names;
  for (llvm::Function &function : **library)
    if (!function.isDeclaration())
      names.push_back(function.getName().str());
  if (llvm::Linker::linkModules(module, std::move(*library),
                                llvm::Linker::LinkOnlyNeeded))
    return compilerBug("the device math library does not link");
  for (const std::string &name : names)
    if (llvm::Function *function = module.getFunction(name)) {
      function->setLinkage(llvm::Function::InternalLinkage);
      function->setAttributes({});
      function->addFnAttr(llvm::Attribute::AlwaysInline);
    }
  return llvm::Error::success();
}

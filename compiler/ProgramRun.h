// A compiled program run in this process.
#pragma once

#include "compiler/MemoryFile.h"
#include "compiler/NativeProgram.h"
#include "runtime/tilewright.h"

namespace tw {

/// A tensor of static shape with its elements.
struct ProgramTensor {
  explicit ProgramTensor(RankedTensorType type);

  int64_t count() const { return type.getNumElements(); }
  char *at(int64_t i) { return bytes.data() + i * bytesPerElement; }
  tw_tensor view();

  RankedTensorType type;
  int64_t bytesPerElement;
  std::string bytes;
};

class ProgramRun {
public:
  static llvm::Expected<std::unique_ptr<ProgramRun>>
  open(const NativeProgram &program, llvm::StringRef name);
  ~ProgramRun();

  llvm::Error run(llvm::MutableArrayRef<ProgramTensor> inputs,
                  llvm::MutableArrayRef<ProgramTensor> outputs);

private:
  explicit ProgramRun(MemoryFile image) : image(std::move(image)) {}

  MemoryFile image;
  tw_model *model = nullptr;
  tw_context *context = nullptr;
};

} // namespace tw

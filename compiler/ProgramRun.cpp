#include "compiler/ProgramRun.h"

#include "compiler/Errors.h"
#include "compiler/HostSignature.h"
#include "passes/HostEmitter.h"

using namespace tw;

ProgramTensor::ProgramTensor(RankedTensorType type)
    : type(type), bytesPerElement(bytesInMemory(type.getElementType())),
      bytes(type.getNumElements() * bytesPerElement, 0) {}

tw_tensor ProgramTensor::view() {
  tw_tensor tensor = {};
  tensor.data = bytes.data();
  tensor.dtype = dtypeOf(type.getElementType());
  tensor.rank = type.getRank();
  tensor.dims = type.getShape().data();
  tensor.capacity = bytes.size();
  return tensor;
}

llvm::Expected<std::unique_ptr<ProgramRun>>
ProgramRun::open(const NativeProgram &program, llvm::StringRef name) {
  SmallVector<StringRef> objects(program.objects.begin(),
                                 program.objects.end());
  auto image = writeArtifactToMemory(
      objects, {ArtifactKind::SharedLibrary, name.str(), ""}, program.weights);
  if (!image)
    return image.takeError();
  std::unique_ptr<ProgramRun> run(new ProgramRun(std::move(*image)));
  char error[512];
  if (tw_model_open(run->image.path().c_str(), nullptr, &run->model, error,
                    sizeof error))
    return compilerBug("program '", name, "' cannot be loaded: ", error);
  if (tw_context_create(run->model, &run->context))
    return compilerBug("no memory to run program '", name, "'");
  return run;
}

ProgramRun::~ProgramRun() {
  if (context)
    tw_context_destroy(context);
  if (model)
    tw_model_close(model);
}

llvm::Error ProgramRun::run(llvm::MutableArrayRef<ProgramTensor> inputs,
                            llvm::MutableArrayRef<ProgramTensor> outputs) {
  SmallVector<tw_tensor> given, found;
  for (ProgramTensor &tensor : inputs)
    given.push_back(tensor.view());
  for (ProgramTensor &tensor : outputs)
    found.push_back(tensor.view());
  if (tw_context_run(context, given.data(), given.size(), found.data(),
                     found.size()))
    return compilerBug("a program failed: ", tw_context_error(context));
  return llvm::Error::success();
}

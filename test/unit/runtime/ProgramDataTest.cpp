// A program as the compiler emits it, from LLVM IR to a loaded model.
#include "TestModel.h"

#include "compiler/Artifact.h"
#include "compiler/ProgramData.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace tw;

namespace {
/// y = the number of rows of x; a vector of one.
constexpr char kHost[] = R"(
declare ptr @tw_rt_output(ptr, i32, i32, ptr)
@shape = private constant [1 x i64] [i64 1]
define i32 @tw_main(ptr %context, ptr %inputs, ptr %outputs) {
  %at = getelementptr i8, ptr %inputs, i64 16
  %dims = load ptr, ptr %at
  %rows = load i64, ptr %dims
  %y = call ptr @tw_rt_output(ptr %context, i32 0, i32 1, ptr @shape)
  store i64 %rows, ptr %y
  ret i32 0
}
)";

std::unique_ptr<llvm::TargetMachine> createMachine(const llvm::Triple &triple) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::string error;
  auto *target = llvm::TargetRegistry::lookupTarget(triple, error);
  return std::unique_ptr<llvm::TargetMachine>(
      target->createTargetMachine(triple, "x86-64", "", {}, llvm::Reloc::PIC_));
}

std::string compile(llvm::Module &module) {
  llvm::Triple triple("x86_64-unknown-linux-gnu");
  auto machine = createMachine(triple);
  module.setTargetTriple(triple);
  module.setDataLayout(machine->createDataLayout());
  llvm::SmallString<0> object;
  llvm::raw_svector_ostream os(object);
  llvm::legacy::PassManager passes;
  machine->addPassesToEmitFile(passes, os, nullptr,
                               llvm::CodeGenFileType::ObjectFile);
  passes.run(module);
  return object.str().str();
}

std::string build(const ProgramData &program) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic error;
  auto module = llvm::parseAssemblyString(kHost, error, context);
  addProgramData(*module, {program});
  EXPECT_FALSE(llvm::verifyModule(*module, &llvm::errs()));
  return compile(*module);
}
} // namespace

TEST(ProgramData, describesTheModel) {
  ProgramData program;
  program.signature = {"rows",
                       {{"x", TW_FLOAT, true, {{-1, "n"}, {3, ""}}},
                        {"s", TW_BFLOAT16, true, {}},
                        {"m", TW_BOOL, true, {{-1, ""}, {-1, "n"}}}},
                       {{"y", TW_INT64, false, {}}}};
  program.metadata = "{\"opset\": 21}";
  program.features = {"sse2", "cx8"};
  program.nodes = {"Shape_0"};
  std::string object = build(program);
  auto file = writeArtifactToMemory(
      {object}, {ArtifactKind::SharedLibrary, "rows", ""}, {});
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  auto info = readArtifactInfo(file->path());
  ASSERT_TRUE(bool(info)) << llvm::toString(info.takeError());
  EXPECT_EQ(info->metadata, program.metadata);

  tw_model *handle;
  ASSERT_EQ(tw_model_open(file->path().c_str(), nullptr, &handle, nullptr, 0),
            TW_OK);
  ModelPtr model(handle);
  EXPECT_STREQ(tw_model_name(handle), "rows");
  EXPECT_STREQ(tw_model_metadata(handle), "{\"opset\": 21}");
  EXPECT_STREQ(tw_model_node(handle, 0), "Shape_0");
  EXPECT_EQ(tw_model_symbol_count(handle), 1);
  EXPECT_EQ(tw_model_input(handle, 0)->dims[1], 3);
  EXPECT_EQ(tw_model_input(handle, 1)->dtype, TW_BFLOAT16);
  EXPECT_EQ(tw_model_input(handle, 2)->symbols[0], -1);
  EXPECT_EQ(tw_model_input(handle, 2)->symbols[1], 0);
  EXPECT_EQ(tw_model_output(handle, 0)->rank, -1);

  ContextPtr context = createContext(model);
  float x[6] = {};
  int64_t dims[] = {2, 3}, maskDims[] = {1, 2};
  tw_tensor inputs[] = {{x, TW_FLOAT, 2, dims, 0, 0, 0},
                        {x, TW_BFLOAT16, 0, nullptr, 0, 0, 0},
                        {x, TW_BOOL, 2, maskDims, 0, 0, 0}};
  tw_tensor output = {};
  ASSERT_EQ(tw_context_run(context.get(), inputs, 3, &output, 1), TW_OK)
      << tw_context_error(context.get());
  EXPECT_EQ(*static_cast<int64_t *>(output.data), 2);
}

TEST(ProgramData, aModelOfNothing) {
  ProgramData program;
  program.signature = {"", {}, {}};
  program.metadata = "{}";
  std::string object = build(program);
  auto file = writeArtifactToMemory(
      {object}, {ArtifactKind::Executable, "nothing", ""}, {});
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  tw_model *handle;
  ASSERT_EQ(tw_model_open(file->path().c_str(), nullptr, &handle, nullptr, 0),
            TW_OK);
  EXPECT_EQ(tw_model_input_count(handle), 0);
  tw_model_close(handle);
}

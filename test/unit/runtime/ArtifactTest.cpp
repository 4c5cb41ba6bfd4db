// A hand-written model linked into artifacts, which are then run and loaded.
#include "TestModel.h"

#include "compiler/Artifact.h"
#include "compiler/Errors.h"
#include "compiler/ModelHeader.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <thread>

using namespace tw;
using llvm::StringRef;

namespace {
std::unique_ptr<llvm::MemoryBuffer> read(StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  EXPECT_TRUE(bool(buffer)) << path.str();
  return buffer ? std::move(*buffer) : nullptr;
}

/// Runs a program; its exit code and its output, standard error included.
std::pair<int, std::string> execute(std::vector<StringRef> arguments) {
  std::string path = temporaryPath("output.txt");
  std::filesystem::remove(path);
  StringRef none;
  std::optional<StringRef> redirects[] = {none, StringRef(path),
                                          StringRef(path)};
  int code = llvm::sys::ExecuteAndWait(arguments[0], arguments, std::nullopt,
                                       redirects);
  return {code, read(path)->getBuffer().str()};
}

/// Whether there was an error; its text goes to the log.
bool failed(llvm::Error failure) {
  if (!failure)
    return false;
  llvm::errs() << llvm::toString(std::move(failure)) << "\n";
  return true;
}

class ArtifactTest : public testing::Test {
protected:
  void SetUp() override {
    llvm::sys::fs::createUniqueDirectory("tilewright-artifact", folder);
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string inFolder(StringRef name) { return (folder + "/" + name).str(); }

  /// Links the model with TEST_WEIGHTS bytes of weights, the first of which are
  /// 3.0f and the last four 5.0f.
  llvm::Error write(StringRef path, ArtifactKind kind) {
    return writeArtifact(path, objects(), {kind, "test_model", "test.so"},
                         weights());
  }

  llvm::SmallVector<StringRef, 1> objects() { return {object->getBuffer()}; }

  std::vector<WeightPiece> weights() {
    std::vector<WeightPiece> pieces;
    pieces.push_back(WeightPiece::ofBytes(bytesOf(first)));
    uint64_t middle = TEST_WEIGHTS - 64 - sizeof last;
    pieces.push_back({middle, 64, [middle](WeightSink &sink) {
                        return sink.write(std::string(middle, '\7'));
                      }});
    pieces.push_back(WeightPiece::ofBytes(bytesOf(last), 4));
    return pieces;
  }

  static StringRef bytesOf(const float &value) {
    return StringRef(reinterpret_cast<const char *>(&value), sizeof value);
  }

  void expectRuns(const std::string &path) {
    tw_model *handle;
    char error[256];
    ASSERT_EQ(
        tw_model_open(path.c_str(), nullptr, &handle, error, sizeof error),
        TW_OK)
        << error;
    ModelPtr model(handle);
    ContextPtr context = createContext(model);
    TestInputs inputs(100);
    tw_tensor outputs[2] = {};
    ASSERT_EQ(tw_context_run(context.get(), inputs.tensors, 3, outputs, 2),
              TW_OK)
        << tw_context_error(context.get());
    expectScaled(outputs, inputs, first);
  }

  std::string error(llvm::Error failure, bool user = true) {
    EXPECT_EQ(failure.isA<UserError>(), user);
    EXPECT_EQ(failure.isA<CompilerBug>(), !user);
    return llvm::toString(std::move(failure));
  }

  int64_t filesInFolder() {
    int64_t count = 0;
    std::error_code code;
    for (llvm::sys::fs::directory_iterator at(folder, code), end; at != end;
         at.increment(code))
      ++count;
    return count;
  }

  float first = 3.0f, last = 5.0f;
  llvm::SmallString<128> folder;
  std::unique_ptr<llvm::MemoryBuffer> object = read(TEST_MODEL_OBJECT);
};
} // namespace

TEST_F(ArtifactTest, executableRunsAndLoads) {
  std::string path = inFolder("model");
  ASSERT_FALSE(failed(write(path, ArtifactKind::Executable)));
  auto [code, out] = execute({path, "--input", "x=random:0:1", "--input",
                              "b=random", "--input", "mask/1=random", "--dim",
                              "rows=1000", "--threads", "2"});
  EXPECT_EQ(code, 0) << out;
  EXPECT_EQ(out.substr(0, 20), "y  float32 [1000, 3]");
  expectRuns(path);
}

TEST_F(ArtifactTest, executableReportsUserErrors) {
  std::string path = inFolder("model");
  ASSERT_FALSE(failed(write(path, ArtifactKind::Executable)));
  auto [code, out] = execute({path, "--input", "x=/nonexistent.npy"});
  EXPECT_EQ(code, 1);
  EXPECT_EQ(out,
            "error: input 'x': /nonexistent.npy: No such file or directory\n");
}

TEST_F(ArtifactTest, needsOnlyTheCLibraries) {
  std::string path = inFolder("model");
  ASSERT_FALSE(failed(write(path, ArtifactKind::Executable)));
  auto [code, out] = execute({"/usr/bin/ldd", path});
  EXPECT_EQ(code, 0) << out;
  llvm::SmallVector<StringRef> lines;
  StringRef(out).trim().split(lines, '\n');
  for (StringRef line : lines)
    EXPECT_TRUE(line.contains("linux-vdso.so") || line.contains("libc.so.6") ||
                line.contains("libm.so.6") || line.contains("ld-linux"))
        << line.str();
}

TEST_F(ArtifactTest, sharedLibraryLoads) {
  std::string path = inFolder("model.so");
  ASSERT_FALSE(failed(write(path, ArtifactKind::SharedLibrary)));
  expectRuns(path);
}

TEST_F(ArtifactTest, aNewFileOfTheSameNameIsANewModel) {
  std::string path = inFolder("model.so");
  ASSERT_FALSE(failed(write(path, ArtifactKind::SharedLibrary)));
  tw_model *handle;
  ASSERT_EQ(tw_model_open(path.c_str(), nullptr, &handle, nullptr, 0), TW_OK);
  ModelPtr old(handle);
  first = 4.0f;
  ASSERT_FALSE(failed(write(path, ArtifactKind::SharedLibrary)));
  expectRuns(path);
}

TEST_F(ArtifactTest, memoryFilesLoad) {
  for (float weight : {1.0f, 2.0f}) {
    first = weight;
    auto file = writeArtifactToMemory(
        objects(), {ArtifactKind::SharedLibrary, "m", ""}, weights());
    ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
    expectRuns(file->path());
  }
}

TEST_F(ArtifactTest, linksFromManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      std::string path = inFolder("model" + std::to_string(i));
      good += !failed(write(path, ArtifactKind::Executable));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(good, 4);
}

TEST_F(ArtifactTest, moreObjectsThanOpenFiles) {
  rlimit before;
  getrlimit(RLIMIT_NOFILE, &before);
  rlimit few = {64, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  // An object without symbols, so that any number of it links.
  auto empty = read(TEST_EMPTY_OBJECT);
  std::vector<StringRef> many(200, empty->getBuffer());
  many.push_back(object->getBuffer());
  std::string path = inFolder("model");
  EXPECT_FALSE(failed(writeArtifact(path, many, {}, weights())));
  setrlimit(RLIMIT_NOFILE, &before);
  expectRuns(path);
}

TEST_F(ArtifactTest, info) {
  std::string path = inFolder("model");
  ASSERT_FALSE(failed(write(path, ArtifactKind::Executable)));
  auto info = readArtifactInfo(path);
  ASSERT_TRUE(bool(info)) << llvm::toString(info.takeError());
  EXPECT_EQ(info->metadata, "{\"opset\": 21, \"licence\": \"none\"}");
  EXPECT_EQ(info->kind, ArtifactKind::Executable);
  EXPECT_EQ(info->weightsSize, uint64_t(TEST_WEIGHTS));
  EXPECT_EQ(info->weightsOffset % 4096, 0u);
  EXPECT_EQ(info->fileSize, info->weightsOffset + info->weightsSize);
  float found;
  std::ifstream(path, std::ios::binary)
      .seekg(int64_t(info->fileSize - sizeof found))
      .read(reinterpret_cast<char *>(&found), sizeof found);
  EXPECT_EQ(found, last);
  llvm::outs() << "runtime and host code: " << info->codeSize + info->dataSize
               << " bytes\n";
  EXPECT_LE(info->codeSize + info->dataSize, 200u << 10);
}

TEST_F(ArtifactTest, infoOfOtherFiles) {
  auto infoError = [](StringRef path) {
    auto info = readArtifactInfo(path);
    EXPECT_FALSE(bool(info));
    return llvm::toString(info.takeError());
  };
  EXPECT_EQ(infoError("/nonexistent"),
            "cannot read '/nonexistent': No such file or directory");
  EXPECT_EQ(infoError("/etc/passwd"),
            "'/etc/passwd' is not a model compiled by Tilewright");
  EXPECT_EQ(infoError("/bin/sh"),
            "'/bin/sh' is not a model compiled by Tilewright");
}

TEST_F(ArtifactTest, infoOfDamagedFiles) {
  std::string path = inFolder("model");
  ASSERT_FALSE(failed(write(path, ArtifactKind::Executable)));
  std::string whole = read(path)->getBuffer().str();
  uint64_t seed = 1;
  for (int i = 0; i < 100; ++i) {
    std::string damaged = whole.substr(0, 64 + (seed >> 20) % whole.size());
    for (int k = 0; k < 20; ++k) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      damaged[(seed >> 33) % std::min<size_t>(damaged.size(), 1000)] ^= seed;
    }
    std::ofstream(path, std::ios::binary) << damaged;
    llvm::consumeError(readArtifactInfo(path).takeError());
  }
}

//===----------------------------------------------------------------------===//
// What the system refuses
//===----------------------------------------------------------------------===//

TEST_F(ArtifactTest, unwritablePlaces) {
  auto writeError = [&](const std::string &path) {
    return error(write(path, ArtifactKind::Executable));
  };
  EXPECT_EQ(writeError("/nonexistent/model"),
            "cannot write '/nonexistent/model': No such file or directory");
  EXPECT_EQ(writeError(folder.str().str()),
            "cannot write '" + folder.str().str() + "': is a folder");
  EXPECT_EQ(filesInFolder(), 0);
}

TEST_F(ArtifactTest, fullDiskLeavesNothing) {
  // A limit on the size of files fails like a full disk, and needs no rights.
  rlimit before, small = {400000, RLIM_INFINITY};
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  std::string path = inFolder("model");
  std::ofstream(path) << "old";
  setrlimit(RLIMIT_FSIZE, &small);
  std::string text = error(write(path, ArtifactKind::Executable));
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(text, "cannot write '" + path + "': File too large");
  EXPECT_EQ(filesInFolder(), 1);
  EXPECT_EQ(read(path)->getBuffer(), "old");
}

TEST_F(ArtifactTest, aFailingWeightLeavesNothing) {
  std::vector<WeightPiece> pieces = weights();
  pieces[1].produce = [](WeightSink &) { return userError("no such weight"); };
  std::string path = inFolder("model");
  EXPECT_EQ(error(writeArtifact(path, objects(), {}, pieces)),
            "no such weight");
  pieces[1].produce = [](WeightSink &) { return llvm::Error::success(); };
  EXPECT_NE(error(writeArtifact(path, objects(), {}, pieces), false)
                .find("was written with 0"),
            std::string::npos);
  pieces[1] = WeightPiece::ofFile(open("/dev/null", O_RDONLY), 0, 10);
  EXPECT_EQ(error(writeArtifact(path, objects(), {}, pieces)),
            "weights: the file ends, or cannot be read, 10 bytes before their "
            "end");
  EXPECT_EQ(filesInFolder(), 0);
}

TEST_F(ArtifactTest, linkErrorsAreBugs) {
  std::string text = error(writeArtifact(inFolder("model"), {}, {}, {}), false);
  EXPECT_NE(text.find("undefined symbol: tw_program_data"), std::string::npos)
      << text;
  EXPECT_EQ(filesInFolder(), 0);
  // The linker is fit for use after a failure.
  EXPECT_FALSE(failed(write(inFolder("model"), ArtifactKind::Executable)));
}

//===----------------------------------------------------------------------===//
// The typed header
//===----------------------------------------------------------------------===//

TEST_F(ArtifactTest, aProgramInCLinksAndRuns) {
  std::string library = inFolder("libtest_model.so");
  ASSERT_FALSE(failed(write(library, ArtifactKind::SharedLibrary)));
  Signature signature{"test model",
                      {{"x", TW_FLOAT, true, {{-1, "rows"}, {3, ""}}},
                       {"b", TW_FLOAT, true, {}},
                       {"mask/1", TW_BOOL, true, {{-1, "rows"}}}},
                      {{"y", TW_FLOAT, true, {{-1, "rows"}, {3, ""}}},
                       {"n", TW_INT64, true, {}}}};
  std::error_code code;
  {
    llvm::raw_fd_ostream header(inFolder("test_model.h"), code);
    writeModelHeader(signature, "test_model", header);
  }
  std::ofstream(inFolder("main.c")) << R"(
#include "test_model.h"
#include <stdio.h>
#include <string.h>
int main(void) {
  tw_model *model;
  tw_context *context;
  char error[256];
  if (tw_model_create(tw_program_test_model(), NULL, &model, error, sizeof error))
    return puts(error), 1;
  if (tw_context_create(model, &context))
    return 2;
  float x[6] = {1, 2, 3, 4, 5, 6}, b = 1, y[6];
  uint8_t mask[2] = {0};
  int64_t rows[2] = {2, TEST_MODEL_INPUT_0_DIM_1};
  tw_tensor results[TEST_MODEL_OUTPUT_COUNT];
  memset(results, 0xff, sizeof results);
  if (test_model_run(context, x, rows, &b, mask, rows, y, sizeof y, NULL, 0, results))
    return puts(tw_context_error(context)), 3;
  printf("%g %g %ld %s\n", y[0], y[5], *(long *)results[1].data, TEST_MODEL_INPUT_2_NAME);
  tw_context_destroy(context);
  tw_model_close(model);
  return 0;
}
)";
  std::string program = inFolder("main");
  auto [compiled, messages] =
      execute({TEST_C_COMPILER, "-std=c99", "-Wall", "-Wextra", "-Werror",
               "-pedantic", "-I", folder.str(), "-I", TEST_RUNTIME_FOLDER,
               inFolder("main.c"), library, "-o", program});
  ASSERT_EQ(compiled, 0) << messages;
  setenv("LD_LIBRARY_PATH", folder.c_str(), 1);
  std::filesystem::rename(library, inFolder("test.so"));
  auto [status, out] = execute({program});
  unsetenv("LD_LIBRARY_PATH");
  EXPECT_EQ(status, 0);
  EXPECT_EQ(out, "4 19 6 mask/1\n");
}

TEST(ModelHeader, namesStayHarmless) {
  std::string text;
  llvm::raw_string_ostream os(text);
  writeModelHeader(
      {"evil\n#error \"*/", {{"a b", 1, true, {}}, {"a.b", 1, true, {}}}, {}},
      "evil", os);
  EXPECT_EQ(text.find("\n#error"), std::string::npos);
  EXPECT_NE(text.find("const float *in_a_b,"), std::string::npos);
  EXPECT_NE(text.find("const float *in_a_b_1"), std::string::npos);
}

TEST(Signature, json) {
  Signature signature{"m",
                      {{"x", TW_FLOAT, true, {{-1, "n"}, {3, ""}, {-1, ""}}}},
                      {{"y", TW_BOOL, false, {}}}};
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::json::Value(toJson(signature));
  EXPECT_EQ(
      text,
      R"({"inputs":[{"dtype":"float32","name":"x","shape":["n",3,null]}],"name":"m","outputs":[{"dtype":"bool","name":"y"}]})");
}

#include "compiler/Link.h"

#include "compiler/Errors.h"
#include "compiler/MemoryFile.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <fcntl.h>
#include <mutex>
#include <optional>
#include <thread>
#include <unistd.h>

LLD_HAS_DRIVER(elf)

using namespace tw;
using llvm::StringRef;

// From Embedded.S.
extern "C" {
extern const char tw_embedded_runtime[], tw_embedded_runtime_end[];
extern const char tw_embedded_libc[], tw_embedded_libc_end[];
extern const char tw_embedded_libm[], tw_embedded_libm_end[];
}

std::string tw::toIdentifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  bool startsWell = !result.empty() && !llvm::isDigit(result[0]);
  return startsWell ? result : "_" + result;
}

namespace {

/// The linker's output without a file: lld writes to a pipe as it writes to any
/// special file, from memory and at the end.
class OutputPipe {
public:
  llvm::Error open() {
    if (pipe2(ends, O_CLOEXEC) != 0)
      return userError(
          "cannot make a pipe: ",
          std::error_code(errno, std::generic_category()).message());
    reader = std::thread([this] { readAll(); });
    return llvm::Error::success();
  }
  std::string path() const {
    return "/proc/self/fd/" + std::to_string(ends[1]);
  }

  /// What was written, after the linker is through.
  std::string finish() {
    close(ends[1]);
    reader.join();
    close(ends[0]);
    return std::move(image);
  }

private:
  void readAll() {
    char buffer[1 << 16];
    for (ssize_t size; (size = read(ends[0], buffer, sizeof buffer)) > 0;)
      image.append(buffer, size);
  }

  int ends[2] = {-1, -1};
  std::thread reader;
  std::string image;
};

/// The files that the linker reads, and its command line.
class Command {
public:
  llvm::Error addFile(const char *name, StringRef content) {
    auto file = MemoryFile::create(name, content);
    if (!file)
      return file.takeError();
    arguments.push_back(file->path());
    files.push_back(std::move(*file));
    return llvm::Error::success();
  }
  void add(const llvm::Twine &argument) { arguments.push_back(argument.str()); }

  /// An option whose value is a file: "--name=path".
  llvm::Error addFileOption(StringRef option, const char *name,
                            StringRef content) {
    if (auto error = addFile(name, content))
      return error;
    arguments.back() = (option + arguments.back()).str();
    return llvm::Error::success();
  }

  llvm::SmallVector<const char *> pointers() const {
    llvm::SmallVector<const char *> result;
    for (const std::string &argument : arguments)
      result.push_back(argument.c_str());
    return result;
  }

private:
  std::vector<MemoryFile> files;
  std::vector<std::string> arguments;
};

} // namespace

/// Only the C interface is visible; a symbol of ours never meets one of another
/// model in the process.
static std::string versionScript(const LinkOptions &options) {
  return "{ global: tw_model_*; tw_context_*; tw_dtype_*; tw_artifact_program; "
         "tw_program_" +
         options.identifier + "; local: *; };\n";
}

static void addOptions(Command &command, const LinkOptions &options) {
  for (StringRef argument :
       {"ld.lld", "-shared", "--no-undefined", "--gc-sections",
        "--hash-style=gnu", "-znow", "-zrelro", "-znoexecstack",
        "--build-id=none", "--eh-frame-hdr", "--as-needed", "-Bsymbolic",
        "--threads=1", "--undefined=tw_artifact_program",
        "--undefined=tw_model_open"})
    command.add(argument);
  command.add("--defsym=tw_program_" + options.identifier +
              "=tw_artifact_program");
  if (!options.soname.empty())
    command.add("-soname=" + options.soname);
  if (options.kind == ArtifactKind::Executable) {
    command.add("--undefined=_tw_start");
    command.add("--entry=_tw_start");
  }
}

/// One archive for all: a large model has more kernels than a process may have
/// open files.
static llvm::Error addObjects(Command &command,
                              llvm::ArrayRef<StringRef> objects) {
  std::vector<llvm::NewArchiveMember> members;
  for (StringRef object : objects)
    members.emplace_back(llvm::MemoryBufferRef(object, "object.o"));
  auto archive = llvm::writeArchiveToBuffer(
      members, llvm::SymtabWritingMode::NoSymtab, llvm::object::Archive::K_GNU,
      /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  command.add("--whole-archive");
  if (auto error = command.addFile("objects", (*archive)->getBuffer()))
    return error;
  command.add("--no-whole-archive");
  return llvm::Error::success();
}

static llvm::Error addInputs(Command &command,
                             llvm::ArrayRef<StringRef> objects,
                             const LinkOptions &options) {
  auto embedded = [](const char *begin, const char *end) {
    return StringRef(begin, end - begin);
  };
  if (auto error = command.addFileOption("--version-script=", "exports",
                                         versionScript(options)))
    return error;
  if (auto error = addObjects(command, objects))
    return error;
  if (auto error = command.addFile(
          "runtime", embedded(tw_embedded_runtime, tw_embedded_runtime_end)))
    return error;
  if (auto error = command.addFile(
          "libc.so.6", embedded(tw_embedded_libc, tw_embedded_libc_end)))
    return error;
  return command.addFile("libm.so.6",
                         embedded(tw_embedded_libm, tw_embedded_libm_end));
}

/// lld keeps its state in globals, so links take turns.
static llvm::Error runLinker(llvm::ArrayRef<const char *> arguments) {
  static std::mutex turn;
  std::lock_guard<std::mutex> lock(turn);
  std::string messages;
  llvm::raw_string_ostream stream(messages);
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return llvm::Error::success();
  return compilerBug("linking the artifact failed: ", messages);
}

llvm::Expected<std::string> tw::linkImage(llvm::ArrayRef<StringRef> objects,
                                          const LinkOptions &options) {
  Command command;
  addOptions(command, options);
  if (auto error = addInputs(command, objects, options))
    return error;
  OutputPipe output;
  if (auto error = output.open())
    return error;
  command.add("--output=" + output.path());
  llvm::Error failure = runLinker(command.pointers());
  std::string image = output.finish();
  if (failure)
    return failure;
  return image;
}

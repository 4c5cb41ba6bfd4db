#include "tools/cli/Use.h"

#include "compiler/Artifact.h"
#include "compiler/Errors.h"
#include "runtime/cli/Report.h"
#include "tools/cli/Npz.h"
#include "tools/cli/Options.h"
#include "tools/cli/ReadInput.h"
#include "tools/cli/Report.h"

using namespace tw;
using namespace tw::cli;

void Use::addOptions(CLI::App &app) {
  app.add_option("FILE", file, "ONNX model or compiled model")->required();
  app.add_option("--input", inputs,
                 "an input's values: NAME=FILE with .npy, .npz, .png or .jpg, "
                 "NAME=random, NAME=random:LO:HI, or FILE.npz for all "
                 "(repeatable)")
      ->type_name("NAME=VALUE")
      ->type_size(1)
      ->allow_extra_args(false);
  addDims(app, dims);
  addThreads(app, threads,
             "threads to run with (default: TILEWRIGHT_THREADS, or all CPUs)");
  app.add_option(
         "--device", device,
         "where to run: cpu, cuda, cuda:N, emulator or auto (default: "
         "TILEWRIGHT_DEVICE, or auto). An ONNX model is compiled for it "
         "unless --target is given")
      ->type_name("NAME");
  app.add_option("--emulator", emulator, "the PTX emulator's library")
      ->type_name("FILE");
  app.add_option("--emulator-seed", emulatorSeed, "of its order of events")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--cuda-graph", cudaGraph,
               "replay runs of equal sizes as a CUDA graph");
  app.add_option("--seed", seed, "of random inputs")
      ->check(CLI::Range(int64_t(0), int64_t(INT32_MAX)))
      ->capture_default_str();
  app.add_flag("--json", json, "machine-readable output");
  app.add_flag("--quiet", quiet, "no progress while a model is compiled");
  addCodeOptions(app, compile);
  app.get_option("--target")->each([this](const std::string &) {
    isTargetGiven = true;
  });
}

llvm::Error Use::compileModel() {
  ProgressLine progress(quiet);
  compile.progress = progress.callback();
  compile.dims = std::exchange(dims, {});
  if (!isTargetGiven)
    compile.target = targetFor(device);
  ModelSource source = ModelSource::ofFile(file);
  auto compiled = compileToMemory(source, compile);
  if (!compiled)
    return withReproducer(compiled.takeError(), source, compile, file);
  memory = std::move(*compiled);
  return llvm::Error::success();
}

/// The loader's own message would not say what was expected.
static llvm::Error checkArtifact(const std::string &file) {
  auto info = readArtifactInfo(file);
  return info ? llvm::Error::success() : info.takeError();
}

llvm::Error Use::open() {
  bool artifact = isArtifact(file);
  if (llvm::Error error = artifact ? checkArtifact(file) : compileModel())
    return error;
  tw_options options = {};
  options.threads = threads;
  options.profile = profile;
  options.device = device.empty() ? nullptr : device.c_str();
  options.emulator = emulator.empty() ? nullptr : emulator.c_str();
  options.cuda_graph = cudaGraph;
  options.emulator_seed = emulatorSeed;
  std::string path = artifact ? file : memory.path();
  char message[1024];
  if (tw_model_open(path.c_str(), &options, &model, message, sizeof message))
    return userError(message);
  reportDevice(model);
  return expandArchives();
}

/// A .npz without a name stands for every input that it holds.
llvm::Error Use::expandArchives() {
  std::vector<std::string> expanded;
  for (const std::string &text : inputs) {
    if (llvm::StringRef(text).contains('=') ||
        !llvm::StringRef(text).ends_with(".npz")) {
      expanded.push_back(text);
      continue;
    }
    auto names = listNpz(text);
    if (!names)
      return names.takeError();
    for (const std::string &name : *names)
      expanded.push_back(name + "=" + text);
  }
  inputs = std::move(expanded);
  return llvm::Error::success();
}

llvm::Error Use::fillOptions(Options &options) {
  dimTexts.clear();
  for (const auto &[name, size] : dims)
    dimTexts.push_back(name + "=" + std::to_string(size));
  if (!options.inputs.create(inputs.size()) ||
      !options.dims.create(dimTexts.size()))
    return userError("out of memory");
  for (const std::string &text : inputs)
    options.inputs[options.inputCount++] = text.c_str();
  for (const std::string &text : dimTexts)
    options.dims[options.dimCount++] = text.c_str();
  options.output = output.empty() ? nullptr : output.c_str();
  options.seed = seed;
  options.json = json;
  options.profile = profile;
  return llvm::Error::success();
}

static llvm::Error failure(const Message &message) {
  return userError(message.empty() ? "out of memory" : message.str());
}

llvm::Error Use::use(int64_t benchRuns) {
  Options options;
  if (llvm::Error error = fillOptions(options))
    return error;
  options.bench = benchRuns != 0;
  options.benchRuns = std::max<int64_t>(benchRuns, 0);
  Message message;
  if (!Session(model, options, message, readInput).run())
    return failure(message);
  return llvm::Error::success();
}

llvm::Error Use::writeInputs(const std::string &folder) {
  Options options;
  if (llvm::Error error = fillOptions(options))
    return error;
  options.bench = true; // inputs that are not given are random
  Inputs values;
  Message message;
  bool good = bindInputs(*model->program, options, values, message, readInput);
  for (int64_t i = 0; good && i < values.tensors.size(); ++i)
    good = writeNpy((folder + "/" + std::to_string(i) + ".npy").c_str(),
                    values.tensors[i], message);
  return good ? llvm::Error::success() : failure(message);
}

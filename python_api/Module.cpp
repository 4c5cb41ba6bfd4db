// The module tilewright._core: the compiler's and the runtime's interfaces as
// they are; tilewright/*.py makes them pleasant.
#include "python_api/Model.h"

#include "compiler/Artifact.h"
#include "compiler/Compiler.h"
#include "compiler/Errors.h"

#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;
using namespace tw;
using namespace tw::python;

namespace {
struct BugException : std::runtime_error {
  using std::runtime_error::runtime_error;
};
} // namespace

[[noreturn]] static void raise(llvm::Error error) {
  bool user = error.isA<UserError>();
  std::string text = llvm::toString(std::move(error));
  if (user)
    throw UserException(text);
  throw BugException(text);
}

static nb::list describeStages(const CompileReport &report) {
  nb::list stages;
  for (const StageReport &stage : report.stages)
    stages.append(
        nb::make_tuple(stage.name, stage.milliseconds, stage.changed));
  return stages;
}

/// Returns the model and its list of (stage, milliseconds, changed).
static nb::tuple compile(std::string path, nb::bytes bytes,
                         const CompileOptions &options,
                         const OpenOptions &opening, bool timing) {
  ModelSource source = ModelSource::ofFile(std::move(path));
  source.bytes.assign(bytes.c_str(), bytes.size());
  CompileReport report;
  std::unique_ptr<Model> model;
  {
    nb::gil_scoped_release release;
    auto file = compileToMemory(source, options, timing ? &report : nullptr);
    if (!file)
      raise(file.takeError());
    std::string location = file->path();
    model = std::make_unique<Model>(location, std::move(*file), opening);
  }
  return nb::make_tuple(std::move(model), describeStages(report));
}

static std::unique_ptr<Model> load(const std::string &path,
                                   const OpenOptions &opening) {
  nb::gil_scoped_release release;
  auto info = readArtifactInfo(path);
  if (!info)
    raise(info.takeError());
  return std::make_unique<Model>(path, MemoryFile(), opening);
}

NB_MODULE(_core, m) {
  nb::exception<UserException>(m, "UserError", PyExc_ValueError);
  nb::exception<BugException>(m, "CompilerBug", PyExc_RuntimeError);

  nb::class_<CompileOptions>(m, "CompileOptions")
      .def(nb::init<>())
      .def_rw("target", &CompileOptions::target)
      .def_rw("cpu", &CompileOptions::cpu)
      .def_rw("dims", &CompileOptions::dims)
      .def_rw("conv", &CompileOptions::conv)
      .def_rw("check_fusions", &CompileOptions::checkFusions)
      .def_rw("threads", &CompileOptions::threads)
      .def_rw("embed_cubin", &CompileOptions::embedCubin)
      .def_rw("fast_math", &CompileOptions::fastMath)
      .def_rw("allow_tf32", &CompileOptions::allowTf32)
      .def_rw("dump_ir", &CompileOptions::dumpIr)
      .def_rw("dump_dir", &CompileOptions::dumpDir)
      .def_rw("verify_each", &CompileOptions::verifyEach);

  nb::class_<OpenOptions>(m, "OpenOptions")
      .def(nb::init<>())
      .def_rw("device", &OpenOptions::device)
      .def_rw("emulator", &OpenOptions::emulator)
      .def_rw("emulator_seed", &OpenOptions::emulatorSeed)
      .def_rw("cuda_graph", &OpenOptions::cudaGraph)
      .def_rw("threads", &OpenOptions::threads)
      .def_rw("profile", &OpenOptions::profile);

  nb::class_<Model>(m, "Model")
      .def("run_on_device", &Model::runOnDevice)
      .def("counters", &Model::counters)
      .def_prop_ro("device", &Model::device)
      .def_prop_ro("device_reason", &Model::deviceReason)
      .def("run", &Model::run)
      .def("save", &Model::save)
      .def("profile", &Model::profile)
      .def_prop_ro("inputs", &Model::inputs)
      .def_prop_ro("outputs", &Model::outputs)
      .def_prop_ro("name", &Model::name)
      .def_prop_ro("metadata", &Model::metadata)
      .def_prop_ro("threads", &Model::threads);

  m.def("compile", &compile);
  m.def("load", &load);
  m.def("version", &compilerVersion);
}

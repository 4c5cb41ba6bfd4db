// Models on devices: choosing one, running there, what can go wrong.
#include "FakeCuda.h"
#include "TestModel.h"

#include <cstring>
#include <dlfcn.h>

extern "C" const tw_program device_program, base_program, both_program;

namespace {

void multiply(void **parameters, uint32_t, uint32_t) {
  auto at = [&](int i) { return *static_cast<float **>(parameters[i]); };
  for (int64_t i = 0; i < *static_cast<int64_t *>(parameters[4]); ++i)
    at(5)[i] = at(0)[i] * *at(1);
}

void add(void **parameters, uint32_t, uint32_t) {
  auto at = [&](int i) { return *static_cast<float **>(parameters[i]); };
  for (int64_t i = 0; i < *static_cast<int64_t *>(parameters[4]); ++i)
    at(3)[i] = at(5)[i] + *at(2);
}

/// Opened once and kept, so that the runtime's dlopen finds the same copy.
void *library() {
  static void *handle = dlopen(TEST_FAKE_CUDA, RTLD_NOW | RTLD_LOCAL);
  return handle;
}
template <typename T>
T *fake(const char *name) {
  return reinterpret_cast<T *>(dlsym(library(), name));
}
#define FAKE(name) fake<decltype(name)>(#name)

tw_options onDevice(const char *device) {
  tw_options options = {};
  options.device = device;
  return options;
}

/// Inputs of `rows` rows: x counts up, b is 1.
struct DeviceInputs {
  explicit DeviceInputs(int64_t rows) : dims{rows, 3}, x(rows * 3) {
    x.reserve(1);
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(i % 1000) * 0.25f;
    tensors[0] = {x.data(), TW_FLOAT, 2, dims, 0, 0, 0};
    tensors[1] = {&b, TW_FLOAT, 0, nullptr, 0, 0, 0};
  }
  DeviceInputs(const DeviceInputs &) = delete;

  int64_t dims[2];
  std::vector<float> x;
  float b = 1.0f;
  tw_tensor tensors[2];
};

void expectResult(const tw_tensor outputs[2], const DeviceInputs &inputs) {
  ASSERT_EQ(outputs[0].rank, 2);
  ASSERT_EQ(outputs[0].dims[0], inputs.dims[0]);
  auto *y = static_cast<const float *>(outputs[0].data);
  for (size_t i = 0; i < inputs.x.size(); ++i)
    ASSERT_EQ(y[i], inputs.x[i] * 2.0f + inputs.b) << i;
  EXPECT_EQ(*static_cast<const int64_t *>(outputs[1].data),
            int64_t(inputs.x.size()));
}

tw_status run(const ContextPtr &context, const DeviceInputs &inputs,
              tw_tensor outputs[2]) {
  return tw_context_run(context.get(), inputs.tensors, 2, outputs, 2);
}

void runAndExpect(const ContextPtr &context, int64_t rows) {
  DeviceInputs inputs(rows);
  tw_tensor outputs[2] = {};
  ASSERT_EQ(run(context, inputs, outputs), TW_OK)
      << tw_context_error(context.get());
  expectResult(outputs, inputs);
}

/// The message of a model that cannot be opened.
std::string openError(const tw_program &program, tw_options options,
                      tw_status expected) {
  tw_model *model;
  char error[1024] = "";
  EXPECT_EQ(tw_model_create(&program, &options, &model, error, sizeof error),
            expected)
      << error;
  tw_model_close(model);
  return error;
}

bool has(const std::string &text, const char *part) {
  return text.find(part) != std::string::npos;
}

class CudaTest : public testing::Test {
protected:
  void SetUp() override {
    setenv("TILEWRIGHT_LIBCUDA", TEST_FAKE_CUDA, 1);
    ASSERT_TRUE(library()) << dlerror();
    FAKE(fake_cuda_reset)();
    FAKE(fake_cuda_define)("scale_p0", 6, multiply);
    FAKE(fake_cuda_define)("scale_p1", 6, add);
  }
  void TearDown() override {
    EXPECT_EQ(FAKE(fake_cuda_alive)(), 0);
    EXPECT_EQ(FAKE(fake_cuda_calls)("cuCtxPushCurrent_v2"),
              FAKE(fake_cuda_calls)("cuCtxPopCurrent_v2"));
    unsetenv("TILEWRIGHT_LIBCUDA");
  }

  static std::string log() { return FAKE(fake_cuda_log)(); }
  static void failAt(const char *function, int32_t nth, int32_t result) {
    FAKE(fake_cuda_fail)(function, nth, result);
  }
};

//===----------------------------------------------------------------------===//
// Choosing
//===----------------------------------------------------------------------===//

TEST(Device, unknownName) {
  EXPECT_EQ(openError(both_program, onDevice("gpu"), TW_INVALID_ARGUMENT),
            "device: expected cpu, cuda, cuda:N, emulator or auto, found "
            "'gpu'");
  openError(both_program, onDevice("cuda:"), TW_INVALID_ARGUMENT);
  openError(both_program, onDevice("cuda:x"), TW_INVALID_ARGUMENT);
  openError(both_program, onDevice("cudax"), TW_INVALID_ARGUMENT);
}

TEST(Device, noCodeForIt) {
  EXPECT_EQ(openError(device_program, onDevice("cpu"), TW_UNSUPPORTED_DEVICE),
            "model 'device model' holds no code for device 'cpu', only PTX "
            "(compile it with --target=cpu or --target=cpu,ptx)");
  EXPECT_EQ(openError(tw_program_data, onDevice("cuda"), TW_UNSUPPORTED_DEVICE),
            "model 'test model' holds no code for device 'cuda', only for the "
            "CPU (compile it with --target=ptx or --target=cpu,ptx)");
  openError(tw_program_data, onDevice("emulator"), TW_UNSUPPORTED_DEVICE);
}

TEST(Device, noDriver) {
  setenv("TILEWRIGHT_LIBCUDA", "/nonexistent/libcuda.so.1", 1);
  std::string error = openError(device_program, onDevice("cuda"), TW_NO_DEVICE);
  EXPECT_TRUE(has(error, "device 'cuda': no CUDA driver: /nonexistent"))
      << error;
  error = openError(device_program, onDevice("auto"), TW_NO_DEVICE);
  EXPECT_TRUE(has(error, "holds no code for the CPU")) << error;

  ModelPtr model = createModel(onDevice("auto"), both_program);
  EXPECT_STREQ(tw_model_device(model.get()), "cpu");
  EXPECT_TRUE(has(tw_model_device_reason(model.get()), "no CUDA driver"));
  runAndExpect(createContext(model), 5);
  unsetenv("TILEWRIGHT_LIBCUDA");
}

TEST(Device, theCpuWhereThereIsNoChoice) {
  ModelPtr model = createModel({}, tw_program_data);
  EXPECT_STREQ(tw_model_device(model.get()), "cpu");
  EXPECT_STREQ(tw_model_device_reason(model.get()), "");
}

TEST(Device, theCpuKnowsNoDeviceMemory) {
  ModelPtr model = createModel(onDevice("cpu"), both_program);
  ContextPtr context = createContext(model);
  DeviceInputs inputs(2);
  inputs.tensors[1].memory = TW_DEVICE;
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_INVALID_ARGUMENT);
  EXPECT_STREQ(tw_context_error(context.get()),
               "'b': expected memory of the host, since the model runs on the "
               "CPU, found a device's");
}

TEST(Device, noEmulator) {
  tw_options options = onDevice("emulator");
  options.emulator = "/nonexistent/emulator.so";
  std::string error = openError(device_program, options, TW_NO_DEVICE);
  EXPECT_TRUE(has(error, "device 'emulator': no libtilewright-emulator.so"))
      << error;
  options.emulator = TEST_FAKE_CUDA;
  error = openError(device_program, options, TW_NO_DEVICE);
  EXPECT_TRUE(has(error, "has no tw_emulator_abi_version")) << error;
}

TEST_F(CudaTest, autoTakesTheGpu) {
  ModelPtr model = createModel({}, both_program);
  EXPECT_STREQ(tw_model_device(model.get()), "cuda:0 (Fake GPU, sm_90)");
  EXPECT_STREQ(tw_model_device_reason(model.get()), "a GPU is there");
  runAndExpect(createContext(model), 5);
}

TEST_F(CudaTest, theEnvironmentChooses) {
  setenv("TILEWRIGHT_DEVICE", "cpu", 1);
  ModelPtr model = createModel({}, both_program);
  EXPECT_STREQ(tw_model_device(model.get()), "cpu");
  unsetenv("TILEWRIGHT_DEVICE");
}

TEST_F(CudaTest, oldDriver) {
  FAKE(fake_cuda_set)(1, 90, 11040, 1 << 30);
  EXPECT_EQ(openError(device_program, onDevice("cuda"), TW_NO_DEVICE),
            "device 'cuda': expected a driver for CUDA 12.0 or newer, found "
            "11.4");
}

TEST_F(CudaTest, noDevice) {
  FAKE(fake_cuda_set)(0, 90, 13000, 1 << 30);
  EXPECT_EQ(openError(device_program, onDevice("cuda"), TW_NO_DEVICE),
            "device 'cuda:0': the driver finds no device");
  FAKE(fake_cuda_set)(2, 90, 13000, 1 << 30);
  EXPECT_EQ(openError(device_program, onDevice("cuda:2"), TW_NO_DEVICE),
            "device 'cuda:2': expected an index below 2, the number of "
            "devices");
  ModelPtr model = createModel(onDevice("cuda:1"), device_program);
  EXPECT_STREQ(tw_model_device(model.get()), "cuda:1 (Fake GPU, sm_90)");
}

TEST_F(CudaTest, initialisationFails) {
  failAt("cuInit", 1, 999);
  std::string error = openError(device_program, onDevice("cuda"), TW_NO_DEVICE);
  EXPECT_TRUE(has(error, "cannot be initialised: CUDA_ERROR_OTHER")) << error;
}

TEST_F(CudaTest, olderArchitecture) {
  FAKE(fake_cuda_set)(1, 75, 13000, 1 << 30);
  EXPECT_EQ(openError(device_program, onDevice("cuda"), TW_UNSUPPORTED_DEVICE),
            "model 'device model' holds code for sm_90a, sm_80, which device "
            "'cuda:0 (Fake GPU, sm_75)' does not run");
}

TEST_F(CudaTest, theMostSpecificCodeThatRuns) {
  ModelPtr hopper = createModel(onDevice("cuda"), device_program);
  runAndExpect(createContext(hopper), 5);
  EXPECT_TRUE(has(log(), "load a cubin")) << log();
  EXPECT_TRUE(has(log(), "cluster 2")) << log();
  hopper.reset();

  FAKE(fake_cuda_set)(1, 100, 13000, 1 << 30);
  ModelPtr newer = createModel(onDevice("cuda"), device_program);
  runAndExpect(createContext(newer), 5);
  EXPECT_TRUE(has(log(), "load .version")) << log();
}

//===----------------------------------------------------------------------===//
// Running
//===----------------------------------------------------------------------===//

TEST_F(CudaTest, manySizes) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  for (int64_t rows : {1, 1000, 0, 7, 15, 16, 200000, 3})
    runAndExpect(context, rows);
  EXPECT_TRUE(has(log(), "launch scale_p0 1x64 shared 16")) << log();
}

/// The parameter behind y, n and the workspace is the map.
void readMap(void **parameters, uint32_t, uint32_t) {
  auto *y = *static_cast<float **>(parameters[0]);
  *y = *static_cast<float **>(parameters[3]) == y ? 1.0f : 0.0f;
}

TEST_F(CudaTest, tensorMaps) {
  FAKE(fake_cuda_define)("broken_p0", 4, readMap);
  ModelPtr model = createModel(onDevice("cuda"), device_program);
  ContextPtr context = createContext(model);
  DeviceInputs inputs(17);
  tw_tensor outputs[2] = {};
  ASSERT_EQ(run(context, inputs, outputs), TW_OK)
      << tw_context_error(context.get());
  EXPECT_EQ(*static_cast<float *>(outputs[0].data), 1.0f);
  EXPECT_TRUE(has(log(), "map type 7 rank 2 dims 3x17 stride 12 box 3x8 "
                         "swizzle 3"))
      << log();
  failAt("cuTensorMapEncodeTiled", 1, 1);
  tw_tensor others[2] = {};
  EXPECT_NE(run(context, inputs, others), TW_OK);
  EXPECT_TRUE(
      has(tw_context_error(context.get()), "a tensor map cannot be made"))
      << tw_context_error(context.get());
}

TEST_F(CudaTest, kernelsAreLoadedWhenLaunched) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuModuleLoadDataEx"), 0);
  runAndExpect(context, 4);
  runAndExpect(context, 5);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuModuleLoadDataEx"), 1);
}

TEST_F(CudaTest, twoContextsAtOnce) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr first = createContext(model), second = createContext(model);
  DeviceInputs some(10), others(20);
  tw_tensor a[2] = {}, b[2] = {};
  ASSERT_EQ(run(first, some, a), TW_OK);
  ASSERT_EQ(run(second, others, b), TW_OK);
  expectResult(a, some);
  expectResult(b, others);
}

TEST_F(CudaTest, callersBuffers) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  DeviceInputs inputs(4);
  std::vector<float> y(12);
  tw_tensor outputs[2] = {};
  outputs[0].data = y.data();
  outputs[0].capacity = 48;
  ASSERT_EQ(run(context, inputs, outputs), TW_OK);
  EXPECT_EQ(outputs[0].data, y.data());
  expectResult(outputs, inputs);

  outputs[1] = {};
  outputs[0].capacity = 47;
  EXPECT_EQ(run(context, inputs, outputs), TW_INVALID_ARGUMENT);
  EXPECT_STREQ(tw_context_error(context.get()),
               "output 'y' of shape [4, 3]: expected a buffer of at least 48 "
               "bytes, found 47");
}

/// Memory of the fake device can be read here.
TEST_F(CudaTest, deviceMemoryInAndOut) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model), other = createContext(model);
  DeviceInputs inputs(15);
  tw_tensor outputs[2] = {};
  outputs[0].memory = TW_DEVICE;
  ASSERT_EQ(run(context, inputs, outputs), TW_OK)
      << tw_context_error(context.get());
  EXPECT_FALSE(has(log(), "download 180")) << log();
  expectResult(outputs, inputs);

  // The first's result is the second's input, which is not uploaded.
  DeviceInputs next(15);
  next.tensors[0] = outputs[0];
  next.x.assign(static_cast<float *>(outputs[0].data),
                static_cast<float *>(outputs[0].data) + 45);
  tw_tensor results[2] = {};
  ASSERT_EQ(run(other, next, results), TW_OK);
  expectResult(results, next);
  size_t first = log().find("upload 180");
  EXPECT_EQ(log().find("upload 180", first + 1), std::string::npos) << log();
}

TEST_F(CudaTest, profile) {
  tw_options options = onDevice("cuda");
  options.profile = 1;
  ModelPtr model = createModel(options, base_program);
  ContextPtr context = createContext(model);
  runAndExpect(context, 4);
  runAndExpect(context, 4);
  int64_t nanoseconds, calls;
  ASSERT_EQ(tw_context_profile(context.get(), 0, &nanoseconds, &calls), TW_OK);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(nanoseconds, 1000000);
  EXPECT_EQ(tw_context_counters(context.get()), nullptr);
}

TEST_F(CudaTest, graphs) {
  tw_options options = onDevice("cuda");
  options.cuda_graph = 1;
  ModelPtr model = createModel(options, base_program);
  ContextPtr context = createContext(model);
  for (int i = 0; i < 4; ++i)
    runAndExpect(context, 4);
  // The first runs, the second is recorded, and replayed like the rest.
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuGraphLaunch"), 3);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuLaunchKernelEx"), 4);
  // Other sizes, then again.
  runAndExpect(context, 40);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuGraphLaunch"), 3);
  runAndExpect(context, 40);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuGraphLaunch"), 4);
  // What a kernel or an input's value decides cannot be replayed.
  for (int64_t rows : {15, 15, 15, 16, 16, 16})
    runAndExpect(context, rows);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuGraphLaunch"), 4);
}

TEST_F(CudaTest, graphThatCannotBeMade) {
  tw_options options = onDevice("cuda");
  options.cuda_graph = 1;
  ModelPtr model = createModel(options, base_program);
  ContextPtr context = createContext(model);
  failAt("cuGraphInstantiateWithFlags", 1, 1);
  for (int i = 0; i < 3; ++i)
    runAndExpect(context, 4);
  EXPECT_EQ(FAKE(fake_cuda_calls)("cuGraphLaunch"), 0);
}

//===----------------------------------------------------------------------===//
// Failing
//===----------------------------------------------------------------------===//

TEST_F(CudaTest, theModelForbidsAValue) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  DeviceInputs inputs(16);
  inputs.b = -1.0f;
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_RUN_FAILED);
  EXPECT_STREQ(tw_context_error(context.get()), "b is negative");
  runAndExpect(context, 16);
}

TEST_F(CudaTest, outOfMemory) {
  FAKE(fake_cuda_set)(1, 90, 13000, 1 << 20);
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  DeviceInputs inputs(100000);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_OUT_OF_MEMORY);
  EXPECT_TRUE(has(tw_context_error(context.get()),
                  "model 'device model': device 'cuda:0 (Fake GPU, sm_90)': "
                  "out of memory: 1200000 bytes asked for"))
      << tw_context_error(context.get());
}

/// Whatever fails, there is an error, nothing leaks, and no crash.
TEST_F(CudaTest, everyAllocationFails) {
  for (int32_t nth = 1; nth < 12; ++nth) {
    failAt("cuMemAlloc_v2", nth, 2);
    tw_model *handle;
    tw_options options = onDevice("cuda");
    char error[256];
    if (tw_model_create(&base_program, &options, &handle, error, sizeof error))
      continue;
    ModelPtr model(handle);
    ContextPtr context = createContext(model);
    DeviceInputs inputs(5);
    tw_tensor outputs[2] = {};
    tw_status status = run(context, inputs, outputs);
    EXPECT_TRUE(status == TW_OUT_OF_MEMORY || nth > 8) << nth << status;
    FAKE(fake_cuda_reset)();
    FAKE(fake_cuda_define)("scale_p0", 6, multiply);
    FAKE(fake_cuda_define)("scale_p1", 6, add);
  }
}

TEST_F(CudaTest, badPtx) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  failAt("cuModuleLoadDataEx", 1, 218);
  DeviceInputs inputs(5);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_UNSUPPORTED_DEVICE);
  EXPECT_STREQ(tw_context_error(context.get()),
               "model 'device model': device 'cuda:0 (Fake GPU, sm_90)': the "
               "driver (CUDA 13.0) refuses kernel 'scale': "
               "CUDA_ERROR_INVALID_PTX (fake): ptxas: line 7: unknown symbol "
               "(node 'scale/add')");
}

TEST_F(CudaTest, kernelFault) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  failAt("kernel", 2, 700);
  DeviceInputs inputs(5);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_KERNEL_FAULT);
  EXPECT_STREQ(tw_context_error(context.get()),
               "model 'device model': device 'cuda:0 (Fake GPU, sm_90)': "
               "CUDA_ERROR_ILLEGAL_ADDRESS (an illegal memory access was "
               "encountered) in one of the 2 kernels of node 'scale/add'");
}

TEST_F(CudaTest, kernelFaultAmongSeveralNodes) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  failAt("kernel", 3, 700);
  DeviceInputs inputs(17);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_KERNEL_FAULT);
  EXPECT_TRUE(has(tw_context_error(context.get()),
                  "in one of the 3 kernels from node 'scale/add' to node "
                  "'broken/node' (with profiling on"))
      << tw_context_error(context.get());
}

TEST_F(CudaTest, launchFails) {
  ModelPtr model = createModel(onDevice("cuda"), base_program);
  ContextPtr context = createContext(model);
  failAt("cuLaunchKernelEx", 1, 701);
  DeviceInputs inputs(5);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_KERNEL_FAULT);
  EXPECT_TRUE(
      has(tw_context_error(context.get()), "in the kernel of node 'scale/add'"))
      << tw_context_error(context.get());
  runAndExpect(context, 5);
}

#ifdef TEST_EMULATOR
//===----------------------------------------------------------------------===//
// The emulator
//===----------------------------------------------------------------------===//

tw_options onEmulator() {
  tw_options options = onDevice("emulator");
  options.emulator = TEST_EMULATOR;
  return options;
}

TEST(EmulatorDevice, manySizes) {
  ModelPtr model = createModel(onEmulator(), base_program);
  EXPECT_STREQ(tw_model_device(model.get()), "emulator");
  ContextPtr context = createContext(model);
  for (int64_t rows : {1, 1000, 0, 7, 15, 16, 3})
    runAndExpect(context, rows);
  const char *counters = tw_context_counters(context.get());
  ASSERT_TRUE(counters);
  EXPECT_TRUE(has(counters, "scale_p0")) << counters;
}

TEST(EmulatorDevice, findings) {
  ModelPtr model = createModel(onEmulator(), base_program);
  ContextPtr context = createContext(model);
  DeviceInputs inputs(17);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(run(context, inputs, outputs), TW_KERNEL_FAULT);
  std::string error = tw_context_error(context.get());
  for (const char *part : {"out-of-bounds", "broken/node", "PTX line",
                           "broken_p0", "block 0, thread 0"})
    EXPECT_TRUE(has(error, part)) << error;
  runAndExpect(context, 5);
}
#endif

} // namespace

#include "TestModel.h"

#include <cstdlib>
#include <cstring>
#include <thread>

namespace {
std::string runError(tw_context *context, const tw_tensor *inputs,
                     int32_t inputCount, tw_tensor *outputs,
                     int32_t outputCount, tw_status expected) {
  EXPECT_EQ(tw_context_run(context, inputs, inputCount, outputs, outputCount),
            expected);
  return tw_context_error(context);
}

std::string createError(const tw_program &program, tw_options options,
                        tw_status expected) {
  tw_model *model;
  char error[256];
  EXPECT_EQ(tw_model_create(&program, &options, &model, error, sizeof error),
            expected);
  EXPECT_EQ(model, nullptr);
  return error;
}

class ContextTest : public testing::Test {
protected:
  std::string inputError(const TestInputs &inputs) {
    tw_tensor outputs[2] = {};
    return runError(context.get(), inputs.tensors, 3, outputs, 2,
                    TW_INVALID_ARGUMENT);
  }
  ModelPtr model = createModel({});
  ContextPtr context = createContext(model);
};
} // namespace

TEST_F(ContextTest, introspection) {
  EXPECT_STREQ(tw_model_name(model.get()), "test model");
  EXPECT_EQ(tw_model_input_count(model.get()), 3);
  EXPECT_EQ(tw_model_output_count(model.get()), 2);
  EXPECT_EQ(tw_model_find_input(model.get(), "mask/1"), 2);
  EXPECT_EQ(tw_model_find_output(model.get(), "mask/1"), -1);
  EXPECT_EQ(tw_model_input(model.get(), 3), nullptr);
  EXPECT_EQ(tw_model_input(model.get(), -1), nullptr);
  EXPECT_STREQ(tw_model_symbol(model.get(), 0), "rows");
  EXPECT_EQ(tw_model_symbol(model.get(), 1), nullptr);
  EXPECT_STREQ(tw_model_node(model.get(), 0), "scale/add");
  EXPECT_EQ(tw_model_output(model.get(), 0)->dims[1], 3);
}

TEST_F(ContextTest, ownsOutputsWithoutBuffers) {
  for (int64_t rows : {5, 1000, 0, 7}) {
    TestInputs inputs(rows);
    tw_tensor outputs[2] = {};
    ASSERT_EQ(tw_context_run(context.get(), inputs.tensors, 3, outputs, 2),
              TW_OK)
        << tw_context_error(context.get());
    expectScaled(outputs, inputs, 2.0f);
    EXPECT_STREQ(tw_context_error(context.get()), "");
  }
}

TEST_F(ContextTest, writesToCallersBuffers) {
  TestInputs inputs(4);
  std::vector<float> y(12);
  tw_tensor outputs[2] = {};
  outputs[0].data = y.data();
  outputs[0].capacity = 48;
  ASSERT_EQ(tw_context_run(context.get(), inputs.tensors, 3, outputs, 2),
            TW_OK);
  EXPECT_EQ(outputs[0].data, y.data());
  expectScaled(outputs, inputs, 2.0f);
}

TEST_F(ContextTest, sameBitsAtEveryNumberOfThreads) {
  TestInputs inputs(100000);
  tw_tensor expected[2] = {};
  ModelPtr oneThread = createModel(withThreads(1));
  ContextPtr reference = createContext(oneThread);
  ASSERT_EQ(tw_context_run(reference.get(), inputs.tensors, 3, expected, 2),
            TW_OK);
  for (int32_t threads : {2, 3, 8}) {
    ModelPtr other = createModel(withThreads(threads));
    ContextPtr its = createContext(other);
    tw_tensor outputs[2] = {};
    ASSERT_EQ(tw_context_run(its.get(), inputs.tensors, 3, outputs, 2), TW_OK);
    EXPECT_EQ(memcmp(outputs[0].data, expected[0].data, 1200000), 0);
  }
}

TEST_F(ContextTest, manyContextsAtOnce) {
  ModelPtr shared = createModel(withThreads(2));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      ContextPtr own = createContext(shared);
      TestInputs inputs(200 + 100 * t);
      for (int i = 0; i < 100; ++i) {
        tw_tensor outputs[2] = {};
        ASSERT_EQ(tw_context_run(own.get(), inputs.tensors, 3, outputs, 2),
                  TW_OK);
        expectScaled(outputs, inputs, 2.0f);
      }
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(ContextTest, profile) {
  ModelPtr profiled = createModel(withThreads(1, true));
  ContextPtr its = createContext(profiled);
  TestInputs inputs(100);
  int64_t nanoseconds = 0, calls = 0;
  for (int i = 0; i < 3; ++i) {
    tw_tensor outputs[2] = {};
    ASSERT_EQ(tw_context_run(its.get(), inputs.tensors, 3, outputs, 2), TW_OK);
  }
  EXPECT_EQ(tw_context_profile(its.get(), 0, &nanoseconds, &calls), TW_OK);
  EXPECT_EQ(calls, 3);
  EXPECT_GT(nanoseconds, 0);
  EXPECT_EQ(tw_context_profile(its.get(), 1, &nanoseconds, &calls),
            TW_INVALID_ARGUMENT);
  EXPECT_EQ(tw_context_profile(context.get(), 0, &nanoseconds, &calls),
            TW_INVALID_ARGUMENT);
}

//===----------------------------------------------------------------------===//
// Messages
//===----------------------------------------------------------------------===//

TEST_F(ContextTest, wrongNumberOfInputs) {
  TestInputs inputs(2);
  tw_tensor outputs[2] = {};
  EXPECT_EQ(runError(context.get(), inputs.tensors, 2, outputs, 2,
                     TW_INVALID_ARGUMENT),
            "model 'test model': expected 3 inputs, found 2");
  EXPECT_EQ(runError(context.get(), inputs.tensors, 3, outputs, 1,
                     TW_INVALID_ARGUMENT),
            "model 'test model': expected 2 outputs, found 1");
}

TEST_F(ContextTest, wrongType) {
  TestInputs inputs(2);
  inputs.tensors[0].dtype = TW_INT64;
  EXPECT_EQ(inputError(inputs), "input 'x': expected float32, found int64");
  inputs.tensors[0].dtype = 99;
  EXPECT_EQ(inputError(inputs), "input 'x': expected float32, found undefined");
}

TEST_F(ContextTest, wrongShape) {
  TestInputs inputs(2);
  inputs.xDims[1] = 4;
  EXPECT_EQ(inputError(inputs),
            "input 'x': expected shape [rows, 3], found [2, 4]");
  inputs.xDims[1] = 3;
  inputs.tensors[0].rank = 1;
  EXPECT_EQ(inputError(inputs),
            "input 'x': expected shape [rows, 3], found [2]");
  inputs.tensors[0].rank = -1;
  EXPECT_EQ(inputError(inputs),
            "input 'x': expected shape [rows, 3], found []");
}

TEST_F(ContextTest, impossibleShape) {
  TestInputs inputs(2);
  inputs.xDims[0] = -5;
  EXPECT_EQ(inputError(inputs),
            "input 'x': expected shape [rows, 3], found [-5, 3]");
  inputs.xDims[0] = INT64_MAX;
  EXPECT_EQ(inputError(inputs), "input 'x': expected shape [rows, 3], found "
                                "[9223372036854775807, 3]");
}

TEST_F(ContextTest, unequalSymbols) {
  TestInputs inputs(2);
  inputs.maskDims[0] = 3;
  EXPECT_EQ(inputError(inputs),
            "input 'mask/1': dimension 0 ('rows'): expected 2 as in dimension "
            "0 of input 'x', found 3");
}

TEST_F(ContextTest, missingData) {
  TestInputs inputs(2);
  inputs.tensors[1].data = nullptr;
  EXPECT_EQ(inputError(inputs),
            "input 'b': expected data, found a null pointer");
}

TEST_F(ContextTest, smallBuffer) {
  TestInputs inputs(4);
  std::vector<float> y(11);
  tw_tensor outputs[2] = {};
  outputs[0].data = y.data();
  outputs[0].capacity = 44;
  EXPECT_EQ(runError(context.get(), inputs.tensors, 3, outputs, 2,
                     TW_INVALID_ARGUMENT),
            "output 'y' of shape [4, 3]: expected a buffer of at least 48 "
            "bytes, found 44");
}

TEST_F(ContextTest, failuresOfTheProgram) {
  tw_tensor outputs[2] = {};
  TestInputs unlucky(13);
  EXPECT_EQ(
      runError(context.get(), unlucky.tensors, 3, outputs, 2, TW_RUN_FAILED),
      "13 rows of 3 are bad luck, 100%");
  TestInputs huge(14);
  EXPECT_EQ(
      runError(context.get(), huge.tensors, 3, outputs, 2, TW_OUT_OF_MEMORY),
      "model 'test model': out of memory: 9223372036854775807 bytes for "
      "a value of dynamic size");
  TestInputs good(2);
  EXPECT_EQ(runError(context.get(), good.tensors, 3, outputs, 2, TW_OK), "");
}

TEST(Model, wrongVersion) {
  tw_program program = tw_program_data;
  program.abi_version = 99;
  EXPECT_EQ(createError(program, {}, TW_BAD_ARTIFACT),
            "model: expected ABI version 3, found 99");
}

TEST(Model, missingCpuFeatures) {
  static const char *const features[] = {"sse2", "warp-drive", "flux"};
  tw_program program = tw_program_data;
  program.features = features;
  program.feature_count = 3;
  EXPECT_EQ(createError(program, {}, TW_UNSUPPORTED_CPU),
            "model 'test model' was compiled for a CPU with features that this "
            "one lacks: warp-drive, flux");
}

TEST(Model, missingWeights) {
  tw_program program = tw_program_data;
  program.weights = nullptr;
  EXPECT_EQ(createError(program, {}, TW_BAD_ARTIFACT),
            "model 'test model' needs 4 bytes of weights, its file holds 0");
}

TEST(Model, threadCounts) {
  EXPECT_EQ(createError(tw_program_data, withThreads(-1), TW_INVALID_ARGUMENT),
            "option threads: expected 1 to 1024 (or 0 for the default), found "
            "-1");
  setenv("TILEWRIGHT_THREADS", "3", 1);
  EXPECT_EQ(tw_model_threads(createModel({}).get()), 3);
  EXPECT_EQ(tw_model_threads(createModel(withThreads(5)).get()), 5);
  setenv("TILEWRIGHT_THREADS", "many", 1);
  EXPECT_EQ(createError(tw_program_data, {}, TW_INVALID_ARGUMENT),
            "TILEWRIGHT_THREADS: expected a number from 1 to 1024, found "
            "'many'");
  unsetenv("TILEWRIGHT_THREADS");
}

TEST(Model, openRejectsOtherFiles) {
  tw_model *model;
  char error[256];
  EXPECT_EQ(
      tw_model_open("/nonexistent.so", nullptr, &model, error, sizeof error),
      TW_BAD_ARTIFACT);
  EXPECT_STREQ(error, "/nonexistent.so: No such file or directory");
  EXPECT_EQ(tw_model_open("/etc/passwd", nullptr, &model, error, sizeof error),
            TW_BAD_ARTIFACT);
  EXPECT_EQ(model, nullptr);
  EXPECT_STREQ(error, "/etc/passwd: invalid ELF header");
}

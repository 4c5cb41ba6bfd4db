// Inputs and outputs for TestModel.c.
#pragma once

#include "runtime/host.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

extern "C" const tw_program tw_program_data;

/// A path of this process's own.
inline std::string temporaryPath(const std::string &name) {
  return testing::TempDir() + "tilewright-" + std::to_string(getpid()) + "-" +
         name;
}

struct ModelCloser {
  void operator()(tw_model *model) const { tw_model_close(model); }
  void operator()(tw_context *context) const { tw_context_destroy(context); }
};
using ModelPtr = std::unique_ptr<tw_model, ModelCloser>;
using ContextPtr = std::unique_ptr<tw_context, ModelCloser>;

inline tw_options withThreads(int32_t threads, bool profile = false) {
  tw_options options = {};
  options.threads = threads;
  options.profile = profile;
  return options;
}

inline ModelPtr createModel(tw_options options,
                            const tw_program &program = tw_program_data) {
  tw_model *model;
  char error[256];
  EXPECT_EQ(tw_model_create(&program, &options, &model, error, sizeof error),
            TW_OK)
      << error;
  return ModelPtr(model);
}

inline ContextPtr createContext(const ModelPtr &model) {
  tw_context *context;
  EXPECT_EQ(tw_context_create(model.get(), &context), TW_OK);
  return ContextPtr(context);
}

/// Inputs of `rows` rows.
struct TestInputs {
  explicit TestInputs(int64_t rows)
      : xDims{rows, 3}, maskDims{rows}, x(rows * 3), mask(rows + 1) {
    x.reserve(1); // a pointer even for no rows
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = float(i % 1000) * 0.25f;
    tensors[0] = {x.data(), TW_FLOAT, 2, xDims, 0, 0, 0};
    tensors[1] = {&b, TW_FLOAT, 0, nullptr, 0, 0, 0};
    tensors[2] = {mask.data(), TW_BOOL, 1, maskDims, 0, 0, 0};
  }
  TestInputs(const TestInputs &) = delete;

  int64_t xDims[2], maskDims[1];
  std::vector<float> x;
  float b = 1.0f;
  std::vector<char> mask;
  tw_tensor tensors[3];
};

inline void expectScaled(const tw_tensor outputs[2], const TestInputs &inputs,
                         float weight) {
  ASSERT_EQ(outputs[0].rank, 2);
  EXPECT_EQ(outputs[0].dtype, TW_FLOAT);
  EXPECT_EQ(outputs[0].dims[0], inputs.xDims[0]);
  auto *y = static_cast<const float *>(outputs[0].data);
  for (size_t i = 0; i < inputs.x.size(); ++i)
    ASSERT_EQ(y[i], inputs.x[i] * weight + inputs.b) << i;
  EXPECT_EQ(outputs[1].rank, 0);
  EXPECT_EQ(*static_cast<const int64_t *>(outputs[1].data),
            int64_t(inputs.x.size()));
}

#include "compiler/CheckFusions.h"

#include "compiler/Errors.h"
#include "compiler/Registry.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace tw;
using namespace mlir;

/// An attention and what it was made of; the fused op has the scale that is
/// given, the nodes divide by 2.
static constexpr char kProgram[] = R"(
func.func @main(%q: tensor<1x2x5x8xf32>, %k: tensor<1x2x7x8xf32>, %v: tensor<1x2x7x8xf32>) -> tensor<1x2x5x8xf32> {
  %half = nn.constant dense<2.0> : tensor<f32>
  %kt = nn.transpose %k {perm = array<i64: 0, 1, 3, 2>} : (tensor<1x2x7x8xf32>) -> tensor<1x2x8x7xf32>
  %s = nn.matmul %q, %kt {nn.site = 0 : i64} : (tensor<1x2x5x8xf32>, tensor<1x2x8x7xf32>) -> tensor<1x2x5x7xf32> loc("scores")
  %t = nn.div %s, %half {nn.site = 0 : i64} : (tensor<1x2x5x7xf32>, tensor<f32>) -> tensor<1x2x5x7xf32>
  %p = nn.softmax %t {nn.site = 0 : i64} : (tensor<1x2x5x7xf32>) -> tensor<1x2x5x7xf32>
  %f = nn.attention %q, %k, %v {nn.fused_site = 0 : i64, dead_rows = "nan", scale = SCALE : f32, operandSegmentSizes = array<i32: 1, 1, 1, 0, 0, 0, 0>} : (tensor<1x2x5x8xf32>, tensor<1x2x7x8xf32>, tensor<1x2x7x8xf32>) -> tensor<1x2x5x8xf32>
  %y = nn.matmul %p, %v {nn.site = 0 : i64} : (tensor<1x2x5x7xf32>, tensor<1x2x7x8xf32>) -> tensor<1x2x5x8xf32> loc("result")
  return %f : tensor<1x2x5x8xf32>
}
)";

static llvm::Error checkScale(llvm::StringRef scale) {
  std::string text = kProgram;
  text.replace(text.find("SCALE"), 5, scale.str());
  MLIRContext context(dialectRegistry());
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  CompileOptions options;
  Reporter reporter(options, nullptr);
  return checkFusedSites(*module, options, reporter);
}

TEST(CheckFusions, SaysNothingOfWhatIsRight) {
  EXPECT_EQ(llvm::toString(checkScale("0.5")), "");
}

TEST(CheckFusions, NamesTheNodesOfWhatIsWrong) {
  llvm::Error error = checkScale("0.51");
  EXPECT_TRUE(error.isA<CompilerBug>());
  std::string text = llvm::toString(std::move(error));
  EXPECT_NE(text.find("--check-fusions: the attention fused from nodes "
                      "'scores', 'result' differs from them by"),
            std::string::npos)
      << text;
}

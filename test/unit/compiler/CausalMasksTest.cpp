#include "compiler/CausalMasks.h"

#include "compiler/Registry.h"

#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FormatVariadic.h"
#include "gtest/gtest.h"

using namespace tw;
using namespace mlir;

namespace {
/// What became of an attention of 2 queries on 3 keys.
struct Found {
  std::string causal;
  int64_t offset = -1; ///< -1: no operand
  bool hasExtra = false;
};

/// `bias` or `mask`: a constant's elements with their type.
Found find(llvm::StringRef elements, llvm::StringRef type, bool isMask = false,
           llvm::StringRef attributes = "") {
  std::string text = llvm::formatv(
      R"(func.func @main(%q: tensor<1x2x2x8xf32>, %k: tensor<1x2x3x8xf32>) -> tensor<1x2x2x8xf32> {{
        %x = nn.constant dense<{0}> : {1}
        %y = nn.attention %q, %k, %k, %x {{operandSegmentSizes = array<i32: 1, 1, 1, {2}, 0, 0>{3}} :
          (tensor<1x2x2x8xf32>, tensor<1x2x3x8xf32>, tensor<1x2x3x8xf32>, {1}) -> tensor<1x2x2x8xf32>
        return %y : tensor<1x2x2x8xf32>
      })",
      elements, type, isMask ? "0, 1" : "1, 0", attributes);
  MLIRContext context(dialectRegistry());
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  findCausalMasks(*module, Weights{std::vector<wire::Data>()});
  Found found;
  module->walk([&](nn::AttentionOp op) {
    found.causal = op.getCausal().str();
    found.hasExtra = op.getBias() || op.getMask();
    if (op.getOffsets())
      found.offset = ShapeBuilder::constants(op.getOffsets())->front();
  });
  return found;
}

constexpr char kTable[] = "tensor<2x3xf32>";
} // namespace

TEST(CausalMasks, ATriangleIsCausal) {
  Found found = find("[[0.0, 0xFF800000, 0xFF800000], "
                     "[0.0, 0.0, 0xFF800000]]",
                     kTable);
  EXPECT_EQ(found.causal, "top_left");
  EXPECT_EQ(found.offset, 0);
  EXPECT_FALSE(found.hasExtra);
}

TEST(CausalMasks, AfterPastKeysItHasAnOffset) {
  Found found =
      find("[[[[0.0, 0.0, -3.4e38], [0.0, 0.0, 0.0]]]]", "tensor<1x1x2x3xf32>");
  EXPECT_EQ(found.causal, "top_left");
  EXPECT_EQ(found.offset, 1);
}

TEST(CausalMasks, AllHeadsSeeTheSame) {
  constexpr char kHeads[] = "tensor<1x2x2x3xf32>";
  Found found = find("[[[[0.0, 0.0, -1.0e9], [0.0, 0.0, 0.0]],"
                     "  [[0.0, 0.0, -1.0e9], [0.0, 0.0, 0.0]]]]",
                     kHeads);
  EXPECT_EQ(found.offset, 1);
  EXPECT_TRUE(find("[[[[0.0, 0.0, -1.0e9], [0.0, 0.0, 0.0]],"
                   "  [[0.0, -1.0e9, -1.0e9], [0.0, 0.0, -1.0e9]]]]",
                   kHeads)
                  .hasExtra);
}

TEST(CausalMasks, ReshapesAreSeenThrough) {
  MLIRContext context(dialectRegistry());
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(R"(
    func.func @main(%q: tensor<1x1x2x8xf32>) -> tensor<1x1x2x8xf32> {
      %x = nn.constant dense<[[0.0, -1.0e9], [0.0, 0.0]]> : tensor<2x2xf32>
      %shape = nn.constant dense<[1, 1, 2, 2]> : tensor<4xi64>
      %r = nn.reshape %x, %shape : (tensor<2x2xf32>, tensor<4xi64>) -> tensor<1x1x2x2xf32>
      %y = nn.attention %q, %q, %q, %r {operandSegmentSizes = array<i32: 1, 1, 1, 1, 0, 0, 0>} :
        (tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x8xf32>, tensor<1x1x2x2xf32>) -> tensor<1x1x2x8xf32>
      return %y : tensor<1x1x2x8xf32>
    })",
                                                             &context);
  findCausalMasks(*module, Weights{std::vector<wire::Data>()});
  module->walk(
      [&](nn::AttentionOp op) { EXPECT_EQ(op.getCausal(), "top_left"); });
}

TEST(CausalMasks, BooleansToo) {
  constexpr char kFlags[] = "[[true, true, false], [true, true, true]]";
  EXPECT_EQ(find(kFlags, "tensor<2x3xi1>", true).offset, 1);
  EXPECT_EQ(find(kFlags, "tensor<2x3xi1>", true, ", mask_value = -1.0e9 : f32")
                .offset,
            1);
  // Scores of -100 may be lower than those that are left.
  EXPECT_TRUE(
      find(kFlags, "tensor<2x3xi1>", true, ", mask_value = -100.0 : f32")
          .hasExtra);
}

TEST(CausalMasks, WhatHidesNothingIsDropped) {
  Found found = find("[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]", kTable);
  EXPECT_EQ(found.causal, "none");
  EXPECT_FALSE(found.hasExtra);
}

TEST(CausalMasks, OtherTablesStay) {
  for (const char *table :
       {"[[0.0, -1.0e9, -1.0e9], [0.0, 0.0, -1.0e4]]",
        "[[0.0, -1.0e9, -1.0e9], [0.0, 0.5, -1.0e9]]",
        "[[0.0, -1.0e9, -1.0e9], [-1.0e9, 0.0, -1.0e9]]",
        "[[0.0, -1.0e9, -1.0e9], [0.0, 0.0, 0.0]]",
        "[[-1.0e9, -1.0e9, -1.0e9], [0.0, -1.0e9, -1.0e9]]",
        "[[0.0, 0.0, -1.0e9], [0.0, 0.0, -1.0e9]]",
        "[[0x7FC00000, -1.0e9, -1.0e9], [0.0, 0.0, -1.0e9]]"}) {
    Found found = find(table, kTable);
    EXPECT_EQ(found.causal, "none") << table;
    EXPECT_TRUE(found.hasExtra) << table;
  }
  EXPECT_TRUE(find("[[0.0, -1.0e9, -1.0e9]]", "tensor<1x3xf32>").hasExtra);
}

namespace {
/// What is said of a weight with these bytes.
std::string markOf(llvm::StringRef type, llvm::ArrayRef<char> bytes) {
  std::string text = llvm::formatv(R"(func.func @main() -> {0} {{
        %w = nn.weight 0 : {0}
        return %w : {0}
      })",
                                   type);
  MLIRContext context(dialectRegistry());
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
  Weights weights{std::vector<wire::Data>()};
  llvm::copy(bytes, weights.add(bytes.size()).begin());
  markTriangles(*module, weights);
  std::string mark;
  llvm::raw_string_ostream os(mark);
  module->walk(
      [&](nn::WeightOp op) { op->getDiscardableAttrDictionary().print(os); });
  return mark;
}

std::string markOf(llvm::StringRef type, llvm::ArrayRef<float> numbers) {
  return markOf(
      type, llvm::ArrayRef<char>(reinterpret_cast<const char *>(numbers.data()),
                                 numbers.size() * sizeof(float)));
}
} // namespace

TEST(CausalMasks, WeightsThatAreTrianglesAreMarked) {
  EXPECT_EQ(markOf("tensor<1x2x3xi1>", llvm::ArrayRef<char>{1, 1, 0, 1, 1, 1}),
            "{nn.triangle = {hidden = 0.000000e+00 : f64, last = 1 : i64, "
            "shown = 1.000000e+00 : f64}}");
  EXPECT_EQ(markOf("tensor<2x2xf32>", llvm::ArrayRef<float>{0, -1e9f, 0, 0}),
            "{nn.triangle = {hidden = -1.000000e+09 : f64, last = 0 : i64, "
            "shown = 0.000000e+00 : f64}}");
}

TEST(CausalMasks, OtherWeightsAreNot) {
  EXPECT_EQ(markOf("tensor<2x2xf32>", llvm::ArrayRef<float>{0, -1, -1, 0}),
            "{}");
  EXPECT_EQ(markOf("tensor<2x2xf32>", llvm::ArrayRef<float>{0, 0, 0, 0}), "{}");
  EXPECT_EQ(markOf("tensor<2x2xf32>", llvm::ArrayRef<float>{0, NAN, 0, 0}),
            "{}");
  EXPECT_EQ(markOf("tensor<4xf32>", llvm::ArrayRef<float>{0, -1, 0, 0}), "{}");
  EXPECT_EQ(markOf("tensor<2x2xi32>", llvm::ArrayRef<float>{0, -1, 0, 0}),
            "{}");
  EXPECT_EQ(
      markOf("tensor<2x2x2xi1>", llvm::ArrayRef<char>{1, 0, 1, 1, 1, 0, 0, 1}),
      "{}");
}

// What onnxruntime's optimiser makes of activations, normalisations, embeddings
// and products, and of products with weights of few bits.
#include "compiler/import/schema/Contrib.h"

#include <algorithm>
#include <numeric>

using namespace tw_onnx;

namespace tw::schema {
namespace {

constexpr auto kOptional = OpSchema::Optional;

OpSchema &withEpsilon(OpSchema &schema, float epsilon) {
  return schema.Attr("epsilon", "", AttributeProto::FLOAT, epsilon);
}

/// One input X and one output Y of floats, and an optional bias.
OpSchema activation(const char *name, const char *bias = nullptr) {
  OpSchema schema = contribSchema(name);
  schema.Input(0, "X", "", "T").Output(0, "Y", "", "T");
  schema.TypeConstraint("T", floatTypes(), "");
  if (bias)
    schema.Input(1, bias, "", "T", kOptional);
  return schema;
}

void registerActivations() {
  registerContrib(activation("Gelu"), [](Definition &d) {
    d.add("Y = Gelu(X)");
    return true;
  });
  registerContrib(activation("FastGelu", "bias"), [](Definition &d) {
    d.addInput("S", "X", 1, "bias");
    d.add("Y = Gelu <approximate = \"tanh\"> (S)");
    return true;
  });
  registerContrib(activation("BiasGelu", "B"), [](Definition &d) {
    d.addInput("S", "X", 1, "B").add("Y = Gelu(S)");
    return true;
  });
  registerContrib(activation("BiasSplitGelu", "bias"), [](Definition &d) {
    d.addInput("S", "X", 1, "bias");
    d.add("L, R = Split <axis = -1, num_outputs = 2> (S) G = Gelu(R) "
          "Y = Mul(L, G)");
    return true;
  });
  OpSchema quick = activation("QuickGelu");
  quick.Attr("alpha", "", AttributeProto::FLOAT, 1.702f);
  registerContrib(std::move(quick), [](Definition &d) {
    d.add("A = Constant <value_float: float = @alpha> () "
          "F = CastLike(A, X) P = Mul(F, X) S = Sigmoid(P) Y = Mul(X, S)");
    return true;
  });
}

/// 1 / sqrt(mean of squares + epsilon) over the last dim, in f32.
void addInverseRootMeanSquare(Definition &d, const std::string &of) {
  d.constant("Axes", {-1});
  d.add("Wide = Cast <to = 1> (" + of +
        ") Squares = Mul(Wide, Wide) Mean = ReduceMean(Squares, Axes) "
        "Epsilon = Constant <value_float: float = @epsilon> () "
        "Sum = Add(Mean, Epsilon) Root = Sqrt(Sum) "
        "inv_std_var = Reciprocal(Root)");
}

void registerSimplified() {
  OpSchema own = contribSchema("SimplifiedLayerNormalization");
  own.Input(0, "X", "", "T").Input(1, "scale", "", "V");
  own.Output(0, "Y", "", "V").Output(1, "inv_std_var", "", "U", kOptional);
  own.TypeConstraint("T", floatTypes(), "");
  own.TypeConstraint("U", floatTypes(), "");
  own.TypeConstraint("V", floatTypes(), "");
  own.Attr("axis", "", AttributeProto::INT, int64_t(-1));
  own.Attr("stash_type", "", AttributeProto::INT, int64_t(1));
  withEpsilon(own, 1e-5f);
  OpSchema older = own;
  registerContrib(std::move(own), [](Definition &d) {
    d.add("Y = RMSNormalization <axis: int = @axis, epsilon: float = @epsilon, "
          "stash_type: int = @stash_type> (X, scale)");
    if (!d.hasOutput(1))
      return true;
    addInverseRootMeanSquare(d, "X");
    return d.integer("axis") == -1;
  });
  // onnxruntime has it in ONNX's own domain.
  older.SetDomain("");
  registerContrib(std::move(older), [](Definition &d) {
    d.add(std::string(d.hasOutput(1) ? "Y, inv_std_var" : "Y") +
          " = com.microsoft.SimplifiedLayerNormalization <axis: int = @axis, "
          "epsilon: float = @epsilon, stash_type: int = @stash_type> "
          "(X, scale)");
    return true;
  });
}

OpSchema skipSchema(const char *name) {
  OpSchema schema = contribSchema(name);
  schema.Input(0, "input", "", "T").Input(1, "skip", "", "T");
  schema.Input(2, "gamma", "", "T");
  schema.Output(0, "output", "", "T").Output(1, "mean", "", "U", kOptional);
  schema.Output(2, "inv_std_var", "", "U", kOptional);
  schema.Output(3, "input_skip_bias_sum", "", "T", kOptional);
  schema.TypeConstraint("T", floatTypes(), "");
  schema.TypeConstraint("U", {"tensor(float)"}, "");
  withEpsilon(schema, 1e-12f);
  return schema;
}

/// S = input + skip + bias
void addSkip(Definition &d, int bias) {
  d.add("Both = Add(input, skip)").addInput("S", "Both", bias, "bias");
  if (d.hasOutput(3))
    d.add("input_skip_bias_sum = Identity(S)");
}

void registerSkips() {
  OpSchema plain = skipSchema("SkipLayerNormalization");
  plain.Input(3, "beta", "", "T", kOptional);
  plain.Input(4, "bias", "", "T", kOptional);
  registerContrib(std::move(plain), [](Definition &d) {
    addSkip(d, 4);
    std::string results = "output";
    if (d.hasOutput(1) || d.hasOutput(2))
      results += ", mean, inv_std_var";
    d.add(results +
          " = LayerNormalization <axis = -1, epsilon: float = @epsilon> (S, "
          "gamma" +
          (d.hasInput(3) ? ", beta)" : ")"));
    return true;
  });
  OpSchema simplified = skipSchema("SkipSimplifiedLayerNormalization");
  simplified.Input(3, "bias", "", "T", kOptional);
  registerContrib(std::move(simplified), [](Definition &d) {
    addSkip(d, 3);
    d.add("output = RMSNormalization <axis = -1, epsilon: float = @epsilon> "
          "(S, gamma)");
    if (d.hasOutput(2))
      addInverseRootMeanSquare(d, "S");
    return !d.hasOutput(1);
  });
}

void defineEmbedding(Definition &d) {
  d.add("W = Gather(word_embedding, input_ids)");
  if (d.hasInput(8)) {
    d.add("P = Gather(position_embedding, position_ids)");
  } else {
    d.constant("Zero", {0});
    d.add("Length = Shape <start = 1, end = 2> (input_ids) "
          "P = Slice(position_embedding, Zero, Length, Zero)");
  }
  d.add("E = Add(W, P)");
  if (d.hasInput(1))
    d.add("G = Gather(segment_embedding, segment_ids)");
  d.addInput("S", "E", 1, "G");
  d.add("output = LayerNormalization <axis = -1, epsilon: float = @epsilon> "
        "(S, gamma, beta)");
  if (d.hasOutput(2))
    d.add("embedding_sum = Identity(S)");
}

void registerEmbedding() {
  OpSchema schema = contribSchema("EmbedLayerNormalization");
  schema.Input(0, "input_ids", "", "I");
  schema.Input(1, "segment_ids", "", "I", kOptional);
  schema.Input(2, "word_embedding", "", "T");
  schema.Input(3, "position_embedding", "", "T");
  schema.Input(4, "segment_embedding", "", "T", kOptional);
  schema.Input(5, "gamma", "", "T").Input(6, "beta", "", "T");
  schema.Input(7, "mask", "", "I", kOptional);
  schema.Input(8, "position_ids", "", "I", kOptional);
  schema.Output(0, "output", "", "T")
      .Output(1, "mask_index", "", "I", kOptional);
  schema.Output(2, "embedding_sum", "", "T", kOptional);
  schema.TypeConstraint("T", floatTypes(), "");
  schema.TypeConstraint("I", {"tensor(int32)"}, "");
  schema.Attr("mask_index_type", "", AttributeProto::INT, int64_t(0));
  withEpsilon(schema, 1e-12f);
  registerContrib(std::move(schema), [](Definition &d) {
    defineEmbedding(d);
    if (!d.hasOutput(1))
      return true;
    if (d.hasInput(7)) // how many are not padding
      d.constant("One", {1})
          .add("mask_index = ReduceSum <keepdims = 0> (mask, One)");
    else
      d.add("Batch = Shape <start = 0, end = 1> (input_ids) "
            "mask_index = ConstantOfShape <value = int32[1] {0}> (Batch)");
    return true;
  });
}

/// L`name`: the operand as MatMul takes it. transBatch: its first dim belongs
/// behind the batch dims.
bool transpose(Definition &d, const std::string &name, int input) {
  bool swaps = d.integer("trans" + name),
       rotates = d.integer("transBatch" + name);
  if (!swaps && !rotates) {
    d.add("L" + name + " = Identity(" + name + ")");
    return true;
  }
  int rank = d.rank(input);
  if (rank < 2)
    return false;
  std::vector<int> perm(rank);
  std::iota(perm.begin(), perm.end(), 0);
  if (rotates)
    std::rotate(perm.begin(), perm.begin() + 1, perm.end() - 1);
  if (swaps)
    std::swap(perm[rank - 2], perm[rank - 1]);
  d.transpose("L" + name, name, perm);
  return true;
}

void registerProducts() {
  OpSchema schema = contribSchema("FusedMatMul");
  schema.Input(0, "A", "", "T").Input(1, "B", "", "T").Output(0, "Y", "", "T");
  schema.TypeConstraint("T", floatTypes(), "");
  schema.Attr("alpha", "", AttributeProto::FLOAT, 1.0f);
  for (const char *name : {"transA", "transB", "transBatchA", "transBatchB"})
    schema.Attr(name, "", AttributeProto::INT, int64_t(0));
  registerContrib(std::move(schema), [](Definition &d) {
    if (!transpose(d, "A", 0) || !transpose(d, "B", 1))
      return false;
    d.add("P = MatMul(LA, LB) Alpha = Constant <value_float: float = @alpha> ()"
          " F = CastLike(Alpha, P) Y = Mul(F, P)");
    return true;
  });
}

//===----------------------------------------------------------------------===//
// Weights of 4 or 8 bits, in blocks of a scale each.
//===----------------------------------------------------------------------===//

/// [rows, bytes] => [rows, bytes * 8 / bits], lower bits first.
void unpack(Definition &d, const std::string &to, const std::string &from,
            int64_t bits, int64_t rows) {
  if (bits == 8) {
    d.add(to + " = Identity(" + from + ")");
    return;
  }
  d.constant(to + "_shape", {rows, -1}).constant(to + "_last", {-1});
  d.add(to + "_fifteen = Constant <value = uint8[1] {15}> () " + to +
        "_four = Constant <value = uint8[1] {4}> () " + to +
        "_low = BitwiseAnd(" + from + ", " + to + "_fifteen) " + to +
        "_high = BitShift <direction = \"RIGHT\"> (" + from + ", " + to +
        "_four) " + to + "_l = Unsqueeze(" + to + "_low, " + to + "_last) " +
        to + "_h = Unsqueeze(" + to + "_high, " + to + "_last) " + to +
        "_both = Concat <axis = -1> (" + to + "_l, " + to + "_h) " + to +
        " = Reshape(" + to + "_both, " + to + "_shape)");
}

/// Z [N, blocks, 1]: zero points, 2^(bits - 1) where there are none.
void addZeroPoints(Definition &d, int64_t bits, int64_t rows, int64_t blocks) {
  d.constant("PerBlock", {rows, blocks, 1});
  if (!d.hasInput(3)) {
    d.add("Middle = Constant <value_float = " +
          numberText(float(1 << (bits - 1))) + "> () Z = CastLike(Middle, A)");
    return;
  }
  if (d.elementType(3) == d.elementType(0)) {
    d.add("Z = Reshape(zero_points, PerBlock)");
    return;
  }
  d.constant("ZRows", {rows, -1}).constant("ZStart", {0});
  d.constant("ZEnd", {blocks}).constant("ZAxis", {1});
  d.add("ZBytes = Reshape(zero_points, ZRows)");
  unpack(d, "ZAll", "ZBytes", bits, rows);
  d.add("ZOwn = Slice(ZAll, ZStart, ZEnd, ZAxis) "
        "ZBlocks = Reshape(ZOwn, PerBlock) Z = CastLike(ZBlocks, A)");
}

bool defineMatMulNBits(Definition &d) {
  int64_t bits = d.integer("bits"), size = d.integer("block_size"),
          depth = d.integer("K"), rows = d.integer("N");
  if ((bits != 4 && bits != 8) || size < 1 || d.hasInput(4))
    return false;
  int64_t blocks = (depth + size - 1) / size;
  d.constant("Rows", {rows, -1}).add("Bytes = Reshape(B, Rows)");
  unpack(d, "W", "Bytes", bits, rows);
  addZeroPoints(d, bits, rows, blocks);
  d.constant("Blocks", {rows, blocks, size}).constant("Start", {0});
  d.constant("End", {depth}).constant("Axis", {1});
  d.add("WB = Reshape(W, Blocks) WF = CastLike(WB, A) "
        "S = Reshape(scales, PerBlock) WZ = Sub(WF, Z) WS = Mul(WZ, S) "
        "WR = Reshape(WS, Rows) WK = Slice(WR, Start, End, Axis) "
        "WT = Transpose <perm = [1, 0]> (WK) P = MatMul(A, WT)");
  d.addInput("Y", "P", 5, "bias");
  return true;
}

void registerMatMulNBits() {
  OpSchema schema = contribSchema("MatMulNBits");
  schema.Input(0, "A", "", "T").Input(1, "B", "", "U");
  schema.Input(2, "scales", "", "T");
  schema.Input(3, "zero_points", "", "Z", kOptional);
  schema.Input(4, "g_idx", "", "G", kOptional);
  schema.Input(5, "bias", "", "T", kOptional);
  schema.Output(0, "Y", "", "T");
  schema.TypeConstraint("T", floatTypes(), "");
  schema.TypeConstraint("U", {"tensor(uint8)"}, "");
  std::vector<std::string> zeros = floatTypes();
  zeros.push_back("tensor(uint8)");
  schema.TypeConstraint("Z", zeros, "");
  schema.TypeConstraint("G", {"tensor(int32)"}, "");
  for (const char *name : {"K", "N", "block_size"})
    schema.Attr(name, "", AttributeProto::INT);
  schema.Attr("bits", "", AttributeProto::INT, int64_t(4));
  schema.Attr("accuracy_level", "", AttributeProto::INT, int64_t(0));
  registerContrib(std::move(schema), defineMatMulNBits);
}

//===----------------------------------------------------------------------===//
// Convolutions and products with an activation behind them
//===----------------------------------------------------------------------===//

/// Y = activation(X)
bool addActivation(Definition &d, const std::string &name,
                   const std::vector<float> &parameters) {
  auto number = [&](size_t i, float missing) {
    return numberText(i < parameters.size() ? parameters[i] : missing);
  };
  if (name.empty())
    d.add("Y = Identity(X)");
  else if (name == "Relu" || name == "Tanh" || name == "Sigmoid")
    d.add("Y = " + name + "(X)");
  else if (name == "LeakyRelu")
    d.add("Y = LeakyRelu <alpha = " + number(0, 0.01f) + "> (X)");
  else if (name == "HardSigmoid")
    d.add("Y = HardSigmoid <alpha = " + number(0, 0.2f) +
          ", beta = " + number(1, 0.5f) + "> (X)");
  else if (name == "Clip" && parameters.size() == 2)
    d.add("Least = Constant <value_float = " + number(0, 0) +
          "> () Most = Constant <value_float = " + number(1, 0) +
          "> () L = CastLike(Least, X) M = CastLike(Most, X) "
          "Y = Clip(X, L, M)");
  else
    return false;
  return true;
}

void registerFusedConv() {
  OpSchema schema = contribSchema("FusedConv");
  schema.Input(0, "Data", "", "T").Input(1, "W", "", "T");
  schema.Input(2, "B", "", "T", kOptional).Input(3, "Z", "", "T", kOptional);
  schema.Output(0, "Y", "", "T").TypeConstraint("T", floatTypes(), "");
  schema.Attr("auto_pad", "", AttributeProto::STRING, std::string("NOTSET"));
  for (const char *name : {"kernel_shape", "dilations", "strides", "pads"})
    schema.Attr(name, "", AttributeProto::INTS, OPTIONAL_VALUE);
  schema.Attr("group", "", AttributeProto::INT, int64_t(1));
  schema.Attr("activation", "", AttributeProto::STRING, OPTIONAL_VALUE);
  schema.Attr("activation_params", "", AttributeProto::FLOATS, OPTIONAL_VALUE);
  registerContrib(std::move(schema), [](Definition &d) {
    d.add("C = Conv <auto_pad: string = @auto_pad, kernel_shape: ints = "
          "@kernel_shape, dilations: ints = @dilations, strides: ints = "
          "@strides, pads: ints = @pads, group: int = @group> (Data, W" +
          std::string(d.hasInput(2) ? ", B)" : ")"));
    d.addInput("X", "C", 3, "Z");
    return addActivation(d, d.text("activation"),
                         d.numbers("activation_params"));
  });
}

void registerFusedGemm() {
  OpSchema schema = contribSchema("FusedGemm");
  schema.Input(0, "A", "", "T").Input(1, "B", "", "T");
  schema.Input(2, "C", "", "T", kOptional).Output(0, "Y", "", "T");
  schema.TypeConstraint("T", floatTypes(), "");
  for (const char *name : {"alpha", "beta"})
    schema.Attr(name, "", AttributeProto::FLOAT, 1.0f);
  for (const char *name : {"transA", "transB"})
    schema.Attr(name, "", AttributeProto::INT, int64_t(0));
  schema.Attr("activation", "", AttributeProto::STRING, OPTIONAL_VALUE);
  for (const char *name :
       {"activation_alpha", "activation_beta", "activation_gamma"})
    schema.Attr(name, "", AttributeProto::FLOAT, OPTIONAL_VALUE);
  registerContrib(std::move(schema), [](Definition &d) {
    d.add("X = Gemm <alpha: float = @alpha, beta: float = @beta, transA: int = "
          "@transA, transB: int = @transB> (A, B" +
          std::string(d.hasInput(2) ? ", C)" : ")"));
    std::vector<float> parameters;
    for (const char *name : {"activation_alpha", "activation_beta"})
      if (auto number = d.number(name))
        parameters.push_back(*number);
    return addActivation(d, d.text("activation"), parameters);
  });
}

} // namespace

void registerContribFused() {
  registerActivations();
  registerSimplified();
  registerSkips();
  registerEmbedding();
  registerProducts();
  registerMatMulNBits();
  registerFusedConv();
  registerFusedGemm();
}

} // namespace tw::schema

// Operators on bytes as onnxruntime's quantiser writes them: real numbers are
// (byte - zero point) * scale.
#include "compiler/import/schema/Contrib.h"

using namespace tw_onnx;

namespace tw::schema {
namespace {

constexpr auto kOptional = OpSchema::Optional;

OpSchema byteSchema(const char *name) {
  OpSchema schema = contribSchema(name);
  schema.TypeConstraint("T", byteTypes(), "");
  schema.TypeConstraint("F", {"tensor(float)"}, "");
  return schema;
}

/// Bytes, their scale and their zero point, which may be absent.
OpSchema &withBytes(OpSchema &schema, int first, const std::string &name,
                    const char *type = "T") {
  schema.Input(first, name, "", type);
  schema.Input(first + 1, name + "_scale", "", "F");
  return schema.Input(first + 2, name + "_zero_point", "", type, kOptional);
}

/// Scale and zero point of a result.
OpSchema &withScale(OpSchema &schema, int first, const std::string &name) {
  schema.Input(first, name + "_scale", "", "F");
  return schema.Input(first + 1, name + "_zero_point", "", "T", kOptional);
}

/// NAMEF, the real numbers of input `first`.
void dequantize(Definition &d, int first, const std::string &name,
                const std::string &attributes = "") {
  d.add(name + "F = DequantizeLinear " + attributes + "(" + name + ", " + name +
        "_scale" +
        (d.hasInput(first + 2) ? ", " + name + "_zero_point)" : ")"));
}

/// `name` from the real numbers NAMEF; without a zero point, bytes as `like`
/// are.
void quantize(Definition &d, int first, const std::string &name,
              const std::string &like) {
  std::string zero = name + "_zero_point";
  if (!d.hasInput(first + 1)) {
    zero = name + "_zero";
    d.add(name + "_none = Constant <value_float = 0.0> () " + zero +
          " = CastLike(" + name + "_none, " + like + ")");
  }
  d.add(name + " = QuantizeLinear(" + name + "F, " + name + "_scale, " + zero +
        ")");
}

/// C = operation(A, B)
void registerBinary(const char *name, const std::string &operation) {
  OpSchema schema = byteSchema(name);
  withScale(withBytes(withBytes(schema, 0, "A"), 3, "B"), 6, "C");
  schema.Output(0, "C", "", "T");
  registerContrib(std::move(schema), [operation](Definition &d) {
    dequantize(d, 0, "A");
    dequantize(d, 3, "B");
    d.add("CF = " + operation + "(AF, BF)");
    quantize(d, 6, "C", "A");
    return true;
  });
}

/// Y = operation(X), an operator of ONNX's with the same attributes.
void registerUnary(OpSchema schema, const std::string &operation,
                   const std::function<bool(Definition &)> &isSupported) {
  withScale(withBytes(schema, 0, "X"), 3, "Y").Output(0, "Y", "", "T");
  registerContrib(std::move(schema), [operation, isSupported](Definition &d) {
    dequantize(d, 0, "X");
    d.add("YF = " + operation + " (XF)");
    quantize(d, 3, "Y", "X");
    return isSupported(d);
  });
}

bool always(Definition &) { return true; }
bool isChannelsFirst(Definition &d) { return !d.integer("channels_last"); }

void registerUnaries() {
  registerUnary(byteSchema("QLinearSigmoid"), "Sigmoid", always);
  OpSchema leaky = byteSchema("QLinearLeakyRelu");
  leaky.Attr("alpha", "", AttributeProto::FLOAT, 0.01f);
  registerUnary(std::move(leaky), "LeakyRelu <alpha: float = @alpha>", always);
  OpSchema softmax = byteSchema("QLinearSoftmax");
  softmax.Attr("axis", "", AttributeProto::INT, int64_t(-1));
  softmax.Attr("opset", "", AttributeProto::INT);
  // Before opset 13 the dims behind the axis are one.
  registerUnary(
      std::move(softmax), "Softmax <axis: int = @axis>", [](Definition &d) {
        int64_t axis = d.integer("axis");
        return d.integer("opset") >= 13 || axis == -1 || axis == d.rank(0) - 1;
      });
  OpSchema global = byteSchema("QLinearGlobalAveragePool");
  global.Attr("channels_last", "", AttributeProto::INT, int64_t(0));
  registerUnary(std::move(global), "GlobalAveragePool", isChannelsFirst);
  OpSchema average = byteSchema("QLinearAveragePool");
  average.Attr("auto_pad", "", AttributeProto::STRING, std::string("NOTSET"));
  for (const char *name : {"ceil_mode", "count_include_pad", "channels_last"})
    average.Attr(name, "", AttributeProto::INT, int64_t(0));
  average.Attr("kernel_shape", "", AttributeProto::INTS);
  for (const char *name : {"strides", "pads"})
    average.Attr(name, "", AttributeProto::INTS, OPTIONAL_VALUE);
  registerUnary(std::move(average),
                "AveragePool <auto_pad: string = @auto_pad, ceil_mode: int = "
                "@ceil_mode, count_include_pad: int = @count_include_pad, "
                "kernel_shape: ints = @kernel_shape, strides: ints = @strides, "
                "pads: ints = @pads>",
                isChannelsFirst);
}

/// Inputs: scale and zero point of the result, then three for each part.
bool defineConcat(Definition &d) {
  d.nameInputs("X");
  std::string parts;
  for (int i = 2; d.hasInput(i); i += 3) {
    std::string part = "X" + std::to_string(i), zero = std::to_string(i + 2);
    d.add(part + "F = DequantizeLinear(" + part + ", X" +
          std::to_string(i + 1) + (d.hasInput(i + 2) ? ", X" + zero : "") +
          ")");
    parts += (parts.empty() ? "" : ", ") + part + "F";
  }
  d.add("YF = Concat <axis: int = @axis> (" + parts +
        ") Y = QuantizeLinear(YF, X0, X1)");
  return !parts.empty();
}

void registerConcat() {
  OpSchema schema = byteSchema("QLinearConcat");
  schema.Input(0, "Y_scale", "", "F").Input(1, "Y_zero_point", "", "T");
  std::vector<std::string> all = byteTypes();
  all.push_back("tensor(float)");
  schema.TypeConstraint("Any", all, "");
  schema.Input(2, "inputs", "", "Any", OpSchema::Variadic, false);
  schema.Output(0, "Y", "", "T").Attr("axis", "", AttributeProto::INT);
  registerContrib(std::move(schema), defineConcat);
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// I = (A - its zero point) (B - its zero point), in i32.
void multiply(Definition &d, const std::string &left, const std::string &right,
              const std::string &leftZero, const std::string &rightZero) {
  std::string zeros;
  if (!leftZero.empty() || !rightZero.empty()) {
    d.add(
        "NoZero = Constant <value_float = 0.0> () NoLeft = CastLike(NoZero, " +
        left + ")");
    zeros = ", " + (leftZero.empty() ? "NoLeft" : leftZero);
  }
  if (!rightZero.empty())
    zeros += ", " + rightZero;
  d.add("I = MatMulInteger(" + left + ", " + right + zeros + ")");
}

void registerMatMulIntegerToFloat() {
  OpSchema schema = byteSchema("MatMulIntegerToFloat");
  schema.TypeConstraint("U", byteTypes(), "");
  schema.Input(0, "A", "", "T").Input(1, "B", "", "U");
  schema.Input(2, "a_scale", "", "F").Input(3, "b_scale", "", "F");
  schema.Input(4, "a_zero_point", "", "T", kOptional);
  schema.Input(5, "b_zero_point", "", "U", kOptional);
  schema.Input(6, "bias", "", "F", kOptional).Output(0, "Y", "", "F");
  registerContrib(std::move(schema), [](Definition &d) {
    multiply(d, "A", "B", d.hasInput(4) ? "a_zero_point" : "",
             d.hasInput(5) ? "b_zero_point" : "");
    d.add("IF = Cast <to = 1> (I) S = Mul(a_scale, b_scale) P = Mul(IF, S)");
    d.addInput("Y", "P", 6, "bias");
    return true;
  });
}

void registerDynamicQuantizeMatMul() {
  OpSchema schema = byteSchema("DynamicQuantizeMatMul");
  schema.Input(0, "A", "", "F").Input(1, "B", "", "T");
  schema.Input(2, "b_scale", "", "F");
  schema.Input(3, "b_zero_point", "", "T", kOptional);
  schema.Input(4, "bias", "", "F", kOptional).Output(0, "Y", "", "F");
  registerContrib(std::move(schema), [](Definition &d) {
    d.add("Q, q_scale, q_zero_point = DynamicQuantizeLinear(A)");
    multiply(d, "Q", "B", "q_zero_point", d.hasInput(3) ? "b_zero_point" : "");
    d.add("IF = Cast <to = 1> (I) S = Mul(q_scale, b_scale) P = Mul(IF, S)");
    d.addInput("Y", "P", 4, "bias");
    return true;
  });
}

/// Inputs: A, B with scale and zero point each, C (i32), then those of the
/// result, which is real where there are none.
bool defineGemm(Definition &d) {
  std::string left = "A", right = "B";
  if (d.integer("transA"))
    d.transpose(left = "AT", "A", {1, 0});
  if (d.integer("transB"))
    d.transpose(right = "BT", "B", {1, 0});
  multiply(d, left, right, "a_zero_point", "b_zero_point");
  d.addInput("Sum", "I", 6, "C");
  d.add("SumF = Cast <to = 1> (Sum) S = Mul(a_scale, b_scale) "
        "Alpha = Constant <value_float: float = @alpha> () F = Mul(Alpha, S) "
        "YF = Mul(SumF, F)");
  if (d.hasInput(7))
    d.add("Y = QuantizeLinear(YF, y_scale, y_zero_point)");
  else
    d.add("Y = Identity(YF)");
  return d.hasInput(7) == d.hasInput(8);
}

void registerGemm() {
  OpSchema schema = byteSchema("QGemm");
  for (const char *type : {"U", "V"})
    schema.TypeConstraint(type, byteTypes(), "");
  std::vector<std::string> all = byteTypes();
  all.push_back("tensor(float)");
  schema.TypeConstraint("Y", all, "");
  schema.TypeConstraint("I", {"tensor(int32)"}, "");
  schema.Input(0, "A", "", "T").Input(1, "a_scale", "", "F");
  schema.Input(2, "a_zero_point", "", "T").Input(3, "B", "", "U");
  schema.Input(4, "b_scale", "", "F").Input(5, "b_zero_point", "", "U");
  schema.Input(6, "C", "", "I", kOptional);
  schema.Input(7, "y_scale", "", "F", kOptional);
  schema.Input(8, "y_zero_point", "", "V", kOptional);
  schema.Output(0, "Y", "", "Y");
  schema.Attr("alpha", "", AttributeProto::FLOAT, 1.0f);
  for (const char *name : {"transA", "transB"})
    schema.Attr(name, "", AttributeProto::INT, int64_t(0));
  registerContrib(std::move(schema), defineGemm);
}

/// ONNX's own, which onnxruntime has had first.
void registerLinear() {
  OpSchema to = byteSchema("QuantizeLinear");
  to.Input(0, "x", "", "F").Input(1, "y_scale", "", "F");
  to.Input(2, "y_zero_point", "", "T", kOptional).Output(0, "y", "", "T");
  to.Attr("axis", "", AttributeProto::INT, int64_t(1));
  registerContrib(std::move(to), [](Definition &d) {
    d.add("y = QuantizeLinear <axis: int = @axis> (x, y_scale" +
          std::string(d.hasInput(2) ? ", y_zero_point)" : ")"));
    return true;
  });
  OpSchema from = byteSchema("DequantizeLinear");
  std::vector<std::string> all = byteTypes();
  all.push_back("tensor(int32)");
  from.TypeConstraint("Q", all, "");
  withBytes(from, 0, "x", "Q").Output(0, "xF", "", "F");
  from.Attr("axis", "", AttributeProto::INT, int64_t(1));
  registerContrib(std::move(from), [](Definition &d) {
    dequantize(d, 0, "x", "<axis: int = @axis> ");
    return true;
  });
}

} // namespace

void registerContribQuantized() {
  registerBinary("QLinearAdd", "Add");
  registerBinary("QLinearMul", "Mul");
  registerUnaries();
  registerConcat();
  registerMatMulIntegerToFloat();
  registerDynamicQuantizeMatMul();
  registerGemm();
  registerLinear();
}

} // namespace tw::schema

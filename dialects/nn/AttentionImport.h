// What the imports of onnxruntime's attention operators share.
#pragma once

#include "dialects/nn/NN.h"

namespace tw::nn {

/// A node while it is imported. A value that could not be built is null, and an
/// error has been emitted; what is built from null is null.
class AttentionImport {
public:
  explicit AttentionImport(OnnxNode &node)
      : node(node), b(node.builder),
        heads(node.integer("num_heads").value_or(0)),
        keyHeads(node.integer("kv_num_heads").value_or(heads)) {}

protected:
  template <typename OpT>
  Value make(ArrayRef<Value> operands, ArrayRef<NamedAttribute> attrs = {}) {
    if (llvm::is_contained(operands.take_front(2), Value()))
      return {};
    auto value = node.build<OpT>(operands, attrs);
    return succeeded(value) ? *value : Value();
  }
  NamedAttribute integer(StringRef name, int64_t value) {
    return node.attribute(name, b.getI64IntegerAttr(value));
  }
  Value fail(const llvm::Twine &message) {
    node.error() << message;
    return {};
  }
  Value cast(Value x, Type type) {
    return make<CastOp>({x}, {node.attribute("to", TypeAttr::get(type))});
  }
  Value toI64(Value x) { return cast(x, b.getI64Type()); }
  /// x[..., from:to, ...] of dim `axis`
  Value slice(Value x, int64_t from, int64_t to, int64_t axis = -1) {
    return make<SliceOp>(
        {x, node.constant({from}), node.constant({to}), node.constant({axis})});
  }
  Value reshape(Value x, ArrayRef<int64_t> dims) {
    return make<ReshapeOp>({x, node.constant(dims)});
  }
  Value unsqueeze(Value x, ArrayRef<int64_t> axes) {
    return make<UnsqueezeOp>({x, node.constant(axes)});
  }
  /// Dim `dim` of `x`, as a tensor of one i64.
  Value lengthOf(Value x, int64_t dim) {
    return make<ShapeOp>({x}, {integer("start", dim), integer("end", dim + 1)});
  }
  /// An error unless `columns` are of `count` heads; unknown ones may be.
  bool areOfHeads(int64_t columns, int64_t count, StringRef attribute) {
    if (count >= 1 && (ShapedType::isDynamic(columns) || columns % count == 0))
      return true;
    fail("attribute '" + llvm::Twine(attribute) + "': expected a divisor of " +
         llvm::Twine(columns) + " columns, found " + llvm::Twine(count));
    return false;
  }

  OnnxNode &node;
  OpBuilder &b;
  int64_t heads, keyHeads;
  Value q, k, v;
};

} // namespace tw::nn

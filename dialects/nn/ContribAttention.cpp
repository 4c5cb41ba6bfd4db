// onnxruntime's attention operators (domain com.microsoft), in terms of
// nn.attention.
#include "dialects/nn/Attention.h"
#include "dialects/nn/AttentionImport.h"

using namespace tw;
using namespace tw::nn;

namespace {

class ContribImport : AttentionImport {
public:
  using AttentionImport::AttentionImport;

  FailureOr<SmallVector<Value>> run();

private:
  FailureOr<SmallVector<Value>> attention();
  FailureOr<SmallVector<Value>> multiHead();
  FailureOr<SmallVector<Value>> groupQuery();

  int64_t width(Value x) {
    return mlir::cast<RankedTensorType>(x.getType()).getShape().back();
  }
  Value split(Value x, int64_t count, StringRef name);
  Value headsFirst(Value x, StringRef name);
  Value item(Value x, int64_t index, int64_t axis);
  Value appended(Value past, Value own);
  void addBias(Value more);
  LogicalResult readPadding(Value padding, Type element);
  LogicalResult splitPacked(Value packed, int64_t sizeOfKeys,
                            int64_t sizeOfValues);
  LogicalResult rotate(Value first);
  Value writtenTo(Value past, Value own, Value first, Value total);
  Value build();

  Value bias, lengths, offsets;
  SmallVector<Attribute> interleaved;
  NamedAttrList attributes;
};

} // namespace

/// [batch, length, heads * size] => [batch, length, heads, size]
Value ContribImport::split(Value x, int64_t count, StringRef name) {
  if (!x)
    return {};
  int64_t columns = width(x);
  if (!areOfHeads(columns, count, name == "q" ? "num_heads" : "kv_num_heads"))
    return {};
  interleaved.push_back(b.getStringAttr(name));
  return reshape(x, {0, 0, count, -1});
}

Value ContribImport::headsFirst(Value x, StringRef name) {
  Attribute attr = b.getStringAttr(name);
  if (!llvm::is_contained(interleaved, attr))
    return x;
  llvm::erase(interleaved, attr);
  return make<TransposeOp>(
      {x}, {node.attribute("perm", b.getDenseI64ArrayAttr({0, 2, 1, 3}))});
}

/// The slice of `x` at `index` along `axis`, without that dim.
Value ContribImport::item(Value x, int64_t index, int64_t axis) {
  if (!x)
    return {};
  Value position = reshape(node.constant({index}), {});
  return make<GatherOp>({x, position}, {integer("axis", axis)});
}

Value ContribImport::appended(Value past, Value own) {
  return past ? make<ConcatOp>({past, own}, {integer("axis", 2)}) : own;
}

void ContribImport::addBias(Value more) {
  bias = bias ? make<AddOp>({bias, more}) : more;
}

/// Padding is marked by 0: [batch] gives lengths, [batch, keys] and [batch,
/// queries, keys] a number that is added to scores.
LogicalResult ContribImport::readPadding(Value padding, Type element) {
  int64_t rank = ShapeBuilder::rank(padding);
  if (rank == 1) {
    lengths = padding;
    return success();
  }
  if (rank > 3) {
    node.error() << "mask: expected 1, 2 or 3 dims, found " << rank;
    return failure();
  }
  double filter = node.number("mask_filter_value").value_or(-10000.0f);
  Value kept = cast(padding, b.getI1Type());
  Value added = make<WhereOp>(
      {kept, node.scalar(element, 0), node.scalar(element, filter)});
  SmallVector<int64_t> axes{1};
  if (rank == 2)
    axes.push_back(2);
  addBias(unsqueeze(added, axes));
  return success(bias != nullptr);
}

Value ContribImport::build() {
  if (!q || !k || !v)
    return {};
  if (auto scale = node.number("scale"); scale && *scale != 0)
    attributes.set("scale", b.getF32FloatAttr(*scale));
  if (auto softcap = node.number("softcap"))
    attributes.set("softcap", b.getF32FloatAttr(*softcap));
  interleaved.push_back(b.getStringAttr("y"));
  attributes.set("interleaved", b.getArrayAttr(interleaved));
  Value y = make<AttentionOp>({q, k, v, bias, Value(), lengths, offsets},
                              attributes.getAttrs());
  return reshape(y, {0, 0, -1});
}

/// Inputs: input, weights, bias, mask_index, past, attention_bias.
FailureOr<SmallVector<Value>> ContribImport::attention() {
  Value packed = make<MatmulOp>({node.input(0), node.input(1)});
  if (node.input(2))
    packed = make<AddOp>({packed, node.input(2)});
  if (!packed)
    return failure();
  int64_t total = width(packed), sizes[3] = {total / 3, total / 3, total / 3};
  if (auto given = node.integers("qkv_hidden_sizes");
      given && given->size() == 3)
    llvm::copy(*given, sizes);
  q = split(slice(packed, 0, sizes[0]), heads, "q");
  k = split(slice(packed, sizes[0], sizes[0] + sizes[1]), heads, "k");
  v = split(slice(packed, sizes[0] + sizes[1], sizes[0] + sizes[1] + sizes[2]),
            heads, "v");
  Type element = ShapeBuilder::elementType(node.input(0));
  if (node.input(3) && failed(readPadding(node.input(3), element)))
    return failure();
  if (node.input(5))
    addBias(node.input(5));
  Value past = node.input(4);
  if (past || node.numOutputs > 1) {
    k = appended(past ? item(past, 0, 0) : Value(), headsFirst(k, "k"));
    v = appended(past ? item(past, 1, 0) : Value(), headsFirst(v, "v"));
  }
  if (node.integer("unidirectional").value_or(0)) {
    attributes.set("causal", b.getStringAttr("top_left"));
    offsets = past ? lengthOf(past, 3) : Value();
  }
  Value y = build();
  if (!y)
    return failure();
  SmallVector<Value> results{y};
  if (node.numOutputs > 1) {
    Value first = unsqueeze(k, {0}), second = unsqueeze(v, {0});
    results.push_back(make<ConcatOp>({first, second}, {integer("axis", 0)}));
  }
  return results;
}

/// Inputs: query, key, value, bias, key_padding_mask, attention_bias, past_key,
/// past_value.
FailureOr<SmallVector<Value>> ContribImport::multiHead() {
  Value query = node.input(0), key = node.input(1), value = node.input(2);
  Type element = ShapeBuilder::elementType(query);
  if (ShapeBuilder::rank(query) == 5) {
    q = item(query, 0, 3), k = item(query, 1, 3), v = item(query, 2, 3);
    for (StringRef name : {"q", "k", "v"})
      interleaved.push_back(b.getStringAttr(name));
  } else {
    if (!key) {
      node.error() << "input 'key': expected a value, since the query is not "
                      "packed, found none";
      return failure();
    }
    if (Value given = node.input(3)) {
      int64_t own = width(query);
      query = make<AddOp>({query, slice(given, 0, own)});
      if (ShapeBuilder::rank(key) == 3)
        key = make<AddOp>({key, slice(given, own, 2 * own)});
      if (value && ShapeBuilder::rank(value) == 3)
        value =
            make<AddOp>({value, slice(given, 2 * own, 2 * own + width(value))});
    }
    q = split(query, heads, "q");
    if (!q || !key)
      return failure();
    if (ShapeBuilder::rank(key) == 5) {
      k = item(key, 0, 3), v = item(key, 1, 3);
      interleaved.append({b.getStringAttr("k"), b.getStringAttr("v")});
    } else {
      k = ShapeBuilder::rank(key) == 3 ? split(key, heads, "k") : key;
      v = value && ShapeBuilder::rank(value) == 3 ? split(value, heads, "v")
                                                  : value;
    }
  }
  if (!q || !k || !v)
    return failure();
  if (node.input(4) && failed(readPadding(node.input(4), element)))
    return failure();
  if (node.input(5))
    addBias(node.input(5));
  if (node.input(6) || node.numOutputs > 1) {
    k = appended(node.input(6), headsFirst(k, "k"));
    v = appended(node.input(7), headsFirst(v, "v"));
  }
  if (node.integer("unidirectional").value_or(0)) {
    attributes.set("causal", b.getStringAttr("top_left"));
    offsets = node.input(6) ? lengthOf(node.input(6), 2) : Value();
  }
  Value y = build();
  if (!y)
    return failure();
  SmallVector<Value> results{y, k, v};
  if (node.numOutputs > 3) {
    node.error() << "output 'qk': expected none, found one, which is not "
                    "supported yet";
    return failure();
  }
  results.resize(node.numOutputs);
  return results;
}

/// q, k and v out of one tensor of their columns.
LogicalResult ContribImport::splitPacked(Value packed, int64_t sizeOfKeys,
                                         int64_t sizeOfValues) {
  int64_t own = width(packed) - sizeOfKeys - sizeOfValues;
  q = split(slice(packed, 0, own), heads, "q");
  k = split(slice(packed, own, own + sizeOfKeys), keyHeads, "k");
  v = split(slice(packed, own + sizeOfKeys, width(packed)), keyHeads, "v");
  return success(q && k && v);
}

/// Queries and keys turned; the first new token of batch b stands at first[b].
LogicalResult ContribImport::rotate(Value first) {
  if (!node.integer("do_rotary").value_or(0))
    return success();
  Value positions = node.input(9);
  if (!positions) {
    // first[b] + 0, 1, ...
    Value scalar = reshape(lengthOf(node.input(0), 1), {});
    Value steps = make<RangeOp>({node.scalar(b.getI64Type(), 0), scalar,
                                 node.scalar(b.getI64Type(), 1)});
    positions = make<AddOp>({unsqueeze(first, {1}), steps});
  }
  auto turned = [&](Value x) {
    return make<RotaryEmbeddingOp>(
        {x, node.input(7), node.input(8), positions},
        {integer("interleaved", node.integer("rotary_interleaved").value_or(0)),
         integer("rotary_dim", 2 * width(node.input(7))),
         node.attribute("length_first", b.getUnitAttr())});
  };
  q = turned(q), k = turned(k);
  return success(q && k);
}

/// `past` with the new tokens written from first[b] on, as long as past or the
/// whole sequence, whichever is longer.
Value ContribImport::writtenTo(Value past, Value own, Value first,
                               Value total) {
  if (!past)
    return own;
  Value room = make<ConcatOp>({past, own}, {integer("axis", 2)});
  Value written =
      make<TensorScatterOp>({room, own, first}, {integer("axis", 2)});
  Value end = reshape(toI64(total), {1});
  end = make<MaxOp>({end, lengthOf(past, 2)});
  return make<SliceOp>({written, node.constant({0}), end, node.constant({2})});
}

/// Inputs: query, key, value, past_key, past_value, seqlens_k,
/// total_sequence_length, cos_cache, sin_cache, position_ids, attention_bias.
FailureOr<SmallVector<Value>> ContribImport::groupQuery() {
  Value query = node.input(0);
  if (heads < 1 || keyHeads < 1 || heads % keyHeads) {
    node.error()
        << "attribute 'kv_num_heads': expected a divisor of num_heads ("
        << heads << "), found " << keyHeads;
    return failure();
  }
  if (node.input(1)) {
    q = split(query, heads, "q");
    k = split(node.input(1), keyHeads, "k");
    v = split(node.input(2), keyHeads, "v");
  } else {
    int64_t size = width(query) / (heads + 2 * keyHeads);
    if (failed(splitPacked(query, size * keyHeads, size * keyHeads)))
      return failure();
  }
  if (!q || !k || !v || !node.input(5) || !node.input(6))
    return failure();
  if (node.integer("smooth_softmax").value_or(0) > 0) {
    node.error() << "attribute 'smooth_softmax': expected 0, found another, "
                    "which is not supported yet";
    return failure();
  }
  Value last = reshape(toI64(node.input(5)), {-1});
  lengths = make<AddOp>({last, node.constant({1})});
  Value first = make<SubOp>({lengths, lengthOf(query, 1)});
  first = make<MaxOp>({first, node.constant({0})});
  if (failed(rotate(first)))
    return failure();
  k = headsFirst(k, "k"), v = headsFirst(v, "v");
  k = writtenTo(node.input(3), k, first, node.input(6));
  v = writtenTo(node.input(4), v, first, node.input(6));
  if (node.input(10))
    addBias(node.input(10));
  // One new token sees what there is.
  bool isStep =
      mlir::cast<RankedTensorType>(query.getType()).getDimSize(1) == 1;
  if (!isStep || node.integer("local_window_size").value_or(-1) > 0)
    attributes.set("causal", b.getStringAttr("top_left")), offsets = first;
  if (int64_t window = node.integer("local_window_size").value_or(-1);
      window > 0)
    attributes.set("window", integer("window", window).getValue());
  Value y = build();
  if (!y)
    return failure();
  SmallVector<Value> results{y, k, v};
  results.resize(node.numOutputs);
  return results;
}

FailureOr<SmallVector<Value>> ContribImport::run() {
  node.inputs.resize(std::max<size_t>(node.inputs.size(), 12));
  if (heads < 1) {
    node.error() << "attribute 'num_heads': expected 1 or more, found "
                 << heads;
    return failure();
  }
  if (node.type == "MultiHeadAttention")
    return multiHead();
  if (node.type == "GroupQueryAttention")
    return groupQuery();
  return attention();
}

FailureOr<SmallVector<Value>> tw::nn::importContribAttention(OnnxNode &node) {
  return ContribImport(node).run();
}

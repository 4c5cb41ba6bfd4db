#include "passes/AttentionSkeleton.h"
#include "passes/Passes.h"

#include "dialects/nn/Attention.h"

using namespace tw;

namespace tw {
#define GEN_PASS_DEF_FUSEATTENTION
#include "passes/Passes.h.inc"
} // namespace tw

namespace {

/// Turns a skeleton into nn.attention.
class AttentionBuilder {
public:
  AttentionBuilder(AttentionSkeleton &skeleton, ShapeBuilder &shapes,
                   IRRewriter &rewriter, FusionMiss &miss)
      : s(skeleton), shapes(shapes), b(rewriter), miss(miss),
        loc(b.getFusedLoc(locations(skeleton))) {}

  /// The value that replaces the second product's result, or null with `miss`.
  Value build();
  DictionaryAttr options() { return b.getDictionaryAttr(found); }

private:
  static SmallVector<Location> locations(const AttentionSkeleton &s) {
    SmallVector<Location> all;
    for (Operation *op : s.ops)
      all.push_back(op->getLoc());
    return all;
  }
  template <typename OpT, typename... Args>
  Value make(Args &&...args);
  Value fail(Operation *op, const llvm::Twine &reason);
  LogicalResult chooseLead();
  Value reshape(Value tensor, ArrayRef<OpFoldResult> dims);
  Value grouped(Value tensor, const Dims &from);
  std::optional<Dims> extraLead(const AttentionSkeleton::Extra &extra,
                                Dims own);
  Value withAllColumns(Value extra);
  Value regrouped(const AttentionSkeleton::Extra &extra);
  Value scaledQueries();
  Value keysByRow();
  bool isRepeated(Value tensor, Value &single);
  Value summedBias();
  Value plainMask();
  Value number(double value, Type element);
  void note(StringRef name, Attribute value) { found.set(name, value); }

  AttentionSkeleton &s;
  ShapeBuilder &shapes;
  IRRewriter &b;
  FusionMiss &miss;
  Location loc;
  Dims lead; ///< batch and heads
  NamedAttrList found;
};

} // namespace

template <typename OpT, typename... Args>
Value AttentionBuilder::make(Args &&...args) {
  auto op = OpT::create(b, loc, UnrankedTensorType::get(b.getF32Type()),
                        std::forward<Args>(args)...);
  (void)nn::refineResults(shapes, op);
  return op->getResult(0);
}

Value AttentionBuilder::fail(Operation *op, const llvm::Twine &reason) {
  miss = {op, reason.str()};
  return {};
}

Value AttentionBuilder::reshape(Value tensor, ArrayRef<OpFoldResult> dims) {
  Dims own = shapes.dims(tensor);
  if (own.size() == dims.size() && llvm::equal(own, dims, ShapeBuilder::equal))
    return tensor;
  Value result = make<nn::ReshapeOp>(tensor, nn::shapeTensor(b, loc, dims),
                                     /*allowzero=*/1);
  // Known to be no -1, which the op's own rule cannot see.
  shapes.setDims(result, Dims(dims));
  return result;
}

/// Scores of rank 4 say what is batch and what is heads; else the last leading
/// dim is heads.
LogicalResult AttentionBuilder::chooseLead() {
  lead = s.lead;
  if (!lead.empty())
    return success();
  lead = s.firstLead;
  if (lead.size() == 1)
    lead.insert(lead.begin(), shapes.constant(1));
  if (lead.size() > 2) {
    Dim heads = lead.pop_back_val();
    lead = {shapes.product(lead), heads};
  }
  return success(lead.size() == 2);
}

/// [leading dims..., rows, columns] => [batch, heads, rows, columns]
Value AttentionBuilder::grouped(Value tensor, const Dims &from) {
  Dims own = shapes.dims(tensor);
  Dims dims(lead);
  // One head for all, as in multi-query attention.
  if (own.size() == from.size() + 2 && from.size() == 2 &&
      ShapeBuilder::known(own[1]) == 1)
    dims[1] = own[1];
  dims.append({own.end()[-2], own.back()});
  return reshape(tensor, dims);
}

/// The leading dims of a bias or mask in terms of `lead`.
std::optional<Dims>
AttentionBuilder::extraLead(const AttentionSkeleton::Extra &extra, Dims own) {
  Dim one = shapes.constant(1);
  auto isOne = [](Dim d) { return ShapeBuilder::known(d) == 1; };
  if (llvm::all_of(own, isOne))
    return Dims{one, one};
  const Dims &from = extra.lead;
  own.insert(own.begin(), from.size() - own.size(), one);
  if (from.size() == 2)
    return own;
  if (from.size() == 1)
    return lead.size() == 2 && isOne(lead[0]) ? Dims{one, own[0]} : lead;
  // [x, y, heads]: the batch is x * y.
  if (from.size() != 3)
    return std::nullopt;
  if (isOne(own[0]))
    return Dims{own[1], own[2]};
  if (ShapeBuilder::equal(own[0], from[0]) &&
      (ShapeBuilder::equal(own[1], from[1]) || isOne(from[1])))
    return Dims{shapes.mul(own[0], own[1]), own[2]};
  return std::nullopt;
}

/// A last dim that may be 1 or the number of keys is made the latter.
Value AttentionBuilder::withAllColumns(Value extra) {
  Dims dims = shapes.dims(extra);
  Dim keys = shapes.dims(s.first.getResult()).back();
  if (ShapeBuilder::known(dims.back()) == 1 ||
      ShapeBuilder::equal(dims.back(), keys))
    return extra;
  Dim one = shapes.constant(1);
  Value wide =
      make<nn::ExpandOp>(extra, nn::shapeTensor(b, loc, {one, one, one, keys}));
  dims.back() = keys;
  shapes.setDims(wide, dims);
  return wide;
}

Value AttentionBuilder::regrouped(const AttentionSkeleton::Extra &extra) {
  Dims own = shapes.dims(extra.tensor), matrix;
  while (matrix.size() < 2) {
    matrix.insert(matrix.begin(),
                  own.empty() ? shapes.constant(1) : own.back());
    if (!own.empty())
      own.pop_back();
  }
  auto dims = extraLead(extra, own);
  if (!dims)
    return fail(s.softmax, "a summand or mask whose batch dims do not lie as "
                           "the scores' do");
  dims->append(matrix);
  return withAllColumns(reshape(extra.tensor, *dims));
}

Value AttentionBuilder::number(double value, Type element) {
  auto type = RankedTensorType::get({}, element);
  bool lossy;
  APFloat rounded(value);
  rounded.convert(cast<FloatType>(element).getFloatSemantics(),
                  APFloat::rmNearestTiesToEven, &lossy);
  return nn::ConstantOp::create(b, loc, type,
                                DenseElementsAttr::get(type, rounded));
}

Value AttentionBuilder::scaledQueries() {
  Value q = s.first.getA();
  for (Value factor : s.scaleTensors) {
    Value scalar = reshape(factor, {});
    q = make<nn::MulOp>(q, scalar);
  }
  return grouped(q, s.firstLead);
}

/// The keys of the first product, whose right side has them as columns.
Value AttentionBuilder::keysByRow() {
  Value columns = s.first.getB();
  SmallVector<int64_t> perm =
      llvm::to_vector(llvm::seq<int64_t>(ShapeBuilder::rank(columns)));
  std::swap(perm.end()[-1], perm.end()[-2]);
  auto turned = columns.getDefiningOp<nn::TransposeOp>();
  if (turned) {
    SmallVector<int64_t> own = turned.getPermutation();
    SmallVector<int64_t> all;
    for (int64_t p : perm)
      all.push_back(own[p]);
    if (llvm::is_sorted(all))
      return turned.getData();
    return make<nn::TransposeOp>(turned.getData(), b.getDenseI64ArrayAttr(all));
  }
  return make<nn::TransposeOp>(columns, b.getDenseI64ArrayAttr(perm));
}

/// reshape(expand(x : [b, g, 1, n, d] to [b, g, r, n, d]) to [b, g * r, n, d])
bool AttentionBuilder::isRepeated(Value tensor, Value &single) {
  auto flat = tensor.getDefiningOp<nn::ReshapeOp>();
  auto expand = flat ? flat.getData().getDefiningOp<nn::ExpandOp>() : nullptr;
  if (!expand || ShapeBuilder::rank(tensor) != 4 ||
      ShapeBuilder::rank(expand.getResult()) != 5 ||
      ShapeBuilder::rank(expand.getInput()) != 5)
    return false;
  Dims in = shapes.dims(expand.getInput()), out = shapes.dims(expand),
       to = shapes.dims(tensor);
  if (ShapeBuilder::known(in[2]) != 1)
    return false;
  for (int i : {0, 1, 3, 4})
    if (!ShapeBuilder::equal(in[i], out[i]))
      return false;
  for (auto [x, y] : {std::pair{0, 0}, {3, 2}, {4, 3}})
    if (!ShapeBuilder::equal(out[x], to[y]))
      return false;
  single = reshape(expand.getInput(), {in[0], in[1], in[3], in[4]});
  return true;
}

/// The sum of all summands, as it is added to finished scores.
Value AttentionBuilder::summedBias() {
  Value sum;
  for (const AttentionSkeleton::Extra &extra : s.biases) {
    Value bias = regrouped(extra);
    if (!bias)
      return {};
    float factor = extra.isNegated ? -extra.factor : extra.factor;
    if (factor != 1)
      bias = make<nn::MulOp>(bias,
                             number(factor, ShapeBuilder::elementType(bias)));
    if (sum &&
        ShapeBuilder::elementType(sum) != ShapeBuilder::elementType(bias))
      return fail(s.softmax, "summands of different types");
    sum = sum ? make<nn::AddOp>(sum, bias) : bias;
  }
  return sum;
}

Value AttentionBuilder::plainMask() {
  Value mask = regrouped(*s.mask);
  if (!mask || !s.maskKeepsWhereFalse)
    return mask;
  return make<nn::NotOp>(mask);
}

Value AttentionBuilder::build() {
  if (failed(chooseLead()))
    return fail(s.first, "leading dims that are no batch and heads");
  Type element = ShapeBuilder::elementType(s.first.getA());
  if (!isa<FloatType>(element) ||
      ShapeBuilder::elementType(s.second.getB()) != element)
    return fail(s.second, "values of another type than the queries");
  Value q = scaledQueries(), k = grouped(keysByRow(), s.firstLead),
        v = grouped(s.second.getB(), s.secondLead);
  Value singleK, singleV;
  if (isRepeated(k, singleK) && isRepeated(v, singleV) &&
      ShapeBuilder::equal(shapes.dim(singleK, 1), shapes.dim(singleV, 1)))
    k = singleK, v = singleV;
  if (!ShapeBuilder::equal(shapes.dim(k, 1), shapes.dim(v, 1)))
    return fail(s.second, "keys and values have different heads");
  Value bias, mask;
  if (!s.biases.empty() && !(bias = summedBias()))
    return {};
  if (s.mask && !(mask = plainMask()))
    return {};
  bool isFinite = mask && !std::isinf(s.maskValue);
  auto y = make<nn::AttentionOp>(
      q, k, v, bias, mask, Value(), Value(), b.getF32FloatAttr(s.scale),
      b.getF32FloatAttr(s.softcap), b.getStringAttr("none"),
      b.getI64IntegerAttr(0),
      isFinite ? b.getF32FloatAttr(s.maskValue) : FloatAttr(),
      s.maskLast && bias ? b.getUnitAttr() : UnitAttr(),
      b.getStringAttr(s.hasGuard ? "zero" : "nan"), b.getArrayAttr({}));
  note("scale", b.getF32FloatAttr(s.scale));
  if (s.softcap > 0)
    note("softcap", b.getF32FloatAttr(s.softcap));
  if (bias)
    note("bias", b.getStringAttr(describe(bias.getType())));
  if (mask)
    note("mask", b.getStringAttr(describe(mask.getType())));
  if (singleV && v == singleV)
    note("grouped", b.getBoolAttr(true));
  note("dead_rows", b.getStringAttr(s.hasGuard ? "zero" : "nan"));
  Dims dims = shapes.dims(s.second.getResult());
  return reshape(y, dims);
}

namespace {

/// attention(transpose(x, [0, 2, 1, 3])) => attention(x), interleaved
void absorbTransposes(nn::AttentionOp op, bool ofResult, IRRewriter &b) {
  SmallVector<Attribute> names(op.getInterleaved().getValue());
  constexpr int64_t kSwap[] = {0, 2, 1, 3};
  constexpr StringLiteral kNames[] = {"q", "k", "v"};
  for (unsigned i = 0; i < 3; ++i) {
    auto turned = op->getOperand(i).getDefiningOp<nn::TransposeOp>();
    Attribute name = b.getStringAttr(kNames[i]);
    if (!turned || turned.getPermutation() != ArrayRef(kSwap) ||
        llvm::is_contained(names, name))
      continue;
    op->setOperand(i, turned.getData());
    names.push_back(name);
  }
  if (ofResult && op->hasOneUse()) {
    auto turned = dyn_cast<nn::TransposeOp>(*op->getUsers().begin());
    Attribute name = b.getStringAttr("y");
    if (turned && turned.getPermutation() == ArrayRef(kSwap) &&
        !llvm::is_contained(names, name)) {
      names.push_back(name);
      op.getResult().setType(cast<RankedTensorType>(turned.getType()));
      b.replaceOp(turned, op.getResult());
    }
  }
  op.setInterleavedAttr(b.getArrayAttr(names));
}

/// A head's dim of `operand` at position `dim`, where it is known.
int64_t knownDim(Value operand, int64_t dim) {
  return cast<RankedTensorType>(operand.getType()).getShape()[dim];
}

/// Whether a bias or mask means the same for [batch, heads of keys, queries per
/// key head, keys].
bool isGroupable(Value extra) {
  if (!extra)
    return true;
  auto shape = cast<RankedTensorType>(extra.getType()).getShape();
  bool oneHead = shape.size() < 3 || shape[shape.size() - 3] == 1;
  bool oneRow = shape.size() < 2 || shape[shape.size() - 2] == 1;
  return oneHead && oneRow;
}

/// One query per head, heads of keys shared: the heads that share are queries
/// of one head, so that keys and values are read once for all of them.
///   attention(q : [b, h, 1, d], k : [b, g, ...])
///     => reshape(attention(reshape(q) : [b, g, h / g, d], k))
void groupQueries(nn::AttentionOp op, IRRewriter &b) {
  bool isTurned = nn::isInterleaved(op.getInterleaved(), "q"),
       keysTurned = nn::isInterleaved(op.getInterleaved(), "k");
  int64_t heads = knownDim(op.getQ(), isTurned ? 2 : 1),
          length = knownDim(op.getQ(), isTurned ? 1 : 2),
          shared = knownDim(op.getK(), keysTurned ? 2 : 1);
  if (length != 1 || heads <= shared || shared < 1 ||
      ShapedType::isDynamic(heads) || op.getCausal() != "none" ||
      !isGroupable(op.getBias()) || !isGroupable(op.getMask()))
    return;
  b.setInsertionPoint(op);
  Location loc = op.getLoc();
  ShapeBuilder shapes(b, loc);
  Dims from = shapes.dims(op.getQ()), to = shapes.dims(op.getResult());
  auto reshape = [&](Value x, ArrayRef<OpFoldResult> dims) {
    auto result = nn::ReshapeOp::create(
        b, loc, UnrankedTensorType::get(b.getF32Type()), x,
        nn::shapeTensor(b, loc, dims), /*allowzero=*/1);
    (void)nn::refineResults(shapes, result);
    return result.getResult();
  };
  Value q = reshape(op.getQ(), {from[0], b.getIndexAttr(shared),
                                b.getIndexAttr(heads / shared), from[3]});
  auto grouped = cast<nn::AttentionOp>(b.clone(*op));
  SmallVector<Attribute> names(op.getInterleaved().getValue());
  llvm::erase_if(names, [&](Attribute name) {
    return name == b.getStringAttr("q") || name == b.getStringAttr("y");
  });
  grouped->setOperand(0, q);
  grouped.setInterleavedAttr(b.getArrayAttr(names));
  grouped.getResult().setType(
      cast<TensorType>(Type(UnrankedTensorType::get(b.getF32Type()))));
  (void)nn::refineResults(shapes, grouped);
  b.replaceOp(op, reshape(grouped, to));
}

struct FuseAttentionPass : tw::impl::FuseAttentionBase<FuseAttentionPass> {
  using FuseAttentionBase::FuseAttentionBase;

  void runOnOperation() override {
    sites.clear();
    marked = 0;
    IRRewriter rewriter(&getContext());
    for (Block &block : getOperation().getBody())
      run(block, rewriter);
    SmallVector<nn::AttentionOp> attentions;
    getOperation().walk([&](nn::AttentionOp op) { attentions.push_back(op); });
    for (nn::AttentionOp op : attentions) {
      absorbTransposes(op, /*ofResult=*/!keepOriginals, rewriter);
      if (!keepOriginals)
        groupQueries(op, rewriter);
    }
    if (!sites.empty())
      getOperation()->setAttr(kAttentionSitesAttr,
                              rewriter.getArrayAttr(sites));
  }

  static bool hasSite(Block &block) {
    return llvm::any_of(
        block.getOps<nn::SoftmaxOp>(),
        [](nn::SoftmaxOp softmax) { return SkeletonReader::isSite(softmax); });
  }

  void run(Block &block, IRRewriter &rewriter) {
    for (Operation &op : block) {
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          run(inner, rewriter);
      if (isa<nn::AttentionOp>(op))
        record(rewriter, {&op}, true, rewriter.getDictionaryAttr({}), "");
    }
    if (hasSite(block))
      fuseSites(block, rewriter);
  }

  void fuseSites(Block &block, IRRewriter &rewriter) {
    SmallVector<nn::SoftmaxOp> found;
    // Remembers every tensor's dims, so that equal ones are known to be.
    ShapeBuilder shapes(rewriter, block.getParentOp()->getLoc());
    for (Operation &op : llvm::make_early_inc_range(block)) {
      rewriter.setInsertionPoint(&op);
      for (Value operand : op.getOperands())
        if (isa<RankedTensorType>(operand.getType()))
          shapes.dims(operand);
      if (failed(nn::refineResults(shapes, &op)))
        return signalPassFailure();
      auto softmax = dyn_cast<nn::SoftmaxOp>(op);
      if (softmax && SkeletonReader::isSite(softmax))
        found.push_back(softmax);
      // At the second product, all sizes that `shapes` knows are there.
      if (auto product = dyn_cast<nn::MatmulOp>(op))
        llvm::erase_if(found, [&](nn::SoftmaxOp open) {
          return fuse(open, product, shapes, rewriter);
        });
    }
    for (nn::SoftmaxOp softmax : found) {
      AttentionSkeleton skeleton;
      FusionMiss miss{softmax, "no product after it"};
      (void)SkeletonReader(shapes).read(softmax, skeleton, miss);
      recordMiss(softmax, miss, rewriter);
    }
  }

  /// Whether the site of `softmax` ended at `last`, fused or not.
  bool fuse(nn::SoftmaxOp softmax, nn::MatmulOp last, ShapeBuilder &shapes,
            IRRewriter &rewriter) {
    AttentionSkeleton skeleton;
    FusionMiss miss{softmax, ""};
    if (failed(SkeletonReader(shapes).read(softmax, skeleton, miss)) ||
        skeleton.second != last)
      return false;
    rewriter.setInsertionPoint(last);
    AttentionBuilder builder(skeleton, shapes, rewriter, miss);
    Value y = builder.build();
    if (!y) {
      recordMiss(softmax, miss, rewriter);
      return true;
    }
    if (keepOriginals)
      mark(skeleton.ops, y.getDefiningOp(), rewriter);
    record(rewriter, skeleton.ops, true, builder.options(), "");
    rewriter.replaceAllUsesWith(last.getResult(), y);
    if (!keepOriginals)
      rewriter.eraseOp(last);
    return true;
  }

  void recordMiss(nn::SoftmaxOp softmax, const FusionMiss &miss, Builder &b) {
    record(b, {miss.op, softmax}, false, b.getDictionaryAttr({}), miss.reason);
  }

  void mark(ArrayRef<Operation *> ops, Operation *fused, Builder &b) {
    IntegerAttr number = b.getI64IntegerAttr(marked++);
    for (Operation *op : ops)
      op->setAttr("nn.site", number);
    fused->setAttr("nn.fused_site", number);
  }

  void record(Builder &b, ArrayRef<Operation *> ops, bool fused,
              DictionaryAttr options, StringRef reason) {
    NamedAttrList site;
    site.set("fused", b.getBoolAttr(fused));
    auto locations =
        llvm::map_to_vector(ops, [](Operation *op) { return op->getLoc(); });
    site.set("nodes", nodeNames(b.getContext(), locations));
    site.set("options", options);
    site.set("reason", b.getStringAttr(reason));
    sites.push_back(site.getDictionary(b.getContext()));
  }

  SmallVector<Attribute> sites;
  int64_t marked = 0;
};

} // namespace

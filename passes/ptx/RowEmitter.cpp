#include "passes/ptx/RowEmitter.h"

#include "passes/ptx/LaneSums.h"
#include "passes/ptx/Points.h"
#include "passes/ptx/ThreadEmitter.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace tw;

namespace {

constexpr int64_t kWarp = 32;
/// Shared memory for what a block's warps tell each other about one sum.
constexpr int64_t kSlot = 8;

class RowEmitter {
public:
  RowEmitter(OpBuilder &b, const RowGroup &group, const RowShape &shape)
      : b(b), e(b, group.getSum().getLoc()), loc(group.getSum().getLoc()),
        group(group), shape(shape), shapes(b, loc) {
    for (Range range :
         linalg::LinalgOp(group.getSum()).createLoopRanges(b, loc))
      sizes.push_back(range.size);
    rowCount = shapes.product(ArrayRef(sizes).take_front(group.getRowRank()));
    length = shapes.product(ArrayRef(sizes).drop_front(group.getRowRank()));
  }

  void emit(int64_t above) {
    auto blocks = scf::ForallOp::create(b, loc, Dims{trips(above)},
                                        ValueRange(), std::nullopt);
    blocks->setAttr(kThreadsAttr, b.getI64IntegerAttr(shape.threads));
    if (int64_t bytes = sharedBytes())
      blocks->setAttr(kSharedAttr, b.getI64IntegerAttr(bytes));
    b.setInsertionPoint(blocks.getTerminator());
    enter(blocks.getInductionVars()[0]);
    if (shape.isLong)
      return emitAlong();
    for (linalg::LinalgOp op : group.getOps())
      emitOp(op);
  }

private:
  /// Elements in a thread's registers, chunk by chunk.
  using Elements = SmallVector<Value>;

  int64_t rowsPerBlock() const { return shape.threads / shape.lanes; }
  int64_t warps() const { return shape.threads / kWarp; }

  int64_t sharedBytes() {
    if (!shape.isBlock() || warps() == 1)
      return 0;
    return kSlot * warps() * llvm::count_if(group.getOps(), [&](auto op) {
             return group.kindOf(op) == RowKind::Sum;
           });
  }

  Dim trips(int64_t above) {
    Dim blocks = shapes.ceilDiv(rowCount, shapes.constant(rowsPerBlock()));
    if (ShapeBuilder::known(length))
      return blocks;
    Dim none = shapes.constant(0);
    Dim isMore = shapes.isLess(shapes.constant(above), length);
    if (shape.isLong)
      return shapes.select(isMore, blocks, none);
    Dim isOver = shapes.isLess(shapes.constant(shape.capacity()), length);
    return shapes.select(isMore, shapes.select(isOver, none, blocks), none);
  }

  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  /// The thread's row and its place there.
  void enter(Value block) {
    end = shapes.value(length);
    Value thread =
        arith::IndexCastUIOp::create(b, loc, b.getIndexType(), e.threadIndex());
    Value row = block;
    lane = thread;
    if (!shape.isBlock()) {
      lane = e.rem(thread, shape.lanes);
      row = e.add(e.mul(block, rowsPerBlock()), e.div(thread, shape.lanes));
      Value count = shapes.value(rowCount);
      isRow = e.isLess(row, count);
      row = e.min(row, e.add(count, -1));
    }
    at = split(row, ArrayRef(sizes).take_front(group.getRowRank()));
    choosePositions();
  }

  /// The indices of element number `number` of an array of these sizes.
  SmallVector<Value> split(Value number, ArrayRef<OpFoldResult> of) {
    SmallVector<Value> indices(of.size());
    for (size_t i = of.size(); i-- > 1;) {
      Value size = shapes.value(of[i]);
      Value rest = e.div(number, size);
      indices[i] = e.sub(number, e.mul(rest, size));
      number = rest;
    }
    if (!indices.empty())
      indices[0] = number;
    return indices;
  }

  // Places. -------------------------------------------------------------------

  /// A thread's neighbours are `width` columns side by side where they can be
  /// accessed at once; otherwise neighbouring threads have neighbouring
  /// columns.
  void choosePositions() {
    auto known = ShapeBuilder::known(length);
    bool canBeWide = shape.width > 1 && !(known && *known % shape.width);
    isWide = canBeWide ? areAligned() : Value();
    canBeWide = isWide != nullptr; // Else nothing runs along in whole bytes.
    Value wide = index(shape.width), lanes = index(shape.lanes), one = index(1);
    threadStep = one;
    elementStep = lanes;
    if (known && canBeWide) {
      threadStep = wide;
      elementStep = one;
    } else if (canBeWide) {
      Value rest = e.rem(end, shape.width);
      isWide = e.both(isWide, e.isZero(rest));
      threadStep = e.select(isWide, wide, one);
      elementStep = e.select(isWide, one, lanes);
    }
    isValidByChunk = known && canBeWide;
  }

  Value position(int64_t chunk, int64_t i) {
    Value first = e.add(e.mul(lane, threadStep),
                        index(chunk * shape.lanes * shape.width));
    if (start)
      first = e.add(first, start);
    return i ? e.add(first, e.mul(elementStep, index(i))) : first;
  }

  /// i1: the element lies before the row's end; null where all of a chunk do.
  Value isValid(int64_t chunk, int64_t i) {
    auto known = ShapeBuilder::known(length);
    if (known && !shape.isLong &&
        (chunk + 1) * shape.lanes * shape.width <= *known)
      return {};
    return e.isLess(position(chunk, isValidByChunk ? 0 : i), end);
  }

  Value both(Value x, Value y) { return !x ? y : !y ? x : e.both(x, y); }

  /// Loops' indices at a column.
  SmallVector<Value> indicesAt(Value column) {
    SmallVector<Value> all(at);
    llvm::append_range(
        all, split(column, ArrayRef(sizes).drop_front(group.getRowRank())));
    return all;
  }

  // Memory. -------------------------------------------------------------------

  bool isFull(OpOperand &operand) {
    return group.isFull(operand, RowKind::Element);
  }

  /// Whether it moves with columns at all.
  bool hasColumns(OpOperand &operand) {
    auto op = cast<linalg::LinalgOp>(operand.getOwner());
    if (!isa<MemRefType>(operand.get().getType()))
      return false;
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (unsigned i = group.getRowRank(); i < map.getNumDims(); ++i)
      if (map.isFunctionOfDim(i))
        return true;
    return false;
  }

  /// Whether columns that are neighbours lie side by side, in whole bytes.
  bool runsAlong(OpOperand &operand) {
    auto type = dyn_cast<MemRefType>(operand.get().getType());
    if (!type || !hasColumns(operand) || type.getElementTypeBitWidth() % 8 != 0)
      return false;
    if (group.getColumnRank() > 1)
      return isFull(operand) && type.getLayout().isIdentity();
    auto op = cast<linalg::LinalgOp>(operand.getOwner());
    AffineMap map = op.getMatchingIndexingMap(&operand);
    unsigned column = group.getRowRank();
    return type.isLastDimUnitStride() &&
           map.getResults().back() ==
               getAffineDimExpr(column, op.getContext()) &&
           !llvm::any_of(map.getResults().drop_back(), [&](AffineExpr place) {
             return place.isFunctionOfDim(column);
           });
  }

  int64_t accessBytes(OpOperand &operand) {
    return shape.width *
           cast<MemRefType>(operand.get().getType()).getElementTypeBitWidth() /
           8;
  }

  /// i1: every row of all that runs along columns starts at a multiple of what
  /// one access moves.
  Value areAligned() {
    Value aligned;
    llvm::SmallPtrSet<Value, 8> seen;
    for (linalg::LinalgOp op : group.getOps())
      for (OpOperand &operand : op->getOpOperands())
        if (runsAlong(operand) && group.isStored(operand.get()) &&
            seen.insert(operand.get()).second) {
          GlobalView view(e, operand.get());
          auto outer = llvm::seq<int64_t>(
              0, std::max<int64_t>(0, view.type.getRank() -
                                          group.getColumnRank()));
          SmallVector<int64_t> dims(outer.begin(), outer.end());
          aligned =
              both(aligned, view.isAligned(e, dims, accessBytes(operand)));
        }
    return aligned;
  }

  SmallVector<Value> place(OpOperand &operand, SmallVector<Value> loops) {
    auto op = cast<linalg::LinalgOp>(operand.getOwner());
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (loops.size() < map.getNumDims())
      loops.resize(map.getNumDims(), index(0));
    SmallVector<Value> result;
    for (AffineExpr part : map.getResults())
      result.push_back(shapes.value(affine::makeComposedFoldedAffineApply(
          b, loc, AffineMap::get(map.getNumDims(), 0, part),
          getAsOpFoldResult(loops))));
    return result;
  }

  Type elementOf(OpOperand &operand) {
    return getElementTypeOrSelf(operand.get().getType());
  }

  /// One of two values, by a condition (null: always true).
  Value choose(Value condition, llvm::function_ref<Value()> yes,
               llvm::function_ref<Value()> no) {
    if (!condition)
      return yes();
    auto branch = [&](llvm::function_ref<Value()> code) {
      return [this, code](OpBuilder &, Location) {
        scf::YieldOp::create(b, loc, code());
      };
    };
    return scf::IfOp::create(b, loc, condition, branch(yes), branch(no))
        .getResult(0);
  }

  Value loadElement(OpOperand &operand, int64_t chunk, int64_t i) {
    Type type = elementOf(operand);
    return choose(
        isValid(chunk, i),
        [&]() -> Value {
          return memref::LoadOp::create(
              b, loc, operand.get(),
              place(operand, indicesAt(position(chunk, i))));
        },
        [&] { return e.zero(type); });
  }

  VectorType vectorOf(OpOperand &operand) {
    return VectorType::get(shape.width, elementOf(operand));
  }

  Value loadWide(OpOperand &operand, int64_t chunk) {
    VectorType type = vectorOf(operand);
    return choose(
        isValid(chunk, 0),
        [&]() -> Value {
          return vector::LoadOp::create(
              b, loc, type, operand.get(),
              place(operand, indicesAt(position(chunk, 0))),
              /*nontemporal=*/false, llvm::MaybeAlign(accessBytes(operand)));
        },
        [&] { return e.zero(type); });
  }

  SmallVector<Value> loadSingly(OpOperand &operand, int64_t chunk) {
    SmallVector<Value> elements;
    for (int64_t i = 0; i < shape.width; ++i)
      elements.push_back(loadElement(operand, chunk, i));
    return elements;
  }

  /// Both ways end in a vector: elements of one that is used as a whole stay
  /// one access.
  SmallVector<Value> loadChunk(OpOperand &operand, int64_t chunk) {
    if (!isWide || !runsAlong(operand))
      return loadSingly(operand, chunk);
    VectorType type = vectorOf(operand);
    Value vector = choose(
        isWide, [&] { return loadWide(operand, chunk); },
        [&]() -> Value {
          return vector::FromElementsOp::create(b, loc, type,
                                                loadSingly(operand, chunk));
        });
    SmallVector<Value> elements;
    for (int64_t i = 0; i < shape.width; ++i)
      elements.push_back(vector::ExtractOp::create(b, loc, vector, i));
    return elements;
  }

  void storeChunk(OpOperand &init, int64_t chunk, ArrayRef<Value> elements) {
    auto singly = [&] {
      for (auto [i, element] : llvm::enumerate(elements))
        guarded(both(isRow, isValid(chunk, i)), [&] {
          memref::StoreOp::create(b, loc, element, init.get(),
                                  place(init, indicesAt(position(chunk, i))));
        });
    };
    if (!isWide || !runsAlong(init))
      return singly();
    auto wide = [&] {
      guarded(both(isRow, isValid(chunk, 0)), [&] {
        Value vector =
            vector::FromElementsOp::create(b, loc, vectorOf(init), elements);
        vector::StoreOp::create(b, loc, vector, init.get(),
                                place(init, indicesAt(position(chunk, 0))),
                                /*nontemporal=*/false,
                                llvm::MaybeAlign(accessBytes(init)));
      });
    };
    e.ifThen(isWide, wide, singly);
  }

  void guarded(Value condition, llvm::function_ref<void()> code) {
    if (condition)
      e.ifThen(condition, code);
    else
      code();
  }

  // Long rows. ----------------------------------------------------------------

  /// Along the row once for each sum, with all elements that come before it
  /// computed anew, and once more for those that are stored.
  void emitAlong() {
    ArrayRef<linalg::LinalgOp> ops = group.getOps();
    isStoring = false;
    for (auto [i, op] : llvm::enumerate(ops)) {
      RowKind kind = *group.kindOf(op);
      if (kind == RowKind::Element) {
        pinRowValues(op);
        continue;
      }
      if (kind == RowKind::Sum)
        partial = sumAlong(op, ops.take_front(i));
      for (OpOperand &operand : linalg::LinalgOp(op)->getOpOperands())
        if (isOperandRead(op, operand) && !hasColumns(operand))
          prepare(operand);
      emitRowValues(op, kind);
      forget();
    }
    isStoring = true;
    overPieces({}, [&](ValueRange) {
      emitBefore(ops);
      return SmallVector<Value>();
    });
  }

  /// What an op reads of its row, which may be another sum by the time that the
  /// op is computed anew.
  void pinRowValues(linalg::LinalgOp op) {
    for (OpOperand &operand : op->getOpOperands())
      if (isOperandRead(op, operand) && !isFull(operand) &&
          !hasColumns(operand))
        pinned[&operand] = rowValue(operand);
  }

  Value sumAlong(linalg::LinalgOp op, ArrayRef<linalg::LinalgOp> before) {
    Value neutral = arith::ConstantOp::create(
        b, loc, *arith::getNeutralElement(sumCombiner(op)));
    return overPieces(neutral, [&](ValueRange carried) {
      emitBefore(before);
      for (OpOperand &operand : op->getOpOperands())
        if (isOperandRead(op, operand) && !op.isDpsInit(&operand))
          prepare(operand);
      return SmallVector<Value>{accumulate(op, carried[0])};
    })[0];
  }

  void emitBefore(ArrayRef<linalg::LinalgOp> ops) {
    for (linalg::LinalgOp op : ops)
      if (group.kindOf(op) == RowKind::Element)
        emitOp(op);
  }

  SmallVector<Value>
  overPieces(ValueRange carried,
             llvm::function_ref<SmallVector<Value>(ValueRange)> body) {
    SmallVector<Value> results =
        e.loop(index(0), end, shape.capacity(), carried,
               [&](Value first, ValueRange inner) {
                 start = first;
                 return body(inner);
               });
    start = {};
    forget();
    return results;
  }

  /// What is known inside of one loop only.
  void forget() {
    elements.clear();
    loaded.clear();
  }

  // Ops. ----------------------------------------------------------------------

  void emitOp(linalg::LinalgOp op) {
    RowKind kind = *group.kindOf(op);
    for (OpOperand &operand : op->getOpOperands())
      if (isOperandRead(op, operand))
        prepare(operand);
    if (kind == RowKind::Element)
      return emitElements(op);
    emitRowValues(op, kind);
  }

  /// What a row's sums need, and what later ops read again, is in registers.
  void prepare(OpOperand &operand) {
    Value memory = operand.get();
    if (isFull(operand)) {
      Elements &kept = elements[memory];
      if (kept.empty())
        for (int64_t chunk = 0; chunk < shape.chunks; ++chunk)
          llvm::append_range(kept, loadChunk(operand, chunk));
    } else if (!hasColumns(operand)) {
      loaded[&operand] = rowValue(operand);
    }
  }

  Value rowValue(OpOperand &operand) {
    Value memory = operand.get();
    if (!isa<MemRefType>(memory.getType()))
      return memory;
    if (Value known = pinned.lookup(&operand))
      return known;
    if (Value known = rowValues.lookup(memory))
      return known;
    return memref::LoadOp::create(b, loc, memory, place(operand, at));
  }

  /// The operands' values for the elements of a chunk.
  SmallVector<SmallVector<Value>> chunkOf(linalg::LinalgOp op, int64_t chunk) {
    SmallVector<SmallVector<Value>> values(shape.width);
    for (OpOperand &operand : op->getOpOperands()) {
      SmallVector<Value> own(shape.width);
      if (isOperandRead(op, operand)) {
        if (isFull(operand))
          own = llvm::to_vector(ArrayRef(elements[operand.get()])
                                    .slice(chunk * shape.width, shape.width));
        else if (hasColumns(operand))
          own = loadChunk(operand, chunk);
        else
          own.assign(shape.width, loaded.lookup(&operand));
      }
      for (int64_t i = 0; i < shape.width; ++i)
        values[i].push_back(own[i]);
    }
    return values;
  }

  void emitElements(linalg::LinalgOp op) {
    SmallVector<Elements> results(op.getNumDpsInits());
    for (int64_t chunk = 0; chunk < shape.chunks; ++chunk) {
      auto arguments = chunkOf(op, chunk);
      for (int64_t i = 0; i < shape.width; ++i)
        for (auto [list, value] : llvm::zip_equal(
                 results, inlinePayload(b, op, arguments[i],
                                        indicesAt(position(chunk, i)))))
          list.push_back(value);
      for (auto [init, list] :
           llvm::zip_equal(op.getDpsInitsMutable(), results))
        if (isStoring && group.isStored(init.get()))
          storeChunk(init, chunk, ArrayRef(list).take_back(shape.width));
    }
    for (auto [init, list] : llvm::zip_equal(op.getDpsInits(), results))
      elements[init] = std::move(list);
  }

  void emitRowValues(linalg::LinalgOp op, RowKind kind) {
    SmallVector<Value> results;
    if (kind == RowKind::Sum) {
      results.push_back(sum(op));
    } else {
      SmallVector<Value> arguments;
      for (OpOperand &operand : op->getOpOperands())
        arguments.push_back(loaded.lookup(&operand));
      results = inlinePayload(b, op, arguments, at);
    }
    for (auto [init, value] :
         llvm::zip_equal(op.getDpsInitsMutable(), results)) {
      rowValues[init.get()] = value;
      if (group.isStored(init.get()))
        e.ifThen(both(isRow, e.isZero(lane)), [&] {
          memref::StoreOp::create(b, loc, value, init.get(), place(init, at));
        });
    }
  }

  Value sum(linalg::LinalgOp op) {
    Operation *combiner = sumCombiner(op);
    Value own =
        partial
            ? partial
            : accumulate(op, arith::ConstantOp::create(
                                 b, loc, *arith::getNeutralElement(combiner)));
    partial = {};
    own = sumOverLanes(b, loc, combiner, own, std::min(shape.lanes, kWarp));
    if (shape.isBlock() && warps() > 1)
      own = sumOverWarps(combiner, own);
    OpOperand &init = op.getDpsInitsMutable()[0];
    return combineSums(b, combiner, loaded.lookup(&init), own);
  }

  /// The thread's elements, one after the other.
  Value accumulate(linalg::LinalgOp op, Value own) {
    for (int64_t chunk = 0; chunk < shape.chunks; ++chunk) {
      auto arguments = chunkOf(op, chunk);
      for (int64_t i = 0; i < shape.width; ++i) {
        arguments[i].back() = own;
        Value next =
            inlinePayload(b, op, arguments[i], indicesAt(position(chunk, i)))
                .front();
        Value valid = isValid(chunk, i);
        own = valid ? e.select(valid, next, own) : next;
      }
    }
    return own;
  }

  /// Every warp reads what the others wrote, in the same order.
  Value sumOverWarps(Operation *combiner, Value own) {
    Value memory =
        e.at(sharedMemory(e), b.getI8Type(), kSlot * warps() * sums++);
    auto slot = [&](Value number) {
      return e.at(memory, b.getI8Type(), e.toI64(e.mul(number, kSlot)));
    };
    Value warp = e.div(lane, kWarp), inWarp = e.rem(lane, kWarp);
    e.ifThen(e.isZero(inWarp), [&] { e.store(own, slot(warp)); });
    e.barrier();
    Value other = e.load(slot(e.rem(inWarp, warps())), own.getType());
    return sumOverLanes(b, loc, combiner, other, warps());
  }

  OpBuilder &b;
  ThreadEmitter e;
  Location loc;
  const RowGroup &group;
  RowShape shape;
  ShapeBuilder shapes;
  Dims sizes; ///< of the loops of a sum
  Dim rowCount, length;

  SmallVector<Value> at; ///< the row's indices
  Value lane, end;
  Value isRow;  ///< null: always
  Value isWide; ///< null: never
  Value threadStep, elementStep;
  bool isValidByChunk = false;
  // Of a long row: where the piece starts, what a thread has of a sum, whether
  // results are stored.
  Value start, partial;
  bool isStoring = true;
  int64_t sums = 0;
  DenseMap<Value, Elements> elements;
  DenseMap<Value, Value> rowValues;
  DenseMap<OpOperand *, Value> loaded, pinned;
};

} // namespace

void tw::emitRows(OpBuilder &b, const RowGroup &group, const RowShape &shape,
                  int64_t above) {
  RowEmitter(b, group, shape).emit(above);
}

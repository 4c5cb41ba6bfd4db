#include "passes/ptx/SortRecord.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace tw;

Value SortRecords::number(int64_t value, unsigned bits) {
  return arith::ConstantOp::create(
      e.b, e.loc, e.b.getIntegerAttr(e.b.getIntegerType(bits), value));
}

SortRecord SortRecords::make(Value key, Value place) {
  Type i64 = e.b.getI64Type();
  place = e.toI32(place);
  if (!isPacked)
    return {key, place};
  key = arith::ExtUIOp::create(e.b, e.loc, i64, key);
  key = arith::ShLIOp::create(e.b, e.loc, key, number(32, 64));
  return {e.bitOr(key, arith::ExtUIOp::create(e.b, e.loc, i64, place)), {}};
}

SortRecord SortRecords::last() {
  return {number(-1, 64), isPacked ? Value() : number(-1, 32)};
}

Value SortRecords::placeOf(const SortRecord &record) {
  Value place = isPacked ? e.toI32(record.key) : record.place;
  return arith::IndexCastUIOp::create(e.b, e.loc, e.b.getIndexType(), place);
}

Value SortRecords::isBefore(const SortRecord &x, const SortRecord &y) {
  Value less = e.isBelow(x.key, y.key);
  if (isPacked)
    return less;
  Value isEqual =
      arith::CmpIOp::create(e.b, e.loc, arith::CmpIPredicate::eq, x.key, y.key);
  return e.either(less, e.both(isEqual, e.isBelow(x.place, y.place)));
}

SortRecord SortRecords::choose(Value condition,
                               llvm::function_ref<SortRecord()> yes,
                               llvm::function_ref<SortRecord()> no) {
  auto branch = [&](llvm::function_ref<SortRecord()> code) {
    return [this, code](OpBuilder &, Location) {
      SortRecord record = code();
      SmallVector<Value> values{record.key};
      if (!isPacked)
        values.push_back(record.place);
      scf::YieldOp::create(e.b, e.loc, values);
    };
  };
  auto op = scf::IfOp::create(e.b, e.loc, condition, branch(yes), branch(no));
  return {op.getResult(0), isPacked ? Value() : op.getResult(1)};
}

/// Places lie behind all keys.
static Value placeAt(ThreadEmitter &e, Value memory, int64_t count, Value at) {
  Value places = e.at(memory, e.b.getI64Type(), e.i32(count));
  return e.at(places, e.b.getI32Type(), at);
}

SortRecord SortRecords::loadShared(Value memory, int64_t count, Value at) {
  Type i64 = e.b.getI64Type(), i32 = e.b.getI32Type();
  SortRecord record{e.load(e.at(memory, i64, at), i64), {}};
  if (!isPacked)
    record.place = e.load(placeAt(e, memory, count, at), i32);
  return record;
}

void SortRecords::storeShared(const SortRecord &record, Value memory,
                              int64_t count, Value at) {
  e.store(record.key, e.at(memory, e.b.getI64Type(), at));
  if (!isPacked)
    e.store(record.place, placeAt(e, memory, count, at));
}

SortRecords::Buffer SortRecords::allocate(ArrayRef<OpFoldResult> sizes) {
  Buffer buffer;
  buffer.keys = memref::AllocOp::create(e.b, e.loc, sizes, e.b.getI64Type());
  if (!isPacked)
    buffer.places =
        memref::AllocOp::create(e.b, e.loc, sizes, e.b.getI32Type());
  return buffer;
}

SortRecord SortRecords::load(const Buffer &from, ValueRange at) {
  SortRecord record;
  record.key = memref::LoadOp::create(e.b, e.loc, from.keys, at);
  if (!isPacked)
    record.place = memref::LoadOp::create(e.b, e.loc, from.places, at);
  return record;
}

void SortRecords::store(const SortRecord &record, const Buffer &to,
                        ValueRange at) {
  memref::StoreOp::create(e.b, e.loc, record.key, to.keys, at);
  if (!isPacked)
    memref::StoreOp::create(e.b, e.loc, record.place, to.places, at);
}

// Branches, calls, exits.
#include "runtime/emulator/isa/Pick.h"

using namespace tw::emu;

static Step bra(Warp &w, const Inst &inst) {
  return w.branch(inst, inst.op(0).row);
}

static Handler selectBra(const Match &, Inst &inst) {
  inst.flow = Flow::Branch;
  if (inst.op(0).kind != Operand::Label)
    throw PtxError(0, 0, "expected a label");
  return bra;
}

static Step brx(Warp &w, const Inst &inst) {
  const Operand &list = inst.op(1);
  const uint64_t *index = w.row(inst.op(0));
  if (!w.demand(inst, inst.op(0), "the index in"))
    return w.exit(inst);
  uint32_t targets[kLanes] = {}, outside = 0;
  forLanes(w.mask, [&](unsigned l) {
    if (uint32_t(index[l]) >= list.count)
      outside |= 1u << l;
    else
      targets[l] = list.elements[index[l]].row;
  });
  if (outside) {
    unsigned lane = std::countr_zero(outside);
    w.launch.stop(Kind::IllegalInstruction, w.origin(inst, lane), 0,
                  format("brx.idx: index %u into a list of %u targets",
                         uint32_t(index[lane]), list.count));
    return w.exit(inst);
  }
  return w.branch(inst, targets);
}

static Handler selectBrx(const Match &, Inst &inst) {
  inst.flow = Flow::Branch;
  if (inst.op(1).kind != Operand::Labels || !inst.op(1).count)
    throw PtxError(0, 0, "expected a list of branch targets");
  return brx;
}

// Calls. ----------------------------------------------------------------------

/// Copies one lane's parameter bytes between frames, with their states.
static void copySlot(Frame &to, uint64_t toOffset, const Frame &from,
                     uint64_t fromOffset, uint64_t bytes, unsigned lane) {
  uint64_t a = lane * to.function->paramBytes + toOffset;
  uint64_t b = lane * from.function->paramBytes + fromOffset;
  std::copy_n(&from.params[b], bytes, &to.params[a]);
  std::copy_n(&from.paramState[b], bytes, &to.paramState[a]);
}

/// One argument (or result, with the roles exchanged): memory or register on
/// either side.
static void pass(Frame &outer, const Operand &at, Frame &inner,
                 const Parameter &param, unsigned lane, bool inwards) {
  if (at.kind == Operand::ParamSlot) {
    if (inwards)
      copySlot(inner, param.offset, outer, uint64_t(at.offset), param.bytes,
               lane);
    else
      copySlot(outer, uint64_t(at.offset), inner, param.offset, param.bytes,
               lane);
    return;
  }
  uint64_t &there = outer.rows[at.row * kLanes + lane];
  uint32_t bit = 1u << lane;
  if (param.isRegister) {
    uint64_t &here = inner.rows[param.row * kLanes + lane];
    (inwards ? here : there) = inwards ? there : here;
    uint32_t bad = (inwards ? outer.undef[at.row] : inner.undef[param.row]);
    uint32_t &undef = inwards ? inner.undef[param.row] : outer.undef[at.row];
    undef = (undef & ~bit) | (bad & bit);
    return;
  }
  uint64_t offset = lane * inner.function->paramBytes + param.offset;
  uint64_t bytes = std::min<uint64_t>(param.bytes, 8);
  if (inwards) {
    std::memcpy(&inner.params[offset], &there, bytes);
    std::fill_n(&inner.paramState[offset], bytes,
                outer.undef[at.row] & bit ? 0 : kWritten);
  } else {
    there = 0;
    std::memcpy(&there, &inner.params[offset], bytes);
    outer.undef[at.row] &= ~bit;
  }
}

static const Operand &calleeOf(const Inst &inst) {
  return inst.op(0).kind == Operand::List ? inst.op(1) : inst.op(0);
}

static const Operand *argumentsOf(const Inst &inst) {
  unsigned at = inst.op(0).kind == Operand::List ? 2 : 1;
  return at < inst.count && inst.op(at).kind == Operand::List ? &inst.op(at)
                                                              : nullptr;
}

static Step call(Warp &w, const Inst &inst) {
  const Function &callee = *calleeOf(inst).function;
  Frame *outer = w.frame;
  uint32_t lanes = w.mask;
  Step step = w.call(inst, callee);
  if (w.launch.stopped)
    return step;
  Frame *inner = w.splits.back().frame;
  const Operand *arguments = argumentsOf(inst);
  for (uint32_t n = 0; arguments && n < arguments->count; ++n)
    forLanes(lanes, [&](unsigned lane) {
      pass(*outer, arguments->elements[n], *inner, callee.params[n], lane,
           true);
    });
  return step;
}

static Handler selectCall(const Match &, Inst &inst) {
  const Operand &callee = calleeOf(inst);
  if (callee.kind != Operand::Callee)
    throw PtxError(0, 0, "unsupported: an indirect call");
  const Operand *arguments = argumentsOf(inst);
  size_t given = arguments ? arguments->count : 0;
  size_t results = inst.op(0).kind == Operand::List ? inst.op(0).count : 0;
  if (given != callee.function->params.size() ||
      results != callee.function->results.size())
    throw PtxError(0, 0,
                   format("'%s' has %zu parameters and %zu results, the call "
                          "%zu and %zu",
                          callee.function->name.c_str(),
                          callee.function->params.size(),
                          callee.function->results.size(), given, results));
  return call;
}

/// Hands the results of the lanes that return to the caller's frame.
static Step ret(Warp &w, const Inst &inst) {
  Frame *inner = w.frame;
  if (const Inst *from = inner->call; from && inner->caller)
    if (from->op(0).kind == Operand::List)
      for (uint32_t n = 0; n < from->op(0).count; ++n)
        forLanes(w.mask, [&](unsigned lane) {
          pass(*inner->caller, from->op(0).elements[n], *inner,
               inner->function->results[n], lane, false);
        });
  return w.ret(inst);
}

template <Handler run>
static Handler selectReturn(const Match &, Inst &inst) {
  inst.flow = Flow::Return;
  return run;
}

static Step exitThread(Warp &w, const Inst &inst) { return w.exit(inst); }

static Step trap(Warp &w, const Inst &inst) {
  w.launch.stop(Kind::Trap, w.origin(inst, std::countr_zero(w.mask)), 0,
                std::string(inst.opcode) + " was executed");
  return w.exit(inst);
}

static Step nothing(Warp &, const Inst &) { return Step::Next; }

static const Registration kForms({
    {"bra{.uni}", "label", Class::Control, selectBra},
    {"brx.idx{.uni}", "u32,label", Class::Control, selectBrx},
    {"call{.uni}", "sym", Class::Control, selectCall},
    {"call{.uni}", "sym,list", Class::Control, selectCall},
    {"call{.uni}", "list,sym,list?", Class::Control, selectCall},
    {"ret{.uni}", "", Class::Control, selectReturn<ret>},
    {"exit", "", Class::Control, selectReturn<exitThread>},
    {"trap", "", Class::Control, selectReturn<trap>},
    {"brkpt", "", Class::Control, always<nothing>},
});

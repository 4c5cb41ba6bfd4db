// What all ops with an epilogue (EpilogueOpInterface) share.
#pragma once

#include "dialects/interfaces/Interfaces.h"

#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace tw::tile {

/// Region, extras and their maps agree with each other and with the result.
LogicalResult verifyEpilogue(EpilogueOpInterface op);

/// Fills the empty region of an op being built with `^bb0(%acc): tile.yield
/// %acc`; %acc is rounded to `element` where that is a narrower float.
void buildPlainEpilogue(OpBuilder &b, Location loc, Region &region,
                        Type accumulator, Type element);

/// Appends `consumer` to the epilogue of the op that makes one of its inputs,
/// and erases that op. Fails, having changed nothing, where `consumer` is not
/// elementwise in it, the result has other uses, or there is no such op.
FailureOr<Operation *> fuseIntoEpilogue(RewriterBase &rewriter,
                                        linalg::GenericOp consumer);

/// BufferizableOpInterface for ops that overwrite their inits without reading
/// them.
namespace overwriting {
bool readsMemory(Operation *op, OpOperand &operand);
bool writesMemory(Operation *op, OpOperand &operand);
bufferization::AliasingValueList aliases(Operation *op, OpOperand &operand);
LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                        const bufferization::BufferizationOptions &options,
                        bufferization::BufferizationState &state);
} // namespace overwriting

/// Memory effects of a destination-style op on buffers: reads inputs, writes
/// inits (reads them too with `readsInits`); none on tensors.
void bufferEffects(
    DestinationStyleOpInterface op,
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects,
    bool readsInits = false);

} // namespace tw::tile

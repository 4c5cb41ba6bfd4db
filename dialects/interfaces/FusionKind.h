// How an op may share a kernel with its neighbours.
#pragma once

namespace tw {

/// The kinds, from the most to the least willing.
enum class FusionKind {
  /// Result element i needs operand elements i only: joins any producer's
  /// epilogue and any consumer's prologue.
  Elementwise,
  /// Result element i needs operand elements at computable places (gather,
  /// expand, resize): may be computed inside its consumer.
  Injective,
  /// Injective, and no operand element is needed twice (transpose, slice):
  /// what is computed element by element may be computed inside it.
  Strided,
  /// Operands one after the other (concat): they may be computed in their
  /// places, and elementwise consumers part by part.
  Parts,
  /// Reduces along some dims; elementwise producers may be computed inside it,
  /// elementwise consumers may follow it.
  Reduction,
  /// A matrix product or convolution: elementwise consumers become its
  /// epilogue; its operands must be in memory.
  Contraction,
  /// A kernel of its own.
  Opaque,
  /// No kernel: another name for its operand's memory (reshape).
  View,
};

} // namespace tw

// The tile dialect: how a kernel is split. Only what linalg, scf, vector, gpu and nvvm cannot say.
#ifndef TW_TILE_TD
#define TW_TILE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.td"
include "dialects/interfaces/EpilogueOpInterface.td"

def Tile_Dialect : Dialect {
  let name = "tile";
  let cppNamespace = "::tw::tile";
  let summary = "How a kernel is split: target-neutral tile programs.";
}

class Tile_Op<string mnemonic, list<Trait> traits = []> : Op<Tile_Dialect, mnemonic, traits>;

// A heavy op in destination style, on tensors or on memrefs: it overwrites `init` with its epilogue's elements. Needs
// operands `extras` (the only variadic one) and `init`, attribute `extra_maps`, region `epilogue` (EpilogueOpInterface).
class Tile_EpilogueOp<string mnemonic, list<Trait> traits = []>
    : Tile_Op<mnemonic,
              traits # [SingleBlock, DestinationStyleOpInterface, EpilogueOpInterface,
                        DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
                        DeclareOpInterfaceMethods<BufferizableOpInterface,
                                                  ["bufferizesToMemoryRead", "bufferizesToMemoryWrite",
                                                   "getAliasingValues", "bufferize"]>]> {
  code cpp = "";
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    ::llvm::FailureOr<::mlir::Value> buildSum(::mlir::OpBuilder &b, ::mlir::ValueRange at);
  }] # cpp;
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::mlir::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      ::tw::tile::bufferEffects(::mlir::cast<::mlir::DestinationStyleOpInterface>(getOperation()), effects);
    }
    bool $cppClass::bufferizesToMemoryRead(::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return ::tw::tile::overwriting::readsMemory(getOperation(), operand);
    }
    bool $cppClass::bufferizesToMemoryWrite(::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return ::tw::tile::overwriting::writesMemory(getOperation(), operand);
    }
    ::mlir::bufferization::AliasingValueList
    $cppClass::getAliasingValues(::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return ::tw::tile::overwriting::aliases(getOperation(), operand);
    }
    ::mlir::LogicalResult $cppClass::bufferize(::mlir::RewriterBase &rewriter,
                                               const ::mlir::bufferization::BufferizationOptions &options,
                                               ::mlir::bufferization::BufferizationState &state) {
      return ::tw::tile::overwriting::bufferize(getOperation(), rewriter, options, state);
    }
  }];
}

// An op in destination style, on tensors or on memrefs, that changes its last `inits` operands; with `reads` it starts from
// what they hold, else it overwrites them. Results are variadic: one per init on tensors, none on memrefs.
class Tile_UpdateOp<string mnemonic, int inits, bit reads, list<Trait> traits = []>
    : Tile_Op<mnemonic, traits # [DestinationStyleOpInterface, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
                                  DeclareOpInterfaceMethods<BufferizableOpInterface,
                                                            ["bufferizesToMemoryRead", "bufferizesToMemoryWrite",
                                                             "getAliasingValues", "bufferize"]>]> {
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      constexpr unsigned kInits = }] # inits # [{;
      return ::mlir::MutableOperandRange(getOperation(), getOperation()->getNumOperands() - kInits, kInits);
    }
  }];
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::mlir::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      ::tw::tile::bufferEffects(::mlir::cast<::mlir::DestinationStyleOpInterface>(getOperation()), effects, }] # reads # [{);
    }
    bool $cppClass::bufferizesToMemoryRead(::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return }] # reads # [{ || ::tw::tile::overwriting::readsMemory(getOperation(), operand);
    }
    bool $cppClass::bufferizesToMemoryWrite(::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return ::tw::tile::overwriting::writesMemory(getOperation(), operand);
    }
    ::mlir::bufferization::AliasingValueList
    $cppClass::getAliasingValues(::mlir::OpOperand &operand, const ::mlir::bufferization::AnalysisState &) {
      return ::tw::tile::overwriting::aliases(getOperation(), operand);
    }
    ::mlir::LogicalResult $cppClass::bufferize(::mlir::RewriterBase &rewriter,
                                               const ::mlir::bufferization::BufferizationOptions &options,
                                               ::mlir::bufferization::BufferizationState &state) {
      return ::tw::tile::overwriting::bufferize(getOperation(), rewriter, options, state);
    }
  }];
}

#endif

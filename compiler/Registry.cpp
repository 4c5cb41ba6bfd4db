#include "compiler/Registry.h"

#include "dialects/check/Check.h"
#include "dialects/nn/NN.h"
#include "dialects/rt/RT.h"
#include "dialects/tile/Tile.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"

using namespace tw;

static DialectRegistry makeRegistry() {
  DialectRegistry registry;
  registry
      .insert<nn::NNDialect, tile::TileDialect, rt::RTDialect,
              check::CheckDialect, func::FuncDialect, arith::ArithDialect,
              math::MathDialect, tensor::TensorDialect, linalg::LinalgDialect,
              scf::SCFDialect, cf::ControlFlowDialect,
              bufferization::BufferizationDialect, LLVM::LLVMDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  return registry;
}

const DialectRegistry &tw::dialectRegistry() {
  static const DialectRegistry registry = makeRegistry();
  return registry;
}

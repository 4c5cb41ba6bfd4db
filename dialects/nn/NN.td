// The nn dialect: what is computed. Base classes; each op lives in ops/.
#ifndef TW_NN_TD
#define TW_NN_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Dialect/Linalg/IR/LinalgInterfaces.td"
include "dialects/interfaces/ElementwiseOpInterface.td"
include "dialects/interfaces/FusionOpInterface.td"
include "dialects/interfaces/ShapeOpInterface.td"
include "dialects/interfaces/TransposeOpInterface.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let cppNamespace = "::tw::nn";
  let summary = "What is computed: tensors with ONNX's semantics.";
  let description = [{
    Ops have the newest ONNX form of their operator plus attributes; older opsets are adapted while importing. Operands and
    results are tensors: `iN` is signed, `uiN` unsigned, `i1` boolean. Attributes carry ONNX's names.
  }];
  let dependentDialects = ["arith::ArithDialect", "math::MathDialect", "linalg::LinalgDialect", "tensor::TensorDialect",
                           "scf::SCFDialect", "tile::TileDialect"];
  let hasConstantMaterializer = 1;
}

// `onnx` is the ONNX operator that the op stands for ("" where there is none), `domain` its domain.
class NN_Op<string mnemonic, list<Trait> traits = []>
    : Op<NN_Dialect, mnemonic,
         traits # [Pure, DeclareOpInterfaceMethods<ShapeOpInterface>, FusionOpInterface,
                   DeclareOpInterfaceMethods<AggregatedOpInterface, ["decomposeOperation"]>]> {
  string onnx = "";
  string domain = "";
  // How the op may share a kernel: a tw::FusionKind.
  string fusion = "Opaque";
  code cpp = "";
  let extraClassDeclaration = [{
    static constexpr ::llvm::StringLiteral kOnnxName{"}] # onnx # [{"};
    static constexpr ::llvm::StringLiteral kOnnxDomain{"}] # domain # [{"};
    ::tw::FusionKind getFusionKind() { return ::tw::FusionKind::}] # fusion # [{; }
  }] # cpp;
}

// result[i...] = body(args...), NumPy broadcasting over `operands`. `resultElement` is a C++ expression over `op` for the
// result's element type; "" is the first operand's. In `body`: b, loc, args, `isFloat`, `isUnsigned` (of the first operand)
// and `type` (of args[0], a scalar or a vector).
class NN_Elementwise<string mnemonic, string onnxName, dag operands, code body, string resultElement = "", list<Trait> traits = []>
    : NN_Op<mnemonic, traits # [DeclareOpInterfaceMethods<ElementwiseOpInterface>,
                                DeclareOpInterfaceMethods<TransposeOpInterface>]> {
  let onnx = onnxName;
  let fusion = "Elementwise";
  let arguments = operands;
  let results = (outs AnyTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let extraClassDefinition = [{
    ::mlir::Value $cppClass::buildScalar(::mlir::OpBuilder &b, ::mlir::Location loc, ::mlir::ValueRange args) {
      using namespace ::mlir;
      [[maybe_unused]] $cppClass op = *this;
      [[maybe_unused]] Type element = cast<ShapedType>((*this)->getOperand(0).getType()).getElementType();
      [[maybe_unused]] bool isFloat = isa<FloatType>(element);
      [[maybe_unused]] bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
      [[maybe_unused]] Type type = args[0].getType();
      }] # body # [{
    }
    ::mlir::Type $cppClass::inferElementType() {
      [[maybe_unused]] $cppClass op = *this;
      return }] # !if(!empty(resultElement), "::tw::ShapeBuilder::elementType((*this)->getOperand(0))", resultElement) # [{;
    }
    ::llvm::LogicalResult $cppClass::inferResults(::tw::ShapeBuilder &shapes, ::llvm::SmallVectorImpl<::tw::ResultShape> &results) {
      return ::tw::nn::inferElementwise(*this, shapes, results);
    }
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::decomposeOperation(::mlir::OpBuilder &b) {
      return ::tw::nn::decomposeElementwise(*this, b);
    }
    ::llvm::SmallVector<::mlir::Value> $cppClass::getTransposableOperands() {
      return ::llvm::SmallVector<::mlir::Value>((*this)->getOperands());
    }
    ::llvm::FailureOr<::llvm::SmallVector<::mlir::Value>> $cppClass::sinkTranspose(::mlir::OpBuilder &b, ::llvm::ArrayRef<int64_t> perm) {
      return ::tw::nn::sinkTransposeThrough(*this, b, perm);
    }
  }];
}

#endif

// Makes a kernel of a test function.
#pragma once

#include "dialects/check/Check.h"
#include "dialects/nn/NN.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace tw {

/// A test function as a kernel module, with what it is to be run on.
struct KernelTest {
  std::string name;
  OwningOpRef<ModuleOp> module;
  SmallVector<DenseElementsAttr> inputs;
  SmallVector<int64_t> ints;
  /// In the order of the kernel's results. Types are those of the test.
  SmallVector<check::ExpectCloseOp> expectations;
};

/// Constants of `test` become arguments, unless they may be shapes; what is
/// expected becomes results. With `isDynamic`, the arguments' sizes are known
/// at run time only. Fails where a function cannot be made so.
FailureOr<KernelTest> kernelize(func::FuncOp test, bool isDynamic);

} // namespace tw

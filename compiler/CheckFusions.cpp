#include "compiler/CheckFusions.h"

#include "compiler/Errors.h"
#include "compiler/NativeProgram.h"
#include "compiler/ProgramRun.h"
#include "passes/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringMap.h"

#include <random>

using namespace tw;

namespace {

/// The size that a dim gets whose size is not known: small, and odd so that
/// tails are computed.
constexpr int64_t kFirstSize = 5, kSizeStep = 2;
/// Of the largest element, in single and in half precision.
constexpr double kTolerance = 1e-4, kHalfTolerance = 2e-2;
/// About the largest number of half precision, which exporters mask with.
constexpr double kHuge = 65504.0;

/// A fused op and what it was made of, as a program of its own that computes
/// both.
struct Site {
  OwningOpRef<ModuleOp> program;
  SmallVector<Value> inputs;       ///< in the graph
  llvm::SmallDenseSet<Value> data; ///< of those: queries, keys, values
  std::string nodes;
};

/// Gives every dim of `main`'s inputs that is not known a size, equal names
/// equal ones.
void chooseSizes(func::FuncOp main) {
  auto names = main->getAttrOfType<ArrayAttr>(kSymbolsAttr);
  llvm::StringMap<int64_t> sizes;
  for (BlockArgument argument : main.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type)
      continue;
    SmallVector<int64_t> shape(type.getShape());
    for (auto [i, d] : llvm::enumerate(shape)) {
      if (!ShapedType::isDynamic(d))
        continue;
      StringRef name;
      if (names && argument.getArgNumber() < names.size())
        if (auto own = dyn_cast<ArrayAttr>(names[argument.getArgNumber()]);
            own && i < own.size())
          name = cast<StringAttr>(own[i]).getValue();
      int64_t next =
          kFirstSize + kSizeStep * static_cast<int64_t>(sizes.size());
      d = sizes.try_emplace(name, next).first->second;
    }
    argument.setType(type.clone(shape));
  }
  main.setType(FunctionType::get(main.getContext(),
                                 main.getBody().getArgumentTypes(),
                                 main.getResultTypes()));
}

void buildFusion(OpPassManager &passes) {
  auto &function = passes.nest<func::FuncOp>();
  auto simplify = [&] {
    function.addPass(createCanonicalizerPass());
    function.addPass(createCSEPass());
    function.addPass(createSimplifyDims());
    function.addPass(createInferShapes());
  };
  function.addPass(createInferShapes());
  simplify();
  function.addPass(createCanonicalizeAttention());
  simplify();
  FuseAttentionOptions keep;
  keep.keepOriginals = true;
  function.addPass(createFuseAttention(keep));
}

/// The ops that compute a site's two results, and what they read.
class Outline {
public:
  Outline(Block &block, int64_t number) : block(block) {
    for (Operation &op : block) {
      auto site = op.getAttrOfType<IntegerAttr>("nn.site");
      auto fused = op.getAttrOfType<IntegerAttr>("nn.fused_site");
      if (site && site.getInt() == number) {
        ops.insert(&op);
        if (isa<nn::MatmulOp>(op))
          original = op.getResult(0);
      }
      if (fused && fused.getInt() == number)
        replacement = op.getResult(0);
    }
    collectOriginal();
    collectFused(replacement);
  }

  Site build();

private:
  static bool isView(Operation *op) {
    return isa<nn::TransposeOp, nn::ReshapeOp, nn::ExpandOp, nn::UnsqueezeOp,
               nn::ConstantOp>(op);
  }

  void collectOriginal() {
    SmallVector<Operation *> open(ops.begin(), ops.end());
    while (!open.empty())
      for (Value operand : open.pop_back_val()->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        if (producer && isView(producer)) {
          if (ops.insert(producer))
            open.push_back(producer);
        } else if (!producer || !ops.contains(producer)) {
          inputs.insert(operand);
        }
      }
  }

  void collectFused(Value value) {
    Operation *op = value.getDefiningOp();
    if (inputs.contains(value) || (op && ops.contains(op)))
      return;
    if (!op || isa<nn::WeightOp>(op)) {
      inputs.insert(value);
      return;
    }
    ops.insert(op);
    for (Value operand : op->getOperands())
      collectFused(operand);
  }

  void markData(Value value, Site &site) {
    if (inputs.contains(value))
      site.data.insert(value);
    else if (Operation *op = value.getDefiningOp())
      for (Value operand : op->getOperands())
        markData(operand, site);
  }

  Block &block;
  llvm::SetVector<Operation *> ops;
  llvm::SetVector<Value> inputs;
  Value original, replacement;
};

Site Outline::build() {
  Site site;
  site.inputs.assign(inputs.begin(), inputs.end());
  for (Operation *op : ops)
    if (isa<nn::AttentionOp>(op))
      for (Value operand : op->getOperands().take_front(3))
        markData(operand, site);
  Location loc = original.getLoc();
  site.program = ModuleOp::create(loc);
  OpBuilder b(site.program->getBodyRegion());
  auto main = func::FuncOp::create(
      b, loc, "main",
      b.getFunctionType(ValueRange(site.inputs).getTypes(),
                        {original.getType(), replacement.getType()}));
  b.setInsertionPointToEnd(main.addEntryBlock());
  IRMapping mapping;
  mapping.map(site.inputs, main.getArguments());
  for (Operation &op : block)
    if (ops.contains(&op))
      b.clone(op, mapping);
  func::ReturnOp::create(
      b, loc,
      ValueRange{mapping.lookup(original), mapping.lookup(replacement)});
  return site;
}

/// What inputs hold in one round.
enum class Round { Random, FullMasks, HalfMasks, HugeBias, EqualScores };
constexpr Round kRounds[] = {Round::Random, Round::FullMasks, Round::HalfMasks,
                             Round::HugeBias, Round::EqualScores};

double element(Round round, bool isData, std::mt19937 &random) {
  double normal = std::normal_distribution<double>()(random);
  bool coin = random() & 1;
  if (isData)
    return round == Round::EqualScores ? 40.0 : normal;
  switch (round) {
  case Round::FullMasks:
    return -std::numeric_limits<double>::infinity();
  case Round::HalfMasks:
    return coin ? -std::numeric_limits<double>::infinity() : normal;
  case Round::HugeBias:
    return coin ? kHuge : -kHuge;
  default:
    return normal;
  }
}

/// One bool, integer or float as its bytes in memory.
void writeElement(Type type, double number, char *to) {
  if (auto real = dyn_cast<FloatType>(type)) {
    APFloat value(number);
    bool lossy;
    value.convert(real.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                  &lossy);
    uint64_t bits = value.bitcastToAPInt().getZExtValue();
    memcpy(to, &bits, real.getWidth() / 8);
    return;
  }
  int64_t integer = number > 0 ? 1 : 0;
  memcpy(to, &integer, std::max(1u, type.getIntOrFloatBitWidth() / 8));
}

double readElement(FloatType type, const char *from) {
  uint64_t bits = 0;
  memcpy(&bits, from, type.getWidth() / 8);
  APFloat value(type.getFloatSemantics(), APInt(type.getWidth(), bits));
  bool lossy;
  value.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
  return value.convertToDouble();
}

/// How much two results may differ, of the largest one. Scores beside a huge
/// bias keep few bits: two that are computed in different order may be an ulp
/// of the bias apart, in the sum over all keys as well.
double tolerance(Round round, FloatType type) {
  if (type.getWidth() < 32)
    return kHalfTolerance;
  constexpr double kUlp = std::numeric_limits<float>::epsilon();
  return round == Round::HugeBias ? 2 * kHuge * kUlp : kTolerance;
}

/// Where two results differ by more than `limit` of the largest one; "" where
/// they do not.
std::string difference(FloatType type, double limit, StringRef x, StringRef y) {
  size_t bytes = type.getWidth() / 8;
  double largest = 0, worst = 0;
  for (size_t i = 0; i < x.size(); i += bytes) {
    double a = readElement(type, x.data() + i),
           b = readElement(type, y.data() + i);
    if (std::isnan(a) && std::isnan(b))
      continue;
    if (std::isfinite(a))
      largest = std::max(largest, std::abs(a));
    double d = a == b ? 0 : std::abs(a - b);
    worst = d <= worst ? worst : d; // NaN counts
    if (std::isnan(d))
      return llvm::formatv("element {0}: {1} and {2}", i / bytes, a, b);
  }
  if (worst <= limit * std::max(largest, 1e-30))
    return "";
  return llvm::formatv("by {0:e2} of {1:e2}", worst, largest);
}

class Checker {
public:
  Checker(const CompileOptions &options, Reporter &reporter)
      : options(options), reporter(reporter) {}

  llvm::Error check(Site &site);

private:
  llvm::Error runRound(const Site &site, Round round, ProgramRun &run,
                       ArrayRef<RankedTensorType> results);

  const CompileOptions &options;
  Reporter &reporter;
};

llvm::Error Checker::runRound(const Site &site, Round round, ProgramRun &run,
                              ArrayRef<RankedTensorType> results) {
  std::mt19937 random(static_cast<unsigned>(round) + 1);
  std::vector<ProgramTensor> given, found;
  for (Value input : site.inputs) {
    ProgramTensor tensor(cast<RankedTensorType>(input.getType()));
    bool isData = site.data.contains(input);
    for (int64_t i = 0; i < tensor.count(); ++i)
      writeElement(tensor.type.getElementType(), element(round, isData, random),
                   tensor.at(i));
    given.push_back(std::move(tensor));
  }
  for (RankedTensorType type : results)
    found.emplace_back(type);
  if (llvm::Error error = run.run(given, found))
    return error;
  auto type = cast<FloatType>(results[0].getElementType());
  std::string differs =
      difference(type, tolerance(round, type), found[0].bytes, found[1].bytes);
  if (differs.empty())
    return llvm::Error::success();
  return compilerBug("--check-fusions: the attention fused from nodes ",
                     site.nodes, " differs from them ", differs);
}

llvm::Error Checker::check(Site &site) {
  auto main = site.program->lookupSymbol<func::FuncOp>("main");
  SmallVector<RankedTensorType> results;
  for (Type type : main.getResultTypes())
    results.push_back(cast<RankedTensorType>(type));
  auto cpu = CpuTarget::get(options.cpu);
  if (!cpu)
    return cpu.takeError();
  Weights none{std::vector<wire::Data>()};
  auto native = buildNativeProgram(
      *site.program, none, {{true, {}}, *cpu, "check", {}}, options, reporter);
  if (!native)
    return native.takeError();
  auto run = ProgramRun::open(*native, "check");
  if (!run)
    return run.takeError();
  for (Round round : kRounds)
    if (llvm::Error error = runRound(site, round, **run, results))
      return error;
  return llvm::Error::success();
}

/// The names of a site's nodes; nothing where there is no such site.
std::optional<std::string> siteNodes(func::FuncOp main, int64_t number) {
  std::string text;
  llvm::SetVector<Attribute> names;
  bool isThere = false;
  main.walk([&](Operation *op) {
    auto site = op->getAttrOfType<IntegerAttr>("nn.site");
    if (!site || site.getInt() != number)
      return;
    isThere = true;
    if (auto name = op->getLoc()->findInstanceOf<NameLoc>())
      names.insert(name.getName());
  });
  if (!isThere)
    return std::nullopt;
  for (Attribute name : names)
    text += (text.empty() ? "'" : ", '") + cast<StringAttr>(name).str() + "'";
  return text;
}

} // namespace

llvm::Error tw::checkFusions(ModuleOp module, const CompileOptions &options,
                             Reporter &reporter) {
  OwningOpRef<ModuleOp> copy = module.clone();
  auto main = copy->lookupSymbol<func::FuncOp>("main");
  chooseSizes(main);
  if (llvm::Error error = reporter.run(*copy, buildFusion))
    return userError("--check-fusions: the sizes that it chose do not fit; "
                     "give them with --dim: ",
                     llvm::toString(std::move(error)));
  return checkFusedSites(*copy, options, reporter);
}

llvm::Error tw::checkFusedSites(ModuleOp module, const CompileOptions &options,
                                Reporter &reporter) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  Checker checker(options, reporter);
  for (int64_t number = 0;; ++number) {
    std::optional<std::string> nodes = siteNodes(main, number);
    if (!nodes)
      return llvm::Error::success();
    Site site = Outline(main.getBody().front(), number).build();
    site.nodes = *nodes;
    if (llvm::Error error = checker.check(site))
      return error;
  }
}

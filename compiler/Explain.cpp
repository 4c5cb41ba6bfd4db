#include "compiler/Explain.h"

#include "passes/AttentionSkeleton.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FormatVariadic.h"

using namespace tw;
using namespace mlir;

static llvm::json::Value toJson(Attribute attr) {
  if (auto flag = dyn_cast<BoolAttr>(attr))
    return flag.getValue();
  if (auto number = dyn_cast<FloatAttr>(attr))
    return number.getValueAsDouble();
  if (auto number = dyn_cast<IntegerAttr>(attr))
    return number.getInt();
  if (auto text = dyn_cast<StringAttr>(attr))
    return text.getValue().str();
  if (auto list = dyn_cast<ArrayAttr>(attr)) {
    llvm::json::Array array;
    for (Attribute element : list)
      array.push_back(toJson(element));
    return array;
  }
  llvm::json::Object object;
  for (NamedAttribute entry : cast<DictionaryAttr>(attr))
    object[entry.getName().getValue()] = toJson(entry.getValue());
  return object;
}

/// What an attention does, beside what was recorded when it was found.
static void addOptions(nn::AttentionOp op, llvm::json::Object &options) {
  for (StringRef name : {"bias", "mask"})
    options.erase(name);
  if (op.getBias())
    options["bias"] = describe(op.getBias().getType());
  if (op.getMask())
    options["mask"] = describe(op.getMask().getType());
  if (auto scale = op.getScale())
    options["scale"] = scale->convertToDouble();
  if (!op.getSoftcap().isZero())
    options["softcap"] = op.getSoftcap().convertToDouble();
  if (op.getCausal() != "none")
    options["causal"] = op.getCausal();
  if (op.getOffsets())
    options["offsets"] = true;
  if (op.getWindow() > 0)
    options["window"] = static_cast<int64_t>(op.getWindow());
  if (op.getLengths())
    options["lengths"] = true;
  options["dead_rows"] = op.getDeadRows();
}

llvm::json::Object tw::fusionReport(ModuleOp module) {
  llvm::json::Array sites;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto list = function->getAttrOfType<ArrayAttr>(kAttentionSitesAttr);
    if (!list)
      continue;
    // Later passes have found causality and windows in masks.
    DenseMap<Attribute, nn::AttentionOp> attentions;
    function.walk([&](nn::AttentionOp op) {
      attentions[nodeNames(op.getContext(), op.getLoc())] = op;
    });
    for (auto site : list.getAsRange<DictionaryAttr>()) {
      sites.push_back(toJson(site));
      if (nn::AttentionOp op = attentions.lookup(site.get("nodes")))
        addOptions(op, *sites.back().getAsObject()->getObject("options"));
    }
  }
  return llvm::json::Object{{"attention", std::move(sites)}};
}

static std::string describeSite(const llvm::json::Object &site) {
  std::string nodes;
  for (const llvm::json::Value &node : *site.getArray("nodes"))
    nodes += (nodes.empty() ? "" : ", ") + node.getAsString()->str();
  if (!*site.getBoolean("fused"))
    return llvm::formatv("  not fused, at {0}\n    {1}\n", nodes,
                         *site.getString("reason"));
  std::string options;
  for (const auto &option : *site.getObject("options"))
    options +=
        llvm::formatv(" {0}={1}", option.first.str(), option.second).str();
  return llvm::formatv("  fused {0}\n{1}", nodes,
                       options.empty() ? "" : "   " + options + "\n");
}

std::string tw::fusionText(const llvm::json::Object &report) {
  const llvm::json::Array &sites = *report.getArray("attention");
  size_t fused = llvm::count_if(sites, [](const llvm::json::Value &site) {
    return *site.getAsObject()->getBoolean("fused");
  });
  std::string text =
      llvm::formatv("attention: {0} of {1} sites fused\n", fused, sites.size());
  for (const llvm::json::Value &site : sites)
    text += describeSite(*site.getAsObject());
  return text;
}

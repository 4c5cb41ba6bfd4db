#include "compiler/CrashGuard.h"
#include "compiler/Errors.h"

#include "llvm/Support/ErrorHandling.h"
#include "gtest/gtest.h"

#include <csignal>
#include <thread>

using namespace tw;

static std::string messageOf(llvm::function_ref<llvm::Error()> function) {
  llvm::Error error = guardAgainstCrashes(function);
  bool bug = error.isA<CompilerBug>();
  return (bug ? "bug: " : "") + llvm::toString(std::move(error));
}

[[noreturn]] static llvm::Error fault() {
  raise(SIGSEGV);
  llvm_unreachable("the signal ends this");
}

TEST(CrashGuard, LeavesResultsAlone) {
  EXPECT_EQ(messageOf([] { return llvm::Error::success(); }), "");
  EXPECT_EQ(messageOf([] { return userError("wrong"); }), "wrong");
}

TEST(CrashGuard, FaultsAreBugs) {
  EXPECT_EQ(messageOf(fault), "bug: the compiler crashed: Segmentation fault");
  EXPECT_EQ(messageOf([]() -> llvm::Error { abort(); }),
            "bug: the compiler crashed: Aborted");
}

TEST(CrashGuard, EachThreadHasItsOwn) {
  std::string inner;
  std::string outer = messageOf([&] {
    std::thread([&] { inner = messageOf(fault); }).join();
    return llvm::Error::success();
  });
  EXPECT_EQ(inner, "bug: the compiler crashed: Segmentation fault");
  EXPECT_EQ(outer, "");
}

TEST(CrashGuard, GivesTheHandlersBack) {
  struct sigaction before, after;
  sigaction(SIGSEGV, nullptr, &before);
  messageOf(fault);
  sigaction(SIGSEGV, nullptr, &after);
  EXPECT_EQ(before.sa_handler, after.sa_handler);
}

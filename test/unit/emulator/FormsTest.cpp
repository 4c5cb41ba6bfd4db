// Every instruction form that this folder is to test has been in a kernel here.
#include "runtime/emulator/Isa.h"

#include <gtest/gtest.h>
#include <regex>

using namespace tw::emu;

namespace {

const std::regex kHere(
    "(w?mma|wgmma|ldmatrix|stmatrix|movmatrix|cp|mbarrier|mapa|getctarank|"
    "setmaxnreg)\\b.*|.*(async|proxy|mbarrier_init).*|barrier\\.cluster.*|"
    "prefetch.*tensormap");

class EveryForm : public testing::Environment {
  void TearDown() override {
    // With a filter only some of the tests have run.
    const testing::UnitTest &tests = *testing::UnitTest::GetInstance();
    if (tests.test_to_run_count() != tests.total_test_count())
      return;
    for (const Form *form : allForms())
      if (std::regex_match(form->opcode, kHere))
        EXPECT_TRUE(wasUsed(*form)) << form->opcode << "  " << form->operands;
  }
};

testing::Environment *const kEveryForm =
    testing::AddGlobalTestEnvironment(new EveryForm);

} // namespace

#include "TestModel.h"

#include "runtime/cli/Main.h"
#include "runtime/cli/Random.h"

#include <cmath>
#include <fstream>
#include <sys/stat.h>

using namespace tw;

namespace {
struct Outcome {
  int code;
  std::string out, err;
};

Outcome run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "model");
  std::vector<char *> pointers;
  for (std::string &argument : arguments)
    pointers.push_back(argument.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Outcome outcome;
  outcome.code =
      runCommandLine(tw_program_data, int(pointers.size()), pointers.data());
  outcome.out = testing::internal::GetCapturedStdout();
  outcome.err = testing::internal::GetCapturedStderr();
  return outcome;
}

std::string failure(const std::vector<std::string> &arguments) {
  Outcome outcome = run(arguments);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.out, "");
  return outcome.err;
}

const std::vector<std::string> kRandom = {
    "--input", "x=random",      "--input", "b=random",
    "--input", "mask/1=random", "--dim",   "rows=4"};

std::vector<std::string> randomAnd(std::vector<std::string> more) {
  more.insert(more.begin(), kRandom.begin(), kRandom.end());
  return more;
}
} // namespace

TEST(Philox, knownAnswers) {
  struct {
    uint32_t counter[4], key[2], expected[4];
  } cases[] = {
      // Random123's kat_vectors.
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{~0u, ~0u, ~0u, ~0u},
       {~0u, ~0u},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}}};
  for (auto &[counter, key, expected] : cases) {
    uint32_t words[4];
    philox(counter, key, words);
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(words[i], expected[i]);
  }
}

TEST(Random, staysInItsRange) {
  int64_t count = 10000;
  std::vector<int64_t> integers(count);
  ASSERT_TRUE(fillRandom({integers.data(), TW_INT64, 1, &count, 0, 0, 0},
                         {-3, 4}, 7, 0));
  std::vector<int> seen(7);
  for (int64_t value : integers)
    ++seen.at(value + 3);
  for (int times : seen)
    EXPECT_GT(times, 1000);
  std::vector<float> reals(count);
  ASSERT_TRUE(
      fillRandom({reals.data(), TW_FLOAT, 1, &count, 0, 0, 0}, {0, 1}, 7, 0));
  double sum = 0;
  for (float value : reals) {
    EXPECT_TRUE(value >= 0 && value <= 1);
    sum += value;
  }
  EXPECT_NEAR(sum / double(count), 0.5, 0.02);
}

TEST(Command, runsOnRandomInputs) {
  Outcome outcome = run(kRandom);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.substr(0, 17), "y  float32 [4, 3]");
  EXPECT_NE(outcome.out.find("n  int64 []  min 12"), std::string::npos);
  EXPECT_EQ(run(kRandom).out, outcome.out);
  EXPECT_NE(run(randomAnd({"--seed", "1"})).out, outcome.out);
}

TEST(Command, info) {
  Outcome outcome = run({"--info"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("  x  float32 [rows, 3]\n"), std::string::npos);
  EXPECT_NE(
      run({"--info", "--json"})
          .out.find("{\"name\": \"x\", \"dtype\": \"float32\", \"shape\": "
                    "[\"rows\", 3]}"),
      std::string::npos);
}

TEST(Command, helpHasExamples) {
  EXPECT_NE(run({"--help"}).out.find("examples:"), std::string::npos);
}

TEST(Command, benchAndProfile) {
  Outcome outcome = run({"--bench", "5", "--dim", "rows=3", "--threads", "1"});
  EXPECT_EQ(outcome.out.substr(0, 26), "5 runs, 1 threads: median ");
  outcome = run(randomAnd({"--profile"}));
  EXPECT_NE(outcome.out.find("scale/add"), std::string::npos);
}

TEST(Command, writesOutputs) {
  std::string folder = temporaryPath("outputs");
  EXPECT_EQ(run(randomAnd({"--output", folder})).code, 0);
  EXPECT_TRUE(std::ifstream(folder + "/y.npy").good());
  EXPECT_TRUE(std::ifstream(folder + "/n.npy").good());
  // What was written is an input again.
  EXPECT_EQ(run({"--input", "x=" + folder + "/y.npy", "--input", "b=random",
                 "--input", "mask/1=random", "--dim", "rows=4"})
                .code,
            0);
}

TEST(Command, userErrors) {
  EXPECT_EQ(failure({"--what"}),
            "error: unknown argument '--what' (--help lists them)\n");
  EXPECT_EQ(failure({"--input"}), "error: --input: expected a value\n");
  EXPECT_EQ(failure({"--threads", "0"}),
            "error: --threads: expected a whole number of at least 1, found "
            "'0'\n");
  EXPECT_EQ(failure({}), "error: input 'x' is missing: give --input "
                         "x=FILE.npy or --input x=random\n");
  EXPECT_EQ(failure({"--input", "z=random"}),
            "error: --input z=random: expected NAME=VALUE with one of the "
            "names 'x', 'b', 'mask/1'\n");
  EXPECT_EQ(failure({"--input", "x=/nonexistent.npy"}),
            "error: input 'x': /nonexistent.npy: No such file or directory\n");
  EXPECT_EQ(failure({"--input", "x=random"}),
            "error: input 'x': dimension 0 has no fixed size: give --dim "
            "rows=SIZE\n");
  EXPECT_EQ(failure({"--input", "x=random:2:1", "--dim", "rows=1"}),
            "error: input 'x': expected random:LO:HI with LO below HI, found "
            "'random:2:1'\n");
  EXPECT_EQ(failure({"--dim", "cols=1"}),
            "error: --dim cols=1: no such dimension; the model's are 'rows'\n");
  EXPECT_EQ(failure({"--dim", "rows=-1"}),
            "error: --dim rows=-1: expected NAME=SIZE\n");
  EXPECT_EQ(failure(randomAnd({"--output", "/proc/nowhere/x"})),
            "error: /proc/nowhere/x: No such file or directory\n");
  EXPECT_EQ(failure(randomAnd({"--dim", "mask/1.0=5"})),
            "error: input 'mask/1': dimension 0 ('rows'): expected 4 as in "
            "dimension 0 of input 'x', found 5\n");
}

TEST(Command, wrongTypeInFile) {
  std::string file = temporaryPath("int.npy");
  int64_t value = 1;
  std::ofstream(file, std::ios::binary)
      << std::string("\x93NUMPY\1\0\x36\0", 10)
      << "{'descr': '<i8', 'fortran_order': False, 'shape': ()}\n"
      << std::string(reinterpret_cast<char *>(&value), 8);
  EXPECT_EQ(failure({"--input", "x=" + file}),
            "error: input 'x': expected float32, found '<i8' in " + file +
                "\n");
}

#include "TestModel.h"

#include "runtime/cli/Npy.h"

#include <fstream>
#include <string>
#include <sys/stat.h>

using namespace tw;

namespace {
std::string path() { return temporaryPath("test.npy"); }

std::string npy(const std::string &header, const std::string &data,
                char version = 1) {
  std::string text = "\x93NUMPY";
  text += {version, '\0', char(header.size() & 0xff), char(header.size() >> 8)};
  if (version > 1)
    text += std::string(2, '\0');
  return text + header + data;
}

std::string readError(const std::string &content) {
  std::ofstream(path(), std::ios::binary) << content;
  NpyArray array;
  Message error;
  EXPECT_FALSE(readNpy(path().c_str(), array, error));
  std::string text = error.str();
  EXPECT_EQ(text.substr(0, path().size() + 2), path() + ": ");
  return text.substr(path().size() + 2);
}

std::string header(const std::string &descr, const std::string &shape) {
  return "{'descr': '" + descr +
         "', 'fortran_order': False, 'shape': " + shape + ", }\n";
}
} // namespace

TEST(Npy, roundTrip) {
  float values[6] = {1, 2, 3, 4, 5, 6};
  int64_t dims[2] = {2, 3};
  Message error;
  ASSERT_TRUE(
      writeNpy(path().c_str(), {values, TW_FLOAT, 2, dims, 0, 0, 0}, error))
      << error.str();
  NpyArray array;
  ASSERT_TRUE(readNpy(path().c_str(), array, error)) << error.str();
  EXPECT_STREQ(array.descr, "<f4");
  ASSERT_EQ(array.rank, 2);
  EXPECT_EQ(array.dims[1], 3);
  EXPECT_EQ(memcmp(array.data, values, sizeof values), 0);
  EXPECT_EQ((array.data - array.file.data()) % 64, 0);
  EXPECT_TRUE(npyHolds(array, TW_FLOAT));
  EXPECT_FALSE(npyHolds(array, TW_INT32));
  EXPECT_FALSE(npyHolds(array, TW_DOUBLE));
}

TEST(Npy, scalarAndVector) {
  std::ofstream(path(), std::ios::binary)
      << npy(header("<i8", "()"), std::string(8, '\1'));
  NpyArray scalar, vector;
  Message error;
  ASSERT_TRUE(readNpy(path().c_str(), scalar, error)) << error.str();
  EXPECT_EQ(scalar.rank, 0);
  std::ofstream(path(), std::ios::binary)
      << npy(header("|b1", "(3,)"), "\1\2\1", 2);
  ASSERT_TRUE(readNpy(path().c_str(), vector, error)) << error.str();
  EXPECT_EQ(vector.rank, 1);
  EXPECT_EQ(vector.dims[0], 3);
  EXPECT_TRUE(npyHolds(vector, TW_BOOL));
}

TEST(Npy, rawBytesOfTypesThatNumpyLacks) {
  NpyArray array;
  Message error;
  std::ofstream(path(), std::ios::binary) << npy(header("<V2", "(1,)"), "\1\2");
  ASSERT_TRUE(readNpy(path().c_str(), array, error)) << error.str();
  EXPECT_TRUE(npyHolds(array, TW_BFLOAT16));
  EXPECT_FALSE(npyHolds(array, TW_FLOAT16));
  EXPECT_FALSE(npyHolds(array, TW_FLOAT8E5M2));
}

TEST(Npy, malformedFiles) {
  EXPECT_EQ(readError(""), "not a .npy file");
  EXPECT_EQ(readError("PK\x03\x04 and so on, a zip"), "not a .npy file");
  EXPECT_EQ(readError(npy(header("<f4", "(2,)"), "", 9)),
            "unknown version of the .npy format");
  std::string whole = npy(header("<f4", "(2,)"), "12345678");
  EXPECT_EQ(readError(whole.substr(0, 30)), "truncated in its header");
  EXPECT_EQ(readError(whole.substr(0, whole.size() - 1)),
            "truncated: expected 8 bytes of data, found 7");
  for (const char *text :
       {"", "{", "{'descr': }", "{'descr': '<f4'", "{'shape': (2,)}",
        "{'descr': '<f4', 'shape': (2", "{'descr': '<f4', 'shape': (x,)}",
        "{'descr': '<f4', 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'other': 1}", "{'descr': '<f4', 'shape': (-1,)}",
        "{'descr': '<f4444444444444444444444'}"})
    EXPECT_EQ(readError(npy(text, "12345678")), "malformed .npy header")
        << text;
}

TEST(Npy, otherLayouts) {
  EXPECT_EQ(readError(npy("{'descr': '<f4', 'fortran_order': True, 'shape': "
                          "(2, 2), }",
                          std::string(16, 0))),
            "expected C order, found Fortran order (save "
            "numpy.ascontiguousarray of it)");
  EXPECT_EQ(readError(npy(header(">f4", "(1,)"), "1234")),
            "expected little-endian data, found big-endian");
  EXPECT_EQ(readError(npy("{'descr': [('a', '<f4')], 'fortran_order': False, "
                          "'shape': (1,), }",
                          "1234")),
            "expected a plain element type, found a structured one");
  EXPECT_EQ(readError(npy(header("<f8", "(4611686018427387904, 4)"), "")),
            "the shape is larger than any file");
}

TEST(Npy, filesThatCannotBe) {
  NpyArray array;
  Message missing, folder, unwritable;
  EXPECT_FALSE(readNpy("/nonexistent/x.npy", array, missing));
  EXPECT_STREQ(missing.str(), "/nonexistent/x.npy: No such file or directory");
  EXPECT_FALSE(readNpy("/tmp", array, folder));
  EXPECT_STREQ(folder.str(), "/tmp: expected a .npy file");
  float value = 1;
  EXPECT_FALSE(writeNpy("/nonexistent/y.npy",
                        {&value, TW_FLOAT, 0, nullptr, 0, 0, 0}, unwritable));
  EXPECT_STREQ(unwritable.str(),
               "/nonexistent/y.npy: No such file or directory");
}

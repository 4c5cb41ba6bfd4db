// A value, or a message that says why there is none. This folder holds no LLVM,
// so no llvm::Expected.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace tw::wire {

struct Failure {
  std::string message;
};

/// Joins streamable parts into a failure: `fail("byte ", at, ": unknown wire
/// type ", type)`.
template <typename... Parts>
Failure fail(const Parts &...parts) {
  std::ostringstream os;
  (os << ... << parts);
  return {os.str()};
}

template <typename T>
class Result {
public:
  Result(T value) : value(std::move(value)) {}
  Result(Failure failure) : failure(std::move(failure)) {}

  explicit operator bool() const { return value.has_value(); }
  T &operator*() { return *value; }
  T *operator->() { return &*value; }
  const std::string &message() const { return failure.message; }

private:
  std::optional<T> value;
  Failure failure;
};

/// Success, or a failure.
class Status {
public:
  Status() = default;
  Status(Failure failure) : failure(std::move(failure)) {}

  bool failed() const { return failure.has_value(); }
  Failure takeFailure() { return std::move(*failure); }
  const std::string &message() const { return failure->message; }

private:
  std::optional<Failure> failure;
};

} // namespace tw::wire

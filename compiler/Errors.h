// Two kinds of failure, never mixed: what the user can mend, and what only we
// can.
#pragma once

#include "llvm/Support/Error.h"

#include <string>
#include <utility>

namespace tw {

/// Something about the input or the request is wrong. Exit code 1; the message
/// names file, node and attribute, what was expected and what was found.
class UserError : public llvm::ErrorInfo<UserError> {
public:
  static char ID;
  explicit UserError(std::string message) : message(std::move(message)) {}
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override;

private:
  std::string message;
};

/// The compiler broke one of its own rules. Exit code 70; the message says that
/// it is a bug.
class CompilerBug : public llvm::ErrorInfo<CompilerBug> {
public:
  static char ID;
  explicit CompilerBug(std::string message) : message(std::move(message)) {}
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override;

private:
  std::string message;
};

/// Makes an error of the given kind from streamable parts: `userError("no input
/// '", name, "'")`.
template <typename Kind, typename... Parts>
llvm::Error makeError(const Parts &...parts) {
  std::string text;
  llvm::raw_string_ostream os(text);
  (os << ... << parts);
  return llvm::make_error<Kind>(std::move(text));
}
template <typename... Parts>
llvm::Error userError(const Parts &...parts) {
  return makeError<UserError>(parts...);
}
template <typename... Parts>
llvm::Error compilerBug(const Parts &...parts) {
  return makeError<CompilerBug>(parts...);
}

} // namespace tw

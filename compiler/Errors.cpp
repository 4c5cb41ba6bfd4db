#include "compiler/Errors.h"

namespace tw {

char UserError::ID;
char CompilerBug::ID;

std::error_code UserError::convertToErrorCode() const {
  return std::make_error_code(std::errc::invalid_argument);
}

std::error_code CompilerBug::convertToErrorCode() const {
  return std::make_error_code(std::errc::state_not_recoverable);
}

} // namespace tw

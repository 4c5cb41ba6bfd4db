// Tokens of PTX text.
#pragma once

#include "runtime/emulator/Types.h"

namespace tw::emu {

struct Token {
  enum Kind : uint8_t {
    End,
    Word,      ///< name or opcode: %r1, ld.global.u32, $L__BB0_1
    Directive, ///< .reg
    Integer,
    Float32, ///< 0f3F800000
    Float64, ///< 0d…, 1.5
    String,
    Symbol, ///< one of ( ) { } [ ] < > , ; : @ ! | + - * / = & ~ ^ %
  };
  Kind kind = End;
  std::string_view text;
  uint64_t value = 0; ///< of numbers; bits of floats
  uint32_t line = 1, column = 1;

  bool is(char symbol) const { return kind == Symbol && text[0] == symbol; }
  bool is(std::string_view word) const {
    return (kind == Word || kind == Directive) && text == word;
  }
};

/// One token at a time, with one of look-ahead.
class Lexer {
public:
  explicit Lexer(std::string_view text);

  const Token &peek() const { return token; }
  Token take();
  /// Takes the token if it is that symbol.
  bool accept(char symbol);
  bool accept(std::string_view word);
  void expect(char symbol, const char *where);
  Token expectWord(const char *what);
  uint64_t expectInteger(const char *what);
  /// Leaves out what is left of the token's line.
  void skipLine();
  [[noreturn]] void fail(const std::string &text) const;

private:
  void advance();
  void skipBlanks();
  void readNumber();
  void readHexFloat(char kind);
  void readWord(size_t at);
  [[noreturn]] void failHere(const std::string &text) const;

  std::string_view text;
  size_t at = 0, lineStart = 0;
  uint32_t line = 1;
  Token token;
};

/// The token as an error message shows it.
std::string shown(const Token &token);

} // namespace tw::emu

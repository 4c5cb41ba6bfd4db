#include "runtime/emulator/Lexer.h"

#include <bit>
#include <cctype>
#include <charconv>
#include <cstdlib>

using namespace tw::emu;

static bool isNameChar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$';
}

std::string tw::emu::shown(const Token &token) {
  if (token.kind == Token::End)
    return "the end of the text";
  constexpr size_t kMost = 40;
  std::string text;
  for (char c : token.text.substr(0, kMost))
    text += std::isprint(static_cast<unsigned char>(c)) ? c : '?';
  return "'" + text + (token.text.size() > kMost ? "...'" : "'");
}

Lexer::Lexer(std::string_view text) : text(text) { advance(); }

void Lexer::fail(const std::string &message) const {
  throw PtxError(token.line, token.column, message);
}

void Lexer::failHere(const std::string &message) const {
  throw PtxError(line, uint32_t(at - lineStart + 1), message);
}

Token Lexer::take() {
  Token taken = token;
  advance();
  return taken;
}

bool Lexer::accept(char symbol) {
  if (!token.is(symbol))
    return false;
  advance();
  return true;
}

bool Lexer::accept(std::string_view word) {
  if (!token.is(word))
    return false;
  advance();
  return true;
}

void Lexer::expect(char symbol, const char *where) {
  if (!accept(symbol))
    fail(std::string("expected '") + symbol + "' " + where + ", found " +
         shown(token));
}

Token Lexer::expectWord(const char *what) {
  if (token.kind != Token::Word)
    fail(std::string("expected ") + what + ", found " + shown(token));
  return take();
}

uint64_t Lexer::expectInteger(const char *what) {
  if (token.kind != Token::Integer)
    fail(std::string("expected ") + what + ", found " + shown(token));
  return take().value;
}

void Lexer::skipLine() {
  uint32_t here = token.line;
  while (token.kind != Token::End && token.line == here)
    advance();
}

void Lexer::skipBlanks() {
  while (at < text.size()) {
    char c = text[at];
    if (c == '\n') {
      ++line;
      lineStart = ++at;
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      ++at;
    } else if (text.substr(at, 2) == "//") {
      at = std::min(text.find('\n', at), text.size());
    } else if (text.substr(at, 2) == "/*") {
      size_t end = text.find("*/", at + 2);
      if (end == text.npos)
        failHere("a comment without an end");
      for (; at < end + 2; ++at)
        if (text[at] == '\n') {
          ++line;
          lineStart = at + 1;
        }
    } else {
      return;
    }
  }
}

void Lexer::readHexFloat(char kind) {
  size_t digits = kind == 'f' || kind == 'F' ? 8 : 16;
  std::string_view hex = text.substr(at + 2, digits);
  uint64_t bits = 0;
  auto [end, error] =
      std::from_chars(hex.data(), hex.data() + hex.size(), bits, 16);
  if (hex.size() != digits || error != std::errc() ||
      end != hex.data() + digits)
    failHere("a floating-point number in hexadecimal has " +
             std::to_string(digits) + " digits");
  token.kind = digits == 8 ? Token::Float32 : Token::Float64;
  token.value = bits;
  token.text = text.substr(at, digits + 2);
  at += digits + 2;
}

/// 12, 0x1F, 017, 0b101, each perhaps with a U; 1.5, 1e9; 0f…, 0d….
void Lexer::readNumber() {
  char second = at + 1 < text.size() ? text[at + 1] : '\0';
  bool zero = text[at] == '0';
  if (zero &&
      (second == 'f' || second == 'F' || second == 'd' || second == 'D'))
    return readHexFloat(second);
  size_t end = at;
  while (end < text.size() && (isNameChar(text[end]) || text[end] == '.' ||
                               ((text[end] == '+' || text[end] == '-') &&
                                (text[end - 1] | 32) == 'e' && second != 'x')))
    ++end;
  std::string digits(text.substr(at, end - at));
  token.text = text.substr(at, end - at);
  token.kind = Token::Integer;
  bool hex = zero && (second | 32) == 'x';
  if (!hex && digits.find_first_of(".eE") != digits.npos) {
    char *rest = nullptr;
    token.kind = Token::Float64;
    token.value = std::bit_cast<uint64_t>(std::strtod(digits.c_str(), &rest));
    if (*rest)
      failHere("not a number: " + digits);
    at = end;
    return;
  }
  if (digits.back() == 'U' || digits.back() == 'u')
    digits.pop_back();
  int base = hex ? 16 : zero && (second | 32) == 'b' ? 2 : zero ? 8 : 10;
  size_t skip = base == 16 || base == 2 ? 2 : 0;
  auto [last, error] = std::from_chars(
      digits.data() + skip, digits.data() + digits.size(), token.value, base);
  if (error != std::errc() || last != digits.data() + digits.size())
    failHere("not a number: " + digits);
  at = end;
}

/// Names may hold dots (opcodes, %tid.x) and "::" after the first of them.
void Lexer::readWord(size_t end) {
  auto name = [&](size_t from) {
    return from < text.size() && isNameChar(text[from]);
  };
  while (end < text.size()) {
    bool colons = text[end] == ':' && end + 1 < text.size() &&
                  text[end + 1] == ':' && name(end + 2);
    if (isNameChar(text[end]))
      ++end;
    else if (text[end] == '.' && name(end + 1) && token.kind == Token::Word)
      ++end;
    else if (colons)
      end += 2;
    else
      break;
  }
  token.text = text.substr(at, end - at);
  at = end;
}

void Lexer::advance() {
  skipBlanks();
  token = {};
  token.line = line;
  token.column = uint32_t(at - lineStart + 1);
  if (at >= text.size())
    return;
  char c = text[at], next = at + 1 < text.size() ? text[at + 1] : '\0';
  if (std::isdigit(static_cast<unsigned char>(c)))
    return readNumber();
  if (isNameChar(c) || (c == '%' && isNameChar(next))) {
    token.kind = Token::Word;
    return readWord(at + 1);
  }
  if (c == '.' && isNameChar(next)) {
    token.kind = Token::Directive;
    return readWord(at + 1);
  }
  if (c == '"') {
    size_t end = text.find('"', at + 1);
    if (end == text.npos || text.substr(at, end - at).find('\n') != text.npos)
      failHere("a string without an end");
    token.kind = Token::String;
    token.text = text.substr(at + 1, end - at - 1);
    at = end + 1;
    return;
  }
  constexpr std::string_view kSymbols = "(){}[]<>,;:@!|+-*/=&~^";
  if (c == '\0' || kSymbols.find(c) == kSymbols.npos)
    failHere(std::isprint(static_cast<unsigned char>(c))
                 ? std::string("unexpected character '") + c + "'"
                 : "unexpected byte " +
                       std::to_string(static_cast<unsigned char>(c)));
  token.kind = Token::Symbol;
  token.text = text.substr(at++, 1);
}

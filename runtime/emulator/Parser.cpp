// PTX text to syntax::Module.
#include "runtime/emulator/Syntax.h"

#include <algorithm>
#include <charconv>
#include <cstring>

using namespace tw::emu;
using namespace tw::emu::syntax;
using FunctionSyntax = tw::emu::syntax::Function;
using OperandSyntax = tw::emu::syntax::Operand;

namespace {
class Parser {
public:
  explicit Parser(std::string_view text) : lex(text) {}
  Module parse();

private:
  void header();
  void topLevel();
  void function(bool isEntry);
  void parameters(std::vector<Parameter> &list, tw::emu::Function &made);
  Parameter parameter(tw::emu::Function &made);
  void limits(Limits &limits);
  void dimensions(uint32_t *out);
  void body();
  void statement();
  void labelled(const Token &label);
  void instruction();
  void guard(Instruction &inst);
  OperandSyntax operand();
  OperandSyntax simpleOperand();
  OperandSyntax group(char close, OperandSyntax::Kind kind);
  OperandSyntax address();
  uint64_t addend();
  void registers();
  void variable(std::string_view space, bool isExtern);
  void oneVariable(std::string_view space, bool isExtern, uint64_t align,
                   Type type, unsigned vector);
  void place(std::string_view space, Variable &&variable, const Token &name,
             uint64_t bytes, Type type, uint64_t align);
  uint64_t arrayBytes(uint64_t bytes, bool &isOpen);
  void initialiser(Variable &variable, unsigned bytes, Type type);
  void element(Variable &variable, uint64_t &at, unsigned bytes, Type type);
  void fixup(Variable &variable, uint64_t at, unsigned bytes);
  void skipSection();
  bool skipDebug();
  Type type();
  uint64_t alignment();
  void declare(const Token &name, Symbol symbol);
  FunctionSyntax *now() { return inside ? &module.functions.back() : nullptr; }
  Scope &scope() { return module.functions.back().scopes[current]; }

  Lexer lex;
  Module module;
  bool inside = false;
  uint32_t current = 0;
  unsigned depth = 0;
  uint32_t statics = 0;
  static constexpr uint64_t kLargest = uint64_t(1) << 32;
};
} // namespace

Module tw::emu::parse(std::string_view text) { return Parser(text).parse(); }

Module Parser::parse() {
  header();
  while (lex.peek().kind != Token::End)
    topLevel();
  return std::move(module);
}

/// .version, .target and .address_size.
void Parser::header() {
  if (!lex.accept(".version"))
    lex.fail("not PTX: expected .version, found " + shown(lex.peek()));
  module.version = lex.take().text;
  if (!lex.accept(".target"))
    lex.fail("expected .target, found " + shown(lex.peek()));
  do {
    Token word = lex.expectWord("a target");
    std::string_view digits = word.text;
    if (!digits.starts_with("sm_"))
      continue;
    module.target = digits;
    digits.remove_prefix(3);
    std::from_chars(digits.data(), digits.data() + digits.size(),
                    module.smVersion);
  } while (lex.accept(','));
  if (!module.smVersion)
    lex.fail("the text's target is no sm_NN");
  if (lex.accept(".address_size") && lex.peek().value != 64)
    lex.fail("addresses must have 64 bits, found " + shown(lex.peek()));
  lex.expectInteger("64 after .address_size");
}

void Parser::topLevel() {
  if (skipDebug() || lex.accept(';'))
    return;
  bool isExtern = false;
  while (true) {
    if (lex.accept(".extern"))
      isExtern = true;
    else if (!lex.accept(".visible") && !lex.accept(".weak") &&
             !lex.accept(".common"))
      break;
  }
  if (lex.accept(".entry"))
    return function(true);
  if (lex.accept(".func"))
    return function(false);
  for (std::string_view space : {".global", ".const", ".shared"})
    if (lex.accept(space))
      return variable(space, isExtern);
  lex.fail("expected a function or a variable, found " + shown(lex.peek()));
}

/// Debug information and pragmas, which mean nothing here.
bool Parser::skipDebug() {
  if (lex.peek().is(".file") || lex.peek().is(".loc")) {
    lex.skipLine();
    return true;
  }
  if (lex.peek().is(".pragma")) {
    while (!lex.peek().is(';') && lex.peek().kind != Token::End)
      lex.take();
    lex.expect(';', "after .pragma");
    return true;
  }
  if (lex.peek().is(".section")) {
    skipSection();
    return true;
  }
  return false;
}

void Parser::skipSection() {
  while (!lex.peek().is('{') && lex.peek().kind != Token::End)
    lex.take();
  lex.expect('{', "after .section");
  for (unsigned open = 1; open;) {
    if (lex.peek().kind == Token::End)
      lex.fail("a .section without an end");
    Token token = lex.take();
    open += token.is('{');
    open -= token.is('}');
  }
}

Type Parser::type() {
  if (lex.peek().kind == Token::Directive)
    if (std::optional<Type> found = parseType(lex.peek().text.substr(1))) {
      lex.take();
      return *found;
    }
  lex.fail("expected a type, found " + shown(lex.peek()));
}

uint64_t Parser::alignment() {
  uint64_t align = lex.expectInteger("an alignment");
  if (!align || align & (align - 1) || align > kLargest)
    lex.fail("an alignment is a power of two");
  return align;
}

static uint64_t alignUp(uint64_t value, uint64_t align) {
  return (value + align - 1) / align * align;
}

static unsigned bytesOf(Type type) { return (bitsOf(type) + 7) / 8; }

/// ".param .align 4 .b8 name[12]" or ".reg .b32 %r1".
Parameter Parser::parameter(tw::emu::Function &made) {
  Parameter param;
  param.isRegister = lex.accept(".reg");
  if (!param.isRegister && !lex.accept(".param"))
    lex.fail("expected a parameter, found " + shown(lex.peek()));
  uint64_t align = 0;
  if (lex.accept(".align"))
    align = alignment();
  param.type = type();
  if (lex.accept(".ptr")) {
    for (std::string_view space : {".global", ".shared", ".const", ".local"})
      lex.accept(space);
    if (lex.accept(".align"))
      alignment();
  }
  if (lex.accept(".align"))
    align = alignment();
  Token name = lex.expectWord("a parameter's name");
  param.name = name.text;
  bool isOpen = false;
  param.isArray = lex.peek().is('[');
  param.bytes = arrayBytes(bytesOf(param.type), isOpen);
  if (isOpen)
    lex.fail("a parameter's array needs a size");
  param.align = align ? align : std::max(1u, bytesOf(param.type));
  Symbol symbol;
  symbol.kind = param.isRegister ? Symbol::Register
                : made.isEntry   ? Symbol::KernelParam
                                 : Symbol::Param;
  symbol.type = param.type;
  symbol.bytes = param.bytes;
  symbol.offset = made.paramBytes = alignUp(made.paramBytes, param.align);
  param.offset = made.paramBytes;
  made.paramBytes += param.bytes;
  if (name.text != "_")
    declare(name, symbol);
  return param;
}

void Parser::parameters(std::vector<Parameter> &list, tw::emu::Function &made) {
  if (!lex.accept('('))
    return;
  while (!lex.accept(')')) {
    list.push_back(parameter(made));
    if (!lex.peek().is(')'))
      lex.expect(',', "between parameters");
  }
}

void Parser::dimensions(uint32_t *out) {
  for (unsigned n = 0; n < 3; ++n)
    out[n] = 1;
  unsigned n = 0;
  do
    out[n++] = uint32_t(lex.expectInteger("a size"));
  while (n < 3 && lex.accept(','));
}

void Parser::limits(Limits &limits) {
  while (lex.peek().kind == Token::Directive) {
    if (lex.accept(".maxntid"))
      dimensions(limits.maxThreads);
    else if (lex.accept(".reqntid"))
      dimensions(limits.requiredThreads);
    else if (lex.accept(".reqnctapercluster"))
      dimensions(limits.cluster);
    else if (lex.accept(".maxnreg"))
      limits.maxRegisters = uint32_t(lex.expectInteger("a number"));
    else if (lex.accept(".minnctapersm"))
      limits.minBlocks = uint32_t(lex.expectInteger("a number"));
    else if (lex.accept(".maxnctapersm") || lex.accept(".maxclusterrank"))
      lex.expectInteger("a number");
    else if (lex.accept(".explicitcluster"))
      limits.explicitCluster = true;
    else if (!lex.accept(".noreturn") && !lex.accept(".blocksareclusters") &&
             !skipDebug())
      lex.fail("unsupported directive " + shown(lex.peek()));
  }
}

void Parser::function(bool isEntry) {
  FunctionSyntax &made = module.functions.emplace_back();
  made.made = std::make_unique<tw::emu::Function>();
  tw::emu::Function &function = *made.made;
  made.scopes.emplace_back();
  inside = true;
  current = depth = 0;
  function.isEntry = isEntry;
  if (!isEntry)
    parameters(function.results, function);
  Token name = lex.expectWord("a function's name");
  function.name = name.text;
  made.line = function.line = name.line;
  made.column = name.column;
  parameters(function.params, function);
  limits(function.limits);
  if (!lex.accept(';')) {
    made.hasBody = true;
    body();
  }
  inside = false;
}

void Parser::body() {
  constexpr unsigned kDeepest = 200;
  uint32_t outer = current;
  lex.expect('{', "at a body's start");
  if (++depth > kDeepest)
    lex.fail("braces are nested too deep");
  if (depth > 1) {
    current = uint32_t(now()->scopes.size());
    now()->scopes.emplace_back().parent = int32_t(outer);
  }
  while (!lex.accept('}')) {
    if (lex.peek().kind == Token::End)
      lex.fail("expected '}' at a body's end, found the end of the text");
    statement();
  }
  --depth;
  current = outer;
}

void Parser::statement() {
  if (lex.peek().is('{'))
    return body();
  if (skipDebug() || lex.accept(';'))
    return;
  if (lex.accept(".reg"))
    return registers();
  for (std::string_view space :
       {".param", ".local", ".shared", ".global", ".const"})
    if (lex.accept(space))
      return variable(space, false);
  if (lex.accept(".extern")) {
    if (!lex.accept(".shared"))
      lex.fail("expected .shared, found " + shown(lex.peek()));
    return variable(".shared", true);
  }
  if (lex.peek().kind == Token::Directive)
    lex.fail("unsupported directive " + shown(lex.peek()));
  instruction();
}

void Parser::declare(const Token &name, Symbol symbol) {
  auto [at, fresh] =
      scope().symbols.emplace(std::string(name.text), std::move(symbol));
  if (!fresh)
    throw PtxError(name.line, name.column,
                   shown(name) + " is declared twice in one scope");
}

/// ".reg .b32 %r<12>, %x;"
void Parser::registers() {
  if (lex.peek().is(".v2") || lex.peek().is(".v4"))
    lex.fail("unsupported: registers that are vectors");
  Type declared = type();
  do {
    Token name = lex.expectWord("a register's name");
    if (lex.accept('<')) {
      uint64_t count = lex.expectInteger("a number of registers");
      constexpr uint64_t kMost = 1 << 20;
      if (count > kMost)
        lex.fail("too many registers");
      lex.expect('>', "after a number of registers");
      scope().ranges.push_back({name.text, count, declared});
      continue;
    }
    Symbol symbol;
    symbol.type = declared;
    declare(name, symbol);
  } while (lex.accept(','));
  lex.expect(';', "after .reg");
}

void Parser::variable(std::string_view space, bool isExtern) {
  uint64_t align = 0;
  unsigned vector = 1;
  Type declared = Type::None;
  while (declared == Type::None) {
    if (lex.accept(".align"))
      align = alignment();
    else if (lex.accept(".v2"))
      vector = 2;
    else if (lex.accept(".v4"))
      vector = 4;
    else if (!lex.accept(".attribute"))
      declared = type();
    else
      lex.fail("unsupported: .attribute");
  }
  do
    oneVariable(space, isExtern, align, declared, vector);
  while (lex.accept(','));
  lex.expect(';', "after a variable");
}

/// The size of "name", "name[3][4]" or "name[]".
uint64_t Parser::arrayBytes(uint64_t bytes, bool &isOpen) {
  while (lex.accept('[')) {
    if (lex.accept(']')) {
      isOpen = true;
      bytes = 0;
      continue;
    }
    uint64_t count = lex.expectInteger("an array's size");
    if (bytes && count > kLargest / bytes)
      lex.fail("an array that large");
    bytes *= count;
    lex.expect(']', "after an array's size");
  }
  return bytes;
}

void Parser::oneVariable(std::string_view space, bool isExtern, uint64_t align,
                         Type declared, unsigned vector) {
  Token name = lex.expectWord("a variable's name");
  Variable variable;
  unsigned element = bytesOf(declared);
  bool isOpen = false;
  uint64_t bytes = arrayBytes(uint64_t(element) * vector, isOpen);
  variable.align = align ? align : std::max(1u, element * vector);
  variable.bytes = bytes;
  if (lex.accept('='))
    initialiser(variable, element, declared);
  if (isOpen)
    variable.bytes = variable.init.size();
  variable.isDynamicShared = space == ".shared" && isOpen && isExtern;
  if (isExtern && !variable.isDynamicShared)
    lex.fail("unsupported: a variable of another module, " +
             std::string(name.text));
  place(space, std::move(variable), name, variable.bytes, declared, align);
}

void Parser::place(std::string_view space, Variable &&variable,
                   const Token &name, uint64_t bytes, Type declared,
                   uint64_t align) {
  variable.name = name.text;
  Symbol symbol;
  symbol.type = declared;
  symbol.bytes = bytes;
  if (space == ".param" || space == ".local") {
    tw::emu::Function &made = *now()->made;
    bool isParam = space == ".param";
    uint64_t &size = isParam ? made.paramBytes : made.localBytes;
    symbol.kind = isParam ? Symbol::Param : Symbol::Local;
    symbol.offset = size = alignUp(size, variable.align);
    size += bytes;
    if (size > kLargest)
      lex.fail("variables that large");
    return declare(name, symbol);
  }
  variable.space = space == ".global"   ? Space::Global
                   : space == ".shared" ? Space::Shared
                                        : Space::Const;
  std::string key(name.text);
  if (now()) {
    key = now()->made->name + "." + std::to_string(statics++) + "." + key;
    symbol.kind = Symbol::Module;
    symbol.text = key;
    declare(name, symbol);
  }
  if (!module.variables.emplace(key, std::move(variable)).second)
    throw PtxError(name.line, name.column, shown(name) + " is declared twice");
}

void Parser::initialiser(Variable &variable, unsigned bytes, Type declared) {
  uint64_t at = 0;
  variable.init.assign(variable.bytes, 0);
  element(variable, at, bytes, declared);
}

/// A value, or {values}.
void Parser::element(Variable &variable, uint64_t &at, unsigned bytes,
                     Type declared) {
  constexpr unsigned kDeepest = 16;
  if (lex.accept('{')) {
    if (++depth > kDeepest)
      lex.fail("braces are nested too deep");
    while (!lex.accept('}')) {
      element(variable, at, bytes, declared);
      if (!lex.peek().is('}'))
        lex.expect(',', "between values");
    }
    --depth;
    return;
  }
  if (variable.bytes && at + bytes > variable.bytes)
    lex.fail("more values than the variable holds");
  variable.init.resize(std::max<uint64_t>(variable.init.size(), at + bytes));
  if (lex.peek().kind == Token::Word) {
    fixup(variable, at, bytes);
  } else {
    OperandSyntax value = simpleOperand();
    uint64_t bits = value.value;
    if (value.kind == OperandSyntax::Float64 && declared == Type::F32)
      bits = std::bit_cast<uint32_t>(float(std::bit_cast<double>(bits)));
    std::memcpy(&variable.init[at], &bits, std::min(8u, bytes));
  }
  at += bytes;
}

/// A variable's address: name, name+4, generic(name)+4, 0xFF00(name).
void Parser::fixup(Variable &variable, uint64_t at, unsigned bytes) {
  Variable::Fixup fixup{at, bytes, "", 0, false, 0};
  Token word = lex.take();
  if (word.is("generic") && lex.accept('(')) {
    fixup.generic = true;
    word = lex.expectWord("a variable's name");
    lex.expect(')', "after generic(name");
  }
  fixup.name = word.text;
  fixup.offset = int64_t(addend());
  variable.fixups.push_back(std::move(fixup));
}

void Parser::labelled(const Token &label) {
  Symbol symbol;
  if (lex.accept(".branchtargets")) {
    symbol.kind = Symbol::Targets;
    do
      symbol.targets.push_back(lex.expectWord("a label").text);
    while (lex.accept(','));
    lex.expect(';', "after .branchtargets");
  } else if (lex.accept(".callprototype")) {
    symbol.kind = Symbol::Prototype;
    while (!lex.peek().is(';') && lex.peek().kind != Token::End)
      lex.take();
    lex.expect(';', "after .callprototype");
  } else {
    symbol.kind = Symbol::Label;
    symbol.index = uint32_t(now()->instructions.size());
  }
  declare(label, symbol);
}

void Parser::guard(Instruction &inst) {
  if (!lex.accept('@'))
    return;
  inst.guardNot = lex.accept('!');
  inst.guard = lex.expectWord("a predicate after '@'").text;
}

void Parser::instruction() {
  Instruction inst;
  guard(inst);
  Token word = lex.expectWord("an instruction");
  if (inst.guard.empty() && lex.accept(':'))
    return labelled(word);
  inst.opcode = word.text;
  inst.line = word.line;
  inst.column = word.column;
  inst.scope = current;
  if (!lex.peek().is(';'))
    do
      inst.operands.push_back(operand());
    while (lex.accept(','));
  lex.expect(';', "after an instruction");
  now()->instructions.push_back(std::move(inst));
}

OperandSyntax Parser::operand() {
  OperandSyntax first = simpleOperand();
  if (lex.accept('|'))
    first.second.push_back(simpleOperand());
  return first;
}

OperandSyntax Parser::group(char close, OperandSyntax::Kind kind) {
  constexpr unsigned kDeepest = 220;
  OperandSyntax made;
  made.kind = kind;
  made.line = lex.peek().line;
  made.column = lex.peek().column;
  lex.take();
  if (++depth > kDeepest)
    lex.fail("brackets are nested too deep");
  if (!lex.peek().is(close))
    do
      made.elements.push_back(operand());
    while (lex.accept(','));
  lex.expect(close, "after operands");
  --depth;
  return made;
}

/// "+ 4", "+ -4", "- 4", or nothing.
uint64_t Parser::addend() {
  uint64_t sum = 0;
  while (lex.peek().is('+') || lex.peek().is('-')) {
    bool minus = lex.take().is('-');
    if (lex.accept('-'))
      minus = !minus;
    uint64_t value = lex.expectInteger("a number");
    sum += minus ? 0 - value : value;
  }
  return sum;
}

/// "[base + offset]", with coordinates where there are any: "[base, {x, y}]".
OperandSyntax Parser::address() {
  OperandSyntax made;
  made.kind = OperandSyntax::Address;
  made.line = lex.peek().line;
  made.column = lex.peek().column;
  lex.take();
  if (lex.peek().kind == Token::Word) {
    made.name = lex.take().text;
    made.value = addend();
  } else {
    OperandSyntax base = simpleOperand();
    if (base.kind != OperandSyntax::Number)
      lex.fail("expected an address");
    made.value = base.value + addend();
  }
  while (lex.accept(','))
    made.elements.push_back(operand());
  lex.expect(']', "after an address");
  return made;
}

OperandSyntax Parser::simpleOperand() {
  if (lex.peek().is('{'))
    return group('}', OperandSyntax::Vector);
  if (lex.peek().is('('))
    return group(')', OperandSyntax::List);
  if (lex.peek().is('['))
    return address();
  OperandSyntax made;
  made.line = lex.peek().line;
  made.column = lex.peek().column;
  made.negate = lex.accept('!');
  bool minus = !made.negate && lex.accept('-');
  Token token = lex.take();
  switch (token.kind) {
  case Token::Word:
    made.name = token.text;
    if (!minus) {
      made.value = addend();
      return made;
    }
    break;
  case Token::Integer:
    made.kind = OperandSyntax::Number;
    made.value = minus ? 0 - token.value : token.value;
    return made;
  case Token::Float32:
    made.kind = OperandSyntax::Float32;
    made.value = token.value ^ (minus ? 0x80000000 : 0);
    return made;
  case Token::Float64:
    made.kind = OperandSyntax::Float64;
    made.value = token.value ^ (minus ? uint64_t(1) << 63 : 0);
    return made;
  default:
    break;
  }
  throw PtxError(token.line, token.column,
                 "expected an operand, found " + shown(token));
}

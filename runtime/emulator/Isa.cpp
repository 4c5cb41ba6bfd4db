#include "runtime/emulator/Isa.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

using namespace tw::emu;

namespace {
struct Table {
  std::vector<std::unique_ptr<std::vector<Form>>> lists;
  std::vector<const Form *> all;
  std::map<std::string, std::vector<const Form *>, std::less<>> byWord;
  std::set<const Form *> used;
};
} // namespace

static Table &table() {
  static Table instance;
  return instance;
}

/// Up to the first '.', '{' or '<'.
static std::string_view firstWord(std::string_view opcode) {
  return opcode.substr(0, opcode.find_first_of(".{<"));
}

Registration::Registration(std::vector<Form> forms) {
  Table &t = table();
  auto &list = t.lists.emplace_back(
      std::make_unique<std::vector<Form>>(std::move(forms)));
  for (const Form &form : *list) {
    t.all.push_back(&form);
    t.byWord[std::string(firstWord(form.opcode))].push_back(&form);
  }
}

std::span<const Form *const> tw::emu::formsOf(std::string_view word) {
  auto found = table().byWord.find(word);
  if (found == table().byWord.end())
    return {};
  return found->second;
}

std::vector<const Form *> tw::emu::allForms() { return table().all; }

void tw::emu::noteUsed(const Form &form) { table().used.insert(&form); }
bool tw::emu::wasUsed(const Form &form) { return table().used.contains(&form); }

bool Match::has(std::string_view mod) const {
  return std::find(mods.begin(), mods.end(), mod) != mods.end();
}

int Match::which(std::initializer_list<std::string_view> candidates) const {
  int n = 0;
  for (std::string_view candidate : candidates) {
    if (has(candidate))
      return n;
    ++n;
  }
  return -1;
}

/// Takes ".word" off the front of `opcode` if `word` (with its dot) is there.
static bool take(std::string_view &opcode, std::string_view word) {
  if (!opcode.starts_with(word))
    return false;
  if (opcode.size() > word.size() && opcode[word.size()] != '.')
    return false;
  opcode.remove_prefix(word.size());
  return true;
}

/// Takes one of ".a|.b|.c".
static std::string_view takeOne(std::string_view &opcode,
                                std::string_view choices) {
  while (!choices.empty()) {
    size_t bar = choices.find('|');
    std::string_view word = choices.substr(0, bar);
    if (take(opcode, word))
      return word;
    choices = bar == choices.npos ? "" : choices.substr(bar + 1);
  }
  return {};
}

static void note(Match &match, std::string_view word) {
  word.remove_prefix(1);
  match.mods.push_back(word);
  if (std::optional<Type> type = parseType(word))
    match.types.push_back(*type);
}

bool tw::emu::matches(const Form &form, std::string_view opcode, Match &match) {
  std::string_view pattern = form.opcode, word = firstWord(pattern);
  match = {};
  if (!take(opcode, word))
    return false;
  pattern.remove_prefix(word.size());
  while (!pattern.empty()) {
    bool optional = pattern[0] == '{', choice = optional || pattern[0] == '<';
    size_t end = choice ? pattern.find(optional ? '}' : '>')
                        : pattern.find_first_of(".{<", 1);
    end = std::min(end, pattern.size());
    std::string_view group = pattern.substr(choice, end - choice);
    pattern.remove_prefix(std::min(end + choice, pattern.size()));
    std::string_view rest = opcode, taken = takeOne(rest, group);
    if (taken.empty() && !optional)
      return false;
    if (taken.empty())
      continue;
    opcode = rest;
    note(match, taken);
  }
  return opcode.empty();
}

const char *tw::emu::className(Class cls) {
  constexpr const char *kNames[] = {
      "integer", "float",   "double",  "half",  "special", "convert",
      "logic",   "compare", "move",    "load",  "store",   "atomic",
      "warp",    "barrier", "control", "async", "matrix",  "other"};
  return kNames[unsigned(cls)];
}

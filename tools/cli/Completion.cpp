// Completion scripts, made from the options themselves.
#include "tools/cli/Commands.h"

#include "llvm/Support/FormatVariadic.h"

using namespace tw::cli;

static std::string optionWords(const CLI::App &app) {
  std::string words;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &name : option->get_lnames())
      words += (words.empty() ? "--" : " --") + name;
  return words;
}

static std::string commandNames(const CLI::App &app) {
  std::string words;
  for (const CLI::App *sub : app.get_subcommands({}))
    words += (words.empty() ? "" : " ") + sub->get_name();
  return words;
}

static std::string optionCases(const CLI::App &app) {
  std::string cases;
  for (const CLI::App *sub : app.get_subcommands({}))
    cases += llvm::formatv("    {0}) words=\"{1}\" ;;\n", sub->get_name(),
                           optionWords(*sub));
  return cases;
}

static constexpr char kScript[] = R"(_tilewright() {
  local current=${{COMP_WORDS[COMP_CWORD]} words
  case ${{COMP_WORDS[1]} in
{0}    *) words="{1} {2}" ;;
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) if [ "$COMP_CWORD" = 1 ]; then COMPREPLY=($(compgen -W "{1}" -- "$current"))
       else COMPREPLY=($(compgen -f -- "$current")); fi ;;
  esac
}
complete -o filenames -F _tilewright tilewright
)";

std::string tw::cli::completionScript(const CLI::App &app,
                                      llvm::StringRef shell) {
  std::string script = llvm::formatv(kScript, optionCases(app),
                                     commandNames(app), optionWords(app));
  if (shell == "zsh")
    return "autoload -U +X bashcompinit && bashcompinit\n" + script;
  return script;
}

// Where an executable model starts. The file is a shared library (so that it
// can also be loaded), and gets its main function by hand.
#include "runtime/cli/Main.h"

extern "C" {
extern const tw_program tw_program_data;

/// The C library's start-up: initialises it, calls main, exits.
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
                      void (*init)(void), void (*fini)(void),
                      void (*loaderFini)(void), void *stackEnd);

__attribute__((noreturn, used)) void tw_start_c(long *stack,
                                                void (*loaderFini)(void)) {
  auto main = [](int argc, char **argv, char **) {
    return tw::runCommandLine(tw_program_data, argc, argv);
  };
  __libc_start_main(main, static_cast<int>(stack[0]),
                    reinterpret_cast<char **>(stack + 1), nullptr, nullptr,
                    loaderFini, stack);
  __builtin_unreachable();
}
}

// The interpreter's section is retained ("R"): nothing refers to it.
// On entry %rsp points to argc and %rdx is the loader's finaliser (psABI).
asm(".pushsection .text._tw_start,\"ax\",@progbits\n"
    ".globl _tw_start\n"
    ".hidden _tw_start\n"
    ".type _tw_start,@function\n"
    "_tw_start:\n"
    "  xorl %ebp, %ebp\n"
    "  movq %rsp, %rdi\n"
    "  movq %rdx, %rsi\n"
    "  andq $-16, %rsp\n"
    "  call tw_start_c\n"
    "  hlt\n"
    ".size _tw_start, . - _tw_start\n"
    ".popsection\n"
    ".pushsection .interp,\"aR\",@progbits\n"
    ".asciz \"/lib64/ld-linux-x86-64.so.2\"\n"
    ".popsection\n");

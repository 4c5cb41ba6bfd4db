"""Runs every test and prints one line at the end: N passed, N failed, N skipped. tools/test calls it after set-up."""

import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
SANITIZED = ROOT / "build-asan"
JOBS = str(os.cpu_count())


@dataclass
class Outcome:
    """One test: its path, how it ended (passed, failed, skipped) and, unless passed, why."""

    path: str
    status: str
    message: str = ""


class Command:
    """A running command: its lines as they come (standard error is one with them), then its exit code."""

    def __init__(self, *words):
        self.process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        text=True, errors="replace", cwd=ROOT)
        self.last: list[str] = []

    def __iter__(self) -> Iterator[str]:
        for line in self.process.stdout:
            self.last = [*self.last[-40:], line.rstrip("\n")]
            yield self.last[-1]
        self.process.wait()

    def broken(self, path: str, accepted: tuple[int, ...] = (0, 1)) -> Iterator[Outcome]:
        """A failed outcome where the command itself broke down."""
        if self.process.returncode not in accepted:
            yield Outcome(path, "failed", f"exit code {self.process.returncode}\n" + "\n".join(self.last))


def check_tree(text: str) -> Iterator[Outcome]:
    """Names computable, dependencies one-way, examples and tests there."""
    command = Command(sys.executable, ROOT / "tools/dev/check-tree")
    for line in command:
        if (found := re.match(r"(ok|bad) +(\S+)(?:: (.*))?$", line)) and text in f"check-tree/{found[2]}":
            yield Outcome(f"check-tree/{found[2]}", "passed" if found[1] == "ok" else "failed", found[3] or "")
    yield from command.broken("check-tree")


def check_format(text: str) -> Iterator[Outcome]:
    """clang-format finds nothing to change."""
    listed = subprocess.run(["git", "ls-files", "*.cpp", "*.h", "*.c"], cwd=ROOT, capture_output=True, text=True)
    for name in listed.stdout.split():
        if text in f"format/{name}":
            done = subprocess.run(["clang-format-22", "--dry-run", "-Werror", name], cwd=ROOT, capture_output=True)
            yield Outcome(f"format/{name}", "failed" if done.returncode else "passed", f"mend it: clang-format-22 -i {name}")


def gtest_names(program: Path) -> list[str]:
    listed = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    names, suite = [], ""
    for line in listed.splitlines():
        word = line.split("#")[0].rstrip()
        if word.startswith("  "):
            names.append(suite + word.strip())
        elif word.endswith("."):
            suite = word
    return names


GTEST_END = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] (\S+?),? ")
GTEST_STATUS = {"OK": "passed", "FAILED": "failed", "SKIPPED": "skipped"}


def gtest_outcomes(program: Path, prefix: str, text: str) -> Iterator[Outcome]:
    """The tests of one gtest program; a crash is the failure of the test that was running."""
    path = f"{prefix}/{program.name}"
    chosen = [name for name in gtest_names(program) if text in f"{path}/{name}"]
    if not chosen:
        return
    command = Command(program, "--gtest_color=no", f"--gtest_filter={':'.join(chosen)}")
    log, running = [], None
    for line in command:
        log.append(line)
        if found := re.match(r"\[ RUN      \] (\S+)", line):
            running, log = found[1], []
        elif running and (found := GTEST_END.match(line)):
            yield Outcome(f"{path}/{running}", GTEST_STATUS[found[1]], "\n".join(log))
            running = None
    yield from command.broken(f"{path}/{running or ''}")


def programs(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if path.is_file() and os.access(path, os.X_OK)]


def unit(text: str) -> Iterator[Outcome]:
    """gtest programs."""
    for program in programs(BUILD / "test/unit"):
        yield from gtest_outcomes(program, "test/unit", text)


def sanitized(text: str) -> Iterator[Outcome]:
    """The gtest programs of the runtime and of the importer's wire library under AddressSanitizer and UBSan."""
    if text and "asan" not in text:
        return
    for words in (["cmake", "--preset", "asan"], ["ninja", "-C", SANITIZED]):
        command = Command(*words)
        for _ in command:
            pass
        if command.process.returncode:
            yield from command.broken("asan/build", accepted=(0,))
            return
    for program in programs(SANITIZED / "test/unit"):
        yield from gtest_outcomes(program, "asan", text)


LIT_LINE = re.compile(r"(\w+): Tilewright :: (.*) \(\d+ of \d+\)$")
LIT_STATUS = {"PASS": "passed", "FLAKYPASS": "passed", "XFAIL": "passed", "UNSUPPORTED": "skipped"}


def lit(text: str) -> Iterator[Outcome]:
    """FileCheck tests of dialects, passes and the command line."""
    command = Command(Path(sys.executable).parent / "lit", "-v", "-j", JOBS, "--order=lexical", "--allow-empty-runs",
                      "--filter", re.escape(text.removeprefix("test/")), BUILD / "test")
    outcome, discovered = None, False
    for line in command:
        discovered |= line.startswith("-- Testing:") or "filter did not match any tests" in line
        found = LIT_LINE.match(line)
        if outcome and (found or line.startswith("Testing Time:")):
            yield outcome
            outcome = None
        if found:
            outcome = Outcome(f"test/{found[2]}", LIT_STATUS.get(found[1], "failed"))
        elif outcome:
            outcome.message += line + "\n"
    yield from command.broken("test/lit", accepted=(0, 1) if discovered else ())


def python_tests(text: str) -> Iterator[Outcome]:
    """Python unittests: the Python API, and whole models and the demo against onnxruntime."""
    for folder in ("test/dev", "test/onnx", "test/emulator", "test/python_api", "test/attention", "test/products",
                   "test/e2e"):
        if (ROOT / folder).exists():
            command = Command(sys.executable, ROOT / "tools/dev/run-unittests", folder, text)
            for line in command:
                if line.startswith("@"):
                    yield Outcome(**json.loads(line[1:]))
            yield from command.broken(folder, accepted=(0,))


def onnx_suite(text: str) -> Iterator[Outcome]:
    """The ONNX conformance suite: what is listed as passing must pass."""
    yield from suite_outcomes("", "--filter", text)


def emulated_suite(text: str) -> Iterator[Outcome]:
    """The suite's kernels in PTX on the emulator: a sample of what is listed as passing, or all that is asked for."""
    text = text.removeprefix("emulator/")
    yield from suite_outcomes("emulator/", "--device", "emulator", "--filter", text, "--sample", "1" if text else "13")


def suite_outcomes(prefix: str, *options: str) -> Iterator[Outcome]:
    command = Command(sys.executable, ROOT / "test/onnx/run.py", "--check", "--jobs", JOBS, *options)
    for line in command:
        if found := re.match(r"(PASS|FAIL) (\S+) ?(.*)", line):
            yield Outcome(prefix + found[2], "passed" if found[1] == "PASS" else "failed", found[3])
        elif line.startswith("# "):
            show(line[2:])
    yield from command.broken(f"{prefix}test/onnx", accepted=(0,))


PARTS = {
    "tree": check_tree, "format": check_format, "unit": unit, "asan": sanitized, "lit": lit,
    "python": python_tests, "onnx": onnx_suite,
    "emulator": emulated_suite,
}


def show(line: str) -> None:
    """One line above the progress."""
    clear = "\r\033[K" if sys.stdout.isatty() else ""
    print(clear + line, flush=True)


def show_failure(outcome: Outcome) -> None:
    show(f"FAILED {outcome.path}")
    for line in outcome.message.strip().splitlines()[-30:]:
        show(f"    {line}")


def run_part(name: str, text: str) -> Counter:
    """Runs one part with progress and a line at its end."""
    counts, start = Counter(), time.monotonic()
    for outcome in PARTS[name](text):
        counts[outcome.status] += 1
        if outcome.status == "failed":
            show_failure(outcome)
        elif outcome.status == "skipped":
            show(f"SKIP {outcome.path}  {outcome.message}".rstrip())
        if sys.stdout.isatty():
            print(f"\r\033[K{name}: {counts.total()}  {outcome.path:.80}", end="", flush=True)
    if counts or not text:
        show(f"{name}: {summary(counts)} ({time.monotonic() - start:.0f} s)")
    return counts


def summary(counts: Counter) -> str:
    return f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"


def main(arguments: list[str]) -> int:
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print("usage: tools/test [FILTER]    runs the tests whose path holds FILTER (default: all)")
        return 0 if len(arguments) == 1 else 1
    text = arguments[0] if arguments else ""
    total = sum((run_part(name, text) for name in PARTS), Counter())
    print(summary(total))
    return 1 if total["failed"] or not total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

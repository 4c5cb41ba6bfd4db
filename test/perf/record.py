"""What benchmarks have in common: the command line of a table of cases, and results written with date, machine and command."""

import argparse
import datetime
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """CPU, its vector extensions, cores, memory."""
    info = Path("/proc/cpuinfo").read_text()
    field = {line.split(":")[0].strip(): line.split(":", 1)[1].strip() for line in info.splitlines() if ":" in line}
    flags = [flag for flag in field["flags"].split() if flag in ("avx2", "fma", "avx512f", "amx_tile")]
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return f"{field['model name']} ({', '.join(flags)}), {os.cpu_count()} cores, {memory:.0f} GB"


def commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=RESULTS.parent)
    return done.stdout.strip() or "unknown"


def write_result(name: str, text: str) -> Path:
    """results/DATE-NAME.md."""
    RESULTS.mkdir(exist_ok=True)
    today = datetime.date.today()
    path = RESULTS / f"{today}-{name}.md"
    command = " ".join(shlex.quote(word) for word in (os.path.relpath(sys.argv[0], RESULTS.parents[2]), *sys.argv[1:]))
    path.write_text(f"# {name}\n\n{today}, commit {commit()}, {machine()}\nCommand: `{command}`\n\n{text}\n")
    return path


def run_cases(name: str, description: str, cases: dict, measure: Callable[[object, int], dict[str, float]],
              table: Callable[[dict[str, dict[str, float]]], str]) -> None:
    """A benchmark's main: measure(case, rounds) of the cases that the command line asks for, as one table."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="cases with this in the name")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="write no file")
    options = parser.parse_args()
    text = table({case: measure(what, options.rounds) for case, what in cases.items() if options.only in case})
    print(text)
    if not options.dry:
        print(write_result(name, text))

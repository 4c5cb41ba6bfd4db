#!/usr/bin/env python3
"""Runs the ONNX 1.22.0 conformance suite: 1,914 tests, each with its own dims and with symbolic ones.

Every output is compared: dtype, shape, value. Nothing is skipped: a refusal, a crash or a time-out is a failure.

    run.py                      all, a table at the end
    run.py --filter conv        tests whose path (test/onnx/COLUMN/GROUP/NAME) holds "conv"
    run.py --check              one line per test of passing*.txt: PASS or FAIL (what tools/test reads)
    run.py --update             write passing*.txt and RESULTS.md
    run.py --failures FILE      write the failures, grouped by operator and first line of the message
    run.py --device emulator    PTX kernels on the emulator, whose findings are failures; lists and table of its own
    run.py --sample N           every Nth test only
    run.py --device emulator --seeds 0 1 2    every test in three orders of events
"""

import argparse
import importlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import report
import suite
from compare import Mismatch, compare_outputs
from engines import ENGINES, MODULES, Refusal, Settings
from symbolic import with_symbolic_dims
from workers import run_isolated

COLUMNS = ("fixed", "symbolic")


@dataclass(frozen=True)
class Task:
    case: suite.Case
    column: str  # of COLUMNS

    @property
    def path(self) -> str:
        return f"test/onnx/{self.column}/{self.case.path}"


@dataclass
class Result:
    passed: bool
    message: str = ""  # why not: "refused: ...", "wrong: ...", "crash: ...", "error: ...", "time-out ..."
    seconds: float = 0.0
    kernels: int | None = None  # that a device ran; None: it counts none


def run_case(engine: str, settings: Settings, task: Task) -> Result:
    """One test, start to end, in the process of its own."""
    result = Result(True)
    start = time.perf_counter()
    result.message = failure(engine, settings, task, result) or ""
    result.passed = not result.message
    result.seconds = time.perf_counter() - start
    return result


def failure(engine: str, settings: Settings, task: Task, result: Result) -> str | None:
    model = task.case.load()
    inputs, expected = task.case.values(model)
    if task.column == "symbolic":
        model = with_symbolic_dims(model)
    try:
        outcome = ENGINES[engine](model, inputs, settings)
        result.kernels = outcome.kernels
        for outputs in outcome.runs:
            compare_outputs(outputs, expected, task.case.rtol, task.case.atol)
    except Refusal as error:
        return f"refused: {error}"
    except Mismatch as error:
        return f"wrong: {error}"
    except Exception as error:
        return f"error: {type(error).__name__}: {error}"
    return None


def run_tasks(tasks: list[Task], options: argparse.Namespace) -> Iterator[tuple[Task, Result]]:
    if tasks:
        importlib.import_module(MODULES[options.engine])  # once, before forking
    on_death = partial(Result, False)
    settings = Settings(options.target, options.device, tuple(options.seeds))
    yield from run_isolated(partial(run_case, options.engine, settings), tasks, options.jobs, options.timeout, on_death)


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, default="tilewright")
    parser.add_argument("--device", choices=("cpu", "cuda", "emulator"), default="cpu")
    parser.add_argument("--target", help="default: what the device needs")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the emulator's order of events: each test runs once for each")
    parser.add_argument("--sample", type=int, default=1, metavar="N")
    parser.add_argument("--filter", default="", help="substring of test/onnx/COLUMN/GROUP/NAME")
    parser.add_argument("--column", choices=COLUMNS, action="append", help="default: both")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=120, help="seconds per test (default: %(default)s)")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--failures", type=Path)
    options = parser.parse_args(arguments)
    options.column = options.column or (list(COLUMNS) if options.device == "cpu" else ["fixed"])
    options.target = options.target or ("cpu" if options.device == "cpu" else "ptx")
    return options


def collect(options: argparse.Namespace) -> report.Results:
    """Results by column and case, with progress on a terminal."""
    tasks = [Task(case, column) for case in suite.cases() for column in options.column]
    tasks = [task for task in tasks if options.filter in task.path][::options.sample]
    found = {}
    for task, result in run_tasks(tasks, options):
        found[task] = result
        if sys.stderr.isatty():
            print(f"\r\033[K{len(found)} of {len(tasks)}  {task.path}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return {column: {task.case: found[task] for task in tasks if task.column == column} for column in options.column}


def main(arguments: list[str] | None = None) -> int:
    options = parse_arguments(arguments)
    start = time.perf_counter()
    results = collect(options)
    if options.failures:
        options.failures.write_text(report.failures(results))
    if options.check:
        print(report.check(results, options.device))
        return 0
    print(report.table(results))
    print(f"{time.perf_counter() - start:.0f} s with {options.jobs} workers")
    if options.update:
        report.update(results, options.device, options.target)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Times engines against each other, in turns within one run.

Each engine has a process of its own (tilewright.peer), pinned to the same CPUs and stopped while another runs, because
thread pools in one process fight. `tilewright bench --against` runs this module; test/perf uses it too.
"""

import argparse
import json
import math
import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

TURN_SECONDS = 0.5  # how long an engine runs per turn, at least one run
SETTLE_RUNS = 2  # first runs of a turn, not counted: caches belong to the engine before
ROUNDS = 5


@dataclass(frozen=True)
class Setting:
    """An engine under a name of its own; options are keywords of tilewright.compile."""

    name: str
    engine: str
    options: Mapping[str, Any] = field(default_factory=dict)


def environment() -> dict[str, str]:
    """In which the child finds the package that this module belongs to."""
    paths = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


class Peer:
    """An engine's process. Stopped, but for its turns."""

    def __init__(self, setting: Setting, model: Path, inputs: Path, threads: int, runs_per_turn: int = 0):
        words = [sys.executable, "-m", "tilewright.peer", setting.engine, model, inputs, threads,
                 json.dumps(dict(setting.options))]
        self.seconds: list[float] = []
        self.error = ""
        self.process = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, env=environment())
        self.answer()
        fastest = min(self.ask(SETTLE_RUNS + 1), default=math.inf)
        self.count = runs_per_turn or max(1, int(TURN_SECONDS / fastest))
        self.process.send_signal(signal.SIGSTOP)

    def answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        found = json.loads(line) if line else {"error": f"ended with exit code {self.process.wait()}"}
        self.error = self.error or found.get("error", "")
        return found

    def ask(self, count: int) -> list[float]:
        """Seconds of each run; none once the engine has failed."""
        if self.error:
            return []
        self.process.stdin.write(f"run {count}\n")
        self.process.stdin.flush()
        return self.answer().get("seconds", [])

    def turn(self) -> None:
        if self.error:
            return
        self.process.send_signal(signal.SIGCONT)
        self.seconds += self.ask(SETTLE_RUNS + self.count)[SETTLE_RUNS:]
        self.process.send_signal(signal.SIGSTOP)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@dataclass(frozen=True)
class Result:
    """Times of one engine, in milliseconds (NaN where it failed), and why it failed."""

    median_ms: float = math.nan
    min_ms: float = math.nan
    runs: int = 0
    error: str = ""


def result_of(peer: Peer) -> Result:
    if peer.error:
        return Result(error=peer.error)
    return Result(1000 * statistics.median(peer.seconds), 1000 * min(peer.seconds), len(peer.seconds))


def measure(model: Path, inputs: Mapping[str, np.ndarray], settings: Sequence[Setting], threads: int, rounds: int = ROUNDS,
            iterations: int = 0) -> dict[str, Result]:
    """Results by setting. iterations: runs per engine; 0: as many as fit into rounds of TURN_SECONDS."""
    rounds = min(rounds, iterations) or rounds
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "inputs.npz"
        np.savez(archive, **inputs)
        peers: dict[str, Peer] = {}
        try:
            for setting in settings:
                peers[setting.name] = Peer(setting, model, archive, threads, math.ceil(iterations / rounds))
            for _ in range(rounds):
                for peer in peers.values():
                    peer.turn()
            return {name: result_of(peer) for name, peer in peers.items()}
        finally:
            for peer in peers.values():
                peer.close()


def ratio(ours: Result, peer: Result) -> float:
    """Our median over the peer's: below 1 we are faster."""
    return ours.median_ms / peer.median_ms


def print_text(results: Mapping[str, Result], threads: int) -> None:
    ours = next(iter(results.values()))
    print(f"{'engine':<14}{'median ms':>11}{'min ms':>11}{'runs':>7}{'ours / it':>11}     ({threads} threads)")
    for name, result in results.items():
        if result.error:
            print(f"{name:<14}failed: {result.error}")
            continue
        print(f"{name:<14}{result.median_ms:>11.3f}{result.min_ms:>11.3f}{result.runs:>7}{ratio(ours, result):>11.2f}")


def print_json(results: Mapping[str, Result], threads: int) -> None:
    ours = next(iter(results.values()))
    engines = {name: {"error": result.error} if result.error else
               {"median_ms": result.median_ms, "min_ms": result.min_ms, "runs": result.runs} for name, result in results.items()}
    ratios = {name: ratio(ours, result) for name, result in results.items()
              if result is not ours and not result.error and not ours.error}
    print(json.dumps({"threads": threads, "engines": engines, "ratios": ratios}))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tilewright.bench", description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--engines", required=True, help="ENGINE,... the first is the one to judge")
    parser.add_argument("--input", action="append", default=[], metavar="NAME=FILE.npy")
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=SIZE", help="for tilewright's compilation")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--iterations", type=int, default=0)
    parser.add_argument("--cpu", default="native")
    parser.add_argument("--conv", default="auto")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main() -> int:
    """Exit code 1 where tilewright itself failed."""
    arguments = parse_arguments()
    inputs = {name: np.load(path) for name, path in (text.rsplit("=", 1) for text in arguments.input)}
    dims = {name: int(size) for name, size in (text.rsplit("=", 1) for text in arguments.dim)}
    options = {"cpu": arguments.cpu, "conv": arguments.conv, "dims": dims}
    settings = [Setting(name, name, options if name == "tilewright" else {}) for name in arguments.engines.split(",")]
    results = measure(arguments.model, inputs, settings, arguments.threads, iterations=arguments.iterations)
    (print_json if arguments.json else print_text)(results, arguments.threads)
    return 1 if any(results[name].error for name in results if name == "tilewright") else 0


if __name__ == "__main__":
    sys.exit(main())

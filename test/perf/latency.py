#!/usr/bin/env python3
"""Latency of the nine light nets and the three OCR models, two sizes each, against onnxruntime and OpenVINO.

All engines take turns in one run: each has a process of its own, pinned to the same cores and stopped while another runs.
"tilewright" is compiled with symbolic dims, "fixed" for the one size.

    latency.py                                      all, 2 threads; writes results/DATE-latency.md
    latency.py --model ocr_rec --rounds 3 --dry     one model, nothing written
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
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import models
from record import write_result

PEER = Path(__file__).parent / "peer.py"
TURN_SECONDS = 0.5  # how long an engine runs per turn, at least one run
SETTLE_RUNS = 2  # first runs of a turn, not counted: caches belong to the engine before


@dataclass
class Setting:
    """A column of the table."""

    name: str
    engine: str
    fixed: bool = False


SETTINGS = (Setting("tilewright", "tilewright"), Setting("fixed", "tilewright", fixed=True),
            Setting("onnxruntime", "onnxruntime"), Setting("openvino", "openvino"))


class Peer:
    """An engine's process; stopped except within `turn`."""

    def __init__(self, setting: Setting, sized: models.Sized, inputs: Path, threads: int):
        dims = json.dumps(sized.dims if setting.fixed else None)
        command = [sys.executable, PEER, setting.engine, sized.model, inputs, str(threads), dims]
        self.seconds: list[float] = []
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.failed = not self.process.stdout.readline()
        self.count = 1 if self.failed else max(1, int(TURN_SECONDS / min(self.ask(SETTLE_RUNS + 1))))
        self.stop()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def ask(self, count: int) -> list[float]:
        self.process.stdin.write(f"run {count}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.failed = not line
        return json.loads(line)["seconds"] if line else [math.inf]

    def turn(self) -> None:
        if self.failed:
            return
        self.process.send_signal(signal.SIGCONT)
        self.seconds += self.ask(SETTLE_RUNS + self.count)[SETTLE_RUNS:]
        self.stop()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()

    def median_ms(self) -> float:
        return math.nan if self.failed or not self.seconds else 1000 * statistics.median(self.seconds)


def measure(sized: models.Sized, settings: list[Setting], rounds: int, threads: int) -> dict[str, float]:
    """Median milliseconds by setting; NaN where an engine failed."""
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.npz"
        np.savez(inputs, **sized.inputs)
        peers = {setting.name: Peer(setting, sized, inputs, threads) for setting in settings}
        try:
            for _ in range(rounds):
                for peer in peers.values():
                    peer.turn()
            return {name: peer.median_ms() for name, peer in peers.items()}
        finally:
            for peer in peers.values():
                peer.close()


def geometric_mean(ratios: list[float]) -> float:
    known = [ratio for ratio in ratios if math.isfinite(ratio)]
    return math.exp(statistics.fmean(map(math.log, known))) if known else math.nan


RATIOS = (("tilewright", "onnxruntime"), ("tilewright", "openvino"), ("tilewright", "fixed"))


def ratio(row: dict[str, float], pair: tuple[str, str]) -> float:
    return row.get(pair[0], math.nan) / row.get(pair[1], math.nan)


def table(rows: dict[tuple[str, str], dict[str, float]]) -> str:
    """Markdown: median ms per model and size, ratios beside them, geometric means below."""
    names = list(next(iter(rows.values())))
    heads = ["model", "size", *(f"{name} ms" for name in names), *(f"{a} / {b}" for a, b in RATIOS)]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for (model, size), row in rows.items():
        cells = [f"{row[name]:.2f}" for name in names] + [f"{ratio(row, pair):.2f}" for pair in RATIOS]
        lines.append(f"| {model} | {size} | " + " | ".join(cells).replace("nan", "–") + " |")
    means = [f"{geometric_mean([ratio(row, pair) for row in rows.values()]):.2f}" for pair in RATIOS]
    lines.append("| **geometric mean** |" + " |" * (len(names) + 1) + " " + " | ".join(f"**{mean}**" for mean in means) + " |")
    return "\n".join(lines)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    everything = [*models.OCR, *models.LIGHT]
    parser.add_argument("--model", action="append", choices=everything, help="default: all")
    parser.add_argument("--engine", action="append", choices=[setting.name for setting in SETTINGS], help="default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="write no result file")
    options = parser.parse_args()
    options.model = options.model or everything
    return options


def main() -> None:
    options = parse_arguments()
    settings = [setting for setting in SETTINGS if not options.engine or setting.name in options.engine]
    rows, start = {}, time.monotonic()
    for name in options.model:
        for sized in models.sized(name):
            rows[name, sized.size] = measure(sized, settings, options.rounds, options.threads)
            print(f"{time.monotonic() - start:5.0f} s  {name} {sized.size}: {rows[name, sized.size]}", file=sys.stderr)
    text = table(rows)
    print(text)
    if not options.dry:
        about = (f"{options.threads} threads, {options.rounds} rounds, medians. The engines take turns in one run, each in a "
                 "pinned process that is stopped while another runs. tilewright: symbolic dims; fixed: compiled for the size; "
                 "openvino: fixed shapes.")
        print(write_result("latency", f"{about}\n\n{text}"))


if __name__ == "__main__":
    main()

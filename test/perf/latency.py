#!/usr/bin/env python3
"""Latency of the nine light nets and the three OCR models, two sizes each, against onnxruntime and OpenVINO.

All engines take turns in one run: each has a process of its own, pinned to the same cores and stopped while another runs.
"tilewright" is compiled with symbolic dims, "fixed" for the one size.

    latency.py                                      all, 2 threads; writes results/DATE-latency.md
    latency.py --model ocr_rec --rounds 3 --dry     one model, nothing written
"""

import argparse
import math
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import models
from record import write_result
from tilewright import bench

ENGINES = {"tilewright": "tilewright", "fixed": "tilewright", "onnxruntime": "onnxruntime", "openvino": "openvino"}


def setting(name: str, sized: models.Sized) -> bench.Setting:
    """A column of the table."""
    return bench.Setting(name, ENGINES[name], {"dims": sized.dims} if name == "fixed" else {})


def measure(sized: models.Sized, names: list[str], rounds: int, threads: int) -> dict[str, float]:
    """Median milliseconds by column; NaN where an engine failed."""
    results = bench.measure(sized.model, sized.inputs, [setting(name, sized) for name in names], threads, rounds)
    for name, result in results.items():
        if result.error:
            print(f"{sized.name} {sized.size} {name}: {result.error}", file=sys.stderr)
    return {name: result.median_ms for name, result in results.items()}


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
    parser.add_argument("--engine", action="append", choices=ENGINES, help="default: all")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="write no result file")
    options = parser.parse_args()
    options.model = options.model or everything
    return options


def main() -> None:
    options = parse_arguments()
    names = options.engine or list(ENGINES)
    rows, start = {}, time.monotonic()
    for name in options.model:
        for sized in models.sized(name):
            rows[name, sized.size] = measure(sized, names, options.rounds, options.threads)
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

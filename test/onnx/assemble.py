#!/usr/bin/env python3
"""Assembles every kernel of the suite's tests, of the real models and of the exported transformers with NVIDIA's ptxas.

The PTX for sm_80 goes through ptxas for sm_80 and for sm_90a, the PTX for sm_90a through ptxas for sm_90a; equal kernels once.
A complaint is an error, a warning (C75xx among them: ptxas exits with 0), a spill or a stack. Exit code 1 if there is one.
Some spills are of ptxas's choice: it gives up registers so that another block fits a multiprocessor (48 in place of 80 to 95, for
threads by 256), and keeps in local memory what only the ends of a loop need. They are counted apart, and taken for such only if no
innermost loop touches local memory and nothing spills where ptxas may take all registers.

    assemble.py                 all, a table at the end
    assemble.py --filter conv   models whose name (GROUP/NAME, model/NAME, exported/NAME) holds "conv"
    assemble.py --update        write RESULTS-ptxas.md, too
"""

import argparse
import datetime
import hashlib
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "attention/exported")]

import models
import recipe
import report
import sass
import suite
from workers import run_isolated

TILEWRIGHT = HERE.parents[1] / "build/bin/tilewright"
ARCHITECTURES = {"ptx": ("sm_80", "sm_90a"), "ptx:sm_90a": ("sm_90a",)}  # by target


@dataclass
class Result:
    """What became of a model's kernels; kernels counts those that no other model had, by target and architecture."""

    kernels: Counter = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)  # spills that ptxas could do without
    refused: str = ""


Source = Callable[[Path], Path]  # the path of a model, which may have to be written into the folder given


def sources() -> Iterator[tuple[str, Source]]:
    yield from ((case.path, partial(stored, case)) for case in suite.cases() if case.group != "light")
    yield from ((f"model/{name}", partial(real, name)) for name in [*models.OCR, *models.LIGHT])
    yield from ((f"exported/{name}", partial(exported, name)) for name in recipe.manifest())


def stored(case: suite.Case, folder: Path) -> Path:
    return case.model


def real(name: str, folder: Path) -> Path:
    return models.sized(name)[0].model


def exported(name: str, folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(recipe.load(name).SerializeToString())
    return path


def modules(ptx: str) -> list[str]:
    """Those with kernels; what computes nothing has none."""
    return [text for text in re.split(r"^(?=\.version)", ptx, flags=re.MULTILINE)[1:] if ".entry" in text]


def is_new(module: str, architecture: str, seen: Path) -> bool:
    """Whether this is the first with these instructions, of all processes; an entry's name does not matter."""
    text = re.sub(r"//.*", "", module)
    for entry in re.findall(r"\.entry\s+([\w$]+)", text):
        text = text.replace(entry, "entry")
    try:
        (seen / hashlib.sha256(f"{architecture}\n{text}".encode()).hexdigest()).touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def assemble(seen: Path, task: tuple[str, Source]) -> Result:
    name, source = task
    result = Result()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        model = source(folder)
        for target, architectures in ARCHITECTURES.items():
            command = [TILEWRIGHT, "compile", model, "-o", folder / "k.ptx", "--target", target, "--quiet"]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                result.refused = (done.stderr.splitlines() or [f"exit code {done.returncode}"])[0]
                return result
            for module in modules((folder / "k.ptx").read_text()):
                for architecture in architectures:
                    if is_new(module, architecture, seen):
                        which = f"{target}, {architecture}"
                        result.kernels[which] += 1
                        said = [f"{which}: {line}" for line in said_of(module, architecture)]
                        (result.chosen if said and is_chosen(module, architecture) else result.complaints).extend(said)
    return result


def said_of(module: str, architecture: str) -> list[str]:
    try:
        _, said = sass.assemble(module, architecture)
    except subprocess.CalledProcessError as error:
        return (error.stdout + error.stderr).splitlines() or ["ptxas fails without a word"]
    entry = re.search(r"\.entry\s+([\w$]+)", module)[1]
    return [f"{entry}: {line.strip()}" for line in sass.complaints(said)]


def is_chosen(module: str, architecture: str) -> bool:
    """Whether what ptxas says of this is spills alone that it could do without, none of them in an innermost loop."""
    try:
        cubin, said = sass.assemble(module, architecture)
        free = re.sub(r"^(\.reqntid.*)$", r"\1\n.maxnreg 255", module, flags=re.MULTILINE)
        if ".maxnreg" not in free or sass.warnings(said) or sass.complaints(sass.assemble(free, architecture)[1]):
            return False
    except subprocess.CalledProcessError:
        return False
    return not any(sass.opcode(word) in sass.LOCAL_MEMORY for code in sass.instructions(cubin).values()
                   for loop in sass.innermost_loops(code, architecture) for word in code[loop.start : loop.stop])


def summary(results: dict[str, Result]) -> str:
    kernels = sum((result.kernels for result in results.values()), Counter())
    lines = ["| target, assembled for | kernels |", "|---|---|"]
    lines += [f"| {which} | {count} |" for which, count in sorted(kernels.items())]
    compiled = [result for result in results.values() if not result.refused]
    complaints = [line for result in compiled for line in result.complaints]
    chosen = sum(len(result.chosen) for result in compiled)
    return "\n".join([*lines, "", f"{len(compiled)} of {len(results)} models compile; {len(complaints)} complaints; "
                                   f"{chosen} kernels spill of ptxas's choice"])


def chosen_table(results: dict[str, Result]) -> str:
    lines = [f"| {name} | {line.replace(': ', ' | ', 1)} |" for name, result in results.items() for line in result.chosen]
    return "\n".join(["", "| model | target, assembled for | kernel and what is spilled |", "|---|---|---|", *lines, ""]) if lines else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--filter", default="")
    parser.add_argument("--sample", type=int, default=1, metavar="N", help="every Nth model only")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    if not sass.ptxas():
        sys.exit("expected ptxas on PATH or the PyPI package nvidia-cuda-nvcc, found neither")
    tasks = [task for task in sources() if options.filter in task[0]][::options.sample]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as seen:
        ended = run_isolated(partial(assemble, Path(seen)), tasks, options.jobs, 1800, lambda why: Result(complaints=[why]))
        results = {name: result for (name, _), result in ended}
    for name, result in results.items():
        for line in result.complaints:
            print(f"{name}: {line}")
        for line in result.chosen:
            print(f"{name}: {line} (ptxas's choice)")
    print(summary(results))
    print(f"{time.perf_counter() - start:.0f} s with {options.jobs} workers")
    if options.update:
        (HERE / "RESULTS-ptxas.md").write_text(f"""# Every kernel through ptxas

{datetime.date.today()}, {version()}; command: `.venv/bin/python test/onnx/assemble.py --update`.
Models: the ONNX suite's, PP-OCRv4, the nine light nets with symbolic batch, transformers as torch exports them.
A complaint is an error, a warning (C75xx too), a spill or a stack of local memory. Spills of ptxas's choice, below, are outside of
innermost loops, and gone where it may take all registers (`.maxnreg 255`): it takes fewer for the sake of a block more at a time.

{summary(results)}
{chosen_table(results)}""")
    return bool(any(result.complaints for result in results.values()))


def version() -> str:
    said = subprocess.run([sass.ptxas(), "--version"], capture_output=True, text=True, check=True).stdout
    return "ptxas " + re.search(r"V([\d.]+)", said)[1]


if __name__ == "__main__":
    sys.exit(main())

"""Packs a bundle; tools/gpu-bundle calls it."""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime

import tilewright as tw
from bundle.cases import Case, all_cases

LIMIT = 60 << 20
HERE = Path(__file__).parent
EMULATOR = HERE.parents[1] / "build/lib/libtilewright-emulator.so"


def expected(case: Case) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(case.model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, case.inputs)


def pack(case: Case, folder: Path, target: str) -> dict:
    """Writes what the case needs; what run.py must know of it."""
    folder.mkdir(parents=True)
    tw.compile(case.model, target=target, device="auto" if target.startswith("cpu") else None).save(folder / "model.so")
    for i, array in enumerate(case.inputs.values()):
        np.save(folder / f"input{i}.npy", array)
    outputs = expected(case)
    for i, array in enumerate(outputs):
        np.save(folder / f"output{i}.npy", array)
    return {"name": case.name, "inputs": list(case.inputs), "outputs": len(outputs), "torch": case.torch, "rtol": case.rtol,
            "atol": case.atol, "small": case.small, "flops": case.flops}


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gpu-bundle", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="a folder that is not there yet")
    parser.add_argument("--target", default="cpu,ptx", help="of the compilations (default: %(default)s)")
    parser.add_argument("--only", default="", metavar="NAME,...", help="these cases (default: all)")
    parser.add_argument("--dry-run", action="store_true", help="then run the small cases through the emulator")
    options = parser.parse_args()
    if options.output.exists():
        parser.error(f"{options.output} is there already")
    return options


def chosen_cases(only: str) -> list[Case]:
    cases = all_cases()
    names = set(only.split(",")) if only else {case.name for case in cases}
    if unknown := names - {case.name for case in cases}:
        sys.exit(f"error: --only: expected cases of {[case.name for case in cases]}, found {sorted(unknown)}")
    return [case for case in cases if case.name in names]


def main() -> int:
    options = parse_arguments()
    cases = chosen_cases(options.only)
    packed = []
    for case in cases:
        print(f"{case.name} ...", flush=True)
        packed.append(pack(case, options.output / "cases" / case.name, options.target))
    about = {"compiler": tw.__version__, "target": options.target, "cases": packed}
    (options.output / "bundle.json").write_text(json.dumps(about, indent=1))
    shutil.copy(HERE / "run.py", options.output)
    shutil.copy(EMULATOR, options.output)
    size = size_of(options.output)
    print(f"{options.output}: {size / 1e6:.1f} MB; on the machine with the GPU: python {options.output.name}/run.py")
    if size > LIMIT:
        sys.exit(f"error: expected at most {LIMIT / 1e6:.0f} MB; --only packs fewer cases")
    if options.dry_run:
        return subprocess.call([sys.executable, options.output / "run.py", "--device", "emulator"])
    return 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Checks every compiled model of this bundle on a GPU and times it against torch. Needs Python, numpy, a driver, and torch for
the times; nothing of Tilewright, whose runtime is inside the models.

    python run.py                     all cases on the GPU, results in results.json and results.md
    python run.py --device emulator   the small cases on the PTX emulator, for a machine without a GPU
"""

import argparse
import ctypes
import datetime
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROUNDS, COLD_BYTES = 30, 256 << 20


class Tensor(ctypes.Structure):
    """tw_tensor"""

    _fields_ = [("data", ctypes.c_void_p), ("dtype", ctypes.c_int32), ("rank", ctypes.c_int32),
                ("dims", ctypes.POINTER(ctypes.c_int64)), ("capacity", ctypes.c_int64), ("memory", ctypes.c_int32),
                ("reserved", ctypes.c_int32)]


class Options(ctypes.Structure):
    """tw_options"""

    _fields_ = [("threads", ctypes.c_int32), ("profile", ctypes.c_int32), ("device", ctypes.c_char_p),
                ("emulator", ctypes.c_char_p), ("cuda_graph", ctypes.c_int32), ("emulator_seed", ctypes.c_int32),
                ("reserved", ctypes.c_int32 * 4)]


DTYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11}
NAMES = {number: name for name, number in DTYPES.items()}
HOST, DEVICE = 0, 1


class Failure(Exception):
    """A case that did not do what it must."""


class Model:
    """A compiled model, through the C interface that its file exports."""

    def __init__(self, path: Path, device: str, graph: bool = False):
        self.library = ctypes.CDLL(str(path))
        for name in ("tw_model_device", "tw_context_error"):
            getattr(self.library, name).restype = ctypes.c_char_p
        options = Options(device=device.encode(), emulator=bytes(HERE / "libtilewright-emulator.so"), cuda_graph=graph)
        self.model, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        error = ctypes.create_string_buffer(2000)
        if self.library.tw_model_open(str(path).encode(), ctypes.byref(options), ctypes.byref(self.model), error, 2000):
            raise Failure(error.value.decode())
        if self.library.tw_context_create(self.model, ctypes.byref(self.context)):
            raise Failure("no memory")
        self.device = self.library.tw_model_device(self.model).decode()

    def close(self) -> None:
        self.library.tw_context_destroy(self.context)
        self.library.tw_model_close(self.model)

    def run(self, inputs, outputs) -> None:
        if self.library.tw_context_run(self.context, inputs, len(inputs), outputs, len(outputs)):
            raise Failure(self.library.tw_context_error(self.context).decode())


def describe(shape, dtype: str, address: int, memory: int) -> Tensor:
    dims = (ctypes.c_int64 * max(len(shape), 1))(*shape)
    return Tensor(address, DTYPES[dtype], len(shape), dims, 0, memory, 0)


def array_of(tensor: Tensor) -> np.ndarray:
    shape = tensor.dims[:tensor.rank]
    dtype = np.dtype(NAMES[tensor.dtype])
    size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
    return np.frombuffer(ctypes.string_at(tensor.data, size), dtype).reshape(shape)


def load(case: dict) -> tuple[list[np.ndarray], list[np.ndarray]]:
    folder = HERE / "cases" / case["name"]
    return ([np.load(folder / f"input{i}.npy") for i in range(len(case["inputs"]))],
            [np.load(folder / f"output{i}.npy") for i in range(case["outputs"])])


def check(case: dict, device: str) -> float:
    """The largest error in units of the tolerance; at most 1."""
    inputs, expected = load(case)
    model = Model(HERE / "cases" / case["name"] / "model.so", device)
    given = (Tensor * len(inputs))(*[describe(array.shape, array.dtype.name, array.ctypes.data, HOST) for array in inputs])
    found = (Tensor * len(expected))()
    try:
        model.run(given, found)
        errors = [error(array_of(tensor), array, case) for tensor, array in zip(found, expected)]
    finally:
        model.close()
    if max(errors) > 1:
        raise Failure(f"wrong: {max(errors):.1f} times the tolerance")
    return max(errors)


def error(found: np.ndarray, expected: np.ndarray, case: dict) -> float:
    if found.shape != expected.shape or found.dtype != expected.dtype:
        raise Failure(f"expected {expected.dtype}{list(expected.shape)}, found {found.dtype}{list(found.shape)}")
    found, expected = found.astype(np.float64), expected.astype(np.float64)
    ratio = np.abs(found - expected) / (case["atol"] + case["rtol"] * np.abs(expected))
    return float(ratio.max(initial=0)) if np.isfinite(found).all() else float("inf")


#===------------------------------------------------------------------------------------------------------------------------===
# Times
#===------------------------------------------------------------------------------------------------------------------------===

class Timer:
    """Runs of the host's clock around work that ends with a synchronisation, with the GPU's L2 as it is or emptied before."""

    def __init__(self, torch):
        self.torch = torch
        self.flush = torch.empty(COLD_BYTES, dtype=torch.uint8, device="cuda")

    def time(self, work, cold: bool) -> float:
        if cold:
            self.flush.zero_()
        self.torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        self.torch.cuda.synchronize()
        return time.perf_counter() - start

    def compare(self, works: dict) -> dict:
        """Median seconds of each, warm and cold, in interleaved rounds."""
        for work in works.values():
            for _ in range(3):
                work()
        found = {}
        for cold in (False, True):
            times = {name: [] for name in works}
            for _ in range(ROUNDS):
                for name, work in works.items():
                    times[name].append(self.time(work, cold))
            for name, list_ in times.items():
                found[f"{name}_{'cold' if cold else 'warm'}_us"] = statistics.median(list_) * 1e6
        return found


def measure(case: dict, torch, timer: Timer, graph: bool) -> dict:
    """Ours with inputs and outputs on the GPU, and torch's way to compute the same."""
    inputs, expected = load(case)
    tensors = dict(zip(case["inputs"], (torch.from_numpy(array).cuda() for array in inputs)))
    model = Model(HERE / "cases" / case["name"] / "model.so", "cuda", graph)
    given = (Tensor * len(inputs))(*[describe(array.shape, array.dtype.name, tensor.data_ptr(), DEVICE)
                                     for array, tensor in zip(inputs, tensors.values())])
    results = (Tensor * len(expected))(*[Tensor(memory=DEVICE) for _ in expected])

    def ours():
        for result in results:
            result.data = None
        model.run(given, results)

    works = {"tilewright": ours}
    if case["torch"]:
        names = {"torch": torch, "F": torch.nn.functional, **tensors}
        code = compile(case["torch"], case["name"], "eval")
        works["torch"] = lambda: eval(code, names)
    try:
        return timer.compare(works)
    finally:
        model.close()


#===------------------------------------------------------------------------------------------------------------------------===
# Results
#===------------------------------------------------------------------------------------------------------------------------===

def table(about: dict) -> str:
    lines = [f"# GPU bundle: {about['device']}", "", f"{about['date']}, target {about['target']}, compiler {about['compiler']}, "
             f"{about['torch']}. Medians of {ROUNDS} interleaved rounds, host's clock around a synchronised run.", "",
             "| case | error / tolerance | ours, warm (us) | torch, warm (us) | ratio | ours, cold | torch, cold | TFLOP/s |",
             "|---|---|---|---|---|---|---|---|"]
    for row in about["results"]:
        times = row.get("times", {})
        ours, theirs = times.get("tilewright_warm_us"), times.get("torch_warm_us")
        cells = [row["name"], row.get("failure") or f"{row['error']:.3f}", number(ours), number(theirs),
                 f"{ours / theirs:.2f}" if ours and theirs else "–", number(times.get("tilewright_cold_us")),
                 number(times.get("torch_cold_us")), f"{row['flops'] / ours / 1e6:.1f}" if ours and row["flops"] else "–"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def import_torch():
    try:
        import torch
        return torch if torch.cuda.is_available() else None
    except ImportError:
        return None


def run_case(case: dict, device: str, torch, timer, graph: bool) -> dict:
    row = {"name": case["name"], "flops": case["flops"]}
    start = time.perf_counter()
    try:
        row["error"] = check(case, device)
        if timer:
            row["times"] = measure(case, torch, timer, graph)
    except Failure as failure:
        row["failure"] = str(failure)
    row["seconds"] = time.perf_counter() - start
    print(f"{'FAIL' if 'failure' in row else 'ok  '} {row['name']}  {row.get('failure', '')}"
          f"{' '.join(f'{key} {value:.1f}' for key, value in row.get('times', {}).items())}", flush=True)
    return row


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda", choices=("cuda", "emulator", "cpu"))
    parser.add_argument("--only", default="", help="names of cases, with commas")
    parser.add_argument("--cuda-graph", action="store_true")
    options = parser.parse_args()
    about = json.loads((HERE / "bundle.json").read_text())
    torch = import_torch() if options.device == "cuda" else None
    timer = Timer(torch) if torch else None
    cases = [case for case in about.pop("cases")
             if (case["name"] in options.only.split(",") if options.only else options.device == "cuda" or case["small"])]
    about["results"] = [run_case(case, options.device, torch, timer, options.cuda_graph) for case in cases]
    about["date"] = datetime.date.today().isoformat()
    about["torch"] = f"torch {torch.__version__}" if torch else "no torch, no times"
    about["device"] = torch.cuda.get_device_name() if torch else options.device
    (HERE / "results.json").write_text(json.dumps(about, indent=1))
    (HERE / "results.md").write_text(table(about))
    failed = sum("failure" in row for row in about["results"])
    print(f"{len(cases) - failed} passed, {failed} failed; {HERE / 'results.md'}")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())

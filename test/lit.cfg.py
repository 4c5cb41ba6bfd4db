"""lit: every .mlir file and every command-line test (.test) below this folder. Run by tools/test."""

import os
import sys

import lit.formats

sys.path.insert(0, os.path.dirname(__file__))
import sass

config.name = "Tilewright"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "onnx", "e2e", "perf", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.tw_build, "test")

config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.tw_build, "bin"), config.llvm_tools, os.environ["PATH"]])
config.environment["PYTHONPATH"] = os.path.join(config.tw_build, "python_api")
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%source_root", os.path.dirname(config.test_source_root)))
config.substitutions.append(("%build_root", config.tw_build))


def cpu_flags():
    """What the CPU can do, as features: a test says `REQUIRES: avx512f`."""
    try:
        with open("/proc/cpuinfo") as info:
            return next(line for line in info if line.startswith("flags")).split(":")[1].split()
    except (OSError, StopIteration):
        return []


config.available_features.update(flag for flag in cpu_flags() if flag.startswith(("avx", "amx", "fma")))
if sass.ptxas():
    config.available_features.add("ptxas")
    config.environment["PATH"] += os.pathsep + os.path.dirname(sass.ptxas())

"""Builds the wheel: `pip wheel ./python_api`. The compiled module comes from CMake, built in build-release, or in the build
folder that TILEWRIGHT_BUILD names. It needs Debian's libMLIR and libLLVM 22 where it is installed."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).resolve().parents[1]


class CMakeBuild(build_ext):
    def build_extension(self, extension: Extension) -> None:
        build = ROOT / os.environ.get("TILEWRIGHT_BUILD", "build-release")
        if not (build / "build.ninja").exists():
            subprocess.check_call(["cmake", "--preset", "release", "-B", build, f"-DPython_EXECUTABLE={sys.executable}"], cwd=ROOT)
        subprocess.check_call(["ninja", "-C", build, "_core", "tilewright-emulator"])
        target = Path(self.get_ext_fullpath(extension.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(build / "python_api/tilewright" / target.name, target)
        shutil.copy(build / "lib/libtilewright-emulator.so", target.parent)


def version() -> str:
    return re.search(r"project\(tilewright VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]


setup(version=version(), ext_modules=[Extension("tilewright._core", [])], cmdclass={"build_ext": CMakeBuild})

"""assemble.py [--static-only] FILE.mlir...: compiles every function for PTX and assembles it for both architectures.

Exit code 1 for an error, for wgmma that ptxas serialises (C75xx: it says so and exits 0), and for registers spilled to memory.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

SPILL = re.compile(r"[1-9]\d* bytes spill")


def modules(path: str, options: list[str]) -> list[str]:
    """The PTX of every function, for sizes known while compiling and at run time."""
    command = ["tilewright-check", "--target=ptx", "--print-ptx", *options, path]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [part for part in re.split(r"(?m)^(?=// ---- )", text) if ".entry" in part]


def complaints(ptx: Path, architecture: str) -> list[str]:
    command = ["ptxas", "-v", f"-arch={architecture}", str(ptx), "-o", f"{ptx}.cubin"]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = (done.stdout + done.stderr).splitlines()
    bad = [line for line in lines if "error" in line or "C75" in line or SPILL.search(line)]
    return bad or (["ptxas fails without a word"] if done.returncode else [])


options = [word for word in sys.argv[1:] if word.startswith("--")]
failures = count = 0
with tempfile.TemporaryDirectory() as folder:
    for path in (word for word in sys.argv[1:] if word not in options):
        for module in modules(path, options):
            ptx = Path(folder) / "kernel.ptx"
            ptx.write_text(module)
            for architecture in ("sm_80", "sm_90a"):
                count += 1
                for line in complaints(ptx, architecture):
                    failures += 1
                    print(f"{Path(path).name}, {module.splitlines()[0]}, {architecture}: {line}")
print(f"{count} modules assembled, {failures} complaints")
sys.exit(1 if failures or not count else 0)

"""`make portable`: every notebook on machines that are not this one, as far as one machine can stand in for them.

    python -m tests.portable [setting ...]

The first settings take something from the processor or the libraries that the outputs were stored with, and
then every picture must come out byte for byte. The last two are other versions, each in an environment of its
own that is made as the README says. `last-bits` shakes the last bits of every elementary function at random:
no printed number may stand so near an edge that it turns over.
"""

import argparse
import os
import re
import subprocess
import sys
import time
import tomllib
import venv

import numpy as np

from press import ROOT

STORE = ROOT / "_build" / "portable"
KERNELS = ("Haswell", "Prescott") if np._core._multiarray_umath.__cpu_features__.get("SSE3") else ()

SHAKE = '''
import numpy as np

class _Shaken:
    """A function that is off by up to two units in the last place, save where its result is a whole number.

    What it is off by depends on the result alone, as on a real machine: the same input, the same output.
    """

    def __init__(self, function):
        self.function = function

    def __getattr__(self, name):
        return getattr(self.function, name)

    def __call__(self, *args, **options):
        result = np.asarray(self.function(*args, **options))
        if result.dtype.kind == "f":
            for block in np.nditer(
                result, ["external_loop", "buffered", "zerosize_ok"], ["readwrite"], buffersize=8192
            ):
                block[...] = _shaken(block)
        return result[()]

def _shaken(block):
    eps = np.finfo(block.dtype).eps
    bits = block.astype(float).view(np.uint64) * np.uint64(0x9E3779B97F4A7C15 + 2 * {seed})
    off = eps * ((bits >> np.uint64(32)).astype(float) / 2**30 - 2)
    return np.where(block == np.round(block), block, block * (1 + off).astype(block.dtype))

_names = "exp exp2 expm1 log log2 log10 log1p logaddexp logaddexp2 tanh sinh cosh sin cos power sqrt sum mean einsum"
for _name in _names.split():
    setattr(np, _name, _Shaken(getattr(np, _name)))
'''
UNLIKE_OURS = "axes.linewidth: 5\nfont.family: serif\nfont.size: 20\nlines.linewidth: 9\nfigure.dpi: 50\nsavefig.bbox: standard\nsvg.fonttype: none\naxes.formatter.use_locale: True\npath.sketch: 1, 100, 2\n"


def dispatched(*, above=""):
    """The features of this processor that NumPy would use, beyond its baseline; AVX-512 alone, if so asked."""
    umath = np._core._multiarray_umath
    found = [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]]
    return " ".join(name for name in found if not above or re.match(above, name))


def threads(number):
    return dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(number)
    )


def settings():
    """What each setting changes in the surroundings of the kernels."""
    yield (
        "no-avx512",
        {
            "NPY_DISABLE_CPU_FEATURES": dispatched(above="X86_V4|AVX512"),
            "ATEN_CPU_CAPABILITY": "avx2",
        },
    )
    yield (
        "no-dispatch",
        {
            "NPY_DISABLE_CPU_FEATURES": dispatched(),
            "ATEN_CPU_CAPABILITY": "default",
            "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA",
        },
    )
    yield from ((f"blas-{kernel.lower()}", {"OPENBLAS_CORETYPE": kernel}) for kernel in KERNELS)
    yield from ((f"threads-{number}", threads(number)) for number in (1, 4))
    yield "own-matplotlibrc", {"MATPLOTLIBRC": str(written("matplotlibrc", UNLIKE_OURS))}
    for seed in (1, 2, 3):
        startup = f"shaken-{seed}/profile_default/startup/00-shake.py"
        written(startup, SHAKE.format(seed=seed))
        yield f"last-bits-{seed}", {"IPYTHONDIR": str(STORE / f"shaken-{seed}")}
    yield "oldest", {}
    yield "newest", {}


def written(name, text):
    path = STORE / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def oldest():
    """The oldest versions that pyproject.toml admits, as constraints."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = project["dependencies"] + project["optional-dependencies"]["run"]
    return [requirement.replace(">=", "==") for requirement in named if ">=" in requirement]


def environment(name):
    """The Python of an environment made as the README says: the package, what its chapters need, nbval, pytest."""
    folder = STORE / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = written("oldest.txt", "\n".join(oldest())) if name == "oldest" else os.devnull
    if not python.exists():
        venv.create(folder, with_pip=True)
    install = ["-m", "pip", "install", "--quiet", "--upgrade", "--constraint", str(constraints)]
    asked = [".[run]", "nbval", "pytest", "pytest-xdist", "torch==2.13.0"]
    subprocess.run([python, *install, *asked], cwd=ROOT, check=True)
    return python


def run(name, change, workers):
    """Run every notebook under one setting; the last line that pytest prints, and whether all agreed."""
    other = name in ("oldest", "newest")
    python = environment(name) if other else sys.executable
    command = [
        str(python),
        "-m",
        "pytest",
        "--nbval",
        "book",
        "-q",
        "-p",
        "no:cacheprovider",
        "-rs",
    ]
    command += ["-n", str(workers), "--dist", "loadscope"]
    command += [] if other or "last-bits" in name else ["--same-bytes"]
    result = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **change}, capture_output=True, text=True
    )
    written(f"{name}.txt", result.stdout + result.stderr)
    lines = result.stdout.splitlines() or [result.stderr]
    kept = [line for line in lines if line.startswith(("FAILED", "ERROR", "SKIPPED"))]
    return result.returncode, [*kept, lines[-1].strip("= ")]


def main(arguments=None):
    known = dict(settings())
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("settings", nargs="*", choices=[[], *known], metavar="setting")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args(arguments)
    failed = 0
    for name in options.settings or known:
        start = time.perf_counter()
        code, lines = run(name, known[name], options.workers)
        failed += code != 0
        print(f"{name}: {lines[-1]}", *(f"  {line}" for line in lines[:-1]), sep="\n", flush=True)
        if code:
            print(f"  in full: _build/portable/{name}.txt ({time.perf_counter() - start:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

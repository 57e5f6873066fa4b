"""What is measured of each loss that PyTorch has: `make bench-losses` writes `book/speed.yml`.

Ours and PyTorch's are run in turn, so that what else the machine does falls on both alike.  With one
thread each it is the processor's time that counts, which other programs do not add to.
"""

import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
import yaml
from threadpoolctl import threadpool_limits

import lossbook
from press import BOOK

TABLE = BOOK / "speed.yml"
# How the environment of a process makes NumPy, PyTorch and the products of matrices do without.
SETTINGS = {
    "as it is": {},
    "without AVX-512": {
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "ATEN_CPU_CAPABILITY": "avx2",
        "OPENBLAS_CORETYPE": "Haswell",
    },
    "without AVX": {
        "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL AVX512_SPR",
        "ATEN_CPU_CAPABILITY": "default",
        "OPENBLAS_CORETYPE": "Prescott",
    },
}
MANY = 4_000_000
TINY = (32, 10)
rng = np.random.default_rng(0)


def normal(*shape):
    return rng.standard_normal(shape, dtype=np.float32)


def unit(*shape):
    return rng.random(shape, dtype=np.float32)


def signs(*shape):
    return np.where(unit(*shape) < 0.5, np.float32(-1), np.float32(1))


def classes(n, *shape):
    return rng.integers(n, size=shape)


def log_softmax(*shape):
    return lossbook.log_softmax(normal(*shape))


def distributions(*shape):
    return lossbook.softmax(normal(*shape))


def elements(size):
    """(loss, arrays, options, number of arrays with a gradient) of what goes element by element."""
    yield "binary_cross_entropy", lambda: [unit(*size), unit(*size)], {}, 1
    yield "binary_cross_entropy_with_logits", lambda: [normal(*size), unit(*size)], {}, 1
    for name in ["mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"]:
        yield name, lambda: [normal(*size), normal(*size)], {}, 1
    variances = lambda: [normal(*size), normal(*size), unit(*size) + 0.5]
    yield "gaussian_nll_loss", lambda: variances(), {}, 2
    counts = lambda: np.floor(4 * unit(*size))
    yield "poisson_nll_loss", lambda: [normal(*size), counts()], {}, 1
    yield "soft_margin_loss", lambda: [normal(*size), signs(*size)], {}, 1
    yield "hinge_embedding_loss", lambda: [unit(*size), signs(*size)], {}, 1
    yield "margin_ranking_loss", lambda: [normal(*size), normal(*size), signs(*size)], {}, 2


def embeddings(n, d):
    pair = lambda: [normal(n, d), normal(n, d)]
    yield "cosine_embedding_loss", lambda: [*pair(), signs(n)], {}, 2
    yield "triplet_margin_loss", lambda: [*pair(), normal(n, d)], {}, 3
    yield "triplet_margin_loss", lambda: [*pair(), normal(n, d)], {"swap": True}, 3
    yield "cosine_similarity", pair, {}, 2
    yield "pairwise_distance", pair, {}, 2


def scores(n, k):
    """Of what takes scores of classes."""
    yield "cross_entropy", lambda: [normal(n, k), classes(k, n)], {}, 1
    yield "cross_entropy", lambda: [normal(n, k), classes(k, n)], {"label_smoothing": 0.1}, 1
    yield "cross_entropy", lambda: [normal(n, k), distributions(n, k)], {}, 1


def margins(n, k):
    yield "multi_margin_loss", lambda: [normal(n, k), classes(k, n)], {}, 1


def labels(n, k):
    """Lists of three different classes that end at -1."""
    lists = np.full((n, k), -1)
    lists[:, :3] = (classes(k, n)[:, np.newaxis] + [0, 1, 2]) % k
    return lists


def workloads():
    """(what it is called, shape, loss, arrays, options, number of arrays with a gradient)."""

    def of(shape, cases):
        for name, arrays, options, learnt in cases:
            yield name, shape, arrays, options, learnt

    several = lambda n, k: [
        ("nll_loss", lambda: [log_softmax(n, k), classes(k, n)], {}, 1),
        ("kl_div", lambda: [log_softmax(n, k), distributions(n, k)], {"reduction": "batchmean"}, 1),
        ("multi_margin_loss", lambda: [normal(n, k), classes(k, n)], {}, 1),
        ("multilabel_margin_loss", lambda: [normal(n, k), labels(n, k)], {}, 1),
        ("multilabel_soft_margin_loss", lambda: [normal(n, k), signs(n, k) / 2 + 0.5], {}, 1),
    ]
    for n, k in [(65536, 10), (2048, 32000), (16, 50000)]:
        yield from of((n, k), list(scores(n, k))[:1])
    yield from of((1024, 1000), scores(1024, 1000))
    pixels = (8, 21, 256, 256)
    images = lambda: [normal(*pixels), classes(21, 8, 256, 256)]
    yield "cross_entropy", pixels, images, {}, 1
    for n, (rows, k) in enumerate(
        [(65536, 100), (4096, 1000), (16384, 100), (16384, 50), (65536, 50)]
    ):
        yield from of((rows, k), [several(rows, k)[n]])
    yield from of((MANY,), elements((MANY,)))
    yield from of((65536, 128), embeddings(65536, 128))
    for t, n, k, s in [(200, 16, 64, 30), (50, 64, 30, 10), (1000, 4, 5000, 100)]:
        yield "ctc_loss", (t, n, k, s), lambda x=(t, n, k, s): ctc(*x), {}, 1
    layer = lambda: [normal(2048, 256), normal(32000, 256) / 16, classes(32000, 2048)]
    yield "linear_cross_entropy", (2048, 256, 32000), layer, {}, 2
    yield from of(TINY, [*scores(*TINY), *several(*TINY), *elements(TINY), *embeddings(*TINY)])


def ctc(t, n, k, s):
    lengths = [np.full(n, t), np.full(n, s)]
    return [log_softmax(t, n, k), 1 + classes(k - 1, n, s), *lengths]


# --- the calls


def calls(name, arrays, options, learnt):
    """Ours and PyTorch's, the value and the value with its gradient."""
    loss, grad = getattr(lossbook, name), getattr(lossbook, f"{name}_grad")
    theirs = getattr(functional, name)
    tensors = [torch.from_numpy(x) for x in arrays]

    def forward():
        with torch.no_grad():
            theirs(*tensors, **options)

    def forward_and_backward():
        leaves = [x.detach().requires_grad_() for x in tensors[:learnt]]
        value = theirs(*leaves, *tensors[learnt:], **options)
        value.sum().backward()

    def both():
        loss(*arrays, **options)
        grad(*arrays, **options)

    yield "value", lambda: loss(*arrays, **options), forward
    yield "gradient", both, forward_and_backward


def in_turn(ours, theirs, clock, budget):
    """The times of two calls that are run in turn, for some seconds but at least 3 times."""
    repeat = 1 + int(0.002 / seconds(ours, clock, 1))
    times, start = ([], []), time.perf_counter()
    while len(times[0]) < 3 or time.perf_counter() - start < budget:
        for call, spent in zip((ours, theirs), times, strict=True):
            if repeat > 1:
                call()  # what the other one left in the caches is gone
            spent.append(seconds(call, clock, repeat))
    return times


def seconds(call, clock, repeat):
    before = clock()
    for _ in range(repeat):
        call()
    return (clock() - before) / repeat


def compared(ours, theirs, two_threads, budget=0.15):
    """Seconds of ours, and its ratios to theirs on one thread and on two."""
    torch.set_num_threads(1)
    ours(), theirs()
    mine, one = map(statistics.median, in_turn(ours, theirs, time.thread_time, budget))
    if not two_threads:
        return [mine, mine / one]
    torch.set_num_threads(2)
    theirs()
    # By the clock others are in the way: what counts is when they are least.
    by_clock, two = map(min, in_turn(ours, theirs, time.perf_counter, budget))
    return [mine, mine / one, by_clock / two]


def measured(only):
    """Yield what is measured, row by row: [ms, ratio to one thread, ratio to two]."""
    threadpool_limits(1, user_api="blas")
    for name, shape, draw, options, learnt in workloads():
        arrays = draw()
        soft = name == "cross_entropy" and arrays[0].shape == arrays[1].shape
        target = {"target": "probabilities"} if soft else {}
        row = {"loss": name, "shape": list(shape), "options": {**options, **target}}
        if only not in label(row):
            continue
        for kind, ours, theirs in calls(name, arrays, options, learnt):
            mine, *ratios = compared(ours, theirs, two_threads=shape != TINY)
            row[kind] = [float(f"{x:.3g}") for x in (1e3 * mine, *ratios)]
        yield row


def label(row):
    options = ", ".join(f"{name} {value}" for name, value in row["options"].items())
    return f"{row['loss']} {tuple(row['shape'])} {options}"


def in_settings(only):
    """What is measured in each setting, in a process of its own, shown as it comes."""
    for setting, environment in SETTINGS.items():
        print(f"\n{setting}: ms, and ratio to PyTorch on one thread and on two")
        command = [sys.executable, __file__, "--rows", only]
        env = {**os.environ, **environment}
        with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
            rows = []
            for line in process.stdout:
                rows.append(json.loads(line))
                print(f"{label(rows[-1]):64s}", rows[-1]["value"], rows[-1]["gradient"], flush=True)
        if process.returncode:
            raise SystemExit(process.returncode)
        yield {"setting": setting, **summary(rows), "rows": [stored(row) for row in rows]}


def summary(rows):
    """The geometric mean of the ratios to one thread, of large calls and of tiny ones."""
    kinds = {"large": [], "tiny": []}
    for row in rows:
        kinds["tiny" if tuple(row["shape"]) == TINY else "large"].extend(
            row[kind][1] for kind in ("value", "gradient")
        )
    return {kind: round(statistics.geometric_mean(x), 2) for kind, x in kinds.items() if x}


def stored(row):
    """A row without the ratios to two threads, which only a machine of one's own can measure."""
    return {**row, **{kind: row[kind][:2] for kind in ("value", "gradient")}}


def processor():
    found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.processor()


def main(only=""):
    versions = {"numpy": np.__version__, "torch": torch.__version__.split("+")[0]}
    table = {"processor": processor(), "python": platform.python_version(), **versions}
    table["settings"] = list(in_settings(only))
    if not only:
        text = yaml.safe_dump(table, sort_keys=False, default_flow_style=None, width=200)
        TABLE.write_text(f"# Written by `make bench-losses`.\n{text}", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rows"]:
        for row in measured(sys.argv[2]):
            print(json.dumps(row), flush=True)
    else:
        main(*sys.argv[1:])

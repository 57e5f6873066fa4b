"""Measure lossbook against PyTorch, SciPy and scikit-learn, side by side: `make bench`.

Every figure is a ratio of medians: ours and theirs are run in turn, one thread each, so that what
else the machine does falls on both alike.
"""

import os
import statistics
import subprocess
import sys
import time
import tracemalloc
import warnings
from functools import partial

import numpy as np
import scipy.special
import torch
import torch.nn.functional as functional
from sklearn.metrics import log_loss as sklearn_log_loss
from threadpoolctl import threadpool_limits

import lossbook

torch.set_num_threads(1)
threadpool_limits(1)
rng = np.random.default_rng(0)
MB = 1e6


def main():
    print(f"{'time':46s} {'ours':>10s} {'theirs':>10s} {'ratio':>7s} {'limit':>7s}")
    for what, ours, theirs, limit in workloads():
        row(what, *in_turn(ours, theirs), limit)
    print(f"\n{'memory beyond inputs and outputs':46s} {'MB':>10s} {'limit':>18s}")
    for what, call, results, limit in big_calls():
        over(f"{what:46s} {beyond(call, results):10.1f} {limit:18.0f}", beyond.last > limit)
    print(f"\n{'growth over three decades: time as a power of':46s} {'power':>10s} {'limit':>18s}")
    for what, call, sizes in growing():
        power = growth(call, sizes)
        over(f"{what:46s} {power:10.2f} {1.1:18.2f}", power > 1.1)
    return 0


# --- time


def in_turn(ours, theirs, budget=3.0):
    """The medians of two calls that are run in turn, for some seconds but at least 5 times."""
    ours(), theirs()
    times, start = ([], []), time.perf_counter()
    while len(times[0]) < 5 or time.perf_counter() - start < budget:
        for call, spent in zip((ours, theirs), times, strict=True):
            before = time.perf_counter()
            call()
            spent.append(time.perf_counter() - before)
    return [statistics.median(spent) for spent in times]


def row(what, ours, theirs, limit):
    shown = (
        f"{what:46s} {1e3 * ours:7.2f} ms {1e3 * theirs:7.2f} ms {ours / theirs:7.2f} {limit:7.2f}"
    )
    over(shown, ours / theirs > limit)


def over(shown, is_over):
    print(shown + ("  over" if is_over else ""), flush=True)


def normal(*shape):
    return rng.standard_normal(shape, dtype=np.float32)


def workloads():
    """(what, our call, the other's, the largest ratio allowed)."""
    for n, c, limit in [(1024, 1000, 1.3), (65536, 10, 1.0), (4096, 32000, 1.0)]:
        z, y = normal(n, c), rng.integers(c, size=n)
        yield from against_torch(f"cross-entropy ({n}, {c})", "cross_entropy", [z, y], limit)
        yield scipy_log_softmax(z, y)
    x, y, unit = normal(10**7), normal(10**7), rng.random(10**7, dtype=np.float32)
    name = "binary_cross_entropy_with_logits"
    yield from against_torch("BCE with logits, 1e7", name, [x, unit])
    yield from against_torch("squared error, 1e7", "mse_loss", [x, y])
    yield from against_torch("Huber, 1e7", "huber_loss", [x, y])
    log_q, p = lossbook.log_softmax(normal(4096, 1000)), lossbook.softmax(normal(4096, 1000))
    yield from against_torch("KL (4096, 1000)", "kl_div", [log_q, p], reduction="batchmean")
    yield scipy_kl(log_q, p)
    log_probs = lossbook.log_softmax(normal(200, 16, 64))
    targets = rng.integers(1, 64, size=(16, 30))
    lengths = [np.full(16, 200), np.full(16, 30)]
    yield from against_torch(
        "CTC T200 N16 C64 S30", "ctc_loss", [log_probs, targets, *lengths], 1.9, 1.6
    )
    a, b, c = (normal(65536, 128) for _ in range(3))
    signs = rng.choice([-1.0, 1.0], size=65536).astype(np.float32)
    yield from against_torch(
        "cosine embedding (65536, 128)", "cosine_embedding_loss", [a, b, signs]
    )
    yield from against_torch("triplet (65536, 128)", "triplet_margin_loss", [a, b, c])
    for n, c in [(1024, 1000), (65536, 10), (4096, 32000)]:
        yield scikit_learn_log_loss(n, c)


def against_torch(what, name, arrays, limit=1.0, limit_with_gradient=1.0, **options):
    loss, grad = getattr(lossbook, name), getattr(lossbook, f"{name}_grad")
    theirs = getattr(functional, name)
    tensors = [torch.from_numpy(x) for x in arrays]

    def forward():
        with torch.no_grad():
            theirs(*tensors, **options)

    def forward_and_backward():
        leaf = tensors[0].detach().requires_grad_()
        theirs(leaf, *tensors[1:], **options).backward()

    yield f"{what} against PyTorch", lambda: loss(*arrays, **options), forward, limit
    yield (
        f"{what}, with gradient",
        lambda: (loss(*arrays, **options), grad(*arrays, **options)),
        forward_and_backward,
        limit_with_gradient,
    )


def scipy_log_softmax(z, y):
    def theirs():
        return -scipy.special.log_softmax(z, axis=1)[np.arange(len(y)), y].mean()

    return (
        f"cross-entropy {z.shape} against SciPy",
        lambda: lossbook.cross_entropy(z, y),
        theirs,
        1.0,
    )


def scipy_kl(log_q, p):
    def theirs():
        return scipy.special.rel_entr(p, np.exp(log_q)).sum() / len(p)

    def ours():
        return lossbook.kl_div(log_q, p, reduction="batchmean")

    return f"KL {p.shape} against SciPy", ours, theirs, 1.0


def scikit_learn_log_loss(n, c):
    p, y = lossbook.softmax(normal(n, c)), rng.integers(c, size=n)
    labels = np.arange(c)

    def theirs():
        with warnings.catch_warnings(action="ignore"):
            return sklearn_log_loss(y, p, labels=labels)

    def ours():
        return lossbook.log_loss(y, p, labels=labels)

    return f"log loss ({n}, {c}) against scikit-learn", ours, theirs, 1.0


# --- memory


def beyond(call, results):
    """The megabytes that a call takes at its peak beyond its results."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    beyond.last = (peak - results) / MB
    return beyond.last


def big_calls():
    """(what, call, bytes of its results, the most megabytes beyond them)."""
    z, y = normal(4096, 32000), rng.integers(32000, size=4096)
    yield "cross-entropy (4096, 32000)", lambda: lossbook.cross_entropy(z, y), 0, 8
    yield "its gradient", lambda: lossbook.cross_entropy_grad(z, y), z.nbytes, 8
    x, t = normal(10**7), rng.random(10**7, dtype=np.float32)
    for name in ["binary_cross_entropy_with_logits", "mse_loss", "huber_loss", "soft_margin_loss"]:
        labels = np.where(t > 0.5, np.float32(1), np.float32(-1)) if "margin" in name else t
        loss, grad = getattr(lossbook, name), getattr(lossbook, f"{name}_grad")
        yield f"{name}, 1e7", partial(loss, x, labels), 0, 8
        yield "its gradient", partial(grad, x, labels), x.nbytes, 8
    p = lossbook.softmax(normal(4096, 1000))
    log_p = np.log(p)
    yield "KL (4096, 1000)", lambda: lossbook.kl_div(log_p, p), 0, 8
    yield "its gradient", lambda: lossbook.kl_div_grad(log_p, p), p.nbytes, 8
    a, b, c = (normal(65536, 128) for _ in range(3))
    yield "triplet (65536, 128)", lambda: lossbook.triplet_margin_loss(a, b, c), 0, 8
    yield "its gradient", lambda: lossbook.triplet_margin_loss_grad(a, b, c), 3 * a.nbytes, 8
    log_probs, targets = lossbook.log_softmax(normal(200, 16, 64)), rng.integers(1, 64, (16, 30))
    ctc = [log_probs, targets, np.full(16, 200), np.full(16, 30)]
    lattice = 201 * 16 * 61 * 4 / MB
    yield "CTC T200 N16 C64 S30", lambda: lossbook.ctc_loss(*ctc), 0, lattice
    yield "its gradient", lambda: lossbook.ctc_loss_grad(*ctc), log_probs.nbytes, 1.2 * lattice
    hidden, weight, classes = (
        normal(4096, 256),
        normal(128000, 256),
        rng.integers(128000, size=4096),
    )
    results = hidden.nbytes + weight.nbytes
    linear = [hidden, weight, classes]
    yield "linear cross-entropy, C = 128000", lambda: lossbook.linear_cross_entropy(*linear), 0, 64
    yield "its gradient", lambda: lossbook.linear_cross_entropy_grad(*linear), results, 64


# --- growth


def growing():
    """(what, a function of the size that returns a call, the sizes)."""

    def by_samples(n):
        z, y = normal(n, 100), rng.integers(100, size=n)
        return lambda: (lossbook.cross_entropy(z, y), lossbook.cross_entropy_grad(z, y))

    def by_classes(c):
        z, y = normal(100, c), rng.integers(c, size=100)
        return lambda: (lossbook.cross_entropy(z, y), lossbook.cross_entropy_grad(z, y))

    def by_elements(n):
        x, y = normal(n), normal(n)
        return lambda: (lossbook.huber_loss(x, y), lossbook.huber_loss_grad(x, y))

    yield "N, cross-entropy (N, 100)", by_samples, [10**3, 10**4, 10**5, 10**6]
    yield "C, cross-entropy (100, C)", by_classes, [10**3, 10**4, 10**5, 10**6]
    yield "N, Huber (N,)", by_elements, [10**4, 10**5, 10**6, 10**7]


def growth(call_of, sizes):
    """The power of the size by which the time grows, fitted over all sizes."""
    times = [median_of(call_of(size)) for size in sizes]
    return np.polyfit(np.log(sizes), np.log(times), 1)[0]


def median_of(call):
    call()
    times = []
    while len(times) < 5 or sum(times) < 0.5:
        before = time.perf_counter()
        call()
        times.append(time.perf_counter() - before)
    return statistics.median(times)


# --- import


def time_import():
    # as everyone runs Python: with what it compiled the last time
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

    def importing(name):
        command = [sys.executable, "-c", f"import {name}"]
        return lambda: subprocess.run(command, check=True, env=environment)

    return in_turn(importing("lossbook"), importing("numpy"), budget=5)


if __name__ == "__main__":
    row("import lossbook against import numpy", *time_import(), 1.3)
    sys.exit(main())

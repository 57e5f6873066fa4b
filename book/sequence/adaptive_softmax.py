"""What the symbols of the equations of `adaptive_softmax.md` stand for."""

import numpy as np
from scipy.special import softmax

import lossbook
from lossbook_extensions.draws import named
from press.bindings import equation

SOFTMAX, ELL = r"\operatorname{softmax}", r"\ell(h, y)"
ADAPTIVE = "lossbook.adaptive.adaptive_"


# --- cost


@equation("eq-full-softmax-cost", "numpy.ndarray.size")
def _(rng):
    K, D = (int(n) for n in rng.integers(1, 20, 2))
    return {"M_0": np.empty((K, D)).size, "K": K, "D": D}


def zipf(K):
    weights = np.arange(1, K + 1) ** -1.0
    return weights / weights.sum()


@equation("eq-zipf", "概率之和为 1 | probabilities that add up to 1")
def _(rng):
    K = int(rng.integers(2, 8))
    return {"p": zipf(K), "K": K, "k": int(rng.integers(1, K + 1))}


def edges(rng, clusters=3):
    """The cutoffs and the number of classes after them."""
    return np.cumsum(rng.integers(1, 4, int(rng.integers(1, clusters + 1)) + 1)).tolist()


@equation("eq-adaptive-share", "NumPy")
def _(rng):
    c = edges(rng)
    p = rng.dirichlet(np.ones(c[-1]))
    shares = np.array([part.sum() for part in np.split(p, c)[1:-1]])
    return {"c": np.array(c), "p": p, "f": shares, "j": int(rng.integers(1, len(c)))}


def counted(c, p, D, H):
    """The multiply-adds of every class in turn, averaged."""
    J, K = len(c) - 1, c[-1]
    each = np.full(K, float(D * (c[0] + J)))
    for j in range(J):
        each[c[j] : c[j + 1]] += np.empty((H[j], D)).size + np.empty((c[j + 1] - c[j], H[j])).size
    return p @ each


@equation("eq-adaptive-cost", "逐类计数 | a count for each class")
def _(rng):
    c = edges(rng)
    p, D, J = rng.dirichlet(np.ones(c[-1])), int(rng.integers(2, 9)), len(c) - 1
    H = rng.integers(1, 5, J)
    shares = np.array([part.sum() for part in np.split(p, c)[1:-1]])
    return {"M": counted(c, p, D, H), "D": D, "c": np.array(c), "J": J, "f": shares, "H": H}


@equation("eq-adaptive-hidden", "Python")
def _(rng):
    g, j, H = (int(n) for n in rng.integers([2, 1, 1], [5, 4, 9]))
    D = H * g**j - int(rng.integers(2))  # where one more or less makes a difference
    return {"H": np.array([D // g**i for i in (1, 2, 3)]), "D": D, "g": g, "j": j}


def one_cluster(rng):
    """Costs by the cutoff c = 1, .., K - 1, the shares beyond it, and the rest."""
    K, D, H = (int(n) for n in rng.integers([3, 2, 1], [9, 9, 5]))
    p = rng.dirichlet(np.ones(K))
    costs = np.array([counted([c, K], p, D, [H]) for c in range(1, K)])
    shares = np.array([p[c:].sum() for c in range(1, K)])
    return {"M": costs, "F": shares, "D": D, "H": H, "K": K}, p


@equation("eq-adaptive-one-cluster", "逐类计数 | a count for each class")
def _(rng):
    values, _ = one_cluster(rng)
    return values | {"c": int(rng.integers(1, values["K"]))}


@equation("eq-adaptive-step", "逐类计数 | a count for each class")
def _(rng):
    values, p = one_cluster(rng)
    return values | {"p": p, "c": int(rng.integers(2, values["K"]))}


# --- probabilities


def arrays(values):
    """Arrays of different lengths as one, of which an element is an array."""
    found = np.empty(len(values), object)
    found[:] = values
    return found


def layer(rng):
    """The arguments of a layer, and its logits."""
    c, D = edges(rng), int(rng.integers(2, 5))
    head = rng.normal(size=(c[0] + len(c) - 1, D))
    bias = rng.normal(size=len(head))
    tails = []
    for j in range(len(c) - 1):
        H = int(rng.integers(1, 4))
        tails.append((rng.normal(size=(H, D)), rng.normal(size=(c[j + 1] - c[j], H))))
    h = rng.normal(size=D)
    given = {"head_weight": head, "tail_weights": tails, "cutoffs": c[:-1], "head_bias": bias}
    return c, h, given, head @ h + bias, arrays([B @ (A @ h) for A, B in tails])


def one_class(rng, common=0.5):
    """A class as counted from 1, its cluster (any one for a common class), and the layer."""
    c, h, given, z, u = layer(rng)
    j = int(rng.integers(1, len(c)))
    low, high = (1, c[0]) if rng.random() < common else (c[j - 1] + 1, c[j])
    y = int(rng.choice([low, high, rng.integers(low, high + 1)]))
    return {"y": y, "j": j, "c": np.array(c), "z": z, "u": u, SOFTMAX: softmax}, h, given


def log_prob(h, given):
    return lossbook.adaptive_log_prob(h, **given)


@equation("eq-adaptive-product", ADAPTIVE + "log_prob")
@equation("eq-adaptive-bound", ADAPTIVE + "log_prob")
def _(rng):
    values, h, given = one_class(rng, common=0)
    return values | {"p": np.exp(log_prob(h, given))}


def beyond(position):
    """A class beyond cluster j would be in no case at all."""
    return [
        f"'c' nudged up at position {position}: ...若 }} c_j < y \\le [c]_{{j+1}} \\end{{case..."
    ]


@equation("eq-adaptive-log-prob", ADAPTIVE + "log_prob", accepted=beyond(194))
def _(rng):
    values, h, given = one_class(rng)
    return values | {"p": np.exp(log_prob(h, given))}


@equation(
    "eq-adaptive-log-softmax-with-loss",
    ADAPTIVE + "log_softmax_with_loss",
    accepted=beyond(198),
)
def _(rng):
    values, h, given = one_class(rng)
    return values | {ELL: lossbook.adaptive_log_softmax_with_loss(h, values["y"] - 1, **given)}


@equation(
    "eq-adaptive-sum",
    ADAPTIVE + "log_prob",
    # every softmax adds up to 1
    accepted=[
        f"'z' nudged {word} at position 348: ...orname{{softmax}}([z])_k = 1 \\end{{ali..."
        for word in ("up", "down")
    ],
)
def _(rng):
    c, h, given, z, u = layer(rng)
    p = np.exp(log_prob(h, given))
    sizes = {"K": c[-1], "J": len(c) - 1, "c": np.array(c)}
    return sizes | {"p": p, "z": z, "u": u, SOFTMAX: softmax}


@equation("eq-adaptive-predict", ADAPTIVE + "predict")
def _(rng):
    c, h, given, *_ = layer(rng)
    best = int(lossbook.adaptive_predict(h, **given)) + 1
    return {r"\hat{y}": best, "K": c[-1], "p": np.exp(log_prob(h, given))}


# --- gradients


def of_a_cluster(rng):
    """Everything that the gradient of a class of a cluster is made of."""
    values, h, given = one_class(rng, common=0)
    c, y, j = values["c"], values["y"], values["j"]
    A, B = given["tail_weights"][j - 1]
    W, b, u, o, t = given["head_weight"], given["head_bias"], B @ (A @ h), c[0] + j, y - c[j - 1]
    delta, epsilon = softmax(values["z"]), softmax(u)
    delta[o - 1] -= 1
    epsilon[t - 1] -= 1
    k, d, r, s = (int(rng.integers(n)) + 1 for n in (len(W), len(h), *reversed(B.shape)))
    symbols = {"h": h, "W": W, "b": b, "A": A, "B": B, "v": A @ h, "z": values["z"], "u": u}
    symbols |= {"D": len(h), "H": len(A), "n": len(W), "m": len(B), "o": o, "t": t}
    symbols |= {"k": k, "d": d, "r": r, "s": s, r"\delta": delta, r"\epsilon": epsilon}
    found = lossbook.adaptive_log_softmax_with_loss_grad(h, y - 1, **given)
    by_h, by_W, by_tails, by_b = found
    grads = {"h_d": by_h[d - 1], "W_{k,d}": by_W[k - 1, d - 1], "b_k": by_b[k - 1]}
    grads |= {"A_{r,d}": by_tails[j - 1][0][r - 1, d - 1]}
    grads |= {"B_{s,r}": by_tails[j - 1][1][s - 1, r - 1]}
    loss = lambda h, y: lossbook.adaptive_log_softmax_with_loss(h, int(y) - 1, **given)
    return symbols | {"y": y, r"\ell": loss}, grads


def gradient(symbols, by):
    def draw(rng):
        values, grads = of_a_cluster(rng)
        partial = {rf"\frac{{\partial {ELL}}}{{\partial {x}}}": grads[x] for x in by}
        return named(values, symbols) | partial

    return draw


@equation("eq-adaptive-layers", ADAPTIVE + "log_softmax_with_loss")
def _(rng):
    values, _ = of_a_cluster(rng)
    return named(values, "z W h b v A u B D H k r s")


@equation("eq-adaptive-slopes", "中心差分 | central differences")
def _(rng):
    values, _ = of_a_cluster(rng)
    symbols = named(values, "z u k o s t")
    for logits, slope, right in (("z", r"\delta", "o"), ("u", r"\epsilon", "t")):
        symbols[slope] = lossbook.cross_entropy_grad(values[logits], int(values[right]) - 1)
    return symbols | {SOFTMAX: softmax}


equation("eq-adaptive-head-grad", ADAPTIVE + "log_softmax_with_loss_grad")(
    gradient(r"\delta k h d", ["W_{k,d}", "b_k"])
)
equation("eq-adaptive-tail-grad", ADAPTIVE + "log_softmax_with_loss_grad")(
    gradient(r"\epsilon s r v m B h d", ["B_{s,r}", "A_{r,d}"])
)


@equation("eq-adaptive-log-softmax-with-loss-grad", "中心差分 | central differences")
def _(rng):
    values, _ = of_a_cluster(rng)
    return named(values, r"\ell h y d n m H W A B \delta \epsilon")

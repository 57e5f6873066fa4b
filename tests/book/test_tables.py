"""The tables of losses: the formulas and names that they take from the chapters and the calls."""

import pytest

from lossbook_extensions import loss_tables


@pytest.mark.parametrize(
    ("tex", "found"),
    [
        (r"\ell(z) = \max(0, z)", (r"\ell(z)", r"\max(0, z)")),
        (r"a = b = \frac{c}{d}", ("a", r"\frac{c}{d}")),
        (
            r"\begin{aligned} a &= b \\ &= \sum_{k=1}^{K} c_k \end{aligned}",
            ("a", r"\sum_{k=1}^{K} c_k"),
        ),
        (
            r"f = \begin{cases} 1 & \text{if } k = y \\ 0 & \text{else} \end{cases}",
            ("f", r"\begin{cases} 1 & \text{if } k = y \\ 0 & \text{else} \end{cases}"),
        ),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", ("", None)),
        (r"a = b, \qquad c = d", ("", None)),
    ],
)
def test_the_card_shows_the_ends_of_a_chain(tex, found):
    assert loss_tables.ends(tex) == (found[0], found[1] or tex)


def test_the_card_names_the_function_in_a_call():
    loss = {"calls": {"PyTorch": "F.nll_loss(F.log_softmax(z, dim=1), y)"}}
    loss["calls"]["Keras"] = "KLDivergence()(t, keras.ops.softmax(z))"
    loss["names"] = {"TensorFlow": "tf.nn.nce_loss"}
    assert loss_tables.name_in(loss, "PyTorch") == "F.nll_loss"
    assert loss_tables.name_in(loss, "Keras") == "keras.losses.KLDivergence"
    assert loss_tables.name_in(loss, "TensorFlow") == "tf.nn.nce_loss"
    assert loss_tables.name_in(loss, "optax") is None

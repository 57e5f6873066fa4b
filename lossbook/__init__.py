"""Loss functions, derived and coded: every function is one equation of the lossbook.

The functions of `lossbook.special` are found here too; the measures of distributions stay in
`lossbook.information`, where `cross_entropy` takes two distributions and not logits and targets.
"""

from lossbook import information, special
from lossbook.special import (
    log_sigmoid,
    log_softmax,
    logsumexp,
    sigmoid,
    softmax,
    softplus,
    xlogy,
)

__version__ = "0.1.0"

__all__ = [
    "information",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "sigmoid",
    "softmax",
    "softplus",
    "special",
    "xlogy",
]

"""Loss functions, derived and coded: every function is one equation of the lossbook.

Everything is found here but the measures of distributions, which stay in `lossbook.information`,
where `cross_entropy` takes two distributions and not logits and targets.
"""

from lossbook import classification, information, regression, special
from lossbook.classification import *
from lossbook.regression import *
from lossbook.special import *

__version__ = "0.1.0"

__all__ = [
    "classification",
    "information",
    "regression",
    "special",
    *classification.__all__,
    *regression.__all__,
    *special.__all__,
]

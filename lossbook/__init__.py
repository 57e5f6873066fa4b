"""Loss functions, derived and coded: every function is one equation of the lossbook.

Everything is found here but the measures of distributions, which stay in `lossbook.information`:
there `cross_entropy` takes two distributions, and `perplexity` one, not logits and targets.
"""

from lossbook import (
    adaptive,
    classification,
    ctc,
    information,
    margin,
    optimizers,
    regression,
    sampling,
    sequence,
    similarity,
    special,
    tensorflow_names,
)
from lossbook.adaptive import *
from lossbook.classification import *
from lossbook.ctc import *
from lossbook.margin import *
from lossbook.optimizers import *
from lossbook.regression import *
from lossbook.sampling import *
from lossbook.sequence import *
from lossbook.similarity import *
from lossbook.special import *
from lossbook.tensorflow_names import *

__version__ = "0.1.0"

__all__ = [
    "adaptive",
    "classification",
    "ctc",
    "information",
    "margin",
    "optimizers",
    "regression",
    "sampling",
    "sequence",
    "similarity",
    "special",
    "tensorflow_names",
    *adaptive.__all__,
    *classification.__all__,
    *ctc.__all__,
    *margin.__all__,
    *optimizers.__all__,
    *regression.__all__,
    *sampling.__all__,
    *sequence.__all__,
    *similarity.__all__,
    *special.__all__,
    *tensorflow_names.__all__,
]

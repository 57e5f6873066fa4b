"""What lossbook takes and returns, as a type checker sees it."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

# NumPy makes a scalar, no array, of what has no axes: a mean, a sum, the loss of one number.
ArrayOrScalar: TypeAlias = NDArray[Any] | np.floating[Any]
# What a loss, or its derivative, is of the arrays of one block (see `_blocks`).
Formula: TypeAlias = Callable[..., Any]
# One axis, several or all, as in SciPy's functions of these names.
Axis: TypeAlias = int | tuple[int, ...] | None

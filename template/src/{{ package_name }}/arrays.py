"""The two shapes that numbers come in."""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]
"""Model inputs, shape (rows, features); a missing value is NaN."""

Vector = npt.NDArray[np.float64]
"""One number for each row, shape (rows,)."""

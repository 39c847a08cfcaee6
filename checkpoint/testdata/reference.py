"""Makes reference.safetensors with safetensors 0.6.2 and numpy 2.4.6.

    python reference.py
"""

import numpy
import safetensors
from safetensors.numpy import save_file

assert (safetensors.__version__, numpy.__version__) == ("0.6.2", "2.4.6")

save_file(
    {
        "weight": numpy.array([[0, 1, 2], [3, 4, 0.5]], dtype=numpy.float32),
        "mean/x": numpy.array([1e-300, -0.1]),
        "seen": numpy.array([[-1, 2, 1 << 40]], dtype=numpy.int64),
        "rows": numpy.array([1 << 31], dtype=numpy.uint32),
        "scalar": numpy.array(2.5),
        "empty": numpy.zeros((0, 4), dtype=numpy.float32),
        "größe": numpy.array([-7], dtype=numpy.float32),
    },
    "reference.safetensors",
)

"""Writes golden.json: random numbers of JAX in its layout before 0.5. Needs jax (0.10.2 wrote the committed file)."""
import json
import pathlib

import jax
from jax import random

jax.config.update("jax_threefry_partitionable", False)

cases = []
for seed in (0, 228, 2**31 - 1):
    key = random.PRNGKey(seed)
    first, second = random.split(key)
    cases.append({
        "Seed": seed,
        "First": first.tolist(), "Second": second.tolist(),
        "Bits": [random.bits(key, (n,)).tolist() for n in (1, 2, 5, 8)],
        "Uniform": random.uniform(key, (7,)).tolist(),
        "Normal": random.normal(key, (201,)).tolist(),
        "Choice": [random.choice(key, n, (m,), replace=False).tolist() for n, m in ((1, 1), (100, 2), (2000, 9))],
    })
pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(cases) + "\n")

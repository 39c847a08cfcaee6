"""Correlated rows with two classes as a dataset of benchopt 1.10, for benchmarks whose own simulated dataset it cannot run."""
import numpy as np
from benchopt import BaseDataset
from benchopt.datasets import make_correlated_data


class Dataset(BaseDataset):
    name = "simulated"
    parameters = {"n_samples, n_features": [(1000, 300)], "rho": [0.6]}

    def get_data(self):
        X, y, _ = make_correlated_data(self.n_samples, self.n_features, rho=self.rho, random_state=0)
        return {"X": X, "y": np.where(y > 0, 1, -1)}

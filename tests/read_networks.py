"""What the readings of networks are tested on: small populations and data, and matrices that stand in for Hessians."""

import numpy as np
import torch

from course_utils.models.networks import Population


def population(networks=3, sizes=(5, 6, 4, 3), activation="tanh", seed=1):
    return Population(sizes, networks, activation=activation, bias_scale=0.3, dtype=torch.float64, seeds=seed)


def data(batch=20, features=5, classes=3, seed=0, networks=None):
    """Inputs and labels that all networks share, or some for each."""
    random = np.random.default_rng(seed)
    shape = (features, batch) if networks is None else (networks, features, batch)
    labels = random.integers(0, classes, shape[:-2] + shape[-1:])
    return torch.from_numpy(random.standard_normal(shape)), torch.from_numpy(labels)


def at(networks, vectors):
    """The networks that have these parameters."""
    copy = networks.subset([0] * len(vectors))
    copy.load_flat(vectors)
    return copy


class Matrices:
    """Symmetric matrices as an operator."""

    def __init__(self, matrices):
        self.matrices = torch.as_tensor(np.asarray(matrices))
        self.networks, self.parameters = self.matrices.shape[:2]
        self.dtype, self.device = self.matrices.dtype, self.matrices.device

    def times(self, vectors):
        return torch.einsum("eij,...ej->...ei", self.matrices, vectors)


def random_matrices(networks=3, size=40, seed=5):
    random = np.random.default_rng(seed)
    half = random.standard_normal((networks, size, size))
    return half + half.swapaxes(1, 2)

"""What curvlinops, hessian-eigenthings and PyHessian do with one network's Hessian: each function returns work to time.

A case is a plain network, its inputs (features, batch) and its labels (batch,).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

TOLERANCE, PRODUCTS, PROBES, STEPS = 1e-3, 90, 5, 50
Work = Callable[[], Any]


def curvlinops_operator(network: Any, inputs: Any, labels: Any) -> Any:
    """Return the Hessian as a linear operator; it is made outside of what is timed."""
    import curvlinops
    import torch

    data, loss = [(inputs.T.contiguous(), labels)], torch.nn.CrossEntropyLoss()
    return curvlinops.HessianLinearOperator(network, loss, list(network.parameters()), data, check_deterministic=False)


def curvlinops_eigenvalue(*case: Any) -> Work:
    from scipy.sparse.linalg import eigsh

    operator = curvlinops_operator(*case).to_scipy()
    return lambda: eigsh(operator, k=1, which="LA", tol=TOLERANCE, return_eigenvectors=False)[0]


def curvlinops_trace(*case: Any) -> Work:
    from curvlinops import hutchpp_trace

    operator = curvlinops_operator(*case)
    return lambda: float(hutchpp_trace(operator, num_matvecs=PRODUCTS))


def curvlinops_density(*case: Any) -> Work:
    from curvlinops import lanczos_approximate_spectrum

    operator = curvlinops_operator(*case)

    def work() -> float:
        grid, density = lanczos_approximate_spectrum(operator, STEPS, num_points=1024, num_repeats=PROBES)
        return float((grid * density).sum() / density.sum())

    return work


def eigenthings_operator(network: Any, inputs: Any, labels: Any) -> Any:
    """Return the Hessian as an operator; it is made outside of what is timed."""
    import torch
    from hessian_eigenthings import HessianOperator, supervised_loss

    loss = supervised_loss(torch.nn.functional.cross_entropy)
    return HessianOperator(network, [(inputs.T.contiguous(), labels)], loss)


def eigenthings_eigenvalue(*case: Any) -> Work:
    from hessian_eigenthings import lanczos

    operator = eigenthings_operator(*case)
    return lambda: float(lanczos(operator, k=1, which="LA", max_iter=30, seed=1).eigenvalues[0])


def eigenthings_trace(*case: Any) -> Work:
    from hessian_eigenthings import trace

    operator = eigenthings_operator(*case)
    return lambda: trace(operator, num_matvecs=PRODUCTS).estimate


def eigenthings_density(*case: Any) -> Work:
    from hessian_eigenthings import spectral_density

    operator = eigenthings_operator(*case)

    def work() -> float:
        found = spectral_density(operator, num_runs=PROBES, lanczos_steps=STEPS, num_grid_points=1024, seed=1)
        return float((found.raw_weights * found.raw_eigenvalues).sum(1).mean())

    return work


def pyhessian_operator(network: Any, inputs: Any, labels: Any) -> Any:
    """Return the Hessian, which holds the graph of one gradient; it is made anew for each result, as ours is."""
    import torch
    from pyhessian import hessian

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a leak, for it takes the gradient by backward
        network.zero_grad()
        return hessian(network, torch.nn.CrossEntropyLoss(), data=(inputs.T.contiguous(), labels), cuda=False)


def pyhessian_eigenvalue(*case: Any) -> Work:
    return lambda: pyhessian_operator(*case).eigenvalues(maxIter=300, tol=1e-5)[0][0]


def pyhessian_trace(*case: Any) -> Work:
    import numpy as np

    return lambda: float(np.mean(pyhessian_operator(*case).trace(maxIter=PRODUCTS, tol=0.0)))


def pyhessian_density(*case: Any) -> Work:
    import numpy as np

    def work() -> float:
        nodes, weights = pyhessian_operator(*case).density(iter=STEPS, n_v=PROBES)
        return float((np.array(nodes) * np.array(weights)).sum(1).mean())

    return work


# The order of these is that of the works of each peer.
EIGENVALUE, TRACE, DENSITY = range(3)
PEERS = {
    "curvlinops": (curvlinops_eigenvalue, curvlinops_trace, curvlinops_density),
    "hessian-eigenthings": (eigenthings_eigenvalue, eigenthings_trace, eigenthings_density),
    "pyhessian": (pyhessian_eigenvalue, pyhessian_trace, pyhessian_density),
}

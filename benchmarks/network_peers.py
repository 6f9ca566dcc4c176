"""How the peers train the networks of `networks`: scikit-learn, ``torch.func.vmap`` and JAX."""

from __future__ import annotations

import warnings
from typing import Any

from harness import Measure, cpu

SIZES, NETWORKS, RATE, MOMENTUM = (40, 100, 10), 128, 0.05, 0.9
MICRO = 1e-6


def sklearned(inputs: Any, labels: Any, epochs: int = 10) -> Measure:
    """Let scikit-learn fit one network to ten batches, for some epochs."""
    from sklearn.neural_network import MLPClassifier

    x, y = inputs[:10].movedim(1, 2).flatten(0, 1).numpy(), labels[:10].flatten().numpy()
    network = MLPClassifier(
        SIZES[1:-1], solver="sgd", batch_size=inputs.shape[2], max_iter=epochs, tol=0.0, n_iter_no_change=10**6,
        learning_rate_init=RATE, momentum=MOMENTUM, nesterovs_momentum=False, alpha=0.0,
    )  # fmt: skip

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # not converged, and not meant to be
            network.fit(x, y)

    return cpu(work, per=10 * epochs * MICRO)


def vmapped(inputs: Any, labels: Any, steps: int) -> Measure:
    """Let ``torch.func`` make one function for all networks out of one for each, and take its gradient."""
    import torch
    from torch.func import functional_call, grad, stack_module_state, vmap
    from torch.nn.functional import cross_entropy

    from course_utils.models.networks import Population

    start = Population(SIZES, NETWORKS, seeds=1)
    networks = [start.network(k) for k in range(NETWORKS)]
    parameters = {name: value.detach() for name, value in stack_module_state(networks)[0].items()}

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        return cross_entropy(functional_call(networks[0], parameters, (x,)), y)

    gradient, rows = vmap(grad(loss)), inputs.transpose(1, 2).contiguous()
    values = list(parameters.values())
    velocities = [torch.zeros_like(value) for value in values]

    def work() -> None:
        for _ in range(steps):
            found = gradient(parameters, rows, labels)
            torch._foreach_mul_(velocities, MOMENTUM)
            torch._foreach_add_(velocities, [found[name] for name in parameters])
            torch._foreach_add_(values, velocities, alpha=-RATE)

    return cpu(work, per=NETWORKS * steps * MICRO)


def jaxed(inputs: Any, labels: Any, steps: int) -> Measure:
    """Put all steps into one compiled scan; compiling is not counted."""
    import jax
    import jax.numpy as jnp

    from course_utils.models.networks import Population

    start = Population(SIZES, NETWORKS, seeds=1)
    weights = [jnp.asarray(weight.detach().transpose(1, 2).numpy()) for weight in start.weights]
    parameters = [(weight, jnp.zeros((NETWORKS, weight.shape[2]))) for weight in weights]
    x, y = jnp.asarray(inputs.transpose(1, 2).contiguous().numpy()), jnp.asarray(labels.numpy())

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        for layer, (weight, bias) in enumerate(parameters):
            x = x @ weight + bias
            x = jax.nn.relu(x) if layer < len(parameters) - 1 else x
        return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], 1).mean()

    gradient = jax.vmap(jax.grad(loss))

    @jax.jit
    def train(parameters: Any, velocities: Any) -> Any:
        def step(state: Any, _: None) -> Any:
            parameters, velocities = state
            found = gradient(parameters, x, y)
            velocities = jax.tree.map(lambda v, g: MOMENTUM * v + g, velocities, found)
            return (jax.tree.map(lambda p, v: p - RATE * v, parameters, velocities), velocities), None

        return jax.lax.scan(step, (parameters, velocities), None, length=steps)[0]

    still = jax.tree.map(jnp.zeros_like, parameters)
    return cpu(lambda: jax.block_until_ready(train(parameters, still)), per=NETWORKS * steps * MICRO)

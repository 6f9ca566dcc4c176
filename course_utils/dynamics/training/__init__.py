"""How populations of networks are trained: the loop, its optimisers and schedules, and what a training is made of."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["fast_sgd", "optimisers", "replicated_descent", "schedules"],
    submod_attrs={
        "loop": ["train"],
        "optimisers": ["SAM", "SGD", "Adam", "Langevin"],
        "replicated_descent": ["Replicated"],
    },
)

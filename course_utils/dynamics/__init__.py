"""How it moves: walkers in a landscape, spins that flip."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=["annealing", "escape", "fast_sgd", "langevin"])

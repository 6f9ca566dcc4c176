"""An ordinary training loop over one network, for each optimiser: what a population is compared with."""

import numpy as np
import torch

from course_utils.dynamics.training import draws
from course_utils.models.networks import Population
from course_utils.models.ragged import RaggedPopulation

SEEDS, SAMPLES, FEATURES, CLASSES, STEPS = [11, 12, 13], 24, 5, 4, 12
RATES = np.array([0.05, 0.1, 0.3])


def data():
    random = np.random.default_rng(0)
    inputs = torch.from_numpy(random.normal(size=(FEATURES, SAMPLES)))
    return inputs, torch.from_numpy(random.integers(0, CLASSES, SAMPLES))


def networks(kind="dense", activation="relu"):
    if kind == "dense":
        return Population((FEATURES, 7, 6, CLASSES), 3, activation=activation, dtype=torch.float64, seeds=SEEDS)
    return RaggedPopulation(FEATURES, [4, (6, 5), 4], CLASSES, activation=activation, dtype=torch.float64, seeds=SEEDS)


def each(value, k):
    return value[k] if isinstance(value, (list, np.ndarray)) else value


class Loop:
    """One network, trained as a textbook would; it takes the random numbers that belong to its seed."""

    def __init__(self, network, k, thermostat, loss, clip, factor):
        self.network, self.loss, self.clip, self.factor, self.seed = network, loss, clip, factor, SEEDS[k]
        self.knobs = {name: each(getattr(thermostat, name), k) for name in thermostat.__dataclass_fields__}
        self.parameters = list(network.parameters())
        self.hidden = [layer.out_features for layer in list(network)[:-1:2]]
        self.random = {purpose: draws.streams([self.seed], purpose) for purpose in draws.PURPOSES}
        self.inputs, self.labels = (one.T if one.dim() == 2 else one for one in data())
        rate = self.knobs["label_noise"]
        self.labels = torch.from_numpy(
            draws.wrong_labels(self.labels.numpy(), np.array([rate]), CLASSES, [self.seed])[0]
        )
        size = self.knobs["batch_size"]
        self.size = SAMPLES if size is None else int(size)
        replaced = np.array([self.knobs["with_replacement"]])
        self.batches = size and draws.Batches(SAMPLES, np.array([size]), replaced, [self.seed])
        self.masks = draws.Masks(np.array([self.knobs["dropout"]]), [[0]], [self.hidden], [self.seed])

    def normals(self, purpose):
        vector = torch.from_numpy(self.random[purpose][0].standard_normal(sum(p.numel() for p in self.parameters)))
        parts = vector.split([p.numel() for p in self.parameters])
        return [part.view_as(p) for part, p in zip(parts, self.parameters, strict=True)]

    def draw(self):
        which = torch.from_numpy(self.batches.next()[0]) if self.batches else torch.arange(SAMPLES)
        self.x, self.y = self.inputs[which], self.labels[which]
        if self.knobs["input_noise"]:
            kick = self.random["inputs"][0].standard_normal(FEATURES * self.size).reshape(FEATURES, -1)
            self.x = self.x + self.knobs["input_noise"] * torch.from_numpy(kick).T
        self.mask = self.knobs["dropout"] and [torch.from_numpy(m[0]).T for m in self.masks.draw([self.size], float)[0]]
        self.shake = self.knobs["weight_noise"] and self.normals("weights")

    def gradient(self, clip=True):
        with torch.no_grad():
            here = [p.clone() for p in self.parameters]
            for p, kick in zip(self.parameters, self.shake or [], strict=False):
                p.add_(kick * self.knobs["weight_noise"] * (p.dim() > 1))
        signal = self.x
        for layer, module in enumerate(self.network):
            signal = module(signal)
            if self.mask and layer % 2:
                signal = signal * self.mask[layer // 2]
        if self.loss == "mse":
            hot = torch.nn.functional.one_hot(self.y, CLASSES).double()
            loss = torch.nn.functional.mse_loss(signal, hot)
        else:
            loss = torch.nn.functional.cross_entropy(signal, self.y)
        self.network.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p, old in zip(self.parameters, here, strict=True):
                p.copy_(old)
        if clip and self.clip:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.clip)

    def run(self, step):
        """Return the parameters after each step of ``step(loop, number)``."""
        path = []
        for number in range(STEPS):
            self.draw()
            step(self, number)
            path.append(torch.nn.utils.parameters_to_vector(self.parameters).detach().numpy().copy())
        return np.array(path)


def by_torch(make):
    """Return a step of one of PyTorch's own optimisers."""

    def step(loop, number):
        if number == 0:
            loop.optimiser = make(loop)
        loop.gradient()
        for group in loop.optimiser.param_groups:
            group["lr"] = loop.knobs["learning_rate"] * loop.factor(number)
        loop.optimiser.step()

    return step


def options(loop, *names):
    found = {"momentum": loop.knobs["momentum"], "weight_decay": loop.knobs["weight_decay"]}
    return {"lr": loop.knobs["learning_rate"]} | {name: found[name] for name in names}


sgd = by_torch(lambda loop: torch.optim.SGD(loop.parameters, **options(loop, "momentum", "weight_decay")))
adam = by_torch(lambda loop: torch.optim.Adam(loop.parameters, **options(loop, "weight_decay")))
adamw = by_torch(lambda loop: torch.optim.AdamW(loop.parameters, **options(loop, "weight_decay")))


def sam(loop, number):
    """Climb to the edge of the ball, take the gradient there, and go down from where it began (radius 0.2)."""
    loop.gradient(clip=False)
    uphill = [p.grad.clone() for p in loop.parameters]
    norm = torch.cat([g.flatten() for g in uphill]).norm()
    here = [p.detach().clone() for p in loop.parameters]
    with torch.no_grad():
        for p, g in zip(loop.parameters, uphill, strict=True):
            p.add_(0.2 * g / (norm + 1e-12))
    loop.gradient()
    with torch.no_grad():
        for p, old in zip(loop.parameters, here, strict=True):
            p.copy_(old)
    if number == 0:
        loop.optimiser = torch.optim.SGD(loop.parameters, **options(loop, "momentum", "weight_decay"))
    loop.optimiser.step()


def heated(loop, number):
    """Plain descent and a kick."""
    loop.gradient()
    rate, heat, decay = (loop.knobs[name] for name in ("learning_rate", "temperature", "weight_decay"))
    with torch.no_grad():
        for p, kick in zip(loop.parameters, loop.normals("heat"), strict=True):
            p.add_(-rate * (p.grad + decay * p) + np.sqrt(2 * rate * heat) * kick)


def baoab(loop, number):
    """Half a kick, half a drift, friction and heat, half a drift, half a kick (friction 1.3)."""
    time, heat, decay = (loop.knobs[name] for name in ("learning_rate", "temperature", "weight_decay"))
    time = time * loop.factor(number)

    def force():
        loop.gradient()
        return [-(p.grad + decay * p.detach()) for p in loop.parameters]

    if number == 0:
        loop.v = [np.sqrt(heat) * kick for kick in loop.normals("heat")]
        loop.f = force()
    memory, kicks = np.exp(-1.3 * time), loop.normals("heat")
    with torch.no_grad():
        loop.v = [v + time / 2 * f for v, f in zip(loop.v, loop.f, strict=True)]
        for p, v in zip(loop.parameters, loop.v, strict=True):
            p.add_(time / 2 * v)
        loop.v = [memory * v + np.sqrt(heat * (1 - memory**2)) * xi for v, xi in zip(loop.v, kicks, strict=True)]
        for p, v in zip(loop.parameters, loop.v, strict=True):
            p.add_(time / 2 * v)
    loop.f = force()
    loop.v = [v + time / 2 * f for v, f in zip(loop.v, loop.f, strict=True)]

"""What the learner turns: panels of sliders over pure functions, and guesses made before the result is seen."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[
        "bundles",
        "checks",
        "controls",
        "dial",
        "panels",
        "predictions",
        "stills",
        "thermostat_panel",
        "words",
    ],
    submod_attrs={
        "dial": ["Knob"],
        "panels": ["Draw", "Panel", "panel"],
        "predictions": ["Prediction", "predict"],
        "thermostat_panel": ["thermostat"],
    },
)

"""The quiz of lesson 22: double descent, and tolerance."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "Why has the shortest linear fit a peak of the test error where the training error just reaches zero?",
        (
            Option("The model has too many weights.", False, "With more weights still, the error falls again."),
            Option(
                "There is exactly one fit there, and it follows every accident of the noise.",
                True,
                "Yes: no spare samples to average over, no spare weights to spread the noise over. (Exactly one holds "
                "for linear models; a network has many fits.)",
            ),
            Option(
                "The training has not converged there.",
                False,
                "In measure 1 there is no training: linear equations are solved exactly, and the peak is there.",
            ),
        ),
    ),
    Question(
        "A learner with tolerance ε = 0.25 and noise σ = 0.5 gets more samples, from load 0.9 to 1.1. Its test error…",
        (
            Option("rises", True, "Yes: the critical load is 1.171, and on the way to it more data hurts."),
            Option(
                "falls, as always with more data",
                False,
                "Not for a fit without regularisation: look at measure 4, left of the peak.",
            ),
            Option(
                "has its maximum in between, at load 1",
                False,
                "That is least squares. Tolerance shifts the peak, since samples inside the tube do not constrain.",
            ),
        ),
    ),
    Question(
        "Why may one call it a phase transition that all samples can, or cannot, be fitted within a tolerance?",
        (
            Option(
                "The share of sets that fit is steep in the tolerance.",
                False,
                "Steep at one size says little: stretch the axis and it is not.",
            ),
            Option(
                "The step gets steeper with size, like √N.",
                False,
                "Needed, but not enough: the scatter of any average falls like 1/√N, also of coin throws.",
            ),
            Option(
                "The step sharpens with size at the very place where the errors of an infinite system are singular.",
                True,
                "Yes: there the test error has a cusp, and the training error leaves zero, continuously.",
            ),
            Option(
                "The test error has a peak there.",
                False,
                "A peak alone is none: with a ridge it becomes a hump that no size sharpens.",
            ),
        ),
    ),
    Question(
        "You may choose: the best tolerance or the best ridge. Noise and teacher are as in measure 4. Which is better?",
        (
            Option("the tolerance: it ignores small noise", False, "It ignores small signal as well."),
            Option(
                "it depends on the load",
                False,
                "They come close at low and at high load, but in theory they never cross.",
            ),
            Option(
                "the ridge, at every load",
                True,
                "Yes: measured at load 1, better by about 7 per cent; in theory at all 38 loads that we asked for.",
            ),
        ),
    ),
)

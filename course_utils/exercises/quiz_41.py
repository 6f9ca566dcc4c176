"""The quiz of lesson 41: curvature."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "Two networks have equal largest eigenvalues; one has twice the trace. Small noise on all weights costs it…",
        (
            Option("the same", False, "Noise points in all directions; the stiffest is only one of them."),
            Option(
                "four times as much",
                False,
                "Four times would need noise twice as large; the trace counts once.",
            ),
            Option("twice as much", True, "Yes: half σ² times the trace, whatever the largest eigenvalue is."),
        ),
    ),
    Question(
        "Full-batch descent with squared error hovers at sharpness 2/η. You halve η and train on. The sharpness…",
        (
            Option(
                "rises towards twice its value",
                True,
                "Yes: the learning rate sets the edge, and training sharpens up to it.",
            ),
            Option("stays: it belongs to the minimum", False, "Measure 3: four learning rates, four sharpnesses."),
            Option(
                "falls, for small steps find flat valleys",
                False,
                "The other way round: small steps *permit* sharp valleys.",
            ),
        ),
    ),
    Question(
        "Why does a network at the edge not run off, as a bowl of the same Hessian does?",
        (
            Option(
                "Its learning rate falls when the loss rises.",
                False,
                "Nothing adapts it here: η is the same in every step.",
            ),
            Option(
                "Its curvature changes from place to place.",
                True,
                "Yes: beyond second order, swings push it to where the stiffest direction is softer.",
            ),
            Option("The noise of small batches saves it.", False, "There was none: every step used all data."),
            Option("Its sharpness is below 2/η.", False, "It hovers at or above it: the riddle."),
        ),
    ),
    Question(
        "A linear network with 32 weights has learning coefficient 6 at some minimum. This says…",
        (
            Option(
                "26 of its weights could be cut.",
                False,
                "26 is 32 − 6, but λ counts no weights: 2λ = 12 is a number of directions, and they mix the weights.",
            ),
            Option(
                "Near it, volume shrinks with the loss as if there were 12 quadratic directions.",
                True,
                "Yes: each quadratic direction counts one half.",
            ),
            Option(
                "Its Hessian has 6 eigenvalues above zero.",
                False,
                "No Hessian is asked: at A = B = 0, in measure 5, it is zero, and yet volume shrinks.",
            ),
        ),
    ),
)

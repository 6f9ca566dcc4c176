"""The quiz of lesson 31: spin glasses."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "You simulate many glasses. Their mean energy has been constant for a long time. Are they in equilibrium?",
        (
            Option(
                "Yes: when nothing changes any more, the simulation has arrived.",
                False,
                "Copies stuck in their first valleys show a constant energy, too.",
            ),
            Option(
                "No: a glass is by definition a system that never reaches its equilibrium.",
                False,
                "A finite one gets there, with the right method: measure 1 shows it arriving.",
            ),
            Option(
                "Perhaps: compare it with the energy that follows from the overlaps.",
                True,
                "Yes: after far too short a run one is too high and the other too low. If they agree, the run has "
                "passed an exact test (though no test sees everything).",
            ),
        ),
    ),
    Question(
        "You double the number of spins again and again. What becomes of the differences between cold glasses?",
        (
            Option(
                "They vanish in the energy; in the overlaps they stay.",
                True,
                "Yes, and the first is the reason for the second: where overlaps spread, a third of the spread must "
                "sit between glasses.",
            ),
            Option(
                "They vanish in the energy and in the overlaps, as in every large system.",
                False,
                "That is self-averaging; the overlaps do not have it.",
            ),
            Option(
                "They stay in both: each glass has its own couplings for ever.",
                False,
                "The variance of the energy falls several-fold from 32 to 128 spins, in measure 2.",
            ),
        ),
    ),
    Question(
        "How can one see, without any simulation, that the symmetric solution is wrong at low temperature?",
        (
            Option(
                "Its energy is lower than any that a simulation has ever found.",
                False,
                "It is a little too low, but one must know the right one to see it.",
            ),
            Option(
                "Its entropy is negative, and there is no less than one state.",
                True,
                "Yes: the logarithm of a number of states cannot be below zero.",
            ),
            Option(
                "It has only one number q, and copies cannot all be equally alike.",
                False,
                "That is no fault by itself: above T = 1 one number is right.",
            ),
        ),
    ),
    Question(
        "Steepest descent on an infinite 3-spin sphere tends to the threshold, above the lowest valley. Why?",
        (
            Option(
                "Below it there are no level points at all until the lowest valley is reached.",
                False,
                "There are exponentially many, nearly all of them valleys.",
            ),
            Option(
                "The steps are too large to get any further down; finer ones would reach the bottom.",
                False,
                "The law of the slow approach is that of infinitely fine steps: it creeps down to the threshold.",
            ),
            Option(
                "There the last ways down close: just below, nearly every level point is a valley.",
                True,
                "Yes: the lowest curvature touches zero at that height.",
            ),
        ),
    ),
)

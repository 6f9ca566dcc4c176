"""The quiz of lesson 51: dropout."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "Two nodes learn from a teacher with one, and the labels are noisy. Why does dropout help?",
        (
            Option(
                "It shakes the student out of bad minima.",
                False,
                "No bad minimum was met: without dropout the student learns more of the teacher, but more noise, too.",
            ),
            Option(
                "The nodes no longer learn the same noise, so part of it cancels.",
                True,
                "Yes: nodes that start equal share all their noise without dropout, and almost none with enough.",
            ),
            Option(
                "It removes weights that are not needed.",
                False,
                "No weight is removed: each is silent for a step, and back in the next.",
            ),
        ),
    ),
    Question(
        "The labels are clean, and the student has as many nodes as the teacher. Dropout…",
        (
            Option(
                "delays specialisation, and below a critical p prevents it",
                True,
                "Yes: each node has to be able to stand in for the other, so neither may specialise.",
            ),
            Option(
                "changes nothing, since there is no noise",
                False,
                "Silence is a noise of its own: a node must do the work of the one that is silent.",
            ),
            Option(
                "speeds learning up, since it is noise",
                False,
                "Look at measure 3: with a dropout of 0.1 the preference of the nodes grows more slowly.",
            ),
        ),
    ),
    Question(
        "A network trained with dropout keeps more of its skill when weights are binarised. What does that show?",
        (
            Option(
                "More dropout is always more robust.",
                False,
                "The gain has a maximum at moderate rates: with too much dropout nothing of it is left.",
            ),
            Option(
                "Dropout lowers the test error on clean labels.",
                False,
                "That is another question; here, on clean digits, moderate dropout changed it little.",
            ),
            Option(
                "More of what it knows is in the signs of the weights.",
                True,
                "Yes: binarising keeps the signs and levels the sizes. How it is spread over units was not measured.",
            ),
        ),
    ),
    Question(
        "A friend says: dropout is a temperature. Which measurement decides?",
        (
            Option(
                "Curvature times variance, mode by mode: equal in a heat bath",
                True,
                "Yes: equipartition. In our example the hottest mode is tens of times as hot as the coldest.",
            ),
            Option(
                "Whether the weights fluctuate at all",
                False,
                "They do, under any noise. A temperature is more: one number for all modes.",
            ),
            Option(
                "Whether the loss rises with more dropout, as it does when one heats a system",
                False,
                "It rises under any noise, and when training is short. That makes no temperature yet.",
            ),
        ),
    ),
)

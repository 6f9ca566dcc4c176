"""The quiz of lesson 32: many networks, one function."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "Two trained networks have overlap 0.40 after the best renaming of their units. What does this say?",
        (
            Option("Forty per cent of their features are the same.", False, "Untrained networks have 0.25 already."),
            Option(
                "Nothing yet: a control is needed beside it.",
                True,
                "Yes. A best of very many orders is large for anything; and at 64 units half of what is left is "
                "the shape of the layers.",
            ),
            Option(
                "That they sit in the same valley.",
                False,
                "An overlap says nothing of what lies between; for that, look at the loss on a path.",
            ),
        ),
    ),
    Question(
        "On the straight path between two networks stands a high barrier. What follows?",
        (
            Option(
                "Only that the straight path is a bad one.",
                True,
                "Yes: a network and its own renamed copy have such a barrier, and a curve goes round it.",
            ),
            Option("They compute different functions.", False, "A network and its own renamed copy have one, too."),
            Option(
                "They are states of a glass, parted by walls.",
                False,
                "A wall has to be met on every path; the curved one of measure 3 has none to speak of.",
            ),
        ),
    ),
    Question(
        "Two networks share the start, but not the order of the digits. Two others share the order, not the start.",
        (
            Option("Both pairs end as strangers.", False, "Look at measure 3: one of them stays connected."),
            Option(
                "The second pair ends closer: both saw the same data in the same order.",
                False,
                "With another start, the same order made no difference that we could measure.",
            ),
            Option(
                "Both pairs stay connected by a nearly flat line.",
                False,
                "The second pair has the barrier of two strangers.",
            ),
            Option(
                "Only the first pair stays connected by a nearly flat line.",
                True,
                "Yes, at this size and on these digits: the start picks the place.",
            ),
        ),
    ),
    Question(
        "In the cold, R-hat is near 1 for the loss, far above 1 for most weights, and chains answer like the past of "
        "the others nearly as often as like their own. May we predict with them?",
        (
            Option(
                "No: chains whose weights have not mixed tell nothing about the posterior.",
                False,
                "In weights they have not, but in answers they have.",
            ),
            Option(
                "Yes: as far as tested, what enters the prediction has mixed.",
                True,
                "Yes: they agreed with the others' past (nearly) as with their own. Test what you use.",
            ),
            Option(
                "Yes: the loss has converged, and so has everything else.",
                False,
                "A loss that has mixed proves nothing about other readings: the weights are the example.",
            ),
        ),
    ),
)

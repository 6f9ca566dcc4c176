"""The quiz of lesson 12: the loss is an energy."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "A paper shows a smooth path in its first two principal components, with 60 % and 15 % of it. So training…",
        (
            Option(
                "moves in few dimensions.",
                False,
                "A random walk moves in all dimensions alike, and its picture has the same two numbers.",
            ),
            Option(
                "looks like a random walk, as far as this picture can tell.",
                True,
                "Yes: 61 % and 15 % is what a long walk without any aim gives. Ask for more before you conclude.",
            ),
            Option(
                "follows a valley of the loss.",
                False,
                "There was no loss in the random walk's picture, and it curved just as smoothly.",
            ),
        ),
    ),
    Question(
        "You double the learning rate and the batch size. The cloud of weights in a steep direction, drawn afresh…",
        (
            Option(
                "stays exactly as it is: only η/B counts.",
                False,
                "That is the limit of small steps. In a steep direction the exact variance has 2 - η h below the line.",
            ),
            Option(
                "shrinks: larger batches are less noisy.",
                False,
                "They are, by the factor 2 in c/B; the larger step makes up for it, and for more.",
            ),
            Option(
                "grows, although η/B stays.",
                True,
                "Yes: the rule stays; its factor, 2 / (2 - η h), grows. Only where η h is small does η/B alone decide.",
            ),
        ),
    ),
    Question(
        "Why does a data loader, which deals every sample out once an epoch, freeze the flat directions?",
        (
            Option(
                "What one batch pulls too far, the others of the epoch pull back.",
                True,
                "Yes: a flat direction adds up the whole epoch, and the errors of an epoch sum to nothing.",
            ),
            Option(
                "Its batches are less noisy one by one.",
                False,
                "A batch of 16 among 512 has 97 % of the noise. It is the sum over an epoch that cancels.",
            ),
            Option(
                "The gradient is zero in flat directions.",
                False,
                "It is small, and so is the pull back: with fresh draws the variance is as large as elsewhere.",
            ),
        ),
    ),
    Question(
        "Two wells of equal depth, one of them twice as wide. Noise of one strength everywhere fills them…",
        (
            Option(
                "1 : 1",
                False,
                "Equal depth makes equal densities at the bottoms. But the wide well has twice the room.",
            ),
            Option("2 : 1", True, "Yes: width is all that counts, the square root of the ratio of curvatures, 4."),
            Option(
                "4 : 1",
                False,
                "4 is the ratio of the curvatures; a bell's width goes with the square root of it.",
            ),
            Option(
                "hundreds : 1",
                False,
                "So it was when the noise itself was stronger in the sharp well. A temperature cannot do that.",
            ),
        ),
    ),
)

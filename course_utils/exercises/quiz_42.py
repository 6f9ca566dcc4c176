"""The quiz of lesson 42: whether flat minima generalise."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "Over 18 recipes sharpness and test error have τ = +0.6 ± 0.03 (over repetitions). What follows?",
        (
            Option("Flat minima generalise better.", False, "Of these recipes, yes; why, and elsewhere, is open."),
            Option(
                "Of two of these recipes, the sharper is the worse one with probability 0.8.",
                True,
                "Yes: (1 + τ)/2. All else (other recipes, labels, causes) needs another measurement.",
            ),
            Option(
                "Making a network flatter, by SAM for example, will lower its test error.",
                False,
                "That is a cause. Training loss may move both: in measure 1 it ranked the recipes, too.",
            ),
        ),
    ),
    Question(
        "Why can a network that has memorised wrong labels be very flat, with cross-entropy?",
        (
            Option(
                "Sure of all its answers, it has loss and curvature near zero.",
                True,
                "Yes, right or wrong answers alike. With squared error curvature need not vanish.",
            ),
            Option(
                "It has found a wide valley, and wide valleys are where networks generalise.",
                False,
                "Its outputs are saturated; the width says that, no more.",
            ),
            Option("Wrong labels act like weight decay.", False, "Memorising them lengthens the weights."),
        ),
    ),
    Question(
        "A ReLU network is stretched by a = 5. What changes?",
        (
            Option("The test error, a little.", False, "The function stays the same to rounding, so all errors do."),
            Option(
                "The adaptive sharpness, by about 25.",
                False,
                "It counts steps in units of the weights' own sizes, which stretch along.",
            ),
            Option(
                "Nothing: sharpness belongs to the function, which stays the same.",
                False,
                "It belongs to the coordinates, too.",
            ),
            Option(
                "The largest Hessian eigenvalue, by up to about 25.",
                True,
                "Yes: the block of the second layer grows by a², and soon rules.",
            ),
        ),
    ),
    Question(
        "Binary perceptron with a teacher: why does a solution with many neighbours err less, on average?",
        (
            Option(
                "Its margin is larger, so that small changes of a pattern do not turn its answers.",
                False,
                "It may be, but that is not why: the argument needs no margin.",
            ),
            Option(
                "Its mean distance to all solutions, and so to the teacher, tends to be small.",
                True,
                "Yes: the expected error is the mean of ε(d) over all solutions; near neighbours stand in for it.",
            ),
            Option("Annealing finds it sooner.", False, "That is how it is found, not why it errs less."),
        ),
    ),
    Question(
        "At one training loss SAM was about half as sharp as SWA. What did its test error say?",
        (
            Option("It was half as large, too.", False, "Look at the line 'SAM minus SWA' in measure 2."),
            Option(
                "It was not lower: that much flatness was not needed.",
                True,
                "Yes. A fair baseline is tuned, too, before a gain is put down to flatness.",
            ),
            Option(
                "It was lower, as for every flatter method of the six that we compared.",
                False,
                "SGD at the lower rate was the sharpest of all, and not the worst.",
            ),
        ),
    ),
)

"""The quiz of lesson 21: magnets."""

from __future__ import annotations

from course_utils.exercises.questions import Option, Question

QUIZ = (
    Question(
        "A lattice of 16 × 16 spins at T = 2.35, above the critical temperature, shows an order of 0.6. Why?",
        (
            Option(
                "The simulation has not settled.",
                False,
                "It has: the energy agrees with Kaufman's exact result for that very size.",
            ),
            Option(
                "Regions that agree are about as large as the lattice itself.",
                True,
                "Yes: near the critical temperature spins agree over long distances; a small lattice fits into one.",
            ),
            Option(
                "Yang's formula is an approximation.",
                False,
                "It is exact, for an endless lattice. A small one is another system.",
            ),
        ),
    ),
    Question(
        "The side of a lattice doubles. What happens to the slope of Binder's cumulant at the critical temperature?",
        (
            Option(
                "It stays as it is: the temperature is the same.",
                False,
                "That is what a crossover does, and what the chain did on the line of 1/T.",
            ),
            Option(
                "It becomes infinite.",
                False,
                "No finite lattice has an infinite slope: finitely many smooth terms make a smooth curve.",
            ),
            Option("It doubles.", True, "Yes: it grows like L to the power 1/ν, and ν = 1 on the square lattice."),
        ),
    ),
    Question(
        "A chain of 10,000 spins is cooled, and at some temperature it becomes ordered from end to end. A transition?",
        (
            Option(
                "No: a longer chain does it at a lower temperature, and so on down to zero.",
                True,
                "Yes: four times the length moves the place on by 0.69 in 1/T, again and again; it never settles.",
            ),
            Option(
                "Yes: below that temperature it is ordered.",
                False,
                "This chain is. One a hundred times as long is not, at the same temperature.",
            ),
            Option(
                "Yes, if its curve is steep enough.",
                False,
                "How steep one curve is says nothing; whether curves become steeper without end does.",
            ),
        ),
    ),
    Question(
        "Somebody shows you one learning curve with a sudden rise: “a phase transition!” What do you ask for first?",
        (
            Option(
                "A finer grid of points on the same curve.",
                False,
                "That shows one size in more detail. Every size is smooth.",
            ),
            Option(
                "The same curve at two more sizes.",
                True,
                "Yes: steeper with each size, around a place that settles, or not. One size cannot tell.",
            ),
            Option("A fit with a steep function.", False, "A steep function fits a crossover as well."),
        ),
    ),
)

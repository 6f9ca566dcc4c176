"""What a learner waits for: a knob is turned, and the picture is there."""

from __future__ import annotations

from harness import Bench, Goal, bench, cpu


@bench
def redraw() -> Bench:
    """Turn the knob of lesson 11, beside the bare cost of drawing a figure anew."""
    from course_utils import knobs, plots
    from course_utils.knobs.lesson_11 import travellers

    panel = knobs.panel(
        travellers,
        draw=plots.travellers,
        still=(0.1, 0.25, 0.6),
        title="A thousand travellers",
        alt="Walkers in the double well at several temperatures.",
        temperature=knobs.Knob(0.05, 1.0, start=0.25, step=0.01),
    )

    def anew() -> bytes:
        figure = plots.figure()
        plots.travellers(figure, travellers(0.25), None)
        return plots.png(figure)

    return Bench(
        title="Redraw of a panel",
        unit="ms",
        note="Kernel side only: from the new setting to the bytes of the picture; the panel's time is wall time.",
        contenders={"panel, figure used again": panel.latency, "figure made anew": cpu(anew, per=1e-3)},
        goal="below 120 ms",
        goals=(Goal(most=120),),
    )

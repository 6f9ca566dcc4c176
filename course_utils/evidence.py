"""The evidence of a lesson: each claim beside its theory, its measurement, and the distance between the two."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

from course_utils.measure.statistics import Estimate
from course_utils.seeding import course_seed
from course_utils.validation import one_of, real, text

LIMIT = 4.0
"""Standard errors within which a claim holds, and beyond which a refuted one is refuted."""

MIME_TYPE = "application/vnd.course-evidence+json"
TRIALS_MIME_TYPE = "application/vnd.course-trials+json"

NOT_TESTED = "not tested"
VERDICTS = ("right", "half right", "misleading", "wrong", NOT_TESTED)
"""What can become of a popular claim; `NOT_TESTED` where the lesson's experiments cannot decide it."""


@dataclass(frozen=True)
class Row:
    """One claim and what became of it; see `Evidence.add`."""

    claim: str
    theory: float
    measured: Estimate
    over: str
    source: str
    rejects: bool

    @property
    def z(self) -> float:
        """The deviation of the measurement from the theory, in standard errors."""
        return self.measured.z(self.theory)

    @property
    def holds(self) -> bool:
        """Whether the row shows what it says: agreement, or (for a refuted theory) disagreement."""
        return abs(self.z) >= LIMIT if self.rejects else abs(self.z) <= LIMIT


@dataclass(frozen=True)
class Trial:
    """A popular claim and its verdict; see `Evidence.trial`."""

    popular: str
    verdict: str
    because: str
    deciding: Row | None

    @property
    def shown(self) -> str:
        """The verdict, or that there is none because the deciding row does not hold."""
        return self.verdict if self.deciding is None or self.deciding.holds else "open: the deciding row does not hold"

    def as_dict(self) -> dict[str, Any]:
        """Return plain data: popular, verdict, because, and the deciding row."""
        return {
            "popular": self.popular,
            "verdict": self.verdict,
            "because": self.because,
            "deciding": None if self.deciding is None else _as_dict(self.deciding),
        }


class Evidence:
    """The table that a lesson ends with. Claims are added as they are measured; the object displays itself.

    Parameters
    ----------
    lesson : str
        The lesson's number, for example ``"11"``.

    Raises
    ------
    TypeError, ValueError
        If ``lesson`` is not a non-empty string.

    Examples
    --------
    >>> evidence = Evidence("21")
    >>> evidence.add("energy at the critical temperature, L = 32", theory=-1.4336585,
    ...              measured=Estimate(-1.43371, 0.00014, 64), over="64 replicas", source="Kaufman 1949")
    >>> evidence.holds
    True
    """

    def __init__(self, lesson: str) -> None:
        """Start an empty table."""
        self.lesson = text("lesson", lesson)
        self.rows: list[Row] = []
        self.trials: list[Trial] = []

    def add(
        self, claim: str, *, theory: float, measured: Estimate, over: str, source: str, rejects: bool = False
    ) -> None:
        """Add one claim, or replace the row that makes the same claim (so that a cell can be run again).

        Parameters
        ----------
        claim : str
            What is claimed, in words, with its settings.
        theory : float
            The exact or predicted value.
        measured : Estimate
            The measurement, in the same units.
        over : str
            What the error bar was taken over, for example ``"64 replicas"``.
        source : str
            Where the theory comes from: author and year.
        rejects : bool
            True if the row shows that the theory does *not* describe the measurement; it then holds when the two are
            at least 4 standard errors apart.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of its kind.
        """
        if not isinstance(measured, Estimate):
            raise TypeError(f"measured must be an Estimate; got {measured!r}, a {type(measured).__name__}")
        if not isinstance(rejects, bool):
            raise TypeError(f"rejects must be True or False; got {rejects!r}")
        row = Row(
            text("claim", claim),
            real("theory", theory),
            measured,
            text("over", over),
            text("source", source),
            rejects,
        )
        self.rows = [old for old in self.rows if old.claim != row.claim] + [row]

    def trial(self, popular: str, *, verdict: str, because: str, deciding: str | None = None) -> None:
        """Put a popular claim on trial, or replace the verdict on the same claim.

        Parameters
        ----------
        popular : str
            The claim as people meet it, in one sentence.
        verdict : str
            ``"right"``, ``"half right"``, ``"misleading"`` or ``"wrong"``; ``"not tested"`` where nothing measured here
            decides it.
        because : str
            One sentence that says why, with the number that decides.
        deciding : str, optional
            The claim of the row that decides; the row must have been added before. Without one the verdict can only be
            ``"not tested"``, and with one it cannot be.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of its kind, or there is no such row.
        """
        verdict = one_of("verdict", verdict, VERDICTS)
        if (deciding is None) != (verdict == NOT_TESTED):
            raise ValueError(
                f"deciding must be a row's claim, or None for {NOT_TESTED!r}; got {deciding!r}, {verdict!r}"
            )
        row = None if deciding is None else self._row(deciding)
        trial = Trial(text("popular", popular), verdict, text("because", because), row)
        self.trials = [old for old in self.trials if old.popular != trial.popular] + [trial]

    def _row(self, claim: str) -> Row:
        """Return the row that makes a claim."""
        row = {row.claim: row for row in self.rows}.get(text("deciding", claim))
        if row is None:
            known = "; ".join(row.claim for row in self.rows) or "none yet"
            raise ValueError(f"deciding must be the claim of a row of this table ({known}); got {claim!r}")
        return row

    @property
    def holds(self) -> bool:
        """Whether there are rows and each of them holds."""
        return bool(self.rows) and all(row.holds for row in self.rows)

    def verdict(self) -> str:
        """Return one sentence on the whole table."""
        shift = course_seed()
        seeds = "the seeds that the course ships with" if shift == 0 else f"COURSE_SEED = {shift}"
        failed = sum(not row.holds for row in self.rows)
        refuted = sum(row.rejects for row in self.rows)
        if failed:
            return (
                f"{failed} of {len(self.rows)} claims do not hold at {seeds}. One row in 16,000 would fail by chance "
                "alone: run the lesson once more with another COURSE_SEED before you believe it."
            )
        agree = f"{len(self.rows) - refuted} predictions agree with the measurement to within {LIMIT:g} standard errors"
        ruled_out = f"; {refuted} {'is' if refuted == 1 else 'are'} ruled out, as claimed" if refuted else ""
        return f"Every claim holds at {seeds}: {agree}{ruled_out}."

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                row.claim,
                _matching(row),
                str(row.measured),
                row.over,
                _deviation(row),
                row.source,
            )
            for row in self.rows
        ]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """Return the table as HTML, as text, and as data for the tests."""
        heads = ("claim", "theory", "measured", "error bar over", "deviation", "source")
        cells = self._cells()
        html = _table(heads, cells, self.verdict())
        plain = "\n".join([self.verdict(), *("  ".join(row) for row in cells)])
        bundle: dict[str, Any] = {MIME_TYPE: json.loads(json.dumps(self.as_dicts()))}
        if self.trials:
            trials = [(trial.popular, trial.shown, trial.because) for trial in self.trials]
            html += _table(("popular claim", "verdict", "because"), trials, "Popular claims on trial in this lesson")
            plain += "\n" + "\n".join(f"{popular}: {verdict}. {because}" for popular, verdict, because in trials)
            bundle[TRIALS_MIME_TYPE] = json.loads(json.dumps([trial.as_dict() for trial in self.trials]))
        return {"text/html": html, "text/plain": plain, **bundle}

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as plain dictionaries: claim, theory, mean, error, n, over, z, rejects, holds, source."""
        return [_as_dict(row) for row in self.rows]


def _as_dict(row: Row) -> dict[str, Any]:
    """Return a row as plain data, its `Estimate` taken apart."""
    record = asdict(row)
    record.update(record.pop("measured"), z=row.z, holds=row.holds)
    return record


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return an HTML table with a caption."""
    left = 'style="text-align:left"'
    head = "".join(f'<th scope="col" {left}>{escape(name)}</th>' for name in heads)
    body = "".join("<tr>" + "".join(f"<td {left}>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    caption = f"<caption {left}>{escape(caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _matching(row: Row) -> str:
    """Return the theory with one digit more than the measurement has."""
    shown = str(row.measured).split(" ")[0]
    decimals = len(shown.partition(".")[2])
    return f"{row.theory:.{decimals + 1}f}" if decimals else f"{row.theory:.6g}"


def _deviation(row: Row) -> str:
    """Return the deviation in words that a reader can weigh."""
    z = round(row.z, 1) if abs(row.z) < 100 else float(f"{row.z:.2g}")
    size = f"{z + 0.0:+.1f} σ" if abs(z) < 100 else f"{z:+,.0f} σ"
    size = size.replace("-", "−")
    if row.rejects:
        return f"{size}: {'ruled out' if row.holds else 'not ruled out'}"
    return size if row.holds else f"{size}: does not hold"

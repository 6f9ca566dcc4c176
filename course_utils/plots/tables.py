"""Tables as text: numbers with their errors, in columns that a screen reader and a terminal can read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from course_utils.measure.statistics import estimate

Kinds = Mapping[str, slice]
Damage = tuple[str, float]


def table(corner: str, columns: Sequence[str], rows: Mapping[str, Iterable[object]]) -> str:
    """Return a small table as text, one line for each row.

    Parameters
    ----------
    corner : str
        What stands above the names of the rows.
    columns : sequence of str
        Heads of the columns.
    rows : mapping of str to values
        One value for each column.

    Raises
    ------
    ValueError
        If a row does not have as many values as there are columns.

    Examples
    --------
    >>> print(table("of", ["one", "two"], {"a": [1, 2], "bb": [3, 4]}))
    of  one  two
    a     1    2
    bb    3    4
    """
    cells = [[corner, *columns], *([name, *map(str, values)] for name, values in rows.items())]
    if any(len(line) != len(cells[0]) for line in cells):
        raise ValueError(f"rows must have {len(columns)} values each; got {[len(line) - 1 for line in cells[1:]]}")
    wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        line[0].ljust(wide[0])
        + "".join("  " + cell.rjust(width) for cell, width in zip(line[1:], wide[1:], strict=True))
        for line in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def table_by_kind(kinds: Kinds, quantities: Mapping[str, npt.ArrayLike]) -> str:
    """Return a table of means with errors: one line for each quantity, one column for each kind of network.

    Parameters
    ----------
    kinds : mapping of str to slice
        Which networks are of which kind.
    quantities : mapping of str to array_like, (networks,)
        One number for each network, by name.

    Examples
    --------
    >>> print(table_by_kind({"a": slice(0, 2), "b": slice(2, 4)}, {"x": [1.0, 1.2, 3.0, 3.4]}))
                 a            b
    x  1.10 ± 0.10  3.20 ± 0.20
    """
    arrays = {name: np.asarray(values, dtype=float) for name, values in quantities.items()}
    return table(
        "", list(kinds), {name: [estimate(each[own]) for own in kinds.values()] for name, each in arrays.items()}
    )


def damage_table(
    kinds: Kinds,
    rises: Mapping[Damage, npt.ArrayLike],
    accuracies: Mapping[Damage, npt.ArrayLike],
    traces: npt.ArrayLike,
) -> str:
    """Return what damage costs as a table: mean rise and accuracy by kind, and the rank correlation with the traces.

    Parameters
    ----------
    kinds : mapping of str to slice
        Which networks are of which kind.
    rises, accuracies : mapping of (str, float) to array_like, (networks,)
        Rise of the loss, and share of right answers, by kind and strength of the damage.
    traces : array_like, (networks,)
        What the rises are ranked against (Spearman).

    Examples
    --------
    >>> kinds, rises = {"a": slice(0, 2), "b": slice(2, 4)}, {("bits", 2): [1.0, 2.0, 3.0, 4.0]}
    >>> print(damage_table(kinds, rises, {("bits", 2): [0.9, 0.7, 0.5, 0.5]}, [4, 3, 2, 1]))
            rise of the loss: a       b  test accuracy: a      b  ranks of rise and trace
    bits 2               1.5000  3.5000             0.800  0.500                    -1.00
    """
    from scipy.stats import spearmanr

    def means(values: npt.ArrayLike, digits: int) -> list[str]:
        return [f"{np.asarray(values)[own].mean():.{digits}f}" for own in kinds.values()]

    first, *others = kinds
    heads = [head for what in ("rise of the loss", "test accuracy") for head in (f"{what}: {first}", *others)]
    rows = {
        f"{kind} {strength:g}": [
            *means(rise, 4),
            *means(accuracies[kind, strength], 3),
            f"{spearmanr(traces, rise).statistic:+.2f}",
        ]
        for (kind, strength), rise in rises.items()
    }
    return table("", [*heads, "ranks of rise and trace"], rows)

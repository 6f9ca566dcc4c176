"""Aoyagi and Watanabe (2005): how much volume a matrix product leaves near its best fits, solved exactly."""

from __future__ import annotations

from course_utils.validation import whole


def coefficient(rank: int, *, rows: int, columns: int, hidden: int) -> tuple[float, int]:
    r"""Learning coefficient and multiplicity of reduced-rank regression: a linear network with one hidden layer.

    The loss is :math:`K(A, B) = \tfrac12 \lVert BA - M \rVert^2` with a target :math:`M` of rank :math:`r`; the
    volume of weights with :math:`K < \epsilon` vanishes as :math:`\epsilon^\lambda (-\ln\epsilon)^{m-1}`. If none of
    the three sums :math:`N + r`, :math:`M + r`, :math:`H + r` exceeds the other two sizes together
    (:math:`N` columns, :math:`M` rows, :math:`H` hidden units),

    .. math::
        \lambda = \tfrac18 \bigl[2(H + r)(M + N) - (M - N)^2 - (H + r)^2 + p\bigr],

    with :math:`p = 0, m = 1` where :math:`M + H + N + r` is even, and :math:`p = 1, m = 2` where it is odd. Outside
    that region :math:`m = 1` and

    .. math::
        \lambda = \tfrac12 \begin{cases} HM - Hr + Nr & M + H < N + r \\ HN - Hr + Mr & N + H < M + r \\
        MN & M + N < H + r \end{cases}

    Parameters
    ----------
    rank : int
        Rank of the target, from 0 to the least of the three sizes.
    rows, columns, hidden : int
        Outputs, inputs, and hidden units.

    Returns
    -------
    (float, int)
        The learning coefficient and the multiplicity. A regular minimum would have half the number of weights, and 1.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number in its range.

    References
    ----------
    M. Aoyagi, S. Watanabe, Neural Networks 18, 924 (2005), doi:10.1016/j.neunet.2005.03.014.

    Examples
    --------
    >>> [coefficient(r, rows=4, columns=4, hidden=4) for r in range(5)]
    [(6.0, 1), (7.0, 2), (7.5, 1), (8.0, 2), (8.0, 1)]
    """
    m, n, h = whole("rows", rows), whole("columns", columns), whole("hidden", hidden)
    r = whole("rank", rank, least=0, most=min(m, n, h))
    if m + h < n + r:
        return (h * m - h * r + n * r) / 2, 1
    if n + h < m + r:
        return (h * n - h * r + m * r) / 2, 1
    if m + n < h + r:
        return m * n / 2, 1
    odd = (m + h + n + r) % 2
    return (2 * (h + r) * (m + n) - (m - n) ** 2 - (h + r) ** 2 + odd) / 8, 1 + odd

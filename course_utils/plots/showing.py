"""A figure reaches the reader with its meaning and its content in words, in every front end."""

from __future__ import annotations

import io
from html import escape

from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from course_utils.plots.styling import HEIGHT, INK, WIDTH, style
from course_utils.validation import positive, text

SHARPNESS = 1.5
"""Pixels in the file for each pixel on the page: sharp on a laptop's screen, small in the repository."""

LONGEST_NAME = 80
"""Characters of a figure's name in the summary of its description."""


def figure(width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """Return an empty figure in the house style, free of pyplot's global state.

    Parameters
    ----------
    width, height : float
        Size in inches; 1 inch is 100 pixels on the page.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive number.
    """
    with style():
        made = Figure(figsize=(positive("width", width), positive("height", height)), layout="constrained")
        FigureCanvasAgg(made)
    return made


def entitle(drawn: Figure, title: str) -> None:
    """Write the message of a figure above all of it, at the left edge of the paper.

    Parameters
    ----------
    drawn : matplotlib.figure.Figure
        The figure.
    title : str
        Its message.

    Raises
    ------
    TypeError, ValueError
        If there is no message.
    """
    drawn.suptitle(text("title", title), x=0.01, ha="left", fontsize=12.5, fontweight="bold", color=INK)


def png(drawn: Figure, *, sharpness: float = 1.0) -> bytes:
    """Return the figure as PNG bytes, the same bytes for the same drawing.

    Parameters
    ----------
    drawn : matplotlib.figure.Figure
        What to render, at its own size.
    sharpness : float
        Pixels in the file for each of the figure's own pixels.

    Raises
    ------
    TypeError, ValueError
        If ``drawn`` is not a figure or ``sharpness`` not positive.
    """
    if not isinstance(drawn, Figure):
        raise TypeError(f"drawn must be a matplotlib Figure; got {drawn!r}, a {type(drawn).__name__}")
    sharpness = positive("sharpness", sharpness)
    stream = io.BytesIO()
    with style():
        drawn.savefig(stream, format="png", dpi=100 * sharpness, metadata={"Software": None})
    return stream.getvalue()


def small(picture: bytes) -> bytes:
    """Return a PNG in 256 colours: a third of the bytes, and the eye does not see it."""
    stream = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(
        256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
    ).save(stream, format="PNG", optimize=True)
    return stream.getvalue()


def show(drawn: Figure, *, caption: str, alt: str) -> None:
    """Display a figure with what it means (caption) and what is there (alt text).

    The alt text goes into the picture's metadata, from which the site makes a real ``alt`` attribute; JupyterLab drops
    it there, so both also stand as text below the picture, the description folded away.

    Parameters
    ----------
    drawn : matplotlib.figure.Figure
        The figure.
    caption : str
        One sentence: what the figure means.
    alt : str
        What is to be seen, with the numbers, for somebody who does not see it.

    Raises
    ------
    TypeError, ValueError
        If the caption or the description is missing.
    """
    caption, alt = text("caption", caption).strip(), text("alt", alt).strip()
    data = small(png(drawn, sharpness=SHARPNESS))
    width, height = (round(100 * inches) for inches in drawn.get_size_inches())
    display(
        {"image/png": data, "text/plain": f"Figure: {caption}"},
        metadata={"image/png": {"alt": alt, "width": width, "height": height}},
        raw=True,
    )
    describe(caption, alt, _title(drawn) or caption)


def describe(caption: str, alt: str, name: str) -> None:
    """Display a caption and a folded description as Markdown, the form that every front end shows."""
    words = f"*Figure: {caption}*\n\n{folded('Description', name, escape(alt, quote=False))}"
    display({"text/markdown": words, "text/plain": f"Figure: {caption}\nDescription: {alt}"}, raw=True)


def folded(kind: str, name: str, words: str) -> str:
    """Return Markdown that shows its words on a click or a key.

    The summary names the figure: somebody who goes from one to the next by ear hears which is which.

    Parameters
    ----------
    kind : str
        What is folded away, as in ``"Description"``.
    name : str
        The figure's title, or its caption.
    words : str
        The Markdown inside.

    Examples
    --------
    >>> print(folded("Description", "Order is lost at $T_c$", "A curve."))
    <details><summary>Description: Order is lost at T_c</summary>
    <BLANKLINE>
    A curve.
    <BLANKLINE>
    </details>
    """
    plain = " ".join(name.translate({ord(sign): None for sign in "$*`{}\\"}).split()).rstrip(".")
    if len(plain) > LONGEST_NAME:
        plain = plain[:LONGEST_NAME].rsplit(" ", 1)[0].rstrip(" .,;:") + " …"
    return f"<details><summary>{kind}: {escape(plain, quote=False)}</summary>\n\n{words}\n\n</details>"


def _title(drawn: Figure) -> str:
    """Return the message of a figure: the title of the whole, or that of its first axes."""
    titles = [drawn.get_suptitle()]
    for axes in drawn.axes[:1]:
        titles += [axes.get_title(loc=side) for side in ("left", "center", "right")]
    return next((title for title in titles if title.strip()), "")

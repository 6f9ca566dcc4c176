"""A small extension of Sphinx: launch buttons, descriptions of pages, and MathJax beside the pages."""

import importlib.util
import inspect
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.ext.autosummary import ImportExceptionGroup, import_by_name
from sphinx.util.nodes import make_refnode

from house import HERE
from links import launch_links
from site_sources import Lesson, lessons

MATHJAX = "sphinx-mathjax-offline"  # a package on PyPI that carries the files of MathJax 3
WANTED = ("tex-chtml.js", "input/tex/extensions/*.js", "output/chtml/fonts/**/*", "a11y/*.js", "ui/*.js")
WANTED += ("sre/mathmaps/base.json", "sre/mathmaps/en.json")
ICONS = {"Colab": "fas fa-flask", "Binder": "fas fa-rocket", "Source": "fas fa-code"}
ABOUT = "The statistical mechanics of neural networks, taught by experiment: notebooks with error bars, exact theories "
ABOUT += "and knobs to turn."


def mathjax_files() -> Path:
    """The folder of MathJax in the installed package (its name has dashes, so it is found and not imported)."""
    found = importlib.util.find_spec(MATHJAX)
    if found is None or found.origin is None:
        raise ExtensionError(f"{MATHJAX} is not installed; run: make site")
    return Path(found.origin).parent / "static" / "mathjax"


def copy_mathjax(app: Sphinx, problem: Exception | None) -> None:
    """Put beside the pages what a browser may ask for: MathJax for TeX, its fonts, its menu and its voice."""
    if problem is not None or app.builder.format != "html":
        return
    source, target = mathjax_files(), Path(app.outdir) / "_static" / "mathjax"
    for pattern in WANTED:
        for path in source.glob(pattern):
            place = target / path.relative_to(source)
            if path.is_file() and not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(path.read_bytes())


def mended(app: Sphinx, kind: str, name: str, thing: object, options: object, lines: list[str]) -> None:
    """Join a line that a raw docstring breaks with a backslash, and take off the margin that it has spoilt."""
    text = "\n".join(lines)
    joined = re.sub(r"(?<!\\)\\\n", "", text)  # two backslashes are a new line within a formula
    if joined != text:
        lines[:] = inspect.cleandoc(joined).splitlines()


def resolved(app: Sphinx, env: Any, node: Any, words: Any) -> Any:
    """Find what a docstring names in single backticks: by its last name, if one thing only has it.

    A name of a constant, of something private, or of another package stays as it stands, without a link; a name that
    nobody has stays unresolved, which is an error.
    """
    if node.get("reftype") != "obj" or node.get("refdomain") != "py":
        return None
    domain, name = env.get_domain("py"), node["reftarget"]
    for wanted in (name, name.rsplit(".", 1)[-1]):
        ends = f".{wanted}"
        hits = {place.node_id: place for full, place in domain.objects.items() if full.endswith(ends)}
        if len(hits) == 1:
            place = next(iter(hits.values()))
            return make_refnode(app.builder, node["refdoc"], place.docname, place.node_id, words, name)
    prefixes = [None, node.get("py:module"), f"{node.get('py:module')}.{node.get('py:class')}"]
    try:
        import_by_name(name, prefixes)
    except ImportExceptionGroup:
        return None
    return words


@cache
def shown() -> dict[str, Lesson]:
    """The lessons by their pages; they do not change while the pages are written."""
    return {one.page: one for one in lessons(HERE)}


def button(name: str, address: str) -> dict[str, Any]:
    """One entry of the launch menu, in the theme's words."""
    icon = next(icon for word, icon in ICONS.items() if word in name)
    return {"type": "link", "url": address, "text": name, "tooltip": f"{name} (another site)", "icon": icon}


def named(navigation: Any) -> Any:
    """Give each unfolding part of the navigation a name that a screen reader can say."""
    for item in navigation.find_all("li", class_="has-children") if hasattr(navigation, "find_all") else ():
        link, fold = item.find("a"), item.find("summary")
        if link is not None and fold is not None:
            fold["aria-label"] = f"The pages below {link.get_text()}"
    return navigation


def dress(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Give a page its description; give a lesson the same launch links as its notebook has."""
    lesson = shown().get(pagename)
    about = lesson.course["question"] if lesson else ABOUT
    if not lesson and pagename != app.config.root_doc and context.get("title"):
        about = f"{context['title']}: {ABOUT[0].lower()}{ABOUT[1:]}" if "<" not in context["title"] else ABOUT
    context["metatags"] = context.get("metatags", "") + f'\n<meta name="description" content="{escape(about)}">'
    if tree := context.get("generate_toctree_html"):
        context["generate_toctree_html"] = lambda *given, **named_given: named(tree(*given, **named_given))
    if lesson and "header_buttons" in context:
        buttons = [button(name, address) for name, address in launch_links(HERE, lesson.path.stem).items()]
        group = {"type": "group", "tooltip": "Open this lesson elsewhere", "icon": "fas fa-rocket"}
        context["header_buttons"].insert(0, {**group, "buttons": buttons, "label": "launch-buttons"})


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx calls this."""
    app.connect("html-page-context", dress, priority=900)
    app.connect("autodoc-process-docstring", mended, priority=1)
    app.connect("missing-reference", resolved)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

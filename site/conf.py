"""Sphinx reads this: the site from the executed lessons, offline, with all that a page needs beside it.

The sources are laid out by `tools/site_sources.py` and `tools/site_api.py`; `make site` does everything.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT)]

from house import HERE  # noqa: E402

project = "A Physics Lens on Deep Learning"
author = "the contributors"
copyright = "the contributors. Text and figures: CC BY 4.0; code: BSD 3-Clause"  # noqa: A001
version = release = HERE.version
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinxcontrib.bibtex",
    "site_pages",
]
exclude_patterns = ["_*"]
nitpicky = True
# Warnings about what others may do next year are not about this site.
suppress_warnings = ["config.cache"]

# Lessons: as they were executed and committed. Stills stand where widgets would, so no script comes from elsewhere.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_code_prompt_show = "Show the code"
nb_code_prompt_hide = "Hide the code"
nb_merge_streams = True
myst_enable_extensions = ["amsmath", "colon_fence", "dollarmath"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "unsrt"

# The package: its docstrings, as they are written (reStructuredText, numpydoc).
default_role = "autolink"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autosummary_generate = False
add_module_names = False
numpydoc_show_class_members = False
numpydoc_show_inherited_class_members = False

# What a page looks like.
html_theme = "sphinx_book_theme"
html_title = project
html_static_path = [str(ROOT / "site" / "_static")]
templates_path = [str(ROOT / "site" / "_templates")]
html_css_files = ["course.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_context = {"default_mode": "light"}  # the figures are drawn on white, so there is one colour scheme
html_theme_options = {
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "max_navbar_depth": 3,
    "collapse_navbar": True,
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
}
mathjax_path = "mathjax/tex-chtml.js"

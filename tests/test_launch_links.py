"""Every launch link of the README and of the lessons opens the lesson that it stands beside, at this version's tag."""

import re
import tomllib
from urllib.parse import parse_qs, unquote, urlsplit

import nbformat
import pytest
from conftest import ROOT

import course_utils

REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Repository"]
OWNER_AND_NAME = urlsplit(REPOSITORY).path.strip("/")
ON_GITHUB = urlsplit(REPOSITORY).netloc == "github.com"
TAG = f"v{course_utils.__version__}"
NOTEBOOKS = sorted(ROOT.glob("lessons/[0-9]*.ipynb"))
ADDRESS = re.compile(r"https://[^\s)\"'<>\]]+")
# In words, so that what makes the links (tools/links.py) is not asked about itself.
COLAB, BINDER = "colab.research.google.com", "mybinder.org"


def launch_links(text):
    """Return {host: addresses} of all launch links in a text."""
    found = {COLAB: [], BINDER: []}
    for address in ADDRESS.findall(text):
        host = urlsplit(address).netloc
        if host in found:
            found[host].append(address)
    return found


def opened_by(address):
    """Return repository, tag and file that a launch link opens; fail if it would open nothing, or not in JupyterLab."""
    parts = urlsplit(address)
    if parts.netloc == COLAB:
        match = re.fullmatch(r"/github/([^/]+/[^/]+)/blob/([^/]+)/(.+)", parts.path)
        assert match, f"Colab does not understand {address}"
        assert not parts.query
        return match[1], match[2], match[3]
    match = re.fullmatch(r"/v2/(gh|gl|git)/(.+)/([^/]+)", parts.path)
    assert match, f"Binder does not understand {address}"
    query = parse_qs(parts.query, strict_parsing=True)
    assert list(query) == ["urlpath"], f"only urlpath opens a page: {address}"
    (place,) = query["urlpath"]
    assert place.startswith("lab/tree/"), f"not in JupyterLab: {address}"
    assert "%2F" in parts.query, f"mybinder.org's own form quotes the folder: {address}"
    return unquote(match[2]).removeprefix("https://github.com/"), match[3], place.removeprefix("lab/tree/")


def assert_opens(address, notebook):
    repository, tag, path = opened_by(address)
    assert (ROOT / path).is_file(), f"{address} opens {path}, which does not exist"
    assert ROOT / path == notebook, f"{address} stands beside {notebook.name}"
    assert tag == TAG, f"{address} opens {tag}; this is {TAG}"
    assert not ON_GITHUB or repository == OWNER_AND_NAME, f"{address} opens another course"


def header(notebook):
    return nbformat.read(notebook, as_version=nbformat.NO_CONVERT).cells[0].source


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_the_links_of_a_lesson_open_this_lesson(notebook):
    links = launch_links(header(notebook))
    assert [len(links[COLAB]), len(links[BINDER])] == [1 if ON_GITHUB else 0, 1]
    for address in (*links[COLAB], *links[BINDER]):
        assert_opens(address, notebook)


def test_the_links_of_the_syllabus_open_the_lesson_of_their_row():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[[^\]]+\]\((lessons/[^)]+\.ipynb)\) \|(.*)$", text, re.MULTILINE)
    assert [ROOT / path for path, _ in rows] == NOTEBOOKS
    for path, row in rows:
        links = launch_links(row)
        assert len(links[BINDER]) == 1
        for address in (*links[COLAB], *links[BINDER]):
            assert_opens(address, ROOT / path)


def test_every_other_launch_link_opens_a_file_of_this_version():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("lessons/*.md"), *ROOT.glob("teaching/*.md"), *NOTEBOOKS]
    texts = [page.read_text(encoding="utf-8").replace("\\n", "\n") for page in pages]
    addresses = {one for text in texts for links in launch_links(text).values() for one in links}
    assert len(addresses) >= len(NOTEBOOKS)
    for address in addresses - {f"https://{COLAB}", f"https://{BINDER}", f"https://{COLAB}/", f"https://{BINDER}/"}:
        path = ROOT / opened_by(address)[2]
        assert path.is_file(), f"{address} opens {path.relative_to(ROOT)}, which does not exist"
        assert_opens(address, path)


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        (f"https://mybinder.org/v2/gh/{OWNER_AND_NAME}/{TAG}?urlpath=lab/tree/lessons%2F99_none.ipynb", "not exist"),
        (
            f"https://mybinder.org/v2/gh/{OWNER_AND_NAME}/v0.0.0?urlpath=lab/tree/lessons%2F{NOTEBOOKS[0].name}",
            "v0.0.0",
        ),
        (f"https://mybinder.org/v2/gh/{OWNER_AND_NAME}/{TAG}?urlpath=tree/lessons%2F{NOTEBOOKS[0].name}", "JupyterLab"),
        (f"https://mybinder.org/v2/gh/{OWNER_AND_NAME}/{TAG}?filepath=lessons%2F{NOTEBOOKS[0].name}", "only urlpath"),
        (f"https://{COLAB}/github/{OWNER_AND_NAME}/tree/{TAG}/lessons/{NOTEBOOKS[0].name}", "does not understand"),
        (f"https://{COLAB}/github/{OWNER_AND_NAME}/blob/{TAG}/lessons/{NOTEBOOKS[1].name}", "stands beside"),
    ],
)
def test_a_link_that_leads_elsewhere_would_be_noticed(wrong, what):
    with pytest.raises(AssertionError, match=what):
        assert_opens(wrong, NOTEBOOKS[0])

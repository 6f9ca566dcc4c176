"""Launch links and the set-up cell, made from one address: the `Repository` line of `pyproject.toml`."""

import re
from urllib.parse import quote, urlsplit

from house import PLACEHOLDER, House, LessonError

SETUP = """\
# Set-up: run this cell first. On Colab it fetches the course; anywhere else it only looks around.
import importlib, os, subprocess, sys
COURSE = "{archive}"
sys.path += [os.path.abspath("..")] if os.path.isdir("../course_utils") else []
try:
    from course_utils import __version__ as found
except ImportError as problem:
    found, lacks = None, problem
if found != "{version}" and ("google.colab" in sys.modules or "COLAB_RELEASE_TAG" in os.environ):
    assert "{placeholder}" not in COURSE, "This copy's links lead nowhere yet: its owner runs `make fork URL=...`."
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", COURSE, "lazy_loader"]  # Colab's torch stays
    done = subprocess.run(pip, capture_output=True, text=True)
    why = [x for x in done.stderr.splitlines() if x[:5].lower() == "error" and x[-1] != ":"] or [done.stderr[-200:]]
    assert not done.returncode, f"Cannot fetch {{COURSE}}: try it in a browser, then run this again. {{why[-1]}}"
    importlib.invalidate_caches()
    _ = [sys.modules.pop(name) for name in list(sys.modules) if name.startswith("course_utils")]  # an older version
    print("The course is installed (version {version}).")
elif found != "{version}":
    assert found, f"The course is not ready ({{lacks}}): run `make lab` in its folder, then open this lesson there."
    print(f"This lesson is of version {version} of the course, and here is {{found}}: update the older of the two.")
"""


def host_and_path(repository: str) -> tuple[str, str]:
    """Take "https://github.com/owner/name" apart into "github.com" and "owner/name"."""
    parts = urlsplit(repository)
    return parts.netloc, parts.path.strip("/")


def checked_url(url: str) -> str:
    """Return the address of a git repository in its plain form, or say what is wrong with it."""
    plain = url.strip().rstrip("/").removesuffix(".git")
    parts = urlsplit(plain)
    path = parts.path.strip("/").split("/")
    host = re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d+)?", parts.netloc)
    names = all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) and set(name) != {"."} for name in path)
    if parts.scheme != "https" or not host or parts.query or parts.fragment or len(path) < 2 or not names:
        raise LessonError(
            f"URL={url!r} is not the web address of a git repository; it looks like https://github.com/OWNER/NAME"
        )
    return plain


def archive(repository: str, version: str) -> str:
    """What pip installs on Colab: the archive of the tag (GitHub), or a clone at the tag (any other host)."""
    host, _ = host_and_path(repository)
    if host == "github.com":
        return f"{repository}/archive/refs/tags/v{version}.zip"
    return f"git+{repository}@v{version}"


def setup_cell(house: House) -> str:
    """The set-up cell, the same in every lesson."""
    source = archive(house.repository, house.version)
    return SETUP.format(archive=source, placeholder=PLACEHOLDER, version=house.version).rstrip("\n")


def source_link(house: House, path: str) -> str:
    """Where a file of this version is shown on the web."""
    host, _ = host_and_path(house.repository)
    middle = "blob" if host == "github.com" else "-/blob" if "gitlab" in host else "src/tag"
    return f"{house.repository}/{middle}/v{house.version}/{path}"


def launch_links(house: House, stem: str) -> dict[str, str]:
    """Name and address of every place where this lesson can be opened."""
    host, path = host_and_path(house.repository)
    tag, notebook = f"v{house.version}", f"lessons/{stem}.ipynb"
    provider = {"github.com": f"gh/{path}", "gitlab.com": f"gl/{quote(path, safe='')}"}
    where = provider.get(host, f"git/{quote(house.repository, safe='')}")
    links = {}
    if host == "github.com":  # Colab opens notebooks from GitHub only
        links["Open in Colab"] = f"https://colab.research.google.com/github/{path}/blob/{tag}/{notebook}"
    links["Open on Binder"] = f"https://mybinder.org/v2/{where}/{tag}?urlpath=lab/tree/{quote(notebook, safe='')}"
    links["Source on GitHub" if host == "github.com" else "Source"] = source_link(house, f"lessons/source/{stem}.md")
    return links


def launch_line(house: House, stem: str) -> str:
    """The launch links in one line of Markdown."""
    return " · ".join(f"[{name}]({address})" for name, address in launch_links(house, stem).items())


def fork(house: House, url: str) -> tuple[House, str]:
    """Write a new address into `pyproject.toml`; the house with the new address, and the address it had before."""
    new = checked_url(url)
    text = house.pyproject.read_text(encoding="utf-8")
    changed, count = re.subn(r'^(Repository\s*=\s*)"[^"]*"', rf'\1"{new}"', text, flags=re.MULTILINE)
    if count != 1:
        raise LessonError(f'{house.pyproject.name} should have one line Repository = "..."; it has {count}')
    house.pyproject.write_text(changed, encoding="utf-8")
    return House(house.root), house.repository

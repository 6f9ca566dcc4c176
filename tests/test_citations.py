"""Every citation in the course leads to one work of the bibliography, and every work there is cited by somebody."""

import os
import re
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("pybtex") is None and os.environ.get("CI") != "true":
    pytest.skip("the bibliography needs pybtex; install it with: pip install -e '.[dev]'", allow_module_level=True)

import citations
from citations import by_identifier, by_name, identifiers, line_of, named_in, plain, plain_forms, references_in, works
from house import House, LessonError

ROOT = Path(__file__).resolve().parents[1]
BIB = ROOT / "site" / "references.bib"
# Older than DOIs, or printed where none are given; the entry's note says why.
NEITHER_DOI_NOR_PREPRINT = {
    "boltzmann1868",  # proceedings of an academy, 1868
    "cochran1977",  # a book without a DOI
    "gibbs1902",  # a book, 1902
    "gumbel1954",  # a report of the National Bureau of Standards
    "pontryagin1933",  # a journal whose old volumes have none
    "srivastava2014",  # the journal gives none (its address stands in the entry)
    "welling2011",  # proceedings whose volume of that year has none
}
# Sources of evidence that name somebody, but no work.
A_LAW_AND_NO_WORK = {"Boltzmann", "equations of Mori, Mignacco"}

FILES = dict(citations.readable())


def said(path, text, at, words):
    return f"{path}:{line_of(text, at)}: {words}"


def reference_lists():
    """The lists of references: (path, whole text, where the list starts, where it ends)."""
    for path, text in FILES.items():
        pattern = (
            r"\*\*Further reading\.\*\*.*?\n\n" if path.endswith(".md") else r"References\n *-{10}\n.*?(?:\n\n|\"\"\")"
        )
        for found in re.finditer(pattern, text, re.DOTALL):
            yield path, text, found.start(), found.end()


# --- the bibliography itself ---


def test_every_entry_has_a_doi_or_an_arxiv_number_of_the_right_form():
    for key, work in works().items():
        assert not work.doi or re.fullmatch(r"10\.\d{4,9}/\S+", work.doi), f"{key}: {work.doi!r} is no DOI"
        assert not work.eprint or re.fullmatch(citations.NUMBER, work.eprint), (
            f"{key}: {work.eprint!r} is no arXiv number"
        )
    without = {key for key, work in works().items() if not work.doi and not work.eprint}
    assert without == NEITHER_DOI_NOR_PREPRINT, "a work needs a DOI or an arXiv number, or a place in the list above"


def test_works_with_neither_say_why():
    text = BIB.read_text(encoding="utf-8")
    for key in NEITHER_DOI_NOR_PREPRINT:
        entry = re.search(rf"@\w+{{{key},.*?\n}}\n", text, re.DOTALL)
        assert "note = {" in entry[0], f"{key} has neither a DOI nor a preprint; say why in a note"


def test_no_work_stands_there_twice():
    for what in ("doi", "eprint"):
        seen = Counter(getattr(work, what).lower() for work in works().values() if getattr(work, what))
        assert not [one for one, times in seen.items() if times > 1]
    titles = re.findall(r"^  title = {(.*)},$", BIB.read_text(encoding="utf-8"), re.MULTILINE)
    seen = Counter(plain(title) for title in titles)
    assert len(titles) == len(works())
    assert not [title for title, times in seen.items() if times > 1]


def test_keys_are_the_first_surname_and_a_year_of_the_work():
    for key, work in works().items():
        assert key[:-4] in plain_forms(work.surnames[0]), f"{key}: the first author is {work.surnames[0]}"
        assert key[-4:] in work.years, f"{key}: the work is of {work.year}"


def test_entries_stand_in_the_order_of_their_keys():
    keys = list(works())
    late = next(((own, after) for own, after in zip(keys[1:], keys, strict=False) if own < after), None)
    assert not late, (
        f"entries of site/references.bib stand in the order of their keys; {late[0]} belongs before "
        f"{next(key for key in sorted(keys) if key > late[0])}"
    )


def test_every_work_is_cited_by_somebody():
    uncited = [key for key, places in citations.citations().items() if not places]
    assert not uncited, f"nobody cites {', '.join(uncited)}; cite it or take it out of references.bib"


# --- what is cited, by identifier ---


def test_every_doi_and_arxiv_number_is_in_the_bibliography():
    unknown = [
        said(path, text, at, identifier)
        for path, text in FILES.items()
        for at, identifier in identifiers(text)
        if len(by_identifier(identifier)) != 1
    ]
    assert not unknown, "not in site/references.bib:\n" + "\n".join(unknown)


def test_every_identifier_stands_with_the_first_author_of_its_work():
    astray = []
    for path, text in FILES.items():
        for at, identifier in identifiers(text):
            for work in by_identifier(identifier):
                before = citations.plain_words(text[max(0, at - citations.REACH) : at])
                if plain(work.surnames[0]) not in before:
                    astray.append(said(path, text, at, f"{identifier} is {work.short}"))
    assert not astray, "the identifier is another work's:\n" + "\n".join(astray)


# --- what is cited, by author and year ---


def test_every_author_with_a_year_is_one_work():
    lost = [
        said(path, text, at, f"{names} {year}: {[work.key for work in by_name(names, year)] or 'no such work'}")
        for path, text in FILES.items()
        for at, names, year in named_in(text)
        if len(by_name(names, year)) != 1
    ]
    assert not lost, "\n".join(lost)


def test_every_year_in_a_list_of_references_belongs_to_a_work():
    lost = []
    for path, text, start, end in reference_lists():
        for at, year, fitting in references_in(text[start:end]):
            if not fitting:
                lost.append(
                    said(path, text, start + at, f"({year}) closes a reference that is not in the bibliography")
                )
    assert not lost, "\n".join(lost)


def test_every_list_of_references_in_the_package_was_read():
    lists = sum(path.endswith(".py") for path, *_ in reference_lists())
    headings = [
        re.findall(r"^ *References$", text, re.MULTILINE) for path, text in FILES.items() if path.endswith(".py")
    ]
    assert lists == sum(map(len, headings)) >= 100


def test_every_lesson_has_further_reading():
    read = [path for path, *_ in reference_lists() if path.startswith("lessons/source/")]
    without = [path for path in FILES if path.startswith("lessons/source/") and path not in read]
    assert not without, f"no paragraph that begins **Further reading.** and ends in an empty line: {', '.join(without)}"
    assert len(set(read)) == len(read), "a lesson has one such paragraph"


def test_the_files_of_the_theory_are_named_after_works():
    for path in sorted((ROOT / "course_utils" / "theory").glob("[a-z]*.py")):
        found = re.fullmatch(r"([a-z]+)(\d{4})(?:_[a-z_]+)?", path.stem)
        if not found:
            assert path.stem == "quadrature", f"{path.name} is named after no work"
            continue
        fitting = [w for w in works().values() if found[1] in plain_forms(w.surnames[0]) and found[2] in w.years]
        assert fitting, f"theory/{path.name}: no work of {found[1]}, {found[2]} in site/references.bib"
        assert any(w.key == f"{found[1]}{found[2]}" for w in fitting), f"theory/{path.name}: {[w.key for w in fitting]}"


# --- what the evidence rests on ---


def sources_of_evidence():
    """(where, source) of every row of evidence: as committed in the notebooks, and as written in the lessons."""
    yield from citations.evidence()
    for path, text in FILES.items():
        if path.startswith("lessons/source/"):
            for found in re.finditer(r"\bsource ?= ?\"([^\"]+)\"", text):
                yield f"{path}:{line_of(text, found.start())}", found[1]


def test_every_source_of_evidence_with_a_year_is_one_work():
    lost, years = [], 0
    for where, source in sources_of_evidence():
        told = list(named_in(source))
        years += len(told)
        lost += [f"{where}: {source!r}: {n} {y}" for _, n, y in told if len(by_name(n, y)) != 1]
        if len(told) != len(re.findall(rf"\b{citations.YEAR}\b", source)):
            lost.append(f"{where}: {source!r} has a year, but no author of the bibliography before it")
    assert not lost, "not one work of site/references.bib:\n" + "\n".join(lost)
    assert years >= 100


def test_a_source_of_evidence_that_names_an_author_gives_the_year():
    for where, source in sources_of_evidence():
        words = {plain(word) for word in citations.WORD.findall(source) if word[0].isupper()}
        if words & citations.authors() and source not in A_LAW_AND_NO_WORK:
            assert re.search(citations.YEAR, source), f"{where}: {source!r}: of which year?"


# --- where each work is cited ---


def test_cited_by_knows_the_lessons():
    found = citations.cited_by()
    assert found["gibbs1902"] == ["11", "12"]
    assert found["dinh2017"] == ["41", "42"]
    assert "32" in found["krauth1989"]
    assert found["kendall1938"] == []  # only the package cites it


def test_the_table_links_to_lessons_that_are_there():
    table = citations.where_cited()
    links = re.findall(r"\]\((lessons/[^)]+)\)", table)
    assert len(links) > 60
    assert all((ROOT / link).exists() for link in links)
    assert table.count("{cite:t}`") == len(works())
    assert (
        "| {cite:t}`almeida1978` | [31](lessons/31_spin_glasses.ipynb) | `course_utils/theory/almeida1978.py` |"
        in table
    )


def test_the_page_lists_all_works_and_includes_the_table(tmp_path):
    page = (ROOT / "site" / "bibliography.md").read_text(encoding="utf-8")
    assert "```{bibliography}\n:all:\n```" in page
    assert "```{include} _cited_by.md\n```" in page
    assert citations.main([str(tmp_path / "_cited_by.md")]) == 0
    assert (tmp_path / "_cited_by.md").read_text(encoding="utf-8") == citations.where_cited()


def test_without_a_file_it_prints_where_each_work_is_cited(capsys):
    assert citations.main([]) == 0
    said = capsys.readouterr().out
    assert re.search(r"^krauth1989 +Krauth and Mézard \(1989\) +.*32_many_networks\.md", said, re.MULTILINE)
    assert re.search(r"^vapnik1995 +Vapnik \(1995\) +dynamics/tolerance_regression\.py$", said, re.MULTILINE)


# --- how citations are read ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("doi:10.1016/0021-9991(76)90078-4.", ["10.1016/0021-9991(76)90078-4"]),
        ("(1949), doi:10.1103/PhysRev.76.1232; and", ["10.1103/PhysRev.76.1232"]),
        ("[doi:10.24432/C50P49](https://doi.org/10.24432/C50P49):", ["10.24432/C50P49"] * 2),
        ("arXiv:2505.07792. D. Saad", ["2505.07792"]),
        ("[x](https://arxiv.org/abs/2011.14439)", ["2011.14439"]),
        ("arXiv:cond-mat/9912121 (1999)", ["cond-mat/9912121"]),
        ("10.5 of 1903.08560", []),
    ],
)
def test_identifiers_are_read_as_they_are_written(text, found):
    assert [one for _, one in identifiers(text)] == found


def test_authors_and_years_are_read_as_they_are_written():
    def read(text):
        return [(work.key, year) for _, names, year in named_in(text) for work in by_name(names, year)]

    assert read("Landauer 1975, Büttiker 1987") == [("landauer1975", "1975"), ("buettiker1987", "1987")]
    assert read("Kac-Rice; Auffinger et al. 2013") == [("auffinger2013", "2013")]
    assert read("Belkin et al. 2019") == [("belkin2019", "2019")]
    assert read("Belkin, Hsu, Xu 2020") == [("belkin2020", "2020")]
    assert read("Nightingale &\n   Blöte, 1996") == [("nightingale1996", "1996")]
    assert read("Heckel, Yilmaz 2020") == [("heckel2020", "2020")]  # the year of the preprint
    assert read("Belkin, Hsu 2020") == []  # there is a third author
    assert read("Kaufman 1948") == []


def test_a_reference_is_the_work_whose_authors_and_year_it_names():
    def read(text):
        return [[work.key for work in fitting] for _, _, fitting in references_in(text)]

    assert read("M. G. Kendall, Biometrika 30, 81 (1938). M. G. Kendall, Biometrika 32, 277 (1942)") == [
        ["kendall1938"],
        ["kendall1942"],
    ]
    assert read("T. Garipov, P. Izmailov, D. Podoprikhin, D. Vetrov, A. G. Wilson, NeurIPS (2018)") == [["garipov2018"]]
    assert read("I. Loshchilov, F. Hutter, arXiv:1711.05101 (2017)") == [["loshchilov2019"]]
    assert read("(Scribner, New York, 1902)") == [[]]
    assert read("J. W. Gibbs, Elementary Principles (Scribner, New York, 1902)") == [["gibbs1902"]]
    assert read("L. Onsager, Phys. Rev. 65, 117 (1945)") == [[]]


def test_a_bibliography_that_cannot_be_read_is_told_in_a_sentence(tmp_path):
    broken = tmp_path / "references.bib"
    broken.write_text("@article{one,\n  author = {A. B.},\n  year = 1900\n", encoding="utf-8")
    with pytest.raises(LessonError, match=r"references\.bib is no proper BibTeX"):
        works(broken)
    twice = "@article{one, author = {A. B.}, year = 1900}\n"
    broken.with_name("twice.bib").write_text(twice + twice, encoding="utf-8")
    with pytest.raises(LessonError, match=r"repeated bibliography entry: one"):
        works(broken.with_name("twice.bib"))
    broken.with_name("nobody.bib").write_text("@article{one, title = {X}}\n", encoding="utf-8")
    with pytest.raises(LessonError, match="one needs an author and a year"):
        works(broken.with_name("nobody.bib"))


def test_without_pybtex_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pybtex.database", None)
    with pytest.raises(LessonError, match="the bibliography needs pybtex; install it with: pip install"):
        works(tmp_path / "references.bib")


def test_notebooks_without_evidence_are_no_trouble(tmp_path):
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons" / "00_x.ipynb").write_text('{"cells": [{"cell_type": "markdown"}]}', encoding="utf-8")
    assert list(citations.evidence(House(tmp_path))) == []

"""The glossary has every word of the lessons' two languages, and every symbol stands where the index says."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "site" / "glossary.md"
TEXT = PAGE.read_text(encoding="utf-8")
SOURCES = {path.name[:2]: path for path in sorted((ROOT / "lessons" / "source").glob("[0-9][0-9]_*.md"))}
LINK = re.compile(r"\[(\d\d)\]\(\.\./lessons/(\d\d)_\w+\.ipynb\)")

# Printed in bold by a lesson, and no terms.
NOT_TERMS = {
    "you need",
    "equal depth",  # 12: of two wells
    "drawn afresh",  # 12: with replacement, in other words
    "dealt out",  # 12: without replacement
    "suppresses and shifts",  # 22: what the tolerance does to the peak
    "continuous",  # 22: said of a transition
    "no tolerance",
    "no peak at all",
    "shared",  # 32: the name of a knob
    "the rule for matching",  # 42
}


def entries():
    """The entries of the first part: (terms, definition)."""
    block = re.search(r"^:::\{glossary\}\n(.*?)\n:::$", TEXT, re.MULTILINE | re.DOTALL)[1]
    for entry in block.split("\n\n"):
        lines = entry.splitlines()
        terms = [line for line in lines if not line.startswith(" ")]
        yield terms, " ".join(line.strip() for line in lines[len(terms) :])


def rows(heading):
    """The rows of the table under a heading, as lists of cells."""
    part = TEXT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def words(text):
    """The words of a text, small and in the singular; formulas and emphasis left out."""
    bare = re.sub(r"\$[^$]*\$|\(\.\./\S+\)|[*`]", " ", text.lower())
    return [re.sub(r"(?<=[^s])s$", "", word) for word in re.findall(r"[^\W\d_][\w’'–-]*", bare)]


def stands_in(term, text):
    """Whether the words of a term stand in a text, one after the other."""
    wanted, there = words(term), words(text)
    return any(there[k : k + len(wanted)] == wanted for k in range(len(there)))


def lessons_in(text):
    return {number for number, _ in LINK.findall(text)}


def without_code_and_notes(text):
    """The words for a learner: no code cells, and none of the cells for instructors, wherever they stand."""
    instructor = r'^\+\+\+ \{"tags": \["instructor"\]\}$.*?(?=^\+\+\+|^```\{code-cell\}|\Z)'
    text = re.sub(instructor, "", text, flags=re.DOTALL | re.MULTILINE)
    return re.sub(r"^```\{code-cell\}.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def prose(number):
    return without_code_and_notes(SOURCES[number].read_text(encoding="utf-8"))


def table_of_the_picture(number):
    """The rows of the table in a lesson's picture, as lists of cells."""
    table = re.search(r"^## The picture((?:(?!^## ).)*?)((?:^\|[^\n]*\n)+)", prose(number), re.MULTILINE | re.DOTALL)
    assert table, f"lesson {number}: no table under '## The picture'"
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table[2].splitlines()[2:]]


def picture(number):
    """What physics says, what a network says: the first two columns."""
    return [cells[:2] for cells in table_of_the_picture(number)]


def bold(number):
    """What a lesson prints in bold, less sentences, questions and numbers of a list."""
    found = [" ".join(one.split()) for one in re.findall(r"\*\*(.+?)\*\*", prose(number), re.DOTALL)]
    return [one for one in found if len(one.split()) <= 4 and not re.search(r"[.:?…)]$", one)]


ENTRIES = list(entries())
TERMS = [term for terms, _ in ENTRIES for term in terms]
SYMBOLS = rows("Symbols")


# --- from physics to networks ---


def test_the_entries_are_whole_and_in_order():
    assert len(ENTRIES) > 60
    assert len(set(TERMS)) == len(TERMS)
    assert [terms[0].lower() for terms, _ in ENTRIES] == sorted(terms[0].lower() for terms, _ in ENTRIES)
    for terms, definition in ENTRIES:
        assert lessons_in(definition), f"{terms[0]}: no lesson"
        assert definition.endswith((".", ".)", "))")), f"{terms[0]}: {definition[-20:]}"
        said = LINK.sub("", definition)
        assert 5 < len(said.split()) < 75, f"{terms[0]}: {len(said.split())} words"


def test_every_other_name_is_listed_with_the_entry_under_which_it_stands():
    wanted = sorted(((one, terms[0]) for terms, _ in ENTRIES for one in terms[1:]), key=lambda pair: pair[0].lower())
    opening = TEXT.split("\n## From physics to networks\n")[1].split(":::{glossary}")[0]
    found = re.findall(r"\{term\}`([^`]+)` \(([^)]+)\)", opening)
    lost = [f"{{term}}`{one}` ({first})" for one, first in wanted if (one, first) not in found]
    assert not lost, f"the words above the glossary lack {', '.join(lost)}"
    assert found == wanted, "the words above the glossary are not in order, or name what is no other name"


@pytest.mark.parametrize("number", SOURCES)
def test_every_row_of_a_lessons_picture_is_there(number):
    for physics, network in picture(number):
        fitting = [(t, d) for t, d in ENTRIES if any(stands_in(one, physics) for one in t)]
        assert fitting, f"lesson {number}, the picture: {physics!r} is no entry of site/glossary.md"
        here = [(t, d) for t, d in fitting if number in lessons_in(d)]
        names = ", ".join(t[0] for t, _ in fitting)
        assert here, f"lesson {number}, the picture: in site/glossary.md, {names} should link to the lesson"
        back = " ".join(name for name, sense in BACK if any(f"`{one}`" in sense for t, _ in here for one in t))
        told = set(words(" ".join([*(term for t, _ in here for term in t), *(d for _, d in here), back])))
        wanted = {word for word in words(network) if len(word) > 3}
        assert told & wanted, (
            f"lesson {number}, the picture: {physics!r} is {network!r} to a network; its entry in site/glossary.md, or "
            f"its row in 'From networks to physics' there, has to use one of the words {', '.join(sorted(wanted))}"
        )


@pytest.mark.parametrize("number", SOURCES)
def test_every_term_that_a_lesson_prints_in_bold_is_there(number):
    for one in bold(number):
        if one.lower() in NOT_TERMS:
            continue
        name = re.sub(r"^(a|the) ", "", one, flags=re.IGNORECASE)
        fitting = [d for t, d in ENTRIES if any(words(term)[: len(words(name))] == words(name) for term in t)]
        assert fitting, (
            f"lesson {number}: **{one}** is no entry of site/glossary.md (nor in NOT_TERMS of tests/test_glossary.py)"
        )
        assert any(number in lessons_in(d) for d in fitting), (
            f"in site/glossary.md, **{one}** should link to lesson {number}"
        )


def test_cells_for_instructors_are_left_out_wherever_they_stand():
    note = '+++ {"tags": ["instructor"]}\n\n**60 minutes:** a **note**.\n\n'
    code = '```{code-cell}\nprint("```")\n```\n'
    for rest in ("+++\n\nA **term**.\n", f"{code}\nA **term**.\n"):
        left = without_code_and_notes(f"# Title\n\n{note}{rest}")
        assert "note" not in left
        assert "print" not in left
        assert "A **term**." in left
    assert without_code_and_notes(f"A **term**.\n\n{note}") == "A **term**.\n\n"


def test_the_list_of_words_that_are_no_terms_has_no_dead_words():
    printed = {one.lower() for number in SOURCES for one in bold(number)}
    assert printed >= NOT_TERMS, NOT_TERMS - printed


def test_every_link_leads_to_the_lesson_it_names():
    links = re.findall(r"\[([^\]]+)\]\(([^)]+)\)", TEXT)
    assert len(links) > 250
    for name, address in links:
        assert (PAGE.parent / address).exists(), address
        assert Path(address).name.startswith(f"{name}_"), f"[{name}]({address})"


# --- from networks to physics ---

BACK = rows("From networks to physics")


def test_the_way_back_is_in_order_and_leads_to_terms():
    names = [name.lower() for name, _ in BACK]
    assert len(names) > 40
    assert names == sorted(names)
    assert len(set(names)) == len(names)
    for name, sense in BACK:
        wanted = re.findall(r"\{term\}`([^`]+)`", sense)
        assert wanted, f"{name}: leads nowhere"
        assert not (set(wanted) - set(TERMS)), f"{name}: {set(wanted) - set(TERMS)} is not in the glossary"


def test_every_name_in_a_network_has_a_way_back():
    """Each entry that begins with the network's name for it is led to from there."""
    led_to = {one for _, sense in BACK for one in re.findall(r"\{term\}`([^`]+)`", sense)}
    named = [terms for terms, definition in ENTRIES if definition.startswith("*Network:*")]
    lost = [terms[0] for terms in named if not led_to.intersection(terms)]
    assert not lost, f"no row leads to {', '.join(lost)}"


# --- symbols ---

GREEK = {
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "Δ": r"\Delta", "ε": r"\epsilon \varepsilon",
    "η": r"\eta", "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "ρ": r"\rho",
    "σ": r"\sigma", "τ": r"\tau", "φ": r"\phi", "χ": r"\chi",
}  # fmt: skip


def symbols_of(cell):
    """The formulas in a cell."""
    return re.findall(r"\$([^$]+)\$", cell)


def formulas(number):
    """The formulas of a lesson: in its text, in the words on its figures, and the letters on its knobs."""
    code = "".join(re.findall(r"```\{code-cell\}.*?```", SOURCES[number].read_text(encoding="utf-8"), re.DOTALL))
    knobs = " ".join(GREEK.get(letter, letter) for letter in " ".join(re.findall(r'symbol="([^"]+)"', code)))
    drawn = [one.replace("\\\\", "\\") for one in re.findall(r"\$([^$\n]{1,40})\$", code)]
    return [*re.findall(r"\$\$?([^$]+)\$\$?", prose(number)), *drawn, knobs]


def occurs(symbol, number):
    """Whether a symbol stands in a formula of a lesson, not as a part of a longer name; a dot stands for anything."""
    formula = " ; ".join(formulas(number))
    parts = re.findall(r"\\[a-zA-Z]+|\S", symbol)
    pattern = r"\s*".join("[^;]*?" if part == r"\cdot" else re.escape(part) for part in parts)
    before = r"(?<![a-zA-Z\\])" if symbol[0].isalpha() else ""
    after = r"(?![a-zA-Z])" if symbol[-1].isalpha() else ""
    return re.search(before + pattern + after, formula) is not None


def letters(formula):
    """The letters of a formula, a Greek one with its backslash; no words, no operators, no accents."""
    bare = re.sub(r"\\(?:text|mathrm|operatorname|mathcal|mathbb)\{[^}]*\}|\\mathbb E|\\mathcal N", " ", formula)
    greek = " ".join(GREEK.values()).split()
    return {one for one in re.findall(r"\\[a-zA-Z]+|[a-zA-Z]", bare) if len(one) == 1 or one in greek}


def test_every_symbol_stands_in_the_lessons_that_the_index_names():
    assert len(SYMBOLS) > 90
    for cell, meaning, _, where in SYMBOLS:
        assert meaning, f"{cell} has no meaning"
        assert lessons_in(where), f"{cell}, {meaning}: no lesson"
        for symbol in symbols_of(cell):
            for number in sorted(lessons_in(where)):
                assert occurs(symbol, number), f"${symbol}$ ({meaning}) is in no formula of lesson {number}"


@pytest.mark.parametrize("number", SOURCES)
def test_every_letter_of_a_formula_is_in_the_index(number):
    here = [cell for cell, *_, where in SYMBOLS if number in lessons_in(where)]
    listed = letters(" ; ".join(one for cell in here for one in symbols_of(cell)))
    told = " ; ".join(symbols_of(prose(number).replace("$$", "$")))
    missing = letters(told) - listed - {"e", "d", r"\pi"}  # the base of the logarithm, differentials, 3.14…
    assert not missing, f"lesson {number}: {sorted(missing)} of its formulas are not in the index of symbols"


def test_every_symbol_of_a_picture_is_in_the_index():
    listed = {symbol for cell, *_ in SYMBOLS for symbol in symbols_of(cell)}
    for number in SOURCES:
        for cell in (cells[-1] for cells in table_of_the_picture(number)):
            for formula in symbols_of(cell):
                first = re.match(r"\\?[a-zA-Z]+(?:_(?:\{[^}]*\}|\\?\w+(?:\{\w+\})?))?", formula)
                if first and not formula.startswith(r"\operatorname"):
                    known = [one for one in listed if formula.startswith(one)]
                    assert known, (
                        f"lesson {number}, the picture: ${formula}$ has no row under '## Symbols' in site/glossary.md"
                    )


def test_no_two_rows_give_a_symbol_one_meaning_in_one_lesson():
    seen = {}
    for cell, meaning, _, where in SYMBOLS:
        for number in lessons_in(where):
            assert (cell, meaning, number) not in seen
            seen[cell, meaning, number] = True


def test_the_letters_that_change_are_told_lesson_by_lesson():
    """In each lesson those that last stood in an earlier one with another meaning, in the order of the index."""
    meanings = {}
    for cell, meaning, _, where in SYMBOLS:
        for symbol in symbols_of(cell):
            for number in lessons_in(where):
                meanings.setdefault(symbol, {}).setdefault(number, set()).add(meaning)
    wanted = {}
    for symbol, of in meanings.items():
        for number in sorted(of)[1:]:
            if not of[number] <= of[max(earlier for earlier in of if earlier < number)]:
                wanted.setdefault(number, []).append(symbol)
    told = {LINK.search(lesson)[1]: symbols_of(cell) for lesson, cell in rows("Letters that change their meaning")}
    for number in SOURCES:
        row = ", ".join(f"${symbol}$" for symbol in wanted.get(number, []))
        assert told.get(number, []) == wanted.get(number, []), f"the row of lesson {number} should be: {row}"


def test_the_symbols_look_for_whole_names():
    assert occurs("x", "11")
    assert occurs(r"\chi", "21")
    assert not occurs("k", "00")
    assert not occurs(r"\lambda_\text{min}", "42")

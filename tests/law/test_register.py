"""Every clause of the register is in its pack, every citation resolves, every clause to compute is read."""

import re
from pathlib import Path

import pytest

from bangfu.policy import VOCABULARY, load_book
from bangfu.policy.marks import read_marked

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src" / "bangfu"
REGISTER = read_marked(HERE / "register.yaml").data
LATER = read_marked(HERE / "later.yaml").data
CITATION = re.compile(r"\b(?:CN|HA|JZ|LD|GZ|HLJ)20\d\d-(?:form|\d+(?:\.\d+)*[a-d]?)\b")
COMPUTED = set("PRC")


def cited_by_terms():
    """Clauses behind the terms that some rule reads, behind windows and behind protected gaps."""
    found = set()
    for pack in load_book().packs.values():
        for name, values in pack.terms.items():
            if VOCABULARY[name].read_by:
                found |= {clause for dated in values for clause in (*dated.clauses, dated.incorporates)}
        found |= {clause for gap in pack.protects for clause in gap.clauses}
        found |= {clause for clause in (pack.window_clause, pack.own_contracts_only) if clause}
    return found - {""}


def cited_by_code(*folders, suffixes=(".py", ".yaml")):
    found = {}
    for folder in folders:
        for file in sorted((SOURCE / folder).rglob("*")):
            if file.suffix in suffixes and "packs" not in file.parts:
                for clause in CITATION.findall(file.read_text(encoding="utf-8")):
                    found.setdefault(clause, file.relative_to(SOURCE).as_posix())
    return found


def test_the_seven_documents_are_there():
    assert set(load_book().packs) == set(REGISTER)


@pytest.mark.parametrize("document", REGISTER)
def test_a_pack_holds_exactly_the_clauses_of_the_register_with_their_kinds(document):
    pack = load_book().packs[document]
    assert {key: clause.kind for key, clause in pack.clauses.items()} == REGISTER[document]


@pytest.mark.parametrize("document", REGISTER)
def test_every_clause_is_worded_in_both_languages(document):
    for key, clause in load_book().packs[document].clauses.items():
        assert clause.text.endswith("."), key
        assert clause.zh.endswith("。"), key


def test_every_clause_cited_anywhere_in_the_code_exists():
    book = load_book()
    missing = {clause: file for clause, file in cited_by_code(".").items() if book.clause(clause) is None}
    assert missing == {}


def read_somewhere():
    """Clauses that rules or the site's code rest on; a table of duties only tells of them."""
    site = cited_by_code("casework", suffixes=(".py",))
    return cited_by_terms() | set(cited_by_code("rules", "engine", "policy")) | set(site)


def test_every_clause_to_compute_is_read_or_named_as_later_work():
    computed = {
        f"{document}-{key}"
        for document, kinds in REGISTER.items()
        for key, kind in kinds.items()
        if COMPUTED & set(kind.split())
    }
    assert computed - read_somewhere() - set(LATER) == set()


def test_the_list_of_later_work_names_real_clauses_that_nothing_reads_yet():
    for clause, reason in LATER.items():
        document, _, key = clause.partition("-")
        assert COMPUTED & set(REGISTER[document][key].split()), clause
        assert len(reason) > 10, clause
    assert set(LATER) & read_somewhere() == set()


def test_a_term_is_read_by_a_rule_that_exists_and_where_it_says_so():
    rules = {folder.name for folder in (SOURCE / "rules").iterdir() if folder.is_dir()}
    assert {term.read_by for term in VOCABULARY.values() if term.read_by} <= rules
    code = "".join(
        file.read_text(encoding="utf-8")
        for folder in ("rules", "engine")
        for file in (SOURCE / folder).rglob("*.py")
    )
    unread = {term.name for term in VOCABULARY.values() if term.read_by and f'"{term.name}"' not in code}
    assert unread == set()

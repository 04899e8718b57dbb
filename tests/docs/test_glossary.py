"""The glossary holds every name of the code, with the Chinese words the code itself writes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import django

from bangfu.casework.words import Words
from bangfu.facts import TABLES, codes
from bangfu.policy import VOCABULARY, load_book
from bangfu.refusals import REGISTER

GLOSSARY = Path(__file__).parents[2] / "GLOSSARY.md"
Names = dict[str, set[str]]


def names(text: str) -> Names:
    """Each name in code with the Chinese words of its rows."""
    found: Names = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) < 3:
            continue
        for name in re.findall(r"`([^`]+)`", cells[2]):
            for one in name.split(", "):
                found.setdefault(one, set()).add(cells[0].strip("*"))
    return found


def wanted() -> list[tuple[str, str]]:
    """Every name of the code that officials may meet, with its Chinese words."""
    found = [(code.name, code.zh) for code in REGISTER]
    found += [(term.name, term.zh) for term in VOCABULARY.values()]
    for table in TABLES.values():
        found.append((table.name, table.zh))
        found += [(f"{table.name}.{column.name}", column.zh_header) for column in table.columns]
        for column in table.columns:
            if column.words and column.words is not codes.TRUTH:
                found += [(code, words[0]) for code, words in column.words.items()]
    return found + of_the_platform()


def of_the_platform() -> list[tuple[str, str]]:
    """Roles, states of an application, the archive's papers, refusals, the codes of a cycle, as the site says them."""
    django.setup()
    from bangfu.casework.archive.api import KINDS
    from bangfu.casework.database.refusals import REFUSALS
    from bangfu.casework.origination.api import STATES
    from bangfu.casework.people.api import ROLES
    from bangfu.casework.subsidies.api import STATES as STEPS
    from bangfu.engine.bundle import FAULTS

    found = [(code, role.words.zh) for code, role in ROLES.items()]
    found += [(code, state.words.zh) for code, state in (*STATES.items(), *STEPS.items())]
    found += [(one.code, one.words.zh) for kind in KINDS for one in (kind, *kind.parts)]
    found += [(code, words[0]) for code, words in FAULTS.items()]
    return found + [
        (code, words.zh) for table in (REFUSALS, *of_the_cycle()) for code, words in table.items()
    ]


def of_the_cycle() -> list[Mapping[str, Words]]:
    """What the pages of a subsidy cycle say of lines, objections, payments and money."""
    from bangfu.casework.budgets import api as budgets
    from bangfu.casework.notices import api as notices
    from bangfu.casework.payments import api as payments
    from bangfu.casework.subsidies import api as subsidies

    kinds = {code: kind.words for code, kind in budgets.KINDS.items()}
    return [
        subsidies.STATUSES, subsidies.LINE_KINDS, subsidies.GROUNDS, subsidies.LEFT_OUT, subsidies.CHECKED,
        subsidies.DIFFERENCES, notices.KINDS, notices.PARTS, notices.GROUNDS, notices.OBJECTION_STATES,
        notices.OUTCOMES, notices.REMEDIES, payments.BATCH_STATES, payments.OUTCOMES, payments.REASONS,
        payments.LEFT_OUT, payments.PAID_TO, payments.PROOFS, payments.UNPROVED, payments.RECOVERED_FROM,
        budgets.SOURCES, budgets.ACCOUNTS, kinds,
    ]  # fmt: skip


def missing(text: str) -> list[str]:
    there = names(text)
    return [f"{name} {zh}" for name, zh in wanted() if zh not in there.get(name, set())]


def test_every_name_of_the_code_stands_in_the_glossary() -> None:
    assert missing(GLOSSARY.read_text(encoding="utf-8")) == []


def test_a_name_that_is_left_out_is_noticed() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    without = "\n".join(line for line in text.splitlines() if "`fund_below_floor`" not in line)
    assert [line.split(" ")[0] for line in missing(without)] == ["fund_below_floor"]


def test_every_word_a_term_allows_stands_in_the_glossary() -> None:
    there = names(GLOSSARY.read_text(encoding="utf-8"))
    assert [word for term in VOCABULARY.values() for word in term.allowed if word not in there] == []


def test_every_document_stands_in_the_glossary() -> None:
    there = names(GLOSSARY.read_text(encoding="utf-8"))
    for pack in load_book().packs.values():
        assert pack.id in there
        assert not pack.number or pack.number in there[pack.id]

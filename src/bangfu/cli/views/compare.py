"""What changed: between two documents, or for one place between two days."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.cli.language import say
from bangfu.cli.options import day
from bangfu.cli.output import BadInput, print_json, say_out, table
from bangfu.cli.views.policy import plain, stack_for
from bangfu.policy import DayDiff, Pack, PackDiff, PolicyBook, TermChange, diff_days, diff_packs, load_book
from bangfu.policy.diff import ClauseChange, Said
from bangfu.policy.marks import read_marked
from bangfu.policy.pack import read_pack

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def diff(
    one: str, two: str, *, place: str | None, product: str | None, packs: Sequence[Path], as_json: bool
) -> None:
    """Compare and print.

    Raises:
        BadInput: A day beside a document, days without a place, or an id that no pack has.
        Refused: No document covers the place on one of the days.
        PackError: A file that is no pack.
    """
    book = load_book(packs)
    days = [bool(_DAY.fullmatch(word)) for word in (one, two)]
    if any(days):
        if not all(days) or place is None:
            raise BadInput(
                say("比较两日时，两个都应是日期，并给 --place", "two days are compared with --place PLACE")
            )
        found = _days(book, day(one), day(two), place=place, product=product)
        print_json(_day_document(found, one, two)) if as_json else _print_terms(
            f"{place}  {one} {found.before} → {two} {found.after}", found.terms
        )
        return
    changes = diff_packs(_pack(book, one), _pack(book, two))
    print_json(_pack_document(changes)) if as_json else _print_packs(changes)


def _days(book: PolicyBook, first: date, second: date, *, place: str, product: str | None) -> DayDiff:
    """Each day under the named product, or under the newest that is in force that day."""
    before = stack_for(book, place, first, product=product).product
    after = stack_for(book, place, second, product=product).product
    return diff_days(book, place, before, first, second, product_after=after)


def _pack(book: PolicyBook, word: str) -> Pack:
    if word in book.packs:
        return book.packs[word]
    if Path(word).is_file():
        return read_pack(read_marked(Path(word))).pack
    known = ", ".join(book.packs)
    raise BadInput(
        say(
            f"没有 {word} 这个政策包或文件；有：{known}", f"{word} is no pack and no file; there are: {known}"
        )
    )


def _said(values: Sequence[Said]) -> str:
    lines = []
    for said in values:
        days = (
            ""
            if said.from_on is None and said.to_on is None
            else f" [{said.from_on or ''} → {said.to_on or ''}]"
        )
        lines.append(f"{plain(said.value)}{days} ({', '.join(said.clauses)})")
    return "\n".join(lines) or "—"


def _print_terms(title: str, terms: Sequence[TermChange]) -> None:
    rows = [(change.name, _said(change.before), _said(change.after)) for change in terms]
    table((say("要素", "term"), say("之前", "before"), say("之后", "after")), rows, title=title)


def _print_packs(changes: PackDiff) -> None:
    headers = (say("文件头", "heading"), changes.before, changes.after)
    table(headers, changes.heading, title=f"{changes.before} → {changes.after}")
    _print_terms("", changes.terms)
    for change in changes.clauses:
        say_out(f"{change.clause}: {_words(change, before=True)} → {_words(change, before=False)}")


def _words(change: ClauseChange, *, before: bool) -> str:
    clause = change.before if before else change.after
    return "—" if clause is None else clause.text


def _said_json(values: Sequence[Said]) -> list[dict[str, Any]]:
    return [
        {
            "value": said.value,
            "clauses": list(said.clauses),
            "from": None if said.from_on is None else said.from_on.isoformat(),
            "to": None if said.to_on is None else said.to_on.isoformat(),
        }
        for said in values
    ]


def _terms_json(terms: Sequence[TermChange]) -> list[dict[str, Any]]:
    return [
        {
            "name": change.name,
            "same_value": change.same_value,
            "before": _said_json(change.before),
            "after": _said_json(change.after),
        }
        for change in terms
    ]


def _day_document(found: DayDiff, one: str, two: str) -> dict[str, Any]:
    return {
        "place": found.place,
        "before": {"day": one, "policy": found.before},
        "after": {"day": two, "policy": found.after},
        "terms": _terms_json(found.terms),
    }


def _pack_document(changes: PackDiff) -> dict[str, Any]:
    return {
        "before": changes.before,
        "after": changes.after,
        "heading": [{"name": name, "before": one, "after": two} for name, one, two in changes.heading],
        "terms": _terms_json(changes.terms),
        "clauses": [
            {
                "clause": change.clause,
                "before": change.before and change.before.text,
                "after": change.after and change.after.text,
            }
            for change in changes.clauses
        ],
    }

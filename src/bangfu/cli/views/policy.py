"""What the documents say for a place and a day; whether packs are in order."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from bangfu.cli.failures import pack_error_json
from bangfu.cli.language import say, spoken
from bangfu.cli.output import BAD_INPUT, DONE, print_json, say_out, table, tell_some
from bangfu.policy import VOCABULARY, PolicyBook, Stack, TermValue, load_book
from bangfu.policy import check as check_packs
from bangfu.refusals import Refused
from bangfu.reports.fact_words import CODE_WORDS
from bangfu.reports.words import PAYERS

NEWEST_FIRST = ("assistance", "transition", "poverty")


def show(place: str, on: date, *, product: str | None, packs: Sequence[Path], as_json: bool) -> None:
    """Print every term that is set, with what it overrides, and the terms that are not regulated.

    Raises:
        Refused: No document covers the place, the product and the day.
    """
    stack = stack_for(load_book(packs), place, on, product=product)
    terms = stack.terms(on)
    if as_json:
        print_json(_document(stack, terms, on))
        return
    say_out(f"{place}  {on}  {stack.product}  {stack.id}")
    for pack in stack.packs:
        issued = pack.issued or say("未印日期", "prints no date")
        say_out(f"  {pack.id}  {pack.number or '—'}  {pack.title}（{issued}）")
    for warning in stack.warnings:
        say_out(f"  ! {warning.zh if spoken() == 'zh' else warning.en} [{', '.join(warning.clauses)}]")
    headers = (
        say("要素", "term"),
        say("名称", "meaning"),
        say("值", "value"),
        say("依据", "clause"),
        say("取代", "overrides"),
    )
    table(headers, [_row(name, term) for name, term in terms.items()])
    absent = ", ".join(stack.not_regulated(on))
    say_out(say(f"未规定：{absent}", f"Not regulated: {absent}"))


def stack_for(book: PolicyBook, place: str, on: date, *, product: str | None) -> Stack:
    """The stack of a product, or of the newest product that has one that day.

    Raises:
        Refused: There is none; for the newest product where none was named.
    """
    refused: Refused | None = None
    for candidate in (product,) if product else NEWEST_FIRST:
        try:
            return book.stack(place, candidate, on)
        except Refused as why:
            refused = refused or why
    raise refused or AssertionError


def plain(value: Any) -> str:
    """A term's value on one line, in the language that is spoken."""
    if isinstance(value, list):
        return say("、", ", ").join(plain(item) for item in value)
    if isinstance(value, dict):
        return _payer(value) if "payer" in value else _band(value)
    if isinstance(value, bool):
        return say("是", "yes") if value else say("否", "no")
    if isinstance(value, str):
        return CODE_WORDS.get(value, value) if spoken() == "zh" else value
    return json.dumps(value, ensure_ascii=False)


def _payer(value: dict[str, str]) -> str:
    parts = [PAYERS[value["payer"]] if spoken() == "zh" else value["payer"]]
    if "share_of_rate" in value:
        parts.append(say(f"贷款利率的{value['share_of_rate']}", f"{value['share_of_rate']} of the rate"))
    if "points" in value:
        parts.append(say(f"{value['points']}个百分点", f"{value['points']} points"))
    if "max_points" in value:
        parts.append(say(f"不超过{value['max_points']}个百分点", f"at most {value['max_points']} points"))
    return " ".join(parts)


def _band(value: dict[str, Any]) -> str:
    months, limit = value["up_to_months"], value.get("index") or f"{value.get('percent')} %"
    return say(f"{months}个月以内 {limit}", f"up to {months} months {limit}")


def _row(name: str, term: TermValue) -> tuple[str, ...]:
    known = VOCABULARY[name]
    overridden = "; ".join(f"{_with_unit(below)} ({below.clause})" for below in term.overrides)
    reading = say("（我方理解）", " (a reading)") if term.reading else ""
    words = known.zh if spoken() == "zh" else known.meaning
    return name, words, _with_unit(term) + reading, ", ".join(term.clauses), overridden


def _with_unit(term: TermValue) -> str:
    units = {
        "yuan": say("元", "yuan"), "percent": "%", "points": say("个百分点", "points"),
        "months": say("个月", "months"), "days": say("天", "days"), "years": say("周岁", "years"),
    }  # fmt: skip
    value = plain(term.shown)
    number = value.replace(".", "").isdigit()
    return f"{value} {units.get(VOCABULARY[term.name].type, '')}".strip() if number else value


def _document(stack: Stack, terms: dict[str, TermValue], on: date) -> dict[str, Any]:
    return {
        "place": stack.place,
        "day": on.isoformat(),
        "product": stack.product,
        "policy": stack.id,
        "packs": [
            {"id": pack.id, "number": pack.number, "hash": pack.hash, "title": pack.title,
             "issued": None if pack.issued is None else pack.issued.isoformat()}
            for pack in stack.packs
        ],
        "terms": {name: _term(term) for name, term in terms.items()},
        "not_regulated": list(stack.not_regulated(on)),
        "warnings": [
            {"code": warning.name, "clauses": list(warning.clauses), "facts": dict(warning.facts)}
            for warning in stack.warnings
        ],
    }  # fmt: skip


def _term(term: TermValue) -> dict[str, Any]:
    document: dict[str, Any] = {
        "value": term.shown,
        "clause": term.clause,
        "clauses": list(term.clauses),
        "document": term.document,
        "overrides": [
            {"value": below.shown, "document": below.document, "clause": below.clause}
            for below in term.overrides
        ],
    }
    if term.reading:
        document["reading"] = term.reading
    if term.incorporates:
        document["incorporates"] = term.incorporates
    return document


def check(paths: Sequence[Path], *, as_json: bool) -> int:
    """Judge packs beside the installed ones; the exit code is 2 where anything is wrong."""
    errors = check_packs(paths)
    if as_json:
        print_json({"ok": not errors, "problems": [pack_error_json(error) for error in errors]})
    elif not errors:
        say_out(say("政策包无误", "The packs are in order"))
    tell_some([str(error) for error in errors])
    return BAD_INPUT if errors else DONE

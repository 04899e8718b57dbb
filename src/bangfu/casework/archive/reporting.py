"""The reports of a cycle or a year: read once, summed by ``reports.subsidy_cycle``, shown, or taken away as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents.workbooks import Taken, mark, purpose_told
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import places_of
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, LineView
from bangfu.casework.words import Words
from bangfu.reports.papers import Imprint
from bangfu.reports.subsidy_cycle import (
    Heading,
    Report,
    ReportedLine,
    Said,
    report_of,
    report_pdf,
    write_report_book,
)

__all__ = ["FORMS", "REPORTS", "cycles_of", "exported", "heading_of", "lines_for", "reports"]

REPORTS: Mapping[str, Words] = {
    "list": Words("贴息清册", "subsidy list"),
    "place": Words("分乡镇、村汇总", "by township and village"),
    "payer": Words("分资金来源汇总", "by payer"),
    "regime": Words("分新老政策汇总", "by regime"),
    "differences": Words("与银行数差异", "differences from bank claims"),
    "refunds": Words("退还清单", "refund list"),
    "yearly": Words("年度汇总", "yearly summary"),
}
FORMS = ("xlsx", "pdf")
_YEAR = 4
_CYCLES = 200
_PAID = (
    "select i.line_id, sum(i.amount_fen)::bigint from casework_payment_item i"
    " join lateral (select outcome from casework_payment_result r where r.item_id = i.id"
    "  order by number desc limit 1) r on r.outcome = 'paid' where i.list_id = any(%s) group by 1"
)
_BACK = (
    "select r.line_id, sum(r.amount_fen)::bigint from casework_recovered r"
    " join casework_subsidy_line l on l.id = r.line_id where l.subsidy_list_id = any(%s) group by 1"
)
_SAID = (
    "select distinct on (line_id) line_id, reason from casework_line_act where subsidy_list_id = any(%s)"
    " and kind = 'explained' order by line_id, id desc"
)


def reports(*, actor: Actor, of: object, kind: str, county: str = "") -> Report:
    """A report of a cycle, or of all cycles paid in a year, over what is in scope.

    Args:
        actor: Who reads.
        of: A cycle's id, or a year as an int or in four digits.
        kind: ``REPORTS``.
        county: Whose year; the only one in scope where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``.
    """
    people.require(actor, "subsidy.read")
    if kind not in REPORTS:
        raise Refused("bad_field", field="kind")
    cycles = _cycles(actor, of, county)
    return report_of(kind, lines_for(actor, cycles), heading_of(actor, cycles, of))


def exported(
    *, actor: Actor, of: object, kind: str, form: str = "xlsx", purpose: str, county: str = ""
) -> Taken:
    """A report as a file, marked with who took it and for what; the trail keeps it.

    Args:
        actor: Who takes it.
        of: As in ``reports``.
        kind: Likewise.
        form: xlsx or pdf.
        purpose: What for.
        county: As in ``reports``.

    Raises:
        Refused: as ``reports``, and ``reason_missing``.
    """
    if form not in FORMS:
        raise Refused("bad_field", field="form")
    told = purpose_told(purpose)
    report = reports(actor=actor, of=of, kind=kind, county=county)
    content = (
        _workbook(report, mark(actor, told, report.title.zh)) if form == "xlsx" else _paper(actor, report)
    )
    trail.record(
        actor=actor, act="subsidy.report_taken", subject=("cycle", of), why=told,
        after={"kind": kind, "rows": len(report.rows)},
    )  # fmt: skip
    return Taken(f"{report.place}{report.period}{report.title.zh}.{form}", content)


def _workbook(report: Report, note: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_report_book([report], path, note=note)
        return path.read_bytes()


def _paper(actor: Actor, report: Report) -> bytes:
    return report_pdf(report, imprint=Imprint(printed_by=actor.name, printed_at=actor.now))


def _cycles(actor: Actor, of: object, county: str) -> tuple[CycleView, ...]:
    text = str(of)
    if text.isascii() and text.isdigit() and len(text) == _YEAR:
        return cycles_of(actor, int(text), county)
    return (subsidies.cycle_of(of, on=actor.on),)


def cycles_of(actor: Actor, year: int, county: str = "") -> tuple[CycleView, ...]:
    """The cycles that are paid in a year, in the order of their periods.

    Raises:
        Refused: ``bad_field`` where several counties are in scope and none is named.
    """
    found: list[CycleView] = []
    number = 0
    while True:
        number += 1
        page = subsidies.cycles(actor=actor, county=county, page=number)
        found += page.rows
        if not page.rows or len(found) >= min(page.total, _CYCLES):
            break
    mine = [one for one in found if one.payment_month.year == year]
    if len({one.county for one in mine}) > 1:
        raise Refused("bad_field", field="county")
    return tuple(sorted(mine, key=lambda one: (one.start, one.rhythm)))


def heading_of(actor: Actor, cycles: Sequence[CycleView], of: object) -> Heading:
    """What stands over a report."""
    counties = sorted({one.county for one in cycles})
    names = places_of(set(counties), on=actor.on) if counties else {}
    if len(str(of)) == _YEAR:
        running = actor.on.year <= int(str(of))  # payments, returns and receipts of it may still come
        period = f"{of}年度（截至{actor.on}）" if running else f"{of}年度"
    else:
        period = cycles[0].words.zh
    return Heading(place="、".join(names[one] for one in counties), period=period, made_on=actor.on)


def lines_for(actor: Actor, cycles: Iterable[CycleView], *, place: str = "") -> list[ReportedLine]:
    """The lines of cycles in scope as a report reads them: a fixed number of questions a cycle."""
    out: list[ReportedLine] = []
    for cycle in cycles:
        views = {one.id: one for one in subsidies.lists_of(cycle_id=cycle.id, township=place, on=actor.on)}
        ids = list(views)
        paid, back, said = (_pairs(text, ids) for text in (_PAID, _BACK, _SAID))
        words = cycle.words.zh
        for line in subsidies.lines_of(ids, on=actor.on):
            view = views[line.list_id]
            out.append(
                _line(
                    line, cycle=words, start=cycle.start, township=view.township, township_name=view.township_name,
                    branch=view.bank_name, paid=int(paid.get(line.id, 0)), back=int(back.get(line.id, 0)),
                    said=str(said.get(line.id, "")),
                )
            )  # fmt: skip
    return out


def _pairs(text: str, list_ids: Sequence[UUID]) -> dict[UUID, Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, [list(list_ids)])
        return dict(cursor.fetchall())


def _line(
    line: LineView, *, cycle: str, start: date, township: str, township_name: str, branch: str, paid: int, back: int,
    said: str,
) -> ReportedLine:  # fmt: skip
    return ReportedLine(
        id=str(line.id), list_id=str(line.list_id), cycle=cycle, cycle_start=start, number=line.number, kind=line.kind,
        status=line.status, status_reason=line.status_reason if line.status != "open" else "", township=township,
        township_name=township_name, village=line.village, branch=branch,
        village_name=line.village_name.rpartition(" ")[2],
        household_id=line.household_id, borrower=line.borrower_name, loan_id=line.loan_id, product=line.product,
        start=line.start, end=line.end, days=line.days, rate_e8=line.rate_e8, interest_fen=line.interest_fen,
        by_payer=dict(line.by_payer), subsidy_fen=line.subsidy_fen, borrower_fen=line.borrower_fen,
        held_back_fen=line.held_back_fen, payable_fen=line.payable_fen, payable_by=dict(line.payable_by),
        claimed_fen=line.claimed_fen, difference=_words(subsidies.DIFFERENCES, line.difference), explanation=said,
        ground=_words(subsidies.GROUNDS, line.ground), clauses=line.clauses, paid_fen=paid, recovered_fen=back,
    )  # fmt: skip


def _words(known: Mapping[str, Words], code: str) -> Said | None:
    if not code:
        return None
    words = known.get(code, Words(code, code))
    return Said(words.zh, words.en)

"""The monthly filing of the county bank to the bureau, and the monthly lists to villages and townships.

By month end the county bank files the month's loans with the county bureau (LD2021-2.2c); each month every branch gives
the villages and townships last month's loans and refusals (LD2021-2.2d). Each is made as a paper and a workbook, kept,
and there for its addressee from that moment on.
"""

from __future__ import annotations

import calendar
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connection, transaction

from bangfu.casework.audit_trail import api as trail
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.questions import rows, value_of
from bangfu.casework.database.refusals import Refused
from bangfu.casework.documents import api as documents
from bangfu.casework.origination.cases import locked
from bangfu.casework.origination.filing_rows import Span, blocks, counted, villages_with_rows
from bangfu.casework.origination.models import Filing
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import branch_of, institution_names, names_of, places_of
from bangfu.casework.words import Words
from bangfu.money.fen import format_yuan
from bangfu.money.rates import format_percent
from bangfu.reports.paper import Column, Workbook
from bangfu.reports.papers import Imprint, MonthlyList, RegimeBlock, content_hash, monthly_list

MONTHLY, TOWNSHIP_LIST, VILLAGE_LIST = "monthly_filing", "township_list", "village_list"
KINDS: Mapping[str, Words] = {
    MONTHLY: Words("贷款月度备案表", "monthly filing of loans"),
    TOWNSHIP_LIST: Words("乡镇贷款和未获批清单", "township's list of loans and refusals"),
    VILLAGE_LIST: Words("村贷款和未获批清单", "village's list of loans and refusals"),
}
CLAUSES = {MONTHLY: "LD2021-2.2c", TOWNSHIP_LIST: "LD2021-2.2d", VILLAGE_LIST: "LD2021-2.2d"}
_COUNTY, _TOWNSHIP = 6, 9
_LOANS = (
    Column("乡镇、村", 22), Column("借款人", 10), Column("身份证号码", 20), Column("合同编号", 20),
    Column("金额（元）", 14, "text"), Column("年利率（%）", 10, "text"), Column("放款日期", 12, "date"),
    Column("到期日期", 12, "date"), Column("用途", 14),
)  # fmt: skip
_REFUSALS = (
    Column("乡镇、村", 22), Column("申请人", 10), Column("身份证号码", 20), Column("申请日期", 12, "date"),
    Column("申请金额（元）", 14, "text"), Column("未批准日期", 12, "date"), Column("环节", 14),
    Column("原因", 40, "wrap"),
)  # fmt: skip


@dataclass(frozen=True)
class FilingView:
    """A paper that was filed.

    Attributes:
        id: Its id.
        kind: monthly_filing, township_list or village_list.
        month: The first day of the month it tells of.
        place: The code of the addressee's place.
        place_name: In words.
        institution: The name of who filed.
        counts: Loans, refusals, sums.
        filed_by: Who filed it.
        at: When.
        due_on: By when it had to be there.
        late: Whether it came later.
        paper_id: The PDF.
        workbook_id: The workbook.
    """

    id: uuid.UUID
    kind: str
    month: date
    place: str
    place_name: str
    institution: str
    counts: Mapping[str, int]
    filed_by: str
    at: datetime
    due_on: date
    late: bool
    paper_id: uuid.UUID
    workbook_id: uuid.UUID | None


@dataclass(frozen=True)
class Due:
    """A paper that is not filed yet."""

    kind: str
    month: date
    place: str
    place_name: str
    institution_id: str
    due_on: date


def last_day(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def month_after(month: date) -> date:
    """The first day of the next month."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month.replace(day=1) - timedelta(days=1)).replace(day=1)


def due_on(kind: str, month: date) -> date:
    """A filing is due at its month's end, a list at the end of the month after the one it tells of."""
    return last_day(month if kind == MONTHLY else month_after(month))


@transaction.atomic
def make_filing(*, actor: Actor, month: date) -> FilingView:
    """File a month's loans with the county bureau (LD2021-2.2c).

    It tells of the days since the last filing up to today, at most to the month's end: no loan falls between two.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``duplicate``, ``bad_field`` (a month to come).
    """
    people.require(actor, "filing.make")
    bank = branch_of(actor.place, on=actor.on)
    month = _month(month, actor)
    if bank is None or bank.bank_id != actor.place:
        raise Refused("not_in_scope")
    county = _county_of(actor.place, on=actor.on)
    _not_yet(MONTHLY, month, actor.place, county)
    before = Filing.objects.filter(kind=MONTHLY, institution_id=actor.place).order_by("-to_on").first()
    follows = before is not None and month_before(month) <= before.to_on < month
    from_on = before.to_on + timedelta(days=1) if before is not None and follows else month
    span = Span(actor.scope.institutions, county, from_on, min(actor.on, last_day(month)))
    return _filed(actor, MONTHLY, month, county, span, sender=bank.name, institution_id=actor.place)


@transaction.atomic
def make_lists(*, actor: Actor, month: date, township: str) -> list[FilingView]:
    """Give a township and its villages a month's loans and refusals at the actor's branches (LD2021-2.2d).

    The township always gets its list, if only to say that there was nothing; a village where there was something.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``duplicate``, ``bad_field`` (a month that is not over).
    """
    people.require(actor, "filing.make")
    month = _month(month, actor)
    if last_day(month) >= actor.on:
        raise Refused("bad_field", field="month", why=Words("该月尚未结束", "the month is not over"))
    bank = branch_of(actor.place, on=actor.on)
    if bank is None or township not in townships_of(actor=actor):
        raise Refused("not_in_scope")
    span = Span(actor.scope.institutions, township, month, last_day(month))
    _not_yet(TOWNSHIP_LIST, month, actor.place, township)
    made = [_filed(actor, TOWNSHIP_LIST, month, township, span, sender=bank.name, institution_id=actor.place)]
    for village in villages_with_rows(span):
        inside = Span(span.institutions, village, span.from_on, span.to_on)
        made.append(
            _filed(actor, VILLAGE_LIST, month, village, inside, sender=bank.name, institution_id=actor.place)
        )
    return made


def townships_of(*, actor: Actor) -> dict[str, str]:
    """The townships the actor's branches have to do with: those they lead, and those of their applications."""
    found = rows(
        "select distinct left(scope_area, 9) from casework_application where institution_id = any(%s)",
        [list(actor.scope.institutions)],
    )
    codes = sorted({*(row[0] for row in found), *actor.scope.served})
    names = names_of(codes, on=actor.on)
    return {code: names.get(code, code) for code in codes}


def filings(*, actor: Actor, month: date | None = None, at_most: int = 200) -> list[FilingView]:
    """The papers in scope, the newest first: those filed, and those one is the addressee of.

    Raises:
        Refused: ``not_your_role``.
    """
    people.require(actor, "filing.read")
    rows = Filing.objects.all()
    if month is not None:
        rows = rows.filter(month=month.replace(day=1))
    found = list(rows.order_by("-month", "kind", "scope_area")[:at_most])
    names = places_of([row.scope_area for row in found], on=actor.on)
    senders = institution_names((row.institution_id for row in found), on=actor.on)
    return [_view(row, names, senders) for row in found]


def still_due(*, actor: Actor) -> list[Due]:
    """What the actor's bank has still to file: this month's filing from its 20th day on, and last month's lists."""
    if not people.may(actor.role, "filing.make"):
        return []
    there = set(
        Filing.objects.filter(institution_id=actor.place, month__gte=month_before(actor.on)).values_list(
            "kind", "month", "scope_area"
        )
    )
    found: list[Due] = []
    bank = branch_of(actor.place, on=actor.on)
    this, last = actor.on.replace(day=1), month_before(actor.on)
    if bank is not None and bank.bank_id == actor.place:
        county = _county_of(actor.place, on=actor.on)
        name = places_of([county], on=actor.on).get(county, county)
        found += [
            Due(MONTHLY, month, county, name, actor.place, due_on(MONTHLY, month))
            for month in (last, this)
            if (MONTHLY, month, county) not in there
        ]
    if bank is not None and bank.bank_id == actor.place and len(actor.scope.institutions) > 1:
        return found  # the lists are its branches'
    found += [
        Due(TOWNSHIP_LIST, last, code, name, actor.place, due_on(TOWNSHIP_LIST, last))
        for code, name in townships_of(actor=actor).items()
        if (TOWNSHIP_LIST, last, code) not in there
    ]
    return sorted(found, key=lambda one: (one.due_on, one.kind, one.place))


def _month(month: date, actor: Actor) -> date:
    first = month.replace(day=1)
    if first > actor.on:
        raise Refused("bad_field", field="month", why=Words("该月尚未开始", "the month has not begun"))
    return first


def _not_yet(kind: str, month: date, institution_id: str, area: str) -> None:
    locked(f"filing {institution_id}")  # of two who file at once, the second sees the first
    if Filing.objects.filter(kind=kind, month=month, institution_id=institution_id, scope_area=area).exists():
        raise Refused("duplicate", month=month.isoformat())


def _county_of(institution_id: str, *, on: date) -> str:
    code = value_of(
        "select left(area_code, 6) from casework_institution where upper_inf(recorded) and valid @> %s::date"
        " and institution_id = %s",
        [on, institution_id],
    )
    return str(code or "")


def _filed(
    actor: Actor, kind: str, month: date, area: str, span: Span, *, sender: str, institution_id: str
) -> FilingView:
    lists = kind != MONTHLY
    found = blocks(span, on=actor.on, refusals=lists)
    county = places_of([area[:_COUNTY]], on=actor.on)[area[:_COUNTY]]
    where = places_of([area], on=actor.on)[area]
    to_whom = {
        MONTHLY: f"{county}乡村振兴（农业农村）局",
        TOWNSHIP_LIST: where,
        VILLAGE_LIST: f"{where}“两委”",
    }[kind]
    paper = MonthlyList(
        kind="to_village" if lists else "filing",
        county=county,
        office=sender,
        addressee=to_whom,
        year=month.year,
        month=month.month,
        blocks=found,
        made_on=actor.on,
        imprint=Imprint(printed_by=actor.name, printed_at=actor.now),
    )
    name = f"{month:%Y年%m月}{KINDS[kind].zh}（{where}）"
    filing_id = uuid.uuid4()
    made: dict[str, object] = {
        "actor": actor, "subject": ("filing", filing_id), "kind": kind, "made_by_us": True, "scope_area": area,
        "institution_id": institution_id,
    }  # fmt: skip
    pdf = documents.keep(name=f"{name}.pdf", content=monthly_list(paper), **made)  # type: ignore[arg-type]
    book = documents.keep(name=f"{name}.xlsx", content=_workbook(paper, actor), **made)  # type: ignore[arg-type]
    row = Filing.objects.create(
        id=filing_id, kind=kind, month=month, file_id=pdf.id, workbook_id=book.id, from_on=span.from_on,
        to_on=span.to_on, content_hash=bytes.fromhex(content_hash(paper)), counts=counted(found),
        filed_by=actor.account_id, filed_name=actor.name, at=actor.now, scope_area=area, institution_id=institution_id,
    )  # fmt: skip
    trail.record(
        actor=actor, act=f"filing.{kind}", subject=("filing", filing_id),
        after={"month": month.isoformat(), **row.counts},
        basis=(CLAUSES[kind],), scope_area=area, institution_id=institution_id,
    )  # fmt: skip
    return _view(row, {area: where}, {institution_id: sender})


def _workbook(paper: MonthlyList, actor: Actor) -> bytes:
    """The same lines as a workbook: old and new regime on sheets of their own."""
    notes = (f"{paper.year}年{paper.month}月", f"报送：{paper.office}", f"报至：{paper.addressee}",
             f"制表人：{actor.name}　{actor.on.isoformat()}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list.xlsx"
        with Workbook(path, title=f"{paper.county}小额信贷月度清单", made_on=paper.made_on) as book:
            for block in paper.blocks:
                _sheets(book, block, notes, refusals=paper.kind == "to_village")
        return path.read_bytes()


def _sheets(book: Workbook, block: RegimeBlock, notes: Sequence[str], *, refusals: bool) -> None:
    sheet = book.sheet(
        f"{block.product}-放贷", _LOANS, title=f"{block.product}（{block.regime}）放贷清单", notes=notes
    )
    for one in block.loans:
        sheet.add(
            (one.place, one.borrower, one.id_number, one.contract_no, format_yuan(one.amount_fen),
             format_percent(one.rate_e8), one.disbursed_on, one.matures_on, one.purpose)
        )  # fmt: skip
    if not refusals:
        return
    title = f"{block.product}（{block.regime}）未获批清单"
    sheet = book.sheet(f"{block.product}-未获批", _REFUSALS, title=title, notes=notes)
    for line in block.refusals:
        amount = format_yuan(line.amount_fen) if line.amount_fen is not None else ""
        sheet.add(
            (
                line.place,
                line.applicant,
                line.id_number,
                line.applied_on,
                amount,
                line.refused_on,
                line.step,
                line.reason,
            )
        )


def _view(row: Filing, names: Mapping[str, str], senders: Mapping[str, str]) -> FilingView:
    due = due_on(row.kind, row.month)
    return FilingView(
        row.pk, row.kind, row.month, row.scope_area, names.get(row.scope_area, row.scope_area),
        senders.get(str(row.institution_id), str(row.institution_id)), row.counts, row.filed_name, row.at, due,
        row.at.astimezone(connection.timezone).date() > due, row.file_id, row.workbook_id,
    )  # fmt: skip

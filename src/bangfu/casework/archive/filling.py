"""The papers the site makes or already keeps, put into the archive: lists, notices, photographs, control sheets.

Done again it adds nothing: what is made of the same values has the same bytes, and what lies there stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bangfu.casework.archive.completeness import lists_in
from bangfu.casework.archive.kinds import PARTS
from bangfu.casework.archive.papers import MADE, TOWNSHIP, by_slot, keep_row, standing_papers
from bangfu.casework.archive.views import PaperView
from bangfu.casework.archive.yearly import yearly_paper
from bangfu.casework.database.actor import Actor
from bangfu.casework.documents import api as documents
from bangfu.casework.notices import api as notices
from bangfu.casework.notices.api import NoticeView
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.registry.api import places_of
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, LineView, ListView
from bangfu.reports.papers import (
    Imprint,
    ListBlock,
    ListedLine,
    ReturnedLine,
    ReturnedList,
    SubsidyListPaper,
    returned_list,
    subsidy_list_paper,
)
from bangfu.reports.words import PRODUCTS, REGIMES

__all__ = ["fill", "list_paper_of"]

_ALL_ROWS = 100_000
_KINDS = {"carried": "上期结转", "supplement": "补发", "recovery": "追回"}


@dataclass(frozen=True)
class _Found:
    """A paper that should stand: its part, place and list, its name, and its content or the file it lies in."""

    part: str
    place: str
    view: ListView | None
    name: str
    content: bytes = b""
    file_id: UUID | None = None
    sha256: str = ""
    ours: bool = True


@transaction.atomic
def fill(*, actor: Actor, cycle_id: object, place: str = "") -> tuple[PaperView, ...]:
    """Put into the archive what the site makes or keeps: for the county, or for one township.

    Returns:
        The papers that are new, or took an older one's place.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``.
    """
    people.require(actor, "archive.write")
    cycle = subsidies.cycle_of(cycle_id, on=actor.on)
    views = lists_in(cycle, place, on=actor.on)
    slots = by_slot(standing_papers(cycle.id))
    made: list[PaperView] = []
    for one in _found(actor, cycle, views, whole=place in ("", cycle.county)):
        before = slots.get((one.part, one.place, one.view.id if one.view else None), [])
        if not _there(one, before):
            made.append(_kept(actor, cycle, one, before))
    return tuple(made)


def _there(one: _Found, before: Sequence[PaperView]) -> bool:
    """Whether the paper lies there already, or people brought another in its place."""
    if one.file_id is not None:
        return any(paper.file_id == one.file_id for paper in before)
    if any(not paper.made_by_us for paper in before):
        return True
    digest = documents.hash_of(one.content)
    return any(paper.sha256 == digest for paper in before)


def _kept(actor: Actor, cycle: CycleView, one: _Found, before: Sequence[PaperView]) -> PaperView:
    """The paper's row; of one name of ours the newer takes the place of the older."""
    file_id, sha256 = one.file_id, one.sha256
    replaces = None
    if file_id is None:
        file = documents.keep(
            actor=actor, subject=("archive", cycle.id), kind=MADE, name=one.name, content=one.content, made_by_us=True,
            scope_area=one.place, institution_id=one.view.institution_id if one.view else None,
        )  # fmt: skip
        file_id, sha256 = file.id, file.sha256
        replaces = next((paper.id for paper in before if paper.name == one.name), None)
    return keep_row(
        actor=actor, cycle=cycle, part=PARTS[one.part], place=one.place, view=one.view, file_id=file_id,
        name=one.name, sha256=sha256, replaces=replaces, made_by_us=one.ours,
    )  # fmt: skip


def _found(actor: Actor, cycle: CycleView, views: Sequence[ListView], *, whole: bool) -> Iterator[_Found]:
    names = places_of({cycle.county, *(one.township for one in views)}, on=actor.on)
    for view in views:
        if view.run_id is None:
            continue
        yield _Found("list_paper", view.township, view, "贴息清册.pdf", list_paper_of(actor, view))
        yield from _uploads(view)
        for told in notices.of_list(actor=actor, list_id=view.id):
            if not told.notice.ended:
                yield from _of_notice(told, view)
    if whole and people.may(actor.role, "payment.read"):
        yield from _of_payments(actor, cycle, county=names[cycle.county])
    if whole:
        made = yearly_paper(actor, cycle, county=names[cycle.county])
        if made:
            yield _Found("yearly_summary", cycle.county, None, "年度总结.pdf", made)


def _uploads(view: ListView) -> Iterator[_Found]:
    for file in documents.files_of(subject=("subsidy_list", view.id)):
        if file.kind == subsidies.SIGNED_LIST:
            yield _Found(
                "signed_list", view.township, view, file.name, file_id=file.id, sha256=file.sha256, ours=False
            )


def _of_notice(told: NoticeView, view: ListView) -> Iterator[_Found]:
    """The notice's sheet and its photographs; of the villages only what stands after payment is asked for."""
    one = told.notice
    if one.level == "village" and one.kind == notices.BEFORE:
        return
    part = f"village_{one.kind}" if one.level == "village" else one.kind
    for name, content in notice_papers_of(told):
        yield _Found(f"{part}_notice", one.area, view, name, content)
    for which, files in told.photos.items():
        for file in files:
            yield _Found(
                f"{part}_{which}", one.area, view, file.name, file_id=file.id, sha256=file.sha256, ours=False
            )


def _of_payments(actor: Actor, cycle: CycleView, *, county: str) -> Iterator[_Found]:
    """The control sheets of the batches that were released, and what came back."""
    batches = [one for one in payments.batches(actor=actor, cycle_id=cycle.id) if one.control_id is not None]
    for batch in sorted(batches, key=lambda one: one.number):
        content = payments.control_paper(actor=actor, batch_id=batch.id)
        yield _Found("control_sheet", cycle.county, None, f"发放控制单-{batch.number}.pdf", content)
        for file in documents.files_of(subject=("payment_batch", batch.id)):
            if file.id == batch.control_id:
                yield _Found(
                    "control_sheet", cycle.county, None, file.name, file_id=file.id, sha256=file.sha256
                )
    back = _came_back(actor, [one.id for one in batches])
    if back:
        again = payments.tried_again(back)
        names = places_of(
            {one.village for one in back} | {one.village[:TOWNSHIP] for one in back}, on=actor.on
        )
        paper = ReturnedList(
            county=county, period=cycle.words.zh, made_on=max(one.on for one in (*back, *again.values()) if one.on),
            lines=tuple(_returned(one, names, again.get(one.id)) for one in back),
        )  # fmt: skip
        yield _Found("returned_list", cycle.county, None, "失败和退回清单.pdf", returned_list(paper))


def _came_back(actor: Actor, batch_ids: Sequence[UUID]) -> list[payments.ItemView]:
    """Payments of batches that failed or came back, in their order."""
    found: list[payments.ItemView] = []
    for batch_id in batch_ids:
        for outcome in ("failed", "returned"):
            page = payments.items(actor=actor, batch_id=batch_id, outcome=outcome, size=_ALL_ROWS)
            found += [one for one in page.rows if one.on is not None]
    return sorted(found, key=lambda one: (one.batch_number, one.number))


def _returned(
    one: payments.ItemView, names: Mapping[str, str], again: payments.ItemView | None
) -> ReturnedLine:
    known = payments.REASONS.get(one.reason_code)
    said = (known.zh if known else one.reason_code, one.reason)
    return ReturnedLine(
        township=names[one.village[:TOWNSHIP]], village=names[one.village], payee=one.payee_name, account=one.account,
        amount_fen=one.amount_fen, outcome=payments.OUTCOMES[one.outcome].zh, on=one.on or date.min,
        reason="：".join(dict.fromkeys(text for text in said if text)),
        then=_then(again),
    )  # fmt: skip


def _then(again: payments.ItemView | None) -> str:
    """What became of a payment that came back: the latest batch it went out in, or that it waits."""
    if again is None:
        return "尚未重发"
    on = f"（{again.on}）" if again.on else ""
    return f"第 {again.batch_number} 批重发，{payments.OUTCOMES[again.outcome].zh}{on}"


def notice_papers_of(told: NoticeView) -> Iterator[tuple[str, bytes]]:
    """The sheets of a notice as they hang, by name: one, or one a village where it is too long for one."""
    one = told.notice
    word = "公示" if one.kind == notices.BEFORE else "公告"
    url = f"{settings.SITE.origins[0]}/notices/{one.id}/"
    if one.lines <= notices.LONGEST_SHEET:
        yield f"{one.area_name}{word}.pdf", notices.sheet(notice_id=one.id, on=one.posted_on, url=url)
        return
    rows = notices.notice(notice_id=one.id, on=one.posted_on, size=one.lines).rows
    for village in dict.fromkeys(row.village for row in rows):
        content = notices.sheet(notice_id=one.id, on=one.posted_on, url=url, village=village)
        yield f"{one.area_name}{village}{word}.pdf", content


def list_paper_of(actor: Actor, view: ListView) -> bytes:
    """The list as it is printed to be signed: the same run and the same holds give the same bytes."""
    opened = subsidies.opened_list(actor=actor, list_id=view.id)
    run = opened.runs[0]
    lines = subsidies.lines_of([view.id], on=run.on)
    county = places_of({view.cycle.county}, on=actor.on)
    blocks = tuple(
        ListBlock(
            product=PRODUCTS[product], regime=REGIMES[product],
            lines=tuple(_listed(one) for one in lines if one.product == product),
        )
        for product in PRODUCTS
    )  # fmt: skip
    return subsidy_list_paper(
        SubsidyListPaper(
            county=county[view.cycle.county], township=view.township_name, branch=view.bank_name,
            period=view.cycle.words.zh, start=view.cycle.start, end=view.cycle.end, made_on=run.on,
            blocks=blocks, lines_hash=run.lines_hash, run_number=run.number,
            imprint=Imprint(printed_by=run.made_name, printed_at=run.at),
        )
    )  # fmt: skip


def _listed(line: LineView) -> ListedLine:
    said = (
        _KINDS.get(line.kind, ""),
        subsidies.STATUSES[line.status].zh if line.status != "open" else "",
        line.status_reason if line.status != "open" else "",
    )
    return ListedLine(
        number=line.number, village=line.village_name, borrower=line.borrower_name, contract_no=line.loan_id,
        opening_fen=line.opening_fen, subsidised_part_fen=line.subsidised_part_fen, rate_e8=line.rate_e8,
        start=line.start, end=line.end, days=line.days, interest_fen=line.interest_fen, by_payer=dict(line.by_payer),
        subsidy_fen=line.subsidy_fen, payable_fen=line.payable_fen if line.status == "open" else 0,
        remark="：".join(one for one in said if one),
    )  # fmt: skip

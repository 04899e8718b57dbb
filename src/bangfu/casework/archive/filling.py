"""The papers the site makes or already keeps, put into the archive: lists, notices, photographs, control sheets.

Done again it adds nothing: what is made of the same values has the same bytes, and what lies there stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction

from bangfu.casework.archive.completeness import lists_in
from bangfu.casework.archive.kinds import PARTS
from bangfu.casework.archive.papers import MADE, by_slot, keep_row, standing_papers
from bangfu.casework.archive.views import PaperView
from bangfu.casework.archive.yearly import yearly_paper
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.actor import Actor
from bangfu.casework.documents import api as documents
from bangfu.casework.lending.api import places
from bangfu.casework.notices import api as notices
from bangfu.casework.notices.api import NoticeView
from bangfu.casework.payments import api as payments
from bangfu.casework.people import api as people
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, LineView, ListView
from bangfu.reports.papers import (
    Imprint,
    ListBlock,
    ListedLine,
    NoticedLine,
    PublicNotice,
    SubsidyListPaper,
    public_notice,
    subsidy_list_paper,
)
from bangfu.reports.words import PRODUCTS, REGIMES

__all__ = ["fill", "list_paper_of", "notice_paper_of"]

_ALL_ROWS = 100_000
_STATUS = {"held": "暂缓", "excluded": "剔除", "carried": "结转下期"}
_KINDS = {"carried": "上期结转", "supplement": "补发", "recovery": "收回"}


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
    made = []
    for one in _found(actor, cycle, views, whole=place in ("", cycle.county)):
        view = one.view
        before = slots.get((one.part, one.place, view.id if view else None), [])
        if not one.ours:
            if any(paper.file_id == one.file_id for paper in before):
                continue
            made.append(_kept(actor, cycle, one, one.file_id, one.sha256, None))
            continue
        if any(not paper.made_by_us for paper in before):
            continue  # what people brought in its place stays
        made += _made(actor, cycle, one, before)
    return tuple(made)


def _made(actor: Actor, cycle: CycleView, one: _Found, before: Sequence[PaperView]) -> list[PaperView]:
    """A paper of ours, where no equal one lies there."""
    if one.file_id is not None:
        if any(paper.file_id == one.file_id for paper in before):
            return []
        return [_kept(actor, cycle, one, one.file_id, one.sha256, None)]
    file = None
    if not any(paper.sha256 == _sha(one.content) for paper in before):
        file = documents.keep(
            actor=actor, subject=("archive", cycle.id), kind=MADE, name=one.name, content=one.content, made_by_us=True,
            scope_area=one.place, institution_id=one.view.institution_id if one.view else None,
        )  # fmt: skip
    if file is None:
        return []
    return [_kept(actor, cycle, one, file.id, file.sha256, before[-1].id if before else None)]


def _sha(content: bytes) -> str:
    return documents.hash_of(content)


def _kept(
    actor: Actor, cycle: CycleView, one: _Found, file_id: UUID | None, sha256: str, replaces: UUID | None
) -> PaperView:
    if file_id is None:
        raise ValueError("a paper without a file")
    return keep_row(
        actor=actor, cycle=cycle, part=PARTS[one.part], place=one.place, view=one.view, file_id=file_id,
        name=one.name, sha256=sha256, replaces=replaces, made_by_us=one.ours,
    )  # fmt: skip


def _found(actor: Actor, cycle: CycleView, views: Sequence[ListView], *, whole: bool) -> Iterator[_Found]:
    names = places({cycle.county, *(one.township for one in views)}, on=actor.on)
    for view in views:
        if view.run_id is None:
            continue
        yield _Found("list_paper", view.township, view, "贴息清册.pdf", list_paper_of(actor, view))
        yield from _uploads(view)
        for told in notices.of_list(actor=actor, list_id=view.id):
            if not told.notice.ended:
                yield from _of_notice(told, view, county=names[cycle.county])
    if whole and people.may(actor.role, "payment.read"):
        yield from _of_payments(actor, cycle)
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


def _of_notice(told: NoticeView, view: ListView, *, county: str) -> Iterator[_Found]:
    """The notice's sheet and its photographs; of the villages only what stands after payment is asked for."""
    one = told.notice
    if one.level == "village" and one.kind == notices.BEFORE:
        return
    prefix = "village_" if one.level == "village" else ""
    part = f"{prefix}{one.kind}"
    name = f"{one.area_name}{'公示' if one.kind == notices.BEFORE else '公告'}.pdf"
    yield _Found(f"{part}_notice", one.area, view, name, notice_paper_of(told, view, county=county))
    for which, files in told.photos.items():
        for file in files:
            yield _Found(
                f"{part}_{which}", one.area, view, file.name, file_id=file.id, sha256=file.sha256, ours=False
            )


def _of_payments(actor: Actor, cycle: CycleView) -> Iterator[_Found]:
    for batch in payments.batches(actor=actor, cycle_id=cycle.id):
        if batch.control_id is None:
            continue
        files = documents.files_of(subject=("payment_batch", batch.id))
        for file in files:
            if file.id == batch.control_id:
                yield _Found(
                    "control_sheet", cycle.county, None, file.name, file_id=file.id, sha256=file.sha256
                )


def notice_paper_of(told: NoticeView, view: ListView, *, county: str) -> bytes:
    """The sheet of a notice, to be hung: the same notice always gives the same bytes."""
    one = told.notice
    page = notices.notice(notice_id=one.id, on=one.posted_on, size=_ALL_ROWS)
    book = site_book()
    clauses = tuple((name, clause.zh if (clause := book.clause(name)) else "") for name in one.clauses)
    base = str(getattr(settings.SITE, "address", "") or "").rstrip("/")
    return public_notice(
        PublicNotice(
            kind="before" if one.kind == notices.BEFORE else "after", county=county, township=view.township_name,
            office=one.area_name, period=payments.cycle_words(view.cycle),
            lines=tuple(
                NoticedLine(
                    number=row.number, village=row.village, masked_name=row.masked_name,
                    regime=REGIMES.get(row.product, row.product), amount_fen=row.amount_fen,
                )
                for row in page.rows
            ),
            posted_on=one.posted_on, village=_village_name(one.area_name, view) if one.level == "village" else "",
            last_day=one.clock.last_day, days=one.clock.of, phone=one.contact,
            url=f"{base}/notices/{one.id}/" if base else "", clauses=clauses,
            imprint=Imprint(printed_by=told.posted_name, printed_at=told.posted_at),
        )
    )  # fmt: skip


def _village_name(area_name: str, view: ListView) -> str:
    """The village's own name, without the township's before it."""
    return area_name.removeprefix(view.township_name).strip() or area_name


def list_paper_of(actor: Actor, view: ListView) -> bytes:
    """The list as it is printed to be signed: the same run and the same holds give the same bytes."""
    opened = subsidies.opened_list(actor=actor, list_id=view.id)
    run = opened.runs[0]
    lines = subsidies.lines_of([view.id], on=run.on)
    county = places({view.cycle.county}, on=actor.on)
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
            period=payments.cycle_words(view.cycle), start=view.cycle.start, end=view.cycle.end, made_on=run.on,
            blocks=blocks, lines_hash=run.lines_hash, run_number=run.number,
            imprint=Imprint(printed_by=run.made_name, printed_at=run.at),
        )
    )  # fmt: skip


def _listed(line: LineView) -> ListedLine:
    said = (
        _KINDS.get(line.kind, ""),
        _STATUS.get(line.status, ""),
        line.status_reason if line.status != "open" else "",
    )
    return ListedLine(
        number=line.number, village=line.village_name, borrower=line.borrower_name, contract_no=line.loan_id,
        opening_fen=line.opening_fen, subsidised_part_fen=line.subsidised_part_fen, rate_e8=line.rate_e8,
        start=line.start, end=line.end, days=line.days, interest_fen=line.interest_fen, by_payer=dict(line.by_payer),
        subsidy_fen=line.subsidy_fen, payable_fen=line.payable_fen if line.status == "open" else 0,
        remark="：".join(one for one in said if one),
    )  # fmt: skip

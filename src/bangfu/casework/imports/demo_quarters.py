"""The demonstration's subsidies from its first quarter on: each quarter opened, computed, noticed, paid and filed.

Everybody acts in their own role, at their own moment of those years, by the ordinary apis. What the database knows is
what was loaded, so lists are computed with what was known at a later moment than their own day (``known_at``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.db import connection

from bangfu.casework.archive import api as archive
from bangfu.casework.budgets import api as budgets
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.documents import api as documents
from bangfu.casework.imports.demo import BANK, COUNTY, NEXT_BANK
from bangfu.casework.imports.demo_bank import account_file, card_number, result_file
from bangfu.casework.imports.demo_photos import drawn
from bangfu.casework.imports.demo_recovery import RECOVERED, booked_late, receipts
from bangfu.casework.imports.demo_staff import Staff, earlier_colleagues
from bangfu.casework.notices import api as notices
from bangfu.casework.payments import api as payments
from bangfu.casework.requests import api as requests
from bangfu.casework.subsidies import api as subsidies
from bangfu.casework.subsidies.api import CycleView, ListView

__all__ = [
    "FIRST",
    "LAST",
    "LATE",
    "OBJECTED",
    "RECOVERED",
    "RETURNED",
    "Quarter",
    "at_morning",
    "demo_quarters",
    "hired",
    "photographed",
    "quarters",
]

FIRST, LAST = date(2017, 12, 21), date(2026, 6, 21)
# The quarters, by their exclusive ends, in which something went otherwise.
LATE, OBJECTED, RETURNED = date(2021, 9, 21), date(2022, 6, 21), date(2023, 3, 21)
SEALED = date(2026, 3, 21)  # photographed, its papers made, its archive sealed
_LATE_TOWN, _LATE_DAYS = 2, 30
_MONTHS, _A_YEAR = 3, 12
_MORNING = time(1, 30)  # in UTC: half past nine in the county
_BETWEEN = timedelta(seconds=20)
_ROUND_FEN = 100_000_00
_NOTICE_DAYS, _NOTICE_WHY = 10, "本地未规定公示天数，参照惯例"
_LEADERS = ("王启明", "李国栋")
_EXPLAINED = "经与借据、台账核对，以系统按政策计算的数为准，银行数待下期更正"
_FILED = "历史期次据系统记录归档，清册、公示等件可随时由系统补印，当时的公示照片无人留存"
_SCANS = "资金文件、方案、签字清册和银行凭证存纸质原件，尚未扫描上传"
_OTHER_CARDS = 900_000  # serials of the cards that take the place of others


def quarters(first: date = FIRST, last: date = LAST) -> tuple[tuple[date, date], ...]:
    """The quarters between two days, each with its exclusive end."""
    out, start = [], first
    while start < last:
        month = start.month + _MONTHS
        end = date(start.year + (month - 1) // _A_YEAR, (month - 1) % _A_YEAR + 1, start.day)
        out.append((start, end))
        start = end
    return tuple(out)


def demo_quarters(
    staff: Staff, *, known_at: datetime, periods: Sequence[tuple[date, date]] = quarters()
) -> tuple[CycleView, ...]:
    """Take quarters of the loaded demonstration county through all their steps; the cycles.

    Args:
        staff: Who sits where (``hired``).
        known_at: A moment after the county was loaded.
        periods: The quarters, in order.
    """
    return tuple(Quarter(staff, period, known_at).run() for period in periods)


def at_morning(on: date) -> datetime:
    """When the desks open."""
    return datetime.combine(on, _MORNING, UTC)


def hired(actor: Actor | None = None) -> Staff:
    """Who is needed at the desks, with a card entered for every household that ever borrowed."""
    actor = actor or Actor.site(now=at_morning(FIRST))
    with entered(Scope(everything=True)), connection.cursor() as cursor:
        cursor.execute(
            "select code from casework_area where upper_inf(recorded) and length(code) = 9 and code like %s",
            [f"{COUNTY}%"],
        )
        towns = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "select institution_id, kind from casework_institution where upper_inf(recorded) order by 1"
        )
        banks = cursor.fetchall()
        cursor.execute(
            "select distinct on (m.household_id) m.household_id, m.name from casework_member m"
            " join casework_loan l on l.household_id = m.household_id and upper_inf(l.recorded) and not l.ordinary"
            " where upper_inf(m.recorded) and upper_inf(m.valid) and m.name not in"
            " (select d.name from casework_member d where d.household_id = m.household_id and upper_inf(d.recorded)"
            "  and d.deceased_on is not null)"
            " order by m.household_id, m.name <> l.borrower_name, m.member_id"
        )
        holders = cursor.fetchall()
    needed = {(role, town): count for town in towns for role, count in (("township", 2), ("station", 1))}
    needed |= {
        (f"branch_{part}", one): 1
        for one, kind in banks
        if kind == "branch"
        for part in ("manager", "officer")
    }
    needed |= {("county_bank", one): 1 for one, kind in banks if kind == "bank"}
    staff = earlier_colleagues(actor=actor, needed=needed | {("finance", COUNTY): 2, ("bureau", COUNTY): 2})
    content = account_file(holders)
    staff.does(payments.take_account_file, "finance", COUNTY, now=actor.now, content=content, leave_out=True)
    return staff


@dataclass
class Quarter:
    """One quarter on its way; every step on its day after the period's end.

    Attributes:
        staff: Who sits where.
        period: First day and exclusive end.
        known_at: What the lists are computed with.
        stops: Township → the step its lists do not leave; the others go all the way.
    """

    staff: Staff
    period: tuple[date, date]
    known_at: datetime
    stops: Mapping[str, str] = field(default_factory=dict)
    shift: int = 0
    acts: int = 0

    @cached_property
    def cycle(self) -> CycleView:
        """Opened by the bureau."""
        return self.staff.does(
            subsidies.open_cycle, "bureau", COUNTY, now=self.now(2), county=COUNTY, rhythm="quarter",
            start=self.period[0], end=self.period[1], known_at=self.known_at,
        )  # fmt: skip

    def run(self) -> CycleView:
        """All steps; a late township in a second round."""
        if self.period[1] == RECOVERED:
            booked_late(self.period)
        self.listed()
        if self.period[1] == LATE:
            late = self.town(_LATE_TOWN)
            self.stops = {**self.stops, late: "township_review"}
            self.round()
            self.stops, self.shift = {}, _LATE_DAYS
        self.round()
        return self.cycle

    def round(self) -> None:
        """From the township's review to the archive."""
        self.reviewed()
        self.posted()
        self.submitted()
        self.confirmed()
        self.paid()
        self.announced()
        self.filed()

    def now(self, days: int) -> datetime:
        """The next moment of a day so many days after the end."""
        self.acts += 1
        return at_morning(self.period[1] + timedelta(days=days + self.shift)) + self.acts * _BETWEEN

    def town(self, number: int) -> str:
        """One of the cycle's townships."""
        with entered(Scope(everything=True)):
            views = subsidies.lists_of(cycle_id=self.cycle.id, on=self.period[1])
        return sorted({one.township for one in views})[number]

    def each(
        self, step: str, role: str, *, day: int, colleague: int = 0
    ) -> Iterator[tuple[Actor, ListView, str]]:
        """Every list that waits at a step and is to leave it, with who acts and the hash of what they see."""
        with entered(Scope(everything=True)):
            found = subsidies.lists_of(cycle_id=self.cycle.id, states=(step,), on=self.period[1])
        waiting: dict[str, list[ListView]] = {}
        for view in found:
            if self.stops.get(view.township) != step:
                waiting.setdefault(_desk(role, view), []).append(view)
        for place, views in sorted(waiting.items()):
            with self.staff.acting(role, place, now=self.now(day), colleague=colleague) as actor:
                for view in views:
                    yield actor, view, subsidies.content_hash(view)

    def listed(self) -> None:
        """The banks' figures are taken, the lists computed and given to the townships."""
        with subsidies.read_once():
            for bank in (BANK, NEXT_BANK):
                self.staff.does(
                    subsidies.take_imported_claims, "county_bank", bank, now=self.now(2), cycle_id=self.cycle.id,
                    known_at=self.known_at,
                )  # fmt: skip
            site = Actor.site(now=self.now(2), via="job")
            with entered(site.scope):
                subsidies.compute_cycle(actor=site, cycle_id=self.cycle.id, known_at=self.known_at)
        self.given()

    def given(self) -> None:
        """Officers explain what nothing else does, managers give their lists to the townships."""
        for actor, view, _ in self.each("branch_list", "branch_officer", day=4):
            for line in subsidies.to_explain(subsidies.lines_of([view.id], on=actor.on)):
                subsidies.act_on_line(
                    actor=actor, line_id=line.id, kind="explained", reason=_EXPLAINED, not_own=True
                )
        for actor, view, seen in self.each("branch_list", "branch_manager", day=5):
            subsidies.submit_list(actor=actor, list_id=view.id, seen_hash=seen, not_own=True)

    def reviewed(self) -> None:
        """Each township reviews."""
        for actor, view, seen in self.each("township_review", "township", day=8):
            subsidies.review(actor=actor, list_id=view.id, outcome="forward", seen_hash=seen, not_own=True)

    def posted(self) -> None:
        """Posted, objected to in one quarter, and closed when its days are over."""
        self.put_up()
        if self.period[1] == OBJECTED:
            self.objected()
        self.closed()

    def put_up(self, *, day: int = 9) -> None:
        """The notices of the townships."""
        ruled = self.cycle.notice_days is not None
        days, why = (None, "") if ruled else (_NOTICE_DAYS, _NOTICE_WHY)
        for actor, view, _ in self.each("public_notice", "township", day=day):
            if view.open.payable_fen:
                posted = notices.post(
                    actor=actor, list_id=view.id, kind="before", villages=False, days=days, why=why,
                    contact=_contact(view),
                )  # fmt: skip
                self.looked_at(actor, posted)

    def closed(self) -> None:
        """The days of the notices are over."""
        over = 9 + (self.cycle.notice_days or _NOTICE_DAYS) + 1
        for actor, view, seen in self.each("public_notice", "township", day=over):
            notices.close(actor=actor, list_id=view.id, seen_hash=seen)

    def objected(self) -> None:
        """Two households are objected to: of one it is true, of the other not."""
        town = self.town(0)
        told = (
            (
                "other",
                "听说这户的贷款没有用在生产上",
                "rejected",
                "经入户核实，贷款用于养殖，牲畜在栏，符合规定",
            ),
            (
                "amount_wrong",
                "公示金额与户主自述不一致",
                "upheld",
                "反映属实，金额须重新核对，本期不发放，下期更正",
            ),
        )
        for number, (ground, text, outcome, answer) in enumerate(told, start=1):
            token = self.row(town, number)
            with entered(Scope()):
                receipt = notices.object_to(token=token, ground=ground, text=text, now=self.now(11))
            with self.staff.acting("station", town, now=self.now(12)) as actor:
                (one,) = (
                    row
                    for row in notices.objections(actor=actor, waiting=True).rows
                    if row.number == receipt.number
                )
                notices.investigate(
                    actor=actor, objection_id=one.id, finding="与户主、邻居谈话，查看借据和现场", not_own=True
                )
            with self.staff.acting("township", town, now=self.now(14)) as actor:
                seen = notices.objection(actor=actor, objection_id=one.id).seen_hash
                notices.decide(
                    actor=actor,
                    objection_id=one.id,
                    outcome=outcome,
                    answer=answer,
                    seen_hash=seen,
                    not_own=True,
                )

    def row(self, town: str, number: int, *, day: int = 10) -> object:
        """The token of a row of the township's notice that stands on a day."""
        on = self.period[1] + timedelta(days=day)
        with entered(Scope()):
            page = notices.notices(on=on, area=town, kind="before")
            of_town = next(
                one for one in page.rows if one.level == "township" and one.start == self.period[0]
            )
            return notices.notice(notice_id=of_town.id, on=on).rows[number - 1].token

    def submitted(self) -> None:
        """Signed by both leaders, sent to the county by a colleague of who reviewed."""
        signed = subsidies.Signed(*_LEADERS)
        for actor, view, seen in self.each("township_submission", "township", day=22, colleague=1):
            subsidies.submit(actor=actor, list_id=view.id, seen_hash=seen, signed=signed, not_own=True)

    def confirmed(self) -> None:
        """The bureau confirms what has come."""
        for actor, view, seen in self.each("county_confirmation", "bureau", day=25, colleague=1):
            subsidies.confirm(actor=actor, list_id=view.id, seen_hash=seen, not_own=True)

    def paid(self) -> None:
        """Paid, in one quarter with payments that come back; the lists move on."""
        came_back = self.period[1] == RETURNED
        batch = self.sent(26, failing={1: "户名与卡号不符"} if came_back else {})
        if came_back and batch is not None:
            self.came_back(batch)
            self.corrected()
            self.sent(36)
        if self.period[0] == RECOVERED:
            self.staff.does(receipts, "finance", COUNTY, now=self.now(38), cycle_id=self.cycle.id)
        self.finished(39)

    def finished(self, day: int) -> None:
        """The lists that are paid go on."""
        self.staff.does(payments.finish_all, "finance", COUNTY, now=self.now(day), cycle_id=self.cycle.id)

    def sent(
        self, day: int, *, list_ids: Sequence[object] = (), failing: Mapping[int, str] | None = None
    ) -> payments.BatchView | None:
        """Allotted where it does not reach, prepared by one, released by another, read back; None: nothing is due."""
        of: dict[str, Any] = {"cycle_id": self.cycle.id, "list_ids": list_ids}
        ready = self.staff.does(payments.payable, "finance", COUNTY, now=self.now(day), **of)
        if not ready.items:
            return None
        self.allotted(ready.by_source, day=day)
        prepared = self.staff.does(payments.prepare, "finance", COUNTY, now=self.now(day + 1), **of)
        released = self.staff.does(
            payments.release, "finance", COUNTY, now=self.now(day + 1), colleague=1, batch_id=prepared.id,
            seen_hash=prepared.content_hash,
        )  # fmt: skip
        with self.staff.acting("finance", COUNTY, now=self.now(day + 3)) as actor:
            _, content = documents.content_of(actor=actor, file_id=released.file_id)
            answer = result_file(content, on=actor.on, failing=failing)
            payments.take_results(actor=actor, batch_id=released.id, content=answer, name=f"{actor.on}.csv")
        return released

    def allotted(self, needed: Mapping[str, int], *, day: int) -> None:
        """What is missing, rounded up, by a document of the day."""
        year = self.cycle.payment_month.year
        with self.staff.acting("finance", COUNTY, now=self.now(day)) as actor:
            room = budgets.room(county=COUNTY, year=year)
            for source, fen in needed.items():
                missing = fen - room.get(source, 0)
                if missing > 0:
                    budgets.allot(
                        actor=actor, county=COUNTY, year=year, source=source,
                        amount_fen=-(-missing // _ROUND_FEN) * _ROUND_FEN,
                        document=f"示财农〔{actor.on.year}〕{actor.on:%m%d}号（{budgets.SOURCES[source].zh}）",
                    )  # fmt: skip

    def came_back(self, batch: payments.BatchView) -> None:
        """A payment that arrived is returned days later: the account was closed."""
        with self.staff.acting("finance", COUNTY, now=self.now(31)) as actor:
            item = next(
                one
                for one in payments.items(actor=actor, batch_id=batch.id).rows
                if one.number == 2 and one.outcome == "paid"  # noqa: PLR2004 - the first one failed
            )
            payments.record_return(actor=actor, item_id=item.id, on=actor.on, reason_code="account_closed")

    def corrected(self) -> None:
        """The branch asks for other accounts, the bureau approves."""
        waiting = self.staff.does(
            payments.due_again, "finance", COUNTY, now=self.now(32), cycle_id=self.cycle.id
        )
        for number, one in enumerate(waiting, start=1):
            with entered(Scope(everything=True)):
                branch = subsidies.list_of(one.list_id, on=self.period[1]).institution_id
            asked = self.staff.does(
                requests.ask, "branch_officer", branch, now=self.now(33), kind="payee_account",
                subject=("household", one.household_id), why="原卡已注销，农户提供新的社保卡",
                details={
                    "household_id": one.household_id, "holder_name": one.borrower_name,
                    "account_number": card_number(_OTHER_CARDS + number),
                },
            )  # fmt: skip
            with self.staff.acting("bureau", COUNTY, now=self.now(34)) as actor:
                seen = requests.get(actor=actor, request_id=asked.id).seen_hash
                requests.decide(actor=actor, request_id=asked.id, outcome="approved", seen_hash=seen)

    def announced(self) -> None:
        """Announced, and taken to be filed."""
        self.announce()
        for actor, view, seen in self.each("announcement", "township", day=50):
            notices.close(actor=actor, list_id=view.id, seen_hash=seen)

    def announce(self, *, day: int = 40) -> None:
        """The announcements of the townships and their villages."""
        for actor, view, _ in self.each("announcement", "township", day=day):
            if view.open.payable_fen:
                self.looked_at(
                    actor, notices.post(actor=actor, list_id=view.id, kind="after", contact=_contact(view))
                )

    def looked_at(self, actor: Actor, posted: Sequence[notices.NoticeView]) -> None:
        """Photographed where the archive is to be whole."""
        if self.period[1] == SEALED:
            for told in posted:
                photographed(actor, told, int(told.notice.area[-3:]))

    def filed(self) -> None:
        """Filed; what is missing is named. One archive is filled and sealed."""
        whole = self.period[1] == SEALED
        why = _SCANS if whole else _FILED
        for actor, view, seen in self.each("filing", "township", day=55):
            archive.file(actor=actor, list_id=view.id, seen_hash=seen, reason=why, make=whole)
        if whole:
            self.staff.does(
                archive.seal, "bureau", COUNTY, now=self.now(56), cycle_id=self.cycle.id, reason=why
            )


def photographed(actor: Actor, told: notices.NoticeView, serial: int) -> None:
    """A notice, near and far."""
    for part, words in notices.PARTS.items():
        notices.photo(
            actor=actor, notice_id=told.notice.id, part=part, content=drawn(part, serial),
            name=f"{told.notice.area_name}{words.zh}.jpg",
        )  # fmt: skip


def _contact(view: ListView) -> str:
    """Whom to call; the area code is none that exists."""
    return f"{view.township_name}人民政府 0000-555{view.township[-3:]}0"


def _desk(role: str, view: ListView) -> str:
    """Where those sit who do something with a list in a role."""
    if role.startswith("branch"):
        return view.institution_id
    return view.cycle.county if role == "bureau" else view.township

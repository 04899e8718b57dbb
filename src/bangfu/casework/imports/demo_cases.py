"""Work for the people of the demonstration: each acts in their own role, at their own moment, by the ordinary apis.

Applications at every step, changes of the lists and a birth waiting for the bureau, rosters waiting for the bank: every
desk has something to do. Only where nobody real is.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import pylopdf_fonts_zh_cn
from django.db import connection
from PIL import Image, ImageDraw, ImageFont

from bangfu.casework.database.actor import SHANGHAI, Actor
from bangfu.casework.database.session import Scope, entered
from bangfu.casework.imports.demo_families import CASES, LEAVING, UNLISTED, WAYS, Case, brought_in
from bangfu.casework.lending import api as lending
from bangfu.casework.origination import api as origination
from bangfu.casework.people import api as people
from bangfu.casework.registry import api as registry
from bangfu.casework.requests import api as requests

__all__ = ["KNOWN_BEFORE", "demo_cases"]

R = TypeVar("R")
KNOWN_BEFORE = timedelta(days=25)  # the county is known so long before: older than the oldest case
_PACE = 2  # days from step to step
_MORNING = timedelta(hours=3)
_BETWEEN = timedelta(seconds=20)
_VILLAGE, _TOWNSHIP, _STATION = "demo-village", "demo-township", "demo-station"
_OFFICER, _COLLEAGUE, _MANAGER = "demo-branch_officer", "demo-branch_officer3", "demo-branch_manager"
_BUREAU, _ADMIN = "demo-bureau", "demo-admin2"
_COLLEAGUE_TOWNSHIP, _NEXT_TOWNSHIP = "demo-township3", "demo-township2"
_RATE_E8 = 3_000_000
_PHONE = "1380000{:04d}"
_OPINIONS = {
    "village": "入户核实，家庭属实，有发展意愿，同意推荐",
    "township": "",  # the form prescribes the wording
    "station": "名单核对无误，产业项目可行，同意",
    "examine": "实地调查属实，信用良好，有还款来源，建议发放",
    "decide": "同意发放",
}
_ROLE_OF = {
    "village": _VILLAGE,
    "township": _TOWNSHIP,
    "station": _STATION,
    "examine": _OFFICER,
    "decide": _MANAGER,
}
_SCANS: Mapping[str, str] = {
    "id_card": "居民身份证",
    "household_register": "居民户口簿",
    "marriage_paper": "结婚证",
    "bank_card": "信合卡",
}


def demo_cases(*, now: datetime) -> tuple[str, ...]:
    """Give every desk of the demonstration something to do; the numbers of the applications.

    Args:
        now: The moment of the last steps; the county was loaded at least ``KNOWN_BEFORE`` earlier.

    Raises:
        Refused: ``outside_contract_window``, where nobody may apply at that time; nothing is left behind then but the
            families themselves.
    """
    desk = _Desk(now)
    desk.turn(int(KNOWN_BEFORE.days) - 1)
    village = desk.actor(_VILLAGE).place
    with entered(Scope(everything=True)):
        desk.village = people.place_name(village, on=now.astimezone(SHANGHAI).date()).replace(" ", "")
    brought_in(
        actor=Actor.site(now=now - KNOWN_BEFORE), village=village,
        batch_id=uuid.uuid5(uuid.NAMESPACE_URL, "bangfu:demonstration:cases"),
    )  # fmt: skip
    under_way = [_UnderWay(desk, one) for one in CASES]
    first = max(one.begins for one in under_way)
    for ago in range(first, -1, -1):
        desk.turn(ago)
        for one in under_way:
            one.day(ago)
        if ago in _OTHERWISE:
            _OTHERWISE[ago](desk)
    return tuple(one.application_id for one in under_way)


@dataclass
class _Desk:
    """The people at their desks, on a day some days before now; time goes on with every act."""

    now: datetime
    ago: int = 0
    acts: int = 0
    village: str = ""
    known: dict[str, Actor] = field(default_factory=dict)

    def turn(self, ago: int) -> None:
        """Another day begins."""
        self.ago, self.acts, self.known = ago, 0, {}

    def actor(self, username: str) -> Actor:
        """Who acts, at the next moment of the day."""
        self.acts += 1
        moment = self.now - timedelta(days=self.ago)
        at = min(moment, moment - _MORNING + self.acts * _BETWEEN)
        if username not in self.known:
            self.known[username] = _signed_in(username, now=at)
        return replace(self.known[username], now=at)

    def does(self, what: Callable[..., R], username: str, **given: Any) -> R:
        """An act in a transaction of its person's scope."""
        actor = self.actor(username)
        with entered(actor.scope):
            return what(actor=actor, **given)


def _signed_in(username: str, *, now: datetime) -> Actor:
    on = now.astimezone(SHANGHAI).date()
    with entered(Scope(everything=True)):
        with connection.cursor() as cursor:
            cursor.execute("select id, name from casework_account where username = %s", [username])
            account_id, name = cursor.fetchone() or (0, "")
        (held,) = people.held_by(account_id, on=on)
        return people.actor_for(account_id=account_id, name=name, held=held, now=now, on=on, via="command")


@dataclass
class _UnderWay:
    """An application on its way, one step every other day."""

    desk: _Desk
    case: Case
    application_id: str = ""
    loan_id: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        """What is done, in order."""
        return WAYS[self.case.got]

    @property
    def begins(self) -> int:
        """How many days ago it began."""
        return self.case.last + _PACE * (len(self.steps) - 1)

    def day(self, ago: int) -> None:
        """What is done on a day, if anything."""
        place, rest = divmod(self.begins - ago, _PACE)
        if rest == 0 and 0 <= place < len(self.steps):
            step = self.steps[place]
            acts: Mapping[str, Callable[[], None]] = {
                "draft": self.drafted, "submit": self.submitted, "ask": self.asked, "sign": self.signed,
                "pay": self.paid,
            }  # fmt: skip
            acts.get(step, lambda: self.reviewed(step))()

    def drafted(self) -> None:
        """Opened and written; the papers are still to come."""
        family, number = self.case.family, self.case.family.number
        self.application_id = self.desk.does(
            origination.open_application, _OFFICER if number % 2 else _COLLEAGUE,
            household_id=family.household_id, member_id=family.head_id,
        )  # fmt: skip
        entered_fields = origination.Entered(
            borrower_member_id=family.head_id,
            borrower_marital_status="married" if family.spouse else "widowed",
            family_size=3 if family.spouse else 2,
            borrower_phone=_PHONE.format(number),
            address=f"{self.desk.village}{number % 5 + 1}组",
            spouse_name=family.spouse,
            amount_fen=self.case.amount_fen,
            purpose=self.case.purpose,
            purpose_text=self.case.words,
            term_months=self.case.months,
        )
        self.desk.does(
            origination.save_version, _OFFICER, application_id=self.application_id, entered=entered_fields,
            seen_number=1,
        )  # fmt: skip

    def submitted(self) -> None:
        """Written, with its papers, and handed to the village."""
        self.drafted()
        form = self.desk.does(origination.filled_form, _OFFICER, application_id=self.application_id)
        self.paper("signed_form", "贷款申请审批表.pdf", form)
        for kind, words in _SCANS.items():
            self.paper(kind, f"{words}.png", _scan(words, self.case.family.head))
        self.desk.does(origination.submit, _OFFICER, application_id=self.application_id)

    def paper(self, kind: str, name: str, content: bytes) -> None:
        """A paper of the application."""
        self.desk.does(
            origination.add_paper, _OFFICER, application_id=self.application_id, kind=kind, name=name,
            content=content,
        )  # fmt: skip

    def view(self, username: str) -> origination.CaseView:
        """As somebody sees it."""
        return self.desk.does(origination.application, username, application_id=self.application_id)

    def reviewed(self, step: str) -> None:
        """A review; the township refuses and returns."""
        outcome, reason = "approve", ""
        username = _ROLE_OF.get(step, _TOWNSHIP)
        if step == "examine":
            self.rated()
        view = self.view(username)
        opinion = _OPINIONS.get(step, "") or view.wording or "情况属实，同意"
        if step == "refuse":
            outcome, reason, opinion = "refuse", "purpose_not_real", "实地核实没有租门面，资金拟转给亲戚使用"
        elif step == "return":
            outcome, opinion = "return", "用途请写明加工什么、在哪里加工、设备多少钱"
        proposal = origination.Proposal(
            self.case.amount_fen, self.case.months, _RATE_E8, "daily_360", "own"
        )  # fmt: skip
        said = origination.Said(
            outcome, opinion, reason_code=reason,
            attested={point["condition"]: True for point in view.points} if outcome == "approve" else {},
            not_own=view.must_state_not_own, proposal=proposal if step == "examine" else None,
        )  # fmt: skip
        self.desk.does(
            origination.review, username, application_id=self.application_id, step=view.state, said=said,
            seen=view.seen,
        )  # fmt: skip

    def rated(self) -> None:
        """The branch rates the household before it lends (CN2021-2.1)."""
        self.desk.does(
            origination.rate, _OFFICER, household_id=self.case.family.household_id, grade="AA",
            limit_fen=self.case.amount_fen, reasons="经营正常，无不良记录",
        )  # fmt: skip

    def asked(self) -> None:
        """The branch asks for an exception from what holds in principle."""
        self.rated()
        for one in self.view(_OFFICER).exceptions:
            self.desk.does(
                origination.ask_exception, _OFFICER, application_id=self.application_id, code=one.code,
                ground="本人身体健康，与儿子共同经营，儿子担任主要劳力",
            )  # fmt: skip

    def signed(self) -> None:
        """The contract, as approved."""
        draft = self.desk.does(lending.draft_of, _MANAGER, application_id=self.application_id)
        loan = self.desk.does(
            lending.sign, _MANAGER, application_id=self.application_id, contract_on=draft.contract_on,
            amount_fen=draft.amount_fen, rate_e8=draft.rate_e8, matures_on=draft.matures_on,
            seen_hash=draft.seen_hash,
        )  # fmt: skip
        self.loan_id = loan.loan_id

    def paid(self) -> None:
        """Paid out by somebody else than who decided."""
        found = self.desk.does(lending.payable, _OFFICER, loan_id=self.loan_id)
        self.desk.does(
            lending.disburse, _OFFICER, loan_id=self.loan_id, on=self.desk.actor(_OFFICER).on,
            amount_fen=found.loan.principal_fen, seen_hash=found.seen_hash,
            reason="本地尚未规定标准，经主任办公会研究同意" if found.needs_reason else "",
        )  # fmt: skip


def _scan(words: str, name: str) -> bytes:
    """A picture that stands for a scanned paper, and says that it is a sample."""
    picture = Image.new("L", (480, 300), 245)
    drawn = ImageDraw.Draw(picture)
    drawn.rectangle((10, 10, 469, 289), outline=90, width=2)
    for line, (text, size) in enumerate(((words, 40), (name, 32), ("演示样张，不是真实证件", 24))):
        drawn.text((40, 50 + 75 * line), text, fill=40, font=_letters(size))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@lru_cache
def _letters(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)


def _to_be_listed(desk: _Desk) -> None:
    """The village's watch found a family at risk: the township asks to list it."""
    family = UNLISTED
    desk.does(
        requests.ask, _TOWNSHIP, kind="roster.enter", subject=("household", family.household_id),
        details={"household_id": family.household_id, "category": "monitored", "on": _day(desk, _TOWNSHIP)},
        why="因病住院，医疗支出大，经村民代表会评议拟纳入监测",
    )  # fmt: skip


def _to_be_taken_off(desk: _Desk) -> None:
    """A family is well again: the station asks to take it off."""
    family = LEAVING
    desk.does(
        requests.ask, _STATION, kind="roster.leave", subject=("household", family.household_id),
        details={
            "household_id": family.household_id, "category": family.category, "on": _day(desk, _STATION),
            "reason": "no_longer_at_risk",
        },
        why="收入连续十二个月稳定，经核查风险已消除",
    )  # fmt: skip


def _born(desk: _Desk) -> None:
    """A child was born in a family whose loan was paid out."""
    family = CASES[-1].family
    desk.does(
        requests.ask, _VILLAGE, kind="life.birth", subject=("household", family.household_id),
        details={
            "household_id": family.household_id, "name": f"{family.head[0]}小满", "relation": "child",
            "on": _day(desk, _VILLAGE),
        },
        why="本户新生一女，已办出生医学证明",
    )  # fmt: skip


def _delivered(desk: _Desk) -> None:
    """The bureau gives the quarter's rosters to the township's lead bank, who has still to say so."""
    desk.does(registry.deliver, _BUREAU, institution_id=desk.actor(_OFFICER).place)


def _role_to_give(desk: _Desk) -> None:
    """A colleague is to help out in the next township: one administrator asks, the other decides."""
    colleague, place = desk.actor(_COLLEAGUE_TOWNSHIP), desk.actor(_NEXT_TOWNSHIP).place
    desk.does(
        requests.ask, _ADMIN, kind="account.grant", subject=("account", colleague.account_id),
        details={
            "account_id": str(colleague.account_id), "role": "township", "place": place,
            "valid_from": _day(desk, _ADMIN),
        },
        why="该镇审核人员外出培训，临时兼管",
    )  # fmt: skip


def _day(desk: _Desk, username: str) -> str:
    return desk.actor(username).on.isoformat()


# What else is done, by how many days ago.
_OTHERWISE: Mapping[int, Callable[[_Desk], object]] = {
    6: _delivered,
    4: _to_be_listed,
    3: _to_be_taken_off,
    2: _role_to_give,
    1: _born,
}

"""Entries of the subsidy's money: an amount from one account to another, of one key once, never changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.casework.budgets.models import BudgetEntry
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.database.session import widened
from bangfu.casework.words import Words

__all__ = ["ACCOUNTS", "KINDS", "SOURCES", "Entry", "Kind", "post"]

Told = tuple[str, int, str, str, int, str]

SOURCE, AVAILABLE, COMMITTED, IN_PAYMENT, PAID = "source", "available", "committed", "in_payment", "paid"
ACCOUNTS: Mapping[str, Words] = {
    SOURCE: Words("上级下达", "outside source"),
    AVAILABLE: Words("可用", "available"),
    COMMITTED: Words("已确认待发", "committed"),
    IN_PAYMENT: Words("发放中", "in payment"),
    PAID: Words("已发放", "paid"),
}
SOURCES: Mapping[str, Words] = {
    "central": Words("中央", "central"),
    "province": Words("省级", "province"),
    "city": Words("市（州）级", "city"),
    "county": Words("县级", "county"),
    "fiscal": Words("财政（未分级次）", "fiscal, no level named"),
}


@dataclass(frozen=True)
class Kind:
    """What an entry does: from which account to which.

    Attributes:
        words: Its name for people.
        credit: The account the money leaves.
        debit: The account it comes to.
    """

    words: Words
    credit: str
    debit: str


KINDS: Mapping[str, Kind] = {
    "allotted": Kind(Words("下达", "allotted"), SOURCE, AVAILABLE),
    "withdrawn": Kind(Words("收回指标", "allotment taken back"), AVAILABLE, SOURCE),
    "committed": Kind(Words("确认", "committed"), AVAILABLE, COMMITTED),
    "uncommitted": Kind(Words("取消确认", "commitment taken back"), COMMITTED, AVAILABLE),
    "released": Kind(Words("送发放", "sent to payment"), COMMITTED, IN_PAYMENT),
    "paid": Kind(Words("发放成功", "paid"), IN_PAYMENT, PAID),
    "failed": Kind(Words("发放失败", "failed"), IN_PAYMENT, COMMITTED),
    "returned": Kind(Words("退回", "returned"), PAID, COMMITTED),
    "recovered": Kind(Words("追回", "recovered"), PAID, AVAILABLE),
}


@dataclass(frozen=True)
class Entry:
    """An entry to be posted.

    Attributes:
        key: What it stands for, once: ``committed:<list>:<stage>:central``.
        county: 6-digit code of who pays.
        year: The budget year: that of the cycle's payment month.
        source: One of ``SOURCES``.
        on: The day the money moved.
        kind: One of ``KINDS``.
        amount_fen: More than nothing.
        subject: ``concept:id`` of what it is about: ``subsidy_list:…``, ``subsidy_line:…``, ``payment_batch:…``.
        document: The paper it rests on.
        why: The reason given.
    """

    key: str
    county: str
    year: int
    source: str
    on: date
    kind: str
    amount_fen: int
    subject: str
    document: str = ""
    why: str = ""


def post(*, actor: Actor, entries: Iterable[Entry]) -> int:
    """Write entries; how many are new. One whose key is there already, and says the same, changes nothing.

    Who may do what the entry stands for was asked by the caller, whose act the trail tells. A township that excludes
    a confirmed line, or a bank that reads results back, sees no county's ledger: the rows are written past the scope.

    Args:
        actor: Whose act it is.
        entries: In any number; an amount of nothing is left out.

    Raises:
        Refused: ``key_reused``: the key stands for another entry.
        ValueError: Something that is no entry: a fault of the caller.
    """
    wanted = {one.key: one for one in entries if one.amount_fen}
    for one in wanted.values():
        _sound(one)
    if not wanted:
        return 0
    with widened():
        there = _standing(list(wanted))
        fresh = [one for key, one in wanted.items() if key not in there]
        BudgetEntry.objects.bulk_create(
            [_row(actor, one) for one in fresh], batch_size=2_000, ignore_conflicts=True
        )
        stand = there | (_standing([one.key for one in fresh]) if fresh else {})
    for key, one in wanted.items():
        if stand.get(key) != _told(one):
            raise Refused("key_reused", key=key)
    return len(fresh)


def _told(one: Entry) -> Told:
    return one.county, one.year, one.source, one.kind, one.amount_fen, one.subject


def _standing(keys: Sequence[str]) -> dict[str, Told]:
    names = ("key", "county", "year", "source", "kind", "amount_fen", "subject")
    return {row[0]: row[1:] for row in BudgetEntry.objects.filter(key__in=keys).values_list(*names)}


def _sound(one: Entry) -> None:
    if one.kind not in KINDS or one.source not in SOURCES or one.amount_fen < 0 or len(one.county) != _COUNTY:
        raise ValueError(f"no entry: {one}")


def _row(actor: Actor, one: Entry) -> BudgetEntry:
    kind = KINDS[one.kind]
    return BudgetEntry(
        key=one.key, county=one.county, year=one.year, source=one.source, on=one.on, kind=one.kind,
        debit=kind.debit, credit=kind.credit, amount_fen=one.amount_fen, subject=one.subject,
        document=one.document, why=one.why[:500], recorded_by=actor.account_id, recorded_name=actor.name,
        at=actor.now, scope_area=one.county,
    )  # fmt: skip


_COUNTY = 6  # digits

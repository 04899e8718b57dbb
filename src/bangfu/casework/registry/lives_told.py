"""Lines of effects that life events share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from bangfu.casework.database.questions import rows
from bangfu.casework.database.session import widened
from bangfu.casework.registry.effects import Lines, Running
from bangfu.casework.registry.models import Member, RosterEntry
from bangfu.casework.registry.words import CATEGORIES, LEFT_REASONS, word
from bangfu.casework.requests.api import line


def borrower_lost(loan: Running, person: Member) -> bool:
    """Whether a person is the borrower: by the number in the vault, by the name where the contract has none."""
    if loan.borrower_id_number_id is not None and loan.borrower_id_number_id == person.id_number_id:
        return True
    return bool(loan.borrower == person.name)


def risk_event(lost: Sequence[Running]) -> Lines:
    """The borrower died: the lender acts and tells bureau and county union in writing (LD2021-3.5)."""
    return [
        line("risk_event_death", "借款人死亡：贷款机构就贷款 {loan} 采取措施，并书面报告县局和县联社",
             "the borrower died: the lender acts on loan {loan} and tells bureau and county union in writing",
             clauses=("LD2021-3.5",), loan=one.loan_id)
        for one in lost
    ]  # fmt: skip


def insurance_to_claim(person: Member, *, on: date) -> Lines:
    """Policies that covered a person on a day: the claim is to be made."""
    with widened():
        found = rows(
            "select row ->> 'policy_id', row ->> 'insurer' from casework_fact_row where upper_inf(recorded)"
            " and table_name = 'insurance' and row ->> 'member_id' = %s"
            " and coalesce(row ->> 'from_on', '') <= %s and coalesce(row ->> 'to_on', '9999') > %s order by 1",
            [person.member_id, on.isoformat(), on.isoformat()],
        )
    return [
        line("insurance_claim", "向{insurer}就保单 {policy} 申请理赔", "claim policy {policy} from {insurer}",
             policy=policy or "-", insurer=insurer or "-")
        for policy, insurer in found
    ]  # fmt: skip


def must_leave_by_list(entries: Sequence[RosterEntry], name: str, reason: str, on: date) -> Lines:
    """A household leaves every list it is on."""
    said = word(LEFT_REASONS, reason)
    return [
        line("roster_left", "{name}户自 {on} 起退出{zh}（{reason_zh}）",
             "{name}'s household is no longer listed as {en} from {on} ({reason_en})", clauses=("CN2021-5.4",),
             name=name, on=on.isoformat(), zh=word(CATEGORIES, one.category).zh, en=word(CATEGORIES, one.category).en,
             reason_zh=said.zh, reason_en=said.en)
        for one in entries
    ]  # fmt: skip

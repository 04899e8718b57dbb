"""What a change would do to loans and applications: read over all banks, said in lines, nothing changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.database.questions import rows
from bangfu.casework.database.session import widened
from bangfu.casework.registry.reading import BALANCE, CONVERTED, MONEY
from bangfu.casework.requests.api import line
from bangfu.money.fen import format_yuan
from bangfu.refusals import Refused as NotCovered

Lines = list[dict[str, Any]]
_DONE = ("approved", "refused", "withdrawn")
_KEEPS = ("LD2021-3.7", "CN2026-4.2")


@dataclass(frozen=True)
class Running:
    """A programme loan with a balance: money in fen."""

    loan_id: str
    household_id: str
    product: str
    lender: str
    borrower: str
    borrower_id_number_id: object
    matures_on: date | None
    balance_fen: int

    @property
    def balance(self) -> str:
        """The balance in yuan, as written."""
        return format_yuan(self.balance_fen, grouped=True)


@dataclass(frozen=True)
class Pending:
    """An application somebody still has to act on."""

    application_id: str
    household_id: str
    product: str
    borrower_member_id: str


def running(household_ids: Sequence[str], *, on: date) -> tuple[Running, ...]:
    """The programme loans of some households that have a balance at the end of a day, at every bank."""
    with widened():
        found = rows(
            "select l.loan_id, l.household_id, l.product, l.lender, l.borrower_name, l.borrower_id_number_id,"
            f" l.matures_on, {BALANCE} as balance, {CONVERTED} as gone"
            ' from casework_loan l join casework_loan_event e on e.loan_id = l.loan_id and e."on" <= %s'
            f" and upper_inf(e.recorded) and {MONEY}"
            " where upper_inf(l.recorded) and not l.ordinary and l.household_id = any(%s)"
            " group by 1, 2, 3, 4, 5, 6, 7 order by l.loan_id",
            [on, list(household_ids)],
        )
    return tuple(Running(*row[:8]) for row in found if row[7] > 0 and not row[8])


def pending(household_ids: Sequence[str]) -> tuple[Pending, ...]:
    """The applications of some households that are in progress, at every bank."""
    with widened():
        found = rows(
            "select distinct on (a.id) a.id, a.household_id, v.product, v.borrower_member_id"
            " from casework_application a join casework_stage s on s.application_id = a.id and upper_inf(s.recorded)"
            " join casework_application_version v on v.application_id = a.id"
            " where a.household_id = any(%s) and s.state <> all(%s) order by a.id, v.number desc",
            [list(household_ids), list(_DONE)],
        )
    return tuple(Pending(*row) for row in found)


def loans_keep_terms(loans: Sequence[Running]) -> Lines:
    """A change of status never changes a running contract."""
    return [
        line(
            "loan_keeps_terms",
            "贷款 {loan}（{lender}，余额 {balance} 元）按原合同执行到期，利率、期限、贴息不变",
            "loan {loan} ({lender}, balance {balance} yuan) keeps its terms to its end",
            clauses=_KEEPS, **_facts(one),
        )
        for one in loans
    ]  # fmt: skip


def loans_recalled_or_converted(loans: Sequence[Running]) -> Lines:
    """Struck off for its own bad faith: recall, or convert to an ordinary farm loan."""
    return [
        line(
            "loan_recalled_or_converted",
            "贷款 {loan}（{lender}，余额 {balance} 元）由贷款机构提前收回或转为普通农户贷款",
            "loan {loan} ({lender}, balance {balance} yuan) is to be recalled or converted to an ordinary loan",
            clauses=("CN2021-3.4", "LD2021-5.4"), **_facts(one),
        )
        for one in loans
    ]  # fmt: skip


def loans_as_risk(loans: Sequence[Running]) -> Lines:
    """Wrongly listed: no benefits of the policy; what was lent is handled as risk."""
    return [
        line(
            "loan_handled_as_risk",
            "贷款 {loan}（{lender}，余额 {balance} 元）不再享受扶贫小额信贷政策，按风险贷款处置",
            "loan {loan} ({lender}, balance {balance} yuan) has no benefits any more and is handled as risk",
            clauses=("GZ2018-2.8.2",), **_facts(one),
        )
        for one in loans
    ]  # fmt: skip


def loans_follow(loans: Sequence[Running]) -> Lines:
    """A household that moves takes its contracts along; the place at signing stays the policy's."""
    return [
        line(
            "loan_follows",
            "贷款 {loan}（{lender}，余额 {balance} 元）随户管理；适用政策仍按签约时所在地",
            "loan {loan} ({lender}, balance {balance} yuan) goes with the household; its policy stays that of the "
            "place where it was signed",
            clauses=_KEEPS, **_facts(one),
        )
        for one in loans
    ]  # fmt: skip


def applications_on(
    applications: Sequence[Pending],
    *,
    categories: Collection[str],
    area: str,
    on: date,
    wrongly_listed: bool = False,
) -> Lines:
    """Which applications in progress would be refused with the household on these lists alone."""
    out: Lines = []
    for one in applications:
        admitted, clause = _admitted(area, one.product, on)
        if wrongly_listed or not (set(categories) & set(admitted)):
            out.append(
                line(
                    "application_would_be_refused",
                    "在办申请 {application} 将不符合条件（{code}）",
                    "application {application} in progress would be refused ({code})",
                    clauses=(clause,) if clause else (),
                    application=one.application_id, code="wrongly_listed" if wrongly_listed else "not_on_roster",
                )
            )  # fmt: skip
        else:
            out.append(
                line("application_goes_on", "在办申请 {application} 继续办理", "application {application} goes on",
                     application=one.application_id)
            )  # fmt: skip
    return out


def _admitted(area: str, product: str, on: date) -> tuple[tuple[str, ...], str]:
    """The categories that may borrow at a place on a day, with the clause; none where no policy covers the day."""
    try:
        term = site_book().stack(area, product, on, purpose="application").term("borrower.categories", on)
    except NotCovered:
        return (), ""
    return (term.codes, term.clause) if term else ((), "")


def _facts(one: Running) -> dict[str, str]:
    return {"loan": one.loan_id, "lender": one.lender, "balance": one.balance}

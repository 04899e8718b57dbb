"""The loan book as it is planned: loans with what will happen to them, before any row is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from bangfu.synthetic.clock import add_months
from bangfu.synthetic.people import Household, Member


@dataclass(slots=True)
class Event:
    """A row of events beside those that the plan implies."""

    on: int
    kind: str
    amount_fen: int | None = None
    value: str | None = None


@dataclass(slots=True, eq=False)
class Loan:
    """One loan and its plan. Days are day numbers, money fen, rates 1e-8.

    Attributes:
        repaid: Principal that comes back: day and amount, in order.
        losses: Principal that the fund bears or the lender writes off: day, kind of event, amount.
        extended: Extensions: the day they were granted and the new maturity.
        subsidised_fen: The subsidised part, fixed at signing.
        extra: Further events.
        charge_rate_e8: The rate the lender charges with, where it is not the contract's.
        charge_method: The way it counts, where it is not the contract's.
        claim_rate_e8: The rate the subsidy was claimed with, where it is not the right one.
        claim_method: The way of counting in the claim, where it is not the right one.
        claimed: Whether the subsidy was claimed at all.
        unclaimed: Quarters left out, by their place.
        paid_to: Who the subsidy is paid to.
        passed_on: Whether the lender passes on what was paid to it.
        reminded: Whether the borrower is reminded before maturity.
        insured: Whether the borrower is insured.
        payees: None for the ordinary purchases; otherwise account, name, kind and share in percent of each transfer.
    """

    loan_id: str
    household: Household
    borrower: Member
    borrower_id_number: str
    product: str
    kind: str
    applied_on: int
    contract_on: int
    months: int
    matures_on: int
    disbursed_on: int
    principal_fen: int
    rate_e8: int
    method: str
    purpose: str
    branch: str
    funding: str
    subsidised_fen: int
    parent: Loan | None = None
    area_code: str | None = None
    lender: str | None = None
    guarantee: str = "none"
    ceiling_fen: int | None = None
    repaid: list[tuple[int, int]] = field(default_factory=list)
    losses: list[tuple[int, str, int]] = field(default_factory=list)
    extended: list[tuple[int, int]] = field(default_factory=list)
    extra: list[Event] = field(default_factory=list)
    charge_rate_e8: int | None = None
    charge_method: str | None = None
    claim_rate_e8: int | None = None
    claim_method: str | None = None
    claimed: bool = True
    unclaimed: frozenset[int] = frozenset()
    paid_to: str = "borrower"
    passed_on: bool = True
    reminded: bool = True
    insured: bool = True
    payees: list[tuple[str, str, str, int]] | None = None

    @property
    def final_maturity(self) -> int:
        """Maturity, as extended."""
        return self.extended[-1][1] if self.extended else self.matures_on

    @property
    def movements(self) -> list[tuple[int, int]]:
        """Principal that goes, however it goes: day and amount, in order."""
        if not self.losses:
            return self.repaid
        return sorted(self.repaid + [(on, amount) for on, _, amount in self.losses])

    @property
    def settled_on(self) -> int | None:
        """The day on which nothing is owed any more, if it comes."""
        gone = self.movements
        if gone and sum(amount for _, amount in gone) == self.principal_fen:
            return gone[-1][0]
        return None

    def balance(self, day: int) -> int:
        """What is owed at the end of a day, as planned."""
        if day < self.disbursed_on:
            return 0
        return self.principal_fen - sum(amount for on, amount in self.movements if on <= day)

    def repay_at_maturity(self) -> None:
        """The rest comes back on the day it is due."""
        self.repaid = [row for row in self.repaid if row[0] < self.final_maturity]
        rest = self.principal_fen - sum(amount for _, amount in self.repaid)
        self.repaid.append((self.final_maturity, rest))

    def repay_early(self, day: int) -> None:
        """All that is owed comes back on a day."""
        self.repaid = [row for row in self.repaid if row[0] < day]
        self.repaid.append((day, self.principal_fen - sum(amount for _, amount in self.repaid)))

    def lasts(self, months: int) -> None:
        """Give the contract another length and pay it back at its end."""
        self.months = months
        self.matures_on = add_months(self.contract_on, months)
        self.repay_at_maturity()

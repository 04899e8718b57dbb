"""Writes what a loan's plan implies: events, subsidies, transfers, insurance."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from bangfu.money.days import DAYS_PER_YEAR
from bangfu.money.fen import round_half_up
from bangfu.money.rates import E8
from bangfu.synthetic import names
from bangfu.synthetic.book import Loan
from bangfu.synthetic.ledger import Line, lines
from bangfu.synthetic.regimes import FEN_PER_THOUSAND_YUAN
from bangfu.synthetic.rows import Row, Rows, day_text, loan_row
from bangfu.synthetic.tile import LENDER, Claim, Elsewhere

SPOKEN_BEFORE, WRITTEN_BEFORE = 60, 30
INSURER = "示范人寿保险公司"
INSURED_KIND = "life"
_PENALTY_PERCENT = 150
_PREMIUM_FEN_A_YEAR = 5000
_YEAR = 365


def policy_id(loan: Loan) -> str:
    """The number of the policy that came with a loan."""
    return f"P{loan.loan_id[1:]}"


class Emission:
    """Writes the loans of one tile up to the day of the audit."""

    def __init__(self, rows: Rows, rng: Random, *, tile: int, as_of: int) -> None:
        self.rows = rows
        self.rng = rng
        self.as_of = as_of
        self._tile = tile
        self._accounts = 0

    def write(self, loan: Loan) -> None:
        """All rows of one programme loan."""
        self.rows.of["loans"].append(loan_row(loan, LENDER))
        counted = lines(loan, self.as_of)
        self._events(loan, counted)
        if loan.claimed:
            self._subsidies(loan, counted)
        self._transfers(loan)
        if loan.insured:
            self._insurance(loan)

    def write_ordinary(self, loan: Loan) -> None:
        """An ordinary loan of a household: its row, its ledger, no subsidy."""
        self.rows.of["ordinary_loans"].append(loan_row(loan, LENDER, product="ordinary"))
        self._events(loan, lines(loan, self.as_of))

    def write_beside(self, elsewhere: Iterable[Elsewhere], claims: Iterable[Claim]) -> None:
        """Subsidies of other programmes, and insured events under the policies of the loans."""
        for other in elsewhere:
            self.rows.add(
                "other_subsidies",
                other.loan.loan_id,
                other.programme,
                other.start,
                other.end,
                other.amount_fen,
            )
        for claim in claims:
            self.rows.add(
                "insurance_events",
                claim.loan.borrower.member_id,
                claim.on,
                claim.kind,
                policy_id(claim.loan),
                claim.claimed_on,
                claim.paid_on,
                claim.due_fen,
                claim.paid_fen,
            )

    def _events(self, loan: Loan, counted: list[Line]) -> None:
        key, as_of = loan.loan_id, self.as_of
        found: list[Row] = [(key, loan.disbursed_on, "disbursed", loan.principal_fen, None)]
        found.extend(
            (key, line.collected_on, "interest_collected", line.interest_fen, None)
            for line in counted
            if line.interest_fen and line.collected_on <= as_of
        )
        found.extend((key, on, "repaid", amount, None) for on, amount in loan.repaid if on <= as_of)
        found.extend((key, on, kind, amount, None) for on, kind, amount in loan.losses if on <= as_of)
        found.extend((key, on, "extended", None, day_text(to)) for on, to in loan.extended if on <= as_of)
        for on, amount in loan.repaid:
            if loan.final_maturity < on <= as_of:
                late = (on - loan.final_maturity) * amount * loan.rate_e8 * _PENALTY_PERCENT
                found.append(
                    (key, on, "penalty_collected", round_half_up(late, 100 * DAYS_PER_YEAR * E8), None)
                )
        if loan.reminded:
            self._reminders(loan, found)
        found.extend(
            (key, event.on, event.kind, event.amount_fen, event.value)
            for event in loan.extra
            if event.on <= as_of
        )
        self.rows.of["events"].extend(found)

    def _reminders(self, loan: Loan, found: list[Row]) -> None:
        """HLJ2019-2.6a: 60 days before maturity, and 30 days before in writing, while anything is owed."""
        settled = loan.settled_on
        maturities = [loan.matures_on, *(to for _, to in loan.extended)]
        for maturity in maturities:
            for before, how in ((SPOKEN_BEFORE, "spoken"), (WRITTEN_BEFORE, "written")):
                day = maturity - before
                if loan.disbursed_on < day <= self.as_of and (settled is None or day <= settled):
                    found.append((loan.loan_id, day, "reminded", None, how))

    def _subsidies(self, loan: Loan, counted: list[Line]) -> None:
        subsidies, events = self.rows.of["subsidies"], self.rows.of["events"]
        draw = self.rng.random
        for place, line in enumerate(counted):
            if line.end > self.as_of or not line.subsidy_fen or place in loan.unclaimed:
                continue
            paid_on = min(line.end + 1 + int(draw() * 5), self.as_of)
            subsidies.append(
                (
                    loan.loan_id,
                    line.start,
                    line.end,
                    line.subsidy_fen,
                    line.rate_claimed_e8,
                    paid_on,
                    loan.paid_to,
                )
            )
            if loan.paid_to == "lender" and loan.passed_on:
                back_on = min(paid_on + 1 + int(draw() * 3), self.as_of)
                events.append((loan.loan_id, back_on, "subsidy_returned", line.subsidy_fen, None))

    def account(self) -> str:
        """An account number that nobody else in the county has."""
        self._accounts += 1
        return f"6228{self._tile:03d}{self._accounts:09d}"

    def _transfers(self, loan: Loan) -> None:
        transfers = self.rows.of["transfers"]
        on = min(loan.disbursed_on + int(self.rng.random() * 9), self.as_of)
        if loan.payees is not None:
            for account, name, kind, percent in loan.payees:
                amount = loan.principal_fen * percent // 100
                transfers.append((loan.loan_id, on, amount, account, name, kind))
            return
        if loan.kind == "renewal":
            return
        percent = 30 + int(self.rng.random() * 61)
        amount = loan.principal_fen * percent // 100 // FEN_PER_THOUSAND_YUAN * FEN_PER_THOUSAND_YUAN
        kind = "person" if self.rng.random() < 0.95 else "unknown"
        transfers.append((loan.loan_id, on, amount, self.account(), names.payee(self.rng), kind))

    def _insurance(self, loan: Loan) -> None:
        """One policy from the contract to the day after the loan can owe anything."""
        until = loan.settled_on
        to = (max(loan.final_maturity, self.as_of) if until is None else max(until, loan.final_maturity)) + 1
        premium = _PREMIUM_FEN_A_YEAR * -(-(to - loan.contract_on) // _YEAR)
        self.rows.add(
            "insurance",
            policy_id(loan),
            loan.borrower.member_id,
            INSURER,
            INSURED_KIND,
            loan.contract_on,
            to,
            premium,
        )

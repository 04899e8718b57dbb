"""What the coming quarters will cost: the live portfolio through the core, under the terms each contract is pinned to.

Nothing is paid by it. It assumes that each loan is repaid at its maturity, not before, and that no loan is added; what
no document determines for those days is named with its loans, never counted as nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from bangfu.casework.as_facts.api import facts_of_county
from bangfu.casework.as_facts.book import site_book
from bangfu.casework.budgets.posting import SOURCES
from bangfu.casework.database.actor import Actor
from bangfu.casework.database.refusals import Refused
from bangfu.casework.people import api as people
from bangfu.engine.subsidy import SubsidyResult, subsidy
from bangfu.facts import Facts
from bangfu.money.days import settlement_period

__all__ = ["Expected", "Forecast", "ForecastQuarter", "Matured", "Unknown", "forecast"]

SETTLEMENT_DAY = 20
_MOST_QUARTERS, _COUNTY, _SHOWN = 12, 6, 20
_NORMAL_ONLY = "subsidy.normal_interest_only"
CLAUSES = ("CN2021-5.3", "CN2026-1.6a", "LD2021-1.6", "CN2026-3.3")


@dataclass(frozen=True)
class Expected:
    """What one payer will owe for one regime in one quarter.

    Attributes:
        payer: One of ``SOURCES``.
        product: poverty, transition or assistance.
        policy: The stack the loans are pinned to.
        loans: How many it pays for.
        fen: How much.
    """

    payer: str
    product: str
    policy: str
    loans: int
    fen: int


@dataclass(frozen=True)
class Unknown:
    """Loans, or days of theirs, for which no document says who pays what.

    Attributes:
        code: The core's refusal: subsidy_undetermined, term_not_set, no_policy_for_place_and_day …
        product: Of the loans.
        clauses: What leaves it open, where a clause does.
        loans: How many.
        balance_fen: What they owed on the day of the forecast.
        loan_ids: The first of them.
    """

    code: str
    product: str
    clauses: tuple[str, ...]
    loans: int
    balance_fen: int
    loan_ids: tuple[str, ...]


@dataclass(frozen=True)
class Matured:
    """Loans past their maturity, as extended, that still owe: they cost nothing from then on.

    What arises after the maturity is extra and penalty interest alone, which is not subsidised.

    Attributes:
        product: Of the loans.
        clauses: What says so (``subsidy.normal_interest_only``); none where the policy is silent: normal interest
            stops at maturity.
        loans: How many.
        balance_fen: What they owe.
        loan_ids: The first of them.
    """

    product: str
    clauses: tuple[str, ...]
    loans: int
    balance_fen: int
    loan_ids: tuple[str, ...]


@dataclass(frozen=True)
class ForecastQuarter:
    """One quarter.

    Attributes:
        start: First day.
        end: Its exclusive end.
        payment_month: The month after it, whose year's budget pays.
        expected: By payer, regime, policy.
        unknown: What is not in them.
        loans: Loans that will have a line.
        interest_fen: Their normal interest.
        subsidy_fen: What all payers will owe.
        borrower_fen: What the borrowers will bear.
    """

    start: date
    end: date
    payment_month: date
    expected: tuple[Expected, ...]
    unknown: tuple[Unknown, ...]
    loans: int
    interest_fen: int
    subsidy_fen: int
    borrower_fen: int

    def of_payer(self, payer: str) -> int:
        """What one payer will owe over all regimes."""
        return sum(one.fen for one in self.expected if one.payer == payer)


@dataclass(frozen=True)
class Forecast:
    """The coming quarters of a county.

    Attributes:
        county: 6-digit code.
        on: As of which day the portfolio was read.
        known_at: As known at which moment.
        quarters: The running one first.
        live_loans: Loans with a balance on the day.
        balance_fen: What they owe.
        matured: Those of them that are past their maturity: in the balance, not in the coming cost.
        clauses: What it rests on.
    """

    county: str
    on: date
    known_at: datetime
    quarters: tuple[ForecastQuarter, ...]
    live_loans: int
    balance_fen: int
    matured: tuple[Matured, ...] = ()
    clauses: tuple[str, ...] = CLAUSES


def forecast(
    *, actor: Actor, county: str, quarters: int = 4, on: date | None = None, known_at: datetime | None = None
) -> Forecast:
    """What the coming quarters will cost each payer, by regime.

    Args:
        actor: Who reads the budget, in whose place the county lies.
        county: 6-digit code: of the loans signed there, which it pays for.
        quarters: How many, the running one first; at most 12.
        on: As of this day; today where it is left out.
        known_at: As known at this moment; now where it is left out.

    Raises:
        Refused: ``not_your_role``, ``not_in_scope``, ``bad_field``.
    """
    people.require(actor, "budget.read")
    if actor.role != "site" and not county.startswith(actor.place):
        raise Refused("not_in_scope", field="county")
    if len(county) != _COUNTY or not 1 <= quarters <= _MOST_QUARTERS:
        raise Refused("bad_field", field="county" if len(county) != _COUNTY else "quarters")
    day, moment = on or actor.on, known_at or actor.now
    facts = facts_of_county(county, on=day, known_at=moment)
    live = _live(facts, county, on=day)
    found = [
        (start, end, subsidy(facts, site_book(), start=start, end=end))
        for start, end in coming(day, quarters)
    ]
    told = tuple(_quarter(result, live, start, end) for start, end, result in found)
    matured = tuple(_matured(found[0][2], live, on=day))
    return Forecast(county, day, moment, told, live.height, int(live["balance_fen"].sum()), matured)


def coming(on: date, quarters: int) -> Iterator[tuple[date, date]]:
    """The settlement quarter a day lies in, and those after it: half-open, closed by the 20th (design §6)."""
    year, quarter = on.year, (on.month + 2) // 3
    while True:
        start, end = settlement_period(
            year=year, quarter=quarter, settlement_day=SETTLEMENT_DAY, day_counted=True
        )
        if on < end:
            break
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)  # noqa: PLR2004 - quarters of a year
    for _ in range(quarters):
        yield start, end
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)  # noqa: PLR2004
        start, end = settlement_period(
            year=year, quarter=quarter, settlement_day=SETTLEMENT_DAY, day_counted=True
        )


def _live(facts: Facts, county: str, *, on: date) -> pl.DataFrame:
    """The county's loans with a balance: loan_id, product, balance_fen."""
    out = pl.when(pl.col("kind") == "disbursed").then(pl.col("amount_fen"))
    gone = pl.col("kind").is_in(["repaid", "written_off", "compensated"])
    left = (
        facts.events.filter(pl.col("on") <= on)
        .group_by("loan_id")
        .agg(
            out.otherwise(pl.when(gone).then(-pl.col("amount_fen")).otherwise(0)).sum().alias("balance_fen"),
            (pl.col("kind") == "converted").any().alias("converted"),
        )
        .filter(pl.col("balance_fen") > 0, ~pl.col("converted"))
    )
    mine = facts.loans.filter(pl.col("area_code").str.starts_with(county))
    return mine.select("loan_id", "product").join(left, on="loan_id").sort("loan_id")


def _matured(found: SubsidyResult, live: pl.DataFrame, *, on: date) -> Iterator[Matured]:
    """Live loans whose last day has passed, by regime and what their policy says of it."""
    stacks = found.prepared.stacked.stacks
    past = (
        found.prepared.loans.filter(pl.col("maturity_on") <= on)
        .select("loan_id", "stack_no")
        .join(live, on="loan_id")
        .sort("loan_id")
    )
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, int]]] = {}
    for loan, stack_no, product, balance in past.select(
        "loan_id", "stack_no", "product", "balance_fen"
    ).rows():
        term = None if stack_no is None else stacks[stack_no].look(_NORMAL_ONLY, on)
        groups.setdefault((product, tuple(term.clauses) if term else ()), []).append((loan, balance))
    for (product, clauses), some in sorted(groups.items()):
        yield Matured(
            product, clauses, len(some), sum(fen for _, fen in some), tuple(loan for loan, _ in some[:_SHOWN])
        )


def _quarter(found: SubsidyResult, live: pl.DataFrame, start: date, end: date) -> ForecastQuarter:
    mine = found.lines.join(live.select("loan_id"), on="loan_id", how="semi")
    month = (end - timedelta(days=1)).replace(day=28) + timedelta(days=4)
    return ForecastQuarter(
        start, end, month.replace(day=1), tuple(_expected(mine, found)), tuple(_unknown(found, live)), mine.height,
        int(mine["interest_fen"].sum()), int(mine["subsidy_fen"].sum()), int(mine["borrower_fen"].sum()),
    )  # fmt: skip


def _expected(lines: pl.DataFrame, found: SubsidyResult) -> Iterator[Expected]:
    for payer in SOURCES:
        if payer not in found.payers:
            continue
        owed = pl.col(f"{payer}_fen")
        sums = (
            lines.filter(owed != 0)
            .group_by("product", "policy")
            .agg(pl.len().alias("loans"), owed.sum().alias("fen"))
            .sort("product", "policy")
        )
        for product, policy, loans, fen in sums.select("product", "policy", "loans", "fen").rows():
            yield Expected(payer, product, policy, loans, fen)


def _unknown(found: SubsidyResult, live: pl.DataFrame) -> Iterator[Unknown]:
    told = (
        found.refusals.join(live, on="loan_id")
        .with_columns(pl.col("clauses").list.join("、").alias("cited"))
        .unique(["loan_id", "code", "cited"], maintain_order=True)
        .group_by("code", "product", "cited")
        .agg(
            pl.len().alias("loans"), pl.col("balance_fen").sum(), pl.col("clauses").first(),
            pl.col("loan_id").sort().head(_SHOWN).alias("loan_ids"),
        )
        .sort("code", "product", "cited")
    )  # fmt: skip
    names = ("code", "product", "clauses", "loans", "balance_fen", "loan_ids")
    for code, product, clauses, loans, balance, ids in told.select(names).rows():
        yield Unknown(code, product, tuple(clauses), loans, balance, tuple(ids))

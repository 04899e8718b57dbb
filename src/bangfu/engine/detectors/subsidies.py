"""Subsidies: the same days subsidised twice, and what a lender got and did not pass back to the borrower."""

from __future__ import annotations

import narwhals as nw
import polars as pl

from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings
from bangfu.engine.ledger import movements
from bangfu.engine.ruled import ruled
from bangfu.engine.stacks import column_of
from bangfu.money.days import DAYS_PER_YEAR
from bangfu.money.rates import E8
from bangfu.rules.columns import with_whole_period_days
from bangfu.rules.overlap.rule import RULE

OVERLAP = "subsidy.overlap"
CLAIMS_ORDERED = ("HLJ2019-2.2",)  # sound approval of subsidy claims, where no term of the stack speaks
NOT_RETURNED = ("HLJ2019-2.4",)
# What is kept must be more than this part of the subsidy: less is another way of counting, and another finding.
LEAST_PART = 20


def subsidised_twice(context: AuditContext) -> pl.DataFrame:
    """Findings: another fiscal subsidy for the same days, or the same days paid twice over.

    CN2026-1.6d wants the two coordinated: the finding shows the days and the other one's part, it refuses nothing.
    Two rows of the programme's own subsidy for the same days count where together they claim more than the rate.
    """
    paid = context.facts.subsidies.select(
        "loan_id", "period_start", "period_end", "amount_fen", "rate_claimed_e8", "paid_on"
    )
    other = context.facts.other_subsidies.select(
        "loan_id",
        "programme",
        pl.col("period_start").alias("other_start"),
        pl.col("period_end").alias("other_end"),
        pl.col("amount_fen").alias("other_fen"),
    )
    beside = ruled(other.join(paid, on="loan_id"), RULE)
    found = pl.concat([beside, _twice_over(context, paid)], how="diagonal_relaxed").filter("subsidised_twice")
    by_programme = (
        found.sort("loan_id", "other_start", "overlap_from")
        .group_by("loan_id", "programme", "other_start", "other_end", maintain_order=True)
        .agg(
            pl.col("overlap_from").min(),
            pl.col("overlap_to").max(),
            pl.col("overlap_days").sum(),
            pl.col("overlap_fen").sum(),
            pl.col("other_fen").first(),
        )
    )
    told = context.with_terms(by_programme.with_columns(on=pl.col("overlap_from")), OVERLAP, on="on")
    name = column_of(OVERLAP)
    return findings(
        told.with_columns(pl.col(name).alias("treatment")),
        code="subsidised_twice",
        table="loans",
        subject="loan_id",
        clauses=pl.coalesce(f"{name}__clause", pl.lit([*CLAIMS_ORDERED])),
        facts=(
            "programme",
            "other_start",
            "other_end",
            "other_fen",
            "overlap_from",
            "overlap_to",
            "overlap_days",
            "treatment",
        ),
        amount="overlap_fen",
    )


def _twice_over(context: AuditContext, paid: pl.DataFrame) -> pl.DataFrame:
    """Pairs of the programme's own rows that share days and together claim more than the loan's rate."""
    rows = paid.with_row_index("_row").sort("loan_id", "period_start", "_row")
    same = pl.col("loan_id") == pl.col("loan_id").shift(1)
    touching = rows.filter(same & (pl.col("period_start") < pl.col("period_end").shift(1)))[
        "loan_id"
    ].unique()
    theirs = rows.filter(pl.col("loan_id").is_in(touching.implode()))
    later = theirs.rename(
        {"period_start": "other_start", "period_end": "other_end", "amount_fen": "other_fen",
         "rate_claimed_e8": "other_rate_e8", "_row": "_other"}
    ).drop("paid_on")  # fmt: skip
    pairs = theirs.join(later, on="loan_id").filter(pl.col("_row") < pl.col("_other"))
    pairs = pairs.join(context.states.select("loan_id", "rate_e8"), on="loan_id")
    claimed = pl.col("rate_claimed_e8") + pl.col("other_rate_e8")
    same_row = (
        (pl.col("amount_fen") == pl.col("other_fen"))
        & (pl.col("period_start") == pl.col("other_start"))
        & (pl.col("period_end") == pl.col("other_end"))
    )
    over = (claimed > pl.col("rate_e8")).fill_null(value=False) | (claimed.is_null() & same_row)
    return ruled(pairs.filter(over), RULE).with_columns(programme=pl.lit("the same subsidy, paid again"))


def subsidy_not_returned(context: AuditContext) -> pl.DataFrame:
    """Findings: the lender collected the interest, was paid the subsidy, and did not pass it back (HLJ2019-2.4).

    Over the days up to the end of the last subsidised period: what the lender took from the borrower and from the
    payers, less what it gave back, above the loan's own normal interest, at most the subsidy. A lender that deducts
    the subsidy beforehand keeps nothing.
    """
    seen = context.as_of
    paid = (
        context.facts.subsidies.filter(pl.col("paid_to") == "lender", pl.col("paid_on") < seen)
        .group_by("loan_id")
        .agg(
            pl.col("amount_fen").sum().alias("subsidy_fen"),
            pl.col("period_end").max().alias("subsidised_to"),
            pl.col("paid_on").max().alias("last_paid_on"),
        )
    )
    loans = paid.join(
        context.states.select(
            "loan_id", "rate_e8", "interest_method", "disbursed_on", "maturity_on", "recalled_on"
        ),
        on="loan_id",
    ).with_columns(pl.min_horizontal("subsidised_to", "maturity_on", "recalled_on").alias("until"))
    events = context.facts.events.join(loans.select("loan_id", "subsidised_to"), on="loan_id")
    collected = _sum(
        events.filter(pl.col("on") <= pl.col("subsidised_to")), "interest_collected", "collected_fen"
    )
    told = loans.join(_interest(loans, events), on="loan_id").join(collected, on="loan_id")
    for kind, name in (("subsidy_returned", "returned_fen"), ("interest_refunded", "refunded_fen")):
        told = told.join(_sum(events, kind, name), on="loan_id", how="left").with_columns(
            pl.col(name).fill_null(0)
        )
    kept = (
        pl.col("collected_fen") + pl.col("subsidy_fen") - pl.col("returned_fen") - pl.col("refunded_fen")
        - pl.col("interest_fen")
    )  # fmt: skip
    still = pl.col("subsidy_fen") - pl.col("returned_fen")
    told = told.with_columns(pl.min_horizontal(kept, still).alias("kept_fen"))
    wrong = told.filter(pl.col("kept_fen") > 0, pl.col("kept_fen") * LEAST_PART > pl.col("subsidy_fen"))
    return findings(
        wrong.sort("loan_id"),
        code="subsidy_not_returned",
        table="loans",
        subject="loan_id",
        clauses=NOT_RETURNED,
        facts=(
            "subsidy_fen",
            "last_paid_on",
            "subsidised_to",
            "interest_fen",
            "collected_fen",
            "returned_fen",
        ),
        amount="kept_fen",
    )


def _sum(events: pl.DataFrame, kind: str, name: str) -> pl.DataFrame:
    return (
        events.filter(pl.col("kind") == kind).group_by("loan_id").agg(pl.col("amount_fen").sum().alias(name))
    )


def _interest(loans: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The loans' normal interest from disbursement to their ``until``, by their own method: loan_id, interest_fen."""
    keyed = (
        movements(events)
        .join(loans.drop("subsidised_to"), on="loan_id")
        .filter(pl.col("on") < pl.col("until"))
    )
    numbered = keyed.with_columns(
        pl.col(name).to_physical().cast(pl.Int64) for name in ("on", "until", "disbursed_on")
    )
    told = with_whole_period_days(nw.from_native(numbered), "disbursed_on", "until", into="f_to")
    told = with_whole_period_days(told, "disbursed_on", "on", into="f_on")
    whole = pl.col("interest_method") == "whole_periods"
    days = pl.when(whole).then(pl.col("f_to") - pl.col("f_on")).otherwise(pl.col("until") - pl.col("on"))
    counted: pl.DataFrame = told.to_native()
    summed = counted.group_by("loan_id", "rate_e8").agg((pl.col("delta_fen") * days).sum().alias("fen_days"))
    year = DAYS_PER_YEAR * E8
    # Int128: a loan of 100 million yuan over years would not fit otherwise.
    numerator = pl.col("fen_days").cast(pl.Int128) * pl.col("rate_e8")
    return summed.select(
        "loan_id", ((numerator * 2 + year) // (2 * year)).cast(pl.Int64).alias("interest_fen")
    )

"""Interest charged against interest due: both defensible figures, the one the policy holds to, and whose refund it is.

HLJ2019-2.2: a union claimed 3.75 % by days of a 360-day year, in effect 3.8021 %; what exceeds the standard is
refunded. The text of 银发〔2005〕129号 allows the daily method too (docs/decisions/0013), so both are always shown.
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from bangfu.engine.accrual import accrued
from bangfu.engine.audit_context import AuditContext
from bangfu.engine.findings import findings
from bangfu.engine.prepare import Prepared, day_of
from bangfu.money.days import day_number
from bangfu.rules.methods import DAILY_360, METHODS, WHOLE_PERIODS

SETTLEMENT_DAY = 20
QUARTER_DAYS = 92
MISSED_SETTLEMENT_DAYS = (
    QUARTER_DAYS + 8
)  # a gap longer than a quarter and its working days: arrears, no undercharge
STANDARD = ("interest.standard_method",)
METHOD_NAMES = {number: name for name, number in METHODS.items()}
ORDERED_BY = ["HLJ2019-2.2"]


def charged(context: AuditContext) -> pl.DataFrame:
    """Normal interest taken, by loan: loan_id, collected_fen, collections, last_on, longest_gap."""
    events = context.facts.events
    taken = events.filter(pl.col("kind") == "interest_collected").select("loan_id", "on", "amount_fen")
    opened = context.states.select(
        "loan_id", pl.col("disbursed_on").alias("on"), pl.lit(0, pl.Int64).alias("amount_fen")
    )
    days = pl.concat([taken, opened.filter(pl.col("on").is_not_null())]).sort("loan_id", "on")
    follows = pl.col("loan_id") == pl.col("loan_id").shift()  # sorted: no window is needed
    gaps = days.with_columns(pl.when(follows).then(pl.col("on").diff().dt.total_days()).alias("gap"))
    sums = gaps.group_by("loan_id").agg(
        pl.col("amount_fen").sum().alias("collected_fen"),
        (pl.col("amount_fen") > 0).sum().cast(pl.Int64).alias("collections"),
        pl.col("on").max().alias("last_on"),
        pl.col("gap").max().fill_null(0).alias("longest_gap"),
    )
    back = events.filter(pl.col("kind") == "interest_refunded")
    refunded = back.group_by("loan_id").agg(pl.col("amount_fen").sum().alias("refunded_fen"))
    sums = sums.filter(pl.col("collections") > 0).join(refunded, on="loan_id", how="left")
    return sums.with_columns(pl.col("collected_fen") - pl.col("refunded_fen").fill_null(0)).drop(
        "refunded_fen"
    )


def _compared(context: AuditContext, ready: Prepared) -> pl.DataFrame:
    """Each loan with collections: what was taken beside what was due by the standard and by both methods."""
    end = day_number(context.as_of + timedelta(days=1))
    loans = ready.loans.filter(pl.col("stack_no").is_not_null(), pl.col("method").is_not_null())
    state = context.states.select("loan_id", "balance_fen", "overdue_fen", "risk_class")
    known = loans.join(charged(context), on="loan_id").join(state, on="loan_id")
    counted_in = pl.col("last_on").dt.day() == SETTLEMENT_DAY
    latest = pl.when(counted_in).then(pl.col("last_on").dt.offset_by("1d")).otherwise(pl.col("last_on"))
    open_ = pl.col("balance_fen") > 0
    known = known.with_columns(
        pl.when(open_)
        .then(latest)
        .otherwise(pl.lit(context.as_of + timedelta(days=1)))
        .alias("charged_until"),
        pl.when(open_)
        .then("last_on")
        .otherwise(pl.lit(context.as_of + timedelta(days=1)))
        .alias("charged_since"),
    )
    known = _with_due(ready, known, end=end)
    effective = (2 * pl.col("rate_e8") * pl.col("collected_fen") + pl.col("whole_periods_fen")) // (
        2 * pl.col("whole_periods_fen")
    )
    return known.with_columns(
        pl.when(pl.col("whole_periods_fen") > 0)
        .then((effective + 50) // 100 * 100)
        .alias("effective_annual_rate_e8"),
        (pl.col("daily_360_fen") - pl.col("whole_periods_fen")).alias("difference_of_methods_fen"),
        pl.col("method").replace_strict(METHOD_NAMES, return_dtype=pl.String).alias("held_to"),
    )


def _with_due(ready: Prepared, known: pl.DataFrame, *, end: int) -> pl.DataFrame:
    """Add whole_periods_fen, daily_360_fen, due_fen (by the loan's own method) and least_due_fen.

    The least that was due, up to the last collection, matters only where less than what was due was taken.
    """

    def added(frame: pl.DataFrame, name: str, day: str, method: int | None) -> pl.DataFrame:
        days = frame.select("loan_no", day_of(day).alias("until"))
        due = accrued(ready, days, method=method, end=end).rename({"accrued_fen": name})
        joined = frame.join(due, on="loan_no", how="left", maintain_order="left")
        return joined.with_columns(pl.col(name).fill_null(0))

    known = added(known, "whole_periods_fen", "charged_until", WHOLE_PERIODS)
    known = added(known, "daily_360_fen", "charged_until", DAILY_360)
    other = ~pl.col("method").is_in([WHOLE_PERIODS, DAILY_360])
    by_own = pl.when(pl.col("method") == WHOLE_PERIODS).then("whole_periods_fen").otherwise("daily_360_fen")
    plain = known.filter(~other).with_columns(by_own.alias("due_fen"))
    known = pl.concat([plain, added(known.filter(other), "due_fen", "charged_until", None)])
    short = pl.col("due_fen") > pl.col("collected_fen")
    settled = known.filter(~short).with_columns(pl.col("due_fen").alias("least_due_fen"))
    return pl.concat([settled, added(known.filter(short), "least_due_fen", "charged_since", None)])


SHOWN = (
    "principal_fen", "rate_e8", "interest_method", "held_to", "collected_fen", "due_fen", "whole_periods_fen",
    "daily_360_fen", "difference_of_methods_fen", "effective_annual_rate_e8",
)  # fmt: skip


def interest_findings(
    context: AuditContext, ready: Prepared, overclaimed: pl.DataFrame
) -> list[pl.DataFrame]:
    """interest_overcharged and interest_undercharged.

    ``overclaimed`` is loan_id, overclaimed_fen: what of an overcharge a payer already bore through a claim, so that
    each refund goes to whoever bore it and counts once.
    """
    known = context.with_terms(_compared(context, ready), *STANDARD, on="contract_on")
    cited = pl.col("interest_standard_method__clause").fill_null(pl.lit([], dtype=pl.List(pl.String)))
    known = known.with_columns(
        pl.concat_list(cited, pl.lit(ORDERED_BY)).list.unique(maintain_order=True).alias("cited")
    )
    slack = pl.col("collections")  # a bank's own rounding: at most a fen a collection
    over = known.filter(pl.col("collected_fen") - pl.col("due_fen") > slack)
    over = over.with_columns((pl.col("collected_fen") - pl.col("due_fen")).alias("refund_fen"))
    over = over.join(overclaimed, on="loan_id", how="left")
    to_payer = pl.min_horizontal("refund_fen", pl.col("overclaimed_fen").fill_null(0))
    over = over.with_columns(to_payer.alias("refund_to_payer_fen"))
    over = over.with_columns(
        (pl.col("refund_fen") - pl.col("refund_to_payer_fen")).alias("refund_to_borrower_fen")
    )
    sound = (pl.col("balance_fen") == 0) | (
        (pl.col("longest_gap") <= MISSED_SETTLEMENT_DAYS)
        & (pl.col("overdue_fen") == 0)
        & (pl.col("risk_class") == 1)
    )
    under = known.filter(sound, pl.col("least_due_fen") - pl.col("collected_fen") > slack)
    under = under.with_columns((pl.col("least_due_fen") - pl.col("collected_fen")).alias("short_fen"))
    return [
        findings(
            over,
            code="interest_overcharged",
            table="loans",
            subject="loan_id",
            clauses=pl.col("cited"),
            facts=[*SHOWN, "refund_to_payer_fen", "refund_to_borrower_fen"],
            amount="refund_fen",
        ),
        findings(
            under,
            code="interest_undercharged",
            table="loans",
            subject="loan_id",
            clauses=pl.col("cited"),
            facts=SHOWN,
            amount="short_fen",
        ),
    ]

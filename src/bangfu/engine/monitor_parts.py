"""The parts of the monitor: how ratios fell, tolerance, alarms of overdue, exposure. Areas stand in order of code."""

from __future__ import annotations

import polars as pl

from bangfu.engine.area_terms import AreaTerms
from bangfu.engine.audit_context import COUNTY_DIGITS, TOWNSHIP_DIGITS, AuditContext
from bangfu.engine.breaker import GROUP, cited
from bangfu.engine.ratio_moves import FALLS
from bangfu.engine.ruled import ruled
from bangfu.rules.breaker.rule import E8_PER_E6, E8_PER_HUNDREDTH, HUNDREDTHS, OPEN, SUSPENDED
from bangfu.rules.classification.rule import RULE as CLASSIFICATION
from bangfu.rules.columns import E6
from bangfu.rules.tolerance.rule import RULE as TOLERANCE

FELL = tuple(f"npl_{kind}_fen" for kind in FALLS)
# Ours, not a document's (CN2026-4.3 gives no figure): shown with every alarm.
GROWTH_MONTHS = 3
LEAST_OVERDUE_LOANS = 3
LEAST_GROWTH_E8 = 1_000_000  # one point
LEAST_TIMES_PERCENT = 150  # of the ratio before
_PERCENT = 100


def now_with_falls(states: pl.DataFrame) -> pl.DataFrame:
    """The last evaluation of each group, with what made its non-performing balance fall and since when.

    Falls count from the evaluation at which the breaker last tripped, or over the last twelve evaluations where it
    never did. ``back_without_repayment``: open again, though without write-offs, compensation and conversion since
    then the ratio would still be above the standard of resumption.
    """
    order = states.sort(*GROUP, "on", nulls_last=False).with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).over(GROUP).alias("_place")
    )
    tripped = (pl.col("state") == SUSPENDED) & (pl.col("since") == pl.col("on"))
    last_trip = pl.col("_place").filter(tripped).max().over(GROUP)
    year_ago = (pl.len().over(GROUP).cast(pl.Int64) - 13).clip(0)
    told = order.with_columns(last_trip.alias("_trip"), pl.coalesce(last_trip, year_ago).alias("_from"))
    falls = (
        told.filter(pl.col("_place") > pl.col("_from"))
        .group_by(GROUP, maintain_order=True)
        .agg(pl.col(name).sum() for name in FELL)
    )
    begun = told.filter(pl.col("_place") == pl.col("_from")).select(*GROUP, pl.col("on").alias("fell_from"))
    last = told.group_by(GROUP, maintain_order=True).last().drop(*FELL)
    joined = last.join(falls, on=GROUP, how="left", nulls_equal=True).join(
        begun, on=GROUP, how="left", nulls_equal=True
    )
    joined = joined.with_columns(pl.col(name).fill_null(0) for name in FELL)
    gone = pl.sum_horizontal("npl_written_off_fen", "npl_compensated_fen", "npl_converted_fen")
    still = (pl.col("npl_fen") + gone).cast(pl.Int128) * E6 > pl.col("resumes_e8") // E8_PER_E6 * (
        pl.col("balance_fen") + gone
    )
    back = (pl.col("state") == OPEN) & pl.col("_trip").is_not_null()
    return joined.with_columns((back & (gone > 0) & still).alias("back_without_repayment")).drop(
        "_place", "_trip", "_from"
    )


def tolerances(context: AuditContext, ratios: pl.DataFrame) -> pl.DataFrame:
    """Each lender's NPL ratio against what is not held against it.

    Returns:
        lender, product, area_code (county), balance_fen, npl_fen, npl_percent_e8, base_kind (target or actual),
        base_e8, points_e8, tolerated_e8, within, over_e8 (null where the bank's own figure is not known),
        claims_admitted (where the fund pays only within the tolerance), clauses.
    """
    day, policy = context.as_of, AreaTerms(context.book)
    sums = (
        ratios.with_columns(pl.col("area_code").str.slice(0, COUNTY_DIGITS))
        .group_by("lender", "product", "area_code")
        .agg(pl.col("balance_fen").sum(), pl.col("npl_fen").sum())
        .sort("area_code", "lender", "product")
    )
    rows = []
    for county, product in sums.select("area_code", "product").unique().sort("area_code", "product").rows():
        terms = policy.terms(
            county, product, day, ("tolerance.points", "tolerance.base", "fund.only_within_tolerance")
        )
        points, base, only = terms.values()
        if points is not None and base is not None and not points.undetermined and not base.undetermined:
            rows.append(
                (
                    county,
                    product,
                    points.integer,
                    base.code,
                    only is not None and only.boolean,
                    cited(terms.values()),
                )
            )
    said = pl.DataFrame(rows, schema=_SAID, orient="row")
    own = (
        context.facts.lenders.sort("from_on")
        .group_by("lender")
        .agg(pl.col("npl_target_e8", "npl_all_e8").last())
    )
    told = sums.join(said, on=["area_code", "product"]).join(own, on="lender", how="left")
    told = told.with_columns(
        pl.when(pl.col("base_kind") == "target")
        .then("npl_target_e8")
        .otherwise("npl_all_e8")
        .alias("base_e8"),
        percent_e8("npl_fen", "balance_fen").alias("npl_percent_e8"),
    )
    judged = ruled(told, TOLERANCE)
    return judged.with_columns(
        pl.when(pl.col("base_e8").is_not_null()).then("over_e8").alias("over_e8"),
        pl.when("only_within").then("within").alias("claims_admitted"),
    ).drop("npl_target_e8", "npl_all_e8", "only_within")


_SAID: dict[str, pl.DataType] = {
    "area_code": pl.String(), "product": pl.String(), "points_e8": pl.Int64(), "base_kind": pl.String(),
    "only_within": pl.Boolean(), "clauses": pl.List(pl.String()),
}  # fmt: skip


def percent_e8(part: str, whole: str) -> pl.Expr:
    """Percent of two decimals, half up, in 1e-8; nothing of nothing is 0."""
    safe = pl.col(whole).clip(1)
    return (pl.col(part) * (2 * HUNDREDTHS) + safe) // (2 * safe) * E8_PER_HUNDREDTH


def overdue_growth(context: AuditContext) -> pl.DataFrame:
    """Townships and counties whose overdue ratio rose fast over a quarter (CN2026-4.3).

    Returns:
        area_code, overdue_loans, overdue_fen, balance_fen, overdue_percent_e8, before_on, before_percent_e8,
        growth_e8 (points), and the thresholds.
    """
    before = pl.select(pl.lit(context.as_of).dt.offset_by(f"-{GROWTH_MONTHS}mo")).item()
    placed = context.moves.join(context.facts.loans.select("loan_id", "area_code"), on="loan_id")
    parts = []
    for digits in (COUNTY_DIGITS, TOWNSHIP_DIGITS):
        sums = placed.group_by(pl.col("area_code").str.slice(0, digits)).agg(
            pl.col("overdue_delta_fen").sum().alias("overdue_fen"),
            pl.col("balance_delta_fen").sum().alias("balance_fen"),
            pl.col("overdue_delta_fen").filter(pl.col("on") <= before).sum().alias("overdue_before_fen"),
            pl.col("balance_delta_fen").filter(pl.col("on") <= before).sum().alias("balance_before_fen"),
        )
        late = context.states.filter(pl.col("overdue_fen") > 0)
        counts = late.group_by(pl.col("area_code").str.slice(0, digits)).agg(
            pl.len().cast(pl.Int64).alias("overdue_loans")
        )
        parts.append(sums.filter(pl.col("area_code").str.len_chars() == digits).join(counts, on="area_code"))
    told = pl.concat(parts).with_columns(
        percent_e8("overdue_fen", "balance_fen").alias("overdue_percent_e8"),
        percent_e8("overdue_before_fen", "balance_before_fen").alias("before_percent_e8"),
    )
    told = told.with_columns((pl.col("overdue_percent_e8") - pl.col("before_percent_e8")).alias("growth_e8"))
    return (
        told.filter(
            pl.col("overdue_loans") >= LEAST_OVERDUE_LOANS,
            pl.col("growth_e8") >= LEAST_GROWTH_E8,
            pl.col("overdue_percent_e8") * _PERCENT >= pl.col("before_percent_e8") * LEAST_TIMES_PERCENT,
        )
        .sort("area_code")
        .with_columns(
            before_on=pl.lit(before, pl.Date),
            least_overdue_loans=pl.lit(LEAST_OVERDUE_LOANS, pl.Int64),
            least_growth_e8=pl.lit(LEAST_GROWTH_E8, pl.Int64),
            least_times_percent=pl.lit(LEAST_TIMES_PERCENT, pl.Int64),
        )
    )


def classes_lowered_at_renewal(context: AuditContext) -> pl.DataFrame:
    """Renewals in a worse class than the loan they renew, though nothing is overdue (CN2026-3.1): look why."""
    term = "renewal.keeps_class"
    stood = context.states.select(
        pl.col("loan_id").alias("parent_loan_id"), pl.col("risk_class").alias("parent_class")
    )
    renewed = context.states.filter(pl.col("kind") == "renewal", pl.col("risk_class") > 1)
    told = context.with_terms(renewed.join(stood, on="parent_loan_id"), term, on="contract_on")
    ready = told.with_columns(
        pl.min_horizontal("maturity_on", "recalled_on").alias("due_on"),
        on=context.today,
        is_renewal=pl.lit(True),
        renewal_keeps_class=pl.col("renewal_keeps_class").fill_null(False),
    )
    judged = ruled(ready, CLASSIFICATION, only=("days_overdue", "class_lowered_at_renewal"))
    return judged.filter("class_lowered_at_renewal").select(
        "loan_id", "parent_loan_id", "contract_on", "risk_class", "parent_class",
        pl.col("renewal_keeps_class__clause").alias("clauses"),
    ).sort("loan_id")  # fmt: skip


def exposure(context: AuditContext) -> pl.DataFrame:
    """Live loans apart by regime (LD2021-3.2) and source of money (CN2021-5.2).

    Returns:
        product, funding (``unknown`` where not recorded), loans, households, balance_fen, overdue_fen, npl_fen.
    """
    live = context.states.filter(pl.col("balance_fen") > 0)
    told = ruled(live, CLASSIFICATION, only=("npl_fen",))
    return (
        told.group_by("product", pl.col("funding").fill_null("unknown"))
        .agg(
            pl.len().cast(pl.Int64).alias("loans"),
            pl.col("household_id").n_unique().cast(pl.Int64).alias("households"),
            pl.col("balance_fen", "overdue_fen", "npl_fen").sum(),
        )
        .sort("product", "funding")
    )

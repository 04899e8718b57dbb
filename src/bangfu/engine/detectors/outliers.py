"""Outliers among areas: overdue clearly above the others', and swings in the number of borrowing households.

Statistics, not offences: each finding shows the figures, the comparison and the thresholds, which are ours. Areas
stand in the order of their codes; nothing here ranks them (CN2026-4.1).
"""

from __future__ import annotations

import math
from datetime import date

import polars as pl

from bangfu.engine.audit_context import COUNTY_DIGITS, TOWNSHIP_DIGITS, VILLAGE_DIGITS, AuditContext
from bangfu.engine.breaker import evaluation_days
from bangfu.engine.findings import findings, gathered

OVERDUE_ORDERED = ("HLJ2019-2.6b",)
SWING_ORDERED = ("HA2021-4.1",)

# Overdue: at least so many overdue loans, at least so many times the others' ratio, and a chance of the count of
# less than one in a hundred over all areas compared (exact binomial tail at the others' rate, Bonferroni).
LEAST_OVERDUE_LOANS = 3
LEAST_LOANS = 10
LEAST_TIMES = 2
ONE_CHANCE_IN = 100
_MOST_ONE_IN = 1_000_000_000_000
_HUNDREDTHS = 10_000
_E8_PER_HUNDREDTH = 10_000

# Swings: the change over a quarter against the area's own usual change, in spreads (1.4826 × median absolute
# deviation, at least the square root of the households before), and at least so much of the households before.
SWING_MONTHS = 3
LEAST_HOUSEHOLDS = 5
LEAST_SPREADS = 5
LEAST_SWING_PERCENT = 50
_MAD_TO_SPREAD = 1.4826


def overdue_outlier(context: AuditContext) -> pl.DataFrame:
    """Findings: villages and townships whose overdue loans are clearly above those of the rest of their county."""
    live = context.states.filter(pl.col("balance_fen") > 0).select(
        "balance_fen", "overdue_fen", pl.col("area_code").alias("place")
    )
    parts = [
        _overdue(live, digits, level)
        for digits, level in ((VILLAGE_DIGITS, "village"), (TOWNSHIP_DIGITS, "township"))
    ]
    return gathered(parts)


def _overdue(live: pl.DataFrame, digits: int, level: str) -> pl.DataFrame:
    sums = (
        live.filter(pl.col("place").str.len_chars() >= digits)
        .group_by(pl.col("place").str.slice(0, digits).alias("area_code"))
        .agg(
            pl.len().cast(pl.Int64).alias("loans"),
            (pl.col("overdue_fen") > 0).sum().cast(pl.Int64).alias("overdue_loans"),
            pl.col("balance_fen").sum(),
            pl.col("overdue_fen").sum(),
        )
        .with_columns(pl.col("area_code").str.slice(0, COUNTY_DIGITS).alias("county"))
    )
    counted = ("loans", "overdue_loans", "balance_fen", "overdue_fen")
    others = [(pl.col(name).sum().over("county") - pl.col(name)).alias(f"others_{name}") for name in counted]
    told = sums.with_columns(*others, pl.len().over("county").cast(pl.Int64).alias("areas_compared"))
    told = told.filter(
        pl.col("loans") >= LEAST_LOANS,
        pl.col("overdue_loans") >= LEAST_OVERDUE_LOANS,
        pl.col("others_balance_fen") > 0,
        # The amounts' ratios, multiplied out: Int128 has room for a county's balance squared.
        pl.col("overdue_fen").cast(pl.Int128) * pl.col("others_balance_fen")
        >= LEAST_TIMES * pl.col("others_overdue_fen").cast(pl.Int128) * pl.col("balance_fen"),
    )
    chances = [
        _one_in(loans, overdue, max(other_overdue, 1), other_loans)
        for loans, overdue, other_loans, other_overdue in told.select(
            "loans", "overdue_loans", "others_loans", "others_overdue_loans"
        ).rows()
    ]
    told = told.with_columns(pl.Series("one_chance_in", chances, dtype=pl.Int64)).filter(
        pl.col("one_chance_in") >= ONE_CHANCE_IN * pl.col("areas_compared")
    )
    return findings(
        told.sort("area_code").with_columns(
            _ratio("overdue_fen", "balance_fen").alias("overdue_percent_e8"),
            _ratio("others_overdue_fen", "others_balance_fen").alias("others_overdue_percent_e8"),
            pl.lit(level).alias("level"),
            pl.lit(LEAST_TIMES).cast(pl.Int64).alias("least_times"),
            (ONE_CHANCE_IN * pl.col("areas_compared")).alias("least_one_chance_in"),
        ),
        code="overdue_outlier",
        table="areas",
        subject="area_code",
        clauses=OVERDUE_ORDERED,
        facts=(
            "level",
            "loans",
            "overdue_loans",
            "balance_fen",
            "overdue_percent_e8",
            "others_loans",
            "others_overdue_loans",
            "others_overdue_percent_e8",
            "areas_compared",
            "one_chance_in",
            "least_times",
            "least_one_chance_in",
        ),
        amount="overdue_fen",
    )


def _ratio(part: str, whole: str) -> pl.Expr:
    """Percent of two decimals, half up, in 1e-8."""
    numerator = pl.col(part) * (2 * _HUNDREDTHS) + pl.col(whole)
    return numerator // (2 * pl.col(whole)) * _E8_PER_HUNDREDTH


def _one_in(loans: int, overdue: int, other_overdue: int, other_loans: int) -> int:
    """One chance in how many that so many loans or more are overdue, were the area as the others are.

    Exact binomial tail; the others' rate is taken as at least one loan, so that nothing is impossible.
    """
    rate = other_overdue / other_loans
    if rate >= 1:
        return 1
    ways = math.lgamma(loans + 1)
    logs = [
        ways - math.lgamma(count + 1) - math.lgamma(loans - count + 1)
        + count * math.log(rate) + (loans - count) * math.log1p(-rate)
        for count in range(overdue, loans + 1)
    ]  # fmt: skip
    most = max(logs)
    chance = min(math.exp(most) * sum(math.exp(log - most) for log in logs), 1.0)
    return _MOST_ONE_IN if chance * _MOST_ONE_IN <= 1 else int(1 / chance)


def household_counts(context: AuditContext) -> pl.DataFrame:
    """Households with a live loan at each month end and on the day of the audit, by village, township and county.

    Returns:
        area_code (12, 9 or 6 digits), on, households.
    """
    lent = context.states.filter(pl.col("disbursed_fen") > 0).drop_nulls("disbursed_on")
    shape = {"area_code": pl.String, "on": pl.Date, "households": pl.Int64}
    if lent.is_empty():
        return pl.DataFrame(schema=shape)
    first: date = lent["disbursed_on"].min()  # type: ignore[assignment]
    days = pl.Series("on", evaluation_days(first, context.as_of))
    # Numbers instead of texts: they need only tell rows of this frame apart.
    lent = lent.with_columns(
        pl.col("household_id").cast(pl.Categorical).to_physical().alias("household"),
        pl.col("area_code").cast(pl.Categorical).to_physical().alias("village"),
    )
    spans = lent.select(
        "household",
        "village",
        days.search_sorted(lent["disbursed_on"]).cast(pl.Int32).alias("from_slot"),
        days.search_sorted(lent["settled_on"].fill_null(date.max)).cast(pl.Int32).alias("to_slot"),
    ).filter(pl.col("from_slot") < pl.col("to_slot"))
    several = spans.with_columns(pl.col("household").is_duplicated().alias("several"))
    alone, many = (several.filter(pl.col("several") == which).drop("several") for which in (False, True))
    codes = lent.select("area_code", "village").unique("village")
    slots = pl.DataFrame({"slot": range(len(days)), "on": days}, schema={"slot": pl.Int32, "on": pl.Date})
    parts = []
    for digits in (COUNTY_DIGITS, TOWNSHIP_DIGITS, VILLAGE_DIGITS):
        named = codes.select("village", pl.col("area_code").str.slice(0, digits).alias("code"))
        area = named.select("village", pl.col("code").rank("dense").alias("area"), "code")
        runs = pl.concat(
            [alone.join(area, on="village").select(_RUN), _merged(many.join(area, on="village"))]
        )
        counted = _counted(runs, slots)
        parts.append(
            counted.join(area.unique("area"), on="area").rename({"code": "area_code"}).select(*shape)
        )
    return pl.concat(parts).unique(["area_code", "on"], maintain_order=True).sort("area_code", "on")


_RUN = ("area", "from_slot", "to_slot")
_MORE_THAN_SLOTS = 1_000_000


def _merged(spans: pl.DataFrame) -> pl.DataFrame:
    """A household's overlapping or touching spans in one area as one: area, from_slot, to_slot."""
    many = spans.sort("area", "household", "from_slot")
    another = (pl.col("household") != pl.col("household").shift(1)) | (
        pl.col("area") != pl.col("area").shift(1)
    )
    # One running maximum over all households: each one's slots lie above those of the ones before it.
    above = another.fill_null(True).cum_sum().cast(pl.Int64) * _MORE_THAN_SLOTS
    many = many.with_columns(
        (above + pl.col("from_slot")).alias("starts"), (above + pl.col("to_slot")).alias("ends")
    )
    apart = pl.col("starts") > pl.col("ends").cum_max().shift(1)
    many = many.with_columns(apart.fill_null(True).cum_sum().alias("run"))
    runs = many.group_by("run").agg(
        pl.col("area").first(), pl.col("from_slot").min(), pl.col("to_slot").max()
    )
    return runs.select(_RUN)


def _counted(runs: pl.DataFrame, slots: pl.DataFrame) -> pl.DataFrame:
    """Households that owe at each evaluation, from an area's first on: area, on, households."""
    come = runs.group_by("area", pl.col("from_slot").alias("slot")).agg(
        pl.len().cast(pl.Int64).alias("change")
    )
    gone = runs.group_by("area", pl.col("to_slot").alias("slot")).agg(
        -pl.len().cast(pl.Int64).alias("change")
    )
    net = pl.concat([come, gone]).group_by("area", "slot").agg(pl.col("change").sum())
    opened = runs.group_by("area").agg(pl.col("from_slot").min().alias("first"))
    grid = opened.join(slots, how="cross").filter(pl.col("slot") >= pl.col("first"))
    whole = grid.join(net, on=["area", "slot"], how="left").sort("area", "slot")
    return whole.with_columns(pl.col("change").fill_null(0).cum_sum().over("area").alias("households"))


def household_count_anomaly(context: AuditContext) -> pl.DataFrame:
    """Findings: an area's number of borrowing households moved far from its usual way within a quarter.

    Quarters that overlap are one swing: the finding shows the greatest of them.
    """
    counts = household_counts(context).with_columns(
        pl.col("households").shift(SWING_MONTHS).over("area_code").alias("households_before"),
        pl.col("on").shift(SWING_MONTHS).over("area_code").alias("from_on"),
        pl.int_range(pl.len()).over("area_code").alias("_place"),
    )
    counts = counts.with_columns((pl.col("households") - pl.col("households_before")).alias("change"))
    usual = pl.col("change").median().over("area_code")
    counts = counts.with_columns(usual.alias("_usual"))
    spread = (pl.col("change") - pl.col("_usual")).abs().median().over("area_code") * _MAD_TO_SPREAD
    counts = counts.with_columns(
        pl.max_horizontal(spread, pl.col("households_before").clip(1).cast(pl.Float64).sqrt()).alias(
            "_spread"
        )
    )
    odd = counts.filter(
        pl.col("households_before") >= LEAST_HOUSEHOLDS,
        (pl.col("change") - pl.col("_usual")).abs() >= LEAST_SPREADS * pl.col("_spread"),
        pl.col("change").abs() * 100 >= LEAST_SWING_PERCENT * pl.col("households_before"),
    )
    apart = (pl.col("_place") - pl.col("_place").shift(1) > SWING_MONTHS).over("area_code").fill_null(True)
    greatest = (
        odd.sort("area_code", "on")
        .with_columns(apart.cum_sum().over("area_code").alias("_swing"))
        .sort("area_code", "_swing", pl.col("change").abs(), "on", descending=[False, False, True, False])
        .unique(["area_code", "_swing"], keep="first", maintain_order=True)
    )
    return findings(
        greatest.with_columns(
            pl.col("_usual").round(0).cast(pl.Int64).alias("usual_change"),
            pl.col("_spread").ceil().cast(pl.Int64).alias("spread"),
            pl.lit(LEAST_SPREADS).cast(pl.Int64).alias("least_spreads"),
            pl.lit(LEAST_SWING_PERCENT).cast(pl.Int64).alias("least_swing_percent"),
        ),
        code="household_count_anomaly",
        table="areas",
        subject="area_code",
        clauses=SWING_ORDERED,
        facts=(
            "from_on",
            "on",
            "households_before",
            "households",
            "change",
            "usual_change",
            "spread",
            "least_spreads",
            "least_swing_percent",
        ),
    )

"""The compensation fund of each county: its floor, and the yearly injection (GZ2018-2.6.1)."""

from __future__ import annotations

import polars as pl

from bangfu.engine.audit_context import COUNTY_DIGITS, AuditContext
from bangfu.engine.findings import findings
from bangfu.engine.ruled import ruled
from bangfu.engine.stacks import column_of
from bangfu.rules.fund.rule import RULE

FLOOR, INCREMENT = "fund.min_share_of_balance", "fund.budget_increment_share"
GOES_OUT = ("compensated",)
_FLOOR_STEPS = ("fund_percent_e8", "fund_wanted_fen", "below_floor", "short_fen")
_INJECTION_STEPS = ("increase_fen", "injection_wanted_fen", "injection_short_fen")


def fund_balances(context: AuditContext) -> pl.DataFrame:
    """What each county's fund holds at the end of the day: area_code, fund_fen."""
    signed = (
        pl.when(pl.col("kind").is_in(GOES_OUT)).then(-pl.col("amount_fen")).otherwise(pl.col("amount_fen"))
    )
    county = pl.col("area_code").str.slice(0, COUNTY_DIGITS)
    return context.facts.fund.group_by(county).agg(signed.sum().alias("fund_fen"))


def fund_adequacy(context: AuditContext) -> pl.DataFrame:
    """Each county's fund against the floor its loans' stacks set on the day.

    The balance is that of the loans whose stack sets a floor, whole, as the clause has it (贷款余额); where stacks
    set different floors the highest holds, since the fund is one.

    Returns:
        area_code, fund_fen, balance_fen, floor_e8, clauses, fund_percent_e8, fund_wanted_fen, below_floor, short_fen.
    """
    name = column_of(FLOOR)
    live = context.states.filter(pl.col("balance_fen") > 0).with_columns(on=context.today)
    told = context.with_terms(live, FLOOR, on="on").drop_nulls(name)
    counties = (
        told.group_by(pl.col("area_code").str.slice(0, COUNTY_DIGITS))
        .agg(
            pl.col("balance_fen").sum(),
            pl.col(name).max().alias("floor_e8"),
            pl.col(f"{name}__clause").explode().unique().sort().alias("clauses"),
        )
        .join(fund_balances(context), on="area_code", how="left")
        .with_columns(pl.col("fund_fen").fill_null(0))
        .sort("area_code")
    )
    return ruled(counties, RULE, only=_FLOOR_STEPS)


def injections(context: AuditContext) -> pl.DataFrame:
    """What each county's budget of each year had to inject: the share of the increase of its own revenue.

    Returns:
        area_code, year, revenue_fen, revenue_before_fen, increment_share_e8, injected_fen, clauses, increase_fen,
        injection_wanted_fen, injection_short_fen; years whose year before is not known are left out.
    """
    name = column_of(INCREMENT)
    told = context.with_terms(
        context.states.select("loan_id", "area_code", "stack_no").with_columns(on=context.today),
        INCREMENT,
        on="on",
    ).drop_nulls(name)
    shares = told.group_by(pl.col("area_code").str.slice(0, COUNTY_DIGITS)).agg(
        pl.col(name).max().alias("increment_share_e8"),
        pl.col(f"{name}__clause").explode().unique().sort().alias("clauses"),
    )
    county = pl.col("area_code").str.slice(0, COUNTY_DIGITS)
    budgets = context.facts.budgets.select(county, "year", "revenue_fen").filter(
        pl.col("year") <= context.as_of.year
    )
    before = budgets.select(
        "area_code", pl.col("year") + 1, pl.col("revenue_fen").alias("revenue_before_fen")
    )
    injected = (
        context.facts.fund.filter(pl.col("kind") == "injected")
        .group_by(county, pl.col("on").dt.year().cast(pl.Int64).alias("year"))
        .agg(pl.col("amount_fen").sum().alias("injected_fen"))
    )
    years = (
        budgets.join(before, on=["area_code", "year"])
        .join(shares, on="area_code")
        .join(injected, on=["area_code", "year"], how="left")
        .with_columns(pl.col("injected_fen").fill_null(0))
        .sort("area_code", "year")
    )
    return ruled(years, RULE, only=_INJECTION_STEPS)


def fund_below_floor(context: AuditContext) -> pl.DataFrame:
    """Findings: a county's fund is below the least share of the balance; the amount is what is missing."""
    return findings(
        fund_adequacy(context).filter("below_floor"),
        code="fund_below_floor",
        table="areas",
        subject="area_code",
        clauses=pl.col("clauses"),
        facts=("fund_fen", "balance_fen", "fund_percent_e8", "floor_e8", "fund_wanted_fen"),
        amount="short_fen",
    )

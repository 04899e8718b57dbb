"""Registered households left on ordinary loans although they met the conditions of a programme loan (HLJ2019-2.3)."""

from __future__ import annotations

import polars as pl

from bangfu.engine.admission.ceilings import with_ceilings
from bangfu.engine.audit_context import AuditContext
from bangfu.engine.detectors.lending import unable_to_work
from bangfu.engine.findings import findings
from bangfu.engine.ledger import movements
from bangfu.engine.stacks import StackedLoans, assign_stacks, column_of
from bangfu.facts import PRODUCTS
from bangfu.facts.identity import birth_date_expr
from bangfu.money.days import DAYS_PER_YEAR
from bangfu.money.rates import E8

ORDERED = ("HLJ2019-2.3",)
CATEGORIES, CAP, LONGEST = "borrower.categories", "amount.household_cap", "term.max_months"
YOUNGEST, OLDEST, FORBIDDEN = "age.min", "age.max", "use.forbidden_purposes"
TERMS = (CATEGORIES, CAP, LONGEST, YOUNGEST, OLDEST, FORBIDDEN)
WRONGLY_LISTED = "wrongly_listed"


def should_have_had_programme_loan(context: AuditContext) -> pl.DataFrame:
    """Findings: an ordinary loan of a household that could have had a programme loan that day, at a lower rate.

    The household stood on the roster in a category of a product lent that day and owed no programme loan, somebody
    there is able to work, the borrower's age, the purpose and the term are the programme's. The amount is the
    interest above the programme's highest rate, on the part up to the household's cap, for the days the loan was
    out, ÷ 360. It is shown: the text orders no refund on ordinary loans. Attested conditions (honesty, rating, will)
    are not in the files.
    """
    stacked = assign_stacks(_candidates(context), context.book)
    priced = with_ceilings(_admitted(context, stacked), stacked.stacks, context.book)
    dearer = priced.filter(pl.col("ceiling_e8").is_not_null(), pl.col("rate_e8") > pl.col("ceiling_e8"))
    told = dearer.with_columns((pl.col("rate_e8") - pl.col("ceiling_e8")).alias("difference_e8")).join(
        _fen_days(context, dearer), on="loan_id"
    )
    year = DAYS_PER_YEAR * E8
    numerator = pl.col("fen_days").cast(pl.Int128) * pl.col("difference_e8")
    shown = told.with_columns(
        ((numerator * 2 + year) // (2 * year)).cast(pl.Int64).alias("more_interest_fen"),
        pl.col("programme").alias("product"),
        pl.col("ceiling_e8").alias("programme_rate_e8"),
    )
    return findings(
        shown.sort("ordinary_id").unique("ordinary_id", keep="first", maintain_order=True),
        code="should_have_had_programme_loan",
        table="ordinary_loans",
        subject="ordinary_id",
        clauses=ORDERED,
        facts=(
            "household_id",
            "category",
            "product",
            "contract_on",
            "principal_fen",
            "part_fen",
            "rate_e8",
            "programme_rate_e8",
            "difference_e8",
            "counted_to",
            "more_interest_fen",
        ),
        amount="more_interest_fen",
    )


def _candidates(context: AuditContext) -> pl.DataFrame:
    """Each ordinary loan beside each product, as a new loan of that product; conversions are no candidates."""
    programme = context.facts.loans["loan_id"].implode()
    loans = context.facts.ordinary_loans.filter(
        pl.col("matures_on").is_not_null(),
        pl.col("rate_e8").is_not_null(),
        pl.col("parent_loan_id").is_null() | ~pl.col("parent_loan_id").is_in(programme),
    )
    homes = context.facts.households.select("household_id", pl.col("area_code").alias("home"))
    placed = loans.join(homes, on="household_id", how="left").with_columns(
        pl.coalesce("area_code", "home").alias("area_code")
    )
    products = pl.DataFrame({"programme": sorted(PRODUCTS)})
    return placed.join(products, how="cross").with_columns(
        pl.col("loan_id").alias("ordinary_id"),
        pl.concat_str("loan_id", pl.lit("/"), "programme").alias("loan_id"),
        pl.col("programme").alias("product"),
        pl.lit("new").alias("kind"),
        pl.lit(None, pl.String).alias("parent_loan_id"),
    )


def _admitted(context: AuditContext, stacked: StackedLoans) -> pl.DataFrame:
    """The candidates that meet the conditions on their contract day, with category and part_fen."""
    told = stacked.attach(stacked.loans.drop_nulls("stack_no"), TERMS, on="contract_on")
    born = birth_date_expr(pl.col("borrower_id_number"))
    day = pl.coalesce("applied_on", "contract_on")
    years = (
        day.dt.year() - born.dt.year()
        - ((day.dt.month() * 32 + day.dt.day()) < (born.dt.month() * 32 + born.dt.day())).cast(pl.Int32)
    )  # fmt: skip
    longest = pl.col("contract_on").dt.offset_by(pl.format("{}mo", pl.col(column_of(LONGEST))))
    fits = told.filter(
        years >= pl.col(column_of(YOUNGEST)).fill_null(0),
        pl.col(column_of(OLDEST)).is_null() | (years <= pl.col(column_of(OLDEST))),
        pl.col("matures_on") <= longest,
        ~pl.col("purpose").is_in(pl.col(column_of(FORBIDDEN))).fill_null(value=False),
    )
    able = fits.join(unable_to_work(context), on="household_id", how="anti")
    listed = _listed(context, able)
    return listed.join(_owing(context, listed), on="loan_id", how="anti").with_columns(
        pl.min_horizontal("principal_fen", column_of(CAP)).alias("part_fen")
    )


def _listed(context: AuditContext, loans: pl.DataFrame) -> pl.DataFrame:
    """Those on the roster on the contract day in a category of the product; the wrongly listed never were."""
    roster = context.facts.roster
    wrong = roster.filter(pl.col("left_reason") == WRONGLY_LISTED).select("household_id")
    rows = roster.select("household_id", "category", "listed_on", "left_on")
    stood = loans.join(wrong, on="household_id", how="anti").join(rows, on="household_id")
    return stood.filter(
        pl.col("listed_on") <= pl.col("contract_on"),
        pl.col("left_on").is_null() | (pl.col("left_on") > pl.col("contract_on")),
        pl.col("category").is_in(pl.col(column_of(CATEGORIES))),
    ).unique("loan_id", keep="first", maintain_order=True)


def _owing(context: AuditContext, loans: pl.DataFrame) -> pl.DataFrame:
    """Candidates whose household owed a programme loan at the end of the contract day: loan_id."""
    theirs = context.facts.loans.select(pl.col("loan_id").alias("other_id"), "household_id")
    moved = movements(context.facts.events).rename({"loan_id": "other_id"})
    owed = (
        loans.select("loan_id", "household_id", "contract_on")
        .join(theirs, on="household_id")
        .join(moved, on="other_id")
        .filter(pl.col("on") <= pl.col("contract_on"))
        .group_by("loan_id")
        .agg(pl.col("delta_fen").sum())
    )
    return owed.filter(pl.col("delta_fen") > 0).select("loan_id")


def _fen_days(context: AuditContext, loans: pl.DataFrame) -> pl.DataFrame:
    """The part's balance–days while the loan was out, to maturity or the audit: loan_id, fen_days, counted_to.

    By the loan's own movements where the ledger has them, otherwise as if nothing was repaid before maturity.
    """
    ends = loans.select("loan_id", "ordinary_id", "part_fen", "contract_on", "principal_fen",
                        pl.min_horizontal("matures_on", context.today).alias("counted_to"))  # fmt: skip
    known = movements(context.facts.events.filter(pl.col("loan_id").is_in(ends["ordinary_id"].implode())))
    moved = (
        ends.join(known.rename({"loan_id": "ordinary_id"}), on="ordinary_id", how="left")
        .with_columns(
            pl.coalesce("on", "contract_on").alias("on"),
            pl.coalesce("delta_fen", "principal_fen").alias("delta_fen"),
        )
        .sort("loan_id", "on")
        .with_columns(
            pl.min_horizontal(pl.col("delta_fen").cum_sum().over("loan_id"), "part_fen").alias("held_fen")
        )
        .with_columns(
            (pl.col("held_fen") - pl.col("held_fen").shift(1, fill_value=0).over("loan_id")).alias(
                "held_delta"
            )
        )
        .filter(pl.col("on") < pl.col("counted_to"))
    )
    days = (pl.col("counted_to") - pl.col("on")).dt.total_days()
    return moved.group_by("loan_id", "counted_to").agg((pl.col("held_delta") * days).sum().alias("fen_days"))

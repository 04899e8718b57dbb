"""The bank's own figures beside ours, line by line: compared, never paid by; each difference with its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import polars as pl
from django.db import connection

from bangfu.casework.as_facts.book import site_book
from bangfu.casework.subsidies.county_facts import CountyFacts
from bangfu.casework.subsidies.freezing import NOTHING_DUE
from bangfu.casework.subsidies.models import LineAct
from bangfu.casework.subsidies.views import CycleView, LineView
from bangfu.casework.words import Words
from bangfu.engine.claims import CLAIMED, REASONS, UNEXPLAINED, reasons
from bangfu.engine.cycle import of_households
from bangfu.rules.subsidy.rule import PAYERS

__all__ = ["DIFFERENCES", "UNEXPLAINED", "Compared", "compared", "difference_clauses", "to_explain"]

SEVERAL = "several"
DIFFERENCES: Mapping[str, Words] = {
    "rounding": Words("尾差一分", "a fen of rounding"),
    "not_claimed": Words("银行未报", "the bank did not claim it"),
    "nothing_due": Words("无应贴息而申报", "claimed, though nothing is due"),
    "claimed_twice": Words("重复申报", "claimed twice"),
    "held_back": Words("银行已扣除未收利息部分", "the bank left out what is held back"),
    "one_payer": Words("只报了一级财政的部分", "only one payer's part was claimed"),
    "penalty_included": Words("含罚息", "penalty interest is included"),
    "day_count_360": Words("按实际天数÷360计息", "counted by days ÷ 360"),
    "day_count_365": Words("按实际天数÷365计息", "counted by days ÷ 365"),
    "whole_periods": Words("按整年整月计息", "counted by whole years and months"),
    "claimed_rate": Words("按所报利率计算", "reckoned at the rate the bank claims"),
    "other_rate": Words("以所报利率为贷款利率", "the claimed rate was taken for the loan's"),
    "whole_rate": Words("按贷款利率全额申报", "the whole rate was claimed"),
    "whole_balance": Words("按全部余额，未扣除不贴息部分", "the whole balance, not the subsidised part"),
    "after_maturity": Words("到期后仍计息", "counted beyond maturity"),
    "other_days": Words("所报起止日期不同", "other days were claimed"),
    "day_more": Words("多计一天（算头又算尾）", "a day too many: first and last both counted"),
    "day_less": Words("少计一天", "a day too few"),
    SEVERAL: Words("几种原因并存", "several of these together"),
    UNEXPLAINED: Words("系统不能解释，须人工说明", "nothing explains it: a person must"),
}
_CLAIMS = (
    "select subsidy_list_id::text, loan_id, sum(amount_fen)::bigint, max(rate_e8), sum(rows)::bigint,"
    " max(greatest_fen), min(lower(period)), max(upper(period)), min(scope_area), min(institution_id),"
    " min(household_id) from casework_bank_claim where upper_inf(recorded) and subsidy_list_id = any(%s)"
    " group by 1, 2 order by 1, 2"
)
_SUMMED = pl.Schema(
    {
        "list_id": pl.String(), "loan_id": pl.String(), "claimed_fen": pl.Int64(), "claimed_rate_e8": pl.Int64(),
        "rows": pl.Int64(), "greatest_fen": pl.Int64(), "claim_start": pl.Date(), "claim_end": pl.Date(),
        "village": pl.String(), "institution_id": pl.String(), "household_id": pl.String(),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """Lines beside claims.

    Attributes:
        lines: With claimed_fen, claimed_rate_e8, difference, and in ``told`` all reasons with their clauses.
        nothing_due: Claims on no line: list_id, loan_id, code, clauses, facts, village, institution_id, household_id.
    """

    lines: pl.DataFrame
    nothing_due: pl.DataFrame


def compared(
    lines: pl.DataFrame, *, cycle: CycleView, list_ids: Sequence[UUID], known: CountyFacts
) -> Compared:
    """Put the claims beside the regular lines; the core is asked again about those that differ, and no others.

    A list whose bank gave no figures is left as it is.

    Args:
        lines: ``freezing.FROZEN``.
        cycle: The cycle.
        list_ids: The lists.
        known: The facts they were computed from.
    """
    claims = _claims(list_ids)
    if claims.is_empty():
        return Compared(lines, _nothing(claims))
    given = claims["list_id"].unique().implode()
    mine = lines.filter(pl.col("kind") == "regular", pl.col("list_id").is_in(given))
    due = mine.select(
        "list_id", "loan_id", pl.col("subsidy_fen").alias("due_fen"), "payable_fen",
        pl.concat_list(f"{payer}_fen" for payer in PAYERS).alias("parts"),
    )  # fmt: skip
    both = due.join(claims, on=["list_id", "loan_id"], how="left").with_columns(pl.col("rows").fill_null(0))
    found = _reasons(both, cycle, known)
    told = pl.DataFrame(
        [
            (loan, _code(codes), json.dumps({"reasons": codes, "clauses": cited}))
            for loan, (codes, cited) in found.items()
        ],
        schema={"loan_id": pl.String, "why": pl.String, "reasons": pl.String}, orient="row",
    )  # fmt: skip
    beside = both.select(
        "list_id", "loan_id", pl.col("claimed_fen").alias("theirs"), pl.col("claimed_rate_e8").alias("rate")
    )
    joined = lines.join(beside, on=["list_id", "loan_id"], how="left", maintain_order="left")
    joined = joined.join(told, on="loan_id", how="left", maintain_order="left")
    regular = pl.col("kind") == "regular"
    shown = joined.with_columns(
        pl.when(regular).then("theirs").alias("claimed_fen"),
        pl.when(regular).then("rate").alias("claimed_rate_e8"),
        pl.when(regular).then(pl.col("why").fill_null("")).otherwise(pl.lit("")).alias("difference"),
        pl.when(regular & pl.col("reasons").is_not_null())
        .then(_with_reasons(pl.col("told"), pl.col("reasons")))
        .otherwise("told")
        .alias("told"),
    ).drop("theirs", "rate", "why", "reasons")
    without = claims.join(due.select("list_id", "loan_id"), on=["list_id", "loan_id"], how="anti")
    return Compared(shown.select(lines.columns), _nothing(without))


def to_explain(lines: Sequence[LineView]) -> tuple[LineView, ...]:
    """The lines that a person must still explain before the list goes on: nothing else does, and nobody has."""
    open_ = [one for one in lines if one.difference == UNEXPLAINED]
    done = set(
        LineAct.objects.filter(kind="explained", line_id__in=[one.id for one in open_]).values_list(
            "line_id", flat=True
        )
    )
    return tuple(one for one in open_ if one.id not in done)


def difference_clauses(line: LineView) -> tuple[str, ...]:
    """What the documents say of a line's difference."""
    told = line.told.get("difference", {})
    return tuple(told.get("clauses", ())) or REASONS.get(line.difference, ())


def _claims(list_ids: Sequence[UUID]) -> pl.DataFrame:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, [list(list_ids)])
        return pl.DataFrame(cursor.fetchall(), schema=_SUMMED, orient="row")


def _reasons(
    both: pl.DataFrame, cycle: CycleView, known: CountyFacts
) -> dict[str, tuple[list[str], list[str]]]:
    """Loan → codes and clauses, of the lines that differ."""
    differing = both.filter(pl.col("claimed_fen").fill_null(-1) != pl.col("due_fen"))
    if differing.is_empty():
        return {}
    homes = known.facts.loans.filter(pl.col("loan_id").is_in(differing["loan_id"].implode()))["household_id"]
    start = cycle.start
    if cycle.rhythm == "at_repayment":
        start = min([start, *known.facts.events.filter(pl.col("kind") == "disbursed")["on"].to_list()])
    found = reasons(
        of_households(known.facts, homes.unique()),
        site_book(),
        differing.select(*CLAIMED).cast(CLAIMED),
        start=start,
        end=cycle.end,
    )
    return {loan: (list(one.codes), list(one.clauses)) for loan, one in found.items()}


def _code(codes: Sequence[str]) -> str:
    return codes[0] if len(codes) == 1 else SEVERAL


def _with_reasons(told: pl.Expr, reasons_: pl.Expr) -> pl.Expr:
    """``{"difference": {…}}`` before what ``told`` says already; both are JSON objects."""
    rest = pl.when(told == "{}").then(pl.lit("}")).otherwise(pl.lit(", ") + told.str.slice(1))
    return pl.lit('{"difference": ') + reasons_ + rest


def _nothing(claims: pl.DataFrame) -> pl.DataFrame:
    facts = pl.struct(pl.col("claimed_fen"), pl.col("rows")).struct.json_encode()
    clauses = pl.lit(list(REASONS["nothing_due"]), dtype=pl.List(pl.String))
    return claims.select(
        "list_id", "loan_id", pl.lit(NOTHING_DUE).alias("code"), clauses.alias("clauses"),
        facts.alias("facts"), "village", "institution_id", "household_id",
    )  # fmt: skip
